/* Requests for a sync, from flags. */
#include "cli/sync_body.h"
#include "tests/lib/parse.h"

static const struct app_ref REF = {{"team", 4}, {"shop", 4}};

static void assert_body(const struct sync_body_opts *opts, const char *want)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *body = NULL;
    struct err err;
    ASSERT_OK(sync_body(arena, &REF, opts, &body, &err));
    assert_json(arena, body, want);
}

static void without_flags_the_application_decides(void **state UNUSED)
{
    assert_body(&(struct sync_body_opts){0},
                "{\"appNamespace\":\"team\",\"dryRun\":false,\"name\":\"shop\",\"prune\":false}");
}

static void every_flag_has_its_field(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const char *options[] = {"Validate=false"};
    const char *infos[] = {"why=a=b"};
    const struct sync_body_opts opts = {
        .revision = "v1",
        .strategy = "apply",
        .resources = parse_yaml(arena, "[{group: '', kind: Service, name: web}]"),
        .manifests = parse_yaml(arena, "['{}']"),
        .options = {options, 1},
        .infos = {infos, 1},
        .prune = true,
        .dry_run = true,
        .force = true,
        .replace = true,
        .server_side = true,
        .apply_out_of_sync_only = true,
        .retry_limit = -1,
    };
    assert_body(&opts, "{\"appNamespace\":\"team\",\"dryRun\":true,"
                       "\"infos\":[{\"name\":\"why\",\"value\":\"a=b\"}],\"manifests\":[\"{}\"],"
                       "\"name\":\"shop\",\"prune\":true,"
                       "\"resources\":[{\"group\":\"\",\"kind\":\"Service\",\"name\":\"web\"}],"
                       "\"retryStrategy\":{\"limit\":-1},\"revision\":\"v1\","
                       "\"strategy\":{\"apply\":{\"force\":true}},"
                       "\"syncOptions\":{\"items\":[\"Validate=false\",\"Replace=true\","
                       "\"ServerSideApply=true\",\"ApplyOutOfSyncOnly=true\"]}}");
}

static void force_alone_keeps_the_hooks(void **state UNUSED)
{
    assert_body(&(struct sync_body_opts){.force = true},
                "{\"appNamespace\":\"team\",\"dryRun\":false,\"name\":\"shop\",\"prune\":false,"
                "\"strategy\":{\"hook\":{\"force\":true}}}");
}

static void malformed_flags_are_refused(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *body = NULL;
    struct err err;
    const char *infos[] = {"=x"};
    const struct sync_body_opts opts = {.infos = {infos, 1}};
    ASSERT_ERR(sync_body(arena, &REF, &opts, &body, &err), ERR_INVALID, "NAME=VALUE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_flags_the_application_decides),
        cmocka_unit_test(every_flag_has_its_field),
        cmocka_unit_test(force_alone_keeps_the_hooks),
        cmocka_unit_test(malformed_flags_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
