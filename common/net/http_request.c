/* One request: what handlers read from it, and its answer on the way to the protocol.
 *
 * Two sides hold a request: the handler until it has answered, the connection until everything is
 * written or lost (conn is NULL then). It is freed when both are through. The answer's body is gathered
 * in `out`; the protocol pulls it when the socket has room, compressing on the way, so that neither a
 * slow client nor a large body keeps the loop. Loop thread only. */
#include "common/net/http_request.h"

#include <assert.h>
#include <stdio.h>

#include <zlib.h>

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/net/http_server_internal.h"

enum {
    REQUEST_PROGRESS_BYTES = 1024, /* less than this is not progress */
    REQUEST_LINGER_MS = 1000,
    REQUEST_GZIP_BYTES = 1024,  /* bodies below fit into a packet or two anyway */
    GZIP_WINDOW_BITS = 15 + 16, /* + 16: gzip framing */
    GZIP_MEMORY = 8,
    OUT_MOVE_BYTES = 256 * 1024, /* pulled bytes at the front of `out` before it is moved up */
};

/* --- life ------------------------------------------------------------------------------------ */

static void on_time(void *data);

struct http_request *http_request_new(struct http_conn *conn, int32_t stream_id)
{
    struct http_server *server = conn->server;
    struct http_request *req = MEM_NEW(struct http_request);
    req->refs = 1;
    req->server = server;
    req->conn = conn;
    req->arena = arena_new();
    req->stream_id = stream_id;
    req->peer = arena_str(req->arena, conn->peer);
    req->is_tls = conn->ssl != NULL;
    req->is_http2 = conn->protocol == &http2_protocol;
    req->query = str_of(NULL, 0);
    req->host = str_of(NULL, 0);
    buf_init(&req->body, server->opts.max_body_bytes);
    buf_init(&req->out, LIMIT_HTTP_RESPONSE_BYTES);
    timer_init(&req->timer, server->loop, on_time, req);
    timer_start(&req->timer, server->opts.header_timeout_ms);
    list_push(&server->requests, &req->node);
    server->stats.requests++;
    return req;
}

static void free_gzip(struct http_request *req)
{
    if (req->gzip != NULL) {
        (void)deflateEnd(req->gzip); /* complains about streams given up half-way */
        mem_free(req->gzip);
        req->gzip = NULL;
    }
}

/* One of the two sides is through. */
static void release(struct http_request *req)
{
    if (--req->refs > 0) {
        return;
    }
    struct http_server *server = req->server;
    timer_stop(&req->timer);
    loop_task_cancel(&req->gone_task);
    loop_task_cancel(&req->drain_task);
    server->body_bytes -= req->body.n;
    list_remove(&req->node);
    server->stats.requests--;
    free_gzip(req);
    buf_done(&req->body);
    buf_done(&req->out);
    arena_free(req->arena);
    mem_free(req);
    http_server_further(server);
}

static void on_gone_task(void *data)
{
    struct http_request *req = data;
    void (*on_gone)(void *data) = req->on_gone;
    req->on_gone = NULL;
    if (on_gone != NULL) {
        on_gone(req->gone_data);
    }
}

static void tell_gone(struct http_request *req)
{
    req->gone = true;
    if (req->on_gone != NULL && req->in_hands && req->answer != ANSWER_ENDED) {
        loop_task_post(req->server->loop, &req->gone_task, on_gone_task, req);
    }
}

void http_request_lost(struct http_request *req)
{
    req->conn = NULL;
    list_remove(&req->on_wire);
    timer_stop(&req->timer);
    tell_gone(req);
    release(req);
}

void http_request_stopping(struct http_request *req)
{
    if (req->is_stream && !req->gone) {
        tell_gone(req);
    }
}

/* Let the protocol see what changed. The caller holds the request. */
static void wake_wire(struct http_request *req)
{
    if (req->conn != NULL) {
        req->conn->protocol->on_answer(req->conn, req);
    }
    if (req->conn != NULL && http_request_has_output(req) && !timer_running(&req->timer)) {
        timer_start(&req->timer, req->server->opts.write_timeout_ms);
    }
}

