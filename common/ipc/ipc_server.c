/* The server side of calls.
 *
 * A worker is one context of the rep0 socket with one aio, and is in one state at a time:
 *
 *     RECEIVING -> (call decoded, handler) WORKING -> (reply) SENDING -> RECEIVING
 *
 * nng's thread only posts the worker's mail; everything else happens on the loop thread. */
#include "common/ipc/ipc_server.h"

#include <assert.h>
#include <string.h>

#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>

#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/base/list.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/ipc/ipc_convert.h"
#include "common/ipc/ipc_metrics.h"
#include "common/ipc/ipc_socket.h"
#include "common/rt/loop.h"
#include "common/rt/mailbox.h"
#include "common/rt/metrics.h"

enum { DEFAULT_CONTEXTS = 64 };

enum worker_state { WORKER_IDLE, WORKER_RECEIVING, WORKER_WORKING, WORKER_SENDING };

struct worker {
    struct ipc_server *server;
    nng_ctx ctx;
    nng_aio *aio;
    struct mail mail;
    enum worker_state state;
};

struct ipc_server {
    struct loop *loop;
    struct ipc_server_options options;
    struct metric_set *metrics;
    struct mailbox *mailbox;
    char *url;
    nng_socket socket;
    struct worker *workers;
    size_t n_workers;
    struct list calls;
    size_t n_calls;
    bool stopping;
};

struct ipc_call {
    struct ipc_server *server; /* NULL: it is gone */
    struct worker *worker;
    struct list node;
    struct arena *arena;
    const Belay__Call *envelope;
    const struct ipc_method *method;
    void *data;
    int64_t started_ms;
    int64_t deadline_ms;
};

static void on_aio(void *data)
{
    struct worker *worker = data;
    mailbox_post(worker->server->mailbox, &worker->mail);
}

static void receive(struct worker *worker)
{
    worker->state = WORKER_RECEIVING;
    nng_ctx_recv(worker->ctx, worker->aio);
}

static const struct ipc_method *find_method(const struct ipc_server *server, uint32_t method)
{
    for (size_t i = 0; i < server->options.n_methods; i++) {
        if (server->options.methods[i].method == method) {
            return &server->options.methods[i];
        }
    }
    return NULL;
}

static void call_free(struct ipc_call *call)
{
    list_remove(&call->node);
    arena_free(call->arena); /* the call is in it */
}

static void observe(const struct ipc_call *call, const struct err *err)
{
    struct metric_set *metrics = call->server->metrics;
    struct str method = str_from(call->method != NULL ? call->method->name : "");
    double took_s = (double)(loop_now_ms(call->server->loop) - call->started_ms) / 1000;
    metric_observe(metrics, IPC_METRIC_SERVER_SECONDS, took_s, METRIC_LABELS(method));
    if (err != NULL) {
        metric_add(metrics, IPC_METRIC_SERVER_ERRORS, 1,
                   METRIC_LABELS(method, str_from(err_code_name(err->code))));
    }
    metric_set(metrics, IPC_METRIC_SERVER_CALLS, (double)call->server->n_calls, METRIC_NO_LABELS);
}

/* Send the envelope and end the call. */
static void send_reply(struct ipc_call *call, const Belay__Reply *reply)
{
    struct worker *worker = call->worker;
    nng_aio_set_msg(worker->aio, ipc_socket_pack(&reply->base));
    worker->state = WORKER_SENDING;
    nng_ctx_send(worker->ctx, worker->aio);
}

static void end_call(struct ipc_call *call, struct str payload, const struct err *err)
{
    if (call->server != NULL) {
        Belay__Reply reply;
        belay__reply__init(&reply);
        reply.request_id = call->envelope != NULL ? call->envelope->request_id : 0;
        reply.payload = ipc_bytes_of(payload);
        reply.status = err != NULL ? ipc_status_from_err(call->arena, err) : NULL;
        call->server->n_calls--;
        observe(call, err);
        send_reply(call, &reply);
    }
    call_free(call);
}

