/* Hooks of deletion: rendered from the sources as they are now, made in the order of waves, judged by their
 * health.
 *
 * One struct delete_hooks lives for one turn; what several turns need is in the cluster, or can be asked for
 * again (app.op_targets). Argo CD makes all hooks at once; here those with a higher wave wait, as Helm's hooks
 * with a higher weight do. */
#include "app-controller/delete_hooks.h"

#include <stdlib.h>

#include "app-controller/app.h"
#include "app-controller/impersonate.h"
#include "app-controller/live/live_cache.h"
#include "app-controller/pass.h"
#include "app-controller/sync/apply.h"
#include "app-controller/sync/waves.h"
#include "app-controller/targets.h"
#include "common/base/arena.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_discovery.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_edit.h"
#include "common/value/value_patch.h"
#include "engine/health/health.h"
#include "engine/sync/hooks.h"

struct delete_hook {
    const struct value *target; /* NULL of what is only looked at */
    const struct value *live;   /* NULL = missing */
    struct live_kind *kind;
    struct kube_key key;
    int wave;
};

struct delete_hooks {
    struct pass *pass;
    enum sync_phase phase;
    delete_hooks_fn done;
    bool (*wants)(const struct delete_hooks *h, const struct delete_hook *hook); /* of live ones */
    VEC(struct delete_hook) hooks;
    size_t n_open; /* requests under way */
    bool waits;    /* for requests, or for what goes on in the cluster */
    struct err err;
};

static struct delete_hooks *
hooks_new(struct pass *pass, enum sync_phase phase, delete_hooks_fn done)
{
    struct delete_hooks *h = ARENA_NEW(pass->arena, struct delete_hooks);
    h->pass = pass;
    h->phase = phase;
    h->done = done;
    return h;
}

static void conclude(struct delete_hooks *h)
{
    if (h->err.code != ERR_OK) {
        targets_unref(TAKE(h->pass->app->op_targets)); /* by the next try they may be better */
        h->done(h->pass, false, &h->err);
    } else {
        h->done(h->pass, !h->waits, NULL);
    }
}

/* ---- requests ---- */

static void answered(struct delete_hooks *h, const struct err *err)
{
    if (err != NULL && h->err.code == ERR_OK) {
        h->err = *err;
    }
    if (--h->n_open == 0) {
        conclude(h);
    }
}

static void on_created(void *data, const struct kube_reply *reply)
{
    struct delete_hooks *h = data;
    if (reply->err == NULL) {
        live_cache_put(h->pass->cache, doc_root(reply->doc));
    }
    answered(h, reply->err);
}

static void on_deleted(void *data, const struct kube_reply *reply)
{
    bool gone = reply->err != NULL && reply->err->code == ERR_NOT_FOUND;
    answered(data, gone ? NULL : reply->err);
}

/* A request about one hook, perhaps with another after it. */
struct hook_call {
    struct delete_hooks *h;
    struct delete_hook hook;
};

static void
send_request(struct delete_hooks *h, const struct delete_hook *hook, struct kube_request *request)
{
    const struct live_kind *k = hook->kind;
    struct err err;
    h->waits = true;
    if (impersonate_pass(h->pass, &request->as_user, &err) < 0) {
        h->err = h->err.code == ERR_OK ? err : h->err;
        return;
    }
    request->target = (struct kube_target){
        .group = str_from(k->group),
        .version = str_from(k->version),
        .resource = str_from(k->resource),
        .kind = str_from(k->kind),
        .namespace = hook->key.namespace,
        .name = request->verb == KUBE_CREATE ? STR_EMPTY : hook->key.name,
    };
    if (request->verb == KUBE_CREATE) {
        request->target.version = kube_gvk_of(hook->target).version;
    }
    if (request->data == NULL) {
        request->data = h;
    }
    h->n_open++;
    (void)kube_start(live_cache_client(h->pass->cache), request);
}

static void create(struct delete_hooks *h, const struct delete_hook *hook)
{
    struct kube_request request = {
        .verb = KUBE_CREATE,
        .body = hook->target,
        .field_manager = STR(APPLY_FIELD_MANAGER),
        .done = on_created,
    };
    send_request(h, hook, &request);
}

