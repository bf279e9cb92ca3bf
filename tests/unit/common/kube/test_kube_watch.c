/* Watches against a scripted server: events, reconnects, relists, fall-backs, stopping. */
#include "common/base/arena.h"
#include "common/kube/kube_object.h"
#include "common/kube/kube_watch.h"
#include "common/value/value.h"
#include "tests/lib/check.h"
#include "tests/lib/kube_fixture.h"

static const struct kube_target PODS = {
    .version = {"v1", 2},
    .resource = {"pods", 4},
    .kind = {"Pod", 3},
};

/* What the consumer was told: "reset synced +a ~a -a" and "!CODE" or "well". */
struct seen {
    struct buf told;
    unsigned n_synced;
    unsigned n_errors;
    bool stopped;
    struct kube_watch *watch;
    bool stop_in_event;
    size_t want; /* bytes of told that are waited for */
};

static void on_stopped(void *data)
{
    struct seen *seen = data;
    seen->stopped = true;
}

static void on_event(void *data, enum kube_event type, const struct value *obj)
{
    static const char SIGNS[] = {'+', '~', '-'};
    struct seen *seen = data;
    buf_put_char(&seen->told, SIGNS[type]);
    buf_put(&seen->told, kube_name(obj));
    buf_put_char(&seen->told, ' ');
    ASSERT_STR(kube_kind_of(obj), "Pod");
    if (seen->stop_in_event) {
        kube_watch_stop(seen->watch, on_stopped, seen);
    }
}

static void on_reset(void *data, struct str namespace)
{
    struct seen *seen = data;
    buf_printf(&seen->told, "reset%s" STR_FMT " ", namespace.n > 0 ? ":" : "", STR_ARG(namespace));
}

static void on_synced(void *data, struct str namespace)
{
    struct seen *seen = data;
    seen->n_synced++;
    buf_printf(&seen->told, "synced%s" STR_FMT " ", namespace.n > 0 ? ":" : "", STR_ARG(namespace));
}

static void on_error(void *data, const struct err *err)
{
    struct seen *seen = data;
    seen->n_errors += err != NULL ? 1 : 0;
    buf_printf(&seen->told, "%s ", err != NULL ? err_code_name(err->code) : "well");
}

/* A watch of these answers; more: what differs from the usual options, NULL = nothing. */
static struct kube_fixture *begin(const struct kube_step *steps,
                                  size_t n_steps,
                                  const struct kube_watch_opts *more,
                                  struct seen *seen)
{
    struct kube_fixture *f = kube_fixture_new(steps, n_steps, "");
    struct kube_watch_opts opts = more != NULL ? *more : (struct kube_watch_opts){0};
    *seen = (struct seen){0};
    buf_init(&seen->told, 4096);
    opts.target = PODS;
    opts.backoff_min_ms = 10;
    opts.on_event = on_event;
    opts.on_reset = on_reset;
    opts.on_synced = on_synced;
    opts.on_error = on_error;
    opts.data = seen;
    seen->watch = kube_watch_start(f->client, &opts);
    return f;
}

static bool has_told(void *data)
{
    const struct seen *seen = data;
    return seen->told.n >= seen->want;
}

/* Wait until exactly this was told. */
static void expect(struct kube_fixture *f, struct seen *seen, const char *want)
{
    seen->want = strlen(want);
    kube_fixture_wait(f, has_told, seen);
    ASSERT_STR(buf_str(&seen->told), want);
}

static bool is_stopped(void *data)
{
    return ((struct seen *)data)->stopped;
}

static void finish(struct kube_fixture *f, struct seen *seen)
{
    if (!seen->stop_in_event) {
        kube_watch_stop(seen->watch, on_stopped, seen);
    }
    assert_false(seen->stopped);
    kube_fixture_wait(f, is_stopped, seen);
    kube_fixture_free(f);
    buf_done(&seen->told);
}

#define LIST(version, items)                                                                     \
    "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"" version "\"},\"items\":[" items \
    "]}"
