/* Whole applications, and what can be wrong with their specs. */
#include "common/base/buf.h"
#include "common/model/application.h"
#include "common/value/value.h"
#include "tests/lib/parse.h"

static int decode(struct arena *arena, const char *text, struct application *ret, struct err *err)
{
    const struct value *tree = NULL;
    TRY(value_from_yaml(arena, str_from(text), NULL, &tree, err));
    return application_decode(arena, tree, ret, err);
}

static void an_application_is_read(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct application app;
    ASSERT_OK(decode(arena,
                     "metadata: {name: web, namespace: argocd, uid: u, resourceVersion: '5',\n"
                     "  generation: 3}\n"
                     "spec: {project: p, source: {repoURL: r, path: x}}\n"
                     "operation: {sync: {}}\n"
                     "status: {sync: {status: Synced}}\n",
                     &app, &err));
    ASSERT_STR(app.name, "web");
    ASSERT_STR(app.resource_version, "5");
    assert_int_equal(app.generation, 3);
    assert_true(app.has_operation && app.operation.has_sync);
    ASSERT_STR(app.spec.project, "p");
    assert_int_equal(app.status.sync.status, SYNC_STATUS_SYNCED);
    ASSERT_OK(decode(arena, "metadata: {name: web}", &app, &err));
    assert_false(app.has_operation);
}

static void instance_names_tell_namespaces_apart(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    ASSERT_STR(application_instance_name(arena, STR("argocd"), STR("web"), STR("argocd")), "web");
    ASSERT_STR(application_instance_name(arena, STR("team"), STR("web"), STR("argocd")),
               "team_web");
    ASSERT_STR(application_instance_name(arena, STR(""), STR("web"), STR("argocd")), "web");
}

/* Each problem's text, one per line. */
static const struct {
    const char *spec;
    const char *want;
} PROBLEMS[] = {
    {"{source: {repoURL: r, path: p}, destination: {server: s}}", ""},
    {"{source: {repoURL: r, path: p}, destination: {name: nn}}", ""},
    {"{source: {repoURL: r, path: p}, destination: {name: nn, server: s}}",
     "application destination can't have both name and server defined: nn s\n"},
    {"{source: {repoURL: r, path: p}}", "Destination server missing from app spec\n"},
    {"{destination: {server: s}}",
     "spec.source.repoURL and either source.path, source.chart, or source.ref are required\n"},
    {"{source: {repoURL: r}, destination: {server: s}}",
     "spec.source.repoURL and either source.path, source.chart, or source.ref are required\n"},
    {"{source: {repoURL: r, chart: c}, destination: {server: s}}",
     "spec.source.targetRevision is required if the manifest source is a helm chart\n"},
    {"{source: {repoURL: r, chart: c, path: p, targetRevision: '1'}, destination: {server: s}}",
     "spec.source has both a path and a chart\n"},
    {"{source: {repoURL: r, path: p, helm: {}, kustomize: {}}, destination: {server: s}}",
     "spec.source has settings of more than one of helm, kustomize, directory and plugin\n"},
    {"{sources: [{repoURL: r, ref: v}, {repoURL: r, path: p, ref: v}], destination: {server: s}}",
     "spec.sources[1].ref 'v' is taken by spec.sources[0]\n"},
    {"{sources: [{repoURL: r, ref: 'a b'}], destination: {server: s}}",
     "spec.sources[0].ref 'a b' may only have letters, digits, '-' and '_'\n"},
    {"{sourceHydrator: {drySource: {repoURL: r}, syncSource: {path: p}}, destination: {server: s}}",
     ""},
    {"{source: {repoURL: r, path: p}, destination: {server: s},\n"
     " syncPolicy: {retry: {backoff: {duration: -1s}}}}",
     "spec.syncPolicy.retry.backoff must not be negative\n"},
};

static void problems_of_specs_are_listed(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(PROBLEMS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        AUTO(buf) struct buf out;
        struct err err;
        struct app_spec spec;
        buf_init(&out, 4096);
        ASSERT_OK(app_spec_decode(arena, parse_yaml(arena, PROBLEMS[i].spec), &spec, &err));
        struct app_strs problems = app_spec_problems(arena, &spec);
        for (size_t k = 0; k < problems.n; k++) {
            buf_put(&out, problems.items[k]);
            buf_put_char(&out, '\n');
        }
        ASSERT_STR(buf_str(&out), PROBLEMS[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_application_is_read),
        cmocka_unit_test(instance_names_tell_namespaces_apart),
        cmocka_unit_test(problems_of_specs_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
