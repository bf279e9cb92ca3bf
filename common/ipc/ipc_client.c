/* The client side of calls.
 *
 * One req0 socket per server, so that we choose who gets a call, and one context and aio per call:
 *
 *     WAITING (no server connected) -> SENDING -> RECEIVING -> reply
 *         ^---------- connection lost, and it may be sent again
 *
 * nng's own resending is off: it could run a call twice without our knowing.  nng's thread only
 * posts the request's mail; everything else happens on the loop thread.  Outcome, cancel and
 * deadline are the op's. */
#include "common/ipc/ipc_client.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/list.h"
#include "common/base/mem.h"
#include "common/ipc/ipc_convert.h"
#include "common/ipc/ipc_metrics.h"
#include "common/ipc/ipc_route.h"
#include "common/ipc/ipc_socket.h"
#include "common/rt/backoff.h"
#include "common/rt/loop.h"
#include "common/rt/mailbox.h"
#include "common/rt/metrics.h"
#include "common/rt/op.h"

enum {
    DEFAULT_MAX_CALLS = 1024,
    DEFAULT_CONNECT_WAIT_MS = 2000,
    SERVER_LIST_BYTES = 256, /* of a message: more addresses are cut */
};

struct server {
    struct ipc_client *client;
    struct ipc_dialer dialer;
    char *url;
    nng_socket socket;
};

struct ipc_client {
    struct loop *loop;
    struct mailbox *mailbox;
    struct metric_set *metrics;
    struct server *servers;
    size_t n_servers;
    struct list calls;
    size_t n_calls;
    size_t max_calls;
    int64_t connect_wait_ms;
    uint64_t next_id;
    bool closing;
};

enum request_state { REQUEST_WAITING, REQUEST_SENDING, REQUEST_RECEIVING };

struct ipc_request {
    struct op op;
    struct ipc_client *client;
    struct list node;
    struct arena *arena;
    struct mail mail;
    struct timer wait; /* for a server to be connected, or until the call is sent again */
    struct server *server;
    nng_ctx ctx;
    nng_aio *aio;
    bool ctx_open;
    bool aio_active; /* its mail is to come */
    bool done_called;
    enum request_state state;
    Belay__Call call;
    size_t *order; /* servers by preference */
    const char *name;
    const ProtobufCMessageDescriptor *reply_type;
    enum ipc_repeat repeat;
    int64_t started_ms;
    int64_t deadline_ms;
    unsigned n_losses; /* of connections */
    ProtobufCMessage *reply;
    ipc_done_fn done;
    void *data;
};

static void try_send(struct ipc_request *request);

static const struct backoff_policy REPEAT_DELAYS = {.base_ms = 10, .factor = 2, .cap_ms = 500};

/* --- the end of a request --- */

static void on_op_abort(struct op *op)
{
    struct ipc_request *request = CONTAINER_OF(op, struct ipc_request, op);
    timer_stop(&request->wait);
    if (request->aio_active) {
        nng_aio_cancel(request->aio); /* its mail follows */
    }
}

static void close_ctx(struct ipc_request *request)
{
    if (request->ctx_open) {
        (void)nng_ctx_close(request->ctx); /* fails only when it is closed */
        request->ctx_open = false;
    }
}

static void on_op_free(struct op *op)
{
    struct ipc_request *request = CONTAINER_OF(op, struct ipc_request, op);
    timer_stop(&request->wait);
    close_ctx(request);
    if (request->aio != NULL) {
        nng_aio_free(request->aio);
    }
    list_remove(&request->node);
    request->client->n_calls--;
    arena_free(request->arena); /* the request is in it */
}

static const struct op_class OP_CLASS = {"the call", on_op_abort, on_op_free};

static void on_op_done(struct op *op, const struct err *err, void *data UNUSED)
{
    struct ipc_request *request = CONTAINER_OF(op, struct ipc_request, op);
    struct metric_set *metrics = request->client->metrics;
    struct str name = str_from(request->name);
    struct err copy;             /* with the method's name, which the op does not know */
    request->done_called = true; /* the state stays: it says what the aio still does */
    metric_observe(metrics, IPC_METRIC_CLIENT_SECONDS,
                   (double)(loop_now_ms(request->client->loop) - request->started_ms) / 1000,
                   METRIC_LABELS(name));
    if (err != NULL) {
        metric_add(metrics, IPC_METRIC_CLIENT_ERRORS, 1,
                   METRIC_LABELS(name, str_from(err_code_name(err->code))));
        copy = *err;
        if (err->origin != NULL) { /* ours; what the server says stands for itself */
            (void)err_wrap(&copy, "%s%s%s", request->name, request->server != NULL ? " at " : "",
                           request->server != NULL ? request->server->url : "");
        }
    }
    request->done(err == NULL ? request->reply : NULL, err != NULL ? &copy : NULL, request->data);
}

