/* Application endpoints. Reads come from the informer, writes go to the API server and come back through
 * it. */
#include "api-server/rest/applications.h"

#include <stdlib.h>

#include "api-server/api_server.h"
#include "api-server/auth/rbac.h"
#include "api-server/rest/app_health.h"
#include "api-server/rest/app_write.h"
#include "api-server/rest/call.h"
#include "api-server/rest/validate.h"
#include "api-server/router.h"
#include "common/base/arena.h"
#include "common/base/mem.h"
#include "common/base/vec.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_informer.h"
#include "common/kube/kube_object.h"
#include "common/model/application.h"
#include "common/rt/loop.h"
#include "common/rt/timer.h"
#include "common/value/label_selector.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"
#include "common/value/value_patch.h"

#define NOT_FOUND "applications.argoproj.io \"" STR_FMT "\" not found"

enum {
    CREATED_WAIT_MS = 10 * 1000, /* for the watch to bring what was made */
};

/* ---- finding ---- */

struct str application_project(const struct value *app)
{
    struct str project = value_dig_str(app, "spec", "project");
    return project.n > 0 ? project : STR(APP_DEFAULT_PROJECT);
}

static struct str own_if_empty(const struct rest_call *call, struct str namespace)
{
    return namespace.n > 0 ? namespace : str_from(call->server->config->ns);
}

struct str application_object(const struct rest_call *call, struct str namespace, struct str name)
{
    if (str_eq_c(own_if_empty(call, namespace), call->server->config->ns)) {
        return name;
    }
    return arena_printf(call->arena, STR_FMT "/" STR_FMT, STR_ARG(namespace), STR_ARG(name));
}

int application_check_namespace(const struct rest_call *call, struct str namespace, struct err *err)
{
    if (!app_namespaces_permit(&call->server->namespaces, own_if_empty(call, namespace))) {
        return err_set(err, ERR_DENIED, "namespace '" STR_FMT "' is not permitted",
                       STR_ARG(namespace));
    }
    return 0;
}

struct str application_key(struct arena *arena, const struct value *app)
{
    return arena_printf(arena, STR_FMT "/" STR_FMT, STR_ARG(kube_namespace(app)),
                        STR_ARG(kube_name(app)));
}

struct doc *application_lookup(const struct rest_call *call, struct str namespace, struct str name)
{
    return kube_informer_find(call->server->apps, own_if_empty(call, namespace), name);
}

/* "project" or "appNamespace" of the query, or of a body that says which Application it is about. */
static struct str ref_field(const struct rest_call *call, const char *field)
{
    struct str s = rest_query(call, field);
    bool in_body = (call->route->flags & REST_REF_IN_BODY) != 0;
    return s.n == 0 && in_body ? rest_body_str(call, field) : s;
}

int applications_find(struct rest_call *call, struct doc **ret, struct err *err)
{
    struct str name = rest_param(call, 0);
    struct str project = ref_field(call, "project");
    struct str namespace = ref_field(call, "appNamespace");
    TRY(application_check_namespace(call, namespace, err));
    struct doc *doc = application_lookup(call, namespace, name);
    struct str object = application_object(call, namespace, name);
    if (doc == NULL || (project.n > 0 && !str_eq(project, application_project(doc_root(doc))))) {
        if (project.n == 0) {
            return err_set(err, ERR_DENIED, "permission denied");
        }
        TRY(rbac_enforce_app(call, project, object, err));
        return err_set(err, ERR_NOT_FOUND, NOT_FOUND, STR_ARG(name));
    }
    TRY(rbac_enforce_app(call, application_project(doc_root(doc)), object, err));
    *ret = doc;
    return 0;
}

/* ---- filters ---- */

int app_filter_of(struct rest_call *call, struct app_filter *ret, struct err *err)
{
    struct url_segments projects = rest_query_all(call, "projects");
    if (projects.n == 0) {
        projects = rest_query_all(call, "project");
    }
    *ret = (struct app_filter){
        .name = rest_query(call, "name"),
        .projects = projects.items,
        .n_projects = projects.n,
        .repo = rest_query(call, "repo"),
        .namespace = rest_query(call, "appNamespace"),
    };
    TRY_IN(label_selector_parse(call->arena, rest_query(call, "selector"), &ret->selector, err),
           err, "selector");
    return 0;
}

