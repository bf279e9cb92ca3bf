/* Watches that survive everything.
 *
 *     LISTING --ok--> WATCHING --end, error--> WATCHING (from the last version)
 *        ^   \            \--410, lost event--> LISTING
 *        |    error         \
 *        +--- WAITING <------+  (back-off)
 *
 * There is one stream per namespace asked for. A stream has at most one of: a list, an exchange, a
 * timer; `n_busy` counts lists and exchanges, whose ends always come, and the watch is freed when it was
 * stopped and none is left. */
#include "common/kube/kube_watch.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/rand.h"
#include "common/kube/kube_client_internal.h"
#include "common/kube/kube_exchange.h"
#include "common/kube/kube_object.h"
#include "common/kube/kube_request.h"
#include "common/kube/kube_stream.h"
#include "common/rt/backoff.h"
#include "common/rt/loop.h"
#include "common/rt/timer.h"
#include "common/value/value.h"
#include "common/value/value_json.h"

#define INITIAL_EVENTS_END "k8s.io/initial-events-end"

enum {
    DEFAULT_WATCH_S = 300,
    IDLE_MARGIN_MS = 30 * 1000,
    DEFAULT_BACKOFF_MIN_MS = 500,
    DEFAULT_BACKOFF_MAX_MS = 10 * 1000,
    /* a server that ends a watch sooner is in trouble: not to be asked again at once */
    SHORT_WATCH_MS = 1000,
    /* one that lasted so long was no failure: the next back-off begins small again */
    STABLE_WATCH_MS = 10 * 1000,
    /* no initial event for so long: the server does not know streaming lists */
    STREAMING_QUIET_MS = 10 * 1000,
    STATUS_GONE = 410,
};

struct stream {
    struct kube_watch *watch;
    struct str namespace;
    enum kube_watch_state state;
    struct kube_list *list;         /* NULL = none */
    struct kube_exchange *exchange; /* NULL = none */
    struct timer timer;             /* back-off, or quiet of a streaming list */
    struct backoff backoff;
    struct kube_lines lines;
    struct buf version;  /* resourceVersion to go on from; empty = list */
    struct arena *arena; /* of one event */
    bool initial_events; /* the exchange is a streaming list */
    bool synced;         /* listed at least once */
    bool degraded;
    bool expired; /* the last watch ended with 410: a second one in a row waits */
    bool broken;  /* stream_err ends the exchange */
    struct err stream_err;
    int64_t started_ms;
};

struct kube_watch {
    struct kube_client *client;
    struct kube_watch_opts opts; /* texts in the arena */
    struct arena *arena;
    struct backoff_policy policy;
    struct str api_version;
    bool no_streaming; /* found not to work */
    struct stream *streams;
    size_t n_streams;
    size_t n_busy;
    size_t n_degraded;
    bool stop;
    void (*stopped)(void *data);
    void *stopped_data;
    struct loop_task task;
};

static const char *const STATE_NAMES[KUBE_WATCH_STATE_COUNT] = {
    [KUBE_WATCH_LISTING] = "listing",
    [KUBE_WATCH_WATCHING] = "watching",
    [KUBE_WATCH_WAITING] = "waiting",
    [KUBE_WATCH_STOPPED] = "stopped",
};

const char *kube_watch_state_name(enum kube_watch_state state)
{
    return STATE_NAMES[state];
}

static void begin_list(struct stream *s);
static void begin_watch(struct stream *s);

/* ---- the end ---- */

static void on_last(void *data)
{
    struct kube_watch *watch = data;
    for (size_t i = 0; i < watch->n_streams; i++) {
        struct stream *s = &watch->streams[i];
        kube_lines_done(&s->lines);
        buf_done(&s->version);
        arena_free(s->arena);
    }
    void (*stopped)(void *data) = watch->stopped;
    void *stopped_data = watch->stopped_data;
    arena_free(watch->arena);
    mem_free(watch->streams);
    mem_free(watch);
    if (stopped != NULL) {
        stopped(stopped_data);
    }
}

