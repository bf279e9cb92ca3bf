/* See fake_cluster.h. Requests are answered at once; a watch is a stream that stays. */
#include "tests/lib/fake_cluster.h"

#include <stdio.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/list.h"
#include "common/base/mem.h"
#include "common/base/vec.h"
#include "common/kube/kube_object.h"
#include "common/net/http_server.h"
#include "common/rt/loop.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"
#include "common/value/value_patch.h"
#include "tests/lib/parse.h"
#include "tests/lib/tmp_dir.h"

enum { WAIT_MS = 20 * 1000 };

struct kind {
    const char *group;
    const char *version;
    const char *kind;
    const char *resource;
    bool namespaced;
};

static const struct kind KINDS[] = {
    {"", "v1", "Namespace", "namespaces", false},
    {"", "v1", "ConfigMap", "configmaps", true},
    {"", "v1", "Secret", "secrets", true},
    {"", "v1", "Service", "services", true},
    {"", "v1", "Endpoints", "endpoints", true},
    {"", "v1", "Pod", "pods", true},
    {"", "v1", "Event", "events", true},
    {"apps", "v1", "Deployment", "deployments", true},
    {"apps", "v1", "ReplicaSet", "replicasets", true},
    {"batch", "v1", "Job", "jobs", true},
    {"argoproj.io", "v1alpha1", "Application", "applications", true},
    {"argoproj.io", "v1alpha1", "AppProject", "appprojects", true},
    {"apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false},
    {"rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true},
    {"example.org", "v1", "Widget", "widgets", true}, /* the last: served when a test says so */
};

struct object {
    const struct kind *kind;
    struct doc *doc;
};

struct watch {
    struct list node;
    struct fake_cluster *fc;
    const struct kind *kind;
    struct str namespace; /* in the request */
    bool metadata_only;
    struct http_request *req;
    struct buf held; /* events to be sent later */
};

struct fake_cluster {
    struct loop *loop;
    struct http_server *server;
    char url[64];
    const char *held_kind; /* NULL = none */
    bool widgets;
    bool stopped;
    int minor;           /* of the server's version */
    const char *openapi; /* JSON; NULL = not served */
    int64_t version;
    int64_t n_uids;
    VEC(struct object) objects;
    struct list watches;
    struct buf log;
    struct {
        const char *pod;
        const char *text;
    } logs[4];
    struct {
        char part[128];
        unsigned n;
        int status;
        char reason[64];
    } fault;
};

static size_t n_kinds(const struct fake_cluster *fc)
{
    return ARRAY_LEN(KINDS) - (fc->widgets ? 0 : 1);
}

static const struct kind *kind_named(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(KINDS); i++) {
        if (strcmp(KINDS[i].kind, name) == 0) {
            return &KINDS[i];
        }
    }
    fail_msg("the fake cluster has no kind %s", name);
    return NULL;
}

/* ---- answers ---- */

static void reply_text(struct http_request *req, int status, struct str body)
{
    const struct http_reply reply = {
        .status = status, .content_type = "application/json", .body = body};
    http_request_reply(req, &reply);
}

static void reply_value(struct http_request *req, int status, const struct value *v)
{
    reply_text(req, status, print_json(http_request_arena(req), v, NULL));
}

static void reply_failure(struct http_request *req, int status, const char *reason)
{
    reply_text(req, status,
               arena_printf(http_request_arena(req),
                            "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\","
                            "\"message\":\"the fake cluster says %s\",\"reason\":\"%s\","
                            "\"code\":%d}",
                            reason, reason, status));
}

/* ---- events ---- */

/* A client that is gone is dealt with by on_gone(). */
static void watch_free(struct watch *w)
{
    buf_done(&w->held);
    mem_free(w);
}

static void write_line(struct watch *w, struct str line)
{
    struct err err;
    if (http_request_write(w->req, line, &err) < 0) {
        assert_int_equal(err.code, ERR_CANCELED);
    }
}

static void send_event(struct watch *w, const char *type, const struct value *obj)
{
    AUTO(arena) struct arena *arena = arena_new();
    if (w->metadata_only) {
        obj = kube_object_metadata_only(arena, obj, STR("meta.k8s.io/v1"),
                                        STR("PartialObjectMetadata"));
    }
    struct str json = print_json(arena, obj, NULL);
    struct str line =
        arena_printf(arena, "{\"type\":\"%s\",\"object\":" STR_FMT "}\n", type, STR_ARG(json));
    if (w->fc->held_kind != NULL && strcmp(w->kind->kind, w->fc->held_kind) == 0) {
        buf_put(&w->held, line);
    } else {
        write_line(w, line);
    }
}

static void
tell(struct fake_cluster *fc, const struct kind *kind, const char *type, const struct value *obj)
{
    LIST_FOREACH(&fc->watches, node) {
        struct watch *w = CONTAINER_OF(node, struct watch, node);
        if (w->kind == kind && (w->namespace.n == 0 || str_eq(w->namespace, kube_namespace(obj)))) {
            send_event(w, type, obj);
        }
    }
}

/* ---- the store ---- */

static struct object *
find_object(const struct fake_cluster *fc, const struct kind *kind, struct str ns, struct str name)
{
    for (size_t i = 0; i < fc->objects.n; i++) {
        struct object *o = &fc->objects.items[i];
        if (o->kind == kind && str_eq(kube_name(doc_root(o->doc)), name) &&
            (!kind->namespaced || str_eq(kube_namespace(doc_root(o->doc)), ns))) {
            return o;
        }
    }
    return NULL;
}

static const struct value *
with_meta(struct arena *arena, const struct value *v, const char *key, struct str text)
{
    return value_with(arena, v, value_new_str(arena, text), "metadata", key);
}

static struct str next_version(struct fake_cluster *fc, struct arena *arena)
{
    return arena_printf(arena, "%lld", (long long)++fc->version);
}

/* Create or replace; returns the stored object. */
static const struct value *
store(struct fake_cluster *fc, const struct kind *kind, struct str ns, const struct value *v)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct object *old = find_object(fc, kind, ns, kube_name(v));
    v = with_meta(arena, v, "resourceVersion", next_version(fc, arena));
    if (kind->namespaced) {
        v = with_meta(arena, v, "namespace", ns);
    }
    if (old != NULL) {
        v = with_meta(arena, v, "uid", kube_uid(doc_root(old->doc)));
    } else {
        v = with_meta(arena, v, "uid",
                      kube_uid(v).n > 0 ? kube_uid(v)
                                        : arena_printf(arena, "00000000-0000-0000-0000-%012llx",
                                                       (unsigned long long)++fc->n_uids));
        v = with_meta(arena, v, "creationTimestamp", STR("2026-01-01T00:00:00Z"));
    }
    struct doc *doc = doc_copy_of(v);
    if (old != NULL) {
        doc_unref(old->doc);
        old->doc = doc;
    } else {
        struct object o = {kind, doc};
        vec_push(&fc->objects, o);
    }
    tell(fc, kind, old != NULL ? "MODIFIED" : "ADDED", doc_root(doc));
    return doc_root(doc);
}

