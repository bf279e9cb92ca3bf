/* HTTP/1.1 on a connection: one request after the other, pipelined ones wait in conn->in.
 *
 *     HEAD --head complete--> BODY --complete--> BUSY --answer written--> HEAD or closed
 *
 * Answers of known length carry Content-Length, others are chunked, or end with the connection for
 * HTTP/1.0. A request that is refused ends the connection, since where the next one begins is unsure.
 * Loop thread only. */
#include <assert.h>

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/net/http1_parse.h"
#include "common/net/http_server_internal.h"

enum {
    HTTP1_PIPELINE_BYTES = 64 * 1024, /* input kept while a request is answered */
    HTTP1_PULLS = 4,                  /* an answer gives way to others after so many pieces, */
    HTTP1_PIPELINED = 16,             /* a connection after so many requests */
};

enum http1_phase { PHASE_HEAD, PHASE_BODY, PHASE_BUSY };

struct http1 {
    enum http1_phase phase;
    size_t seen; /* bytes of conn->in searched for the end of the head */
    struct http_request *req;
    struct http1_head head;
    struct http1_chunks chunks;
    bool keep_alive;
    bool stopping;
    bool chunked_out;
};

static void *open_http1(struct http_conn *conn UNUSED)
{
    return MEM_NEW(struct http1);
}

/* --- receiving ------------------------------------------------------------------------------- */

static void refuse(struct http_conn *conn, int status, const char *text)
{
    struct http1 *http1 = conn->state;
    http1->keep_alive = false;
    http1->phase = PHASE_BUSY;
    buf_reset(&conn->in);
    http_request_refuse(http1->req, status, text);
}

static void take_head(struct http1 *http1)
{
    struct http_request *req = http1->req;
    const struct http1_head *head = &http1->head;
    req->method = head->method;
    req->path = head->path;
    req->query = head->query;
    req->host = head->host;
    for (size_t i = 0; i < head->headers.n; i++) {
        vec_push_in(req->arena, &req->headers, head->headers.items[i]);
    }
    http1->keep_alive = head->keep_alive && !http1->stopping;
}

static void dispatch(struct http_conn *conn)
{
    struct http1 *http1 = conn->state;
    http1->phase = PHASE_BUSY;
    http_request_dispatch(http1->req);
}

static void begin_body(struct http_conn *conn)
{
    struct http1 *http1 = conn->state;
    struct http_request *req = http1->req;
    if (http1->head.framing == HTTP1_NO_BODY) {
        dispatch(conn);
        return;
    }
    uint64_t length = http1->head.framing == HTTP1_LENGTH ? http1->head.length : 0;
    int status = length > SIZE_MAX / 2 ? 413 : http_request_body_room(req, (size_t)length);
    if (status != 0) {
        refuse(conn, status, "the request body is too large");
        return;
    }
    http1->phase = PHASE_BODY;
    http1->chunks = (struct http1_chunks){0};
    http_request_await_body(req);
    if (http1->head.expect_continue && conn->in.n == 0) {
        http_conn_write(conn, STR("HTTP/1.1 100 Continue\r\n\r\n"));
    }
}

/* True when something was done and conn->in is to be looked at again. */
static bool read_head(struct http_conn *conn)
{
    struct http1 *http1 = conn->state;
    while (conn->in.n >= 2 && memcmp(conn->in.p, "\r\n", 2) == 0) {
        buf_consume(&conn->in, 2); /* some clients end bodies with one too many */
    }
    if (conn->in.n == 0) {
        return false;
    }
    if (http1->req == NULL) {
        http_conn_set_timer(conn, 0); /* the request has its own */
        http1->req = http_request_new(conn, 0);
        http1->head = (struct http1_head){.minor = 1};
        http1->seen = 0;
    }
    struct err err;
    size_t n = 0;
    int rc = http1_head_length(buf_str(&conn->in), http1->seen, &n, &err);
    if (rc == 0 && n == 0) {
        http1->seen = conn->in.n;
        return false;
    }
    if (rc == 0) {
        rc = http1_head_parse(http1->req->arena, str_of(conn->in.p, n), &http1->head, &err);
    }
    if (rc < 0) {
        refuse(conn, err.system_code, err.message);
        return false;
    }
    buf_consume(&conn->in, n);
    take_head(http1);
    begin_body(conn);
    return true;
}