static void send_delete(struct delete_hooks *h, const struct delete_hook *hook)
{
    struct kube_request request = {
        .verb = KUBE_DELETE,
        .propagation = KUBE_PROPAGATION_BACKGROUND,
        .precondition_uid = kube_uid(hook->live),
        .done = on_deleted,
    };
    send_request(h, hook, &request);
}

static bool is_held(const struct delete_hook *hook)
{
    return kube_has_finalizer(hook->live, STR(HOOK_FINALIZER));
}

/* Takes off the hook finalizer. */
static void
send_release(struct delete_hooks *h, const struct delete_hook *hook, kube_done_fn done, void *data)
{
    struct arena *arena = h->pass->arena;
    const struct value *without = kube_without_finalizer(arena, hook->live, STR(HOOK_FINALIZER));
    struct kube_request request = {
        .verb = KUBE_PATCH,
        .patch = KUBE_PATCH_MERGE,
        .body = value_merge_patch_between(arena, hook->live, without),
        .field_manager = STR(APPLY_FIELD_MANAGER),
        .done = done,
        .data = data,
    };
    send_request(h, hook, &request);
}

static void release(struct delete_hooks *h, const struct delete_hook *hook)
{
    send_release(h, hook, on_deleted, h);
}

static void on_released_to_delete(void *data, const struct kube_reply *reply)
{
    struct hook_call *call = data;
    if (reply->err == NULL) {
        send_delete(call->h, &call->hook);
    }
    on_deleted(call->h, reply);
}

static void delete_live(struct delete_hooks *h, const struct delete_hook *hook)
{
    if (!is_held(hook)) {
        send_delete(h, hook);
        return;
    }
    struct hook_call *call = ARENA_NEW(h->pass->arena, struct hook_call);
    *call = (struct hook_call){h, *hook};
    send_release(h, hook, on_released_to_delete, call);
}

/* ---- what there is ---- */

static int permit(struct delete_hooks *h, const struct delete_hook *hook, struct err *err)
{
    struct pass *pass = h->pass;
    struct project_cluster cluster = pass_project_cluster(pass);
    const struct project *project = NULL;
    struct kube_key key = hook->key;
    bool namespaced = hook->kind->namespaced;
    TRY(pass_project(pass, &project, err));
    if (!project_permits_kind(project, key.group, key.kind, key.name, namespaced) ||
        (namespaced && !project_permits_destination(project, &cluster, key.namespace))) {
        return err_set(err, ERR_DENIED,
                       "%s hook " STR_FMT "/" STR_FMT " is not permitted in project " STR_FMT,
                       status_phase_name(h->phase), STR_ARG(key.kind), STR_ARG(key.name),
                       STR_ARG(pass->model.spec.project));
    }
    return 0;
}

/* The object to create: named, in its namespace, with tracking, held, and with the mark of this deletion. */
static const struct value *
instance_of(struct delete_hooks *h, const struct value *obj, const struct live_kind *kind)
{
    struct pass *pass = h->pass;
    struct arena *arena = pass->arena;
    const struct value *app = doc_root(pass->object);
    struct str namespace = pass->model.spec.destination.namespace;
    int64_t deleted_ms = 0;
    struct err err;
    if (clock_parse_rfc3339(kube_deletion_timestamp(app), &deleted_ms, &err) < 0) {
        deleted_ms = 0; /* the API server writes only good ones */
    }
    struct str name = hook_name(arena, obj, h->phase, kube_uid(app), deleted_ms);
    obj = kube_with_name(arena, obj, name);
    if (!kind->namespaced) {
        obj = value_without(arena, obj, "metadata", "namespace");
    } else if (kube_namespace(obj).n == 0) {
        obj = kube_with_namespace(arena, obj, namespace);
    }
    obj =
        tracking_apply(arena, &pass->ctl->tracking, str_from(pass->app->instance), namespace, obj);
    if (!kube_has_finalizer(obj, STR(HOOK_FINALIZER))) {
        obj = kube_with_finalizer(arena, obj, STR(HOOK_FINALIZER));
    }
    return kube_with_annotation(arena, obj, STR(DELETE_HOOKS_ANNOTATION), kube_uid(app));
}

