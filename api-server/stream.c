/* Streams of Applications and of trees. */
#include "api-server/stream.h"

#include <stdlib.h>

#include "api-server/api_server.h"
#include "api-server/rest/applications.h"
#include "api-server/rest/call.h"
#include "api-server/rest/fields.h"
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/ipc/ipc_client.h"
#include "common/ipc/ipc_convert.h"
#include "common/kube/kube_informer.h"
#include "common/kube/kube_object.h"
#include "common/rt/loop.h"
#include "common/rt/metrics.h"
#include "common/rt/timer.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"
#include "proto/controller.pb-c.h"

enum {
    KEEP_ALIVE_MS = 15 * 1000,
    TREE_DEBOUNCE_MS = 100,
};

struct stream {
    struct list node;
    struct rest_call *call; /* lives as long as the request */
    bool sse;
    bool tree;
    struct app_filter filter;
    struct str fields;
    struct str namespace; /* of a tree's Application */
    struct str name;
    struct map *last; /* with `fields`: Application -> hash of its last message */
    struct timer keep_alive;
    struct timer debounce;
    struct ipc_request *asking; /* for a tree */
    bool again;                 /* the tree changed while asking */
    bool gone;                  /* the client, or the server: free when nothing is under way */
};

/* ---- life ---- */

static void stream_free(struct stream *s)
{
    map_free(s->last);
    mem_free(s);
}

static void stream_end(struct stream *s)
{
    if (s->gone) {
        return;
    }
    s->gone = true;
    list_remove(&s->node);
    timer_stop(&s->keep_alive);
    timer_stop(&s->debounce);
    metric_add(s->call->server->metrics, API_METRIC_STREAMS, -1, METRIC_NO_LABELS);
    http_request_end(s->call->request);
    if (s->asking != NULL) {
        ipc_request_cancel(s->asking); /* on_tree() frees */
    } else {
        stream_free(s);
    }
}

static void on_gone(void *data)
{
    stream_end(data);
}

static void put_bytes(struct stream *s, struct str bytes)
{
    struct err err;
    if (http_request_write(s->call->request, bytes, &err) < 0) {
        stream_end(s); /* gone, or too slow: it connects again and reads everything anew */
    }
}

static void on_keep_alive(void *data)
{
    struct stream *s = data;
    if (s->sse) {
        put_bytes(s, STR(":\n"));
    }
}

static bool accepts_sse(const struct rest_call *call)
{
    return str_eq(http_request_header(call->request, STR("accept")), STR("text/event-stream"));
}

static struct stream *stream_new(struct rest_call *call)
{
    struct stream *s = MEM_NEW(struct stream);
    s->call = call;
    s->sse = accepts_sse(call);
    s->fields = rest_query(call, "fields");
    struct http_stream_opts opts = {
        .status = 200,
        .content_type = s->sse ? "text/event-stream" : "application/json",
        .headers = HTTP_HEADERS({STR("x-content-type-options"), STR("nosniff")},
                                {STR("cache-control"), STR("no-cache")}),
    };
    http_request_stream(call->request, &opts);
    http_request_on_gone(call->request, on_gone, s);
    list_push(&call->server->streams, &s->node);
    metric_add(call->server->metrics, API_METRIC_STREAMS, 1, METRIC_NO_LABELS);
    timer_init(&s->keep_alive, call->server->loop, on_keep_alive, s);
    timer_start_repeating(&s->keep_alive, KEEP_ALIVE_MS, 0, NULL);
    return s;
}

static bool too_many(struct rest_call *call)
{
    size_t n = 0;
    LIST_FOREACH(&call->server->streams, node) {
        n++;
    }
    if (n < LIMIT_SSE_CLIENTS) {
        return false;
    }
    rest_reply_error(call, ERR_LIMIT, "there are %d event streams open already", LIMIT_SSE_CLIENTS);
    return true;
}

/* ---- messages ---- */

/* {"result": v}, framed. */
static void send_result(struct stream *s, struct arena *arena, const struct value *v)
{
    struct str json;
    struct err err;
    const struct value *message = value_with(arena, NULL, v, "result");
    const struct value_json_write opts = {.escape_html = true};
    if (value_to_json_in(arena, fields_apply(arena, message, s->fields), &opts, &json, &err) < 0) {
        stream_end(s);
        return;
    }
    put_bytes(s, s->sse ? arena_printf(arena, "data: " STR_FMT " \n\n\n", STR_ARG(json))
                        : arena_printf(arena, STR_FMT "\n", STR_ARG(json)));
}

/* ---- Applications ---- */

/* With `fields`, what looks the same as the last time is not sent again. */
static bool is_repeated(struct stream *s, const struct value *event, struct str key)
{
    if (s->fields.n == 0) {
        return false;
    }
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *shown =
        fields_apply(arena, value_with(arena, NULL, event, "result"), s->fields);
    uint64_t hash = value_hash(shown);
    uint64_t *last = map_find(s->last, key);
    if (last != NULL && *last == hash) {
        return true;
    }
    last = mem_alloc(sizeof(*last));
    *last = hash;
    map_set(s->last, key, last);
    return false;
}

static void send_event(struct stream *s, const char *type, const struct value *app)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str(&b, "type", str_from(type));
    value_build_field(&b, "application", kube_without_fields(arena, app, KUBE_MANAGED_FIELDS));
    value_build_end(&b);
    const struct value *event = value_build_finish(&b);
    value_builder_done(&b);
    if (!is_repeated(s, event, kube_name(app))) {
        send_result(s, arena, event);
    }
}