void ipc_reply(struct ipc_call *call, const ProtobufCMessage *reply)
{
    assert(call->method != NULL && reply->descriptor == call->method->reply);
    size_t n = protobuf_c_message_get_packed_size(reply);
    if (n > LIMIT_IPC_MESSAGE_BYTES) {
        struct err err;
        (void)err_set(&err, ERR_LIMIT, "the reply has %zu bytes, more than the %zu allowed", n,
                      LIMIT_IPC_MESSAGE_BYTES);
        end_call(call, STR_EMPTY, &err);
        return;
    }
    end_call(call, ipc_pack(call->arena, reply), NULL);
}

void ipc_reply_err(struct ipc_call *call, const struct err *err)
{
    end_call(call, STR_EMPTY, err);
}

/* From bytes to the handler's request. */
static int decode(struct ipc_call *call, struct str bytes, ProtobufCMessage **ret, struct err *err)
{
    ProtobufCMessage *envelope;
    TRY(ipc_unpack(call->arena, &belay__call__descriptor, bytes, &envelope, err));
    call->envelope = (const Belay__Call *)(void *)envelope;
    call->deadline_ms = call->started_ms + MAX(call->envelope->timeout_ms, (int64_t)0);
    if (call->server->stopping) {
        return err_set(err, ERR_UNAVAILABLE, "the server is shutting down");
    }
    call->method = find_method(call->server, call->envelope->method);
    if (call->method == NULL) {
        return err_set(err, ERR_UNSUPPORTED, "method %u is not known here", call->envelope->method);
    }
    struct str payload = ipc_bytes(call->envelope->payload);
    size_t max_bytes =
        call->method->max_bytes != 0 ? call->method->max_bytes : LIMIT_IPC_MESSAGE_BYTES;
    if (payload.n > max_bytes) {
        return err_set(err, ERR_LIMIT, "the request of %s has %zu bytes, more than the %zu allowed",
                       call->method->name, payload.n, max_bytes);
    }
    return ipc_unpack(call->arena, call->method->request, payload, ret, err);
}

static void handle(struct worker *worker, nng_msg *message)
{
    struct ipc_server *server = worker->server;
    struct arena *arena = arena_new();
    struct ipc_call *call = ARENA_NEW(arena, struct ipc_call);
    call->server = server;
    call->worker = worker;
    call->arena = arena;
    call->data = server->options.data;
    call->started_ms = loop_now_ms(server->loop);
    list_push(&server->calls, &call->node);
    server->n_calls++;
    worker->state = WORKER_WORKING;

    struct err err;
    ProtobufCMessage *request;
    int rc = decode(call, str_of(nng_msg_body(message), nng_msg_len(message)), &request, &err);
    nng_msg_free(message);
    if (rc < 0) {
        ipc_reply_err(call, &err);
        return;
    }
    metric_set(server->metrics, IPC_METRIC_SERVER_CALLS, (double)server->n_calls, METRIC_NO_LABELS);
    call->method->fn(call, request);
}

static void on_received(struct worker *worker)
{
    int rc = nng_aio_result(worker->aio);
    if (rc == 0) {
        handle(worker, nng_aio_get_msg(worker->aio));
        return;
    }
    if (rc == NNG_ECLOSED) { /* the socket or context: nothing comes any more */
        worker->state = WORKER_IDLE;
        return;
    }
    log_debug("receiving a call failed", LF_CSTR("reason", nng_strerror(rc)));
    receive(worker);
}

static void on_sent(struct worker *worker)
{
    if (nng_aio_result(worker->aio) != 0) { /* the client has gone; the message is still ours */
        nng_msg_free(nng_aio_get_msg(worker->aio));
    }
    receive(worker);
}

static void on_mail(struct mail *mail)
{
    struct worker *worker = CONTAINER_OF(mail, struct worker, mail);
    if (worker->state == WORKER_RECEIVING) {
        on_received(worker);
    } else if (worker->state == WORKER_SENDING) {
        on_sent(worker);
    }
}

static int worker_start(struct ipc_server *server, struct worker *worker, struct err *err)
{
    worker->server = server;
    worker->mail.fn = on_mail;
    int rc = nng_ctx_open(&worker->ctx, server->socket);
    if (rc == 0) {
        rc = nng_aio_alloc(&worker->aio, on_aio, worker);
    }
    if (rc != 0) {
        return err_from_nng(err, rc, "opening a context");
    }
    nng_aio_set_timeout(worker->aio, NNG_DURATION_INFINITE);
    receive(worker);
    return 0;
}

