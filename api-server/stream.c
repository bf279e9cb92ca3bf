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
    INITIAL_BACKLOG_BYTES =
        1024 * 1024, /* of what is there already; the rest waits for the client */
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
    struct map *last;    /* with `fields`: Application -> hash of its last message */
    struct str *pending; /* names of Applications that are still to be sent first, sorted */
    size_t n_pending;
    size_t at_pending;
    struct timer keep_alive;
    struct timer debounce;
    struct ipc_request *asking; /* for a tree */
    bool again;                 /* the tree changed while asking */
    bool shown;                 /* a tree was sent */
    bool gone;                  /* the client, or the server: free when nothing is under way */
};

/* ---- life ---- */

static void stream_free(void *data)
{
    struct stream *s = data;
    map_free(s->last);
    mem_free(s);
}

/* The request is gone afterwards; the stream itself goes later, so that callers can see that it ended. */
static void stream_end(struct stream *s)
{
    if (s->gone) {
        return;
    }
    struct loop *loop = s->call->server->loop;
    s->gone = true;
    list_remove(&s->node);
    timer_stop(&s->keep_alive);
    timer_stop(&s->debounce);
    metric_add(s->call->server->metrics, API_METRIC_STREAMS, -1, METRIC_NO_LABELS);
    http_request_end(s->call->request);
    if (s->asking != NULL) {
        ipc_request_cancel(s->asking); /* on_tree() frees */
    } else {
        loop_post(loop, stream_free, s);
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

static void send_pending(void *data);

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
        .on_drain = send_pending,
        .data = s,
    };
    http_request_stream(call->request, &opts);
    http_request_on_gone(call->request, on_gone, s);
    list_push(&call->server->streams, &s->node);
    metric_add(call->server->metrics, API_METRIC_STREAMS, 1, METRIC_NO_LABELS);
    timer_init(&s->keep_alive, call->server->loop, on_keep_alive, s);
    timer_start_repeating(&s->keep_alive, KEEP_ALIVE_MS, 0, NULL);
    return s;
}

static bool is_head(const struct rest_call *call)
{
    return str_eq(http_request_method(call->request), STR("HEAD"));
}

static void reply_head(struct rest_call *call)
{
    const struct http_reply reply = {
        .status = 200,
        .content_type = accepts_sse(call) ? "text/event-stream" : "application/json",
    };
    http_request_reply(call->request, &reply);
}

static int check_n_streams(struct api_server *server, struct err *err)
{
    size_t n = 0;
    LIST_FOREACH(&server->streams, node) {
        n++;
    }
    if (n >= LIMIT_SSE_CLIENTS) {
        return err_set(err, ERR_LIMIT, "there are %d event streams open already",
                       LIMIT_SSE_CLIENTS);
    }
    return 0;
}

/* ---- messages ---- */

static void send_message(struct stream *s, struct arena *arena, const struct value *message)
{
    struct str json;
    struct err err;
    const struct value_json_write opts = {.escape_html = true};
    if (value_to_json_in(arena, message, &opts, &json, &err) < 0) {
        stream_end(s);
        return;
    }
    put_bytes(s, s->sse ? arena_printf(arena, "data: " STR_FMT " \n\n\n", STR_ARG(json))
                        : arena_printf(arena, STR_FMT "\n", STR_ARG(json)));
}

/* {"result": v}, framed. */
static void send_result(struct stream *s, struct arena *arena, const struct value *v)
{
    send_message(s, arena, fields_apply(arena, value_with(arena, NULL, v, "result"), s->fields));
}

/* {"error": ...}, and the stream ends. */
static void send_error(struct stream *s, const struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    char text[ERR_MESSAGE_BYTES];
    int status = err_code_http(err->code);
    err_format(err, text, sizeof(text));
    struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_map(&b, "error");
    value_build_field_int(&b, "grpc_code", err_code_grpc(err->code));
    value_build_field_int(&b, "http_code", status);
    value_build_field_str(&b, "message", str_from(text));
    value_build_field_str(&b, "http_status", str_from(http_header_reason(status)));
    value_build_end(&b);
    value_build_end(&b);
    send_message(s, arena, value_build_finish(&b));
    value_builder_done(&b);
    stream_end(s);
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
    const struct str *x = a;
    const struct str *y = b;
    return str_cmp(*x, *y);
}

