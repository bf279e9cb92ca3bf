/* Scripts of argocd-cm in place of the rules. */
#include "common/base/clock.h"
#include "engine/health/health_override.h"
#include "engine/lua/customize.h"
#include "tests/lib/parse.h"

#define KEY "resource.customizations.health."

static struct customizations *read_scripts(struct arena *arena, const char *config)
{
    struct customizations *scripts = NULL;
    struct err err;
    ASSERT_OK(customizations_new(parse_yaml(arena, config), &scripts, &err));
    return scripts;
}

static void scripts_decide(void **state UNUSED)
{
    static const struct {
        const char *config;
        const char *object;
        enum health_status status;
        const char *message;
    } ROWS[] = {
        {"{" KEY "ex.io_Db: \"return {status = 'Healthy', message = obj.kind}\"}",
         "{apiVersion: ex.io/v1, kind: Db}", HEALTH_STATUS_HEALTHY, "Db"},
        {"{" KEY "ConfigMap: \"return {status = 'Degraded'}\"}",
         "{apiVersion: v1, kind: ConfigMap}", HEALTH_STATUS_DEGRADED, ""},
        {"{" KEY "ConfigMap: \"return {status = 'Degraded'}\"}", "{apiVersion: v1, kind: Secret}",
         HEALTH_STATUS_NONE, ""},
        {"{\"" KEY "*.ex.io_*\": \"return {status = 'Suspended'}\"}",
         "{apiVersion: a.ex.io/v1, kind: Db}", HEALTH_STATUS_SUSPENDED, ""},
        {"{\"" KEY "*.ex.io_*\": \"return {status = 'Suspended'}\", \"" KEY
         "a.ex.io_Db\": \"return {status = 'Missing'}\"}",
         "{apiVersion: a.ex.io/v1, kind: Db}", HEALTH_STATUS_MISSING, ""},
        {"{" KEY "apps_Deployment: \"return nil\"}",
         "{apiVersion: apps/v1, kind: Deployment, spec: {paused: true}}", HEALTH_STATUS_NONE, ""},
        {"{" KEY "apps_Deployment: \"return {}\"}", "{apiVersion: apps/v1, kind: Deployment}",
         HEALTH_STATUS_NONE, ""},
        {"{" KEY "apps_Deployment: ''}",
         "{apiVersion: apps/v1, kind: Deployment, spec: {paused: true}}", HEALTH_STATUS_SUSPENDED,
         "Deployment is paused"},
        {"{" KEY "ex.io_Db: \"return {status = 'Fine'}\"}", "{apiVersion: ex.io/v1, kind: Db}",
         HEALTH_STATUS_UNKNOWN, "Lua returned an invalid health status"},
        {"{" KEY "ex.io_Db: \"return 'Healthy'\"}", "{apiVersion: ex.io/v1, kind: Db}",
         HEALTH_STATUS_UNKNOWN, "the health script does not return a table"},
        {"{" KEY "ex.io_Db: \"error('bad day', 0)\"}", "{apiVersion: ex.io/v1, kind: Db}",
         HEALTH_STATUS_UNKNOWN, KEY "ex.io_Db: bad day"},
        {"{" KEY "ex.io_Db: \"while true do end\"}", "{apiVersion: ex.io/v1, kind: Db}",
         HEALTH_STATUS_UNKNOWN, KEY "ex.io_Db: health.lua: the script takes too long"},
        {"{" KEY "ex.io_Db: \"return {status = string.rep('x', 2)}\"}",
         "{apiVersion: ex.io/v1, kind: Db}", HEALTH_STATUS_UNKNOWN, NULL},
        {"{" KEY "ex.io_Db: \"return {status = ('HealthyX'):sub(1, 7)}\", "
         "resource.customizations.useOpenLibs.ex.io_Db: 'true'}",
         "{apiVersion: ex.io/v1, kind: Db}", HEALTH_STATUS_HEALTHY, ""},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        AUTO(customizations) struct customizations *scripts = read_scripts(arena, ROWS[i].config);
        struct health health =
            health_by_overrides(arena, scripts, clock_system(), parse_yaml(arena, ROWS[i].object));
        if (health.status != ROWS[i].status) {
            fail_msg("%s: %s " STR_FMT, ROWS[i].config, status_health_name(health.status),
                     STR_ARG(health.message));
        }
        if (ROWS[i].message != NULL) {
            ASSERT_STR(health.message, ROWS[i].message);
        }
    }
}

static void an_object_being_deleted_comes_first(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(customizations)
    struct customizations *scripts =
        read_scripts(arena, "{" KEY "Pod: \"return {status = 'Suspended'}\"}");
    const struct value *going = parse_yaml(
        arena,
        "{apiVersion: v1, kind: Pod, metadata: {deletionTimestamp: '2026-01-01T00:00:00Z'}}");
    const struct value *held = parse_yaml(
        arena, "{apiVersion: v1, kind: Pod, metadata: {deletionTimestamp: '2026-01-01T00:00:00Z', "
               "finalizers: [argocd.argoproj.io/hook-finalizer]}}");
    ASSERT_STR(health_of_scripted(arena, scripts, clock_system(), going).message,
               "Pending deletion");
    assert_int_equal(health_of_scripted(arena, scripts, clock_system(), held).status,
                     HEALTH_STATUS_SUSPENDED);
    assert_int_equal(health_of_scripted(arena, scripts, clock_system(), NULL).status,
                     HEALTH_STATUS_NONE);
}

static void verdicts_are_kept_for_later(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(customizations)
    struct customizations *scripts =
        read_scripts(arena, "{" KEY "ConfigMap: \"return {status = 'Degraded', message = "
                            "obj.metadata.name}\"}");
    const struct value *lives[] = {
        parse_yaml(arena, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"),
        parse_yaml(arena, "{apiVersion: v1, kind: Secret, metadata: {name: b}}"),
        parse_yaml(arena, "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}"),
        parse_yaml(arena, "{apiVersion: apps/v1, kind: Deployment, spec: {paused: true}}"),
    };
    static const char *const WANTED[] = {"a", "", "c", "Deployment is paused"};
    struct health_verdicts verdicts =
        health_verdicts_of(arena, scripts, clock_system(), lives, ARRAY_LEN(lives));
    assert_int_equal(verdicts.n, 2);
    for (size_t i = 0; i < ARRAY_LEN(lives); i++) {
        ASSERT_STR(health_by_verdicts(arena, &verdicts, lives[i]).message, WANTED[i]);
    }
    assert_int_equal(health_verdicts_of(arena, NULL, clock_system(), lives, 4).n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_decide),
        cmocka_unit_test(an_object_being_deleted_comes_first),
        cmocka_unit_test(verdicts_are_kept_for_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