/* True: the watch was stopped, nothing may be done any more. */
static bool is_over(struct kube_watch *watch)
{
    if (watch->stop && watch->n_busy == 0) {
        loop_task_post(watch->client->loop, &watch->task, on_last, watch);
    }
    return watch->stop;
}

void kube_watch_stop(struct kube_watch *watch, void (*stopped)(void *data), void *data)
{
    if (watch == NULL) {
        return;
    }
    ASSERT_LOOP(watch->client->loop);
    assert(!watch->stop);
    watch->stop = true;
    watch->stopped = stopped;
    watch->stopped_data = data;
    for (size_t i = 0; i < watch->n_streams; i++) {
        struct stream *s = &watch->streams[i];
        s->state = KUBE_WATCH_STOPPED;
        timer_stop(&s->timer);
        kube_list_cancel(s->list);
        if (s->exchange != NULL) {
            kube_exchange_cancel(s->exchange);
        }
    }
    (void)is_over(watch); /* asked for its effect */
}

/* ---- health ---- */

static void report_well(struct stream *s)
{
    struct kube_watch *watch = s->watch;
    if (s->degraded) {
        s->degraded = false;
        watch->n_degraded--;
        if (watch->n_degraded == 0 && watch->opts.on_error != NULL) {
            watch->opts.on_error(watch->opts.data, NULL);
        }
    }
}

static void report_trouble(struct stream *s, const struct err *err)
{
    struct kube_watch *watch = s->watch;
    if (!s->degraded) {
        s->degraded = true;
        watch->n_degraded++;
    }
    if (watch->opts.on_error != NULL) {
        watch->opts.on_error(watch->opts.data, err);
    }
}

/* ---- back-off ---- */

static void on_wait_over(void *data)
{
    struct stream *s = data;
    if (s->version.n > 0) {
        begin_watch(s);
    } else {
        begin_list(s);
    }
}

/* Go on after a pause: with a watch when there is a version to start from, else with a list. */
static void go_on_later(struct stream *s)
{
    s->state = KUBE_WATCH_WAITING;
    timer_init(&s->timer, s->watch->client->loop, on_wait_over, s);
    timer_start(&s->timer, backoff_next_ms(&s->backoff, s->watch->client->rand));
}

static void fail(struct stream *s, const struct err *err)
{
    report_trouble(s, err);
    if (!is_over(s->watch)) {
        go_on_later(s);
    }
}

static void forget_version(struct stream *s)
{
    buf_reset(&s->version);
}

static void set_version(struct stream *s, struct str version)
{
    if (version.n > 0) {
        buf_reset(&s->version);
        buf_put(&s->version, version);
    }
}

static struct kube_target target_of(const struct stream *s)
{
    struct kube_target target = s->watch->opts.target;
    target.namespace = s->namespace;
    return target;
}

/* ---- lists ---- */

static void end_list(struct stream *s)
{
    s->synced = true;
    s->state = KUBE_WATCH_WATCHING;
    report_well(s);
    if (!is_over(s->watch)) {
        s->watch->opts.on_synced(s->watch->opts.data, s->namespace);
    }
}

static void on_list_item(void *data, const struct value *item)
{
    struct stream *s = data;
    if (!s->watch->stop) {
        s->watch->opts.on_event(s->watch->opts.data, KUBE_EVENT_ADDED, item);
    }
}

static void on_list_restart(void *data)
{
    struct stream *s = data;
    if (!s->watch->stop) {
        s->watch->opts.on_reset(s->watch->opts.data, s->namespace);
    }
}

static void on_list_done(void *data, const struct kube_list_result *result)
{
    struct stream *s = data;
    s->list = NULL;
    s->watch->n_busy--;
    if (is_over(s->watch)) {
        return;
    }
    if (result->err != NULL) {
        fail(s, result->err);
        return;
    }
    set_version(s, result->resource_version.n > 0 ? result->resource_version : STR("0"));
    end_list(s);
    if (!is_over(s->watch)) {
        begin_watch(s);
    }
}

