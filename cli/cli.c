/* From argv to the exit status: find the command, read its flags, run it, print. */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/output.h"
#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/rt/config.h"

enum { OUT_MAX_FACTOR = 4, OUT_FLUSH_BYTES = 32 * 1024 };

static const struct flag_row GLOBAL_ROWS[] = {
    {"server", 0, FLAG_STR, offsetof(struct cli_globals, server), "HOST[:PORT]", NULL,
     "server, or its URL (environment BELAY_SERVER, ARGOCD_SERVER)"},
    {"auth-token", 0, FLAG_STR, offsetof(struct cli_globals, auth_token), "TOKEN", NULL,
     "token (environment BELAY_AUTH_TOKEN, ARGOCD_AUTH_TOKEN)"},
    {"config", 0, FLAG_STR, offsetof(struct cli_globals, config), "FILE", NULL,
     "file of contexts (${XDG_CONFIG_HOME:-~/.config}/belay/config)"},
    {"context", 0, FLAG_STR, offsetof(struct cli_globals, context), "NAME", NULL,
     "context to use instead of the current one"},
    {"insecure", 0, FLAG_BOOL, offsetof(struct cli_globals, insecure), NULL, NULL,
     "do not check the server's certificate"},
    {"plaintext", 0, FLAG_BOOL, offsetof(struct cli_globals, plain_text), NULL, NULL,
     "use HTTP, not HTTPS"},
    {"server-crt", 0, FLAG_STR, offsetof(struct cli_globals, server_crt), "FILE", NULL,
     "roots to trust, PEM"},
    {"grpc-web", 0, FLAG_BOOL, offsetof(struct cli_globals, ignored_bool), NULL, NULL,
     "of the argocd CLI; ignored"},
    {"grpc-web-root-path", 0, FLAG_STR, offsetof(struct cli_globals, ignored_text), "PATH", NULL,
     "of the argocd CLI; ignored: the path stands in --server"},
    {"help", 'h', FLAG_BOOL, offsetof(struct cli_globals, help), NULL, NULL, "this text"},
};

const struct flag_set CLI_GLOBAL_FLAGS = FLAG_SET(struct cli_globals, GLOBAL_ROWS);

/* ---- streams ---- */

static int write_all(struct str bytes, struct err *err)
{
    while (bytes.n > 0) {
        ssize_t n = write(STDOUT_FILENO, bytes.p, bytes.n);
        if (n < 0 && errno != EINTR) {
            return err_set_errno(err, errno, "standard output");
        }
        bytes = str_sub(bytes, n > 0 ? (size_t)n : 0, bytes.n);
    }
    return 0;
}

int cli_flush(struct cli *cli, struct err *err)
{
    TRY(buf_check(&cli->out, "the output", err));
    int rc = write_all(buf_str(&cli->out), err);
    buf_reset(&cli->out);
    return rc;
}

int cli_put(struct cli *cli, struct str text, struct err *err)
{
    buf_put(&cli->out, text);
    return cli->out.n < OUT_FLUSH_BYTES ? 0 : cli_flush(cli, err);
}

void cli_say(const struct cli *cli UNUSED, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    (void)vfprintf(stderr, fmt, ap); /* nowhere left to report a failure to */
    va_end(ap);
    (void)fputc('\n', stderr);
}

/* ---- the server ---- */

static const char *first_of(const char *a, const char *b)
{
    return a != NULL && a[0] != '\0' ? a : b;
}

static const char *env_of(const char *ours, const char *argocd)
{
    return first_of(config_env(ours), config_env(argocd));
}

int cli_load_contexts(struct cli *cli, struct err *err)
{
    const char *path = first_of(cli->globals->config, config_env("BELAY_CONFIG"));
    if (path == NULL) {
        TRY(context_default_path(cli->arena, &path, err));
    }
    return context_load(cli->arena, path, &cli->contexts, err);
}

int cli_connect_to(struct cli *cli, struct client_opts opts, struct err *err)
{
    if (cli->client != NULL) {
        return 0;
    }
    opts.insecure |= cli->globals->insecure;
    opts.plain_text |= cli->globals->plain_text;
    opts.server_crt = first_of(cli->globals->server_crt, opts.server_crt);
    return client_new(&opts, &cli->client, err);
}

/* A server given by name may have a context, which knows how to reach it and has a token. */
static int choose_context(struct cli *cli, const char *server, struct context *ret, struct err *err)
{
    if (server == NULL) {
        return context_find(&cli->contexts, cli->globals->context, ret, err);
    }
    if (!context_find_server(&cli->contexts, str_from(server), ret)) {
        *ret = (struct context){.server = str_from(server)};
    }
    return 0;
}

int cli_connect(struct cli *cli, struct err *err)
{
    if (cli->client != NULL) {
        return 0;
    }
    struct context context;
    const char *server = cli->globals->server;
    if (server == NULL && cli->globals->context == NULL) {
        server = env_of("BELAY_SERVER", "ARGOCD_SERVER");
    }
    const char *token =
        first_of(cli->globals->auth_token, env_of("BELAY_AUTH_TOKEN", "ARGOCD_AUTH_TOKEN"));
    TRY(cli_load_contexts(cli, err));
    TRY(choose_context(cli, server, &context, err));
    struct client_opts opts = {
        .server = arena_str(cli->arena, context.server).p,
        .token = token != NULL ? str_from(token) : context.token,
        .insecure = context.insecure,
        .plain_text = context.plain_text,
        .server_crt = arena_str(cli->arena, context.server_crt).p,
    };
    return cli_connect_to(cli, opts, err);
}

/* ---- the command line ---- */

static struct str join(struct arena *arena, struct str path, const char *word)
{
    return path.n > 0 ? arena_printf(arena, STR_FMT " %s", STR_ARG(path), word) : str_from(word);
}

