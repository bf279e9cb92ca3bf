/* A question about logs is two: which pods (the tree, of the controller), then what they wrote (of their
 * cluster). Lines of several pods are merged by time: a line waits for the other pods' lines at most
 * MERGE_MS. A client that reads slowly holds the pods' logs back. */
#include "api-server/rest/logs.h"

#include "api-server/api_server.h"
#include "api-server/clusters.h"
#include "api-server/rest/applications.h"
#include "api-server/rest/ask.h"
#include "api-server/rest/call.h"
#include "api-server/rest/log_merge.h"
#include "api-server/rest/log_pods.h"
#include "api-server/stream_out.h"
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/num.h"
#include "common/base/utf8.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_log.h"
#include "common/kube/kube_object.h"
#include "common/model/application.h"
#include "common/rt/loop.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "common/value/value_build.h"

enum {
    PODS_MAX_DEFAULT = 10, /* server.maxPodLogsToRender */
    MERGE_MS = 100,
    MERGE_LINES_MAX = 4096, /* waiting for others */
    BACKLOG_MAX_BYTES = 1024 * 1024,
};

struct log_query {
    struct log_selection selection;
    struct app_destination destination;
    struct kube_log_opts opts;
    int64_t tail;
    struct str filter;
    bool without;  /* lines that do not have it */
    bool any_case; /* then the filter is in lower case */
    bool has_until;
    int64_t until_ms;
};

struct log_view;

struct log_source {
    struct log_view *view;
    size_t at;
    struct kube_log *log; /* NULL = over */
    struct str pod;
};

struct log_view {
    struct stream_out out;
    struct api_server *server;
    struct arena *arena;
    struct log_query query;
    struct log_merge *merge;
    struct log_source *sources;
    size_t n_sources;
    size_t n_open;
    struct timer hurry;
    bool held; /* the sources are, as the client has much to read */
};

/* ---- the end ---- */

static void view_free(void *data)
{
    struct log_view *v = data;
    log_merge_free(v->merge);
    arena_free(v->arena);
    mem_free(v);
}

static void free_if_over(struct log_view *v)
{
    if (v->out.ended && v->n_open == 0) {
        loop_post(v->server->loop, view_free, v);
    }
}

static void on_end(void *data)
{
    struct log_view *v = data;
    timer_stop(&v->hurry);
    for (size_t i = 0; i < v->n_sources; i++) {
        if (v->sources[i].log != NULL) {
            kube_log_cancel(v->sources[i].log);
        }
    }
    free_if_over(v);
}

/* ---- lines to the client ---- */

static struct str lower(struct arena *arena, struct str s)
{
    AUTO(buf) struct buf out;
    buf_init(&out, s.n * UTF8_MAX_BYTES + 1);
    for (size_t at = 0; at < s.n;) {
        utf8_put(&out, utf8_to_lower(utf8_next(s, &at)));
    }
    return buf_to_arena(&out, arena);
}

static bool passes(struct arena *arena, const struct log_query *q, struct str text)
{
    if (q->filter.n == 0) {
        return true;
    }
    struct str in = q->any_case ? lower(arena, text) : text;
    return (str_find(in, q->filter) != STR_NONE) != q->without;
}

static struct str valid_text(struct arena *arena, struct str text)
{
    if (utf8_valid(text)) {
        return text;
    }
    AUTO(buf) struct buf out;
    buf_init(&out, text.n * UTF8_MAX_BYTES);
    utf8_put_valid(&out, text);
    return buf_to_arena(&out, arena);
}

static void send_entry(struct log_view *v, const struct log_line *line, struct str pod, bool last)
{
    AUTO(arena) struct arena *arena = arena_new();
    char seconds[CLOCK_RFC3339_BYTES];
    struct value_builder b;
    clock_rfc3339(line->ms, seconds);
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str(&b, "content", valid_text(arena, line->text));
    value_build_field_str(&b, "timeStamp", str_from(seconds));
    value_build_field(&b, "last", last ? &VALUE_TRUE : &VALUE_FALSE);
    value_build_field_str(&b, "timeStampStr", line->time.n > 0 ? line->time : str_from(seconds));
    value_build_field_str(&b, "podName", pod);
    value_build_end(&b);
    stream_out_send(&v->out, arena, value_build_finish(&b));
    value_builder_done(&b);
}

