/* HTTP/2 on a connection, with nghttp2: each stream is a request.
 *
 * nghttp2 checks the protocol, the compression and the flow control; its callbacks build requests and
 * give them to the handler. Answers are submitted with a data source that pulls from the request, so
 * a stream whose window is closed waits there. nghttp2_session_mem_send() is only called from
 * on_writable(), never from within nghttp2_session_mem_recv(). Loop thread only. */
#include <assert.h>
#include <nghttp2/nghttp2.h>

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/net/http_server_internal.h"

enum {
    HTTP2_STREAM_WINDOW = 1024 * 1024,   /* a body on its way: uploads over a long line */
    HTTP2_CONN_WINDOW = 4 * 1024 * 1024, /* all of them */
    HTTP2_SENDS = 8,                     /* frames before other connections get their turn */
    HTTP2_HEADER_OVERHEAD = 32,          /* RFC 9113 10.5.1: what a header counts beside its text */
};

struct http2 {
    nghttp2_session *session;
    struct list requests; /* by on_wire */
};

static bool is_refused(const struct http_request *req)
{
    return !req->in_hands && req->answer != ANSWER_NONE;
}

static struct http_request *request_of(nghttp2_session *session, int32_t stream_id)
{
    return nghttp2_session_get_stream_user_data(session, stream_id);
}

static void watch_idle(struct http_conn *conn)
{
    struct http2 *http2 = conn->state;
    bool idle = list_empty(&http2->requests);
    http_conn_set_timer(conn, idle ? conn->server->opts.idle_timeout_ms : 0);
}

/* --- receiving ------------------------------------------------------------------------------- */

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
    struct http_conn *conn = data;
    struct http2 *http2 = conn->state;
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) {
        return 0;
    }
    struct http_request *req = http_request_new(conn, frame->hd.stream_id);
    list_push(&http2->requests, &req->on_wire);
    http_conn_set_timer(conn, 0);
    int rc = nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, req);
    assert(rc == 0); /* the stream exists */
    return 0;
}

static void add_pseudo(struct http_request *req, struct str name, struct str value)
{
    if (str_eq_c(name, ":method")) {
        req->method = value;
    } else if (str_eq_c(name, ":path")) {
        if (!str_cut(value, '?', &req->path, &req->query)) {
            req->query = str_of(NULL, 0);
        }
    } else if (str_eq_c(name, ":authority")) {
        req->host = value;
    }
}

static int on_header(nghttp2_session *session,
                     const nghttp2_frame *frame,
                     const uint8_t *name,
                     size_t n_name,
                     const uint8_t *value,
                     size_t n_value,
                     uint8_t flags UNUSED,
                     void *data UNUSED)
{
    struct http_request *req = request_of(session, frame->hd.stream_id);
    if (req == NULL || is_refused(req) || frame->headers.cat != NGHTTP2_HCAT_REQUEST) {
        return 0; /* trailers: nobody asked for them */
    }
    req->header_bytes += n_name + n_value + HTTP2_HEADER_OVERHEAD;
    if (req->header_bytes > LIMIT_HTTP_HEADER_BYTES) {
        http_request_refuse(req, 431, "the request headers are too large");
        return 0;
    }
    struct http_header header = {
        arena_str(req->arena, str_of((const char *)name, n_name)),
        arena_str(req->arena, str_of((const char *)value, n_value)),
    };
    if (header.name.p[0] == ':') {
        add_pseudo(req, header.name, header.value);
    } else {
        vec_push_in(req->arena, &req->headers, header);
    }
    return 0;
}

static uint64_t announced_length(const struct http_request *req)
{
    struct str text = http_request_header(req, STR("content-length"));
    uint64_t length = 0;
    for (size_t i = 0; i < text.n && length < UINT64_MAX / 100; i++) {
        length = length * 10 + (uint64_t)(text.p[i] - '0'); /* nghttp2 checked the digits */
    }
    return length;
}

static void begin_body(nghttp2_session *session, struct http_request *req)
{
    uint64_t length = announced_length(req);
    int status = length > SIZE_MAX / 2 ? 413 : http_request_body_room(req, (size_t)length);
    if (status != 0) {
        http_request_refuse(req, status, "the request body is too large");
        return;
    }
    http_request_await_body(req);
    struct str expect = http_request_header(req, STR("expect"));
    if (http_header_has_token(expect, STR("100-continue"))) {
        uint8_t name[] = ":status";
        uint8_t value[] = "100";
        nghttp2_nv status_100 = {name, value, sizeof(name) - 1, sizeof(value) - 1, 0};
        /* fails only when the stream is gone already */
        (void)nghttp2_submit_headers(session, NGHTTP2_FLAG_NONE, req->stream_id, NULL, &status_100,
                                     1, NULL);
    }
}

