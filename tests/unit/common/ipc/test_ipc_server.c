/* The server alone, fed with raw messages: hostile envelopes, more calls than contexts, metrics. */
#include <stdlib.h>

#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>

#include "common/base/arena.h"
#include "common/base/mem.h"
#include "common/ipc/ipc_convert.h"
#include "common/ipc/ipc_server.h"
#include "common/rt/loop.h"
#include "common/rt/mailbox.h"
#include "common/rt/metrics.h"
#include "tests/lib/check.h"

enum { METHOD_HOLD = 1, N_CONTEXTS = 3, N_CALLS = 10, WAIT_MS = 20000 };

struct raw_call {
    struct mail mail;
    struct fixture *fixture;
    nng_ctx ctx;
    nng_aio *aio;
    bool receiving;
    bool over;
    int32_t code; /* of the reply's status */
};

struct fixture {
    struct loop *loop;
    struct mailbox *mailbox;
    struct metrics *metrics;
    struct ipc_server *server;
    nng_socket socket;
    struct ipc_call *held[N_CALLS];
    size_t n_held;
    size_t max_held;
    struct raw_call calls[N_CALLS];
    int n_over;
    int n_wanted;
};

static void on_hold(struct ipc_call *call, const ProtobufCMessage *request UNUSED)
{
    struct fixture *f = ipc_call_data(call);
    f->held[f->n_held++] = call;
    f->max_held = MAX(f->max_held, f->n_held);
}

static const struct ipc_method METHODS[] = {
    {METHOD_HOLD, "Hold", &belay__resource_ref__descriptor, &belay__empty__descriptor, on_hold, 0},
};

static void on_aio(void *data)
{
    struct raw_call *call = data;
    mailbox_post(call->fixture->mailbox, &call->mail);
}

static void read_reply(struct raw_call *call)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    ProtobufCMessage *message;
    nng_msg *raw = nng_aio_get_msg(call->aio);
    ASSERT_OK(ipc_unpack(arena, &belay__reply__descriptor,
                         str_of(nng_msg_body(raw), nng_msg_len(raw)), &message, &err));
    const Belay__Reply *reply = (const Belay__Reply *)(void *)message;
    call->code = reply->status != NULL ? reply->status->code : 0;
    nng_msg_free(raw);
}

static void on_mail(struct mail *mail)
{
    struct raw_call *call = CONTAINER_OF(mail, struct raw_call, mail);
    assert_int_equal(nng_aio_result(call->aio), 0);
    if (!call->receiving) {
        call->receiving = true;
        nng_ctx_recv(call->ctx, call->aio);
        return;
    }
    read_reply(call);
    call->over = true;
    call->fixture->n_over++;
}

static void send_raw(struct fixture *f, size_t i, struct str bytes)
{
    struct raw_call *call = &f->calls[i];
    nng_msg *message;
    call->fixture = f;
    call->mail.fn = on_mail;
    assert_int_equal(nng_ctx_open(&call->ctx, f->socket), 0);
    assert_int_equal(nng_aio_alloc(&call->aio, on_aio, call), 0);
    assert_int_equal(nng_msg_alloc(&message, 0), 0);
    assert_int_equal(nng_msg_append(message, bytes.p, bytes.n), 0);
    nng_aio_set_msg(call->aio, message);
    nng_ctx_send(call->ctx, call->aio);
}

static void setup(struct fixture *f)
{
    struct err err;
    *f = (struct fixture){.loop = loop_new()};
    f->mailbox = mailbox_new(f->loop);
    f->metrics = metrics_new();
    const struct ipc_server_options options = {.url = "tcp://127.0.0.1:0",
                                               .methods = METHODS,
                                               .n_methods = ARRAY_LEN(METHODS),
                                               .n_contexts = N_CONTEXTS,
                                               .data = f,
                                               .metrics = f->metrics};
    ASSERT_OK(ipc_server_new(f->loop, &options, &f->server, &err));
    assert_int_equal(nng_req0_open(&f->socket), 0);
    assert_int_equal(nng_dial(f->socket, ipc_server_url(f->server), NULL, 0), 0);
}

