/* Client and server together: replies, errors, deadlines, cancel, lost connections, routing,
 * torture. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/base/rand.h"
#include "common/ipc/ipc_client.h"
#include "common/ipc/ipc_convert.h"
#include "common/ipc/ipc_server.h"
#include "common/rt/loop.h"
#include "common/rt/timer.h"
#include "proto/common.pb-c.h"
#include "tests/lib/check.h"
#include "tests/lib/tmp_dir.h"

enum method { METHOD_ECHO = 1, METHOD_FAIL, METHOD_HOLD, METHOD_LATER, METHOD_UNKNOWN };
enum { N_HELD = 64, WAIT_MS = 20000 };

/* One server and what it was asked. */
struct side {
    struct fixture *fixture;
    struct ipc_server *server;
    struct ipc_call *held[N_HELD];
    size_t n_held;
    int n_calls;
    int64_t timeout_ms; /* the last call's */
    char principal[64];
};

struct fixture {
    struct loop *loop;
    char dir[TMP_DIR_BYTES];
    char urls[2][96];
    struct side sides[2];
    struct ipc_client *client;
};

struct answer {
    int n_done;
    enum err_code code;
    char text[512]; /* the reply's name, or the error */
};

static void reply_name(struct ipc_call *call, const char *name)
{
    Belay__ResourceRef reply;
    belay__resource_ref__init(&reply);
    reply.name = ipc_string(ipc_call_arena(call), str_from(name));
    ipc_reply(call, &reply.base);
}

static struct side *note_call(struct ipc_call *call)
{
    struct side *side = ipc_call_data(call);
    side->n_calls++;
    side->timeout_ms = ipc_call_deadline_ms(call) - loop_now_ms(side->fixture->loop);
    (void)snprintf(side->principal, sizeof(side->principal), "%s", ipc_call_principal(call));
    return side;
}

static void on_echo(struct ipc_call *call, const ProtobufCMessage *request)
{
    (void)note_call(call);
    ipc_reply(call, request);
}

static void on_fail(struct ipc_call *call, const ProtobufCMessage *request UNUSED)
{
    struct err err;
    (void)note_call(call);
    (void)err_set(&err, ERR_NOT_FOUND, "no such thing");
    (void)err_wrap(&err, "server");
    ipc_reply_err(call, &err);
}

static void on_hold(struct ipc_call *call, const ProtobufCMessage *request UNUSED)
{
    struct side *side = note_call(call);
    assert_true(side->n_held < N_HELD);
    side->held[side->n_held++] = call;
}

struct later {
    struct timer timer;
    struct ipc_call *call;
};

static void on_later_due(void *data)
{
    struct later *later = data;
    reply_name(later->call, "later");
    mem_free(later);
}

static void on_later(struct ipc_call *call, const ProtobufCMessage *request UNUSED)
{
    struct side *side = note_call(call);
    struct later *later = MEM_NEW(struct later);
    later->call = call;
    timer_init(&later->timer, side->fixture->loop, on_later_due, later);
    timer_start(&later->timer, 1 + side->n_calls % 7);
}

static const struct ipc_method METHODS[] = {
    {METHOD_ECHO, "Echo", &belay__resource_ref__descriptor, &belay__resource_ref__descriptor,
     on_echo, 1000},
    {METHOD_FAIL, "Fail", &belay__resource_ref__descriptor, &belay__resource_ref__descriptor,
     on_fail, 0},
    {METHOD_HOLD, "Hold", &belay__resource_ref__descriptor, &belay__resource_ref__descriptor,
     on_hold, 0},
    {METHOD_LATER, "Later", &belay__resource_ref__descriptor, &belay__resource_ref__descriptor,
     on_later, 0},
};

static void start_server(struct fixture *f, int i)
{
    struct err err;
    const struct ipc_server_options options = {.url = f->urls[i],
                                               .methods = METHODS,
                                               .n_methods = ARRAY_LEN(METHODS),
                                               .n_contexts = 8,
                                               .data = &f->sides[i]};
    f->sides[i] = (struct side){.fixture = f};
    ASSERT_OK(ipc_server_new(f->loop, &options, &f->sides[i].server, &err));
}

