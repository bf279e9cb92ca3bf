/* A command of cli/commands.def against an API server of canned answers, on one loop. */
#pragma once

#include "cli/cli.h"
#include "cli/command.h"
#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "tests/lib/check.h"
#include "tests/lib/http_fixture.h"

/* The answer to requests whose "METHOD path?query" begins with `request`; the first row that fits. An answer
 * with `once` set is given one time only. */
struct cli_answer {
    const char *request; /* NULL at the end */
    int status;          /* 0 = 200 */
    const char *body;
    bool once;
};

struct cli_fixture {
    struct http_fixture *http;
    struct arena *arena;
    struct cli cli;
    struct cli_answer *answers;
    struct buf asked; /* "METHOD path body\n" of each request */
    struct err err;
};

static void cli_fixture_answer(struct http_request *req, void *data)
{
    const struct http_fixture *http = data;
    struct cli_fixture *f = http->data;
    struct str query = http_request_query(req);
    struct str line =
        arena_printf(http_request_arena(req), STR_FMT " " STR_FMT "%s" STR_FMT,
                     STR_ARG(http_request_method(req)), STR_ARG(http_request_path(req)),
                     query.p != NULL ? "?" : "", STR_ARG(query));
    buf_printf(&f->asked, STR_FMT " " STR_FMT "\n", STR_ARG(line), STR_ARG(http_request_body(req)));
    for (struct cli_answer *a = f->answers; a->request != NULL; a++) {
        if (str_starts_with(line, str_from(a->request)) && a->status >= 0) {
            int status = a->status > 0 ? a->status : 200;
            if (a->once) {
                a->status = -1; /* used up */
            }
            http_fixture_reply(req, status, str_from(a->body));
            return;
        }
    }
    http_fixture_reply(req, 404, STR("{\"message\":\"nothing here\"}"));
}

UNUSED static struct cli_fixture *cli_fixture_new(struct cli_answer *answers)
{
    struct cli_fixture *f = mem_zalloc(sizeof(*f));
    f->http = http_fixture_new(NULL);
    f->http->handler = cli_fixture_answer;
    f->http->data = f;
    f->arena = arena_new();
    f->answers = answers;
    buf_init(&f->asked, LIMIT_MIB);
    f->cli = (struct cli){.arena = f->arena, .globals = flags_new(f->arena, &CLI_GLOBAL_FLAGS)};
    buf_init(&f->cli.out, LIMIT_MIB);
    struct client_opts opts = {
        .server = arena_printf(f->arena, "http://127.0.0.1:%u", f->http->port).p,
        .token = STR("token"),
        .loop = f->http->loop,
    };
    struct err err;
    ASSERT_OK(client_new(&opts, &f->cli.client, &err));
    return f;
}

UNUSED static void cli_fixture_free(struct cli_fixture *f)
{
    client_free(f->cli.client);
    http_fixture_free(f->http);
    buf_done(&f->cli.out);
    buf_done(&f->asked);
    arena_free(f->arena);
    mem_free(f);
}

/* words: the command's path, then its arguments; NULL at the end. The outcome as of command_fn. */
UNUSED static int cli_fixture_run(struct cli_fixture *f, const char *path, const char **words)
{
    size_t n = 0;
    size_t used;
    f->cli.command = command_find(str_from(path));
    assert_non_null(f->cli.command);
    void *values = flags_new(f->arena, f->cli.command->flags);
    struct flag_target targets[] = {{f->cli.command->flags, values},
                                    {&CLI_GLOBAL_FLAGS, f->cli.globals}};
    while (words[n] != NULL) {
        n++;
    }
    int rc = flags_parse(f->arena, targets, 2, FLAGS_ALL, (struct flag_list){words, n}, &used,
                         &f->cli.args, &f->err);
    if (rc < 0) {
        return rc;
    }
    f->cli.flags = values;
    buf_reset(&f->asked);
    buf_reset(&f->cli.out);
    return f->cli.command->run(&f->cli, &f->err);
}

#define CLI_RUN(f, path, ...) cli_fixture_run((f), (path), (const char *[]){__VA_ARGS__, NULL})

/* The command succeeds and prints `want`. */
#define ASSERT_PRINTS(f, want, path, ...)              \
    do {                                               \
        int check_rc_ = CLI_RUN(f, path, __VA_ARGS__); \
        struct err err = (f)->err;                     \
        ASSERT_OK(check_rc_);                          \
        assert_int_equal(check_rc_, CLI_EXIT_OK);      \
        assert_string_equal((f)->cli.out.p, (want));   \
    } while (0)

/* The command fails with the code, and its message contains `part`. */
#define ASSERT_REFUSES(f, code, part, path, ...)         \
    do {                                                 \
        int check_rc_2_ = CLI_RUN(f, path, __VA_ARGS__); \
        struct err err = (f)->err;                       \
        ASSERT_ERR(check_rc_2_, (code), (part));         \
    } while (0)