static bool has_repo(const struct value *app, struct str repo)
{
    if (str_eq(value_dig_str(app, "spec", "source", "repoURL"), repo)) {
        return true;
    }
    VALUE_FOREACH(value_dig(app, "spec", "sources"), source) {
        if (str_eq(value_dig_str(source, "repoURL"), repo)) {
            return true;
        }
    }
    return false;
}

bool app_filter_matches(const struct app_filter *f, const struct value *app)
{
    bool project = f->n_projects == 0;
    for (size_t i = 0; i < f->n_projects; i++) {
        project |= str_eq(f->projects[i], application_project(app));
    }
    return project && (f->name.n == 0 || str_eq(f->name, kube_name(app))) &&
           (f->namespace.n == 0 || str_eq(f->namespace, kube_namespace(app))) &&
           (f->repo.n == 0 || has_repo(app, f->repo)) &&
           label_selector_matches(f->selector, kube_labels(app));
}

/* ---- list ---- */

static int by_name(const void *a, const void *b)
{
    const struct value *const *x = a;
    const struct value *const *y = b;
    int c = str_cmp(kube_name(*x), kube_name(*y));
    return c != 0 ? c : str_cmp(kube_namespace(*x), kube_namespace(*y));
}

static struct str newest_version(struct str a, struct str b)
{
    return a.n == 0 || kube_version_not_older(b, a) ? b : a;
}

/* Where a watch goes on is part of every selection. */
static struct str list_fields(const struct rest_call *call)
{
    struct str fields = rest_query(call, "fields");
    if (fields.n == 0 || str_starts_with(fields, STR("-"))) {
        return fields;
    }
    return arena_printf(call->arena, STR_FMT ",metadata.resourceVersion", STR_ARG(fields));
}