static void drop(struct fake_cluster *fc, struct object *o)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct object gone = *o;
    *o = fc->objects.items[--fc->objects.n];
    tell(fc, gone.kind, "DELETED",
         with_meta(arena, doc_root(gone.doc), "resourceVersion", next_version(fc, arena)));
    doc_unref(gone.doc);
}

/* An object that is being deleted goes when its last finalizer does. */
static bool is_finished(const struct value *v)
{
    return kube_is_deleting(v) && kube_finalizer_count(v) == 0;
}

/* ---- requests ---- */

struct request {
    struct fake_cluster *fc;
    struct http_request *req;
    struct arena *arena;
    const struct kind *kind;
    struct str namespace;
    struct str name;
    struct object *object; /* NULL = none */
    const struct value *body;
    bool dry_run;
};

static bool query_has(const struct request *r, const char *text)
{
    return str_find(http_request_query(r->req), str_from(text)) != STR_NONE;
}

static bool is_conflict(const struct request *r, const struct value *v)
{
    struct str version = kube_resource_version(v);
    return version.n > 0 && !str_eq(version, kube_resource_version(doc_root(r->object->doc)));
}

static void answer_stored(struct request *r, int status, const struct value *v)
{
    if (r->dry_run) {
        reply_value(r->req, status, v);
        return;
    }
    v = value_copy(r->arena, store(r->fc, r->kind, r->namespace, v));
    struct object *o = find_object(r->fc, r->kind, r->namespace, kube_name(v));
    if (is_finished(v)) {
        drop(r->fc, o);
    }
    reply_value(r->req, status, v);
}

