/* One round is: ask for the Application, then listen until the stream ends. Between rounds there is a
 * growing pause. */
#include "cli/follow.h"

#include <stdio.h>

#include "cli/cli.h"
#include "cli/progress.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/rt/backoff.h"
#include "common/value/value.h"

static const struct backoff_policy BACKOFF = {.base_ms = 200, .factor = 2, .cap_ms = 5000};

enum {
    UNREACHABLE_MS = 60 * 1000, /* without a timeout: how long a server may be away */
    WHY_MAX_BYTES = 1024,
};

struct following {
    struct cli *cli;
    const struct follow *f;
    struct arena *arena;
    struct progress *progress;
    int64_t deadline_ms; /* 0 = none */
    int64_t seen_ms;     /* the server answered */
    struct buf why;      /* what is missing, as of the last look */
};

/* 1: reached. */
static int look(struct following *s, const struct value *app, struct err *err)
{
    s->seen_ms = clock_now_ms(clock_system());
    if (app != NULL && s->f->progress) {
        AUTO(buf) struct buf lines;
        buf_init(&lines, LIMIT_DOC_BYTES);
        progress_update(s->progress, app, clock_wall_ms(clock_system()), &lines);
        (void)fwrite(lines.p, 1, lines.n, stderr); /* progress is a courtesy */
    }
    if (wait_reached(&s->f->wait, app)) {
        return 1;
    }
    buf_reset(&s->why);
    wait_explain(&s->f->wait, app, &s->why);
    return app != NULL ? 0
                       : err_set(err, ERR_NOT_FOUND, "application '" STR_FMT "' was deleted",
                                 STR_ARG(s->f->ref.name));
}

static int on_event(void *data, const struct value *result, struct err *err)
{
    struct following *s = data;
    const struct value *app = value_dig(result, "application");
    bool deleted = str_eq(value_dig_str(result, "type"), STR("DELETED"));
    if (!str_eq(value_dig_str(app, "metadata", "name"), s->f->ref.name)) {
        return 0;
    }
    return look(s, deleted ? NULL : app, err);
}

static int ask(struct following *s, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *app = NULL;
    struct client_request request = {.path = app_ref_path(arena, &s->f->ref, NULL, NULL)};
    if (s->deadline_ms > 0) {
        request.timeout_ms = MAX(s->deadline_ms - clock_now_ms(clock_system()), (int64_t)1);
    }
    int rc = client_call(s->cli->client, arena, &request, &app, err);
    /* the server does not tell what is not there from what may not be seen */
    if (s->f->wait.deleted && (rc == -ERR_NOT_FOUND || rc == -ERR_DENIED)) {
        return look(s, NULL, err);
    }
    return rc < 0 ? rc : look(s, app, err);
}

static int listen_to(struct following *s, struct err *err)
{
    const struct app_param params[] = {
        {"name", s->f->ref.name}, {"appNamespace", s->f->ref.namespace}, {NULL, STR_EMPTY}};
    struct client_stream stream = {
        .path = app_params_path(s->arena, "/api/v1/stream/applications", params),
        .deadline_ms = s->deadline_ms,
        .on_event = on_event,
        .data = s,
    };
    return client_stream(s->cli->client, &stream, err);
}

static bool is_late(const struct following *s)
{
    int64_t now_ms = clock_now_ms(clock_system());
    return s->deadline_ms > 0 && now_ms >= s->deadline_ms;
}

/* Trouble on the way to the server passes; a refusal does not. */
static bool may_pass(const struct following *s, int rc)
{
    bool trouble = rc == -ERR_UNAVAILABLE || rc == -ERR_TIMEOUT;
    int64_t away_ms = clock_now_ms(clock_system()) - s->seen_ms;
    return trouble && (s->deadline_ms > 0 || away_ms < UNREACHABLE_MS);
}

static int round_of(struct following *s, struct err *err)
{
    int rc = ask(s, err);
    return rc == 0 ? listen_to(s, err) : rc;
}

static int say_late(const struct following *s)
{
    cli_say(s->cli, "belay: timed out waiting for application '" STR_FMT "': %s",
            STR_ARG(s->f->ref.name), s->why.n > 0 ? s->why.p : "the server did not answer");
    return CLI_EXIT_NO;
}

static int go_on(struct following *s, struct err *err)
{
    struct backoff backoff = {.policy = &BACKOFF};
    for (;;) {
        int64_t before_ms = s->seen_ms;
        int rc = round_of(s, err);
        if (rc > 0) {
            return 0;
        }
        if (is_late(s)) {
            return say_late(s);
        }
        if (rc < 0 && !may_pass(s, rc)) {
            return rc;
        }
        if (s->seen_ms > before_ms) {
            backoff_reset(&backoff);
        }
        int64_t pause_ms = backoff_next_ms(&backoff, NULL);
        if (s->deadline_ms > 0) {
            pause_ms =
                MIN(pause_ms, MAX(s->deadline_ms - clock_now_ms(clock_system()), (int64_t)0));
        }
        client_pause(s->cli->client, pause_ms);
    }
}

int follow_app(struct cli *cli, const struct follow *follow, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(progress) struct progress *progress = progress_new();
    int64_t now_ms = clock_now_ms(clock_system());
    struct following s = {
        .cli = cli,
        .f = follow,
        .arena = arena,
        .progress = progress,
        .deadline_ms = follow->timeout_ms > 0 ? now_ms + follow->timeout_ms : 0,
        .seen_ms = now_ms,
    };
    buf_init(&s.why, WHY_MAX_BYTES);
    int rc = go_on(&s, err);
    buf_done(&s.why);
    return rc;
}
