/* Specs and operations: decoding, defaults, options, retry waits, trees. */
#include "common/model/application_spec.h"
#include "common/value/value.h"
#include "tests/lib/parse.h"

static void an_empty_spec_has_defaults(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct app_spec spec;
    ASSERT_OK(app_spec_decode(arena, parse_yaml(arena, "project: ''"), &spec, &err));
    ASSERT_STR(spec.project, "default");
    assert_int_equal(spec.revision_history_limit, 10);
    assert_int_equal(spec.sources.n, 0);
    assert_false(spec.sync_policy.automated);
    assert_false(spec.sync_policy.retry.set);
    assert_int_equal(spec.sync_policy.retry.backoff_ms, 5000);
    assert_int_equal(spec.sync_policy.retry.backoff_max_ms, 180000);
    assert_int_equal(spec.sync_policy.retry.factor, 2);
}

static const char FULL[] = "project: team\n"
                           "source:\n"
                           "  repoURL: https://git.example.com/a.git\n"
                           "  path: web\n"
                           "  targetRevision: v1\n"
                           "  directory: {recurse: true, include: '*.yaml', jsonnet: {libs: [x]}}\n"
                           "  unknown: {kept: 1}\n"
                           "destination: {name: prod, namespace: shop}\n"
                           "syncPolicy:\n"
                           "  automated: {prune: true, selfHeal: true}\n"
                           "  syncOptions: [CreateNamespace=true, Prune=false]\n"
                           "  retry: {limit: -1, backoff: {duration: '10', factor: 3, "
                           "maxDuration: 1m}}\n"
                           "  managedNamespaceMetadata: {labels: {a: b}}\n"
                           "ignoreDifferences:\n"
                           "- {group: apps, kind: Deployment, jsonPointers: [/spec/replicas]}\n"
                           "info: [{name: url, value: x}]\n"
                           "revisionHistoryLimit: 0\n";

static void every_field_is_read(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct app_spec spec;
    ASSERT_OK(app_spec_decode(arena, parse_yaml(arena, FULL), &spec, &err));
    ASSERT_STR(spec.project, "team");
    assert_int_equal(spec.sources.n, 1);
    assert_false(spec.multi_source);
    const struct app_source *source = &spec.sources.items[0];
    ASSERT_STR(source->path, "web");
    ASSERT_STR(source->target_revision, "v1");
    assert_true(source->directory.recurse);
    ASSERT_STR(source->directory.include, "*.yaml");
    assert_non_null(source->directory.jsonnet);
    assert_non_null(source->directory_tree);
    assert_int_equal(value_int(value_dig(source->tree, "unknown", "kept"), 0), 1);
    ASSERT_STR(spec.destination.name, "prod");
    assert_true(spec.sync_policy.automated);
    assert_true(spec.sync_policy.prune && spec.sync_policy.self_heal);
    assert_false(spec.sync_policy.allow_empty);
    assert_int_equal(spec.sync_policy.retry.limit, -1);
    assert_int_equal(spec.sync_policy.retry.backoff_ms, 10000);
    assert_int_equal(spec.sync_policy.retry.backoff_max_ms, 60000);
    assert_int_equal(spec.sync_policy.retry.factor, 3);
    assert_int_equal(spec.ignore_differences.n, 1);
    ASSERT_STR(spec.ignore_differences.items[0].json_pointers.items[0], "/spec/replicas");
    ASSERT_STR(spec.info.items[0].value, "x");
    assert_int_equal(spec.revision_history_limit, 0);
}

static void sources_win_over_source(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct app_spec spec;
    const struct value *tree = parse_yaml(arena, "source: {repoURL: a}\n"
                                                 "sources: [{repoURL: b, ref: v}, {repoURL: c}]\n");
    ASSERT_OK(app_spec_decode(arena, tree, &spec, &err));
    assert_true(spec.multi_source);
    assert_int_equal(spec.sources.n, 2);
    ASSERT_STR(spec.sources.items[0].ref, "v");
    assert_json(arena, app_sources_with(arena, NULL, &spec.sources, true),
                "{\"sources\":[{\"ref\":\"v\",\"repoURL\":\"b\"},{\"repoURL\":\"c\"}]}");
    tree = parse_yaml(arena, "source: {repoURL: a}\nsources: []\n");
    ASSERT_OK(app_spec_decode(arena, tree, &spec, &err));
    assert_false(spec.multi_source);
    assert_json(arena, app_sources_with(arena, NULL, &spec.sources, false),
                "{\"source\":{\"repoURL\":\"a\"}}");
}

static void automated_is_on_unless_it_says_off(void **state UNUSED)
{
    static const struct {
        const char *text;
        bool automated;
    } CASES[] = {
        {"syncPolicy: {automated: {}}", true},
        {"syncPolicy: {automated: {enabled: true}}", true},
        {"syncPolicy: {automated: {enabled: null}}", true},
        {"syncPolicy: {automated: {enabled: false, prune: true}}", false},
        {"syncPolicy: {automated: null}", false},
        {"syncPolicy: {}", false},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct app_spec spec;
        ASSERT_OK(app_spec_decode(arena, parse_yaml(arena, CASES[i].text), &spec, &err));
        assert_int_equal(spec.sync_policy.automated, CASES[i].automated);
    }
}

static void wrong_types_are_named(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *want;
    } CASES[] = {
        {"source: {repoURL: [x]}", "spec.source.repoURL"},
        {"sources: [{repoURL: a}, {path: {}}]", "spec.sources[1].path"},
        {"sources: {a: b}", "spec.sources"},
        {"destination: []", "spec.destination"},
        {"syncPolicy: {retry: {backoff: {duration: 5x}}}", "spec.syncPolicy.retry"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct app_spec spec;
        ASSERT_ERR(app_spec_decode(arena, parse_yaml(arena, CASES[i].text), &spec, &err),
                   ERR_INVALID, CASES[i].want);
    }
}

