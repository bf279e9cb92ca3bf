/* Sessions: a token for a user and a password, kept in the context file. */
#include "cli/cmd_login.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "cli/ask.h"
#include "cli/cli.h"
#include "common/base/arena.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"

/* ---- login ---- */

struct login_flags {
    const char *username;
    const char *password;
    const char *name;
};

static const struct flag_row LOGIN_ROWS[] = {
    {"username", 0, FLAG_STR, offsetof(struct login_flags, username), "NAME", NULL,
     "user; asked for when missing"},
    {"password", 0, FLAG_STR, offsetof(struct login_flags, password), "TEXT", NULL,
     "password; when missing read from the terminal or standard input"},
    {"name", 0, FLAG_STR, offsetof(struct login_flags, name), "NAME", NULL,
     "of the context (default: the server's)"},
};
const struct flag_set CMD_LOGIN_FLAGS = FLAG_SET(struct login_flags, LOGIN_ROWS);

static int credential(struct cli *cli,
                      const char *given,
                      const char *prompt,
                      enum ask_echo echo,
                      struct str *ret,
                      struct err *err)
{
    if (given != NULL) {
        *ret = str_from(given);
        return 0;
    }
    return ask_line(cli->arena, prompt, echo, ret, err);
}

static int request_token(struct cli *cli, struct str *ret, struct err *err)
{
    const struct login_flags *flags = cli->flags;
    struct arena *arena = cli->arena;
    struct str username;
    struct str password;
    TRY(credential(cli, flags->username, "Username: ", ASK_SHOWN, &username, err));
    TRY(credential(cli, flags->password, "Password: ", ASK_HIDDEN, &password, err));
    const struct value *body = value_with(arena, NULL, value_new_str(arena, username), "username");
    body = value_with(arena, body, value_new_str(arena, password), "password");
    struct client_request request = {
        .method = "POST", .path = STR("/api/v1/session"), .body = body};
    const struct value *answer = NULL;
    TRY(client_call(cli->client, arena, &request, &answer, err));
    *ret = value_dig_str(answer, "token");
    if (ret->n == 0) {
        return err_set(err, ERR_INVALID, "the server sent no token: is it a Belay API server?");
    }
    return 0;
}

/* "https://host/" is the same context as "host". */
static struct str bare_server(struct str server)
{
    (void)(str_cut_prefix(&server, STR("https://")) || str_cut_prefix(&server, STR("http://")));
    while (str_cut_suffix(&server, STR("/"))) {
    }
    return server;
}

/* The file is read by later runs from other directories. */
static int absolute(struct arena *arena, const char *path, struct str *ret, struct err *err)
{
    *ret = STR_EMPTY;
    if (path == NULL || path[0] == '\0') {
        return 0;
    }
    char full[PATH_MAX];
    if (realpath(path, full) == NULL) {
        return err_set_errno(err, errno, "'%s'", path);
    }
    *ret = arena_str(arena, str_from(full));
    return 0;
}

int cmd_login(struct cli *cli, struct err *err)
{
    const struct login_flags *flags = cli->flags;
    const char *server = cli->args.items[0];
    struct context context = {
        .server = bare_server(str_from(server)),
        .insecure = cli->globals->insecure,
        .plain_text = cli->globals->plain_text || str_starts_with(str_from(server), STR("http://")),
    };
    context.name = flags->name != NULL ? str_from(flags->name) : context.server;
    TRY(absolute(cli->arena, cli->globals->server_crt, &context.server_crt, err));
    TRY(cli_load_contexts(cli, err));
    TRY(cli_connect_to(cli, (struct client_opts){.server = server}, err));
    TRY_IN(request_token(cli, &context.token, err), err, "login");
    context_put(&cli->contexts, &context);
    TRY(context_save(&cli->contexts, err));
    buf_printf(&cli->out, "Logged in; context '" STR_FMT "' is the current one.\n",
               STR_ARG(context.name));
    return CLI_EXIT_OK;
}

/* ---- logout ---- */

struct logout_flags {
    bool none;
};
const struct flag_set CMD_LOGOUT_FLAGS = {NULL, 0, sizeof(struct logout_flags)};

/* The server ends the session as well; when it cannot be reached the token is forgotten all the same. */
int cmd_logout(struct cli *cli, struct err *err)
{
    struct context context;
    const char *name = cli->args.n > 0 ? cli->args.items[0] : cli->globals->context;
    TRY(cli_load_contexts(cli, err));
    TRY(context_find(&cli->contexts, name, &context, err));
    if (context.token.n == 0) {
        buf_printf(&cli->out, "Context '" STR_FMT "' has no session.\n", STR_ARG(context.name));
        return CLI_EXIT_OK;
    }
    struct client_opts opts = {
        .server = arena_str(cli->arena, context.server).p,
        .token = context.token,
        .insecure = context.insecure,
        .plain_text = context.plain_text,
        .server_crt = arena_str(cli->arena, context.server_crt).p,
    };
    struct client_request request = {.method = "DELETE", .path = STR("/api/v1/session")};
    TRY(cli_connect_to(cli, opts, err));
    int rc = client_call(cli->client, cli->arena, &request, NULL, err);
    struct err save_err;
    context_forget_token(&cli->contexts, context.name);
    if (context_save(&cli->contexts, &save_err) < 0) {
        *err = save_err;
        return -(int)err->code;
    }
    if (rc < 0 && rc != -ERR_UNAUTHENTICATED) {
        return err_wrap(err, "the token is forgotten here, but may still be valid");
    }
    buf_printf(&cli->out, "Logged out of '" STR_FMT "'.\n", STR_ARG(context.name));
    return CLI_EXIT_OK;
}