/* --- sending and receiving --- */

static void unreachable(struct ipc_request *request)
{
    const struct ipc_client *client = request->client;
    char list[SERVER_LIST_BYTES] = "";
    size_t used = 0;
    for (size_t i = 0; i < client->n_servers && used < sizeof(list); i++) {
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i > 0 ? ", " : "",
                                 client->servers[i].url);
    }
    struct err err;
    request->server = NULL;
    (void)err_set(&err, ERR_UNAVAILABLE, "cannot connect to %s", list);
    op_finish(&request->op, &err);
}

static void on_wait_over(void *data)
{
    unreachable(data);
}

static void wait_for_server(struct ipc_request *request)
{
    int64_t now_ms = loop_now_ms(request->client->loop);
    request->state = REQUEST_WAITING;
    /* a little before the deadline, so that the error says what was wrong */
    int64_t until_ms = MIN(now_ms + request->client->connect_wait_ms, request->deadline_ms - 1);
    timer_init(&request->wait, request->client->loop, on_wait_over, request);
    timer_start_at(&request->wait, until_ms);
}

static struct server *pick(const struct ipc_request *request)
{
    for (size_t i = 0; i < request->client->n_servers; i++) {
        struct server *server = &request->client->servers[request->order[i]];
        if (server->dialer.connected) {
            return server;
        }
    }
    return NULL;
}

static void on_repeat(void *data)
{
    try_send(data);
}

static void fail_nng(struct ipc_request *request, int rc, const char *doing)
{
    struct err err;
    (void)err_from_nng(&err, rc, "%s", doing);
    op_finish(&request->op, &err);
}

static void try_send(struct ipc_request *request)
{
    struct server *server = pick(request);
    timer_stop(&request->wait);
    close_ctx(request);
    if (server == NULL) {
        wait_for_server(request);
        return;
    }
    int rc = nng_ctx_open(&request->ctx, server->socket);
    if (rc != 0) {
        fail_nng(request, rc, "opening a context");
        return;
    }
    request->ctx_open = true;
    request->server = server;
    request->call.timeout_ms =
        MAX(request->deadline_ms - loop_now_ms(request->client->loop), (int64_t)1);
    request->state = REQUEST_SENDING;
    request->aio_active = true;
    op_ref(&request->op); /* until the mail */
    nng_aio_set_msg(request->aio, ipc_socket_pack(&request->call.base));
    nng_ctx_send(request->ctx, request->aio);
}

/* The connection is gone, or nng says so. */
static void on_lost(struct ipc_request *request, int rc)
{
    bool may_have_run = request->state == REQUEST_RECEIVING;
    if (may_have_run && request->repeat == IPC_ONCE) {
        struct err err;
        (void)err_from_nng(&err, rc, "the connection was lost, the call may have been carried out");
        err.code = ERR_UNAVAILABLE;
        op_finish(&request->op, &err);
        return;
    }
    metric_add(request->client->metrics, IPC_METRIC_CLIENT_REPEATS, 1,
               METRIC_LABELS(str_from(request->name)));
    close_ctx(request);
    request->state = REQUEST_WAITING;
    timer_init(&request->wait, request->client->loop, on_repeat, request);
    /* at once the first time: another server may be there */
    timer_start(&request->wait, backoff_delay_ms(&REPEAT_DELAYS, request->n_losses++, NULL));
}

static int decode_reply(struct ipc_request *request, struct str bytes, struct err *err)
{
    ProtobufCMessage *message;
    TRY(ipc_unpack(request->arena, &belay__reply__descriptor, bytes, &message, err));
    const Belay__Reply *reply = (const Belay__Reply *)(void *)message;
    if (reply->status != NULL && reply->status->code != 0) {
        ipc_status_to_err(reply->status, err);
        return -(int)err->code;
    }
    return ipc_unpack(request->arena, request->reply_type, ipc_bytes(reply->payload),
                      &request->reply, err);
}

static void on_received(struct ipc_request *request)
{
    struct err err;
    nng_msg *message = nng_aio_get_msg(request->aio);
    int rc = decode_reply(request, str_of(nng_msg_body(message), nng_msg_len(message)), &err);
    nng_msg_free(message);
    close_ctx(request);
    op_finish(&request->op, rc < 0 ? &err : NULL);
}

static void receive(struct ipc_request *request)
{
    request->state = REQUEST_RECEIVING;
    request->aio_active = true;
    op_ref(&request->op); /* until the mail */
    nng_ctx_recv(request->ctx, request->aio);
}