static int server_open(struct ipc_server *server, struct err *err)
{
    const struct ipc_server_options *options = &server->options;
    TRY(ipc_socket_setup(server->socket, err));
    TRY(ipc_socket_listen(server->socket, options->url, options->tls, &server->url, err));
    for (size_t i = 0; i < server->n_workers; i++) {
        TRY(worker_start(server, &server->workers[i], err));
    }
    return 0;
}

int ipc_server_new(struct loop *loop,
                   const struct ipc_server_options *options,
                   struct ipc_server **ret,
                   struct err *err)
{
    ASSERT_LOOP(loop);
    nng_socket socket;
    int rc = nng_rep0_open(&socket);
    if (rc != 0) {
        return err_from_nng(err, rc, "opening a socket");
    }
    struct ipc_server *server = MEM_NEW(struct ipc_server);
    server->loop = loop;
    server->options = *options;
    server->metrics = ipc_metrics_set(options->metrics);
    server->mailbox = mailbox_new(loop);
    server->socket = socket;
    list_init(&server->calls);
    server->n_workers = options->n_contexts != 0 ? options->n_contexts : DEFAULT_CONTEXTS;
    server->workers = mem_calloc(server->n_workers, sizeof(*server->workers));
    rc = server_open(server, err);
    server->options.tls = NULL; /* was borrowed until here */
    if (rc < 0) {
        ipc_server_free(server);
        return rc;
    }
    *ret = server;
    return 0;
}

const char *ipc_server_url(const struct ipc_server *server)
{
    return server->url;
}

size_t ipc_server_n_calls(const struct ipc_server *server)
{
    return server->n_calls;
}

void ipc_server_stop(struct ipc_server *server)
{
    ASSERT_LOOP(server->loop);
    /* the listener stays: closing it would close the connections that replies go to */
    server->stopping = true;
}

/* True: nng calls us no more; what it has posted is still in the mailbox. */
static bool stop_workers(struct ipc_server *server)
{
    if (!ipc_socket_close(server->socket)) { /* ends every context and connection */
        return false;
    }
    for (size_t i = 0; i < server->n_workers; i++) {
        if (server->workers[i].aio != NULL) {
            nng_aio_stop(server->workers[i].aio);
        }
    }
    return true;
}

/* A call that came in at the last moment is not begun. */
static void drop_mail(struct mail *mail)
{
    struct worker *worker = CONTAINER_OF(mail, struct worker, mail);
    bool ok = nng_aio_result(worker->aio) == 0;
    bool received = worker->state == WORKER_RECEIVING && ok;
    bool not_sent = worker->state == WORKER_SENDING && !ok;
    if (received || not_sent) {
        nng_msg_free(nng_aio_get_msg(worker->aio));
    }
}

/* Calls that are answered later find no server: their replies are dropped. */
static void forget_calls(struct ipc_server *server)
{
    LIST_FOREACH(&server->calls, node) {
        CONTAINER_OF(node, struct ipc_call, node)->server = NULL;
        list_remove(node);
    }
}

void ipc_server_free(struct ipc_server *server)
{
    if (server == NULL) {
        return;
    }
    ASSERT_LOOP(server->loop);
    if (!stop_workers(server)) {
        forget_calls(server);
        mailbox_abandon(server->mailbox);
        return;
    }
    for (size_t i = 0; i < server->n_workers; i++) {
        server->workers[i].mail.fn = drop_mail;
    }
    mailbox_free(server->mailbox);
    for (size_t i = 0; i < server->n_workers; i++) {
        if (server->workers[i].aio != NULL) {
            nng_aio_free(server->workers[i].aio);
        }
    }
    forget_calls(server);
    mem_free(server->workers);
    mem_free(server->url);
    mem_free(server);
}

struct arena *ipc_call_arena(struct ipc_call *call)
{
    return call->arena;
}

void *ipc_call_data(const struct ipc_call *call)
{
    return call->data;
}

int64_t ipc_call_deadline_ms(const struct ipc_call *call)
{
    return call->deadline_ms;
}

uint64_t ipc_call_request_id(const struct ipc_call *call)
{
    return call->envelope->request_id;
}

const char *ipc_call_trace_id(const struct ipc_call *call)
{
    return call->envelope->trace_id;
}

const char *ipc_call_principal(const struct ipc_call *call)
{
    return call->envelope->principal;
}
