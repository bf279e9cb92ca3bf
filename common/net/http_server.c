/* Listeners and life of the HTTP server. Why it is our own and not libwebsockets: docs/dependencies.md.
 *
 * Accepts connections up to a limit, looks after changed certificates, and stops in order: no new
 * connections, running requests finish, streams are told, the rest is cut. http_conn.c and the files
 * it names do the rest. Loop thread only. */
#include "common/net/http_server.h"

#include <assert.h>
#include <stdio.h>

#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/net/http_server_internal.h"
#include "common/net/tls.h"

enum {
    SERVER_BACKLOG = 511,
    SERVER_RELOAD_MS = 10 * 1000, /* between looks at the certificate files */
    SERVER_CONNECTIONS = 4096,
    SERVER_STREAMS = 128,
    SERVER_HEADER_TIMEOUT_MS = 10 * 1000,
    SERVER_BODY_TIMEOUT_MS = 30 * 1000,
    SERVER_WRITE_TIMEOUT_MS = 60 * 1000,
    SERVER_IDLE_TIMEOUT_MS = 120 * 1000,
};

struct listener {
    uv_tcp_t tcp;
    struct list node;
    struct http_server *server;
    struct tls_server *tls;
    bool plain_too;
};

/* --- dates ----------------------------------------------------------------------------------- */

const char *http_server_date(struct http_server *server)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970 began on a Thursday */
    enum { DAY_S = 86400, WEEK = 7, NAME = 3 };
    int64_t now_ms = clock_wall_ms(clock_system());
    if (server->date_s == now_ms / 1000) {
        return server->date;
    }
    server->date_s = now_ms / 1000;
    char iso[CLOCK_RFC3339_BYTES]; /* 2006-01-02T15:04:05Z */
    clock_rfc3339(now_ms, iso);
    int month = (iso[5] - '0') * 10 + (iso[6] - '0') - 1;
    int day = (int)(server->date_s / DAY_S % WEEK);
    int n = snprintf(server->date, sizeof(server->date), "%.3s, %.2s %.3s %.4s %.8s GMT",
                     days + (ptrdiff_t)NAME * day, iso + 8, months + (ptrdiff_t)NAME * month, iso,
                     iso + 11);
    assert(n > 0 && (size_t)n < sizeof(server->date));
    return server->date;
}

/* --- listening ------------------------------------------------------------------------------- */

static void on_connection(uv_stream_t *stream, int status)
{
    struct listener *listener = CONTAINER_OF((uv_tcp_t *)stream, struct listener, tcp);
    struct http_server *server = listener->server;
    if (status < 0) {
        return; /* the peer gave up, or descriptors ran out: libuv goes on accepting */
    }
    struct http_conn *conn = http_conn_new(server, listener->tls, listener->plain_too);
    if (conn == NULL) {
        return;
    }
    if (uv_accept(stream, (uv_stream_t *)&conn->tcp) != 0) {
        http_conn_close(conn);
        return;
    }
    if (server->stats.connections > server->opts.max_connections) {
        server->stats.refused_total++;
        http_conn_close(conn);
        return;
    }
    http_conn_start(conn);
}

static void on_listener_closed(uv_handle_t *handle)
{
    struct listener *listener = CONTAINER_OF((uv_tcp_t *)handle, struct listener, tcp);
    struct http_server *server = listener->server;
    list_remove(&listener->node);
    tls_server_unref(listener->tls);
    mem_free(listener);
    server->n_listeners--;
    http_server_further(server);
}

static void close_listener(struct listener *listener)
{
    if (uv_is_closing((uv_handle_t *)&listener->tcp) == 0) {
        uv_close((uv_handle_t *)&listener->tcp, on_listener_closed);
    }
}

static int
read_address(const struct http_listen_opts *opts, struct sockaddr_storage *ret, struct err *err)
{
    const char *host = opts->host != NULL ? opts->host : "::";
    if (uv_ip4_addr(host, opts->port, (struct sockaddr_in *)ret) == 0 ||
        uv_ip6_addr(host, opts->port, (struct sockaddr_in6 *)ret) == 0) {
        return 0;
    }
    return err_set(err, ERR_INVALID, "'%s' is not an IP address to listen on", host);
}

static int bind_and_listen(struct listener *listener, const struct sockaddr *address)
{
    int rc = uv_tcp_bind(&listener->tcp, address, 0);
    return rc == 0 ? uv_listen((uv_stream_t *)&listener->tcp, SERVER_BACKLOG, on_connection) : rc;
}

static uint16_t bound_port(const struct listener *listener)
{
    struct sockaddr_storage address = {0};
    int n = sizeof(address);
    int rc = uv_tcp_getsockname(&listener->tcp, (struct sockaddr *)&address, &n);
    assert(rc == 0); /* it is bound */
    bool v6 = address.ss_family == AF_INET6;
    return ntohs(v6 ? ((const struct sockaddr_in6 *)&address)->sin6_port
                    : ((const struct sockaddr_in *)&address)->sin_port);
}

static enum err_code listen_code(int uv_code)
{
    switch (uv_code) {
    case UV_EADDRINUSE:
        return ERR_UNAVAILABLE;
    case UV_EACCES:
        return ERR_DENIED;
    default:
        return ERR_INVALID;
    }
}