static void do_create(struct request *r)
{
    if (find_object(r->fc, r->kind, r->namespace, kube_name(r->body)) != NULL) {
        reply_failure(r->req, 409, "AlreadyExists");
        return;
    }
    answer_stored(r, 201, r->body);
}

static void do_update(struct request *r)
{
    if (is_conflict(r, r->body)) {
        reply_failure(r->req, 409, "Conflict");
        return;
    }
    answer_stored(r, 200, r->body);
}

static void do_json_patch(struct request *r)
{
    const struct value *v = doc_root(r->object->doc);
    struct err err;
    if (value_json_patch(r->arena, v, r->body, &v, &err) < 0) {
        reply_failure(r->req, 422, "Invalid");
    } else if (is_conflict(r, v)) {
        reply_failure(r->req, 409, "Conflict");
    } else {
        answer_stored(r, 200, v);
    }
}

static void do_patch(struct request *r)
{
    struct str type = http_request_header(r->req, STR("content-type"));
    if (r->object != NULL && str_find(type, STR("json-patch")) != STR_NONE) {
        do_json_patch(r);
        return;
    }
    bool apply = str_find(type, STR("apply-patch")) != STR_NONE;
    if (r->object == NULL && apply) {
        answer_stored(r, 201, r->body);
    } else if (r->object == NULL) {
        reply_failure(r->req, 404, "NotFound");
    } else if (is_conflict(r, r->body)) {
        reply_failure(r->req, 409, "Conflict");
    } else {
        answer_stored(r, 200, value_merge_patch(r->arena, doc_root(r->object->doc), r->body));
    }
}

static void do_delete(struct request *r)
{
    const struct value *v = doc_root(r->object->doc);
    struct str uid = value_dig_str(r->body, "preconditions", "uid");
    struct str version = value_dig_str(r->body, "preconditions", "resourceVersion");
    if ((uid.n > 0 && !str_eq(uid, kube_uid(v))) ||
        (version.n > 0 && !str_eq(version, kube_resource_version(v)))) {
        reply_failure(r->req, 409, "Conflict");
        return;
    }
    v = value_copy(r->arena, v);
    if (!r->dry_run && kube_finalizer_count(v) == 0) {
        drop(r->fc, r->object);
    } else if (!r->dry_run && !kube_is_deleting(v)) {
        v = store(r->fc, r->kind, r->namespace,
                  with_meta(r->arena, v, "deletionTimestamp", STR("2026-01-02T00:00:00Z")));
    }
    reply_value(r->req, 200, v);
}

static void on_gone(void *data)
{
    struct watch *w = data;
    list_remove(&w->node);
    http_request_end(w->req);
    watch_free(w);
}

static void send_bookmark(struct watch *w)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str line = arena_printf(
        arena,
        "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"%s\",\"apiVersion\":\"v1\",\"metadata\":{"
        "\"resourceVersion\":\"%lld\",\"annotations\":{\"k8s.io/"
        "initial-events-end\":\"true\"}}}}\n",
        w->kind->kind, (long long)w->fc->version);
    write_line(w, line);
}