#define POD(name, version) \
    "{\"metadata\":{\"name\":\"" name "\",\"resourceVersion\":\"" version "\"}}"
#define EVENT(type, object) "{\"type\":\"" type "\",\"object\":" object "}\n"
#define GONE                                                                                  \
    "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"code\":410," \
    "\"reason\":\"Expired\",\"message\":\"too old\"}}\n"

static const char *line(struct kube_fixture *f, size_t n)
{
    static char text[1024];
    struct str rest = buf_str(&f->log);
    struct str part = STR_EMPTY;
    for (size_t i = 0; i <= n; i++) {
        assert_true(str_next(&rest, '\n', &part));
    }
    (void)snprintf(text, sizeof(text), STR_FMT, STR_ARG(part));
    return text;
}

static void lists_then_follows_events(void **state UNUSED)
{
    const struct kube_step steps[] = {
        {200, LIST("5", POD("a", "3")), KUBE_STEP_REPLY, NULL},
        {200, EVENT("ADDED", POD("b", "6")), KUBE_STEP_OPEN, NULL},
        {200, "", KUBE_STEP_OPEN, NULL},
    };
    struct seen seen;
    struct kube_fixture *f = begin(steps, ARRAY_LEN(steps), NULL, &seen);
    assert_int_equal(kube_watch_state(seen.watch), KUBE_WATCH_LISTING);
    expect(f, &seen, "reset +a synced +b ");
    assert_true(kube_watch_synced(seen.watch));
    /* an event in two pieces, one of unknown fields, and a bookmark */
    kube_fixture_write(f, 0, "{\"type\":\"MODIFIED\",\"object\":{\"metadata\":{\"name\":\"a\",");
    kube_fixture_write(f, 0, "\"resourceVersion\":\"7\"}}}\n" EVENT("DELETED", POD("b", "8")));
    expect(f, &seen, "reset +a synced +b ~a -b ");
    kube_fixture_write(f, 0, EVENT("BOOKMARK", POD("", "20")));
    kube_fixture_end(f, 0);
    kube_fixture_wait_requests(f, 3);
    assert_non_null(strstr(line(f, 0), "GET /api/v1/pods?limit=500"));
    assert_non_null(strstr(line(f, 1), "allowWatchBookmarks=true"));
    assert_non_null(strstr(line(f, 1), "resourceVersion=5"));
    assert_non_null(strstr(line(f, 2), "resourceVersion=20"));
    assert_int_equal(seen.n_errors, 0);
    finish(f, &seen);
}

static void an_expired_version_lists_again(void **state UNUSED)
{
    const struct kube_step steps[] = {
        {200, LIST("5", POD("a", "3")), KUBE_STEP_REPLY, NULL},
        {200, GONE, KUBE_STEP_OPEN, NULL},
        {200, LIST("50", POD("c", "40")), KUBE_STEP_REPLY, NULL},
        {410, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"reason\":\"Expired\"}", 0, NULL},
        {200, LIST("60", ""), KUBE_STEP_REPLY, NULL},
        {200, EVENT("ADDED", POD("d", "61")), KUBE_STEP_OPEN, NULL},
    };
    struct seen seen;
    struct kube_fixture *f = begin(steps, ARRAY_LEN(steps), NULL, &seen);
    /* the second in a row is worth a word and a pause */
    expect(f, &seen, "reset +a synced reset +c synced CONFLICT reset well synced +d ");
    assert_non_null(strstr(line(f, 5), "resourceVersion=60"));
    finish(f, &seen);
}

static void a_broken_watch_goes_on_where_it_was(void **state UNUSED)
{
    const struct kube_step steps[] = {
        {200, LIST("5", ""), KUBE_STEP_REPLY, NULL},
        {200, EVENT("ADDED", POD("b", "6")) "{\"type\":", KUBE_STEP_OPEN, NULL},
        {503, "", KUBE_STEP_REPLY, NULL},
        {200, EVENT("ADDED", POD("c", "9")), KUBE_STEP_OPEN, NULL},
    };
    struct seen seen;
    struct kube_fixture *f = begin(steps, ARRAY_LEN(steps), NULL, &seen);
    expect(f, &seen, "reset synced +b ");
    kube_fixture_abort(f, 0);
    expect(f, &seen, "reset synced +b UNAVAILABLE UNAVAILABLE well +c ");
    assert_non_null(strstr(line(f, 3), "resourceVersion=6"));
    finish(f, &seen);
}

