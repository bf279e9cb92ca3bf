/* One connection of the HTTP server: bytes from and to the socket, TLS between, time limits.
 *
 * TLS runs over memory BIOs: what the socket gives goes into one, what the other holds goes to the
 * socket. The first bytes decide: a TLS record or not, then HTTP/2 (ALPN or its preface) or HTTP/1.1.
 * Closing always happens in a loop task, so that a protocol may ask for it anywhere. Output is written
 * by one uv_write() at a time; while it runs more is gathered. Loop thread only. */
#include <assert.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/net/http_server_internal.h"
#include "common/net/tls.h"

enum {
    CONN_IN_BYTES = 1024 * 1024,       /* not yet used by the protocol, which holds reading back */
    CONN_OUT_BYTES = 64 * 1024 * 1024, /* protocols keep it near CONN_OUT_LOW */
    CONN_LINGER_MS = 1000,
    TLS_RECORD_BYTE = 0x16, /* a handshake */
};

static const char http2_preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
#define HTTP2_PREFACE ((struct str){http2_preface, sizeof(http2_preface) - 1})

/* --- closing --------------------------------------------------------------------------------- */

static void on_closed(uv_handle_t *handle)
{
    struct http_conn *conn = CONTAINER_OF((uv_tcp_t *)handle, struct http_conn, tcp);
    struct http_server *server = conn->server;
    list_remove(&conn->node);
    server->stats.connections--;
    SSL_free(conn->ssl);
    tls_server_unref(conn->tls);
    buf_done(&conn->in);
    buf_done(&conn->out);
    buf_done(&conn->writing);
    mem_free(conn);
    http_server_further(server);
}

static void on_close(void *data)
{
    struct http_conn *conn = data;
    if (conn->protocol != NULL) {
        conn->protocol->close(conn);
        conn->protocol = NULL;
    }
    timer_stop(&conn->timer);
    timer_stop(&conn->write_timer);
    uv_close((uv_handle_t *)&conn->tcp, on_closed);
}

void http_conn_close(struct http_conn *conn)
{
    if (!conn->closing) {
        conn->closing = true;
        loop_task_post(conn->server->loop, &conn->close_task, on_close, conn);
    }
}

static void on_shutdown(uv_shutdown_t *shutdown, int status)
{
    struct http_conn *conn = CONTAINER_OF(shutdown, struct http_conn, shutdown);
    if (status < 0 || conn->read_ended) {
        http_conn_close(conn);
    }
}

/* Everything is written. Closing at once could reset the connection under the peer's feet while it
 * still sends, and it would lose the answer: so half-close and read for a moment. */
static void linger(struct http_conn *conn)
{
    conn->half_closed = true;
    if (uv_shutdown(&conn->shutdown, (uv_stream_t *)&conn->tcp, on_shutdown) != 0) {
        http_conn_close(conn);
        return;
    }
    http_conn_unhold(conn);
    timer_start(&conn->timer, CONN_LINGER_MS);
}

/* --- writing --------------------------------------------------------------------------------- */

/* Encrypted bytes from OpenSSL to the socket's queue. */
static void drain_ssl(struct http_conn *conn)
{
    BIO *bio = SSL_get_wbio(conn->ssl);
    for (size_t n; (n = BIO_ctrl_pending(bio)) > 0;) {
        char *p = buf_reserve(&conn->out, n);
        if (p == NULL) {
            http_conn_close(conn);
            return;
        }
        int got = BIO_read(bio, p, (int)n);
        buf_commit(&conn->out, got > 0 ? (size_t)got : 0);
    }
}

void http_conn_write(struct http_conn *conn, struct str bytes)
{
    if (conn->closing || bytes.n == 0) {
        return;
    }
    if (conn->ssl == NULL) {
        buf_put(&conn->out, bytes);
    } else {
        size_t n_written;
        /* a memory BIO takes everything */
        if (SSL_write_ex(conn->ssl, bytes.p, bytes.n, &n_written) != 1 || n_written != bytes.n) {
            ERR_clear_error();
            http_conn_close(conn);
            return;
        }
        drain_ssl(conn);
    }
    if (conn->out.overflow) {
        http_conn_close(conn);
    }
}

size_t http_conn_backlog(const struct http_conn *conn)
{
    return conn->out.n + conn->writing.n;
}

static void on_write_time(void *data)
{
    http_conn_close(data);
}

void http_conn_pump(struct http_conn *conn)
{
    if (conn->protocol != NULL && !conn->closing && !conn->in_protocol) {
        conn->in_protocol = true;
        conn->protocol->on_writable(conn);
        conn->in_protocol = false;
    }
    http_conn_flush(conn);
}