static bool read_length(struct http_conn *conn)
{
    struct http1 *http1 = conn->state;
    size_t n = (size_t)MIN((uint64_t)conn->in.n, http1->head.length);
    http_request_add_body(http1->req, str_of(conn->in.p, n));
    buf_consume(&conn->in, n);
    http1->head.length -= n;
    if (http1->head.length == 0) {
        dispatch(conn);
    }
    return http1->phase != PHASE_BODY;
}

static bool read_chunks(struct http_conn *conn)
{
    struct http1 *http1 = conn->state;
    struct str in = buf_str(&conn->in);
    struct err err;
    AUTO(buf) struct buf decoded;
    buf_init(&decoded, conn->in.n);
    int rc = http1_chunks_feed(&http1->chunks, &in, &decoded, &err);
    if (rc < 0) {
        refuse(conn, err.system_code, err.message);
        return false;
    }
    int status = http_request_body_room(http1->req, decoded.n);
    if (status != 0) {
        refuse(conn, status, "the request body is too large");
        return false;
    }
    http_request_add_body(http1->req, buf_str(&decoded));
    buf_consume(&conn->in, conn->in.n - in.n);
    if (rc == 1) {
        dispatch(conn);
    }
    return http1->phase != PHASE_BODY;
}

static bool read_body(struct http_conn *conn)
{
    struct http1 *http1 = conn->state;
    if (conn->in.n == 0) {
        return false;
    }
    return http1->head.framing == HTTP1_CHUNKED ? read_chunks(conn) : read_length(conn);
}

static void on_input(struct http_conn *conn)
{
    struct http1 *http1 = conn->state;
    bool more = true;
    while (more && !conn->closing && !conn->finishing) {
        switch (http1->phase) {
        case PHASE_HEAD:
            more = read_head(conn);
            break;
        case PHASE_BODY:
            more = read_body(conn);
            break;
        case PHASE_BUSY:
            if (conn->in.n >= HTTP1_PIPELINE_BYTES) {
                http_conn_hold(conn);
            }
            more = false;
            break;
        }
    }
}

/* --- answering ------------------------------------------------------------------------------- */

static void write_head(struct http_conn *conn)
{
    struct http1 *http1 = conn->state;
    struct http_request *req = http1->req;
    AUTO(buf) struct buf head;
    buf_init(&head, 2 * LIMIT_HTTP_HEADER_BYTES);
    buf_printf(&head, "HTTP/1.1 %d %s\r\nDate: %s\r\n", req->status,
               http_header_reason(req->status), http_server_date(conn->server));
    VEC_FOREACH(&req->reply_headers, header) {
        buf_printf(&head, STR_FMT ": " STR_FMT "\r\n", STR_ARG(header->name),
                   STR_ARG(header->value));
    }
    bool has_body = req->status != 204 && req->status != 304;
    http1->chunked_out = has_body && req->length < 0 && http1->head.minor == 1;
    if (req->length >= 0) {
        buf_printf(&head, "Content-Length: %lld\r\n", (long long)req->length);
    } else if (http1->chunked_out) {
        buf_put_c(&head, "Transfer-Encoding: chunked\r\n");
    } else if (has_body) {
        http1->keep_alive = false; /* the end of the connection is the end of the body */
    }
    if (!http1->keep_alive) {
        buf_put_c(&head, "Connection: close\r\n");
    } else if (http1->head.minor == 0) {
        buf_put_c(&head, "Connection: keep-alive\r\n");
    }
    buf_put_c(&head, "\r\n");
    req->head_sent = true;
    if (head.overflow) {
        http_conn_close(conn); /* half a head would be worse */
        return;
    }
    http_conn_write(conn, buf_str(&head));
}