/* --- receiving ------------------------------------------------------------------------------- */

/* The client takes too long to send its request, or to take the answer. */
static void on_time(void *data)
{
    struct http_request *req = data;
    if (!req->in_hands && req->answer == ANSWER_NONE) {
        http_request_refuse(req, 408, "the request took too long to arrive");
        return;
    }
    req->broken = true;
    req->refs++;
    wake_wire(req);
    release(req);
}

/* Restart the timer when enough was moved, so that single bytes do not keep a request alive. */
static void progress(struct http_request *req, size_t n, int64_t timeout_ms)
{
    req->progress += n;
    if (req->progress >= REQUEST_PROGRESS_BYTES || !timer_running(&req->timer)) {
        req->progress = 0;
        timer_start(&req->timer, timeout_ms);
    }
}

void http_request_await_body(struct http_request *req)
{
    req->progress = 0;
    timer_start(&req->timer, req->server->opts.body_timeout_ms);
}

void http_request_linger(struct http_request *req)
{
    req->lingering = true;
    timer_start(&req->timer, REQUEST_LINGER_MS);
}

int http_request_body_room(const struct http_request *req, size_t n)
{
    if (n > req->server->opts.max_body_bytes - req->body.n) {
        return 413;
    }
    return n > LIMIT_HTTP_BODIES_BYTES - req->server->body_bytes ? 503 : 0;
}

void http_request_add_body(struct http_request *req, struct str bytes)
{
    buf_put(&req->body, bytes);
    req->server->body_bytes += bytes.n;
    progress(req, bytes.n, req->server->opts.body_timeout_ms);
}

void http_request_dispatch(struct http_request *req)
{
    assert(!req->in_hands);
    timer_stop(&req->timer);
    req->progress = 0;
    req->in_hands = true;
    req->refs++;
    req->server->stats.requests_total++;
    req->server->opts.on_request(req, req->server->opts.data);
}

void http_request_refuse(struct http_request *req, int status, const char *text)
{
    assert(!req->in_hands);
    timer_stop(&req->timer);
    req->refs++; /* which the reply gives back */
    struct str body = arena_printf(req->arena, "%s\n", text);
    const struct http_reply reply = {
        .status = status, .content_type = "text/plain; charset=utf-8", .body = body};
    http_request_reply(req, &reply);
}

/* --- reading --------------------------------------------------------------------------------- */

struct str http_request_method(const struct http_request *req)
{
    return req->method;
}

struct str http_request_path(const struct http_request *req)
{
    return req->path;
}

struct str http_request_query(const struct http_request *req)
{
    return req->query;
}

struct str http_request_host(const struct http_request *req)
{
    return req->host;
}

struct http_headers http_request_headers(const struct http_request *req)
{
    return (struct http_headers){req->headers.items, req->headers.n};
}

struct str http_request_header(const struct http_request *req, struct str name)
{
    return http_header_find(http_request_headers(req), name);
}

/* HTTP/2 clients may send each cookie in a header of its own. */
struct str http_request_cookie(const struct http_request *req, struct str name)
{
    for (size_t i = 0; i < req->headers.n; i++) {
        const struct http_header *header = &req->headers.items[i];
        if (!str_eq_nocase(header->name, STR("Cookie"))) {
            continue;
        }
        struct str rest = header->value;
        struct str part;
        while (str_next(&rest, ';', &part)) {
            struct str key;
            struct str value;
            if (str_cut(str_trim(part), '=', &key, &value) && str_eq(key, name)) {
                return value;
            }
        }
    }
    return str_of(NULL, 0);
}

struct str http_request_body(const struct http_request *req)
{
    return buf_str(&req->body);
}

struct str http_request_peer(const struct http_request *req)
{
    return req->peer;
}

bool http_request_is_tls(const struct http_request *req)
{
    return req->is_tls;
}

bool http_request_is_http2(const struct http_request *req)
{
    return req->is_http2;
}

struct arena *http_request_arena(struct http_request *req)
{
    return req->arena;
}

