/* common/net's asynchronous client behind functions that return the answer. */
#include "cli/client.h"

#include <string.h>

#include "cli/event_reader.h"
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/net/http_client.h"
#include "common/net/url.h"
#include "common/rt/loop.h"
#include "common/value/value.h"
#include "common/value/value_json.h"
#include "version.h"

enum {
    CALL_TIMEOUT_MS = 60 * 1000,
    STREAM_IDLE_MS = 45 * 1000, /* three keep-alives of the server */
};

#define USER_AGENT "belay/" BELAY_VERSION

struct client {
    struct arena *arena;
    struct loop *loop;
    struct loop *own_loop; /* NULL = borrowed */
    struct http_client *http;
    struct http_target *target;
    struct str url;
    struct str authorization; /* empty = none */
    bool closed;
};

/* ---- life ---- */

static int
server_url(struct arena *arena, const struct client_opts *opts, struct str *ret, struct err *err)
{
    struct str server = str_from(opts->server);
    struct url url;
    while (str_cut_suffix(&server, STR("/"))) {
    }
    if (str_find(server, STR("://")) == STR_NONE) {
        server = arena_printf(arena, "%s://" STR_FMT, opts->plain_text ? "http" : "https",
                              STR_ARG(server));
    }
    TRY_IN(url_parse(arena, server, &url, err), err, "server");
    if (!str_eq(url.scheme, STR("http")) && !str_eq(url.scheme, STR("https"))) {
        return err_set(err, ERR_INVALID, "server: scheme '" STR_FMT "' is not http or https",
                       STR_ARG(url.scheme));
    }
    if (url.user.p != NULL || url.query.p != NULL || url.fragment.p != NULL) {
        return err_set(err, ERR_INVALID, "server: only host, port and path are allowed");
    }
    *ret = server;
    return 0;
}

static int make_target(struct client *c, const struct client_opts *opts, struct err *err)
{
    struct http_target_opts target = {.verify = opts->insecure ? HTTP_VERIFY_OFF : HTTP_VERIFY_ON};
    if (opts->server_crt != NULL && opts->server_crt[0] != '\0') {
        TRY(fs_read_file(c->arena, opts->server_crt, LIMIT_MIB, &target.ca_pem, err));
    }
    return http_target_new(&target, &c->target, err);
}

int client_new(const struct client_opts *opts, struct client **ret, struct err *err)
{
    AUTO(client) struct client *c = MEM_NEW(struct client);
    c->arena = arena_new();
    TRY(server_url(c->arena, opts, &c->url, err));
    TRY(make_target(c, opts, err));
    if (opts->token.n > 0) {
        c->authorization = arena_printf(c->arena, "Bearer " STR_FMT, STR_ARG(opts->token));
    }
    c->own_loop = opts->loop == NULL ? loop_new() : NULL;
    c->loop = opts->loop == NULL ? c->own_loop : opts->loop;
    c->http = http_client_new(c->loop, NULL);
    *ret = TAKE(c);
    return 0;
}

static void on_closed(void *data)
{
    struct client *c = data;
    c->closed = true;
}

static bool is_closed(void *data)
{
    const struct client *c = data;
    return c->closed;
}

void client_free(struct client *client)
{
    if (client == NULL) {
        return;
    }
    if (client->http != NULL) {
        http_client_close(client->http, on_closed, client);
        (void)loop_run_until(client->loop, is_closed, client, -1);
    }
    http_target_unref(client->target);
    loop_free(client->own_loop);
    arena_free(client->arena);
    mem_free(client);
}

struct str client_url(const struct client *client)
{
    return client->url;
}

/* ---- one exchange ---- */

struct exchange {
    struct arena *arena;
    struct err err; /* code ERR_OK = none */
    struct str body;
    int status;
    bool done;
    /* of a stream */
    const struct client_stream *stream;
    struct http_call *call;
    struct event_reader reader;
    int rc; /* of the reader */
};

/* {"error": ..., "message": "..."}, or any other text a proxy may have sent. */
static void explain(struct exchange *x, const struct http_response *response)
{
    const struct value *body = NULL;
    struct err ignored;
    struct str message = STR_EMPTY;
    if (value_from_json(x->arena, buf_str(response->body), NULL, &body, &ignored) == 0) {
        message = value_dig_str(body, "message");
    }
    if (message.n == 0) {
        (void)http_response_check(response, &x->err);
        return;
    }
    (void)err_set(&x->err, err_code_from_http(response->status), STR_FMT, STR_ARG(message));
    x->err.system_code = response->status;
}