static void on_written(uv_write_t *write, int status)
{
    struct http_conn *conn = CONTAINER_OF(write, struct http_conn, write);
    conn->write_busy = false;
    timer_stop(&conn->write_timer);
    buf_reset(&conn->writing);
    if (status < 0) {
        http_conn_close(conn);
    }
    if (!conn->closing) {
        http_conn_pump(conn);
    }
}

void http_conn_flush(struct http_conn *conn)
{
    if (conn->write_busy || conn->closing) {
        return;
    }
    if (conn->out.n == 0) {
        if (conn->finishing && !conn->half_closed) {
            linger(conn);
        }
        return;
    }
    struct buf empty = conn->writing;
    conn->writing = conn->out;
    conn->out = empty;
    uv_buf_t bytes = uv_buf_init(conn->writing.p, (unsigned)conn->writing.n);
    if (uv_write(&conn->write, (uv_stream_t *)&conn->tcp, &bytes, 1, on_written) != 0) {
        http_conn_close(conn);
        return;
    }
    conn->write_busy = true;
    timer_start(&conn->write_timer, conn->server->opts.write_timeout_ms);
}

void http_conn_finish(struct http_conn *conn)
{
    if (conn->finishing || conn->closing) {
        return;
    }
    conn->finishing = true;
    if (conn->ssl != NULL && SSL_is_init_finished(conn->ssl)) {
        (void)SSL_shutdown(conn->ssl); /* queues close_notify; the peer's answer is not awaited */
        drain_ssl(conn);
    }
    http_conn_flush(conn);
}

/* --- reading --------------------------------------------------------------------------------- */

static void feed_protocol(struct http_conn *conn)
{
    if (conn->finishing || conn->closing) {
        buf_reset(&conn->in);
        return;
    }
    conn->in_protocol = true;
    conn->protocol->on_input(conn);
    conn->in_protocol = false;
    http_conn_pump(conn);
}

static void choose_protocol(struct http_conn *conn, const struct http_protocol *protocol)
{
    conn->protocol = protocol;
    conn->state = protocol->open(conn);
}

/* ALPN decides over TLS, the first bytes on plain connections. */
static void detect_protocol(struct http_conn *conn)
{
    const unsigned char *alpn = NULL;
    unsigned n_alpn = 0;
    if (conn->ssl != NULL) {
        SSL_get0_alpn_selected(conn->ssl, &alpn, &n_alpn);
    }
    struct str chosen = str_of((const char *)alpn, n_alpn);
    struct str in = buf_str(&conn->in);
    if (str_eq_c(chosen, "h2") || str_starts_with(in, HTTP2_PREFACE)) {
        choose_protocol(conn, &http2_protocol);
    } else if (!str_starts_with(HTTP2_PREFACE, in)) {
        choose_protocol(conn, &http1_protocol);
    }
}

static void on_plain(struct http_conn *conn)
{
    if (conn->protocol == NULL) {
        detect_protocol(conn);
    }
    if (conn->protocol != NULL) {
        feed_protocol(conn);
    }
}

/* Decrypt all there is. */
static void read_ssl(struct http_conn *conn)
{
    for (;;) {
        char *p = buf_reserve(&conn->in, CONN_PULL_BYTES);
        if (p == NULL) {
            http_conn_close(conn);
            return;
        }
        size_t n = 0;
        if (SSL_read_ex(conn->ssl, p, CONN_PULL_BYTES, &n) == 1) {
            buf_commit(&conn->in, n);
            continue;
        }
        int why = SSL_get_error(conn->ssl, 0);
        ERR_clear_error();
        drain_ssl(conn); /* handshake messages and alerts */
        if (why == SSL_ERROR_ZERO_RETURN) {
            conn->read_ended = true;
        } else if (why != SSL_ERROR_WANT_READ) {
            http_conn_finish(conn); /* with the alert that says why */
        }
        return;
    }
}

static bool start_ssl(struct http_conn *conn)
{
    struct err err;
    BIO *in = BIO_new(BIO_s_mem());
    BIO *out = BIO_new(BIO_s_mem());
    if (in == NULL || out == NULL || tls_server_accept(conn->tls, &conn->ssl, &err) < 0) {
        /* a client can do nothing about it but try again; the next accept tells whoever watches */
        BIO_free(in);
        BIO_free(out);
        http_conn_close(conn);
        return false;
    }
    SSL_set_bio(conn->ssl, in, out);
    return true;
}