static void stop_server(struct fixture *f, int i)
{
    struct side *side = &f->sides[i];
    ipc_server_free(side->server);
    side->server = NULL;
    for (size_t k = 0; k < side->n_held; k++) { /* late answers go nowhere */
        reply_name(side->held[k], "late");
    }
    side->n_held = 0;
}

static void setup_waiting(struct fixture *f, size_t n_urls, int64_t connect_wait_ms)
{
    struct err err;
    *f = (struct fixture){.loop = loop_new()};
    tmp_dir_new(f->dir);
    for (int i = 0; i < 2; i++) {
        (void)snprintf(f->urls[i], sizeof(f->urls[i]), "ipc://%s/%d.sock", f->dir, i);
    }
    const char *urls[] = {f->urls[0], f->urls[1]};
    const struct ipc_client_options options = {
        .urls = urls, .n_urls = n_urls, .connect_wait_ms = connect_wait_ms};
    ASSERT_OK(ipc_client_new(f->loop, &options, &f->client, &err));
}

static void setup(struct fixture *f, size_t n_urls)
{
    setup_waiting(f, n_urls, WAIT_MS / 2);
}

static void teardown(struct fixture *f)
{
    ipc_client_free(f->client);
    for (int i = 0; i < 2; i++) {
        if (f->sides[i].server != NULL) {
            stop_server(f, i);
        }
    }
    loop_free(f->loop);
    tmp_dir_remove(f->dir);
}

static void on_answer(const ProtobufCMessage *reply, const struct err *err, void *data)
{
    struct answer *answer = data;
    answer->n_done++;
    answer->code = err != NULL ? err->code : ERR_OK;
    assert_true((reply == NULL) == (err != NULL));
    if (err != NULL) {
        err_format(err, answer->text, sizeof(answer->text));
    } else {
        (void)snprintf(answer->text, sizeof(answer->text), "%s",
                       ((const Belay__ResourceRef *)(const void *)reply)->name);
    }
}

static struct ipc_request *call_full(struct fixture *f,
                                     enum method method,
                                     enum ipc_repeat repeat,
                                     int64_t timeout_ms,
                                     const char *name,
                                     struct answer *answer)
{
    Belay__ResourceRef request;
    belay__resource_ref__init(&request);
    AUTO(char) char *copy = mem_strdup(name);
    request.name = copy;
    *answer = (struct answer){.n_done = 0};
    const struct ipc_call_options options = {.method = (uint32_t)method,
                                             .name = "Test",
                                             .request = &request.base,
                                             .reply = &belay__resource_ref__descriptor,
                                             .timeout_ms = timeout_ms,
                                             .repeat = repeat,
                                             .principal = "tester",
                                             .route_key = STR("key")};
    return ipc_client_call(f->client, &options, on_answer, answer);
}

static struct ipc_request *call(struct fixture *f, enum method method, struct answer *answer)
{
    return call_full(f, method, IPC_REPEATABLE, WAIT_MS, "hello", answer);
}

static bool answered(void *data)
{
    return ((struct answer *)data)->n_done > 0;
}

static void wait_answer(struct fixture *f, struct answer *answer)
{
    assert_true(loop_run_until(f->loop, answered, answer, WAIT_MS));
    assert_int_equal(answer->n_done, 1);
}

static bool holds_one(void *data)
{
    return ((struct side *)data)->n_held > 0;
}

static void reply_and_headers_arrive(void **state UNUSED)
{
    struct fixture f;
    struct answer answer;
    setup(&f, 1);
    start_server(&f, 0);
    (void)call_full(&f, METHOD_ECHO, IPC_ONCE, 5000, "hello", &answer);
    assert_int_equal(answer.n_done, 0);
    wait_answer(&f, &answer);
    assert_int_equal(answer.code, ERR_OK);
    assert_string_equal(answer.text, "hello");
    assert_string_equal(f.sides[0].principal, "tester");
    assert_in_range(f.sides[0].timeout_ms, 3000, 5000);
    assert_true(ipc_client_connected(f.client));
    teardown(&f);
}

