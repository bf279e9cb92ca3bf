/* Exchanges: streams, fresh credentials after 401, impersonation, warnings. */
#include "common/base/arena.h"
#include "common/kube/kube_exchange.h"
#include "tests/lib/check.h"
#include "tests/lib/kube_fixture.h"

static const struct kube_target PODS = {.version = {"v1", 2}, .resource = {"pods", 4}};

struct seen {
    struct buf data;
    unsigned n_heads;
    unsigned n_done;
    bool ok;
    int status;
    struct err err;
    struct kube_exchange *exchange;
    bool cancel_in_data;
};

static void on_data(void *data, struct str bytes)
{
    struct seen *seen = data;
    buf_put(&seen->data, bytes);
    if (seen->cancel_in_data) {
        kube_exchange_cancel(seen->exchange);
    }
}

static void on_head(void *data)
{
    struct seen *seen = data;
    seen->n_heads++;
}

static void on_done(void *data, const struct kube_exchange_result *result)
{
    struct seen *seen = data;
    seen->n_done++;
    seen->ok = result->err == NULL;
    seen->status = result->status;
    if (result->err != NULL) {
        seen->err = *result->err;
    }
}

static bool is_done(void *data)
{
    return ((struct seen *)data)->n_done > 0;
}

static bool has_data(void *data)
{
    return ((struct seen *)data)->data.n > 0;
}

static void start(struct kube_fixture *f, struct seen *seen, enum kube_repeat repeat)
{
    const struct kube_wire wire = {
        .method = "GET",
        .path = STR("/x"),
        .what = STR("get x"),
        .repeat = repeat,
    };
    const struct kube_exchange_opts opts = {
        .verb = KUBE_GET,
        .target = &PODS,
        .wire = &wire,
        .on_data = on_data,
        .on_head = on_head,
        .done = on_done,
        .data = seen,
    };
    buf_init(&seen->data, 4096);
    seen->exchange = kube_exchange_start(f->client, &opts);
    assert_int_equal(seen->n_done, 0);
}

static void finish(struct kube_fixture *f, struct seen *seen)
{
    kube_fixture_free(f);
    assert_int_equal(seen->n_done, 1);
    buf_done(&seen->data);
}

static void a_stream_is_delivered_as_it_comes(void **state UNUSED)
{
    const struct kube_step steps[] = {{200, "one", KUBE_STEP_OPEN, NULL}};
    struct kube_fixture *f = kube_fixture_new(steps, 1, "");
    struct seen seen = {0};
    start(f, &seen, KUBE_REPEAT_NEVER);
    kube_fixture_wait(f, has_data, &seen);
    assert_int_equal(seen.n_heads, 1);
    kube_fixture_write(f, 0, "two");
    kube_fixture_end(f, 0);
    kube_fixture_wait(f, is_done, &seen);
    assert_true(seen.ok);
    ASSERT_STR(buf_str(&seen.data), "onetwo");
    finish(f, &seen);
}

static void a_stream_that_broke_is_not_repeated(void **state UNUSED)
{
    const struct kube_step steps[] = {{200, "one", KUBE_STEP_OPEN, NULL}};
    struct kube_fixture *f = kube_fixture_new(steps, 1, "");
    struct seen seen = {0};
    start(f, &seen, KUBE_REPEAT_IDEMPOTENT);
    kube_fixture_wait(f, has_data, &seen);
    kube_fixture_abort(f, 0);
    kube_fixture_wait(f, is_done, &seen);
    assert_int_equal(seen.err.code, ERR_UNAVAILABLE);
    assert_int_equal(f->at, 1);
    finish(f, &seen);
}

static void a_stream_can_be_canceled_in_its_callback(void **state UNUSED)
{
    const struct kube_step steps[] = {{200, "one", KUBE_STEP_OPEN, NULL}};
    struct kube_fixture *f = kube_fixture_new(steps, 1, "");
    struct seen seen = {.cancel_in_data = true};
    start(f, &seen, KUBE_REPEAT_NEVER);
    kube_fixture_wait(f, is_done, &seen);
    assert_int_equal(seen.err.code, ERR_CANCELED);
    finish(f, &seen);
}

static void failures_of_streams_are_explained(void **state UNUSED)
{
    const struct kube_step steps[] = {
        {403, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"message\":\"no\"}", 0, NULL}};
    struct kube_fixture *f = kube_fixture_new(steps, 1, "");
    struct seen seen = {0};
    start(f, &seen, KUBE_REPEAT_NEVER);
    kube_fixture_wait(f, is_done, &seen);
    assert_int_equal(seen.err.code, ERR_DENIED);
    check_contains(&seen.err, "get x: no");
    assert_int_equal(seen.n_heads, 0);
    assert_int_equal(seen.data.n, 0);
    finish(f, &seen);
}

static const struct {
    const char *header;
    const char *text; /* NULL = none */
} WARNINGS[] = {
    {"299 - \"use apps/v1\"", "use apps/v1"},
    {" 299 kube \"a \\\"b\\\" \\\\ c\" \"Sat, 25 Aug 2012 23:34:45 GMT\"", "a \"b\" \\ c"},
    {"299 - \"cut", "cut"},
    {"199 - \"x\"", NULL},
    {"299 - bare", NULL},
    {"299", NULL},
    {"", NULL},
};

static void warning_headers_are_read(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(WARNINGS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct str text;
        bool found = kube_exchange_warning(arena, str_from(WARNINGS[i].header), &text);
        assert_int_equal(found, WARNINGS[i].text != NULL);
        if (found) {
            ASSERT_STR(text, WARNINGS[i].text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_is_delivered_as_it_comes),
        cmocka_unit_test(a_stream_that_broke_is_not_repeated),
        cmocka_unit_test(a_stream_can_be_canceled_in_its_callback),
        cmocka_unit_test(failures_of_streams_are_explained),
        cmocka_unit_test(warning_headers_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
