/* One task of a sync against the API server.
 *
 * struct apply goes through a few requests; `attempt` counts the times it had to start over. Whatever
 * happens ends in finish(). */
#include "app-controller/sync/apply.h"

#include "app-controller/live/live_cache.h"
#include "app-controller/sync/step.h"
#include "common/base/arena.h"
#include "common/base/mem.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_discovery.h"
#include "common/kube/kube_object.h"
#include "common/rt/loop.h"
#include "common/rt/timer.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_patch.h"
#include "engine/compare/last_applied.h"
#include "engine/compare/three_way.h"
#include "engine/sync/hooks.h"

enum {
    ATTEMPTS_MAX = 6,       /* conflicts with other writers before giving up */
    KIND_WAIT_MS = 250,     /* between looks for a kind whose CRD was just applied */
    KIND_ATTEMPTS_MAX = 40, /* 10 s: establishing a CRD takes about one */
    DELETED_WAIT_MS = 500,  /* between tries to create while the old object is going */
    DELETED_ATTEMPTS_MAX = 60,
};

struct apply {
    struct apply_request req;
    struct arena *arena;
    const struct kube_resource *resource;
    struct kube_api *api;     /* a reference: owns resource */
    const struct value *live; /* newest known; NULL = none */
    struct timer timer;
    int attempt;
    const char *verb; /* "created", "configured": for the message */
    bool recreating;  /* Force: the old object was deleted */
};

static void begin(void *data);

/* ---- the end ---- */

static void call_done(void *data)
{
    struct apply *a = data;
    void (*done)(void *data) = a->req.done;
    void *done_data = a->req.data;
    kube_api_unref(a->api);
    arena_free(a->arena);
    done(done_data);
}

static void finish(struct apply *a)
{
    timer_stop(&a->timer);
    loop_post(a->req.loop, call_done, a);
}

static void set_outcome(struct apply *a,
                        enum sync_result status,
                        enum operation_phase phase,
                        struct str message)
{
    struct plan_task *t = a->req.task;
    t->status = status;
    t->operation = phase;
    t->message = arena_str(a->req.arena, message);
}

static void fail(struct apply *a, const struct err *err)
{
    char text[1024];
    err_format(err, text, sizeof(text));
    set_outcome(a, SYNC_RESULT_SYNC_FAILED, OPERATION_PHASE_FAILED, str_from(text));
    finish(a);
}

/* "deployment.apps/web created", as kubectl says it. */
static struct str message_of(struct apply *a, const char *verb)
{
    const struct kube_key *key = &a->req.task->key;
    const char *dot = key->group.n > 0 ? "." : "";
    return arena_printf(a->arena, STR_FMT "%s" STR_FMT "/" STR_FMT " %s",
                        STR_ARG(a->resource->singular), dot, STR_ARG(key->group),
                        STR_ARG(key->name), verb);
}

static void succeed(struct apply *a, const char *verb)
{
    enum operation_phase phase =
        a->req.plan->dry_run ? OPERATION_PHASE_SUCCEEDED : OPERATION_PHASE_RUNNING;
    set_outcome(a, SYNC_RESULT_SYNCED, phase, message_of(a, verb));
    finish(a);
}

/* ---- requests ---- */

static struct kube_request request_for(struct apply *a, enum kube_verb verb, kube_done_fn done)
{
    const struct plan_task *t = a->req.task;
    const struct kube_resource *r = a->resource;
    return (struct kube_request){
        .verb = verb,
        .target = {.group = r->group,
                   .version = r->version,
                   .resource = r->resource,
                   .kind = r->kind,
                   .namespace = r->namespaced ? t->key.namespace : STR_EMPTY,
                   .name = verb == KUBE_CREATE ? STR_EMPTY : t->key.name},
        .dry_run = a->req.plan->dry_run,
        .field_validation = t->options.validate ? KUBE_FIELDS_DEFAULT : KUBE_FIELDS_IGNORE,
        .done = done,
        .data = a,
    };
}