static int add_target(struct delete_hooks *h, const struct value *obj, struct err *err)
{
    struct kube_gvk gvk = kube_gvk_of(obj);
    if (!hook_has_phase(hook_of(obj), h->phase)) {
        return 0;
    }
    struct live_kind *kind = live_cache_kind(h->pass->cache, gvk.group, gvk.kind);
    if (kind == NULL) {
        return err_set(err, ERR_NOT_FOUND,
                       "the cluster has no " STR_FMT "/" STR_FMT " for %s hook " STR_FMT,
                       STR_ARG(gvk.group), STR_ARG(gvk.kind), status_phase_name(h->phase),
                       STR_ARG(kube_name(obj)));
    }
    struct delete_hook hook = {.kind = kind, .wave = wave_of(obj)};
    hook.target = instance_of(h, obj, kind);
    hook.key = kube_key_of(hook.target);
    TRY(permit(h, &hook, err));
    vec_push_in(h->pass->arena, &h->hooks, hook);
    return 0;
}

static int hook_order(const void *a, const void *b)
{
    const struct delete_hook *x = a;
    const struct delete_hook *y = b;
    if (x->wave != y->wave) {
        return x->wave < y->wave ? -1 : 1;
    }
    int rank = wave_kind_rank(x->key.kind) - wave_kind_rank(y->key.kind);
    return rank != 0 ? rank : kube_key_cmp(x->key, y->key);
}

/* Hold the records of the hooks' keys, so that their objects are known whole. */
static int hold(struct delete_hooks *h, bool *ret_waits, struct err *err)
{
    struct pass *pass = h->pass;
    struct targets targets = {.n_objects = h->hooks.n};
    targets.objects = arena_calloc(pass->arena, h->hooks.n, sizeof(*targets.objects));
    for (size_t i = 0; i < h->hooks.n; i++) {
        targets.objects[i] = h->hooks.items[i].target;
    }
    return app_interests_update(&pass->app->op_interests, pass->app, pass->cache, &targets,
                                pass->model.spec.destination.namespace, ret_waits, err);
}

static int read_live(struct delete_hooks *h, struct delete_hook *hook, struct err *err)
{
    struct str namespace = hook->kind->namespaced ? hook->key.namespace : STR_EMPTY;
    const struct live_obj *record = live_obj_find(hook->kind, namespace, hook->key.name);
    if (record == NULL || !live_obj_present(record) || !live_obj_is_full(record)) {
        return 0;
    }
    return live_obj_get(record, h->pass->arena, &hook->live, err);
}

/* ---- running ---- */

static bool is_of_this_deletion(const struct delete_hooks *h, const struct value *live)
{
    return str_eq(kube_annotation(live, STR(DELETE_HOOKS_ANNOTATION)),
                  kube_uid(doc_root(h->pass->object)));
}

static void fail(struct delete_hooks *h, const struct delete_hook *hook, const char *why)
{
    if (h->err.code == ERR_OK) {
        (void)err_set(&h->err, ERR_CONFLICT, "%s hook " STR_FMT "/" STR_FMT " %s",
                      status_phase_name(h->phase), STR_ARG(hook->key.kind), STR_ARG(hook->key.name),
                      why);
    }
    h->waits = true;
}

/* Not of this deletion: what an earlier one left behind makes room; anything else is no hook of ours. */
static void meet_other(struct delete_hooks *h, const struct delete_hook *hook)
{
    bool is_hook = hook_of(hook->live).is_hook;
    if (kube_is_deleting(hook->live) && is_hook && is_held(hook)) {
        release(h, hook);
    } else if (kube_is_deleting(hook->live)) {
        h->waits = true;
    } else if (is_hook) {
        delete_live(h, hook);
    } else {
        fail(h, hook, "cannot be created: there is an object of its name that is no hook");
    }
}

/* By the script of its kind, or its rule; false: the script has not seen it yet. */
static bool
health_of_hook(struct delete_hooks *h, const struct delete_hook *hook, struct health *ret)
{
    struct str namespace = hook->kind->namespaced ? hook->key.namespace : STR_EMPTY;
    struct live_obj *record = live_obj_find(hook->kind, namespace, hook->key.name);
    enum live_verdict verdict = LIVE_NO_SCRIPT;
    if (record != NULL &&
        !health_is_pending_deletion(hook->live)) { /* else scripts are not asked */
        verdict = live_cache_verdict(h->pass->cache, h->pass->arena, record, ret);
    }
    if (verdict == LIVE_NO_SCRIPT) {
        *ret = health_by_rules(h->pass->arena, hook->live);
    }
    return verdict != LIVE_UNDECIDED;
}