static void the_last_option_counts(void **state UNUSED)
{
    const struct str items[] = {STR("Prune=false"), STR(" Prune=confirm "), STR("Force=true")};
    struct app_strs options = {items, ARRAY_LEN(items)};
    ASSERT_STR(app_sync_option(options, STR("Prune")), "confirm");
    ASSERT_STR(app_sync_option(options, STR("Force")), "true");
    ASSERT_STR(app_sync_option(options, STR("Pru")), "");
}

static void retry_waits_grow_to_the_cap(void **state UNUSED)
{
    const struct app_retry retry = {.backoff_ms = 5000, .factor = 2, .backoff_max_ms = 60000};
    static const int64_t WANT[] = {5000, 10000, 20000, 40000, 60000, 60000};
    for (size_t i = 0; i < ARRAY_LEN(WANT); i++) {
        assert_int_equal(app_retry_wait_ms(&retry, (int64_t)i), WANT[i]);
    }
    assert_int_equal(app_retry_wait_ms(&retry, INT64_MAX), 60000);
    const struct app_retry flat = {.backoff_ms = 7, .factor = 1, .backoff_max_ms = 100};
    assert_int_equal(app_retry_wait_ms(&flat, 1000000), 7);
}

static const char OPERATION[] = "sync: {revision: abc, prune: true, dryRun: true,\n"
                                "  syncStrategy: {apply: {force: true}},\n"
                                "  resources: [{kind: Pod, name: p}], syncOptions: [A=b],\n"
                                "  autoHealAttemptsCount: 2, source: {repoURL: r}}\n"
                                "initiatedBy: {username: ann}\n"
                                "info: [{name: nn, value: v}]\n"
                                "retry: {limit: 3}\n";

static void operations_are_read_and_kept_as_written(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct app_operation operation;
    const struct value *tree = parse_yaml(arena, OPERATION);
    ASSERT_OK(app_operation_decode(arena, tree, &operation, &err));
    assert_true(operation.has_sync && operation.prune && operation.dry_run);
    assert_true(operation.apply_only && operation.force);
    ASSERT_STR(operation.revision, "abc");
    ASSERT_STR(operation.resources.items[0].name, "p");
    ASSERT_STR(operation.username, "ann");
    assert_int_equal(operation.auto_heal_attempts, 2);
    assert_int_equal(operation.retry.limit, 3);
    assert_int_equal(operation.sources.n, 1);
    assert_ptr_equal(app_operation_to_value(arena, &operation), tree);
}

static void an_operation_made_here_reads_back(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct app_operation operation;
    struct app_operation again;
    ASSERT_OK(app_operation_decode(arena, parse_yaml(arena, OPERATION), &operation, &err));
    operation.tree = NULL;
    const struct value *tree = app_operation_to_value(arena, &operation);
    assert_json(
        arena, tree,
        "{\"info\":[{\"name\":\"nn\",\"value\":\"v\"}],\"initiatedBy\":{\"username\":\"ann\"},"
        "\"retry\":{\"limit\":3},\"sync\":{\"autoHealAttemptsCount\":2,\"dryRun\":true,\"prune\":"
        "true,"
        "\"resources\":[{\"kind\":\"Pod\",\"name\":\"p\"}],\"revision\":\"abc\","
        "\"source\":{\"repoURL\":\"r\"},\"syncOptions\":[\"A=b\"],"
        "\"syncStrategy\":{\"apply\":{\"force\":true}}}}");
    ASSERT_OK(app_operation_decode(arena, tree, &again, &err));
    assert_int_equal(again.retry.backoff_max_ms, operation.retry.backoff_max_ms);
}

static void a_retry_is_handed_on_as_written(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct app_spec spec;
    ASSERT_OK(app_spec_decode(
        arena, parse_yaml(arena, "{syncPolicy: {retry: {limit: 2, backoff: {duration: '90'}}}}"),
        &spec, &err));
    const struct app_operation operation = {.retry = spec.sync_policy.retry};
    assert_yaml(arena, app_operation_to_value(arena, &operation),
                "{initiatedBy: {}, retry: {limit: 2, backoff: {duration: '90'}}}");
}

static void a_hydrator_is_synced_from_where_it_writes(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct app_spec spec;
    ASSERT_OK(app_spec_decode(
        arena,
        parse_yaml(arena, "{source: {repoURL: other}, sources: [{repoURL: a}, {repoURL: b}],\n"
                          "sourceHydrator: {drySource: {repoURL: https://h/r, path: dry, "
                          "targetRevision: main}, syncSource: {targetBranch: env/prod, path: out}, "
                          "hydrateTo: {targetBranch: next}}}"),
        &spec, &err));
    assert_false(spec.multi_source);
    assert_int_equal(spec.sources.n, 1);
    assert_yaml(arena, spec.sources.items[0].tree,
                "{repoURL: https://h/r, path: out, targetRevision: env/prod}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_spec_has_defaults),
        cmocka_unit_test(every_field_is_read),
        cmocka_unit_test(sources_win_over_source),
        cmocka_unit_test(automated_is_on_unless_it_says_off),
        cmocka_unit_test(wrong_types_are_named),
        cmocka_unit_test(the_last_option_counts),
        cmocka_unit_test(retry_waits_grow_to_the_cap),
        cmocka_unit_test(operations_are_read_and_kept_as_written),
        cmocka_unit_test(an_operation_made_here_reads_back),
        cmocka_unit_test(a_retry_is_handed_on_as_written),
        cmocka_unit_test(a_hydrator_is_synced_from_where_it_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
