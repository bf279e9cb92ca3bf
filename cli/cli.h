/* struct cli: one run of the `belay` command, as the functions of cli/commands.def see it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/client.h"
#include "cli/context.h"
#include "cli/flags.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct command;

/* Exit statuses; docs/cli.md explains them. */
enum cli_exit {
    CLI_EXIT_OK = 0,
    CLI_EXIT_NO = 1,     /* the command did its work and the answer is no */
    CLI_EXIT_USAGE = 2,  /* wrong words or flags */
    CLI_EXIT_ERROR = 20, /* anything else; the argocd CLI's generic one */
};

/* Flags every command has. */
struct cli_globals {
    const char *server;
    const char *auth_token;
    const char *config;
    const char *context;
    const char *server_crt;
    bool insecure;
    bool plain_text;
    bool help;
    bool ignored_bool; /* flags of the argocd CLI that mean nothing here */
    const char *ignored_text;
};

extern const struct flag_set CLI_GLOBAL_FLAGS;

struct cli {
    struct arena *arena;
    struct cli_globals *globals;
    const struct command *command;
    struct flag_list args;
    const void *flags; /* the command's own struct */
    struct buf out;    /* standard output; written by cli_flush() and at the end */
    struct context_file contexts;
    struct client *client; /* after cli_connect() */
    bool out_is_terminal;
    bool err_is_terminal;
    bool colour; /* of what goes to `out` */
};

/* Run the command line and return the exit status. Everything is printed. */
int cli_main(int argc, char *const *argv);

/* Write what is in `out`. ERR_UNAVAILABLE when nobody reads it, or no space is left. */
MUST_CHECK int cli_flush(struct cli *cli, struct err *err);
/* Output that is large: written now and then, so after all that can fail. */
MUST_CHECK int cli_put(struct cli *cli, struct str text, struct err *err);
/* One line on standard error. */
PRINTF(2, 3) void cli_say(const struct cli *cli, const char *fmt, ...);

/* Which context file, and its content. */
MUST_CHECK int cli_load_contexts(struct cli *cli, struct err *err);
/* The client for the server the flags, environment and context name; one that is there stays. */
MUST_CHECK int cli_connect(struct cli *cli, struct err *err);
/* As above for the options given, used by `login`. Flags win over *opts. */
MUST_CHECK int cli_connect_to(struct cli *cli, struct client_opts opts, struct err *err);