/* With sendInitialEvents, or without as the one that goes on: what happened between a break and the next
 * watch is not kept, so that one starts with everything too. */
static void do_watch(struct request *r)
{
    struct watch *w = MEM_NEW(struct watch);
    const struct http_stream_opts opts = {.status = 200, .content_type = "application/json"};
    w->fc = r->fc;
    w->kind = r->kind;
    buf_init(&w->held, LIMIT_MIB);
    w->namespace = r->namespace;
    w->req = r->req;
    w->metadata_only = str_find(http_request_header(r->req, STR("accept")),
                                STR("as=PartialObjectMetadata")) != STR_NONE;
    list_push(&r->fc->watches, &w->node);
    http_request_stream(r->req, &opts);
    http_request_on_gone(r->req, on_gone, w);
    for (size_t i = 0; i < r->fc->objects.n; i++) {
        const struct object *o = &r->fc->objects.items[i];
        const struct value *v = doc_root(o->doc);
        if (o->kind == w->kind &&
            (w->namespace.n == 0 || str_eq(w->namespace, kube_namespace(v)))) {
            send_event(w, "ADDED", v);
        }
    }
    send_bookmark(w);
}

static const struct {
    const char *method;
    void (*fn)(struct request *r);
    bool needs_object;
} METHODS[] = {
    {"POST", do_create, false},
    {"PUT", do_update, true},
    {"PATCH", do_patch, false},
    {"DELETE", do_delete, true},
};

static void do_get(struct request *r)
{
    if (query_has(r, "watch=")) {
        do_watch(r);
    } else if (r->object == NULL) {
        reply_failure(r->req, 404, "NotFound"); /* watches list: nobody needs plain lists here */
    } else {
        reply_value(r->req, 200, doc_root(r->object->doc));
    }
}

static void answer_object(struct request *r)
{
    struct str method = http_request_method(r->req);
    if (str_eq(method, STR("GET"))) {
        do_get(r);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(METHODS); i++) {
        if (!str_eq_c(method, METHODS[i].method)) {
            continue;
        }
        if (METHODS[i].needs_object && r->object == NULL) {
            reply_failure(r->req, 404, "NotFound");
        } else {
            METHODS[i].fn(r);
        }
        return;
    }
    reply_failure(r->req, 405, "MethodNotAllowed");
}

/* ---- discovery ---- */

static void put_group(struct buf *b, const struct kind *k)
{
    buf_printf(b,
               "{\"name\":\"%s\",\"versions\":[{\"groupVersion\":\"%s/%s\",\"version\":\"%s\"}],"
               "\"preferredVersion\":{\"groupVersion\":\"%s/%s\",\"version\":\"%s\"}}",
               k->group, k->group, k->version, k->version, k->group, k->version, k->version);
}

static bool is_new_group(const struct fake_cluster *fc, size_t i)
{
    for (size_t j = 0; j < i && j < n_kinds(fc); j++) {
        if (strcmp(KINDS[j].group, KINDS[i].group) == 0) {
            return false;
        }
    }
    return KINDS[i].group[0] != '\0';
}

static void put_groups(const struct fake_cluster *fc, struct buf *b)
{
    const char *comma = "";
    buf_put_c(b, "{\"kind\":\"APIGroupList\",\"apiVersion\":\"v1\",\"groups\":[");
    for (size_t i = 0; i < n_kinds(fc); i++) {
        if (is_new_group(fc, i)) {
            buf_put_c(b, comma);
            put_group(b, &KINDS[i]);
            comma = ",";
        }
    }
    buf_put_c(b, "]}");
}

static void put_resources(const struct fake_cluster *fc, struct str group, struct buf *b)
{
    const char *comma = "";
    buf_put_c(b, "{\"kind\":\"APIResourceList\",\"apiVersion\":\"v1\",\"resources\":[");
    for (size_t i = 0; i < n_kinds(fc); i++) {
        const struct kind *k = &KINDS[i];
        if (!str_eq_c(group, k->group)) {
            continue;
        }
        buf_printf(b,
                   "%s{\"name\":\"%s\",\"singularName\":\"\",\"namespaced\":%s,\"kind\":\"%s\","
                   "\"verbs\":[\"create\",\"delete\",\"get\",\"list\",\"patch\",\"update\","
                   "\"watch\"]}",
                   comma, k->resource, k->namespaced ? "true" : "false", k->kind);
        comma = ",";
    }
    buf_put_c(b, "]}");
}

