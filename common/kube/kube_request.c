/* Building the HTTP form of requests.
 *
 * Paths are made of escaped segments; a segment that would mean something to a path ("", ".", "..") is
 * refused, as names may come from users. */
#include "common/kube/kube_request.h"

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/vec.h"
#include "common/net/url.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_json.h"

#define ACCEPT_JSON       "application/json"
#define ACCEPT_META(kind) "application/json;as=" kind ";g=meta.k8s.io;v=v1,application/json"

static const struct {
    const char *name;
    const char *method;
} VERBS[KUBE_VERB_COUNT] = {
    [KUBE_GET] = {"get", "GET"},          [KUBE_LIST] = {"list", "GET"},
    [KUBE_WATCH] = {"watch", "GET"},      [KUBE_CREATE] = {"create", "POST"},
    [KUBE_UPDATE] = {"update", "PUT"},    [KUBE_PATCH] = {"patch", "PATCH"},
    [KUBE_DELETE] = {"delete", "DELETE"},
};

static const struct {
    const char *content_type;
    enum kube_repeat repeat;
} PATCHES[KUBE_PATCH_COUNT] = {
    [KUBE_PATCH_JSON] = {"application/json-patch+json", KUBE_REPEAT_UNSEEN},
    [KUBE_PATCH_MERGE] = {"application/merge-patch+json", KUBE_REPEAT_IDEMPOTENT},
    [KUBE_PATCH_STRATEGIC] = {"application/strategic-merge-patch+json", KUBE_REPEAT_IDEMPOTENT},
    [KUBE_PATCH_APPLY] = {"application/apply-patch+yaml", KUBE_REPEAT_IDEMPOTENT},
};

static const char *const PROPAGATIONS[KUBE_PROPAGATION_COUNT] = {
    [KUBE_PROPAGATION_BACKGROUND] = "Background",
    [KUBE_PROPAGATION_FOREGROUND] = "Foreground",
    [KUBE_PROPAGATION_ORPHAN] = "Orphan",
};

static const char *const FIELD_VALIDATIONS[KUBE_FIELDS_COUNT] = {
    [KUBE_FIELDS_IGNORE] = "Ignore",
    [KUBE_FIELDS_WARN] = "Warn",
    [KUBE_FIELDS_STRICT] = "Strict",
};

const char *kube_verb_name(enum kube_verb verb)
{
    return VERBS[verb].name;
}

/* ---- targets ---- */

struct kube_target kube_target_copy(struct arena *arena, const struct kube_target *target)
{
    return (struct kube_target){
        .group = arena_str(arena, target->group),
        .version = arena_str(arena, target->version),
        .resource = arena_str(arena, target->resource),
        .kind = arena_str(arena, target->kind),
        .namespace = arena_str(arena, target->namespace),
        .name = arena_str(arena, target->name),
        .subresource = arena_str(arena, target->subresource),
    };
}

struct str kube_request_describe(struct arena *arena, const struct kube_target *target)
{
    AUTO(buf) struct buf out;
    buf_init(&out, LIMIT_KIB);
    buf_put(&out, target->resource);
    if (target->group.n > 0) {
        buf_put_char(&out, '.');
        buf_put(&out, target->group);
    }
    if (target->subresource.n > 0) {
        buf_put_char(&out, '/');
        buf_put(&out, target->subresource);
    }
    if (target->namespace.n > 0 || target->name.n > 0) {
        buf_put_char(&out, ' ');
    }
    buf_put(&out, target->namespace);
    if (target->namespace.n > 0 && target->name.n > 0) {
        buf_put_char(&out, '/');
    }
    buf_put(&out, target->name);
    return buf_to_arena(&out, arena);
}

/* ---- paths ---- */

static int put_segment(struct buf *path, const char *what, struct str segment, struct err *err)
{
    if (segment.n == 0 || str_eq_c(segment, ".") || str_eq_c(segment, "..")) {
        return err_set(err, ERR_INVALID, "'" STR_FMT "' cannot be a %s", STR_ARG(segment), what);
    }
    buf_put_char(path, '/');
    url_escape(path, segment);
    return 0;
}

static int put_target(struct buf *path, const struct kube_target *target, struct err *err)
{
    buf_put_c(path, target->group.n > 0 ? "/apis" : "/api");
    if (target->group.n > 0) {
        TRY(put_segment(path, "group", target->group, err));
    }
    TRY(put_segment(path, "version", target->version, err));
    if (target->namespace.n > 0) {
        buf_put_c(path, "/namespaces");
        TRY(put_segment(path, "namespace", target->namespace, err));
    }
    TRY(put_segment(path, "resource", target->resource, err));
    if (target->name.n > 0) {
        TRY(put_segment(path, "name", target->name, err));
    }
    if (target->subresource.n > 0) {
        TRY(put_segment(path, "subresource", target->subresource, err));
    }
    return 0;
}