static void a_lost_event_lists_again(void **state UNUSED)
{
    const struct kube_step steps[] = {
        {200, LIST("5", ""), KUBE_STEP_REPLY, NULL},
        {200, "no json\n", KUBE_STEP_OPEN, NULL},
        {200, LIST("7", POD("b", "6")), KUBE_STEP_REPLY, NULL},
        {200, EVENT("NEWS", "{}"), KUBE_STEP_OPEN, NULL},
        {200, LIST("8", ""), KUBE_STEP_REPLY, NULL},
        {200, "", KUBE_STEP_OPEN, NULL},
    };
    struct seen seen;
    struct kube_fixture *f = begin(steps, ARRAY_LEN(steps), NULL, &seen);
    expect(f, &seen, "reset synced INVALID reset +b well synced INVALID reset well synced ");
    finish(f, &seen);
}

static void a_failing_list_is_tried_again(void **state UNUSED)
{
    const struct kube_step steps[] = {
        {403, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"reason\":\"Forbidden\"}", 0, NULL},
        {200, LIST("5", ""), KUBE_STEP_REPLY, NULL},
        {200, "", KUBE_STEP_OPEN, NULL},
    };
    struct seen seen;
    struct kube_fixture *f = begin(steps, ARRAY_LEN(steps), NULL, &seen);
    expect(f, &seen, "reset DENIED reset well synced ");
    finish(f, &seen);
}

static void a_silent_watch_is_replaced(void **state UNUSED)
{
    const struct kube_step steps[] = {
        {200, LIST("5", ""), KUBE_STEP_REPLY, NULL},
        {200, "", KUBE_STEP_OPEN, NULL},
        {200, EVENT("ADDED", POD("b", "6")), KUBE_STEP_OPEN, NULL},
    };
    struct seen seen;
    const struct kube_watch_opts opts = {.idle_ms = 300};
    struct kube_fixture *f = begin(steps, ARRAY_LEN(steps), &opts, &seen);
    expect(f, &seen, "reset synced TIMEOUT well +b ");
    finish(f, &seen);
}

#define END_OF_LIST                                                               \
    "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"9\"," \
    "\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}}}}\n"

static void a_streamed_list_needs_no_list_request(void **state UNUSED)
{
    const struct kube_step steps[] = {
        {200, EVENT("ADDED", POD("a", "3")) END_OF_LIST EVENT("ADDED", POD("b", "10")),
         KUBE_STEP_OPEN, NULL},
        {200, "", KUBE_STEP_OPEN, NULL},
    };
    struct seen seen;
    const struct kube_watch_opts opts = {.streaming_list = true};
    struct kube_fixture *f = begin(steps, ARRAY_LEN(steps), &opts, &seen);
    expect(f, &seen, "reset +a synced +b ");
    assert_non_null(strstr(line(f, 0), "sendInitialEvents=true&resourceVersionMatch=NotOlderThan"));
    kube_fixture_end(f, 0);
    kube_fixture_wait_requests(f, 2);
    assert_null(strstr(line(f, 1), "sendInitialEvents"));
    assert_non_null(strstr(line(f, 1), "resourceVersion=10"));
    finish(f, &seen);
}

