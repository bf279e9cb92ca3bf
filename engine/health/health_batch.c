/* Health of batch/v1: Job. */
#include <stdbool.h>

#include "engine/health/health_internal.h"

static struct health job(struct arena *arena, const struct value *live)
{
    static const struct {
        const char *type;
        bool must_be_true;
        enum health_status status;
    } RULES[] = {
        {"Failed", false, HEALTH_STATUS_DEGRADED},
        {"Suspended", true, HEALTH_STATUS_SUSPENDED},
        {"Complete", false, HEALTH_STATUS_HEALTHY},
    };
    for (size_t i = 0; i < ARRAY_LEN(RULES); i++) {
        const struct value *condition = health_condition(live, RULES[i].type);
        if (condition == NULL ||
            (RULES[i].must_be_true && !str_eq_c(value_dig_str(condition, "status"), "True"))) {
            continue;
        }
        return health_make(RULES[i].status, arena_str(arena, value_dig_str(condition, "message")));
    }
    return health_make(HEALTH_STATUS_PROGRESSING, STR_EMPTY);
}

static const struct health_row ROWS[] = {
    {"batch", "Job", "v1", job},
};

const struct health_table HEALTH_BATCH = {ROWS, ARRAY_LEN(ROWS)};