static void finish(struct log_view *v)
{
    const struct log_line end = {.ms = clock_wall_ms(clock_system())};
    send_entry(v, &end, STR_EMPTY, true);
    stream_out_end(&v->out);
}

static void hold(struct log_view *v, bool held)
{
    if (v->held == held) {
        return;
    }
    v->held = held;
    for (size_t i = 0; i < v->n_sources; i++) {
        if (v->sources[i].log != NULL) {
            (held ? kube_log_pause : kube_log_resume)(v->sources[i].log);
        }
    }
}

static void send_line(struct log_view *v, const struct log_line *line)
{
    AUTO(arena) struct arena *arena = arena_new();
    if (v->query.has_until && line->ms > v->query.until_ms) {
        finish(v);
    } else if (passes(arena, &v->query, line->text)) {
        send_entry(v, line, v->sources[line->source].pod, false);
    }
}

static void send_lines(struct log_view *v, bool hurry)
{
    struct log_line line;
    while (!v->out.ended && log_merge_next(v->merge, hurry, &line)) {
        send_line(v, &line);
    }
    if (v->out.ended) {
        return;
    }
    hold(v, stream_out_backlog(&v->out) > BACKLOG_MAX_BYTES);
    if (log_merge_len(v->merge) > 0 && !timer_running(&v->hurry)) {
        timer_start(&v->hurry, MERGE_MS);
    }
    if (v->n_open == 0 && log_merge_len(v->merge) == 0) {
        finish(v);
    }
}

static void on_hurry(void *data)
{
    send_lines(data, true);
}

static void on_drain(void *data)
{
    hold(data, false);
}

/* ---- lines from the cluster ---- */

static void take_line(struct log_source *s, struct str time, struct str text)
{
    struct log_view *v = s->view;
    struct log_line line = {.time = time, .text = text, .source = s->at};
    struct err ignored;
    if (clock_parse_rfc3339(time, &line.ms, &ignored) < 0) {
        line.ms = clock_wall_ms(clock_system());
    }
    log_merge_put(v->merge, &line);
    send_lines(v, log_merge_len(v->merge) > MERGE_LINES_MAX);
}

static void on_line(void *data, struct str time, struct str text)
{
    const struct log_source *s = data;
    if (!s->view->out.ended) {
        take_line(data, time, text);
    }
}

/* Why there is no log (the container has not started, ...) is shown among the lines, as Argo CD does. */
static void on_log_done(void *data, const struct err *err)
{
    struct log_source *s = data;
    struct log_view *v = s->view;
    s->log = NULL;
    v->n_open--;
    if (v->out.ended) {
        free_if_over(v);
        return;
    }
    if (err != NULL) {
        char text[ERR_MESSAGE_BYTES];
        err_format(err, text, sizeof(text));
        log_merge_put(v->merge, &(struct log_line){.ms = clock_wall_ms(clock_system()),
                                                   .text = str_from(text),
                                                   .source = s->at});
    }
    log_merge_end(v->merge, s->at);
    send_lines(v, false);
}

/* ---- the question ---- */

static void view_begin(struct rest_call *call,
                       struct kube_client *client,
                       const struct log_pods *pods,
                       const struct log_query *query)
{
    struct log_view *v = MEM_NEW(struct log_view);
    v->server = call->server;
    v->arena = arena_new();
    v->query = *query;
    v->query.filter = arena_str(v->arena, query->filter);
    v->merge = log_merge_new(pods->n);
    v->sources = arena_calloc(v->arena, pods->n + 1, sizeof(*v->sources));
    v->n_sources = v->n_open = pods->n;
    timer_init(&v->hurry, v->server->loop, on_hurry, v);
    stream_out_begin(&v->out, call, on_drain, on_end, v);
    struct kube_log_opts opts = query->opts;
    opts.tail = query->tail > 0 ? &query->tail : NULL;
    opts.on_line = on_line;
    opts.done = on_log_done;
    for (size_t i = 0; i < pods->n; i++) {
        struct log_source *s = &v->sources[i];
        *s = (struct log_source){v, i, NULL, arena_str(v->arena, pods->items[i].name)};
        opts.namespace = pods->items[i].namespace;
        opts.pod = pods->items[i].name;
        opts.data = s;
        s->log = kube_log_start(client, &opts);
    }
    if (pods->n == 0) {
        finish(v);
    }
}

