/* Health of Argo Workflows' Workflow, of any version. An Application has no check of its own: one
 * that waits for its child Applications asks for it in the settings. */
#include "common/base/arena.h"
#include "engine/health/health_internal.h"

static struct health workflow(struct arena *arena, const struct value *live)
{
    static const struct {
        const char *phase;
        enum health_status status;
    } PHASES[] = {
        {"", HEALTH_STATUS_PROGRESSING},        {"Pending", HEALTH_STATUS_PROGRESSING},
        {"Running", HEALTH_STATUS_PROGRESSING}, {"Succeeded", HEALTH_STATUS_HEALTHY},
        {"Failed", HEALTH_STATUS_DEGRADED},     {"Error", HEALTH_STATUS_DEGRADED},
    };
    struct str message = arena_str(arena, value_dig_str(live, "status", "message"));
    struct str phase = value_dig_str(live, "status", "phase");
    for (size_t i = 0; i < ARRAY_LEN(PHASES); i++) {
        if (str_eq_c(phase, PHASES[i].phase)) {
            return health_make(PHASES[i].status, message);
        }
    }
    return health_make(HEALTH_STATUS_UNKNOWN, message);
}

static const struct health_row ROWS[] = {
    {"argoproj.io", "Workflow", NULL, workflow},
};

const struct health_table HEALTH_ARGO = {ROWS, ARRAY_LEN(ROWS)};
