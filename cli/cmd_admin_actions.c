/* The list is JSON as the REST API has it; what an action makes is YAML documents. */
#include "cli/cmd_admin_actions.h"

#include "cli/cli.h"
#include "cli/object_file.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_json.h"
#include "common/value/value_yaml.h"
#include "engine/actions/action.h"

struct admin_actions_list_flags {
    bool none;
};
const struct flag_set CMD_ADMIN_ACTIONS_LIST_FLAGS = {NULL, 0,
                                                      sizeof(struct admin_actions_list_flags)};

struct admin_actions_run_flags {
    struct flag_list params;
};

static const struct flag_row RUN_ROWS[] = {
    {"param", 0, FLAG_LIST, offsetof(struct admin_actions_run_flags, params), "KEY=VALUE", NULL,
     "a parameter of the action; may be given more than once"},
};
const struct flag_set CMD_ADMIN_ACTIONS_RUN_FLAGS =
    FLAG_SET(struct admin_actions_run_flags, RUN_ROWS);

static void put_action(struct value_builder *b, const struct action *action)
{
    value_build_map(b);
    value_build_field_str(b, "name", action->name);
    value_build_field_bool(b, "disabled", action->disabled);
    value_build_field_str_opt(b, "iconClass", action->icon_class);
    value_build_field_str_opt(b, "displayName", action->display_name);
    if (action->param.name.n > 0) {
        value_build_field_list(b, "params");
        value_build_map(b);
        value_build_field_str(b, "name", action->param.name);
        value_build_field_str_opt(b, "default", action->param.def);
        value_build_end(b);
        value_build_end(b);
    }
    value_build_end(b);
}

int cmd_admin_actions_list(struct cli *cli, struct err *err)
{
    const struct value *live;
    TRY(cli_read_object(cli, cli->args.items[0], &live, err));
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, cli->arena, VALUE_DUP_LAST);
    struct action_list list = action_discover(cli->arena, live);
    value_build_list(&b);
    for (size_t i = 0; i < list.n; i++) {
        put_action(&b, &list.items[i]);
    }
    value_build_end(&b);
    TRY(value_to_json(&cli->out, value_build_finish(&b), NULL, err));
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
    TRY(read_args(cli, flags->params, &args, err));
    run.args = args;
    TRY(cli_read_object(cli, cli->args.items[1], &run.live, err));
    TRY(action_run(cli->arena, &run, &changes, err));
    for (size_t i = 0; i < changes.n; i++) {
        buf_put_c(&cli->out, i > 0 ? "---\n" : "");
        TRY(value_to_yaml(&cli->out, changes.items[i].object, NULL, err));
    }
    return CLI_EXIT_OK;
}
