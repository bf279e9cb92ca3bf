/* nng sockets: common options, addresses with their TLS settings, connection counting. */
#include "common/ipc/ipc_socket.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/limits.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/ipc/ipc_tls.h"

enum {
    ENVELOPE_BYTES = 64 * 1024, /* what Call, Reply and Event add to their payload, at most */
    RECONNECT_MIN_MS = 50,
    RECONNECT_MAX_MS = 2000,
    SOCKET_MODE = 0600,
};

static const struct {
    int nng_code;
    enum err_code code;
} CODES[] = {
    {NNG_ETIMEDOUT, ERR_TIMEOUT},
    {NNG_ECANCELED, ERR_CANCELED},
    {NNG_ECONNREFUSED, ERR_UNAVAILABLE},
    {NNG_ECLOSED, ERR_UNAVAILABLE},
    {NNG_ECONNABORTED, ERR_UNAVAILABLE},
    {NNG_ECONNRESET, ERR_UNAVAILABLE},
    {NNG_ECONNSHUT, ERR_UNAVAILABLE},
    {NNG_EUNREACHABLE, ERR_UNAVAILABLE},
    {NNG_EAGAIN, ERR_UNAVAILABLE},
    {NNG_ENOFILES, ERR_UNAVAILABLE},
    {NNG_ENOSPC, ERR_UNAVAILABLE},
    {NNG_EADDRINUSE, ERR_CONFLICT},
    {NNG_EADDRINVAL, ERR_INVALID},
    {NNG_EINVAL, ERR_INVALID},
    {NNG_ECRYPTO, ERR_INVALID},
    {NNG_EPEERAUTH, ERR_DENIED},
    {NNG_EPERM, ERR_DENIED},
    {NNG_ENOENT, ERR_NOT_FOUND},
    {NNG_EMSGSIZE, ERR_LIMIT},
    {NNG_ENOTSUP, ERR_UNSUPPORTED},
};

int ipc_socket_err(struct err *err, int nng_code, const char *origin, const char *fmt, ...)
{
    char message[ERR_MESSAGE_BYTES];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(message, sizeof(message), fmt, ap); /* err_set_at() marks what is cut */
    va_end(ap);
    enum err_code code = ERR_INTERNAL;
    for (size_t i = 0; i < ARRAY_LEN(CODES); i++) {
        if (CODES[i].nng_code == nng_code) {
            code = CODES[i].code;
        }
    }
    (void)err_set_at(err, code, origin, "%s: %s", message, nng_strerror(nng_code));
    err->system_code = nng_code;
    return -(int)code;
}

int ipc_socket_setup(nng_socket socket, struct err *err)
{
    int rc =
        nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, LIMIT_IPC_MESSAGE_BYTES + ENVELOPE_BYTES);
    if (rc == 0) {
        rc = nng_socket_set_ms(socket, NNG_OPT_RECONNMINT, RECONNECT_MIN_MS);
    }
    if (rc == 0) {
        rc = nng_socket_set_ms(socket, NNG_OPT_RECONNMAXT, RECONNECT_MAX_MS);
    }
    return rc == 0 ? 0 : err_from_nng(err, rc, "setting options of a socket");
}

/* The address with the port the kernel chose, when it was 0. */
static char *bound_url(nng_listener listener, const char *url, const struct ipc_endpoint *endpoint)
{
    int port = 0;
    if (endpoint->scheme == IPC_SCHEME_IPC || !str_eq_c(endpoint->port, "0") ||
        nng_listener_get_int(listener, NNG_OPT_TCP_BOUND_PORT, &port) != 0) {
        return mem_strdup(url);
    }
    char text[256];
    int n = (int)(endpoint->port.p - url);
    (void)snprintf(text, sizeof(text), "%.*s%d", n, url, port);
    return mem_strdup(text);
}

static int set_up_listener(nng_listener listener,
                           const struct ipc_endpoint *endpoint,
                           const struct ipc_tls *tls,
                           struct err *err)
{
    int rc = 0;
    if (endpoint->scheme == IPC_SCHEME_IPC) {
        rc = nng_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, SOCKET_MODE);
    } else if (endpoint->scheme == IPC_SCHEME_TLS) {
        nng_tls_config *config;
        TRY(ipc_tls_server_config(tls, &config, err));
        rc = nng_listener_set_ptr(listener, NNG_OPT_TLS_CONFIG, config);
        nng_tls_config_free(config); /* the listener has a reference of its own */
    }
    return rc == 0 ? 0 : err_from_nng(err, rc, "setting options");
}