int applications_list(struct rest_call *call, struct err *err)
{
    struct app_filter filter;
    TRY(app_filter_of(call, &filter, err));
    struct kube_informer *apps = call->server->apps;
    size_t n = 0;
    const struct value **found =
        arena_calloc(call->arena, kube_informer_count(apps), sizeof(*found));
    struct str version = STR_EMPTY;
    size_t at = 0;
    for (struct doc *d; (d = kube_informer_next(apps, &at)) != NULL;) {
        const struct value *app = doc_root(d);
        version = newest_version(version, kube_resource_version(app));
        if (app_filter_matches(&filter, app)) {
            found[n++] = app;
        }
    }
    if (n > 0) {
        qsort(found, n, sizeof(*found), by_name);
    }
    struct value_builder b;
    value_builder_init(&b, call->arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_map(&b, "metadata");
    value_build_field_str(&b, "resourceVersion", version);
    value_build_end(&b);
    value_build_field_list(&b, "items");
    for (size_t i = 0; i < n; i++) {
        value_build_value(&b, kube_without_fields(call->arena, found[i], KUBE_MANAGED_FIELDS));
    }
    value_build_end(&b);
    value_build_end(&b);
    rest_reply_fields(call, value_build_finish(&b), list_fields(call));
    value_builder_done(&b);
    return 0;
}

/* ---- writing ---- */

static void reply_app(struct rest_call *call, struct doc *doc)
{
    rest_reply(call, kube_without_fields(call->arena, doc_root(doc), KUBE_MANAGED_FIELDS));
}

/* ---- waiting until the read model shows something ---- */

struct app_wait {
    struct list node;
    struct rest_call *call;
    struct str namespace;
    struct str name;
    struct timer deadline;
    void (*look)(struct app_wait *w, const struct value *app); /* it changed; NULL = it is gone */
};

static void wait_for(struct rest_call *call,
                     const struct value *app,
                     void (*look)(struct app_wait *w, const struct value *app),
                     int64_t wait_ms,
                     timer_fn on_timeout)
{
    struct app_wait *w = ARENA_NEW(call->arena, struct app_wait);
    w->call = call;
    w->namespace = arena_str(call->arena, kube_namespace(app));
    w->name = arena_str(call->arena, kube_name(app));
    w->look = look;
    list_push(&call->server->waiting, &w->node);
    timer_init(&w->deadline, call->server->loop, on_timeout, w);
    timer_start(&w->deadline, wait_ms);
}

static void wait_end(struct app_wait *w)
{
    list_remove(&w->node);
    timer_stop(&w->deadline);
}

void applications_changed(struct api_server *server, struct doc *before, struct doc *after)
{
    const struct value *app = doc_root(after != NULL ? after : before);
    LIST_FOREACH(&server->waiting, node) {
        struct app_wait *w = CONTAINER_OF(node, struct app_wait, node);
        if (str_eq(w->name, kube_name(app)) && str_eq(w->namespace, kube_namespace(app))) {
            w->look(w, after != NULL ? doc_root(after) : NULL);
        }
    }
}

void applications_stop_waiting(struct api_server *server)
{
    LIST_FOREACH(&server->waiting, node) {
        struct app_wait *w = CONTAINER_OF(node, struct app_wait, node);
        wait_end(w);
        rest_reply_error(w->call, ERR_UNAVAILABLE, "the server is stopping");
    }
}

/* ---- get, and waiting for a refresh ---- */

static void reply_with_health(struct rest_call *call, const struct value *app)
{
    app_health_fill(call, app, rest_reply);
}

static void on_refresh_timeout(void *data)
{
    struct app_wait *w = data;
    wait_end(w);
    rest_reply_error(w->call, ERR_TIMEOUT,
                     "application '" STR_FMT "' was not refreshed in time; is the app-controller "
                     "running?",
                     STR_ARG(w->name));
}

static void look_refreshed(struct app_wait *w, const struct value *app)
{
    struct rest_call *call = w->call;
    if (app == NULL) {
        struct str name = w->name;
        wait_end(w);
        rest_reply_error(call, ERR_NOT_FOUND, NOT_FOUND, STR_ARG(name));
    } else if (!kube_has_annotation(app, STR(APP_ANNOTATION_REFRESH))) {
        wait_end(w);
        reply_with_health(call, app);
    }
}

/* The answer to the request for a refresh; the controller may have been quicker. */
static void on_refresh_asked(struct rest_call *call, struct doc *doc)
{
    const struct value *app = doc_root(doc);
    struct doc *now = kube_informer_find(call->server->apps, kube_namespace(app), kube_name(app));
    if (now != NULL && !kube_has_annotation(doc_root(now), STR(APP_ANNOTATION_REFRESH))) {
        reply_with_health(call, doc_root(now));
        return;
    }
    wait_for(call, app, look_refreshed, call->server->config->call_timeout_ms, on_refresh_timeout);
}

int applications_get(struct rest_call *call, struct err *err)
{
    struct doc *doc = NULL;
    struct str refresh = rest_query(call, "refresh");
    TRY(applications_find(call, &doc, err));
    if (refresh.n == 0) {
        reply_with_health(call, doc_root(doc));
        return 0;
    }
    if (!str_eq(refresh, STR("normal")) && !str_eq(refresh, STR("hard"))) {
        return err_set(err, ERR_INVALID, "refresh must be normal or hard");
    }
    const struct value *patch = value_with(call->arena, NULL, value_new_str(call->arena, refresh),
                                           "metadata", "annotations", APP_ANNOTATION_REFRESH);
    app_write_patch(call, doc_root(doc), patch, on_refresh_asked);
    return 0;
}

/* ---- create ---- */

static const struct value *
with_type(struct arena *arena, const struct value *app, struct str namespace)
{
    app = kube_with_type(arena, app, STR(APP_GROUP "/" APP_VERSION), STR(APP_KIND));
    app = kube_with_namespace(arena, app, namespace);
    return value_without(arena, app, "status");
}

static void look_created(struct app_wait *w, const struct value *app)
{
    if (app != NULL) {
        struct rest_call *call = w->call;
        wait_end(w);
        rest_reply(call, kube_without_fields(call->arena, app, KUBE_MANAGED_FIELDS));
    }
}

static void on_created_timeout(void *data)
{
    struct app_wait *w = data;
    struct rest_call *call = w->call;
    wait_end(w);
    reply_app(call, call->state); /* made it is, and what one reads later will show it */
}

/* Who reads after the answer sees what was made. */
static void on_created(struct rest_call *call, struct doc *doc)
{
    const struct value *app = doc_root(doc);
    if (kube_informer_find(call->server->apps, kube_namespace(app), kube_name(app)) != NULL) {
        reply_app(call, doc);
        return;
    }
    arena_hold(call->arena, doc);
    call->state = doc;
    wait_for(call, app, look_created, CREATED_WAIT_MS, on_created_timeout);
}

static void create_now(struct rest_call *call, const struct value *app)
{
    app = with_type(call->arena, app, own_if_empty(call, kube_namespace(app)));
    struct kube_request request = app_write_request(call, KUBE_CREATE, app, on_created);
    request.body = app;
    (void)kube_start(call->server->client, &request);
}

/* Everything a user writes of an Application: the rest is the server's and the controller's. */
static const struct value *
user_patch(struct arena *arena, const struct value *old, const struct value *app)
{
    static const char *const FIELDS[] = {"labels", "annotations", "finalizers"};
    const struct value *want = value_with(arena, old, value_dig(app, "spec"), "spec");
    for (size_t i = 0; i < ARRAY_LEN(FIELDS); i++) {
        const struct value *v = value_dig(app, "metadata", FIELDS[i]);
        want = v != NULL ? value_with(arena, want, v, "metadata", FIELDS[i])
                         : value_without(arena, want, "metadata", FIELDS[i]);
    }
    return value_merge_patch_between(arena, old, want);
}

static int create_or_update(struct rest_call *call, const struct value *app, struct err *err)
{
    struct doc *old = application_lookup(call, kube_namespace(app), kube_name(app));
    if (old == NULL) {
        create_now(call, app);
        return 0;
    }
    bool same = value_equal(value_dig(doc_root(old), "spec"), value_dig(app, "spec"));
    if (same) {
        reply_app(call, old);
        return 0;
    }
    if (!rest_query_bool(call, "upsert", false)) {
        return err_set(err, ERR_INVALID,
                       "existing application spec is different, use upsert flag to force update");
    }
    app_write_patch(call, doc_root(old), user_patch(call->arena, doc_root(old), app), reply_app);
    return 0;
}

int applications_create(struct rest_call *call, struct err *err)
{
    const struct value *app = call->body;
    if (!value_is(app, VALUE_MAP) || kube_name(app).n == 0) {
        return err_set(err, ERR_INVALID, "the body must be an Application with metadata.name");
    }
    TRY(application_check_namespace(call, kube_namespace(app), err));
    TRY(rbac_enforce_app(call, application_project(app),
                         application_object(call, kube_namespace(app), kube_name(app)), err));
    return validate_application(call, app, create_or_update, err);
}

/* ---- update ---- */

/* Who moves an Application to another project must be allowed to change that one's, too. */
static int enforce_move(struct rest_call *call, const struct value *app, struct err *err)
{
    struct str object = application_object(call, kube_namespace(app), rest_param(call, 0));
    return rbac_enforce_app(call, application_project(app), object, err);
}

static int update_validated(struct rest_call *call, const struct value *app, struct err *err)
{
    struct doc *old = NULL;
    TRY(applications_find(call, &old, err));
    TRY(enforce_move(call, app, err));
    app_write_patch(call, doc_root(old), user_patch(call->arena, doc_root(old), app), reply_app);
    return 0;
}

int applications_update(struct rest_call *call, struct err *err)
{
    struct doc *old = NULL;
    TRY(applications_find(call, &old, err));
    if (!value_is(value_dig(call->body, "spec"), VALUE_MAP)) {
        return err_set(err, ERR_INVALID, "the body must be an Application with a spec");
    }
    /* the path says which one it is */
    const struct value *name = value_new_str(call->arena, rest_param(call, 0));
    const struct value *app = value_with(call->arena, call->body, name, "metadata", "name");
    app = kube_with_namespace(call->arena, app, kube_namespace(doc_root(old)));
    return validate_application(call, app, update_validated, err);
}

static void reply_spec(struct rest_call *call, struct doc *doc)
{
    rest_reply(call, value_dig(doc_root(doc), "spec"));
}

static int update_spec_validated(struct rest_call *call, const struct value *app, struct err *err)
{
    struct doc *old = NULL;
    TRY(applications_find(call, &old, err));
    TRY(enforce_move(call, app, err));
    const struct value *want =
        value_with(call->arena, doc_root(old), value_dig(app, "spec"), "spec");
    app_write_patch(call, doc_root(old),
                    value_merge_patch_between(call->arena, doc_root(old), want), reply_spec);
    return 0;
}

int applications_update_spec(struct rest_call *call, struct err *err)
{
    struct doc *old = NULL;
    TRY(applications_find(call, &old, err));
    if (!value_is(call->body, VALUE_MAP)) {
        return err_set(err, ERR_INVALID, "the body must be an ApplicationSpec");
    }
    arena_hold(call->arena, old); /* it may be replaced while we validate */
    const struct value *app = value_with(call->arena, doc_root(old), call->body, "spec");
    return validate_application(call, app, update_spec_validated, err);
}

/* ---- patch ---- */

static int apply_patch(struct rest_call *call,
                       const struct value *app,
                       const struct value **ret,
                       struct err *err)
{
    const struct value *patch = NULL;
    struct str type = rest_body_str(call, "patchType");
    TRY_IN(value_from_json(call->arena, rest_body_str(call, "patch"), NULL, &patch, err), err,
           "patch");
    if (str_eq(type, STR("merge"))) {
        *ret = value_merge_patch(call->arena, app, patch);
        return 0;
    }
    if (type.n > 0 && !str_eq(type, STR("json"))) {
        return err_set(err, ERR_INVALID, "patch type '" STR_FMT "' is not json or merge",
                       STR_ARG(type));
    }
    if (value_json_patch(call->arena, app, patch, ret, err) < 0) {
        err->code = ERR_INVALID; /* also what the patch does not find */
        return err_wrap(err, "error applying patch");
    }
    return 0;
}

int applications_patch(struct rest_call *call, struct err *err)
{
    struct doc *old = NULL;
    const struct value *app = NULL;
    TRY(applications_find(call, &old, err));
    TRY(apply_patch(call, doc_root(old), &app, err));
    if (!str_eq(kube_name(app), kube_name(doc_root(old)))) {
        return err_set(err, ERR_INVALID, "a patch cannot change the name");
    }
    arena_hold(call->arena, old); /* it may be replaced while we validate */
    return validate_application(call, app, update_validated, err);
}

/* ---- delete ---- */

/* Without finalizers one that was being deleted already went with the patch. */
static void on_deleted(void *data, const struct kube_reply *reply)
{
    struct rest_call *call = data;
    if (reply->err != NULL && reply->err->code != ERR_NOT_FOUND) {
        rest_reply_err(call, reply->err);
        return;
    }
    rest_reply_empty(call);
}

static void delete_now(struct rest_call *call, struct doc *doc)
{
    struct kube_request request = app_write_request(call, KUBE_DELETE, doc_root(doc), NULL);
    request.done = on_deleted;
    request.data = call;
    (void)kube_start(call->server->client, &request);
}

static int finalizer_for(struct rest_call *call, struct str *ret, struct err *err)
{
    struct str policy = rest_query(call, "propagationPolicy");
    bool cascade = rest_query_bool(call, "cascade", true);
    if (!cascade && policy.n > 0) {
        return err_set(err, ERR_INVALID,
                       "cannot set propagation policy when cascading is disabled");
    }
    if (policy.n == 0) {
        *ret = cascade ? STR(APP_FINALIZER) : STR_EMPTY;
    } else if (str_eq(policy, STR("foreground"))) {
        *ret = STR(APP_FINALIZER_FOREGROUND);
    } else if (str_eq(policy, STR("background"))) {
        *ret = STR(APP_FINALIZER_BACKGROUND);
    } else {
        return err_set(err, ERR_INVALID, "invalid propagation policy: " STR_FMT, STR_ARG(policy));
    }
    return 0;
}

/* The finalizers of an Application with exactly this one of ours ("" = none). */
static const struct value *
with_finalizer(struct arena *arena, const struct value *app, struct str finalizer)
{
    const struct value *list = &VALUE_EMPTY_LIST;
    VALUE_FOREACH(value_dig(app, "metadata", "finalizers"), f) {
        if (!str_starts_with(value_str(f), STR(APP_FINALIZER))) {
            list = value_list_append(arena, list, f);
        }
    }
    if (finalizer.n > 0) {
        list = value_list_append(arena, list, value_new_str(arena, finalizer));
    }
    return value_with(arena, NULL, list, "metadata", "finalizers");
}

int applications_delete(struct rest_call *call, struct err *err)
{
    struct doc *doc = NULL;
    struct str finalizer;
    TRY(applications_find(call, &doc, err));
    TRY(finalizer_for(call, &finalizer, err));
    app_write_patch(call, doc_root(doc), with_finalizer(call->arena, doc_root(doc), finalizer),
                    delete_now);
    return 0;
}
