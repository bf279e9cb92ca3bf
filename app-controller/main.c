/* belay-app-controller: keeps clusters equal to what Applications say. */
#include "app-controller/controller.h"
#include "common/rt/daemon.h"

static const struct config_row ROWS[] = {
#define CONFIG(field, ...) CONFIG_ROW(struct controller_config, field, __VA_ARGS__),
#include "app-controller/config.def"
#undef CONFIG
};

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
        .start = controller_start,
        .stop = controller_stop,
        .free = controller_free,
        .reload = controller_reload,
    };
    return daemon_main(argc, argv, &spec);
}
