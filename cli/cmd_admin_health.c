/* One object in, {"status": ..., "message": ...} out; the status is null where its kind has no check. */
#include "cli/cmd_admin_health.h"

#include "cli/cli.h"
#include "cli/object_file.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_json.h"
#include "engine/health/health_override.h"
#include "engine/lua/customize.h"

struct admin_health_flags {
    const char *config;
};

static const struct flag_row ROWS[] = {
    {"config", 0, FLAG_STR, offsetof(struct admin_health_flags, config), "FILE", NULL,
     "argocd-cm with the health scripts to be tried"},
};
const struct flag_set CMD_ADMIN_HEALTH_FLAGS = FLAG_SET(struct admin_health_flags, ROWS);

int cmd_admin_health(struct cli *cli, struct err *err)
{
    const struct admin_health_flags *flags = cli->flags;
    const struct value *live;
    TRY(cli_read_object(cli, cli->args.items[0], &live, err));
    AUTO(customizations) struct customizations *scripts = NULL;
    TRY(cli_read_scripts(cli, flags->config, &scripts, err));
    struct health health = health_by_overrides(cli->arena, scripts, clock_system(), live);
    struct value_entry entries[] = {
        {STR("status"), value_of_null()},
        {STR("message"), *value_new_str(cli->arena, health.message)},
    };
    if (health.status != HEALTH_STATUS_NONE) {
        entries[0].value = *value_new_str(cli->arena, str_from(status_health_name(health.status)));
    }
    TRY(value_to_json(&cli->out, value_new_map(cli->arena, entries, ARRAY_LEN(entries)), NULL,
                      err));
    buf_put_char(&cli->out, '\n');
    return CLI_EXIT_OK;
}