static void on_done(const struct http_response *response, const struct err *err, void *data)
{
    struct exchange *x = data;
    x->done = true;
    if (err != NULL) {
        x->err = *err;
    } else if (response->status < 200 || response->status > 299) {
        explain(x, response);
    } else {
        x->status = response->status;
        x->body = buf_to_arena(response->body, x->arena);
    }
}

static bool is_done(void *data)
{
    const struct exchange *x = data;
    return x->done;
}

static struct http_call_opts call_opts(struct client *c, struct exchange *x, struct str path)
{
    struct http_header *headers = arena_calloc(x->arena, 4, sizeof(*headers));
    size_t n = 0;
    headers[n++] = (struct http_header){STR("user-agent"), STR(USER_AGENT)};
    headers[n++] = (struct http_header){STR("accept"), x->stream != NULL ? STR("text/event-stream")
                                                                         : STR("application/json")};
    if (c->authorization.n > 0) {
        headers[n++] = (struct http_header){STR("authorization"), c->authorization};
    }
    return (struct http_call_opts){
        .url = arena_printf(x->arena, STR_FMT STR_FMT, STR_ARG(c->url), STR_ARG(path)),
        .headers = {headers, n},
        .done = on_done,
        .data = x,
    };
}

static int
run(struct client *c, struct exchange *x, const struct http_call_opts *opts, struct err *err)
{
    TRY(http_client_start(c->http, c->target, opts, &x->call, err));
    (void)loop_run_until(c->loop, is_done, x, -1);
    if (x->err.code != ERR_OK) {
        *err = x->err;
        return -(int)err->code;
    }
    return 0;
}

int client_call(struct client *client,
                struct arena *arena,
                const struct client_request *request,
                const struct value **ret,
                struct err *err)
{
    struct exchange x = {.arena = arena};
    struct http_call_opts opts = call_opts(client, &x, request->path);
    opts.method = request->method;
    opts.timeout_ms = request->timeout_ms > 0 ? request->timeout_ms : CALL_TIMEOUT_MS;
    if (opts.method != NULL && strcmp(opts.method, "GET") != 0) {
        /* the server wants exactly this of everything that changes something */
        struct http_header *headers = arena_calloc(arena, opts.headers.n + 1, sizeof(*headers));
        memcpy(headers, opts.headers.items, opts.headers.n * sizeof(*headers));
        headers[opts.headers.n] =
            (struct http_header){STR("content-type"), STR("application/json")};
        opts.headers = (struct http_headers){headers, opts.headers.n + 1};
    }
    if (request->body != NULL) {
        TRY(value_to_json_in(arena, request->body, NULL, &opts.body, err));
    }
    TRY(run(client, &x, &opts, err));
    if (ret == NULL) {
        return 0;
    }
    TRY_IN(value_from_json(arena, x.body, NULL, ret, err), err, "answer of " STR_FMT,
           STR_ARG(client->url));
    return 0;
}

/* ---- streams ---- */

static void on_data(struct str bytes, void *data)
{
    struct exchange *x = data;
    struct err err;
    if (x->rc != 0) {
        return;
    }
    x->rc = event_reader_feed(&x->reader, bytes, &err);
    if (x->rc < 0) {
        x->err = err;
    }
    if (x->rc != 0) {
        http_call_cancel(x->call);
    }
}

static void on_stream_done(const struct http_response *response, const struct err *err, void *data)
{
    struct exchange *x = data;
    if (x->rc != 0) {
        x->done = true; /* ended by us: the outcome is known */
        return;
    }
    on_done(response, err, x);
}

int client_stream(struct client *client, const struct client_stream *stream, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct exchange x = {.arena = arena, .stream = stream};
    struct http_call_opts opts = call_opts(client, &x, stream->path);
    opts.on_data = on_data;
    opts.done = on_stream_done;
    opts.idle_timeout_ms = STREAM_IDLE_MS;
    if (stream->deadline_ms > 0) {
        int64_t left_ms = stream->deadline_ms - clock_now_ms(clock_system());
        opts.timeout_ms = MAX(left_ms, (int64_t)1);
    }
    event_reader_init(&x.reader, LIMIT_WATCH_LINE_BYTES, stream->on_event, stream->data);
    int rc = run(client, &x, &opts, err);
    event_reader_done(&x.reader);
    bool late = stream->deadline_ms > 0 && clock_now_ms(clock_system()) >= stream->deadline_ms;
    if (rc == -ERR_TIMEOUT && !late) {
        return 0; /* silence */
    }
    return rc < 0 ? rc : x.rc;
}

static bool never(void *data UNUSED)
{
    return false;
}

void client_pause(struct client *client, int64_t ms)
{
    (void)loop_run_until(client->loop, never, NULL, ms);
}
