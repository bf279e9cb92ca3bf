/* Streams of Applications and of trees. */
#include "api-server/stream.h"

#include <stdlib.h>

#include "api-server/api_server.h"
#include "api-server/rest/applications.h"
#include "api-server/rest/call.h"
#include "api-server/rest/fields.h"
#include "api-server/stream_out.h"
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
    TREE_DEBOUNCE_MS = 100,
    INITIAL_BACKLOG_BYTES =
        1024 * 1024, /* of what is there already; the rest waits for the client */
};

struct stream {
    struct stream_out out;
    struct list node; /* api_server.watchers */
    struct api_server *server;
    bool tree;
    struct app_filter filter;
    struct str namespace; /* of a tree's Application */
    struct str name;
    struct map *last;    /* with `fields`: Application -> hash of its last message */
    struct str *pending; /* keys of Applications that are still to be sent first, sorted */
    size_t n_pending;
    size_t at_pending;
    struct timer debounce;
    struct ipc_request *asking; /* for a tree */
    bool again;                 /* the tree changed while asking */
    bool shown;                 /* a tree was sent */
};

/* ---- life ---- */

static void stream_free(void *data)
{
    struct stream *s = data;
    map_free(s->last);
    mem_free(s);
}

/* The stream itself goes later, so that callers can see that it ended. */
static void on_end(void *data)
{
    struct stream *s = data;
    list_remove(&s->node);
    timer_stop(&s->debounce);
    if (s->asking != NULL) {
        ipc_request_cancel(s->asking); /* on_tree() frees */
    } else {
        loop_post(s->server->loop, stream_free, s);
    }
}

static void send_pending(void *data);

static struct stream *stream_new(struct rest_call *call)
{
    struct stream *s = MEM_NEW(struct stream);
    s->server = call->server;
    list_push(&call->server->watchers, &s->node);
    stream_out_begin(&s->out, call, send_pending, on_end, s);
    return s;
}

/* ---- Applications ---- */

/* With `fields`, what looks the same as the last time is not sent again. */
static bool is_repeated(struct stream *s, const struct value *event, struct str key)
{
    if (s->out.fields.n == 0) {
        return false;
    }
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *shown =
        fields_apply(arena, value_with(arena, NULL, event, "result"), s->out.fields);
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
    if (!is_repeated(s, event, application_key(arena, app))) {
        stream_out_send(&s->out, arena, event);
    }
}

static int by_name(const void *a, const void *b)
{
    const struct str *x = a;
    const struct str *y = b;
    return str_cmp(*x, *y);
}

/* Its first message is still to come and will show what it is then. */
static bool is_pending(const struct stream *s, struct str key)
{
    size_t n = s->n_pending - s->at_pending;
    return n > 0 && bsearch(&key, s->pending + s->at_pending, n, sizeof(key), by_name) != NULL;
}

/* As much of what was there at the beginning as the client takes. */
static void send_pending(void *data)
{
    struct stream *s = data;
    while (!s->out.ended && s->at_pending < s->n_pending) {
        if (stream_out_backlog(&s->out) > INITIAL_BACKLOG_BYTES) {
            return; /* again when it is empty */
        }
        const struct api_server *server = s->server;
        struct str namespace;
        struct str name;
        (void)str_cut(s->pending[s->at_pending++], '/', &namespace, &name); /* it is in there */
        struct doc *app = kube_informer_find(server->apps, namespace, name);
        if (app != NULL && app_filter_matches(&s->filter, doc_root(app))) {
            send_event(s, "ADDED", doc_root(app));
        }
    }
}

/* What is there, sorted; with a resourceVersion only what is newer. */
static void find_pending(struct stream *s, struct str newer_than)
{
    struct arena *arena = s->out.call->arena;
    struct kube_informer *apps = s->server->apps;
    struct str *found = arena_calloc(arena, kube_informer_count(apps), sizeof(*found));
    size_t n = 0;
    size_t at = 0;
    for (struct doc *d; (d = kube_informer_next(apps, &at)) != NULL;) {
        const struct value *app = doc_root(d);
        bool newer = newer_than.n == 0 || s->filter.name.n > 0 ||
                     !kube_version_not_older(newer_than, kube_resource_version(app));
        if (newer && app_filter_matches(&s->filter, app)) {
            found[n++] = application_key(arena, app);
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
    if (stream_out_head(call)) {
        return 0;
    }
    TRY(stream_out_check(call, err));
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
    AUTO(arena) struct arena *arena = arena_new();
    struct str key = application_key(arena, app);
    LIST_FOREACH(&server->watchers, node) {
        struct stream *s = CONTAINER_OF(node, struct stream, node);
        if (!s->tree && app_filter_matches(&s->filter, app) && !is_pending(s, key)) {
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
        stream_out_fail(&s->out, &err);
        return;
    }
    s->shown = true;
    stream_out_send(&s->out, arena, tree);
}

static void on_tree(const ProtobufCMessage *message, const struct err *err, void *data)
{
    struct stream *s = data;
    s->asking = NULL;
    if (s->out.ended) {
        stream_free(s);
        return;
    }
    if (err == NULL) {
        send_tree(s, (const Belay__JsonReply *)message);
    } else if (!s->shown || !err_code_retryable(err->code)) {
        stream_out_fail(&s->out, err);
    }
    /* a controller that went away publishes again when it is back: that asks for the tree anew */
    if (!s->out.ended && s->again) {
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
        .timeout_ms = s->server->config->call_timeout_ms,
        .repeat = IPC_REPEATABLE,
    };
    s->asking = ipc_client_call(s->server->controller, &options, on_tree, s);
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
    if (stream_out_head(call)) {
        return 0;
    }
    TRY(stream_out_check(call, err));
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
    LIST_FOREACH(&server->watchers, node) {
        struct stream *s = CONTAINER_OF(node, struct stream, node);
        bool ours = name.n == 0 || (str_eq(s->name, name) && str_eq(s->namespace, namespace));
        if (s->tree && ours && !timer_running(&s->debounce)) {
            timer_start(&s->debounce, TREE_DEBOUNCE_MS);
        }
    }
}