static size_t pods_max(const struct api_server *server)
{
    int64_t n;
    struct err ignored;
    struct str text = settings_value(server->settings, STR("server.maxPodLogsToRender"));
    return num_parse_int_range(text, 1, LIMIT_SSE_CLIENTS, &n, &ignored) == 0 ? (size_t)n
                                                                              : PODS_MAX_DEFAULT;
}

static int on_tree(struct rest_call *call, const struct value *tree, struct err *err)
{
    const struct log_query *query = call->state;
    struct kube_client *client = NULL;
    struct log_pods pods = log_pods_of(call->arena, tree, &query->selection);
    size_t max = pods_max(call->server);
    if (pods.n > max) {
        return err_set(err, ERR_INVALID,
                       "max pods to view logs are reached: %zu of at most %zu; "
                       "please provide more granular query",
                       pods.n, max);
    }
    TRY(clusters_client(call->server, &query->destination, &client, err));
    if (!stream_out_head(call)) {
        TRY(stream_out_check(call, err));
        view_begin(call, client, &pods, query);
    }
    return 0;
}

static int
read_number(const struct rest_call *call, const char *name, int64_t *ret, struct err *err)
{
    struct str text = rest_query(call, name);
    *ret = 0;
    if (text.n > 0) {
        TRY_IN(num_parse_int(text, ret, err), err, "%s", name);
    }
    return 0;
}

static int read_times(struct rest_call *call, struct log_query *q, struct err *err)
{
    struct str until = rest_query(call, "untilTime");
    int64_t since_s;
    TRY(read_number(call, "sinceSeconds", &q->opts.since_s, err));
    TRY(read_number(call, "tailLines", &q->tail, err));
    TRY(read_number(call, "sinceTime.seconds", &since_s, err));
    if (since_s > 0) {
        char *text = arena_alloc(call->arena, CLOCK_RFC3339_BYTES);
        clock_rfc3339(since_s * 1000, text);
        q->opts.since_time = str_from(text);
    }
    if (until.n > 0) {
        q->has_until = true;
        TRY_IN(clock_parse_rfc3339(until, &q->until_ms, err), err, "untilTime");
    }
    return 0;
}

static void read_filter(struct rest_call *call, struct log_query *q)
{
    struct str filter = rest_query(call, "filter");
    q->without = str_cut_prefix(&filter, STR("!"));
    q->any_case = !rest_query_bool(call, "matchCase", false);
    q->filter = q->any_case ? lower(call->arena, filter) : filter;
}

static int
read_query(struct rest_call *call, const struct value *app, struct log_query *q, struct err *err)
{
    struct application model;
    TRY(application_decode(call->arena, app, &model, err));
    q->destination = model.spec.destination;
    q->opts.container = rest_query(call, "container");
    q->opts.follow = rest_query_bool(call, "follow", false);
    q->opts.previous = rest_query_bool(call, "previous", false);
    read_filter(call, q);
    return read_times(call, q, err);
}

static int begin(struct rest_call *call, struct str pod, struct err *err)
{
    struct log_query *q = ARENA_NEW(call->arena, struct log_query);
    struct doc *doc = NULL;
    TRY(applications_find(call, &doc, err));
    arena_hold(call->arena, doc);
    TRY(read_query(call, doc_root(doc), q, err));
    q->selection = (struct log_selection){
        .group = rest_query(call, "group"),
        .kind = rest_query(call, "kind"),
        .namespace = rest_query(call, "namespace"),
        .name = rest_query(call, "resourceName"),
    };
    if (pod.n > 0) {
        q->selection.group = STR_EMPTY;
        q->selection.kind = STR("Pod");
        q->selection.name = pod;
    }
    call->state = q;
    ask_tree(call, doc_root(doc), on_tree, NULL);
    return 0;
}

int logs_of_application(struct rest_call *call, struct err *err)
{
    return begin(call, rest_query(call, "podName"), err);
}

int logs_of_pod(struct rest_call *call, struct err *err)
{
    return begin(call, rest_param(call, 1), err);
}
