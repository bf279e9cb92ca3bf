/* The table, and texts made from it. */
#include "cli/command.h"

#include "cli/cli.h"
#include "cli/cmd_admin.h"
#include "cli/cmd_admin_actions.h"
#include "cli/cmd_admin_diff.h"
#include "cli/cmd_admin_health.h"
#include "cli/cmd_admin_rbac.h"
#include "cli/cmd_admin_strvals.h"
#include "cli/cmd_admin_windows.h"
#include "cli/cmd_app.h"
#include "cli/cmd_app_actions.h"
#include "cli/cmd_app_create.h"
#include "cli/cmd_app_diff.h"
#include "cli/cmd_app_logs.h"
#include "cli/cmd_app_plan.h"
#include "cli/cmd_app_run.h"
#include "cli/cmd_completion.h"
#include "cli/cmd_gpg.h"
#include "cli/cmd_login.h"
#include "cli/cmd_render.h"
#include "cli/cmd_render_helm.h"
#include "cli/cmd_render_kustomize.h"
#include "cli/cmd_version.h"
#include "common/base/nearest.h"

const struct command COMMANDS[] = {
#define COMMAND(path, args, min, max, fn, flags, exit_on_error, doc) \
    {path, args, min, max, fn, &(flags), exit_on_error, doc},
#define GROUP(name, doc)
#include "cli/commands.def"
#undef GROUP
#undef COMMAND
};
const size_t N_COMMANDS = ARRAY_LEN(COMMANDS);

const struct command_group COMMAND_GROUPS[] = {
#define COMMAND(...)
#define GROUP(name, doc) {name, doc},
#include "cli/commands.def"
#undef GROUP
#undef COMMAND
};
const size_t N_COMMAND_GROUPS = ARRAY_LEN(COMMAND_GROUPS);

/* ---- finding ---- */

const struct command *command_find(struct str path)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (str_eq_c(path, COMMANDS[i].path)) {
            return &COMMANDS[i];
        }
    }
    return NULL;
}

/* The words behind the group's; false when the path is not in the group. */
static bool below(struct str group, struct str *path)
{
    return group.n == 0 || (str_cut_prefix(path, group) && str_cut_prefix(path, STR(" ")));
}

bool command_is_group(struct str path)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        struct str rest = str_from(COMMANDS[i].path);
        if (below(path, &rest)) {
            return true;
        }
    }
    return false;
}

int command_unknown(struct str group, struct str word, struct err *err)
{
    struct nearest near = nearest_to(word);
    for (size_t i = 0; i < N_COMMANDS; i++) {
        struct str rest = str_from(COMMANDS[i].path);
        if (below(group, &rest) && str_find_char(rest, ' ') == STR_NONE) {
            nearest_offer(&near, rest.p);
        }
    }
    for (size_t i = 0; i < N_COMMAND_GROUPS && group.n == 0; i++) {
        nearest_offer(&near, COMMAND_GROUPS[i].name);
    }
    const char *blank = group.n > 0 ? " " : "";
    if (near.best == NULL) {
        return err_set(err, ERR_INVALID, "unknown command '" STR_FMT "%s" STR_FMT "'",
                       STR_ARG(group), blank, STR_ARG(word));
    }
    return err_set(err, ERR_INVALID,
                   "unknown command '" STR_FMT "%s" STR_FMT "'; did you mean '" STR_FMT "%s%s'?",
                   STR_ARG(group), blank, STR_ARG(word), STR_ARG(group), blank, near.best);
}

int command_check_args(const struct command *command, size_t n, struct err *err)
{
    if (n >= command->min_args && n <= command->max_args) {
        return 0;
    }
    return err_set(err, ERR_INVALID, "%s arguments: belay %s %s",
                   n < command->min_args ? "missing" : "too many", command->path, command->args);
}

/* ---- help ---- */

enum { HELP_COMMAND_COLUMNS = 18 };

static void help_line(struct buf *out, struct str name, const char *doc)
{
    buf_printf(out, "  " STR_FMT, STR_ARG(name));
    buf_put_fill(out, ' ', name.n < HELP_COMMAND_COLUMNS ? HELP_COMMAND_COLUMNS - name.n : 1);
    buf_printf(out, "%s\n", doc);
}

void command_help(const struct command *command, struct buf *out)
{
    buf_printf(out, "%s\n\nUsage:\n  belay %s%s%s [flags]\n", command->doc, command->path,
               command->args[0] != '\0' ? " " : "", command->args);
    if (command->flags->n > 0) {
        buf_put_c(out, "\nFlags:\n");
        flags_help(command->flags, out);
    }
    buf_put_c(out, "\nFlags of every command:\n");
    flags_help(&CLI_GLOBAL_FLAGS, out);
}

void command_group_help(struct str group, struct buf *out)
{
    if (group.n == 0) {
        buf_put_c(out, "Belay keeps Kubernetes as Git says.\n\nUsage:\n  belay COMMAND [flags]\n");
    } else {
        buf_printf(out, "Usage:\n  belay " STR_FMT " COMMAND [flags]\n", STR_ARG(group));
    }
    buf_put_c(out, "\nCommands:\n");
    for (size_t i = 0; i < N_COMMAND_GROUPS && group.n == 0; i++) {
        help_line(out, str_from(COMMAND_GROUPS[i].name), COMMAND_GROUPS[i].doc);
    }
    for (size_t i = 0; i < N_COMMANDS; i++) {
        struct str rest = str_from(COMMANDS[i].path);
        if (below(group, &rest) && str_find_char(rest, ' ') == STR_NONE) {
            help_line(out, rest, COMMANDS[i].doc);
        }
    }
    buf_put_c(out, "\n`belay COMMAND --help` explains one of them.\n\nFlags of every command:\n");
    flags_help(&CLI_GLOBAL_FLAGS, out);
}