static void errors_of_the_server_keep_their_chain(void **state UNUSED)
{
    struct fixture f;
    struct answer answer;
    setup(&f, 1);
    start_server(&f, 0);
    (void)call(&f, METHOD_FAIL, &answer);
    wait_answer(&f, &answer);
    assert_int_equal(answer.code, ERR_NOT_FOUND);
    assert_string_equal(answer.text, "server: no such thing");
    (void)call(&f, METHOD_UNKNOWN, &answer);
    wait_answer(&f, &answer);
    assert_int_equal(answer.code, ERR_UNSUPPORTED);
    teardown(&f);
}

static void request_over_the_methods_limit_is_refused(void **state UNUSED)
{
    struct fixture f;
    struct answer answer;
    char name[1001];
    setup(&f, 1);
    start_server(&f, 0);
    memset(name, 'x', sizeof(name));
    name[997] = '\0'; /* with tag and length exactly 1000 bytes */
    (void)call_full(&f, METHOD_ECHO, IPC_ONCE, WAIT_MS, name, &answer);
    wait_answer(&f, &answer);
    assert_int_equal(answer.code, ERR_OK);
    name[997] = 'x';
    name[998] = '\0';
    (void)call_full(&f, METHOD_ECHO, IPC_ONCE, WAIT_MS, name, &answer);
    wait_answer(&f, &answer);
    assert_int_equal(answer.code, ERR_LIMIT);
    teardown(&f);
}

static void large_messages_pass(void **state UNUSED)
{
    enum { N = 8 << 20 };
    struct fixture f;
    struct answer answer;
    setup(&f, 1);
    start_server(&f, 0);
    char *name = mem_alloc(N + 1);
    memset(name, 'x', N);
    name[N] = '\0';
    (void)call_full(&f, METHOD_FAIL, IPC_ONCE, WAIT_MS, name, &answer);
    wait_answer(&f, &answer);
    assert_int_equal(answer.code, ERR_NOT_FOUND);
    mem_free(name);
    teardown(&f);
}

static void unreachable_server_is_told_quickly_with_its_address(void **state UNUSED)
{
    struct fixture f;
    struct answer answer;
    setup_waiting(&f, 1, 300);
    int64_t start_ms = clock_now_ms(clock_system());
    (void)call(&f, METHOD_ECHO, &answer);
    wait_answer(&f, &answer);
    assert_int_equal(answer.code, ERR_UNAVAILABLE);
    assert_non_null(strstr(answer.text, f.urls[0]));
    assert_true(clock_now_ms(clock_system()) - start_ms < WAIT_MS / 2);
    (void)call_full(&f, METHOD_ECHO, IPC_ONCE, 30, "x", &answer); /* before its deadline too */
    wait_answer(&f, &answer);
    assert_int_equal(answer.code, ERR_UNAVAILABLE);
    teardown(&f);
}

static void call_waits_for_a_server_that_starts(void **state UNUSED)
{
    struct fixture f;
    struct answer answer;
    setup(&f, 1);
    (void)call(&f, METHOD_ECHO, &answer);
    start_server(&f, 0);
    wait_answer(&f, &answer);
    assert_int_equal(answer.code, ERR_OK);
    teardown(&f);
}

static void deadline_and_cancel_end_a_running_call(void **state UNUSED)
{
    struct fixture f;
    struct answer answer;
    setup(&f, 1);
    start_server(&f, 0);
    (void)call(&f, METHOD_ECHO,
               &answer); /* the connection is made before the short deadline runs */
    wait_answer(&f, &answer);
    (void)call_full(&f, METHOD_HOLD, IPC_ONCE, 500, "x", &answer);
    wait_answer(&f, &answer);
    assert_int_equal(answer.code, ERR_TIMEOUT);
    assert_non_null(strstr(answer.text, f.urls[0]));
    f.sides[0].n_held = 0;
    struct ipc_call *first = f.sides[0].held[0];
    struct ipc_request *request = call(&f, METHOD_HOLD, &answer);
    assert_true(loop_run_until(f.loop, holds_one, &f.sides[0], WAIT_MS));
    ipc_request_cancel(request);
    assert_int_equal(answer.n_done, 0);
    wait_answer(&f, &answer);
    assert_int_equal(answer.code, ERR_CANCELED);
    reply_name(first, "too late"); /* nobody waits for it */
    (void)call(&f, METHOD_ECHO, &answer);
    wait_answer(&f, &answer);
    assert_string_equal(answer.text, "hello");
    teardown(&f);
}

