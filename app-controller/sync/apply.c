/* One task of a sync against the API server.
 *
 * struct apply goes through a few requests; `attempt` counts the times it had to start over. Whatever
 * happens ends in finish(). */
#include "app-controller/sync/apply.h"

#include "app-controller/live/live_cache.h"
#include "app-controller/sync/ownership.h"
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
    HTTP_INVALID = 422,     /* an object that may not become so: immutable fields */
    ATTEMPTS_MAX = 6,       /* conflicts with other writers before giving up */
    KIND_WAIT_MS = 250,     /* between looks for a kind whose CRD was just applied */
    KIND_ATTEMPTS_MAX = 40, /* 10 s: establishing a CRD takes about one */
    DELETED_WAIT_MS = 500,  /* between tries to create while the old object is going */
    DELETED_ATTEMPTS_MAX = 60,
    ESTABLISHED_WAIT_MS = 100, /* between looks at a new CustomResourceDefinition */
    ESTABLISHED_ATTEMPTS_MAX = 30,
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
    void (*after_pause)(struct apply *a);
};

static const char UPDATED[] = "updated";

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

static bool is_crd(const struct kube_key *key)
{
    return str_eq_c(key->group, "apiextensions.k8s.io") &&
           str_eq_c(key->kind, "CustomResourceDefinition");
}

/* Deleting one of these takes with it what is in it. */
static bool is_never_recreated(const struct kube_key *key)
{
    return is_crd(key) || (key->group.n == 0 && str_eq_c(key->kind, "Namespace"));
}

static bool is_rbac(const struct kube_key *key)
{
    return str_eq_c(key->group, "rbac.authorization.k8s.io");
}

/* "Deployment" -> "deployment"; kinds are ASCII. */
static struct str lower_kind(struct arena *arena, struct str kind)
{
    char *text = arena_bytes(arena, kind.n);
    for (size_t i = 0; i < kind.n; i++) {
        bool upper = kind.p[i] >= 'A' && kind.p[i] <= 'Z';
        text[i] = (char)(upper ? kind.p[i] - 'A' + 'a' : kind.p[i]);
    }
    return str_of(text, kind.n);
}

/* "deployment.apps/web created", as kubectl says it; objects of RBAC are reconciled before they are applied, and
 * definitions and namespaces are replaced by Argo CD itself. */
static struct str message_of(struct apply *a, const char *verb)
{
    const struct kube_key *key = &a->req.task->key;
    if (a->verb == UPDATED) {
        return arena_printf(a->arena, STR_FMT "/" STR_FMT " %s", STR_ARG(key->kind),
                            STR_ARG(key->name), verb);
    }
    const char *dot = key->group.n > 0 ? "." : "";
    struct str kind = lower_kind(a->arena, key->kind);
    struct str name = arena_printf(a->arena, STR_FMT "%s" STR_FMT "/" STR_FMT, STR_ARG(kind), dot,
                                   STR_ARG(key->group), STR_ARG(key->name));
    struct str first =
        is_rbac(key) ? arena_printf(a->arena, STR_FMT " reconciled. ", STR_ARG(name)) : STR_EMPTY;
    return arena_printf(a->arena, STR_FMT STR_FMT " %s%s", STR_ARG(first), STR_ARG(name), verb,
                        a->req.plan->dry_run ? " (dry run)" : "");
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
        .field_validation = t->options.validate ? KUBE_FIELDS_STRICT : KUBE_FIELDS_IGNORE,
        .as_user = a->req.as_user,
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
    a->after_pause(a);
}

static void begin_again(struct apply *a)
{
    begin(a);
}

static void pause_then(struct apply *a, int64_t delay_ms, void (*next)(struct apply *a))
{
    a->after_pause = next;
    timer_start(&a->timer, delay_ms);
}

static void retry_in(struct apply *a, int64_t delay_ms)
{
    pause_then(a, delay_ms, begin_again);
}

/* What is to be done about it is for the next comparison, which knows this state. */
static void decide_anew(struct apply *a, const struct value *live)
{
    live_cache_put(a->req.cache, live);
    set_outcome(a, SYNC_RESULT_NONE, OPERATION_PHASE_NONE, STR_EMPTY);
    finish(a);
}

/* A hook that should have been made turns out to be there. It is the one we made when only the answer was lost.
 * Otherwise it is an old one, which must make room first: taking it for ours would leave the hook out. */