/* "render" is a command, and "render helm" another one: a directory of that name is "render ./helm". */
static void find_longer(struct cli *cli, struct flag_list *args, struct str *path)
{
    if (args->n == 0) {
        return;
    }
    struct str longer = join(cli->arena, *path, args->items[0]);
    const struct command *command = command_find(longer);
    if (command != NULL) {
        cli->command = command;
        *path = longer;
        *args = (struct flag_list){args->items + 1, args->n - 1};
    }
}

/* Words and flags of every command up to the end of a command's path. *ret_path is a group when no
 * command was reached. */
static int
find_command(struct cli *cli, struct flag_list *args, struct str *ret_path, struct err *err)
{
    struct flag_target target = {&CLI_GLOBAL_FLAGS, cli->globals};
    *ret_path = STR_EMPTY;
    while (cli->command == NULL) {
        size_t n;
        TRY(flags_parse(cli->arena, &target, 1, FLAGS_TO_ARGUMENT, *args, &n, NULL, err));
        *args = (struct flag_list){args->items + n, args->n - n};
        if (args->n == 0) {
            return 0;
        }
        struct str path = join(cli->arena, *ret_path, args->items[0]);
        cli->command = command_find(path);
        if (cli->command == NULL && !command_is_group(path)) {
            return command_unknown(*ret_path, str_from(args->items[0]), err);
        }
        *ret_path = path;
        *args = (struct flag_list){args->items + 1, args->n - 1};
    }
    find_longer(cli, args, ret_path);
    return 0;
}

/* Flags from the environment come first, so that those of the command line win. */
static int read_flags(struct cli *cli, struct flag_list args, struct err *err)
{
    void *values = flags_new(cli->arena, cli->command->flags);
    struct flag_target targets[] = {{cli->command->flags, values},
                                    {&CLI_GLOBAL_FLAGS, cli->globals}};
    const char *opts = config_env("BELAY_OPTS");
    struct flag_list words;
    size_t n;
    TRY_IN(flags_split(cli->arena, str_from(opts), &words, err), err, "BELAY_OPTS");
    TRY_IN(flags_parse(cli->arena, targets, 2, FLAGS_TO_ARGUMENT, words, &n, NULL, err), err,
           "BELAY_OPTS");
    if (n < words.n) {
        return err_set(err, ERR_INVALID, "BELAY_OPTS: '%s' is not a flag", words.items[n]);
    }
    TRY(flags_parse(cli->arena, targets, 2, FLAGS_ALL, args, &n, &cli->args, err));
    cli->flags = values;
    return cli->globals->help ? 0 : command_check_args(cli->command, cli->args.n, err);
}

static int complain(struct cli *cli, const struct err *err, int status)
{
    char text[ERR_MESSAGE_BYTES + ERR_FRAMES * ERR_FRAME_BYTES + ERR_FILE_BYTES];
    err_format(err, text, sizeof(text));
    AUTO(buf) struct buf clean;
    buf_init(&clean, sizeof(text) * 4);
    output_lines(&clean, str_from(text));
    cli_say(cli, "belay: %s", clean.p);
    return status;
}

static int usage(struct cli *cli, const struct err *err, struct str path)
{
    (void)complain(cli, err, 0);
    cli_say(cli, "See `belay%s" STR_FMT " --help`.", path.n > 0 ? " " : "", STR_ARG(path));
    return CLI_EXIT_USAGE;
}

static int print_help(struct cli *cli, struct str path)
{
    struct err err;
    if (cli->command != NULL) {
        command_help(cli->command, &cli->out);
    } else {
        command_group_help(path, &cli->out);
    }
    return cli_flush(cli, &err) < 0 ? complain(cli, &err, CLI_EXIT_ERROR) : CLI_EXIT_OK;
}

/* Output that was made before a failure is shown. */
static int run(struct cli *cli)
{
    struct err err;
    struct err flush_err;
    int status = cli->command->run(cli, &err);
    if (cli_flush(cli, &flush_err) < 0 && status >= 0) {
        return complain(cli, &flush_err, CLI_EXIT_ERROR);
    }
    return status >= 0 ? status : complain(cli, &err, cli->command->exit_on_error);
}

static int run_line(struct cli *cli, struct flag_list args)
{
    struct err err;
    struct str path;
    if (find_command(cli, &args, &path, &err) < 0) {
        return usage(cli, &err, path);
    }
    if (cli->command != NULL && read_flags(cli, args, &err) < 0) {
        return usage(cli, &err, path);
    }
    if (cli->globals->help) {
        return print_help(cli, path);
    }
    if (cli->command == NULL) {
        (void)err_set(&err, ERR_INVALID, "which command?");
        return usage(cli, &err, path);
    }
    return run(cli);
}

int cli_main(int argc, char *const *argv)
{
    AUTO(arena) struct arena *arena = arena_new();
    const char **items = arena_calloc(arena, (size_t)argc + 1, sizeof(*items));
    for (int i = 1; i < argc; i++) {
        items[i - 1] = argv[i];
    }
    struct cli cli = {
        .arena = arena,
        .globals = flags_new(arena, &CLI_GLOBAL_FLAGS),
        .out_is_terminal = isatty(STDOUT_FILENO) == 1,
        .err_is_terminal = isatty(STDERR_FILENO) == 1,
    };
    cli.colour = cli.out_is_terminal && config_env("NO_COLOR") == NULL;
    buf_init(&cli.out, OUT_MAX_FACTOR * LIMIT_DOC_BYTES);
    int status = run_line(&cli, (struct flag_list){items, argc > 0 ? (size_t)argc - 1 : 0});
    client_free(cli.client);
    buf_done(&cli.out);
    return status;
}