int ipc_socket_listen(
    nng_socket socket, const char *url, const struct ipc_tls *tls, char **ret_url, struct err *err)
{
    struct ipc_endpoint endpoint;
    nng_listener listener;
    TRY(ipc_endpoint_parse(str_from(url), &endpoint, err));
    int rc = nng_listener_create(&listener, socket, url);
    if (rc != 0) {
        return err_from_nng(err, rc, "listening on %s", url);
    }
    TRY_IN(set_up_listener(listener, &endpoint, tls, err), err, "listening on %s", url);
    rc = nng_listener_start(listener, 0);
    if (rc != 0) {
        return err_from_nng(err, rc, "listening on %s", url);
    }
    *ret_url = bound_url(listener, url, &endpoint);
    return 0;
}

nng_msg *ipc_socket_pack(const ProtobufCMessage *message)
{
    nng_msg *packed;
    size_t n = protobuf_c_message_get_packed_size(message);
    if (nng_msg_alloc(&packed, n) != 0) { /* as mem_alloc() does */
        (void)fprintf(stderr, "out of memory for a message of %zu bytes\n", n);
        abort();
    }
    (void)protobuf_c_message_pack(message, nng_msg_body(packed)); /* n bytes, as asked before */
    return packed;
}

static void on_pipes_mail(struct mail *mail)
{
    struct ipc_pipes *pipes = CONTAINER_OF(mail, struct ipc_pipes, mail);
    atomic_store(&pipes->posted, false); /* before the count is read: a later change posts again */
    pipes->on_change(pipes);
}

/* On a thread of nng's. */
static void on_pipe(nng_pipe pipe UNUSED, nng_pipe_ev event, void *data)
{
    struct ipc_pipes *pipes = data;
    (void)atomic_fetch_add(&pipes->n_pipes, event == NNG_PIPE_EV_REM_POST ? -1 : 1);
    if (!atomic_exchange(&pipes->posted, true)) {
        mailbox_post(pipes->mailbox, &pipes->mail);
    }
}

int ipc_pipes_watch(struct ipc_pipes *pipes,
                    nng_socket socket,
                    struct mailbox *mailbox,
                    void (*on_change)(struct ipc_pipes *pipes),
                    struct err *err)
{
    pipes->mail.fn = on_pipes_mail;
    pipes->mailbox = mailbox;
    pipes->on_change = on_change;
    atomic_init(&pipes->n_pipes, 0);
    atomic_init(&pipes->posted, false);
    /* ADD_PRE rather than ADD_POST: only it has a REM_POST in every case */
    int rc = nng_pipe_notify(socket, NNG_PIPE_EV_ADD_PRE, on_pipe, pipes);
    if (rc == 0) {
        rc = nng_pipe_notify(socket, NNG_PIPE_EV_REM_POST, on_pipe, pipes);
    }
    return rc == 0 ? 0 : err_from_nng(err, rc, "watching a socket");
}

int ipc_pipes_count(struct ipc_pipes *pipes)
{
    return atomic_load(&pipes->n_pipes);
}

/* --- dialling --------------------------------------------------------------------------------- */

static int client_tls(struct ipc_dialer *d,
                      const struct ipc_endpoint *endpoint,
                      const struct ipc_tls *tls,
                      struct err *err)
{
    if (endpoint->scheme != IPC_SCHEME_TLS) {
        return 0;
    }
    AUTO(char) char *host = mem_strndup(endpoint->host.p, endpoint->host.n);
    const char *name = tls != NULL && tls->server_name != NULL ? tls->server_name : host;
    return ipc_tls_client_config(tls, name, &d->tls, err);
}

static int set_up_dialer(struct ipc_dialer *d)
{
    if (strncmp(d->url, "ipc:", 4) == 0) {
        return 0;
    }
    int rc = nng_dialer_set_bool(d->dialer, NNG_OPT_TCP_NODELAY, true);
    if (rc == 0) {
        rc = nng_dialer_set_bool(d->dialer, NNG_OPT_TCP_KEEPALIVE, true);
    }
    if (rc == 0 && d->tls != NULL) {
        rc = nng_dialer_set_ptr(d->dialer, NNG_OPT_TLS_CONFIG, d->tls);
    }
    return rc;
}

static int dial(struct ipc_dialer *d)
{
    int rc = nng_dialer_create(&d->dialer, d->socket, d->url);
    if (rc == 0) {
        rc = set_up_dialer(d);
    }
    return rc == 0 ? nng_dialer_start(d->dialer, NNG_FLAG_NONBLOCK) : rc;
}

