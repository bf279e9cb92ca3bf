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
    const char *resources[] = {":Service:web", "apps:Deployment:ns/web"};
    const char *options[] = {"Validate=false"};
    const char *infos[] = {"why=a=b"};
    const struct sync_body_opts opts = {
        .revision = "v1",
        .strategy = "apply",
        .resources = {resources, 2},
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
    assert_body(
        &opts,
        "{\"appNamespace\":\"team\",\"dryRun\":true,"
        "\"infos\":[{\"name\":\"why\",\"value\":\"a=b\"}],\"name\":\"shop\",\"prune\":true,"
        "\"resources\":[{\"group\":\"\",\"kind\":\"Service\",\"name\":\"web\"},"
        "{\"group\":\"apps\",\"kind\":\"Deployment\",\"name\":\"web\",\"namespace\":\"ns\"}],"
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
    static const char *const RESOURCES[] = {"web", "apps:Deployment", "apps::web",
                                            "apps:Deployment:"};
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *body = NULL;
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(RESOURCES); i++) {
        const char *items[] = {RESOURCES[i]};
        const struct sync_body_opts opts = {.resources = {items, 1}};
        ASSERT_ERR(sync_body(arena, &REF, &opts, &body, &err), ERR_INVALID, RESOURCES[i]);
    }
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
