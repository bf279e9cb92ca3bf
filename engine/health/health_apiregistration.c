/* Health of APIService: is the aggregated API available? */
#include "engine/health/health_internal.h"

static struct health api_service(struct arena *arena, const struct value *live)
{
    const struct value *available = health_condition(live, "Available");
    if (available == NULL) {
        return health_make(HEALTH_STATUS_PROGRESSING, STR("Waiting to be processed"));
    }
    enum health_status status = str_eq_c(value_dig_str(available, "status"), "True")
                                    ? HEALTH_STATUS_HEALTHY
                                    : HEALTH_STATUS_PROGRESSING;
    return health_printf(arena, status, STR_FMT ": " STR_FMT,
                         STR_ARG(value_dig_str(available, "reason")),
                         STR_ARG(value_dig_str(available, "message")));
}

static const struct health_row ROWS[] = {
    {"apiregistration.k8s.io", "APIService", "v1 v1beta1", api_service},
};

const struct health_table HEALTH_APIREGISTRATION = {ROWS, ARRAY_LEN(ROWS)};
