/* The list is JSON as the REST API has it; what an action makes is YAML documents. */
#include "cli/cmd_admin_actions.h"

#include "cli/cli.h"
#include "cli/object_file.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/value/value.h"
#include "common/value/value_json.h"
#include "common/value/value_yaml.h"
#include "engine/actions/action_script.h"
#include "engine/lua/customize.h"

struct admin_actions_list_flags {
    const char *config;
};

static const struct flag_row LIST_ROWS[] = {
    {"config", 0, FLAG_STR, offsetof(struct admin_actions_list_flags, config), "FILE", NULL,
     "argocd-cm with the actions to be tried"},
};
const struct flag_set CMD_ADMIN_ACTIONS_LIST_FLAGS =
    FLAG_SET(struct admin_actions_list_flags, LIST_ROWS);

struct admin_actions_run_flags {
    const char *config;
    struct flag_list params;
};

static const struct flag_row RUN_ROWS[] = {
    {"config", 0, FLAG_STR, offsetof(struct admin_actions_run_flags, config), "FILE", NULL,
     "argocd-cm with the actions to be tried"},
    {"param", 0, FLAG_LIST, offsetof(struct admin_actions_run_flags, params), "KEY=VALUE", NULL,
     "a parameter of the action; may be given more than once"},
};
const struct flag_set CMD_ADMIN_ACTIONS_RUN_FLAGS =
    FLAG_SET(struct admin_actions_run_flags, RUN_ROWS);

int cmd_admin_actions_list(struct cli *cli, struct err *err)
{
    const struct admin_actions_list_flags *flags = cli->flags;
    const struct value *live;
    struct action_list list;
    AUTO(customizations) struct customizations *scripts = NULL;
    TRY(cli_read_scripts(cli, flags->config, &scripts, err));
    TRY(cli_read_object(cli, cli->args.items[0], &live, err));
    TRY(action_script_discover(cli->arena, scripts, clock_system(), live, &list, err));
    TRY(value_to_json(&cli->out, action_list_to_value(cli->arena, &list), NULL, err));
    buf_put_char(&cli->out, '\n');
    return CLI_EXIT_OK;
}

static int
read_args(struct cli *cli, struct flag_list params, struct action_arg **ret, struct err *err)
{
    struct action_arg *args = arena_calloc(cli->arena, params.n, sizeof(*args));
    for (size_t i = 0; i < params.n; i++) {
        if (!str_cut(str_from(params.items[i]), '=', &args[i].name, &args[i].value)) {
            return err_set(err, ERR_INVALID, "--param '%s' is not KEY=VALUE", params.items[i]);
        }
    }
    *ret = args;
    return 0;
}

int cmd_admin_actions_run(struct cli *cli, struct err *err)
{
    const struct admin_actions_run_flags *flags = cli->flags;
    struct action_changes changes;
    struct action_arg *args;
    struct action_run run = {
        .name = str_from(cli->args.items[0]),
        .n_args = flags->params.n,
        .now_ms = clock_wall_ms(clock_system()),
    };
    AUTO(customizations) struct customizations *scripts = NULL;
    TRY(cli_read_scripts(cli, flags->config, &scripts, err));
    TRY(read_args(cli, flags->params, &args, err));
    run.args = args;
    TRY(cli_read_object(cli, cli->args.items[1], &run.live, err));
    TRY(action_script_run(cli->arena, scripts, clock_system(), &run, &changes, err));
    for (size_t i = 0; i < changes.n; i++) {
        buf_put_c(&cli->out, i > 0 ? "---\n" : "");
        TRY(value_to_yaml(&cli->out, changes.items[i].object, NULL, err));
    }
    return CLI_EXIT_OK;
}