static void put_version(const struct fake_cluster *fc, struct buf *out)
{
    char text[128];
    (void)snprintf(text, sizeof(text),
                   "{\"major\":\"1\",\"minor\":\"%d\",\"gitVersion\":\"v1.%d.0\"}", fc->minor,
                   fc->minor);
    buf_put_c(out, text);
}

/* True when the path was one of discovery. segments: of the path, n of them. */
static bool answer_discovery(struct fake_cluster *fc,
                             struct http_request *req,
                             const struct str *segments,
                             size_t n)
{
    AUTO(buf) struct buf b;
    buf_init(&b, LIMIT_MIB);
    if (n == 1 && str_eq(segments[0], STR("version"))) {
        put_version(fc, &b);
    } else if (n == 2 && str_eq(segments[0], STR("openapi")) && fc->openapi != NULL) {
        buf_put_c(&b, fc->openapi);
    } else if (n == 1 && str_eq(segments[0], STR("api"))) {
        buf_put_c(&b, "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"]}");
    } else if (n == 1 && str_eq(segments[0], STR("apis"))) {
        put_groups(fc, &b);
    } else if (n == 2 && str_eq(segments[0], STR("api"))) {
        put_resources(fc, STR(""), &b);
    } else if (n == 3 && str_eq(segments[0], STR("apis"))) {
        put_resources(fc, segments[1], &b);
    } else {
        return false;
    }
    reply_text(req, 200, buf_str(&b));
    return true;
}

/* ---- every request ---- */

enum { SEGMENTS_MAX = 8 };

static size_t split(struct str path, struct str segments[SEGMENTS_MAX])
{
    size_t n = 0;
    struct str rest = str_sub(path, 1, path.n);
    while (rest.n > 0 && n < SEGMENTS_MAX) {
        struct str head = rest;
        struct str tail = STR_EMPTY;
        (void)str_cut(rest, '/', &head, &tail); /* the last one has no slash */
        segments[n++] = head;
        rest = tail;
    }
    return n;
}

static void take_path(struct request *r, const struct str *s, size_t n)
{
    bool core = str_eq(s[0], STR("api"));
    struct str group = core ? STR_EMPTY : s[1];
    size_t at = core ? 2 : 3;
    if (at + 2 < n && str_eq(s[at], STR("namespaces"))) {
        r->namespace = s[at + 1];
        at += 2;
    }
    for (size_t i = 0; i < n_kinds(r->fc); i++) {
        if (str_eq_c(group, KINDS[i].group) && at < n && str_eq_c(s[at], KINDS[i].resource)) {
            r->kind = &KINDS[i];
        }
    }
    r->name = at + 1 < n ? s[at + 1] : STR_EMPTY;
}

static bool is_faulty(struct fake_cluster *fc, const char *line)
{
    if (fc->fault.n == 0 || strstr(line, fc->fault.part) == NULL) {
        return false;
    }
    fc->fault.n--;
    return true;
}

static const char *log_request(struct fake_cluster *fc, struct http_request *req)
{
    struct str query = http_request_query(req);
    struct str body = http_request_body(req);
    struct str line =
        arena_printf(http_request_arena(req), STR_FMT " " STR_FMT "%s" STR_FMT " " STR_FMT,
                     STR_ARG(http_request_method(req)), STR_ARG(http_request_path(req)),
                     query.n > 0 ? "?" : "", STR_ARG(query), STR_ARG(body));
    buf_put(&fc->log, line);
    buf_put_char(&fc->log, '\n');
    return line.p;
}

