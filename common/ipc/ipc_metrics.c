/* The table of metrics that clients and servers of a process share. */
#include "common/ipc/ipc_metrics.h"

#include "common/base/macro.h"
#include "common/rt/metrics.h"

static const struct metric_row ROWS[] = {
#define METRIC(id, ...) METRIC_ROW(__VA_ARGS__),
#include "common/ipc/metrics.def"
#undef METRIC
};

struct metric_set *ipc_metrics_set(struct metrics *metrics)
{
    return metrics != NULL ? metrics_add_rows(metrics, ROWS, ARRAY_LEN(ROWS)) : NULL;
}