int http_server_listen(struct http_server *server,
                       const struct http_listen_opts *opts,
                       uint16_t *ret_port,
                       struct err *err)
{
    ASSERT_LOOP(server->loop);
    assert(!server->stopping);
    struct sockaddr_storage address = {0};
    TRY(read_address(opts, &address, err));
    struct listener *listener = MEM_NEW(struct listener);
    int rc = uv_tcp_init(loop_uv(server->loop), &listener->tcp);
    assert(rc == 0); /* without flags no system call that could fail */
    listener->server = server;
    listener->tls = opts->tls != NULL ? tls_server_ref(opts->tls) : NULL;
    listener->plain_too = opts->plain_too;
    list_push(&server->listeners, &listener->node);
    server->n_listeners++;
    rc = bind_and_listen(listener, (const struct sockaddr *)&address);
    if (rc != 0 && opts->host == NULL) {
        /* a machine without IPv6 */
        struct http_listen_opts v4 = *opts;
        v4.host = "0.0.0.0";
        close_listener(listener);
        return rc == UV_EAFNOSUPPORT || rc == UV_EADDRNOTAVAIL
                   ? http_server_listen(server, &v4, ret_port, err)
                   : err_set(err, listen_code(rc), "cannot listen on port %u: %s", opts->port,
                             uv_strerror(rc));
    }
    if (rc != 0) {
        close_listener(listener);
        return err_set(err, listen_code(rc), "cannot listen on %s port %u: %s", opts->host,
                       opts->port, uv_strerror(rc));
    }
    *ret_port = bound_port(listener);
    return 0;
}

static void on_reload(void *data)
{
    struct http_server *server = data;
    LIST_FOREACH(&server->listeners, node) {
        struct listener *listener = CONTAINER_OF(node, struct listener, node);
        struct err err;
        int rc = listener->tls != NULL ? tls_server_reload(listener->tls, &err) : 0;
        if (rc < 0) {
            log_warn("changed certificate cannot be used, keeping the old one", LF_ERR(&err));
        } else if (rc == 1) {
            log_info("certificate reloaded");
        }
    }
}

/* --- life ------------------------------------------------------------------------------------ */

static void set_defaults(struct http_server_opts *opts)
{
    opts->max_connections = opts->max_connections > 0 ? opts->max_connections : SERVER_CONNECTIONS;
    opts->max_streams = opts->max_streams > 0 ? opts->max_streams : SERVER_STREAMS;
    opts->max_body_bytes = opts->max_body_bytes > 0 ? opts->max_body_bytes : LIMIT_HTTP_BODY_BYTES;
    int64_t *const times[] = {&opts->header_timeout_ms, &opts->body_timeout_ms,
                              &opts->write_timeout_ms, &opts->idle_timeout_ms};
    static const int64_t defaults[] = {SERVER_HEADER_TIMEOUT_MS, SERVER_BODY_TIMEOUT_MS,
                                       SERVER_WRITE_TIMEOUT_MS, SERVER_IDLE_TIMEOUT_MS};
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        *times[i] = *times[i] > 0 ? *times[i] : defaults[i];
    }
}

static void on_drained(void *data)
{
    struct http_server *server = data;
    LIST_FOREACH(&server->conns, node) {
        http_conn_close(CONTAINER_OF(node, struct http_conn, node));
    }
}

struct http_server *http_server_new(struct loop *loop, const struct http_server_opts *opts)
{
    ASSERT_LOOP(loop);
    assert(opts->on_request != NULL);
    struct http_server *server = MEM_NEW(struct http_server);
    server->loop = loop;
    server->opts = *opts;
    set_defaults(&server->opts);
    list_init(&server->listeners);
    list_init(&server->conns);
    list_init(&server->requests);
    timer_init(&server->drain_timer, loop, on_drained, server);
    timer_init(&server->reload_timer, loop, on_reload, server);
    timer_start_repeating(&server->reload_timer, SERVER_RELOAD_MS, 0, NULL);
    return server;
}

static void on_stop(void *data)
{
    struct http_server *server = data;
    if (server->n_listeners > 0 || !list_empty(&server->conns) || !list_empty(&server->requests)) {
        return;
    }
    void (*stopped)(void *data) = server->stopped;
    void *stopped_data = server->stopped_data;
    timer_stop(&server->drain_timer);
    mem_free(server);
    if (stopped != NULL) {
        stopped(stopped_data);
    }
}

void http_server_further(struct http_server *server)
{
    if (server->stopping) {
        loop_task_post(server->loop, &server->stop_task, on_stop, server);
    }
}

static void stop_conns(struct http_server *server)
{
    LIST_FOREACH(&server->conns, node) {
        struct http_conn *conn = CONTAINER_OF(node, struct http_conn, node);
        if (conn->protocol == NULL) {
            http_conn_close(conn); /* has not asked for anything yet */
        } else if (!conn->finishing && !conn->closing) {
            conn->protocol->stop(conn);
        }
    }
}

void http_server_stop(struct http_server *server,
                      int64_t drain_ms,
                      void (*stopped)(void *data),
                      void *data)
{
    ASSERT_LOOP(server->loop);
    assert(!server->stopping);
    server->stopping = true;
    server->stopped = stopped;
    server->stopped_data = data;
    timer_stop(&server->reload_timer);
    LIST_FOREACH(&server->listeners, node) {
        close_listener(CONTAINER_OF(node, struct listener, node));
    }
    LIST_FOREACH(&server->requests, node) {
        http_request_stopping(CONTAINER_OF(node, struct http_request, node));
    }
    stop_conns(server);
    timer_start(&server->drain_timer, drain_ms);
    http_server_further(server);
}

void http_server_stats(const struct http_server *server, struct http_server_stats *ret)
{
    *ret = server->stats;
}