void http_request_on_gone(struct http_request *req, void (*on_gone)(void *data), void *data)
{
    req->on_gone = on_gone;
    req->gone_data = data;
    if (req->gone) {
        tell_gone(req);
    }
}

/* --- answering ------------------------------------------------------------------------------- */

/* Headers that belong to the protocol. */
static bool is_ours(struct str name)
{
    static const char *const names[] = {"connection", "content-length",    "date",
                                        "keep-alive", "transfer-encoding", "upgrade"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (str_eq_nocase(name, str_from(names[i]))) {
            return true;
        }
    }
    return false;
}

/* Values may come from users (a redirect, a file name): control characters become blanks, so that no
 * header can be smuggled in. */
static struct str clean_value(struct arena *arena, struct str value)
{
    char *p = arena_bytes(arena, value.n + 1);
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        p[i] = (char)((c < 0x20 && c != '\t') || c == 0x7f ? ' ' : c);
    }
    p[value.n] = '\0';
    return str_of(p, value.n);
}

static void add_header(struct http_request *req, struct str name, struct str value)
{
    assert(http_header_is_token(name));
    if (is_ours(name)) {
        return;
    }
    struct http_header header = {arena_str(req->arena, name), clean_value(req->arena, value)};
    vec_push_in(req->arena, &req->reply_headers, header);
}

static void
begin(struct http_request *req, int status, const char *content_type, struct http_headers headers)
{
    assert(req->answer == ANSWER_NONE); /* a second answer */
    assert(status >= 200 && status <= 599);
    req->answer = ANSWER_BEGUN;
    req->status = status;
    if (content_type != NULL) {
        add_header(req, STR("Content-Type"), str_from(content_type));
    }
    for (size_t i = 0; i < headers.n; i++) {
        add_header(req, headers.items[i].name, headers.items[i].value);
    }
}

static bool is_head(const struct http_request *req)
{
    return str_eq_c(req->method, "HEAD");
}

static bool has_no_body(int status)
{
    return status == 204 || status == 304;
}

static bool is_compressible(const char *content_type)
{
    static const char *const prefixes[] = {"text/", "application/json", "application/yaml",
                                           "application/javascript", "image/svg+xml"};
    struct str type = str_from(content_type);
    for (size_t i = 0; i < ARRAY_LEN(prefixes) && type.p != NULL; i++) {
        if (str_starts_with(type, str_from(prefixes[i]))) {
            return !str_starts_with(type, STR("text/event-stream"));
        }
    }
    return false;
}

static void start_gzip(struct http_request *req)
{
    req->gzip = MEM_NEW(z_stream);
    /* the fastest level: the loop compresses, and most clients are near */
    int rc = deflateInit2(req->gzip, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW_BITS, GZIP_MEMORY,
                          Z_DEFAULT_STRATEGY);
    assert(rc == Z_OK); /* else out of memory */
    req->length = -1;
    add_header(req, STR("Content-Encoding"), STR("gzip"));
}

/* The handler is through. */
static void end(struct http_request *req)
{
    loop_task_cancel(&req->gone_task);
    loop_task_cancel(&req->drain_task);
    req->answer = ANSWER_ENDED;
    wake_wire(req);
    release(req);
}

void http_request_reply(struct http_request *req, const struct http_reply *reply)
{
    begin(req, reply->status, reply->content_type, reply->headers);
    bool empty = has_no_body(reply->status);
    req->length = empty ? -1 : (int64_t)reply->body.n;
    bool compressible = !empty && reply->body.n >= REQUEST_GZIP_BYTES &&
                        is_compressible(reply->content_type) &&
                        http_header_find(reply->headers, STR("Content-Encoding")).p == NULL;
    if (compressible) {
        add_header(req, STR("Vary"), STR("Accept-Encoding"));
    }
    if (!empty && !is_head(req)) {
        buf_init(&req->out, reply->body.n);
        buf_put(&req->out, reply->body);
        struct str accepted = http_request_header(req, STR("Accept-Encoding"));
        if (compressible && http_header_has_token(accepted, STR("gzip"))) {
            start_gzip(req);
        }
    }
    end(req);
}