static void end_headers(nghttp2_session *session, struct http_request *req, bool ended)
{
    if (req->host.p == NULL) {
        req->host = http_request_header(req, STR("host"));
    }
    bool asterisk = str_eq_c(req->path, "*") && str_eq_c(req->method, "OPTIONS");
    if (req->path.n > LIMIT_HTTP_URL_BYTES) {
        http_request_refuse(req, 414, "the URL is too long");
    } else if (!asterisk && (req->path.n == 0 || req->path.p[0] != '/')) {
        http_request_refuse(req, 400, "the request target is not a path");
    } else if (ended) {
        http_request_dispatch(req);
    } else {
        begin_body(session, req);
    }
}

static int on_frame_recv(nghttp2_session *session, const nghttp2_frame *frame, void *data UNUSED)
{
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) {
        return 0;
    }
    struct http_request *req = request_of(session, frame->hd.stream_id);
    if (req == NULL || req->in_hands || is_refused(req)) {
        return 0;
    }
    bool ended = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
        end_headers(session, req, ended);
    } else if (ended) {
        http_request_dispatch(req);
    }
    return 0;
}

static int on_data_chunk(nghttp2_session *session,
                         uint8_t flags UNUSED,
                         int32_t stream_id,
                         const uint8_t *p,
                         size_t n,
                         void *data UNUSED)
{
    struct http_request *req = request_of(session, stream_id);
    if (req == NULL || req->in_hands || is_refused(req)) {
        return 0;
    }
    int status = http_request_body_room(req, n);
    if (status != 0) {
        http_request_refuse(req, status, "the request body is too large");
        return 0;
    }
    http_request_add_body(req, str_of((const char *)p, n));
    return 0;
}

static int
on_stream_close(nghttp2_session *session, int32_t stream_id, uint32_t code UNUSED, void *data)
{
    struct http_request *req = request_of(session, stream_id);
    if (req != NULL) {
        (void)nghttp2_session_set_stream_user_data(session, stream_id, NULL); /* it exists */
        http_request_lost(req);
        watch_idle(data);
    }
    return 0;
}

static void on_input(struct http_conn *conn)
{
    struct http2 *http2 = conn->state;
    ssize_t n = nghttp2_session_mem_recv(http2->session, (const uint8_t *)conn->in.p, conn->in.n);
    if (n < 0) {
        http_conn_close(conn); /* not HTTP/2 at all; protocol errors are answered by nghttp2 */
        return;
    }
    buf_consume(&conn->in, (size_t)n);
}

/* --- answering ------------------------------------------------------------------------------- */

static ssize_t on_read_data(nghttp2_session *session UNUSED,
                            int32_t stream_id UNUSED,
                            uint8_t *dst,
                            size_t max,
                            uint32_t *flags,
                            nghttp2_data_source *source,
                            void *data UNUSED)
{
    struct http_request *req = source->ptr;
    size_t n = http_request_pull(req, (char *)dst, max);
    if (http_request_at_end(req)) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        return (ssize_t)n;
    }
    return n > 0 ? (ssize_t)n : NGHTTP2_ERR_DEFERRED;
}

static nghttp2_nv name_value(struct arena *arena, struct str name, struct str value)
{
    char *p = arena_bytes(arena, name.n + value.n);
    for (size_t i = 0; i < name.n; i++) {
        p[i] = (char)(name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] + ('a' - 'A') : name.p[i]);
    }
    memcpy(p + name.n, value.n > 0 ? value.p : "", value.n);
    return (nghttp2_nv){(uint8_t *)p, (uint8_t *)p + name.n, name.n, value.n, NGHTTP2_NV_FLAG_NONE};
}

static void submit_answer(struct http_conn *conn, struct http_request *req)
{
    struct http2 *http2 = conn->state;
    struct arena *arena = req->arena;
    VEC(nghttp2_nv) lines = {0};
    vec_push_in(arena, &lines,
                name_value(arena, STR(":status"), arena_printf(arena, "%d", req->status)));
    vec_push_in(arena, &lines,
                name_value(arena, STR("date"), str_from(http_server_date(conn->server))));
    if (req->length >= 0) {
        struct str length = arena_printf(arena, "%lld", (long long)req->length);
        vec_push_in(arena, &lines, name_value(arena, STR("content-length"), length));
    }
    VEC_FOREACH(&req->reply_headers, header) {
        vec_push_in(arena, &lines, name_value(arena, header->name, header->value));
    }
    bool no_body = str_eq_c(req->method, "HEAD") || req->status == 204 || req->status == 304;
    nghttp2_data_provider source = {.source.ptr = req, .read_callback = on_read_data};
    int rc = nghttp2_submit_response(http2->session, req->stream_id, lines.items, lines.n,
                                     no_body ? NULL : &source);
    if (rc != 0) {
        http_conn_close(conn); /* no memory, or the session is beyond repair */
    }
    req->head_sent = true;
}