/* Its first message is still to come and will show what it is then. */
static bool is_pending(const struct stream *s, struct str name)
{
    size_t n = s->n_pending - s->at_pending;
    return n > 0 && bsearch(&name, s->pending + s->at_pending, n, sizeof(name), by_name) != NULL;
}

/* As much of what was there at the beginning as the client takes. */
static void send_pending(void *data)
{
    struct stream *s = data;
    while (!s->gone && s->at_pending < s->n_pending) {
        if (http_request_backlog(s->call->request) > INITIAL_BACKLOG_BYTES) {
            return; /* again when it is empty */
        }
        const struct api_server *server = s->call->server;
        struct str name = s->pending[s->at_pending++];
        struct doc *app = kube_informer_find(server->apps, str_from(server->config->ns), name);
        if (app != NULL && app_filter_matches(&s->filter, doc_root(app))) {
            send_event(s, "ADDED", doc_root(app));
        }
    }
}

/* What is there, sorted; with a resourceVersion only what is newer. */
static void find_pending(struct stream *s, struct str newer_than)
{
    struct arena *arena = s->call->arena;
    struct kube_informer *apps = s->call->server->apps;
    struct str *found = arena_calloc(arena, kube_informer_count(apps), sizeof(*found));
    size_t n = 0;
    size_t at = 0;
    for (struct doc *d; (d = kube_informer_next(apps, &at)) != NULL;) {
        const struct value *app = doc_root(d);
        bool newer = newer_than.n == 0 || s->filter.name.n > 0 ||
                     !kube_version_not_older(newer_than, kube_resource_version(app));
        if (newer && app_filter_matches(&s->filter, app)) {
            found[n++] = arena_str(arena, kube_name(app));
        }
    }
    if (n > 0) {
        qsort(found, n, sizeof(*found), by_name);
    }
    s->pending = found;
    s->n_pending = n;
}

int stream_applications(struct rest_call *call, struct err *err)
{
    struct app_filter filter;
    TRY(app_filter_of(call, &filter, err));
    if (is_head(call)) {
        reply_head(call);
        return 0;
    }
    TRY(check_n_streams(call->server, err));
    struct stream *s = stream_new(call);
    s->filter = filter;
    s->last = map_new(mem_free);
    find_pending(s, rest_query(call, "resourceVersion"));
    send_pending(s);
    return 0;
}

void stream_on_application(struct api_server *server, struct doc *before, struct doc *after)
{
    const char *type = before == NULL ? "ADDED" : (after == NULL ? "DELETED" : "MODIFIED");
    const struct value *app = doc_root(after != NULL ? after : before);
    LIST_FOREACH(&server->streams, node) {
        struct stream *s = CONTAINER_OF(node, struct stream, node);
        if (!s->tree && app_filter_matches(&s->filter, app) && !is_pending(s, kube_name(app))) {
            send_event(s, type, app);
        }
    }
}

/* ---- trees ---- */

static void ask_tree(struct stream *s);

static void send_tree(struct stream *s, const Belay__JsonReply *reply)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *tree = NULL;
    struct err err;
    if (value_from_json(arena, ipc_bytes(reply->json), NULL, &tree, &err) < 0) {
        send_error(s, &err);
        return;
    }
    s->shown = true;
    send_result(s, arena, tree);
}

static void on_tree(const ProtobufCMessage *message, const struct err *err, void *data)
{
    struct stream *s = data;
    s->asking = NULL;
    if (s->gone) {
        stream_free(s);
        return;
    }
    if (err == NULL) {
        send_tree(s, (const Belay__JsonReply *)message);
    } else if (!s->shown || !err_code_retryable(err->code)) {
        send_error(s, err);
    }
    /* a controller that went away publishes again when it is back: that asks for the tree anew */
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

int stream_tree(struct rest_call *call, struct err *err)
{
    struct doc *doc = NULL;
    TRY(applications_find(call, &doc, err));
    if (is_head(call)) {
        reply_head(call);
        return 0;
    }
    TRY(check_n_streams(call->server, err));
    struct stream *s = stream_new(call);
    s->tree = true;
    s->namespace = arena_str(call->arena, kube_namespace(doc_root(doc)));
    s->name = arena_str(call->arena, kube_name(doc_root(doc)));
    timer_init(&s->debounce, call->server->loop, on_debounced, s);
    ask_tree(s);
    return 0;
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