static void a_server_without_streamed_lists_is_listed(void **state UNUSED)
{
    static const struct kube_step REFUSALS[] = {
        {422, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"reason\":\"Invalid\"}", 0, NULL},
        {200, EVENT("ADDED", POD("a", "3")), KUBE_STEP_REPLY, NULL}, /* ends without the mark */
    };
    static const char *const WANT[] = {"reset reset +a synced ", "reset +a reset +a synced "};
    for (size_t i = 0; i < ARRAY_LEN(REFUSALS); i++) {
        const struct kube_step steps[] = {
            REFUSALS[i],
            {200, LIST("5", POD("a", "3")), KUBE_STEP_REPLY, NULL},
            {200, "", KUBE_STEP_OPEN, NULL},
        };
        struct seen seen;
        const struct kube_watch_opts opts = {.streaming_list = true};
        struct kube_fixture *f = begin(steps, ARRAY_LEN(steps), &opts, &seen);
        expect(f, &seen, WANT[i]);
        assert_int_equal(seen.n_errors, 0);
        finish(f, &seen);
    }
}

static void several_namespaces_are_several_streams(void **state UNUSED)
{
    const struct str namespaces[] = {STR("n1"), STR("n2")};
    const struct kube_step steps[] = {
        {200, LIST("5", ""), KUBE_STEP_REPLY, NULL},
        {200, LIST("5", ""), KUBE_STEP_REPLY, NULL},
        {200, "", KUBE_STEP_OPEN, NULL},
        {200, "", KUBE_STEP_OPEN, NULL},
    };
    struct seen seen;
    const struct kube_watch_opts opts = {.namespaces = namespaces, .n_namespaces = 2};
    struct kube_fixture *f = begin(steps, ARRAY_LEN(steps), &opts, &seen);
    kube_fixture_wait_requests(f, 4);
    assert_int_equal(seen.n_synced, 2);
    assert_true(kube_watch_synced(seen.watch));
    assert_non_null(strstr(f->log.p, "/api/v1/namespaces/n1/pods?"));
    assert_non_null(strstr(f->log.p, "/api/v1/namespaces/n2/pods?"));
    finish(f, &seen);
}

static void a_watch_can_be_stopped_in_its_callback(void **state UNUSED)
{
    const struct kube_step steps[] = {
        {200, LIST("5", POD("a", "3") "," POD("b", "4")), KUBE_STEP_REPLY, NULL}};
    struct seen seen;
    struct kube_fixture *f = begin(steps, ARRAY_LEN(steps), NULL, &seen);
    seen.stop_in_event = true;
    kube_fixture_wait(f, is_stopped, &seen);
    ASSERT_STR(buf_str(&seen.told), "reset +a ");
    kube_fixture_free(f);
    buf_done(&seen.told);
}

static void a_watch_can_be_stopped_in_the_middle_of_events(void **state UNUSED)
{
    const struct kube_step steps[] = {
        {200, LIST("5", ""), KUBE_STEP_REPLY, NULL},
        {200, EVENT("ADDED", POD("a", "6")) EVENT("ADDED", POD("b", "7")), KUBE_STEP_OPEN, NULL},
    };
    struct seen seen;
    struct kube_fixture *f = begin(steps, ARRAY_LEN(steps), NULL, &seen);
    seen.stop_in_event = true;
    kube_fixture_wait(f, is_stopped, &seen);
    ASSERT_STR(buf_str(&seen.told), "reset synced +a ");
    kube_fixture_free(f);
    buf_done(&seen.told);
}

static void a_watch_can_be_stopped_before_it_began(void **state UNUSED)
{
    struct seen seen;
    struct kube_fixture *f = begin(NULL, 0, NULL, &seen);
    finish(f, &seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_then_follows_events),
        cmocka_unit_test(an_expired_version_lists_again),
        cmocka_unit_test(a_broken_watch_goes_on_where_it_was),
        cmocka_unit_test(a_lost_event_lists_again),
        cmocka_unit_test(a_failing_list_is_tried_again),
        cmocka_unit_test(a_silent_watch_is_replaced),
        cmocka_unit_test(a_streamed_list_needs_no_list_request),
        cmocka_unit_test(a_server_without_streamed_lists_is_listed),
        cmocka_unit_test(several_namespaces_are_several_streams),
        cmocka_unit_test(a_watch_can_be_stopped_in_its_callback),
        cmocka_unit_test(a_watch_can_be_stopped_in_the_middle_of_events),
        cmocka_unit_test(a_watch_can_be_stopped_before_it_began),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