static void send_request(struct apply *a, const struct kube_request *request)
{
    (void)kube_start(live_cache_client(a->req.cache), request);
}

static bool is_stopping(const struct apply *a)
{
    return a->req.stopping != NULL && *a->req.stopping;
}

/* What is not done yet is for the process that goes on with the operation. */
static void on_pause_over(void *data)
{
    struct apply *a = data;
    if (is_stopping(a)) {
        set_outcome(a, SYNC_RESULT_NONE, OPERATION_PHASE_NONE, STR_EMPTY);
        finish(a);
        return;
    }
    begin(a);
}

static void retry_in(struct apply *a, int64_t delay_ms)
{
    timer_start(&a->timer, delay_ms);
}

/* The cluster has another state than we thought: read it, then begin again. */
static void on_read(void *data, const struct kube_reply *reply)
{
    struct apply *a = data;
    if (reply->err != NULL && reply->err->code != ERR_NOT_FOUND) {
        fail(a, reply->err);
        return;
    }
    a->live = NULL;
    if (reply->err == NULL) {
        arena_hold(a->arena, reply->doc);
        a->live = doc_root(reply->doc);
    }
    begin(a);
}

static void read_again(struct apply *a, const struct err *why)
{
    if (++a->attempt >= ATTEMPTS_MAX) {
        fail(a, why);
        return;
    }
    struct kube_request get = request_for(a, KUBE_GET, on_read);
    send_request(a, &get);
}

static void on_force_deleted(void *data, const struct kube_reply *reply)
{
    struct apply *a = data;
    if (reply->err != NULL && reply->err->code != ERR_NOT_FOUND) {
        fail(a, reply->err);
        return;
    }
    a->live = NULL;
    a->recreating = true;
    a->attempt = 0;
    begin(a);
}

static void delete_to_recreate(struct apply *a)
{
    struct kube_request del = request_for(a, KUBE_DELETE, on_force_deleted);
    del.propagation = KUBE_PROPAGATION_BACKGROUND;
    send_request(a, &del);
}

static void on_applied(void *data, const struct kube_reply *reply)
{
    struct apply *a = data;
    const struct err *err = reply->err;
    if (err == NULL) {
        if (!a->req.plan->dry_run) {
            live_cache_put(a->req.cache, doc_root(reply->doc));
        }
        succeed(a, a->verb);
        return;
    }
    if (a->recreating && err->code == ERR_EXISTS && ++a->attempt < DELETED_ATTEMPTS_MAX) {
        retry_in(a, DELETED_WAIT_MS); /* the old one is still on its way out */
        return;
    }
    bool stale = err->code == ERR_CONFLICT || err->code == ERR_EXISTS ||
                 (err->code == ERR_NOT_FOUND && a->live != NULL);
    if (stale) {
        read_again(a, err);
    } else if (a->req.task->options.force && err->code == ERR_INVALID && a->live != NULL) {
        delete_to_recreate(a);
    } else {
        fail(a, err);
    }
}

static void create(struct apply *a, const struct value *body)
{
    struct kube_request request = request_for(a, KUBE_CREATE, on_applied);
    request.body = body;
    request.field_manager = STR(APPLY_FIELD_MANAGER);
    a->verb = "created";
    send_request(a, &request);
}

/* ---- the ways to apply ---- */

static void apply_server_side(struct apply *a)
{
    struct kube_request request = request_for(a, KUBE_PATCH, on_applied);
    request.patch = KUBE_PATCH_APPLY;
    request.body = a->req.task->target;
    request.field_manager = STR(APPLY_FIELD_MANAGER);
    request.force = true;
    a->verb = "serverside-applied";
    send_request(a, &request);
}

static void apply_replace(struct apply *a)
{
    const struct value *target = a->req.task->target;
    if (a->live == NULL) {
        create(a, target);
        return;
    }
    if (a->req.task->options.force && !a->recreating) {
        delete_to_recreate(a);
        return;
    }
    struct kube_request request = request_for(a, KUBE_UPDATE, on_applied);
    request.body =
        value_with(a->arena, target, value_new_str(a->arena, kube_resource_version(a->live)),
                   "metadata", "resourceVersion");
    request.field_manager = STR(APPLY_FIELD_MANAGER);
    a->verb = "replaced";
    send_request(a, &request);
}

