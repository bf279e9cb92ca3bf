/* belay-api-server: the REST API that users, the CLI and the UI talk to. */
#include "api-server/api_server.h"
#include "common/rt/daemon.h"

static const struct config_row ROWS[] = {
#define CONFIG(field, ...) CONFIG_ROW(struct api_config, field, __VA_ARGS__),
#include "api-server/config.def"
#undef CONFIG
};

int main(int argc, char **argv)
{
    static struct api_config config;
    static const struct daemon_spec spec = {
        .name = "api-server",
        .program = "belay-api-server",
        .summary = "Serves the REST API and event streams, and logs people in.",
        .rows = ROWS,
        .n_rows = ARRAY_LEN(ROWS),
        .values = &config,
        .start = api_server_start,
        .stop = api_server_stop,
        .free = api_server_free,
    };
    return daemon_main(argc, argv, &spec);
}
