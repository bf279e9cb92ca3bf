/* Health of Ingress, in its present and its former group. */
#include "engine/health/health_internal.h"

static struct health ingress(struct arena *arena UNUSED, const struct value *live)
{
    if (value_len(value_dig(live, "status", "loadBalancer", "ingress")) > 0) {
        return health_make(HEALTH_STATUS_HEALTHY, STR_EMPTY);
    }
    return health_make(HEALTH_STATUS_PROGRESSING, STR_EMPTY);
}

static const struct health_row ROWS[] = {
    {"networking.k8s.io", "Ingress", NULL, ingress},
    {"extensions", "Ingress", NULL, ingress},
};

const struct health_table HEALTH_NETWORKING = {ROWS, ARRAY_LEN(ROWS)};
