/* What the files of the HTTP server share: http_server.c (listeners, life), http_conn.c (bytes in and
 * out of one connection, TLS), http1_conn.c and http2_conn.c (protocols), http_request.c (one request
 * and its answer).
 *
 * A connection feeds plain bytes to its protocol; the protocol makes requests and hands complete ones
 * to the handler; handlers put the answer into the request; the protocol pulls it from there as fast as
 * the connection takes it. A request outlives its connection until the handler has answered. */
#pragma once

#include <uv.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/list.h"
#include "common/base/vec.h"
#include "common/net/http_request.h"
#include "common/net/http_server.h"
#include "common/rt/loop.h"
#include "common/rt/timer.h"

struct http_conn;
struct http_protocol;

enum {
    CONN_READ_BYTES = 64 * 1024, /* read at once */
    CONN_OUT_LOW = 64 * 1024,    /* below this the protocol is asked for more */
    CONN_PULL_BYTES =
        16 * 1024, /* pulled from a request at once: one TLS record, one HTTP/2 frame */
};

/* --- server ---------------------------------------------------------------------------------- */

struct http_server {
    struct loop *loop;
    struct http_server_opts opts; /* defaults filled in */
    struct list listeners;
    struct list conns;
    struct list requests;
    struct http_server_stats stats;
    size_t n_listeners;
    size_t body_bytes; /* request bodies being held */
    struct timer reload_timer;
    struct timer drain_timer;
    struct loop_task stop_task;
    bool stopping;
    void (*stopped)(void *data);
    void *stopped_data;
    int64_t date_s; /* second that `date` is of */
    char date[32];
    char read_bytes[CONN_READ_BYTES]; /* a read is handled before the next begins */
};

/* "Sun, 06 Nov 1994 08:49:37 GMT" of now. */
const char *http_server_date(struct http_server *server);
/* A connection or request is gone: a stop may be able to go on. */
void http_server_further(struct http_server *server);

/* --- connection ------------------------------------------------------------------------------ */

struct http_conn {
    uv_tcp_t tcp;
    struct list node; /* in server->conns */
    struct http_server *server;
    struct tls_server *tls; /* NULL = plain; a reference */
    bool plain_too;
    struct ssl_st *ssl;
    const struct http_protocol *protocol; /* NULL until the first bytes tell which */
    void *state;                          /* the protocol's */
    struct str peer;
    char peer_text[64];

    struct buf in;      /* plain bytes the protocol has not used yet */
    struct buf out;     /* bytes for the socket, not being written yet */
    struct buf writing; /* those being written */
    uv_write_t write;
    uv_shutdown_t shutdown;
    bool write_busy;
    bool read_off;   /* held back by the protocol */
    bool read_ended; /* the peer will send no more */
    bool seen_bytes;
    bool finishing;   /* close once everything is written */
    bool half_closed; /* which it is */
    bool closing;
    bool in_protocol;   /* its on_input or on_writable is running */
    struct timer timer; /* handshake, heads, idle; lingering at the end */
    struct timer write_timer;
    struct loop_task close_task;
};

struct http_protocol {
    void *(*open)(struct http_conn *conn);
    /* More bytes are in conn->in; take what can be used from its front. */
    void (*on_input)(struct http_conn *conn);
    /* There is room for output: add some with http_conn_write(). */
    void (*on_writable)(struct http_conn *conn);
    /* The answer of a request has news: more bytes, its end, a break. */
    void (*on_answer)(struct http_conn *conn, struct http_request *req);
    /* The time of http_conn_set_timer() is over. */
    void (*on_time)(struct http_conn *conn);
    /* Take no new requests, finish the connection when the running ones are done. */
    void (*stop)(struct http_conn *conn);
    /* The connection is gone: let go of every request with http_request_lost(), free the state. */
    void (*close)(struct http_conn *conn);
};

extern const struct http_protocol http1_protocol;
extern const struct http_protocol http2_protocol;