static void teardown(struct fixture *f)
{
    assert_int_equal(nng_close(f->socket), 0);
    for (size_t i = 0; i < N_CALLS && f->calls[i].aio != NULL; i++) {
        nng_aio_stop(f->calls[i].aio);
        nng_aio_free(f->calls[i].aio);
    }
    ipc_server_free(f->server);
    mailbox_free(f->mailbox);
    metrics_free(f->metrics);
    loop_free(f->loop);
}

static bool all_over(void *data)
{
    const struct fixture *f = data;
    return f->n_over >= f->n_wanted;
}

static bool holds_wanted(void *data)
{
    const struct fixture *f = data;
    return (int)f->n_held >= f->n_wanted;
}

static struct str envelope(struct arena *arena, uint32_t method, struct str payload)
{
    Belay__Call call;
    belay__call__init(&call);
    call.request_id = 7;
    call.method = method;
    call.timeout_ms = 1000;
    call.payload = ipc_bytes_of(payload);
    return ipc_pack(arena, &call.base);
}

static void hostile_messages_get_errors_and_harm_nobody(void **state UNUSED)
{
    struct fixture f;
    AUTO(arena) struct arena *arena = arena_new();
    setup(&f);
    send_raw(&f, 0, STR("\xff\xff\xff garbage"));
    send_raw(&f, 1, STR_EMPTY);
    send_raw(&f, 2, envelope(arena, 99, STR_EMPTY));
    send_raw(&f, 3, envelope(arena, METHOD_HOLD, STR("\x0a\xff\xff\xff\xff\x0f")));
    f.n_wanted = 4;
    assert_true(loop_run_until(f.loop, all_over, &f, WAIT_MS));
    assert_int_equal(f.calls[0].code, ERR_INVALID);
    assert_int_equal(f.calls[1].code, ERR_UNSUPPORTED); /* an empty envelope: method 0 */
    assert_int_equal(f.calls[2].code, ERR_UNSUPPORTED);
    assert_int_equal(f.calls[3].code, ERR_INVALID);
    assert_int_equal(f.n_held, 0);
    teardown(&f);
}

static void no_more_calls_than_contexts_are_in_work(void **state UNUSED)
{
    struct fixture f;
    AUTO(arena) struct arena *arena = arena_new();
    Belay__Empty reply;
    belay__empty__init(&reply);
    setup(&f);
    for (size_t i = 0; i < N_CALLS; i++) {
        send_raw(&f, i, envelope(arena, METHOD_HOLD, STR_EMPTY));
    }
    f.n_wanted = N_CONTEXTS;
    assert_true(loop_run_until(f.loop, holds_wanted, &f, WAIT_MS));
    for (int i = 0; i < N_CALLS; i++) {
        f.n_wanted = 1;
        assert_true(loop_run_until(f.loop, holds_wanted, &f, WAIT_MS));
        assert_int_equal(ipc_call_request_id(f.held[f.n_held - 1]), 7);
        f.n_held--;
        ipc_reply(f.held[f.n_held], &reply.base);
    }
    f.n_wanted = N_CALLS;
    assert_true(loop_run_until(f.loop, all_over, &f, WAIT_MS));
    assert_in_range(f.max_held, 1, N_CONTEXTS);
    assert_int_equal(ipc_server_n_calls(f.server), 0);
    __attribute__((cleanup(auto_cleanup_buf))) struct buf page;
    buf_init(&page, 1 << 20);
    metrics_format(f.metrics, &page);
    assert_non_null(strstr(page.p, "belay_ipc_server_seconds_count{method=\"Hold\"} 10\n"));
    teardown(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_messages_get_errors_and_harm_nobody),
        cmocka_unit_test(no_more_calls_than_contexts_are_in_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
