/* Publishing and subscribing on nng's pub0 and sub0.
 *
 * A publisher sends on the loop thread: pub0 never waits, it drops for those who read too
 * slowly.  A subscriber has one aio, whose mail brings each event to the loop thread. */
#include "common/ipc/ipc_event.h"

#include <nng/nng.h>
#include <nng/protocol/pubsub0/pub.h>
#include <nng/protocol/pubsub0/sub.h>

#include "common/base/arena.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/base/rand.h"
#include "common/ipc/ipc_convert.h"
#include "common/ipc/ipc_socket.h"
#include "common/rt/loop.h"
#include "common/rt/mailbox.h"
#include "common/rt/timer.h"

enum {
    QUEUE_EVENTS = 1024, /* waiting for one connection; more are dropped and noticed */
    MISSED_HEARTBEATS = 3,
};

/* --- publisher --- */

struct ipc_pub {
    struct loop *loop;
    struct mailbox *mailbox;
    struct ipc_pipes pipes;
    struct timer heartbeat;
    nng_socket socket;
    char *url;
    uint64_t epoch;
    uint64_t sequence;
    uint32_t heartbeat_type;
    int64_t heartbeat_ms;
    int n_pipes;
};

void ipc_pub_send(struct ipc_pub *pub, uint32_t type, const ProtobufCMessage *payload)
{
    ASSERT_LOOP(pub->loop);
    AUTO(arena) struct arena *arena = arena_new();
    Belay__Event event;
    belay__event__init(&event);
    event.epoch = pub->epoch;
    event.sequence = ++pub->sequence;
    event.type = type;
    if (payload != NULL) {
        event.payload = ipc_bytes_of(ipc_pack(arena, payload));
    }
    nng_msg *message = ipc_socket_pack(&event.base);
    int rc = nng_sendmsg(pub->socket, message, NNG_FLAG_NONBLOCK);
    if (rc != 0) { /* subscribers see the gap */
        nng_msg_free(message);
        log_debug("publishing an event failed", LF_CSTR("reason", nng_strerror(rc)));
    }
    timer_start(&pub->heartbeat, pub->heartbeat_ms);
}

static void on_heartbeat(void *data)
{
    struct ipc_pub *pub = data;
    ipc_pub_send(pub, pub->heartbeat_type, NULL);
}

/* A new subscriber learns the epoch at once. */
static void on_pub_pipes(struct ipc_pipes *pipes)
{
    struct ipc_pub *pub = CONTAINER_OF(pipes, struct ipc_pub, pipes);
    int n_pipes = ipc_pipes_count(pipes);
    bool more = n_pipes > pub->n_pipes;
    pub->n_pipes = n_pipes;
    if (more) {
        timer_start(&pub->heartbeat, 0);
    }
}

static int pub_open(struct ipc_pub *pub, const struct ipc_pub_options *options, struct err *err)
{
    TRY(ipc_socket_setup(pub->socket, err));
    int rc = nng_socket_set_int(pub->socket, NNG_OPT_SENDBUF, QUEUE_EVENTS);
    if (rc != 0) {
        return err_from_nng(err, rc, "setting options of a socket");
    }
    TRY(ipc_pipes_watch(&pub->pipes, pub->socket, pub->mailbox, on_pub_pipes, err));
    return ipc_socket_listen(pub->socket, options->url, options->tls, &pub->url, err);
}

int ipc_pub_new(struct loop *loop,
                const struct ipc_pub_options *options,
                struct ipc_pub **ret,
                struct err *err)
{
    ASSERT_LOOP(loop);
    nng_socket socket;
    int rc = nng_pub0_open(&socket);
    if (rc != 0) {
        return err_from_nng(err, rc, "opening a socket");
    }
    struct ipc_pub *pub = MEM_NEW(struct ipc_pub);
    pub->loop = loop;
    pub->socket = socket;
    pub->mailbox = mailbox_new(loop);
    pub->epoch = rand_u64(options->rand);
    pub->heartbeat_type = options->heartbeat_type;
    pub->heartbeat_ms = options->heartbeat_ms != 0 ? options->heartbeat_ms : IPC_HEARTBEAT_MS;
    timer_init(&pub->heartbeat, loop, on_heartbeat, pub);
    rc = pub_open(pub, options, err);
    if (rc < 0) {
        ipc_pub_free(pub);
        return rc;
    }
    timer_start(&pub->heartbeat, pub->heartbeat_ms);
    *ret = pub;
    return 0;
}

const char *ipc_pub_url(const struct ipc_pub *pub)
{
    return pub->url;
}

void ipc_pub_free(struct ipc_pub *pub)
{
    if (pub == NULL) {
        return;
    }
    if (!ipc_socket_close(pub->socket)) { /* returns when the connections' callbacks have run */
        timer_stop(&pub->heartbeat);
        mailbox_abandon(pub->mailbox);
        return;
    }
    mailbox_free(pub->mailbox);
    timer_stop(&pub->heartbeat); /* the mailbox may have started it */
    mem_free(pub->url);
    mem_free(pub);
}

/* --- subscriber --- */

struct ipc_sub {
    struct loop *loop;
    struct mailbox *mailbox;
    struct ipc_sub_callbacks callbacks;
    void *data;
    struct timer silence;
    struct mail mail;
    struct ipc_dialer dialer;
    nng_socket socket;
    nng_aio *aio;
    uint64_t epoch;
    uint64_t sequence; /* of the last event; 0 = none yet */
    uint32_t heartbeat_type;
    int64_t silence_ms;
    bool up;
    bool closing;
};