static bool is_settled_hook(struct apply *a)
{
    const struct plan_task *t = a->req.task;
    if (!t->hook || a->live == NULL || t->live != NULL || a->req.plan->dry_run) {
        return false;
    }
    if (plan_made(t, a->live)) {
        live_cache_put(a->req.cache, a->live);
        succeed(a, "created");
        return true;
    }
    if ((t->delete_policies & HOOK_DELETE_BEFORE_CREATION) == 0) {
        return false;
    }
    decide_anew(a, a->live);
    return true;
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
    if (!is_settled_hook(a)) {
        begin(a);
    }
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

/* Force=true, which means nothing to server-side apply. */
static bool may_recreate(const struct apply *a)
{
    const struct plan_task *t = a->req.task;
    bool server_side = t->options.server_side_apply && !t->options.replace;
    return t->options.force && !server_side && a->live != NULL && !is_never_recreated(&t->key);
}

static void recreate(struct apply *a)
{
    if (a->req.plan->dry_run) {
        succeed(a, a->verb);
        return;
    }
    delete_to_recreate(a);
}

static void read_again(struct apply *a, const struct err *why)
{
    if (++a->attempt < ATTEMPTS_MAX) {
        struct kube_request get = request_for(a, KUBE_GET, on_read);
        send_request(a, &get);
    } else if (why->code == ERR_CONFLICT && may_recreate(a)) {
        recreate(a);
    } else {
        fail(a, why);
    }
}

/* ---- CustomResourceDefinitions: their kinds are served a moment after they are there ---- */

static bool is_established(const struct value *crd)
{
    VALUE_FOREACH(value_dig(crd, "status", "conditions"), c) {
        if (str_eq_c(value_dig_str(c, "type"), "Established")) {
            return str_eq_c(value_dig_str(c, "status"), "True");
        }
    }
    return false;
}

static void on_crd_read(void *data, const struct kube_reply *reply);

static void read_crd(struct apply *a)
{
    struct kube_request get = request_for(a, KUBE_GET, on_crd_read);
    send_request(a, &get);
}

/* A definition that is not served in time is no failure: what needs it waits for itself. */
static void wait_established(struct apply *a, const struct value *crd)
{
    if (is_established(crd) || is_stopping(a) || ++a->attempt >= ESTABLISHED_ATTEMPTS_MAX) {
        succeed(a, a->verb);
        return;
    }
    pause_then(a, ESTABLISHED_WAIT_MS, read_crd);
}

static void on_crd_read(void *data, const struct kube_reply *reply)
{
    wait_established(data, reply->err == NULL ? doc_root(reply->doc) : NULL);
}

/* ---- what became of it ---- */

static void applied(struct apply *a, const struct value *obj)
{
    if (a->req.plan->dry_run) {
        succeed(a, a->verb);
        return;
    }
    live_cache_put(a->req.cache, obj);
    if (is_crd(&a->req.task->key)) {
        a->attempt = 0;
        wait_established(a, obj);
        return;
    }
    succeed(a, a->verb);
}

static bool creates_namespace(const struct plan_task *task, struct str namespace)
{
    return task->target != NULL && task->key.group.n == 0 &&
           str_eq_c(task->key.kind, "Namespace") && str_eq(task->key.name, namespace);
}

/* A dry run asks the server for what cannot be there yet: an object of a namespace that the sync makes. */
static bool waits_for_namespace(const struct apply *a, const struct err *err)
{
    const struct plan *plan = a->req.plan;
    if (!plan->dry_run || err->code != ERR_NOT_FOUND || !a->resource->namespaced) {
        return false;
    }
    for (size_t i = 0; i < plan->n_tasks; i++) {
        if (creates_namespace(&plan->tasks[i], a->req.task->key.namespace)) {
            return true;
        }
    }
    return false;
}

/* The object is not as we thought, or nobody knows whether it was written: the connection broke. */
static bool is_unsure(const struct apply *a, const struct kube_reply *reply)
{
    enum err_code code = reply->err->code;
    bool unanswered = reply->status == 0 && (code == ERR_UNAVAILABLE || code == ERR_TIMEOUT);
    return code == ERR_CONFLICT || code == ERR_EXISTS || unanswered ||
           (code == ERR_NOT_FOUND && a->live != NULL);
}

static void on_applied(void *data, const struct kube_reply *reply)
{
    struct apply *a = data;
    const struct err *err = reply->err;
    if (err == NULL) {
        applied(a, doc_root(reply->doc));
        return;
    }
    if (waits_for_namespace(a, err)) {
        succeed(a, "created");
        return;
    }
    if (a->recreating && err->code == ERR_EXISTS && ++a->attempt < DELETED_ATTEMPTS_MAX) {
        retry_in(a, DELETED_WAIT_MS); /* the old one is still on its way out */
        return;
    }
    if (is_unsure(a, reply)) {
        read_again(a, err);
    } else if (reply->status == HTTP_INVALID && may_recreate(a)) {
        recreate(a);
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
    if (a->recreating) {
        a->verb = a->req.task->options.replace ? "replaced" : "configured";
    }
    send_request(a, &request);
}

/* ---- the ways to apply ---- */

static void send_server_side(struct apply *a)
{
    struct kube_request request = request_for(a, KUBE_PATCH, on_applied);
    request.patch = KUBE_PATCH_APPLY;
    request.body = a->req.task->target;
    request.field_manager = STR(APPLY_FIELD_MANAGER);
    request.force = true;
    a->verb = "serverside-applied";
    send_request(a, &request);
}

static void on_handed_over(void *data, const struct kube_reply *reply)
{
    struct apply *a = data;
    if (reply->err == NULL) {
        send_server_side(a);
    } else if (reply->err->code == ERR_CONFLICT || reply->err->code == ERR_NOT_FOUND ||
               reply->status == HTTP_INVALID) { /* "test" of the resourceVersion */
        read_again(a, reply->err);
    } else {
        fail(a, reply->err);
    }
}

static void apply_server_side(struct apply *a)
{
    const struct plan *plan = a->req.plan;
    const struct value *patch = NULL;
    if (plan->options.client_side_apply_migration && a->live != NULL && !plan->dry_run) {
        struct str manager = plan->migration_manager.n > 0 ? plan->migration_manager
                                                           : STR(OWNERSHIP_CLIENT_SIDE_MANAGER);
        patch = ownership_patch(a->arena, a->live, manager, STR(APPLY_FIELD_MANAGER));
    }
    if (patch == NULL) {
        send_server_side(a);
        return;
    }
    struct kube_request request = request_for(a, KUBE_PATCH, on_handed_over);
    request.patch = KUBE_PATCH_JSON;
    request.body = patch;
    request.field_manager = STR(APPLY_FIELD_MANAGER);
    send_request(a, &request);
}

static void apply_replace(struct apply *a)
{
    const struct value *target = a->req.task->target;
    if (a->live == NULL) {
        create(a, target);
        return;
    }
    if (a->req.task->options.force && !a->recreating && !a->req.plan->dry_run &&
        !is_never_recreated(&a->req.task->key)) {
        delete_to_recreate(a);
        return;
    }
    struct kube_request request = request_for(a, KUBE_UPDATE, on_applied);
    request.body =
        value_with(a->arena, target, value_new_str(a->arena, kube_resource_version(a->live)),
                   "metadata", "resourceVersion");
    request.field_manager = STR(APPLY_FIELD_MANAGER);
    a->verb = is_never_recreated(&a->req.task->key) ? UPDATED : "replaced";
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

/* What a binding grants cannot be changed: kubectl reconciles such a binding by making it anew. */
static bool binds_something_else(const struct apply *a)
{
    const struct plan_task *t = a->req.task;
    const struct value *role = value_dig(t->target, "roleRef");
    const struct value *live = value_dig(a->live, "roleRef");
    return is_rbac(&t->key) && live != NULL && role != NULL && !a->req.plan->dry_run &&
           (!str_eq(value_dig_str(role, "kind"), value_dig_str(live, "kind")) ||
            !str_eq(value_dig_str(role, "name"), value_dig_str(live, "name")));
}

static void apply_target(struct apply *a)
{
    const struct plan_task *t = a->req.task;
    if (binds_something_else(a)) {
        delete_to_recreate(a);
        return;
    }
    if (t->namespace_creation && a->live != NULL && kube_labels(t->target) == NULL &&
        kube_annotations(t->target) == NULL) {
        succeed(a, "unchanged"); /* it is there, and nothing of it is ours */
    } else if (t->options.replace && !t->namespace_creation) {
        apply_replace(a);
    } else if (t->options.server_side_apply) {
        apply_server_side(a);
    } else {
        apply_client_side(a);
    }
}

/* ---- pruning ---- */

/* It changed, and perhaps is no longer to be pruned: somebody else's now, or protected. */
static void on_changed(void *data, const struct kube_reply *reply)
{
    struct apply *a = data;
    if (reply->err == NULL) {
        decide_anew(a, doc_root(reply->doc));
    } else if (reply->err->code == ERR_NOT_FOUND) {
        set_outcome(a, SYNC_RESULT_PRUNED, OPERATION_PHASE_SUCCEEDED, STR("pruned"));
        finish(a);
    } else {
        fail(a, reply->err);
    }
}

static void on_pruned(void *data, const struct kube_reply *reply)
{
    struct apply *a = data;
    if (reply->err != NULL && reply->err->code == ERR_CONFLICT) {
        struct kube_request get = request_for(a, KUBE_GET, on_changed);
        send_request(a, &get);
        return;
    }
    if (reply->err != NULL && reply->err->code != ERR_NOT_FOUND) {
        fail(a, reply->err);
        return;
    }
    if (reply->err == NULL && !a->req.plan->dry_run) { /* finalizers keep it for a while */
        live_cache_put_deleted(a->req.cache, doc_root(reply->doc));
    }
    set_outcome(a, SYNC_RESULT_PRUNED, OPERATION_PHASE_SUCCEEDED,
                a->req.plan->dry_run ? STR("pruned (dry run)") : STR("pruned"));
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
    if (kube_is_deleting(a->live)) { /* asked for already */
        set_outcome(a, SYNC_RESULT_PRUNED, OPERATION_PHASE_SUCCEEDED, STR("pruned"));
        finish(a);
        return;
    }
    struct kube_request del = request_for(a, KUBE_DELETE, on_pruned);
    del.propagation = propagation_of(a->req.task->options.prune_propagation);
    del.precondition_uid = kube_uid(a->live);
    del.precondition_resource_version = kube_resource_version(a->live);
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
    if (t->skip_dry_run && a->req.plan->dry_run) {
        set_outcome(a, SYNC_RESULT_SYNCED, OPERATION_PHASE_SUCCEEDED,
                    STR("not tried: the kind is not there yet (dry run)"));
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
    char text[512];
    err_format(&err, text, sizeof(text));
    a->req.task->unknown_kind = true;
    a->req.task->refused = arena_str(a->req.arena, str_from(text));
    fail(a, &err);
}

static void find_resource(struct apply *a)
{
    const struct plan_task *t = a->req.task;
    kube_api_unref(a->api);
    a->api = kube_api_ref(live_cache_api(a->req.cache));
    a->resource = kube_api_find_kind(a->api, t->key.group, t->version, t->key.kind);
}

/* What can be told without writing: whether it can be merged with what is there. */
static void validate(struct apply *a)
{
    const struct plan_task *t = a->req.task;
    const struct value *last = NULL;
    struct err err;
    if (t->invalid.n > 0) {
        set_outcome(a, SYNC_RESULT_SYNC_FAILED, OPERATION_PHASE_FAILED, t->invalid);
        finish(a);
        return;
    }
    bool merges = t->target != NULL && a->live != NULL && !t->namespace_creation &&
                  !t->options.server_side_apply && !t->options.replace;
    if (merges && last_applied_of(a->arena, a->live, &last, &err) < 0) {
        fail(a, &err);
        return;
    }
    set_outcome(a, SYNC_RESULT_NONE, OPERATION_PHASE_NONE, STR_EMPTY);
    finish(a);
}

static void begin(void *data)
{
    struct apply *a = data;
    find_resource(a);
    if (a->resource == NULL) {
        no_such_kind(a);
    } else if (a->req.validate_only) {
        validate(a);
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

/* ---- looking ---- */

static void on_looked(void *data, const struct kube_reply *reply)
{
    struct apply *a = data;
    if (reply->err == NULL) {
        arena_hold(a->req.arena, reply->doc);
        a->req.task->live = doc_root(reply->doc);
        live_cache_put(a->req.cache, a->req.task->live);
    }
    a->req.task->gone = reply->err != NULL && reply->err->code == ERR_NOT_FOUND;
    finish(a);
}

void apply_look(const struct apply_request *request)
{
    struct apply *a = apply_new(request);
    find_resource(a);
    if (a->resource == NULL) {
        a->req.task->gone = a->req.task->lost; /* with its kind */
        finish(a);
        return;
    }
    struct kube_request get = request_for(a, KUBE_GET, on_looked);
    send_request(a, &get);
}

/* ---- hooks ---- */

static void on_hook_done(void *data, const struct kube_reply *reply)
{
    struct apply *a = data;
    if (reply->err != NULL && reply->err->code != ERR_NOT_FOUND) {
        char text[512];
        err_format(reply->err, text, sizeof(text));
        a->req.task->message = arena_str(a->req.arena, str_from(text));
        a->req.task->stuck = true;
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
    del.propagation = propagation_of(a->req.plan->options.prune_propagation);
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
