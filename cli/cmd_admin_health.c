/* One object in, {"status": ..., "message": ...} out; the status is null where its kind has no check. */
#include "cli/cmd_admin_health.h"

#include "cli/cli.h"
#include "cli/object_file.h"
#include "common/base/arena.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_json.h"
#include "engine/health/health.h"

struct admin_health_flags {
    bool none;
};
const struct flag_set CMD_ADMIN_HEALTH_FLAGS = {NULL, 0, sizeof(struct admin_health_flags)};

int cmd_admin_health(struct cli *cli, struct err *err)
{
    const struct value *live;
    TRY(cli_read_object(cli, cli->args.items[0], &live, err));
    struct health health = health_by_rules(cli->arena, live);
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