/* Query parameters on top of a path. */
static void put_param(struct buf *path, const char *name, struct str text)
{
    if (text.n > 0) {
        buf_put_char(path, str_find_char(buf_str(path), '?') == STR_NONE ? '?' : '&');
        buf_put_c(path, name);
        buf_put_char(path, '=');
        url_escape(path, text);
    }
}

static void put_int_param(struct buf *path, const char *name, int64_t number)
{
    AUTO(buf) struct buf text;
    buf_init(&text, 32);
    if (number > 0) {
        buf_put_int(&text, number);
        put_param(path, name, buf_str(&text));
    }
}

static void put_flag(struct buf *path, const char *name, bool set, const char *text)
{
    if (set) {
        put_param(path, name, str_from(text));
    }
}

static int end_path(struct arena *arena, const struct buf *path, struct str *ret, struct err *err)
{
    TRY(buf_check(path, "the request's path", err));
    *ret = buf_to_arena(path, arena);
    return 0;
}

/* ---- headers ---- */

struct headers {
    struct http_header *items;
    size_t n;
    size_t cap;
};

static void
put_header(struct arena *arena, struct headers *headers, const char *name, struct str text)
{
    if (text.n > 0) {
        struct http_header header = {str_from(name), arena_str(arena, text)};
        vec_push_in(arena, headers, header);
    }
}

static const char *accept_of(enum kube_verb verb, bool metadata_only)
{
    if (!metadata_only) {
        return ACCEPT_JSON;
    }
    return verb == KUBE_LIST ? ACCEPT_META("PartialObjectMetadataList")
                             : ACCEPT_META("PartialObjectMetadata");
}

/* ---- one object ---- */

static int check_request(const struct kube_request *request, struct err *err)
{
    bool body = request->body != NULL || request->body_json.n > 0;
    bool named = request->verb != KUBE_CREATE || request->target.subresource.n > 0;
    bool writes =
        request->verb == KUBE_CREATE || request->verb == KUBE_UPDATE || request->verb == KUBE_PATCH;
    if (request->verb == KUBE_LIST || request->verb == KUBE_WATCH) {
        return err_set(err, ERR_INVALID, "%s is not about one object",
                       kube_verb_name(request->verb));
    }
    if (named && request->target.name.n == 0) {
        return err_set(err, ERR_INVALID, "%s needs a name", kube_verb_name(request->verb));
    }
    if (writes != body) {
        return err_set(err, ERR_INVALID, "%s %s", kube_verb_name(request->verb),
                       writes ? "needs a body" : "takes no body");
    }
    bool apply = request->verb == KUBE_PATCH && request->patch == KUBE_PATCH_APPLY;
    if (apply && request->field_manager.n == 0) {
        return err_set(err, ERR_INVALID, "server-side apply needs a field manager");
    }
    return 0;
}

static enum kube_repeat repeat_of(const struct kube_request *request)
{
    if (request->dry_run) {
        return KUBE_REPEAT_IDEMPOTENT;
    }
    if (request->verb == KUBE_PATCH) {
        return PATCHES[request->patch].repeat;
    }
    bool once = request->verb == KUBE_CREATE || request->verb == KUBE_UPDATE;
    return once ? KUBE_REPEAT_UNSEEN : KUBE_REPEAT_IDEMPOTENT;
}

static void put_write_params(struct buf *path, const struct kube_request *request)
{
    bool apply = request->verb == KUBE_PATCH && request->patch == KUBE_PATCH_APPLY;
    const char *validation = FIELD_VALIDATIONS[request->field_validation];
    put_param(path, "fieldManager", request->field_manager);
    put_flag(path, "force", apply && request->force, "true");
    put_flag(path, "dryRun", request->dry_run, "All");
    put_param(path, "fieldValidation", str_from(validation));
}

static int request_path(struct arena *arena,
                        const struct kube_request *request,
                        struct str *ret,
                        struct err *err)
{
    if (request->raw_path.n > 0) {
        *ret = arena_str(arena, request->raw_path);
        return 0;
    }
    AUTO(buf) struct buf path;
    buf_init(&path, LIMIT_HTTP_URL_BYTES);
    TRY(put_target(&path, &request->target, err));
    if (request->verb != KUBE_GET && request->verb != KUBE_DELETE) {
        put_write_params(&path, request);
    }
    return end_path(arena, &path, ret, err);
}

/* DeleteOptions; the older "v1" form is what every group takes. */
static const struct value *delete_options(struct arena *arena, const struct kube_request *request)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str(&b, "apiVersion", STR("v1"));
    value_build_field_str(&b, "kind", STR("DeleteOptions"));
    value_build_field_str_opt(&b, "propagationPolicy",
                              str_from(PROPAGATIONS[request->propagation]));
    if (request->has_grace_period) {
        value_build_field_int(&b, "gracePeriodSeconds", request->grace_period_s);
    }
    if (request->precondition_uid.n > 0 || request->precondition_resource_version.n > 0) {
        value_build_field_map(&b, "preconditions");
        value_build_field_str_opt(&b, "uid", request->precondition_uid);
        value_build_field_str_opt(&b, "resourceVersion", request->precondition_resource_version);
        value_build_end(&b);
    }
    if (request->dry_run) {
        value_build_field_list(&b, "dryRun");
        value_build_str(&b, STR("All"));
        value_build_end(&b);
    }
    value_build_end(&b);
    return value_build_finish(&b);
}