static void judge(struct delete_hooks *h, const struct delete_hook *hook)
{
    struct health health;
    if (health_is_pending_deletion(hook->live) || !health_of_hook(h, hook, &health)) {
        h->waits = true;
    } else if (health.status == HEALTH_STATUS_PROGRESSING && kube_is_deleting(hook->live)) {
        release(h, hook); /* somebody deleted it before it had ended: it is made again */
    } else if (health.status == HEALTH_STATUS_PROGRESSING) {
        h->waits = true;
    } else if (health.status == HEALTH_STATUS_DEGRADED) {
        struct str why = arena_printf(h->pass->arena, "failed: " STR_FMT, STR_ARG(health.message));
        delete_live(h, hook);
        fail(h, hook, why.p);
    }
}

static void look_at(struct delete_hooks *h, const struct delete_hook *hook)
{
    if (hook->live == NULL) {
        create(h, hook);
    } else if (!is_of_this_deletion(h, hook->live)) {
        meet_other(h, hook);
    } else {
        judge(h, hook);
    }
}

/* Up to the first wave that is not done. */
static void run_waves(struct delete_hooks *h)
{
    for (size_t i = 0; i < h->hooks.n; i++) {
        if (h->waits && h->hooks.items[i].wave != h->hooks.items[i - 1].wave) {
            return;
        }
        look_at(h, &h->hooks.items[i]);
    }
}

static int prepare(struct delete_hooks *h, const struct targets *targets, struct err *err)
{
    for (size_t i = 0; i < targets->n_objects; i++) {
        TRY(add_target(h, targets->objects[i], err));
    }
    if (h->hooks.n > 0) {
        qsort(h->hooks.items, h->hooks.n, sizeof(*h->hooks.items), hook_order);
    }
    TRY(hold(h, &h->waits, err));
    for (size_t i = 0; i < h->hooks.n && !h->waits; i++) {
        TRY(read_live(h, &h->hooks.items[i], err));
    }
    return 0;
}

static void run(struct delete_hooks *h)
{
    struct err err;
    if (prepare(h, h->pass->app->op_targets, &err) < 0) {
        h->err = err;
    } else if (!h->waits) {
        run_waves(h);
    }
    if (h->n_open == 0) {
        conclude(h);
    }
}

static void on_fetched(void *data, struct targets *targets, const struct err *err)
{
    struct delete_hooks *h = data;
    h->pass->fetch = NULL;
    if (err != NULL && err->code == ERR_CANCELED) {
        pass_end(h->pass);
        return;
    }
    if (err != NULL) {
        h->err = *err;
        (void)err_wrap(&h->err, "the %s hooks cannot be rendered", status_phase_name(h->phase));
        conclude(h);
        return;
    }
    h->pass->app->op_targets = targets;
    run(h);
}

void delete_hooks_run(struct pass *pass, enum sync_phase phase, delete_hooks_fn done)
{
    struct delete_hooks *h = hooks_new(pass, phase, done);
    if (pass->app->op_targets != NULL) {
        run(h);
        return;
    }
    struct targets_request request = pass_targets_request(pass, &pass->model.spec.sources);
    request.no_revision_cache = true; /* a hook that failed may be mended by now */
    struct err err;
    if (targets_fetch(&request, on_fetched, h, &pass->fetch, &err) < 0) {
        on_fetched(h, NULL, &err);
    }
}

/* ---- what is there already ---- */

static int add_live(struct delete_hooks *h, const struct live_obj *record, struct err *err)
{
    struct pass *pass = h->pass;
    struct delete_hook hook = {.kind = record->kind};
    if (!live_obj_present(record)) {
        return 0;
    }
    if (!live_obj_is_full(record)) {
        (void)live_cache_want_full(pass->cache, str_from(record->kind->group),
                                   str_from(record->kind->kind), str_from(record->kind->version));
        h->waits = true;
        return 0;
    }
    TRY(live_obj_get(record, pass->arena, &hook.live, err));
    hook.key = kube_key_of(hook.live);
    if (h->wants(h, &hook) && permit(h, &hook, err) == 0) {
        vec_push_in(pass->arena, &h->hooks, hook);
    }
    return 0; /* what the project does not permit is not ours to delete */
}