static void begin_plain_list(struct stream *s)
{
    const struct kube_watch_opts *opts = &s->watch->opts;
    const struct kube_list_request request = {
        .target = target_of(s),
        .label_selector = opts->label_selector,
        .field_selector = opts->field_selector,
        .metadata_only = opts->metadata_only,
        .page_size = opts->page_size,
        .on_item = on_list_item,
        .on_restart = on_list_restart,
        .done = on_list_done,
        .data = s,
    };
    s->watch->n_busy++;
    s->list = kube_list_start(s->watch->client, &request);
}

static void begin_list(struct stream *s)
{
    s->state = KUBE_WATCH_LISTING;
    forget_version(s);
    s->watch->opts.on_reset(s->watch->opts.data, s->namespace);
    if (is_over(s->watch)) {
        return;
    }
    if (s->watch->opts.streaming_list && !s->watch->no_streaming) {
        begin_watch(s);
    } else {
        begin_plain_list(s);
    }
}

/* ---- events ---- */

static const struct {
    const char *name;
    enum kube_event event;
} EVENTS[] = {
    {"ADDED", KUBE_EVENT_ADDED},
    {"MODIFIED", KUBE_EVENT_MODIFIED},
    {"DELETED", KUBE_EVENT_DELETED},
};

static int take_error(struct stream *s, const struct value *status, struct err *err)
{
    int code = (int)value_int(value_dig(status, "code"), 500);
    if (code == STATUS_GONE) {
        forget_version(s);
    }
    return kube_status_to_err(code, status, STR_EMPTY, STR("watch"), err);
}

static void take_bookmark(struct stream *s, const struct value *obj)
{
    set_version(s, kube_resource_version(obj));
    if (s->initial_events && str_eq_c(kube_annotation(obj, STR(INITIAL_EVENTS_END)), "true")) {
        s->initial_events = false;
        timer_stop(&s->timer);
        end_list(s);
    }
}

/* With the target's type: metadata-only objects come with another one. */
static const struct value *typed(struct stream *s, const struct value *obj)
{
    struct str kind = s->watch->opts.target.kind;
    if (kind.n == 0) {
        return obj;
    }
    if (s->watch->opts.metadata_only) {
        return kube_object_metadata_only(s->arena, obj, s->watch->api_version, kind);
    }
    bool same = str_eq(kube_kind_of(obj), kind);
    return same ? obj : kube_with_type(s->arena, obj, s->watch->api_version, kind);
}

static int take_event(struct stream *s, struct str type, const struct value *obj, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(EVENTS); i++) {
        if (!str_eq_c(type, EVENTS[i].name)) {
            continue;
        }
        /* the version of a streaming list is only good when it is complete */
        if (!s->initial_events) {
            set_version(s, kube_resource_version(obj));
        }
        s->watch->opts.on_event(s->watch->opts.data, EVENTS[i].event, typed(s, obj));
        return 0;
    }
    forget_version(s);
    return err_set(err, ERR_INVALID, "watch sent an event of type '" STR_FMT "'", STR_ARG(type));
}

static int on_line(void *data, struct str json, struct err *err)
{
    struct stream *s = data;
    const struct value *event;
    arena_reset(s->arena);
    if (value_from_json(s->arena, json, NULL, &event, err) < 0) {
        forget_version(s); /* an event is lost */
        return err_wrap(err, "watch");
    }
    struct str type = value_dig_str(event, "type");
    const struct value *obj = value_dig(event, "object");
    if (str_eq_c(type, "ERROR")) {
        return take_error(s, obj, err);
    }
    if (str_eq_c(type, "BOOKMARK")) {
        take_bookmark(s, obj);
    } else {
        TRY(take_event(s, type, obj, err));
    }
    return s->watch->stop ? err_set(err, ERR_CANCELED, "the watch was stopped") : 0;
}