static int request_body(struct arena *arena,
                        const struct kube_request *request,
                        struct str *ret,
                        struct err *err)
{
    if (request->verb == KUBE_GET) {
        *ret = (struct str){0};
        return 0;
    }
    if (request->body_json.n > 0) {
        *ret = arena_str(arena, request->body_json);
        return 0;
    }
    const struct value *body =
        request->verb == KUBE_DELETE ? delete_options(arena, request) : request->body;
    return value_to_json_in(arena, body, NULL, ret, err);
}

static const char *content_type_of(const struct kube_request *request)
{
    if (request->verb == KUBE_GET) {
        return NULL;
    }
    return request->verb == KUBE_PATCH ? PATCHES[request->patch].content_type : ACCEPT_JSON;
}

static struct http_headers request_headers(struct arena *arena, const struct kube_request *request)
{
    struct headers headers = {0};
    struct str accept = str_from(accept_of(request->verb, request->metadata_only));
    if (request->accept.n > 0 && request->raw_path.n > 0) {
        accept = request->accept;
    }
    put_header(arena, &headers, "Accept", accept);
    put_header(arena, &headers, "Content-Type", str_from(content_type_of(request)));
    put_header(arena, &headers, "Impersonate-User", request->as_user);
    for (size_t i = 0; i < request->n_as_groups; i++) {
        put_header(arena, &headers, "Impersonate-Group", request->as_groups[i]);
    }
    return (struct http_headers){headers.items, headers.n};
}

int kube_request_wire(struct arena *arena,
                      const struct kube_request *request,
                      struct kube_wire *ret,
                      struct err *err)
{
    bool raw = request->raw_path.n > 0;
    struct kube_wire wire = {
        .method = raw ? "GET" : VERBS[request->verb].method,
        .repeat = raw ? KUBE_REPEAT_IDEMPOTENT : repeat_of(request),
        .what = raw ? arena_printf(arena, "get " STR_FMT, STR_ARG(request->raw_path))
                    : arena_printf(arena, "%s " STR_FMT, kube_verb_name(request->verb),
                                   STR_ARG(kube_request_describe(arena, &request->target))),
    };
    if (!raw) {
        TRY_IN(check_request(request, err), err, STR_FMT, STR_ARG(wire.what));
        TRY_IN(request_body(arena, request, &wire.body, err), err, STR_FMT, STR_ARG(wire.what));
    }
    TRY_IN(request_path(arena, request, &wire.path, err), err, STR_FMT, STR_ARG(wire.what));
    wire.headers = request_headers(arena, request);
    *ret = wire;
    return 0;
}

/* ---- collections ---- */

static int collection_path(struct arena *arena,
                           const struct kube_collection *collection,
                           struct str *ret,
                           struct err *err)
{
    bool watch = collection->verb == KUBE_WATCH;
    bool events = watch && collection->initial_events;
    AUTO(buf) struct buf path;
    buf_init(&path, LIMIT_HTTP_URL_BYTES);
    TRY(put_target(&path, &collection->target, err));
    put_flag(&path, "watch", watch, "true");
    put_flag(&path, "allowWatchBookmarks", watch, "true");
    put_int_param(&path, "timeoutSeconds", collection->timeout_s);
    put_int_param(&path, "limit", collection->limit);
    put_param(&path, "continue", collection->continue_token);
    put_param(&path, "labelSelector", collection->label_selector);
    put_param(&path, "fieldSelector", collection->field_selector);
    put_param(&path, "resourceVersion", collection->resource_version);
    put_flag(&path, "sendInitialEvents", events, "true");
    put_flag(&path, "resourceVersionMatch", events, "NotOlderThan");
    return end_path(arena, &path, ret, err);
}

int kube_request_collection(struct arena *arena,
                            const struct kube_collection *collection,
                            struct kube_wire *ret,
                            struct err *err)
{
    bool watch = collection->verb == KUBE_WATCH;
    struct headers headers = {0};
    struct kube_wire wire = {
        .method = "GET",
        .repeat = watch ? KUBE_REPEAT_NEVER : KUBE_REPEAT_IDEMPOTENT,
        .what = arena_printf(arena, "%s " STR_FMT, kube_verb_name(collection->verb),
                             STR_ARG(kube_request_describe(arena, &collection->target))),
    };
    TRY_IN(collection_path(arena, collection, &wire.path, err), err, STR_FMT, STR_ARG(wire.what));
    put_header(arena, &headers, "Accept",
               str_from(accept_of(collection->verb, collection->metadata_only)));
    wire.headers = (struct http_headers){headers.items, headers.n};
    *ret = wire;
    return 0;
}