static int collect(struct delete_hooks *h, struct err *err)
{
    struct live_app *tracked =
        live_store_app_find(live_cache_store(h->pass->cache), str_from(h->pass->app->instance));
    if (tracked == NULL) {
        return 0;
    }
    LIST_FOREACH(&tracked->objects, node) {
        const struct live_ext *ext = CONTAINER_OF(node, struct live_ext, app_node);
        TRY(add_live(h, live_ext_obj(ext), err));
    }
    return 0;
}

/* ---- letting go ---- */

/* Its stage is not over. */
static bool is_waited_for(const struct delete_hooks *h, const struct delete_hook *hook)
{
    static const struct {
        enum sync_phase phase;
        struct str finalizer;
    } STAGES[] = {
        {SYNC_PHASE_PRE_DELETE, STR(APP_FINALIZER_PRE_DELETE)},
        {SYNC_PHASE_POST_DELETE, STR(APP_FINALIZER_POST_DELETE)},
    };
    const struct value *app = doc_root(h->pass->object);
    for (size_t i = 0; i < ARRAY_LEN(STAGES); i++) {
        if (is_of_this_deletion(h, hook->live) && kube_has_finalizer(app, STAGES[i].finalizer) &&
            hook_has_phase(hook_of(hook->live), STAGES[i].phase)) {
            return true;
        }
    }
    return false;
}

static bool is_to_release(const struct delete_hooks *h, const struct delete_hook *hook)
{
    return is_held(hook) && !is_waited_for(h, hook);
}

void delete_hooks_release(struct pass *pass, delete_hooks_fn done)
{
    struct delete_hooks *h = hooks_new(pass, SYNC_PHASE_COUNT, done);
    struct err err;
    h->wants = is_to_release;
    if (collect(h, &err) < 0) {
        h->err = err;
    }
    for (size_t i = 0; i < h->hooks.n; i++) {
        release(h, &h->hooks.items[i]);
    }
    if (h->n_open == 0) {
        conclude(h);
    }
}

/* ---- cleaning up ---- */

static bool is_of_phase(const struct delete_hooks *h, const struct delete_hook *hook)
{
    return hook_has_phase(hook_of(hook->live), h->phase);
}

/* The policies that apply to hooks which went so together. */
static unsigned policies_now(struct delete_hooks *h)
{
    enum health_status worst = HEALTH_STATUS_HEALTHY;
    for (size_t i = 0; i < h->hooks.n; i++) {
        struct health health;
        if (!health_of_hook(h, &h->hooks.items[i], &health)) {
            h->waits = true;
        } else if (health.status != HEALTH_STATUS_NONE) {
            worst = status_health_worse(worst, health.status);
        }
    }
    if (h->waits) {
        return 0;
    }
    if (worst == HEALTH_STATUS_HEALTHY) {
        return HOOK_DELETE_SUCCEEDED;
    }
    return worst == HEALTH_STATUS_DEGRADED ? HOOK_DELETE_FAILED : 0;
}

void delete_hooks_clean(struct pass *pass, enum sync_phase phase, delete_hooks_fn done)
{
    struct delete_hooks *h = hooks_new(pass, phase, done);
    struct err err;
    h->wants = is_of_phase;
    if (collect(h, &err) < 0) {
        h->err = err;
    }
    unsigned policies = h->err.code == ERR_OK && !h->waits ? policies_now(h) : 0;
    for (size_t i = 0; i < h->hooks.n; i++) {
        const struct delete_hook *hook = &h->hooks.items[i];
        if ((hook_delete_policies(hook->live) & policies) == 0) {
            continue;
        }
        if (kube_is_deleting(hook->live)) {
            h->waits = true;
        } else {
            delete_live(h, hook);
        }
    }
    if (h->n_open == 0) {
        conclude(h);
    }
}