/* True when the path was that of a pod's log. */
static bool
answer_log(struct fake_cluster *fc, struct http_request *req, const struct str *segments, size_t n)
{
    if (n != 7 || !str_eq(segments[6], STR("log"))) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(fc->logs); i++) {
        if (fc->logs[i].pod != NULL && str_eq_c(segments[5], fc->logs[i].pod)) {
            reply_text(req, 200, str_from(fc->logs[i].text));
            return true;
        }
    }
    reply_failure(req, 404, "NotFound");
    return true;
}

static void on_request(struct http_request *req, void *data)
{
    struct fake_cluster *fc = data;
    struct str segments[SEGMENTS_MAX];
    size_t n = split(http_request_path(req), segments);
    struct request r = {.fc = fc, .req = req, .arena = http_request_arena(req)};
    struct err err;
    if (is_faulty(fc, log_request(fc, req))) {
        reply_failure(req, fc->fault.status, fc->fault.reason);
        return;
    }
    if (n == 0 || answer_discovery(fc, req, segments, n) || answer_log(fc, req, segments, n)) {
        return;
    }
    take_path(&r, segments, n);
    if (r.kind == NULL) {
        reply_failure(req, 404, "NotFound");
        return;
    }
    if (http_request_body(req).n > 0) {
        ASSERT_OK(value_from_json(r.arena, http_request_body(req), NULL, &r.body, &err));
    }
    r.dry_run = query_has(&r, "dryRun=All");
    r.object = find_object(fc, r.kind, r.namespace, r.name);
    answer_object(&r);
}

/* ---- for tests ---- */

struct fake_cluster *fake_cluster_new(struct loop *loop)
{
    struct fake_cluster *fc = MEM_NEW(struct fake_cluster);
    const struct http_server_opts opts = {.on_request = on_request, .data = fc};
    const struct http_listen_opts listen = {.host = "127.0.0.1"};
    uint16_t port = 0;
    struct err err;
    fc->loop = loop;
    fc->version = 100;
    fc->minor = 30;
    list_init(&fc->watches);
    buf_init(&fc->log, 16 * LIMIT_MIB);
    buf_put_c(&fc->log, "");
    fc->server = http_server_new(loop, &opts);
    ASSERT_OK(http_server_listen(fc->server, &listen, &port, &err));
    (void)snprintf(fc->url, sizeof(fc->url), "http://127.0.0.1:%u", (unsigned)port);
    return fc;
}

static void on_stopped(void *data)
{
    ((struct fake_cluster *)data)->stopped = true;
}

static bool is_stopped(void *data)
{
    return ((struct fake_cluster *)data)->stopped;
}

void fake_cluster_hold_events(struct fake_cluster *fc, const char *kind)
{
    fc->held_kind = kind;
    LIST_FOREACH(&fc->watches, node) {
        struct watch *w = CONTAINER_OF(node, struct watch, node);
        if (kind == NULL || strcmp(w->kind->kind, kind) != 0) {
            write_line(w, buf_str(&w->held));
            buf_reset(&w->held);
        }
    }
}

void fake_cluster_break_watches(struct fake_cluster *fc)
{
    for (struct list *node; (node = list_pop(&fc->watches)) != NULL;) {
        struct watch *w = CONTAINER_OF(node, struct watch, node);
        http_request_abort(w->req);
        watch_free(w);
    }
}

void fake_cluster_free(struct fake_cluster *fc)
{
    if (fc == NULL) {
        return;
    }
    fake_cluster_break_watches(fc);
    http_server_stop(fc->server, 1000, on_stopped, fc);
    assert_true(loop_run_until(fc->loop, is_stopped, fc, WAIT_MS));
    for (size_t i = 0; i < fc->objects.n; i++) {
        doc_unref(fc->objects.items[i].doc);
    }
    vec_done(&fc->objects);
    buf_done(&fc->log);
    mem_free(fc);
}

const char *fake_cluster_url(const struct fake_cluster *fc)
{
    return fc->url;
}