void http_request_stream(struct http_request *req, const struct http_stream_opts *opts)
{
    begin(req, opts->status, opts->content_type, opts->headers);
    req->is_stream = true;
    req->length = -1;
    req->max_backlog =
        opts->max_backlog_bytes > 0 ? opts->max_backlog_bytes : LIMIT_SSE_BACKLOG_BYTES;
    req->on_drain = opts->on_drain;
    req->drain_data = opts->data;
    buf_init(&req->out, req->max_backlog + OUT_MOVE_BYTES);
    wake_wire(req);
    if (req->server->stopping) {
        http_request_stopping(req);
    }
}

int http_request_write(struct http_request *req, struct str bytes, struct err *err)
{
    assert(req->is_stream && req->answer == ANSWER_BEGUN);
    if (req->gone || req->broken) {
        return err_set(err, ERR_CANCELED, "the client is gone");
    }
    if (is_head(req) || has_no_body(req->status) || bytes.n == 0) {
        return 0;
    }
    if (bytes.n > req->max_backlog - http_request_backlog(req)) {
        return err_set(err, ERR_LIMIT, "the client is too slow: more than %zu bytes are waiting",
                       req->max_backlog);
    }
    buf_put(&req->out, bytes);
    assert(!req->out.overflow);
    wake_wire(req);
    return 0;
}

size_t http_request_backlog(const struct http_request *req)
{
    return req->out.n - req->out_off;
}

void http_request_end(struct http_request *req)
{
    assert(req->is_stream && req->answer == ANSWER_BEGUN);
    end(req);
}

void http_request_abort(struct http_request *req)
{
    req->broken = true;
    http_request_end(req);
}

/* --- pulling --------------------------------------------------------------------------------- */

static void on_drain_task(void *data)
{
    struct http_request *req = data;
    req->on_drain(req->drain_data);
}

/* The first n bytes of `out` are used up. */
static void consume(struct http_request *req, size_t n)
{
    req->out_off += n;
    if (req->out_off == req->out.n) {
        buf_reset(&req->out);
        req->out_off = 0;
        if (req->on_drain != NULL && req->answer == ANSWER_BEGUN) {
            loop_task_post(req->server->loop, &req->drain_task, on_drain_task, req);
        }
    } else if (req->is_stream && req->out_off >= OUT_MOVE_BYTES) {
        buf_consume(&req->out, req->out_off);
        req->out_off = 0;
    }
}

static size_t pull_gzip(struct http_request *req, char *dst, size_t max)
{
    z_stream *gzip = req->gzip;
    size_t n_in = MIN(req->out.n - req->out_off, (size_t)4 * CONN_PULL_BYTES);
    bool last = req->out_off + n_in == req->out.n;
    gzip->next_in = (Bytef *)req->out.p + req->out_off;
    gzip->avail_in = (uInt)n_in;
    gzip->next_out = (Bytef *)dst;
    gzip->avail_out = (uInt)max;
    int rc = deflate(gzip, last ? Z_FINISH : Z_NO_FLUSH);
    assert(rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR);
    consume(req, n_in - gzip->avail_in);
    if (rc == Z_STREAM_END) {
        size_t n = max - gzip->avail_out;
        free_gzip(req);
        return n;
    }
    return max - gzip->avail_out;
}

size_t http_request_pull(struct http_request *req, char *dst, size_t max)
{
    size_t n = 0;
    if (req->gzip != NULL) {
        /* a round may only fill the compressor */
        while (n == 0 && req->gzip != NULL) {
            n = pull_gzip(req, dst, max);
        }
    } else {
        n = MIN(max, req->out.n - req->out_off);
        memcpy(dst, req->out.p + req->out_off, n);
        consume(req, n);
    }
    if (http_request_has_output(req)) {
        progress(req, n, req->server->opts.write_timeout_ms);
    } else {
        timer_stop(&req->timer);
    }
    return n;
}

bool http_request_has_output(const struct http_request *req)
{
    return req->out.n > req->out_off || req->gzip != NULL;
}

bool http_request_at_end(const struct http_request *req)
{
    return req->answer == ANSWER_ENDED && !http_request_has_output(req);
}