static bool is_head_request(const struct http1 *http1)
{
    return str_eq_c(http1->req->method, "HEAD");
}

static void write_piece(struct http_conn *conn)
{
    struct http1 *http1 = conn->state;
    char piece[CONN_PULL_BYTES];
    size_t n = http_request_pull(http1->req, piece, sizeof(piece));
    if (n == 0) {
        return;
    }
    if (!http1->chunked_out) {
        http_conn_write(conn, str_of(piece, n));
        return;
    }
    AUTO(buf) struct buf chunk;
    buf_init(&chunk, sizeof(piece) + 32);
    buf_printf(&chunk, "%zx\r\n", n);
    buf_put_bytes(&chunk, piece, n);
    buf_put_c(&chunk, "\r\n");
    http_conn_write(conn, buf_str(&chunk));
}

static void finish_request(struct http_conn *conn)
{
    struct http1 *http1 = conn->state;
    struct http_request *req = http1->req;
    if (http1->chunked_out && !is_head_request(http1)) {
        http_conn_write(conn, STR("0\r\n\r\n"));
    }
    http1->req = NULL;
    http1->phase = PHASE_HEAD;
    http_request_lost(req);
    if (!http1->keep_alive) {
        http_conn_finish(conn);
        return;
    }
    http_conn_set_timer(conn, conn->server->opts.idle_timeout_ms);
    http_conn_unhold(conn);
}

static void write_answer(struct http_conn *conn)
{
    struct http1 *http1 = conn->state;
    struct http_request *req = http1->req;
    if (req == NULL || req->answer == ANSWER_NONE) {
        return;
    }
    if (req->broken) {
        http_conn_close(conn);
        return;
    }
    if (!req->head_sent) {
        write_head(conn);
    }
    for (int i = 0; i < HTTP1_PULLS && http_request_has_output(req); i++) {
        if (http_conn_backlog(conn) >= CONN_OUT_LOW || conn->closing) {
            return;
        }
        write_piece(conn);
    }
    if (http_request_at_end(req)) {
        finish_request(conn);
    }
}

/* After an answer the next pipelined request may be there already. */
static void on_writable(struct http_conn *conn)
{
    struct http1 *http1 = conn->state;
    for (int i = 0; i < HTTP1_PIPELINED && http_conn_backlog(conn) < CONN_OUT_LOW; i++) {
        write_answer(conn);
        if (conn->closing || conn->finishing || http1->phase != PHASE_HEAD || conn->in.n == 0) {
            break;
        }
        on_input(conn);
        if (http1->req == NULL || http1->req->answer == ANSWER_NONE) {
            break;
        }
    }
}

static void on_answer(struct http_conn *conn, struct http_request *req)
{
    struct http1 *http1 = conn->state;
    assert(http1->req == req);
    if (http1->phase != PHASE_BUSY) {
        /* refused while it was still coming in */
        http1->keep_alive = false;
        http1->phase = PHASE_BUSY;
        buf_reset(&conn->in);
    }
    http_conn_pump(conn);
}

/* --- life ------------------------------------------------------------------------------------ */

/* Only idle connections have the connection's timer running. */
static void on_time(struct http_conn *conn)
{
    http_conn_finish(conn);
}

static void stop(struct http_conn *conn)
{
    struct http1 *http1 = conn->state;
    http1->stopping = true;
    http1->keep_alive = false;
    if (http1->req == NULL) {
        http_conn_finish(conn);
    }
}

static void close_http1(struct http_conn *conn)
{
    struct http1 *http1 = conn->state;
    struct http_request *req = http1->req;
    http1->req = NULL;
    if (req != NULL) {
        http_request_lost(req);
    }
    mem_free(http1);
    conn->state = NULL;
}

const struct http_protocol http1_protocol = {
    .open = open_http1,
    .on_input = on_input,
    .on_writable = on_writable,
    .on_answer = on_answer,
    .on_time = on_time,
    .stop = stop,
    .close = close_http1,
};