/* Merge as kubectl apply would, and send what changes; the resourceVersion in the patch makes sure that
 * the lists in it were merged with what is there. */
static int apply_merge(struct apply *a, const struct value *annotated, struct err *err)
{
    const struct value *last = NULL;
    TRY(last_applied_of(a->arena, a->live, &last, err));
    const struct value *merged = three_way_merge(a->arena, last, annotated, a->live);
    const struct value *patch = value_merge_patch_between(a->arena, a->live, merged);
    if (value_len(patch) == 0) {
        succeed(a, "unchanged");
        return 0;
    }
    struct kube_request request = request_for(a, KUBE_PATCH, on_applied);
    request.patch = KUBE_PATCH_MERGE;
    request.body =
        value_with(a->arena, patch, value_new_str(a->arena, kube_resource_version(a->live)),
                   "metadata", "resourceVersion");
    request.field_manager = STR(APPLY_FIELD_MANAGER);
    a->verb = "configured";
    send_request(a, &request);
    return 0;
}

static void apply_client_side(struct apply *a)
{
    const struct value *annotated = NULL;
    struct err err;
    if (last_applied_set(a->arena, a->req.task->target, &annotated, &err) < 0) {
        fail(a, &err);
    } else if (a->live == NULL) {
        create(a, annotated);
    } else if (apply_merge(a, annotated, &err) < 0) {
        fail(a, &err);
    }
}

static void apply_target(struct apply *a)
{
    const struct plan_task *t = a->req.task;
    if (t->namespace_creation && a->live != NULL && kube_labels(t->target) == NULL &&
        kube_annotations(t->target) == NULL) {
        succeed(a, "unchanged"); /* it is there, and nothing of it is ours */
    } else if (t->options.server_side_apply || t->namespace_creation) {
        apply_server_side(a);
    } else if (t->options.replace) {
        apply_replace(a);
    } else {
        apply_client_side(a);
    }
}

/* ---- pruning ---- */

static void on_pruned(void *data, const struct kube_reply *reply)
{
    struct apply *a = data;
    if (reply->err != NULL && reply->err->code != ERR_NOT_FOUND) {
        fail(a, reply->err);
        return;
    }
    set_outcome(a, SYNC_RESULT_PRUNED, OPERATION_PHASE_SUCCEEDED, STR("pruned"));
    finish(a);
}

static enum kube_propagation propagation_of(enum sync_propagation p)
{
    static const enum kube_propagation MAP[] = {
        [SYNC_PROPAGATION_FOREGROUND] = KUBE_PROPAGATION_FOREGROUND,
        [SYNC_PROPAGATION_BACKGROUND] = KUBE_PROPAGATION_BACKGROUND,
        [SYNC_PROPAGATION_ORPHAN] = KUBE_PROPAGATION_ORPHAN,
    };
    return MAP[p];
}

static void prune(struct apply *a)
{
    struct str why = STR_EMPTY;
    enum step_prune action = step_prune_action(a->req.plan, a->req.task, &why);
    if (action != STEP_PRUNE_DELETE) {
        set_outcome(a, SYNC_RESULT_PRUNE_SKIPPED, OPERATION_PHASE_SUCCEEDED, why);
        finish(a);
        return;
    }
    struct kube_request del = request_for(a, KUBE_DELETE, on_pruned);
    del.propagation = propagation_of(a->req.task->options.prune_propagation);
    del.precondition_uid = kube_uid(a->live);
    send_request(a, &del);
}

/* ---- beginning ---- */

