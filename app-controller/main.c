/* belay-app-controller: keeps clusters equal to what Applications say. */
#include "app-controller/controller.h"
#include "app-controller/jq_worker.h"
#include "common/base/mem.h"
#include "common/rt/daemon.h"

static const struct config_row ROWS[] = {
#define CONFIG(field, ...) CONFIG_ROW(struct controller_config, field, __VA_ARGS__),
#include "app-controller/config.def"
#undef CONFIG
};

/* The same program is its own jq helper process. */
static bool run_mode(const void *values, int *ret_status)
{
    const struct controller_config *config = values;
    if (config->jq_worker) {
        jq_worker_main();
        *ret_status = 0;
    }
    return config->jq_worker;
}

int main(int argc, char **argv)
{
    static struct controller_config config;
    static const struct daemon_spec spec = {
        .name = "app-controller",
        .program = "belay-app-controller",
        .summary = "Compares Applications with their clusters, judges their health and syncs them.",
        .rows = ROWS,
        .n_rows = ARRAY_LEN(ROWS),
        .values = &config,
        .mode = run_mode,
        .start = controller_start,
        .stop = controller_stop,
        .free = controller_free,
        .reload = controller_reload,
    };
    mem_few_heaps();
    return daemon_main(argc, argv, &spec);
}