/* What nng has done for a request that nobody waits for any more. */
static void drop(struct ipc_request *request, int rc)
{
    bool received = request->state == REQUEST_RECEIVING && rc == 0;
    bool not_sent = request->state == REQUEST_SENDING && rc != 0;
    if (received || not_sent) {
        nng_msg_free(nng_aio_get_msg(request->aio));
    }
    close_ctx(request); /* a reply still to come is dropped by nng */
}

static void on_mail(struct mail *mail)
{
    struct ipc_request *request = CONTAINER_OF(mail, struct ipc_request, mail);
    int rc = nng_aio_result(request->aio);
    request->aio_active = false;
    if (op_settled(&request->op)) {
        drop(request, rc);
    } else if (rc == 0 && request->state == REQUEST_SENDING) {
        receive(request);
    } else if (rc == 0) {
        on_received(request);
    } else {
        if (request->state == REQUEST_SENDING) {
            nng_msg_free(nng_aio_get_msg(request->aio)); /* not sent: ours */
        }
        on_lost(request, rc);
    }
    op_unref(&request->op);
}

static void on_aio(void *data)
{
    struct ipc_request *request = data;
    mailbox_post(request->client->mailbox, &request->mail);
}

/* --- starting a request --- */

static void request_fill(struct ipc_request *request, const struct ipc_call_options *options)
{
    struct ipc_client *client = request->client;
    struct arena *arena = request->arena;
    uint64_t id = ++client->next_id;
    belay__call__init(&request->call);
    request->call.request_id = id;
    request->call.method = options->method;
    request->call.trace_id =
        arena_strdup(arena, options->trace_id != NULL ? options->trace_id : "");
    request->call.principal =
        arena_strdup(arena, options->principal != NULL ? options->principal : "");
    request->call.payload = ipc_bytes_of(ipc_pack(arena, options->request));
    request->name = options->name;
    request->reply_type = options->reply;
    request->repeat = options->repeat;

    const char **urls = arena_calloc(arena, client->n_servers, sizeof(*urls));
    for (size_t i = 0; i < client->n_servers; i++) {
        urls[i] = client->servers[i].url;
    }
    request->order = arena_calloc(arena, client->n_servers, sizeof(*request->order));
    struct str key = options->route_key;
    if (key.n == 0) { /* no preference: spread by number */
        key = str_of((const char *)&request->call.request_id, sizeof(request->call.request_id));
    }
    ipc_route_order(urls, client->n_servers, key, request->order);
}

/* What is wrong before anything is sent; still told by done(), in the next iteration. */
static int check_start(struct ipc_request *request, struct err *err)
{
    const struct ipc_client *client = request->client;
    if (client->closing) {
        return err_set(err, ERR_CANCELED, "shutting down");
    }
    if (client->n_calls > client->max_calls) {
        return err_set(err, ERR_LIMIT, "%zu calls are waiting for answers already",
                       client->max_calls);
    }
    if (request->call.payload.len > LIMIT_IPC_MESSAGE_BYTES) {
        return err_set(err, ERR_LIMIT, "the request has %zu bytes, more than the %zu allowed",
                       request->call.payload.len, LIMIT_IPC_MESSAGE_BYTES);
    }
    int rc = nng_aio_alloc(&request->aio, on_aio, request);
    if (rc != 0) {
        return err_from_nng(err, rc, "starting a call");
    }
    nng_aio_set_timeout(request->aio, NNG_DURATION_INFINITE); /* the op has the deadline */
    return 0;
}

struct ipc_request *ipc_client_call(struct ipc_client *client,
                                    const struct ipc_call_options *options,
                                    ipc_done_fn done,
                                    void *data)
{
    ASSERT_LOOP(client->loop);
    assert(options->timeout_ms > 0);
    struct arena *arena = arena_new();
    struct ipc_request *request = ARENA_NEW(arena, struct ipc_request);
    request->client = client;
    request->arena = arena;
    request->mail.fn = on_mail;
    request->done = done;
    request->data = data;
    request->started_ms = loop_now_ms(client->loop);
    request->deadline_ms = request->started_ms + options->timeout_ms;
    op_init(&request->op, client->loop, &OP_CLASS, on_op_done, NULL);
    list_push(&client->calls, &request->node);
    client->n_calls++;
    request_fill(request, options);

    struct err err;
    if (check_start(request, &err) < 0) {
        op_finish(&request->op, &err);
        return request;
    }
    op_set_deadline(&request->op, request->deadline_ms);
    try_send(request);
    return request;
}

void ipc_request_cancel(struct ipc_request *request)
{
    op_cancel(&request->op);
}

/* --- servers and the client as a whole --- */