static void on_redial(void *data)
{
    struct ipc_dialer *d = data;
    (void)nng_dialer_close(d->dialer); /* fails only for one that is closed */
    int rc = dial(d);
    if (rc != 0) {
        log_warn("connecting anew failed", LF_CSTR("address", d->url),
                 LF_CSTR("reason", nng_strerror(rc)));
    }
    timer_start(&d->timer, IPC_REDIAL_MS);
}

static void on_dialer_pipes(struct ipc_pipes *pipes)
{
    struct ipc_dialer *d = CONTAINER_OF(pipes, struct ipc_dialer, pipes);
    bool connected = ipc_pipes_count(pipes) > 0;
    if (connected == d->connected) {
        return;
    }
    d->connected = connected;
    if (connected) {
        timer_stop(&d->timer);
    } else if (!d->stopped) {
        timer_start(&d->timer, IPC_REDIAL_MS);
    }
    if (d->on_change != NULL) {
        d->on_change(d);
    }
}

int ipc_dialer_start(struct ipc_dialer *d,
                     const char *url,
                     const struct ipc_tls *tls,
                     struct err *err)
{
    struct ipc_endpoint endpoint;
    TRY(ipc_endpoint_parse(str_from(url), &endpoint, err));
    d->url = mem_strdup(url);
    timer_init(&d->timer, d->loop, on_redial, d);
    TRY_IN(client_tls(d, &endpoint, tls, err), err, "connecting to %s", url);
    TRY(ipc_pipes_watch(&d->pipes, d->socket, d->mailbox, on_dialer_pipes, err));
    int rc = dial(d);
    if (rc != 0) {
        return err_from_nng(err, rc, "connecting to %s", url);
    }
    timer_start(&d->timer, IPC_REDIAL_MS);
    return 0;
}

void ipc_dialer_stop(struct ipc_dialer *d)
{
    d->stopped = true;
    timer_stop(&d->timer);
}

void ipc_dialer_done(struct ipc_dialer *d)
{
    if (d->tls != NULL) {
        nng_tls_config_free(d->tls);
    }
    mem_free(d->url);
}

/* --- closing ---------------------------------------------------------------------------------- */

/* Owned by both threads; the second one to leave frees it. */
struct closing {
    nng_socket socket;
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    bool closed;
    bool given_up;
};

static void closing_free(struct closing *c)
{
    (void)pthread_cond_destroy(&c->cond);
    (void)pthread_mutex_destroy(&c->mutex);
    mem_free(c);
}

static void *run_close(void *data)
{
    struct closing *c = data;
    (void)nng_close(c->socket); /* fails only for a socket that is closed already */
    (void)pthread_mutex_lock(&c->mutex);
    c->closed = true;
    bool last = c->given_up;
    (void)pthread_cond_signal(&c->cond);
    (void)pthread_mutex_unlock(&c->mutex);
    if (last) {
        closing_free(c);
    }
    return NULL;
}

static bool wait_closed(struct closing *c)
{
    struct timespec until;
    int rc = 0;
    /* allow(clock_gettime): pthread_cond_clockwait() wants a timespec */
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += IPC_CLOSE_MS / 1000;
    (void)pthread_mutex_lock(&c->mutex);
    while (!c->closed && rc != ETIMEDOUT) {
        rc = pthread_cond_clockwait(&c->cond, &c->mutex, CLOCK_MONOTONIC, &until);
    }
    bool closed = c->closed;
    c->given_up = !closed;
    (void)pthread_mutex_unlock(&c->mutex);
    return closed;
}

bool ipc_socket_close(nng_socket socket)
{
    struct closing *c = MEM_NEW(struct closing);
    pthread_t thread;
    c->socket = socket;
    (void)pthread_mutex_init(&c->mutex, NULL); /* these two never fail on Linux */
    (void)pthread_cond_init(&c->cond, NULL);
    if (pthread_create(&thread, NULL, run_close, c) != 0) {
        (void)nng_close(socket); /* no thread to be had: without the limit, then */
        closing_free(c);
        return true;
    }
    if (wait_closed(c)) {
        (void)pthread_join(thread, NULL);
        closing_free(c);
        return true;
    }
    (void)pthread_detach(thread);
    log_warn("socket does not close", LF_INT("timeout_ms", IPC_CLOSE_MS));
    return false;
}