static int by_name(const void *a, const void *b)
{
    const struct value *const *x = a;
    const struct value *const *y = b;
    return str_cmp(kube_name(*x), kube_name(*y));
}

/* What is there, sorted; with a resourceVersion only what is newer. */
static void send_initial(struct stream *s, struct str newer_than)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct kube_informer *apps = s->call->server->apps;
    const struct value **found = arena_calloc(arena, kube_informer_count(apps), sizeof(*found));
    size_t n = 0;
    size_t at = 0;
    for (struct doc *d; (d = kube_informer_next(apps, &at)) != NULL;) {
        const struct value *app = doc_root(d);
        bool newer = newer_than.n == 0 || s->filter.name.n > 0 ||
                     !kube_version_not_older(newer_than, kube_resource_version(app));
        if (newer && app_filter_matches(&s->filter, app)) {
            found[n++] = app;
        }
    }
    if (n > 0) {
        qsort(found, n, sizeof(*found), by_name);
    }
    for (size_t i = 0; i < n && !s->gone; i++) {
        send_event(s, "ADDED", found[i]);
    }
}

void stream_applications(struct rest_call *call)
{
    struct app_filter filter;
    struct err err;
    if (app_filter_of(call, &filter, &err) < 0) {
        rest_reply_err(call, &err);
        return;
    }
    if (too_many(call)) {
        return;
    }
    struct stream *s = stream_new(call);
    s->filter = filter;
    s->last = map_new(mem_free);
    send_initial(s, rest_query(call, "resourceVersion"));
}

void stream_on_application(struct api_server *server, struct doc *before, struct doc *after)
{
    const char *type = before == NULL ? "ADDED" : (after == NULL ? "DELETED" : "MODIFIED");
    const struct value *app = doc_root(after != NULL ? after : before);
    LIST_FOREACH(&server->streams, node) {
        struct stream *s = CONTAINER_OF(node, struct stream, node);
        if (!s->tree && app_filter_matches(&s->filter, app)) {
            send_event(s, type, app);
        }
    }
}

/* ---- trees ---- */

static void ask_tree(struct stream *s);

static void on_tree(const ProtobufCMessage *message, const struct err *err, void *data)
{
    struct stream *s = data;
    s->asking = NULL;
    if (s->gone) {
        stream_free(s);
        return;
    }
    if (err == NULL) {
        AUTO(arena) struct arena *arena = arena_new();
        const Belay__JsonReply *reply = (const Belay__JsonReply *)message;
        const struct value *tree = NULL;
        struct err failed;
        if (value_from_json(arena, ipc_bytes(reply->json), NULL, &tree, &failed) == 0) {
            send_result(s, arena, tree);
        }
    }
    /* a controller that is away publishes again when it is back: that asks for the tree anew */
    if (!s->gone && s->again) {
        s->again = false;
        timer_start(&s->debounce, TREE_DEBOUNCE_MS);
    }
}

static void ask_tree(struct stream *s)
{
    AUTO(arena) struct arena *arena = arena_new();
    Belay__GetResourceTreeRequest msg;
    Belay__AppRef ref;
    belay__get_resource_tree_request__init(&msg);
    belay__app_ref__init(&ref);
    ref.namespace_ = ipc_string(arena, s->namespace);
    ref.name = ipc_string(arena, s->name);
    msg.app = &ref;
    struct ipc_call_options options = {
        .method = BELAY__CONTROLLER_METHOD__CONTROLLER_GET_RESOURCE_TREE,
        .name = "GetResourceTree",
        .request = &msg.base,
        .reply = &belay__json_reply__descriptor,
        .timeout_ms = s->call->server->config->call_timeout_ms,
        .repeat = IPC_REPEATABLE,
    };
    s->asking = ipc_client_call(s->call->server->controller, &options, on_tree, s);
}

static void on_debounced(void *data)
{
    struct stream *s = data;
    if (s->asking != NULL) {
        s->again = true;
        return;
    }
    ask_tree(s);
}

void stream_tree(struct rest_call *call)
{
    struct doc *doc = NULL;
    struct err err;
    if (applications_find(call, &doc, &err) < 0) {
        rest_reply_err(call, &err);
        return;
    }
    struct str namespace = arena_str(call->arena, kube_namespace(doc_root(doc)));
    struct str name = arena_str(call->arena, kube_name(doc_root(doc)));
    if (too_many(call)) {
        return;
    }
    struct stream *s = stream_new(call);
    s->tree = true;
    s->namespace = namespace;
    s->name = name;
    timer_init(&s->debounce, call->server->loop, on_debounced, s);
    ask_tree(s);
}

void stream_on_tree(struct api_server *server, struct str namespace, struct str name)
{
    LIST_FOREACH(&server->streams, node) {
        struct stream *s = CONTAINER_OF(node, struct stream, node);
        bool ours = name.n == 0 || (str_eq(s->name, name) && str_eq(s->namespace, namespace));
        if (s->tree && ours && !timer_running(&s->debounce)) {
            timer_start(&s->debounce, TREE_DEBOUNCE_MS);
        }
    }
}

void stream_end_all(struct api_server *server)
{
    LIST_FOREACH(&server->streams, node) {
        stream_end(CONTAINER_OF(node, struct stream, node));
    }
}