/* A call given to a socket that has no connection would wait in there: take it back. */
static void on_disconnected(struct server *server)
{
    LIST_FOREACH(&server->client->calls, node) {
        struct ipc_request *request = CONTAINER_OF(node, struct ipc_request, node);
        if (request->server == server && request->state == REQUEST_SENDING && request->aio_active) {
            nng_aio_cancel(request->aio);
        }
    }
}

static void on_connected(struct server *server)
{
    LIST_FOREACH(&server->client->calls, node) {
        struct ipc_request *request = CONTAINER_OF(node, struct ipc_request, node);
        if (request->state == REQUEST_WAITING && !op_settled(&request->op)) {
            try_send(request);
        }
    }
}

static void on_dialer_change(struct ipc_dialer *dialer)
{
    struct server *server = CONTAINER_OF(dialer, struct server, dialer);
    metric_set(server->client->metrics, IPC_METRIC_CLIENT_CONNECTED, dialer->connected,
               METRIC_LABELS(str_from(server->url)));
    if (dialer->connected) {
        on_connected(server);
    } else {
        on_disconnected(server);
    }
}

static int server_open(struct server *server, const struct ipc_tls *tls, struct err *err)
{
    TRY(ipc_socket_setup(server->socket, err));
    int rc = nng_socket_set_ms(server->socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE);
    if (rc != 0) {
        return err_from_nng(err, rc, "setting options of a socket");
    }
    server->dialer = (struct ipc_dialer){
        .loop = server->client->loop,
        .mailbox = server->client->mailbox,
        .socket = server->socket,
        .on_change = on_dialer_change,
    };
    return ipc_dialer_start(&server->dialer, server->url, tls, err);
}

static int
client_open(struct ipc_client *client, const struct ipc_client_options *options, struct err *err)
{
    for (size_t i = 0; i < options->n_urls; i++) {
        struct server *server = &client->servers[i];
        int rc = nng_req0_open(&server->socket);
        if (rc != 0) {
            return err_from_nng(err, rc, "opening a socket");
        }
        server->client = client;
        server->url = mem_strdup(options->urls[i]);
        client->n_servers++;
        TRY(server_open(server, options->tls, err));
    }
    return 0;
}

int ipc_client_new(struct loop *loop,
                   const struct ipc_client_options *options,
                   struct ipc_client **ret,
                   struct err *err)
{
    ASSERT_LOOP(loop);
    if (options->n_urls == 0) {
        return err_set(err, ERR_INVALID, "no server address is given");
    }
    struct ipc_client *client = MEM_NEW(struct ipc_client);
    client->loop = loop;
    client->mailbox = mailbox_new(loop);
    client->metrics = ipc_metrics_set(options->metrics);
    client->servers = mem_calloc(options->n_urls, sizeof(*client->servers));
    list_init(&client->calls);
    client->max_calls = options->max_calls != 0 ? options->max_calls : DEFAULT_MAX_CALLS;
    client->connect_wait_ms =
        options->connect_wait_ms != 0 ? options->connect_wait_ms : DEFAULT_CONNECT_WAIT_MS;
    int rc = client_open(client, options, err);
    if (rc < 0) {
        ipc_client_free(client);
        return rc;
    }
    *ret = client;
    return 0;
}

static bool has_no_calls(void *data)
{
    return ((struct ipc_client *)data)->n_calls == 0;
}

void ipc_client_cancel_all(struct ipc_client *client)
{
    ASSERT_LOOP(client->loop);
    LIST_FOREACH(&client->calls, node) {
        struct ipc_request *request = CONTAINER_OF(node, struct ipc_request, node);
        if (!request->done_called) {
            op_cancel(&request->op);
        }
    }
}

void ipc_client_free(struct ipc_client *client)
{
    if (client == NULL) {
        return;
    }
    ASSERT_LOOP(client->loop);
    client->closing = true;
    ipc_client_cancel_all(client);
    if (client->n_calls > 0) {
        (void)loop_run_until(client->loop, has_no_calls, client,
                             -1); /* without a time-out it is true */
    }
    bool closed = true;
    for (size_t i = 0; i < client->n_servers; i++) {
        ipc_dialer_stop(&client->servers[i].dialer);
        /* returns when the connections' callbacks have run */
        closed = ipc_socket_close(client->servers[i].socket) && closed;
    }
    if (!closed) {
        mailbox_abandon(client->mailbox);
        return;
    }
    mailbox_free(client->mailbox);
    for (size_t i = 0; i < client->n_servers; i++) {
        ipc_dialer_done(&client->servers[i].dialer);
        mem_free(client->servers[i].url);
    }
    mem_free(client->servers);
    mem_free(client);
}

bool ipc_client_connected(const struct ipc_client *client)
{
    for (size_t i = 0; i < client->n_servers; i++) {
        if (client->servers[i].dialer.connected) {
            return true;
        }
    }
    return false;
}