void fake_cluster_kubeconfig(const struct fake_cluster *fc, const char *dir)
{
    AUTO(arena) struct arena *arena = arena_new();
    tmp_dir_put(dir, "kubeconfig",
                arena_printf(arena,
                             "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
                             "clusters:\n- name: c\n  cluster: {server: '%s'}\n"
                             "users:\n- name: u\n  user: {}\n"
                             "contexts:\n- name: c\n  context: {cluster: c, user: u}\n",
                             fc->url)
                    .p);
}

void fake_cluster_set_widgets(struct fake_cluster *fc, bool served)
{
    fc->widgets = served;
}

void fake_cluster_put(struct fake_cluster *fc, const char *yaml)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *v = parse_yaml(arena, yaml);
    AUTO(char) char *kind = mem_strndup(kube_kind_of(v).p, kube_kind_of(v).n);
    (void)store(fc, kind_named(kind), kube_namespace(v), v); /* looked at by fake_cluster_get() */
}

static struct object *
get_object(const struct fake_cluster *fc, const char *kind, const char *ns, const char *name)
{
    return find_object(fc, kind_named(kind), str_from(ns), str_from(name));
}

void fake_cluster_patch(
    struct fake_cluster *fc, const char *kind, const char *ns, const char *name, const char *yaml)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct object *o = get_object(fc, kind, ns, name);
    assert_non_null(o);
    (void)store(fc, o->kind, str_from(ns),
                value_merge_patch(arena, doc_root(o->doc), parse_yaml(arena, yaml)));
}

void fake_cluster_remove(struct fake_cluster *fc,
                         const char *kind,
                         const char *ns,
                         const char *name)
{
    struct object *o = get_object(fc, kind, ns, name);
    assert_non_null(o);
    drop(fc, o);
}

const struct value *
fake_cluster_get(const struct fake_cluster *fc, const char *kind, const char *ns, const char *name)
{
    const struct object *o = get_object(fc, kind, ns, name);
    return o != NULL ? doc_root(o->doc) : NULL;
}

size_t fake_cluster_count(const struct fake_cluster *fc, const char *part, const char *other)
{
    size_t n = 0;
    struct str rest = buf_str(&fc->log);
    struct str line;
    while (str_cut(rest, '\n', &line, &rest)) {
        n += str_find(line, str_from(part)) != STR_NONE &&
             str_find(line, str_from(other)) != STR_NONE;
    }
    return n;
}

void fake_cluster_forget_log(struct fake_cluster *fc)
{
    buf_reset(&fc->log);
}

const char *fake_cluster_log(const struct fake_cluster *fc)
{
    return fc->log.p;
}

void fake_cluster_fail(
    struct fake_cluster *fc, const char *part, unsigned n, int status, const char *reason)
{
    (void)snprintf(fc->fault.part, sizeof(fc->fault.part), "%s", part);
    (void)snprintf(fc->fault.reason, sizeof(fc->fault.reason), "%s", reason);
    fc->fault.n = n;
    fc->fault.status = status;
}

void fake_cluster_set_types(struct fake_cluster *fc, int minor, const char *openapi)
{
    fc->minor = minor;
    fc->openapi = openapi;
}

void fake_cluster_set_log(struct fake_cluster *fc, const char *pod, const char *text)
{
    for (size_t i = 0; i < ARRAY_LEN(fc->logs); i++) {
        if (fc->logs[i].pod == NULL || strcmp(fc->logs[i].pod, pod) == 0) {
            fc->logs[i].pod = pod;
            fc->logs[i].text = text;
            return;
        }
    }
    fail_msg("the fake cluster has the logs of %zu pods already", ARRAY_LEN(fc->logs));
}

size_t fake_cluster_n_watches(const struct fake_cluster *fc, const char *kind)
{
    size_t n = 0;
    LIST_FOREACH(&fc->watches, node) {
        n += CONTAINER_OF(node, struct watch, node)->kind == kind_named(kind);
    }
    return n;
}