static void on_answer(struct http_conn *conn, struct http_request *req)
{
    struct http2 *http2 = conn->state;
    if (req->broken) {
        uint32_t code = req->lingering ? NGHTTP2_NO_ERROR : NGHTTP2_INTERNAL_ERROR;
        int rc = nghttp2_submit_rst_stream(http2->session, NGHTTP2_FLAG_NONE, req->stream_id, code);
        if (rc != 0) {
            http_conn_close(conn);
        }
    } else if (req->answer != ANSWER_NONE && !req->head_sent) {
        submit_answer(conn, req);
    } else {
        /* fails when the stream is not waiting for data, which is fine */
        (void)nghttp2_session_resume_data(http2->session, req->stream_id);
    }
    http_conn_pump(conn);
}

/* An answer given before the whole request came: the client need not send the rest. It is told so a
 * moment later, since curl 7.88 drops an answer that comes together with the end of the stream. */
static int on_frame_send(nghttp2_session *session, const nghttp2_frame *frame, void *data UNUSED)
{
    bool may_end = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (!may_end || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) {
        return 0;
    }
    struct http_request *req = request_of(session, frame->hd.stream_id);
    if (req != NULL && nghttp2_session_get_stream_remote_close(session, frame->hd.stream_id) == 0) {
        http_request_linger(req);
    }
    return 0;
}

static void on_writable(struct http_conn *conn)
{
    struct http2 *http2 = conn->state;
    AUTO(buf) struct buf frames; /* gathered, as each write is a TLS record at least */
    buf_init(&frames, 2 * CONN_OUT_LOW);
    for (int i = 0; i < HTTP2_SENDS && http_conn_backlog(conn) + frames.n < CONN_OUT_LOW; i++) {
        const uint8_t *p;
        ssize_t n = nghttp2_session_mem_send(http2->session, &p);
        if (n < 0) {
            http_conn_close(conn);
            return;
        }
        if (n == 0) {
            break;
        }
        buf_put_bytes(&frames, p, (size_t)n);
    }
    assert(!frames.overflow);
    http_conn_write(conn, buf_str(&frames));
    if (nghttp2_session_want_read(http2->session) == 0 &&
        nghttp2_session_want_write(http2->session) == 0) {
        http_conn_finish(conn);
    }
}

/* --- life ------------------------------------------------------------------------------------ */

static nghttp2_session *session_new(struct http_conn *conn)
{
    nghttp2_session_callbacks *callbacks;
    nghttp2_session *session;
    int rc = nghttp2_session_callbacks_new(&callbacks);
    assert(rc == 0); /* else out of memory, as below */
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame_recv);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_send);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data_chunk);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    rc = nghttp2_session_server_new(&session, callbacks, conn);
    nghttp2_session_callbacks_del(callbacks);
    assert(rc == 0);
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, conn->server->opts.max_streams},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, HTTP2_STREAM_WINDOW},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, LIMIT_HTTP_HEADER_BYTES},
    };
    rc = nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, ARRAY_LEN(settings));
    assert(rc == 0);
    rc = nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, HTTP2_CONN_WINDOW);
    assert(rc == 0);
    return session;
}

static void *open_http2(struct http_conn *conn)
{
    struct http2 *http2 = MEM_NEW(struct http2);
    list_init(&http2->requests);
    http2->session = session_new(conn);
    http_conn_set_timer(conn, conn->server->opts.idle_timeout_ms);
    return http2;
}

/* Only idle connections have the connection's timer running. */
static void on_time(struct http_conn *conn)
{
    struct http2 *http2 = conn->state;
    if (nghttp2_session_terminate_session(http2->session, NGHTTP2_NO_ERROR) != 0) {
        http_conn_close(conn);
    }
}

static void stop(struct http_conn *conn)
{
    struct http2 *http2 = conn->state;
    int32_t last = nghttp2_session_get_last_proc_stream_id(http2->session);
    if (nghttp2_submit_goaway(http2->session, NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, NULL, 0) !=
        0) {
        http_conn_close(conn);
    }
    http_conn_pump(conn);
}

static void close_http2(struct http_conn *conn)
{
    struct http2 *http2 = conn->state;
    nghttp2_session_del(http2->session); /* before the requests its data sources point to */
    LIST_FOREACH(&http2->requests, node) {
        http_request_lost(CONTAINER_OF(node, struct http_request, on_wire));
    }
    mem_free(http2);
    conn->state = NULL;
}

const struct http_protocol http2_protocol = {
    .open = open_http2,
    .on_input = on_input,
    .on_writable = on_writable,
    .on_answer = on_answer,
    .on_time = on_time,
    .stop = stop,
    .close = close_http2,
};
