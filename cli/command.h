/* The table of commands (cli/commands.def) and what can be told from it: finding one by its words, help. */
#pragma once

#include <stddef.h>

#include "cli/flags.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct cli;

/* The exit status (enum cli_exit), or an error. */
typedef int (*command_fn)(struct cli *cli, struct err *err);

enum { COMMAND_ANY_ARGS = 1000 };

struct command {
    const char *path; /* "app sync" */
    const char *args; /* "NAME [ID]" */
    size_t min_args;
    size_t max_args;
    command_fn run;
    const struct flag_set *flags;
    int exit_on_error; /* instead of CLI_EXIT_ERROR; argocd's diff differs */
    const char *doc;
};

/* Commands that belong together: "app". */
struct command_group {
    const char *name;
    const char *doc;
};

extern const struct command COMMANDS[];
extern const size_t N_COMMANDS;
extern const struct command_group COMMAND_GROUPS[];
extern const size_t N_COMMAND_GROUPS;

/* The command with exactly this path ("app get"), or NULL. */
const struct command *command_find(struct str path);
/* Some command has these words at the beginning of its path: "app", or "" for all. */
bool command_is_group(struct str path);
/* ERR_INVALID: `word` is no command below the group, with the nearest one. */
int command_unknown(struct str group, struct str word, struct err *err);
/* ERR_INVALID when there are too few or too many arguments. */
MUST_CHECK int command_check_args(const struct command *command, size_t n, struct err *err);

/* Help of one command, and of a group ("" = of everything). */
void command_help(const struct command *command, struct buf *out);
void command_group_help(struct str group, struct buf *out);