static void set_up(struct ipc_sub *sub, bool up)
{
    if (sub->up != up) {
        sub->up = up;
        if (sub->callbacks.on_state != NULL) {
            sub->callbacks.on_state(up, sub->data);
        }
    }
}

static void on_silence(void *data)
{
    set_up(data, false);
}

/* Whether something may have been missed before this event. */
static bool check_sequence(struct ipc_sub *sub, const Belay__Event *event, enum ipc_resync *ret_why)
{
    bool first = sub->sequence == 0;
    bool restarted = event->epoch != sub->epoch;
    bool gap = event->sequence != sub->sequence + 1;
    sub->epoch = event->epoch;
    sub->sequence = event->sequence;
    if (first) {
        *ret_why = IPC_RESYNC_FIRST;
    } else if (restarted) {
        *ret_why = IPC_RESYNC_RESTART;
    } else {
        *ret_why = IPC_RESYNC_GAP;
    }
    return first || restarted || gap;
}

static void on_event(struct ipc_sub *sub, struct str bytes)
{
    AUTO(arena) struct arena *arena = arena_new();
    ProtobufCMessage *message;
    struct err err;
    if (ipc_unpack(arena, &belay__event__descriptor, bytes, &message, &err) < 0) {
        log_debug("event cannot be read",
                  LF_ERR(&err)); /* counts as missed: the next one shows a gap */
        return;
    }
    const Belay__Event *event = (const Belay__Event *)(void *)message;
    enum ipc_resync why;
    bool missed = check_sequence(sub, event, &why);
    timer_start(&sub->silence, sub->silence_ms);
    set_up(sub, true);
    if (missed) {
        sub->callbacks.on_resync(why, sub->data);
    }
    if (event->type != sub->heartbeat_type) {
        sub->callbacks.on_event(event->type, ipc_bytes(event->payload), sub->data);
    }
}

static void on_aio(void *data)
{
    struct ipc_sub *sub = data;
    mailbox_post(sub->mailbox, &sub->mail);
}

static void on_sub_mail(struct mail *mail)
{
    struct ipc_sub *sub = CONTAINER_OF(mail, struct ipc_sub, mail);
    int rc = nng_aio_result(sub->aio);
    if (rc == 0) {
        nng_msg *message = nng_aio_get_msg(sub->aio);
        if (!sub->closing) {
            on_event(sub, str_of(nng_msg_body(message), nng_msg_len(message)));
        }
        nng_msg_free(message);
    }
    if (!sub->closing && rc != NNG_ECLOSED) {
        nng_recv_aio(sub->socket, sub->aio);
    }
}

static int sub_open(struct ipc_sub *sub, const struct ipc_sub_options *options, struct err *err)
{
    TRY(ipc_socket_setup(sub->socket, err));
    int rc = nng_socket_set_int(sub->socket, NNG_OPT_RECVBUF, QUEUE_EVENTS);
    if (rc == 0) {
        rc = nng_socket_set(sub->socket, NNG_OPT_SUB_SUBSCRIBE, "", 0);
    }
    if (rc == 0) {
        rc = nng_aio_alloc(&sub->aio, on_aio, sub);
    }
    if (rc != 0) {
        return err_from_nng(err, rc, "setting options of a socket");
    }
    nng_aio_set_timeout(sub->aio, NNG_DURATION_INFINITE);
    TRY(ipc_dialer_start(&sub->dialer, options->url, options->tls, err));
    nng_recv_aio(sub->socket, sub->aio);
    return 0;
}

int ipc_sub_new(struct loop *loop,
                const struct ipc_sub_options *options,
                const struct ipc_sub_callbacks *callbacks,
                void *data,
                struct ipc_sub **ret,
                struct err *err)
{
    ASSERT_LOOP(loop);
    nng_socket socket;
    int rc = nng_sub0_open(&socket);
    if (rc != 0) {
        return err_from_nng(err, rc, "opening a socket");
    }
    struct ipc_sub *sub = MEM_NEW(struct ipc_sub);
    sub->loop = loop;
    sub->socket = socket;
    sub->mailbox = mailbox_new(loop);
    sub->dialer = (struct ipc_dialer){.loop = loop, .mailbox = sub->mailbox, .socket = socket};
    sub->callbacks = *callbacks;
    sub->data = data;
    sub->mail.fn = on_sub_mail;
    sub->heartbeat_type = options->heartbeat_type;
    sub->silence_ms =
        MISSED_HEARTBEATS * (options->heartbeat_ms != 0 ? options->heartbeat_ms : IPC_HEARTBEAT_MS);
    timer_init(&sub->silence, loop, on_silence, sub);
    rc = sub_open(sub, options, err);
    if (rc < 0) {
        ipc_sub_free(sub);
        return rc;
    }
    *ret = sub;
    return 0;
}

void ipc_sub_free(struct ipc_sub *sub)
{
    if (sub == NULL) {
        return;
    }
    ASSERT_LOOP(sub->loop);
    sub->closing = true;
    timer_stop(&sub->silence);
    ipc_dialer_stop(&sub->dialer);
    if (!ipc_socket_close(sub->socket)) { /* ends the receiving */
        mailbox_abandon(sub->mailbox);
        return;
    }
    if (sub->aio != NULL) {
        nng_aio_stop(sub->aio);
    }
    mailbox_free(sub->mailbox);
    if (sub->aio != NULL) {
        nng_aio_free(sub->aio);
    }
    ipc_dialer_done(&sub->dialer);
    mem_free(sub);
}