/* A connection for uv_accept() on the listener; NULL when libuv has none to give. */
struct http_conn *http_conn_new(struct http_server *server, struct tls_server *tls, bool plain_too);
/* After uv_accept(): begin reading. */
void http_conn_start(struct http_conn *conn);
void http_conn_write(struct http_conn *conn, struct str bytes);
/* Bytes written by the protocol that the socket has not taken. */
size_t http_conn_backlog(const struct http_conn *conn);
/* Start writing what is queued. */
void http_conn_flush(struct http_conn *conn);
/* Ask the protocol for output, unless it is running, and flush. */
void http_conn_pump(struct http_conn *conn);
/* Close now, from the next loop iteration. */
void http_conn_close(struct http_conn *conn);
/* Close after all is written, and after reading away what the peer still sends. */
void http_conn_finish(struct http_conn *conn);
/* The protocol wants no more input for now, or wants it again. */
void http_conn_hold(struct http_conn *conn);
void http_conn_unhold(struct http_conn *conn);
/* protocol->on_time after ms, unless set anew; 0 = never. */
void http_conn_set_timer(struct http_conn *conn, int64_t ms);

/* --- request --------------------------------------------------------------------------------- */

enum request_answer {
    ANSWER_NONE,  /* the handler has said nothing yet */
    ANSWER_BEGUN, /* status and headers are known, more bytes may come */
    ANSWER_ENDED, /* the handler is through */
};

struct http_request {
    struct list node;    /* in server->requests */
    struct list on_wire; /* in the HTTP/2 session's list */
    unsigned refs;       /* the wire, and the handler until it has answered */
    struct http_server *server;
    struct http_conn *conn; /* NULL once the wire is done with it */
    struct arena *arena;
    int32_t stream_id; /* HTTP/2 */
    bool in_hands;     /* the handler was called */
    size_t header_bytes;

    struct str method;
    struct str path;
    struct str query;
    struct str host;
    VEC(struct http_header) headers;
    struct buf body;
    struct str peer;
    bool is_tls;
    bool is_http2;
    struct timer timer; /* progress of the body, then of the answer */
    size_t progress;    /* bytes since it was set */

    enum request_answer answer;
    int status;
    VEC(struct http_header) reply_headers;
    int64_t length; /* of the body on the wire; -1 = unknown */
    bool head_sent;
    bool is_stream;
    bool lingering; /* answered before it was complete */
    bool broken;    /* the wire is to break the answer off */
    struct buf out; /* body of the answer, from out_off on not pulled yet */
    size_t out_off;
    struct z_stream_s *gzip; /* NULL = not compressed */
    size_t max_backlog;
    void (*on_drain)(void *data);
    void *drain_data;
    struct loop_task drain_task;
    void (*on_gone)(void *data);
    void *gone_data;
    bool gone; /* the client, or the server is stopping */
    struct loop_task gone_task;
};

struct http_request *http_request_new(struct http_conn *conn, int32_t stream_id);
/* A piece of the body came: 0, or the HTTP status to refuse the request with. */
int http_request_body_room(const struct http_request *req, size_t n);
void http_request_add_body(struct http_request *req, struct str bytes);
/* The head is there, the body is to come. */
void http_request_await_body(struct http_request *req);
/* Answered completely while the client still sends: it is cut off in a moment. */
void http_request_linger(struct http_request *req);
/* Complete: over to the handler. */
void http_request_dispatch(struct http_request *req);
/* Answered by the server itself: text/plain. The handler was not called. */
void http_request_refuse(struct http_request *req, int status, const char *text);
/* Move up to max bytes of the answer's body to dst. */
size_t http_request_pull(struct http_request *req, char *dst, size_t max);
bool http_request_has_output(const struct http_request *req);
/* Everything was pulled and no more will come. */
bool http_request_at_end(const struct http_request *req);
/* The wire is done with it, in whichever way; the request may be freed by this. */
void http_request_lost(struct http_request *req);
/* The server is stopping: tell a stream. */
void http_request_stopping(struct http_request *req);