static void lost_connection_fails_a_call_that_must_not_run_twice(void **state UNUSED)
{
    struct fixture f;
    struct answer answer;
    setup(&f, 1);
    start_server(&f, 0);
    (void)call_full(&f, METHOD_HOLD, IPC_ONCE, WAIT_MS, "x", &answer);
    assert_true(loop_run_until(f.loop, holds_one, &f.sides[0], WAIT_MS));
    stop_server(&f, 0);
    start_server(&f, 0);
    wait_answer(&f, &answer);
    assert_int_equal(answer.code, ERR_UNAVAILABLE);
    assert_non_null(strstr(answer.text, "may have been carried out"));
    (void)call(&f, METHOD_ECHO, &answer); /* the new server takes calls, and got no other */
    wait_answer(&f, &answer);
    assert_int_equal(f.sides[0].n_calls, 1);
    teardown(&f);
}

static void repeatable_call_moves_to_the_other_server(void **state UNUSED)
{
    struct fixture f;
    struct answer answer;
    setup(&f, 2);
    start_server(&f, 0);
    start_server(&f, 1);
    for (int i = 0; i < 5; i++) { /* both are connected once one key keeps its server */
        (void)call(&f, METHOD_ECHO, &answer);
        wait_answer(&f, &answer);
    }
    (void)call(&f, METHOD_HOLD, &answer);
    while (f.sides[0].n_held + f.sides[1].n_held == 0) {
        (void)loop_run_until(f.loop, answered, &answer, 5);
    }
    int with = f.sides[0].n_held > 0 ? 0 : 1;
    int other = 1 - with;
    stop_server(&f, with);
    assert_true(loop_run_until(f.loop, holds_one, &f.sides[other], WAIT_MS));
    f.sides[other].n_held = 0;
    reply_name(f.sides[other].held[0], "moved");
    wait_answer(&f, &answer);
    assert_string_equal(answer.text, "moved");
    teardown(&f);
}

static void stopping_server_finishes_its_calls(void **state UNUSED)
{
    struct fixture f;
    struct answer answer;
    setup(&f, 1);
    start_server(&f, 0);
    (void)call(&f, METHOD_HOLD, &answer);
    assert_true(loop_run_until(f.loop, holds_one, &f.sides[0], WAIT_MS));
    assert_int_equal(ipc_server_n_calls(f.sides[0].server), 1);
    ipc_server_stop(f.sides[0].server);
    struct answer refused;
    (void)call(&f, METHOD_ECHO, &refused);
    wait_answer(&f, &refused);
    assert_int_equal(refused.code, ERR_UNAVAILABLE);
    assert_string_equal(refused.text, "the server is shutting down");
    f.sides[0].n_held = 0;
    reply_name(f.sides[0].held[0], "finished");
    wait_answer(&f, &answer);
    assert_string_equal(answer.text, "finished");
    teardown(&f);
}

static void stale_socket_is_taken_over_a_live_one_is_not(void **state UNUSED)
{
    struct fixture f;
    struct err err;
    struct stat st;
    struct ipc_server *second;
    setup(&f, 1);
    start_server(&f, 0);
    const char *path = f.urls[0] + strlen("ipc://");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    const struct ipc_server_options options = {.url = f.urls[0], .n_contexts = 1};
    ASSERT_ERR(ipc_server_new(f.loop, &options, &second, &err), ERR_CONFLICT, f.urls[0]);
    char saved[128];
    (void)snprintf(saved, sizeof(saved), "%s/saved", f.dir);
    assert_int_equal(link(path, saved), 0); /* as after SIGKILL: the file without a listener */
    stop_server(&f, 0);
    assert_int_equal(rename(saved, path), 0);
    start_server(&f, 0);
    struct answer answer;
    (void)call(&f, METHOD_ECHO, &answer);
    wait_answer(&f, &answer);
    assert_int_equal(answer.code, ERR_OK);
    teardown(&f);
}