static void on_watch_data(void *data, struct str bytes)
{
    struct stream *s = data;
    if (s->broken || s->watch->stop) {
        return;
    }
    if (s->initial_events) {
        timer_start(&s->timer, STREAMING_QUIET_MS);
    }
    if (kube_lines_feed(&s->lines, bytes, on_line, s, &s->stream_err) < 0) {
        if (s->stream_err.code == ERR_LIMIT) {
            forget_version(s);
        }
        s->broken = true;
        kube_exchange_cancel(s->exchange);
    }
}

/* ---- watches ---- */

static void on_watch_head(void *data)
{
    struct stream *s = data;
    if (!s->initial_events && !s->watch->stop) {
        s->state = KUBE_WATCH_WATCHING;
        report_well(s);
    }
}

/* The server does not do streaming lists, or not in time. */
static void fall_back(struct stream *s)
{
    s->watch->no_streaming = true;
    begin_list(s);
}

static void on_streaming_quiet(void *data)
{
    struct stream *s = data;
    s->broken = true;
    (void)err_set(&s->stream_err, ERR_UNSUPPORTED, "no streaming list"); /* read by its code */
    kube_exchange_cancel(s->exchange);
}

static bool is_streaming_refused(const struct err *err)
{
    return err == NULL || err->code == ERR_INVALID || err->code == ERR_UNSUPPORTED;
}

static void after_watch(struct stream *s, int status, const struct err *err)
{
    bool was_list = s->initial_events;
    int64_t lasted_ms = loop_now_ms(s->watch->client->loop) - s->started_ms;
    s->initial_events = false;
    if (lasted_ms >= STABLE_WATCH_MS && status != 0) {
        backoff_reset(&s->backoff);
    }
    if (was_list && is_streaming_refused(err)) {
        fall_back(s);
        return;
    }
    if (was_list || status == STATUS_GONE) {
        forget_version(s);
    }
    /* an expired version is nothing to complain about, the first time in a row */
    bool expired = err != NULL && s->version.n == 0 && err->system_code == STATUS_GONE;
    bool again = s->expired;
    s->expired = expired;
    if (expired && !again) {
        begin_list(s);
    } else if (err != NULL) {
        fail(s, err);
    } else if (lasted_ms < SHORT_WATCH_MS) {
        go_on_later(s);
    } else {
        begin_watch(s);
    }
}

static void on_watch_done(void *data, const struct kube_exchange_result *result)
{
    struct stream *s = data;
    s->exchange = NULL;
    s->watch->n_busy--;
    timer_stop(&s->timer);
    if (!is_over(s->watch)) {
        after_watch(s, result->status, s->broken ? &s->stream_err : result->err);
    }
}

/* Spread over [watch_s, 2 * watch_s], so that not all watches end at once. */
static int64_t watch_seconds(struct kube_watch *watch)
{
    int64_t base = watch->opts.watch_s > 0 ? watch->opts.watch_s : DEFAULT_WATCH_S;
    return base + (int64_t)(rand_double(watch->client->rand) * (double)base);
}

static int start_exchange(struct stream *s, struct err *err)
{
    const struct kube_watch_opts *opts = &s->watch->opts;
    AUTO(arena) struct arena *arena = arena_new();
    struct kube_wire wire;
    const struct kube_collection collection = {
        .verb = KUBE_WATCH,
        .target = target_of(s),
        .label_selector = opts->label_selector,
        .field_selector = opts->field_selector,
        .resource_version = buf_str(&s->version),
        .timeout_s = watch_seconds(s->watch),
        .metadata_only = opts->metadata_only,
        .initial_events = s->initial_events,
    };
    TRY(kube_request_collection(arena, &collection, &wire, err));
    const struct kube_exchange_opts exchange_opts = {
        .verb = KUBE_WATCH,
        .target = &collection.target,
        .wire = &wire,
        .idle_ms = opts->idle_ms > 0 ? opts->idle_ms : collection.timeout_s * 1000 + IDLE_MARGIN_MS,
        .on_head = on_watch_head,
        .on_data = on_watch_data,
        .done = on_watch_done,
        .data = s,
    };
    s->exchange = kube_exchange_start(s->watch->client, &exchange_opts);
    return 0;
}