static void on_bytes(struct http_conn *conn, struct str bytes)
{
    if (conn->finishing) {
        return; /* lingering: read away */
    }
    bool first = !conn->seen_bytes;
    conn->seen_bytes = true;
    bool plain = conn->tls == NULL || (conn->plain_too && bytes.p[0] != TLS_RECORD_BYTE);
    if (first && !plain && !start_ssl(conn)) {
        return;
    }
    if (conn->ssl == NULL) {
        buf_put(&conn->in, bytes);
    } else {
        int n = BIO_write(SSL_get_rbio(conn->ssl), bytes.p, (int)bytes.n);
        assert(n == (int)bytes.n); /* else out of memory */
        read_ssl(conn);
    }
    if (conn->in.overflow) {
        http_conn_close(conn);
        return;
    }
    if (!conn->closing && conn->in.n > 0) {
        on_plain(conn);
    }
    http_conn_flush(conn);
}

static void on_alloc(uv_handle_t *handle, size_t suggested UNUSED, uv_buf_t *ret)
{
    struct http_conn *conn = CONTAINER_OF((uv_tcp_t *)handle, struct http_conn, tcp);
    *ret = uv_buf_init(conn->server->read_bytes, CONN_READ_BYTES);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *bytes)
{
    struct http_conn *conn = CONTAINER_OF((uv_tcp_t *)stream, struct http_conn, tcp);
    if (conn->closing || n == 0) {
        return;
    }
    if (n > 0) {
        on_bytes(conn, str_of(bytes->base, (size_t)n));
    } else {
        conn->read_ended = true;
    }
    if (!conn->read_ended) {
        return;
    }
    /* The peer is through. One that only half-closes after its request is taken for gone, as Go's
     * server does: there is no telling the two apart while a handler works. What is being finished is
     * still written; on_shutdown() closes then. */
    bool orderly = n > 0 || n == UV_EOF;
    if (!orderly || !conn->finishing || conn->half_closed) {
        http_conn_close(conn);
    }
}

void http_conn_hold(struct http_conn *conn)
{
    if (!conn->read_off && !conn->closing) {
        conn->read_off = true;
        (void)uv_read_stop((uv_stream_t *)&conn->tcp); /* never fails */
    }
}

void http_conn_unhold(struct http_conn *conn)
{
    if (!conn->read_off || conn->closing) {
        return;
    }
    conn->read_off = false;
    if (uv_read_start((uv_stream_t *)&conn->tcp, on_alloc, on_read) != 0) {
        http_conn_close(conn);
    }
}

/* --- life ------------------------------------------------------------------------------------ */

static void on_time(void *data)
{
    struct http_conn *conn = data;
    if (conn->protocol == NULL || conn->finishing) {
        http_conn_close(conn);
        return;
    }
    conn->protocol->on_time(conn);
    http_conn_pump(conn);
}

void http_conn_set_timer(struct http_conn *conn, int64_t ms)
{
    if (conn->finishing || conn->closing) {
        return;
    }
    if (ms > 0) {
        timer_start(&conn->timer, ms);
    } else {
        timer_stop(&conn->timer);
    }
}

struct http_conn *http_conn_new(struct http_server *server, struct tls_server *tls, bool plain_too)
{
    struct http_conn *conn = MEM_NEW(struct http_conn);
    if (uv_tcp_init(loop_uv(server->loop), &conn->tcp) != 0) {
        mem_free(conn);
        return NULL;
    }
    conn->server = server;
    conn->tls = tls != NULL ? tls_server_ref(tls) : NULL;
    conn->plain_too = plain_too;
    buf_init(&conn->in, CONN_IN_BYTES);
    buf_init(&conn->out, CONN_OUT_BYTES);
    buf_init(&conn->writing, CONN_OUT_BYTES);
    timer_init(&conn->timer, server->loop, on_time, conn);
    timer_init(&conn->write_timer, server->loop, on_write_time, conn);
    list_push(&server->conns, &conn->node);
    server->stats.connections++;
    return conn;
}

static void name_peer(struct http_conn *conn)
{
    struct sockaddr_storage address;
    int n = sizeof(address);
    if (uv_tcp_getpeername(&conn->tcp, (struct sockaddr *)&address, &n) != 0 ||
        uv_ip_name((struct sockaddr *)&address, conn->peer_text, sizeof(conn->peer_text)) != 0) {
        return; /* gone already: reading will tell */
    }
    conn->peer = str_from(conn->peer_text);
    (void)str_cut_prefix(&conn->peer, STR("::ffff:")); /* an IPv4 peer of a dual-stack socket */
}

void http_conn_start(struct http_conn *conn)
{
    conn->peer = STR_EMPTY;
    name_peer(conn);
    (void)uv_tcp_nodelay(&conn->tcp, 1); /* slower without, not wrong */
    timer_start(&conn->timer, conn->server->opts.header_timeout_ms);
    if (uv_read_start((uv_stream_t *)&conn->tcp, on_alloc, on_read) != 0) {
        http_conn_close(conn);
    }
}