static void freeing_the_client_ends_every_call(void **state UNUSED)
{
    struct fixture f;
    struct answer answers[20];
    setup(&f, 1);
    start_server(&f, 0);
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        (void)call(&f, METHOD_HOLD, &answers[i]);
    }
    assert_true(loop_run_until(f.loop, holds_one, &f.sides[0], WAIT_MS));
    ipc_client_free(f.client);
    f.client = NULL;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        assert_int_equal(answers[i].n_done, 1);
        assert_int_equal(answers[i].code, ERR_CANCELED);
    }
    teardown(&f);
}

enum { N_TORTURE = 600 };

struct torture {
    struct answer answers[N_TORTURE];
    struct ipc_request *requests[N_TORTURE];
    bool canceled[N_TORTURE];
};

static bool all_answered(void *data)
{
    const struct torture *t = data;
    for (int i = 0; i < N_TORTURE; i++) {
        if (t->answers[i].n_done == 0) {
            return false;
        }
    }
    return true;
}

static bool allowed(const struct torture *t, int i)
{
    enum err_code code = t->answers[i].code;
    if (t->canceled[i]) {
        return code == ERR_CANCELED;
    }
    return code == ERR_OK || code == ERR_TIMEOUT || code == ERR_UNAVAILABLE;
}

static void every_call_ends_exactly_once_whatever_happens(void **state UNUSED)
{
    struct fixture f;
    struct torture *t = MEM_NEW(struct torture);
    struct rand_seeded seeded;
    rand_seeded_init(&seeded, 2024);
    struct rand *rand = &seeded.rand;
    setup(&f, 2);
    start_server(&f, 0);
    start_server(&f, 1);
    for (int i = 0; i < N_TORTURE; i++) {
        enum ipc_repeat repeat = rand_below(rand, 2) == 0 ? IPC_ONCE : IPC_REPEATABLE;
        enum method method = rand_below(rand, 2) == 0 ? METHOD_ECHO : METHOD_LATER;
        t->requests[i] =
            call_full(&f, method, repeat, 1 + (int64_t)rand_below(rand, 400), "x", &t->answers[i]);
        size_t victim = rand_below(rand, (uint64_t)i + 1);
        if (rand_below(rand, 3) == 0 && t->answers[victim].n_done == 0) {
            ipc_request_cancel(t->requests[victim]);
            t->canceled[victim] = true;
        }
        if (rand_below(rand, 4) == 0) {
            (void)loop_run_until(f.loop, answered, &t->answers[i], (int64_t)rand_below(rand, 4));
        }
        if (i % 100 == 50) { /* one of the two goes away and comes back */
            ipc_server_free(f.sides[i / 100 % 2].server);
            start_server(&f, i / 100 % 2);
        }
    }
    assert_true(loop_run_until(f.loop, all_answered, t, WAIT_MS));
    int n_ok = 0;
    for (int i = 0; i < N_TORTURE; i++) {
        assert_int_equal(t->answers[i].n_done, 1);
        assert_true(allowed(t, i));
        n_ok += t->answers[i].code == ERR_OK;
    }
    assert_true(n_ok > N_TORTURE / 10);
    (void)loop_run_until(f.loop, answered, &(struct answer){.n_done = 0}, 20); /* late replies */
    teardown(&f);
    mem_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reply_and_headers_arrive),
        cmocka_unit_test(errors_of_the_server_keep_their_chain),
        cmocka_unit_test(request_over_the_methods_limit_is_refused),
        cmocka_unit_test(large_messages_pass),
        cmocka_unit_test(unreachable_server_is_told_quickly_with_its_address),
        cmocka_unit_test(call_waits_for_a_server_that_starts),
        cmocka_unit_test(deadline_and_cancel_end_a_running_call),
        cmocka_unit_test(lost_connection_fails_a_call_that_must_not_run_twice),
        cmocka_unit_test(repeatable_call_moves_to_the_other_server),
        cmocka_unit_test(stopping_server_finishes_its_calls),
        cmocka_unit_test(stale_socket_is_taken_over_a_live_one_is_not),
        cmocka_unit_test(freeing_the_client_ends_every_call),
        cmocka_unit_test(every_call_ends_exactly_once_whatever_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