static void no_such_kind(struct apply *a)
{
    const struct plan_task *t = a->req.task;
    struct err err;
    live_cache_rediscover(a->req.cache);
    if (t->skip_dry_run && a->req.validate_only) {
        set_outcome(a, SYNC_RESULT_NONE, OPERATION_PHASE_NONE, STR_EMPTY);
        finish(a);
        return;
    }
    if (t->skip_dry_run && ++a->attempt < KIND_ATTEMPTS_MAX) {
        retry_in(a, KIND_WAIT_MS); /* its CRD came with this sync: it takes a moment */
        return;
    }
    (void)err_set(&err, ERR_NOT_FOUND,
                  "The Kubernetes API could not find " STR_FMT "/" STR_FMT
                  " for requested resource " STR_FMT "/" STR_FMT ". Make sure the \"" STR_FMT
                  "\" CRD is installed on the destination cluster.",
                  STR_ARG(t->key.group), STR_ARG(t->key.kind), STR_ARG(t->key.namespace),
                  STR_ARG(t->key.name), STR_ARG(t->key.kind));
    fail(a, &err);
}

static void find_resource(struct apply *a)
{
    const struct plan_task *t = a->req.task;
    kube_api_unref(a->api);
    a->api = kube_api_ref(live_cache_api(a->req.cache));
    a->resource = kube_api_find_kind(a->api, t->key.group, t->version, t->key.kind);
}

static void begin(void *data)
{
    struct apply *a = data;
    find_resource(a);
    if (a->resource == NULL) {
        no_such_kind(a);
    } else if (a->req.validate_only) {
        set_outcome(a, SYNC_RESULT_NONE, OPERATION_PHASE_NONE, STR_EMPTY);
        finish(a);
    } else if (a->req.task->target == NULL) {
        prune(a);
    } else {
        apply_target(a);
    }
}

static struct apply *apply_new(const struct apply_request *request)
{
    struct arena *arena = arena_new();
    struct apply *a = ARENA_NEW(arena, struct apply);
    a->req = *request;
    a->arena = arena;
    a->live = request->task->live;
    timer_init(&a->timer, request->loop, on_pause_over, a);
    return a;
}

void apply_start(const struct apply_request *request)
{
    begin(apply_new(request));
}

/* ---- hooks ---- */

static void on_hook_done(void *data, const struct kube_reply *reply)
{
    struct apply *a = data;
    if (reply->err != NULL && reply->err->code != ERR_NOT_FOUND) {
        char text[512];
        err_format(reply->err, text, sizeof(text));
        a->req.task->message = arena_str(a->req.arena, str_from(text));
    }
    finish(a);
}

static void release_then(struct apply *a, kube_done_fn done)
{
    const struct value *without = kube_without_finalizer(a->arena, a->live, STR(HOOK_FINALIZER));
    struct kube_request request = request_for(a, KUBE_PATCH, done);
    request.patch = KUBE_PATCH_MERGE;
    request.body = value_merge_patch_between(a->arena, a->live, without);
    request.field_manager = STR(APPLY_FIELD_MANAGER);
    send_request(a, &request);
}

static void delete_hook(struct apply *a)
{
    struct kube_request del = request_for(a, KUBE_DELETE, on_hook_done);
    del.propagation = KUBE_PROPAGATION_FOREGROUND;
    del.precondition_uid = kube_uid(a->live);
    send_request(a, &del);
}

static void on_released(void *data, const struct kube_reply *reply)
{
    if (reply->err != NULL) {
        on_hook_done(data, reply);
        return;
    }
    delete_hook(data);
}

static bool has_live(struct apply *a)
{
    find_resource(a);
    if (a->live != NULL && a->resource != NULL) {
        return true;
    }
    finish(a);
    return false;
}

void apply_delete(const struct apply_request *request)
{
    struct apply *a = apply_new(request);
    if (!has_live(a)) {
        return;
    }
    if (kube_has_finalizer(a->live, STR(HOOK_FINALIZER))) {
        release_then(a, on_released);
    } else {
        delete_hook(a);
    }
}

void apply_release(const struct apply_request *request)
{
    struct apply *a = apply_new(request);
    if (!has_live(a)) {
        return;
    }
    if (kube_has_finalizer(a->live, STR(HOOK_FINALIZER))) {
        release_then(a, on_hook_done);
    } else {
        finish(a);
    }
}
