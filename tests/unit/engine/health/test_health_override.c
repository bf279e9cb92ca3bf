/* Scripts of argocd-cm in place of the rules. */
#include "common/base/clock.h"
#include "engine/health/health_override.h"
#include "tests/lib/parse.h"

#define KEY "resource.customizations.health."

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
         HEALTH_STATUS_UNKNOWN, "bad day"},
        {"{" KEY "ex.io_Db: \"while true do end\"}", "{apiVersion: ex.io/v1, kind: Db}",
         HEALTH_STATUS_UNKNOWN, "health.lua: the script takes too long"},
        {"{" KEY "ex.io_Db: \"return {status = string.rep('x', 2)}\"}",
         "{apiVersion: ex.io/v1, kind: Db}", HEALTH_STATUS_UNKNOWN, NULL},
        {"{" KEY "ex.io_Db: \"return {status = ('HealthyX'):sub(1, 7)}\", "
         "resource.customizations.useOpenLibs.ex.io_Db: 'true'}",
         "{apiVersion: ex.io/v1, kind: Db}", HEALTH_STATUS_HEALTHY, ""},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        struct health_overrides overrides =
            health_overrides_read(arena, parse_yaml(arena, ROWS[i].config));
        struct health health = health_by_overrides(arena, &overrides, clock_system(),
                                                   parse_yaml(arena, ROWS[i].object));
        if (health.status != ROWS[i].status) {
            fail_msg("%s: %s " STR_FMT, ROWS[i].config, status_health_name(health.status),
                     STR_ARG(health.message));
        }
        if (ROWS[i].message != NULL) {
            ASSERT_STR(health.message, ROWS[i].message);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_decide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