static void begin_watch(struct stream *s)
{
    struct err err;
    s->initial_events = s->version.n == 0;
    s->state = s->initial_events ? KUBE_WATCH_LISTING : KUBE_WATCH_WATCHING;
    s->broken = false;
    s->started_ms = loop_now_ms(s->watch->client->loop);
    kube_lines_reset(&s->lines);
    if (s->initial_events) {
        timer_init(&s->timer, s->watch->client->loop, on_streaming_quiet, s);
        timer_start(&s->timer, STREAMING_QUIET_MS);
    }
    if (start_exchange(s, &err) < 0) {
        fail(s, &err);
        return;
    }
    s->watch->n_busy++;
}

/* ---- the start ---- */

static void on_first(void *data)
{
    struct kube_watch *watch = data;
    for (size_t i = 0; i < watch->n_streams && !watch->stop; i++) {
        begin_list(&watch->streams[i]);
    }
    (void)is_over(watch); /* asked for its effect */
}

static void copy_opts(struct kube_watch *watch, const struct kube_watch_opts *opts)
{
    watch->opts = *opts;
    watch->opts.target = kube_target_copy(watch->arena, &opts->target);
    watch->opts.label_selector = arena_str(watch->arena, opts->label_selector);
    watch->opts.field_selector = arena_str(watch->arena, opts->field_selector);
    watch->opts.namespaces = NULL;
    watch->api_version =
        kube_api_version_format(watch->arena, opts->target.group, opts->target.version);
    watch->policy = (struct backoff_policy){
        .base_ms = opts->backoff_min_ms > 0 ? opts->backoff_min_ms : DEFAULT_BACKOFF_MIN_MS,
        .factor = 2,
        .cap_ms = opts->backoff_max_ms > 0 ? opts->backoff_max_ms : DEFAULT_BACKOFF_MAX_MS,
        .jitter = 0.3,
    };
}

static void init_stream(struct kube_watch *watch, struct stream *s, struct str namespace)
{
    s->watch = watch;
    s->namespace = arena_str(watch->arena, namespace);
    s->state = KUBE_WATCH_LISTING;
    s->backoff.policy = &watch->policy;
    s->arena = arena_new();
    kube_lines_init(&s->lines, LIMIT_WATCH_LINE_BYTES);
    buf_init(&s->version, LIMIT_KIB);
}

struct kube_watch *kube_watch_start(struct kube_client *client, const struct kube_watch_opts *opts)
{
    ASSERT_LOOP(client->loop);
    struct kube_watch *watch = MEM_NEW(struct kube_watch);
    watch->client = client;
    watch->arena = arena_new();
    copy_opts(watch, opts);
    watch->n_streams = opts->n_namespaces > 0 ? opts->n_namespaces : 1;
    watch->streams = mem_calloc(watch->n_streams, sizeof(*watch->streams));
    for (size_t i = 0; i < watch->n_streams; i++) {
        init_stream(watch, &watch->streams[i],
                    opts->n_namespaces > 0 ? opts->namespaces[i] : opts->target.namespace);
    }
    loop_task_post(client->loop, &watch->task, on_first, watch);
    return watch;
}

/* ---- state ---- */

bool kube_watch_synced(const struct kube_watch *watch)
{
    for (size_t i = 0; i < watch->n_streams; i++) {
        const struct stream *s = &watch->streams[i];
        if (!s->synced || s->state == KUBE_WATCH_LISTING || s->version.n == 0) {
            return false;
        }
    }
    return true;
}

enum kube_watch_state kube_watch_state(const struct kube_watch *watch)
{
    enum kube_watch_state state = KUBE_WATCH_WATCHING;
    for (size_t i = 0; i < watch->n_streams; i++) {
        enum kube_watch_state one = watch->streams[i].state;
        if (one == KUBE_WATCH_STOPPED || one == KUBE_WATCH_LISTING) {
            return one;
        }
        state = one == KUBE_WATCH_WAITING ? one : state;
    }
    return state;
}
