/* Deletion of an Application, a stage for each kind of finalizer: PreDelete hooks; its objects, from the
 * highest wave down; PostDelete hooks; hooks that are to be taken away. A stage that is done takes off its
 * finalizer, so a restart goes on where it was. */
#include "app-controller/deletion.h"

#include "app-controller/app.h"
#include "app-controller/delete_hooks.h"
#include "app-controller/impersonate.h"
#include "app-controller/live/live_cache.h"
#include "app-controller/pass.h"
#include "app-controller/status_write.h"
#include "app-controller/sync/options.h"
#include "app-controller/sync/waves.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_object.h"
#include "common/rt/backoff.h"
#include "common/rt/loop.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"

enum {
    CHANGED_MS = 100,   /* before another look when objects were not as we knew them */
    RECHECK_MS = 10000, /* besides the events of the objects that go */
};

#define KEEP_ANNOTATION "helm.sh/resource-policy"

static const struct {
    struct str finalizer;
    enum kube_propagation propagation;
} FINALIZERS[] = {
    {STR(APP_FINALIZER), KUBE_PROPAGATION_FOREGROUND},
    {STR(APP_FINALIZER_FOREGROUND), KUBE_PROPAGATION_FOREGROUND},
    {STR(APP_FINALIZER_BACKGROUND), KUBE_PROPAGATION_BACKGROUND},
};

struct candidate {
    struct pass *pass;
    struct kube_target target;
    const struct live_obj *record;
    const struct value *obj;
    int wave;
};

struct deletion {
    const struct project *project; /* until the loop turns */
    enum kube_propagation propagation;
    struct str as_user;
    VEC(struct candidate) candidates;
    bool unread; /* some object is not known whole yet */
    size_t n_open;
    bool changed;              /* some object was not as we knew it */
    struct err err;            /* of the first delete that failed */
    const struct stage *stage; /* hooks of which */
};

static struct deletion *deletion_of(struct pass *pass)
{
    return pass->step;
}

/* ---- the end ---- */

static void on_patched(struct pass *pass, const struct err *err)
{
    if (err != NULL) {
        pass_retry_later(pass, err);
        return;
    }
    pass_end(pass);
}

static bool is_cascade(struct str finalizer)
{
    for (size_t i = 0; i < ARRAY_LEN(FINALIZERS); i++) {
        if (str_eq(finalizer, FINALIZERS[i].finalizer)) {
            return true;
        }
    }
    return false;
}

static bool is_ours(struct str finalizer)
{
    static const struct str HOOKS[] = {
        STR(APP_FINALIZER_PRE_DELETE),
        STR(APP_FINALIZER_PRE_DELETE_CLEANUP),
        STR(APP_FINALIZER_POST_DELETE),
        STR(APP_FINALIZER_POST_DELETE_CLEANUP),
    };
    for (size_t i = 0; i < ARRAY_LEN(HOOKS); i++) {
        if (str_eq(finalizer, HOOKS[i])) {
            return true;
        }
    }
    return is_cascade(finalizer);
}

/* The resourceVersion in the patch keeps a finalizer somebody adds meanwhile. instead: of what comes after, or "". */
static void replace_finalizers(struct pass *pass,
                               bool (*which)(struct str finalizer, struct str name),
                               struct str name,
                               struct str instead)
{
    const struct value *obj = doc_root(pass->object);
    const struct value *kept = &VALUE_EMPTY_LIST;
    bool is_last = instead.n == 0;
    VALUE_FOREACH(value_dig(obj, "metadata", "finalizers"), f) {
        if (!which(value_str(f), name)) {
            kept = value_list_append(pass->arena, kept, f);
            is_last = is_last && !is_ours(value_str(f));
        }
    }
    if (instead.n > 0 && !kube_has_finalizer(obj, instead)) {
        kept = value_list_append(pass->arena, kept, value_new_str(pass->arena, instead));
    }
    const struct value *patch = value_with(pass->arena, NULL, kept, "metadata", "finalizers");
    patch = value_with(pass->arena, patch, value_new_str(pass->arena, kube_resource_version(obj)),
                       "metadata", "resourceVersion");
    if (is_last) {
        log_info("application deleted", LF_STR("app", pass->app->key));
    }
    pass_patch(pass, patch, on_patched);
}

static void drop_finalizers(struct pass *pass,
                            bool (*which)(struct str finalizer, struct str name),
                            struct str name)
{
    replace_finalizers(pass, which, name, STR_EMPTY);
}

static bool any_of_ours(struct str finalizer, struct str name UNUSED)
{
    return is_ours(finalizer);
}

static bool any_cascade(struct str finalizer, struct str name UNUSED)
{
    return is_cascade(finalizer);
}

static void wait_for_events(struct pass *pass)
{
    controller_request_after(pass->ctl, pass->app, REFRESH_TREE, RECHECK_MS);
    pass_end(pass);
}

static void tell(struct pass *pass, const struct err *err)
{
    struct status_change change = status_write_unchanged(pass);
    change.evaluated = CONDITION_BIT(CONDITION_DELETION_ERROR);
    pass->conditions.n = 0;
    if (err != NULL) {
        pass_condition_err(pass, CONDITION_DELETION_ERROR, err);
    }
    const struct value *patch = status_write_patch(pass, &change);
    controller_request_after(pass->ctl, pass->app, REFRESH_TREE, RECHECK_MS);
    if (patch == NULL) {
        pass_end(pass);
        return;
    }
    pass_patch(pass, patch, on_patched);
}

/* ---- what is to go ---- */

static bool is_kept(const struct pass *pass, const struct value *obj, struct sync_options options)
{
    struct kube_key key = kube_key_of(obj);
    bool is_crd = str_eq(key.group, STR("apiextensions.k8s.io")) &&
                  str_eq(key.kind, STR("CustomResourceDefinition"));
    bool is_self = str_eq(key.group, STR(APP_GROUP)) && str_eq(key.kind, STR(APP_KIND)) &&
                   str_eq(key.name, pass->app->name) && str_eq(key.namespace, pass->app->namespace);
    return is_crd || is_self || options.delete == SYNC_CONSENT_REFUSED ||
           str_eq(kube_annotation(obj, STR(KEEP_ANNOTATION)), STR("keep"));
}

static bool is_permitted(struct pass *pass, const struct live_obj *record)
{
    const struct project *project = deletion_of(pass)->project;
    const struct live_kind *kind = record->kind;
    struct project_cluster cluster = pass_project_cluster(pass);
    return project_permits_kind(project, str_from(kind->group), str_from(kind->kind),
                                live_obj_name(record), kind->namespaced) &&
           (!kind->namespaced ||
            project_permits_destination(project, &cluster, live_obj_namespace(record)));
}

static int64_t wall_of(struct str rfc3339)
{
    int64_t ms = 0;
    struct err err;
    return clock_parse_rfc3339(rfc3339, &ms, &err) == 0 ? ms : 0;
}

static bool is_approved(const struct pass *pass)
{
    const struct value *obj = doc_root(pass->object);
    struct str approved = kube_annotation(obj, STR(SYNC_DELETE_APPROVED_ANNOTATION));
    return approved.n > 0 && wall_of(approved) >= wall_of(kube_deletion_timestamp(obj));
}

static int add_candidate(struct pass *pass, const struct live_obj *record, struct err *err)
{
    struct deletion *d = deletion_of(pass);
    if (!live_obj_present(record) || !is_permitted(pass, record)) {
        return 0;
    }
    if (!live_obj_is_full(record)) {
        d->unread = true;
        (void)live_cache_want_full(pass->cache, str_from(record->kind->group),
                                   str_from(record->kind->kind), str_from(record->kind->version));
        return 0;
    }
    struct candidate c = {.record = record};
    TRY(live_obj_get(record, pass->arena, &c.obj, err));
    struct sync_options app = sync_options_default();
    sync_options_add(&app, pass->model.spec.sync_policy.sync_options);
    struct sync_options options = sync_options_of(&app, NULL, c.obj);
    if (is_kept(pass, c.obj, options)) {
        return 0;
    }
    if (options.delete == SYNC_CONSENT_ASK && !is_approved(pass)) {
        return err_set(err, ERR_CONFLICT,
                       "deletion of " STR_FMT "/" STR_FMT " must be confirmed: set annotation %s",
                       STR_ARG(kube_kind_of(c.obj)), STR_ARG(kube_name(c.obj)),
                       SYNC_DELETE_APPROVED_ANNOTATION);
    }
    c.wave = wave_of(c.obj);
    vec_push_in(pass->arena, &d->candidates, c);
    return 0;
}

static int collect(struct pass *pass, struct err *err)
{
    struct live_app *tracked =
        live_store_app_find(live_cache_store(pass->cache), str_from(pass->app->instance));
    if (tracked == NULL) {
        return 0;
    }
    LIST_FOREACH(&tracked->objects, node) {
        const struct live_ext *ext = CONTAINER_OF(node, struct live_ext, app_node);
        TRY(add_candidate(pass, live_ext_obj(ext), err));
    }
    return 0;
}

/* ---- deleting ---- */

static void one_done(struct pass *pass, const struct err *err)
{
    struct deletion *d = deletion_of(pass);
    if (err != NULL && err->code != ERR_NOT_FOUND && d->err.code == ERR_OK) {
        d->err = *err;
    }
    if (--d->n_open > 0) {
        return;
    }
    if (d->changed) { /* decide anew, with what is known now */
        controller_request_after(pass->ctl, pass->app, REFRESH_TREE, CHANGED_MS);
        pass_end(pass);
        return;
    }
    tell(pass, d->err.code != ERR_OK ? &d->err : NULL);
}

static void on_read_again(void *data, const struct kube_reply *reply)
{
    struct pass *pass = data;
    if (reply->err == NULL) {
        live_cache_put(pass->cache, doc_root(reply->doc));
        deletion_of(pass)->changed = true;
    }
    one_done(pass, reply->err);
}

static void read_again(struct candidate *c);

static void on_deleted(void *data, const struct kube_reply *reply)
{
    struct candidate *c = data;
    if (reply->err != NULL && reply->err->code == ERR_CONFLICT) {
        read_again(c); /* it changed: perhaps it is no longer ours to delete */
        return;
    }
    one_done(c->pass, reply->err);
}

static void read_again(struct candidate *c)
{
    struct kube_request request = {
        .verb = KUBE_GET,
        .target = c->target,
        .as_user = deletion_of(c->pass)->as_user,
        .done = on_read_again,
        .data = c->pass,
    };
    (void)kube_start(live_cache_client(c->pass->cache), &request);
}

/* The record may go while the request is under way. */
static struct kube_target target_of(struct arena *arena, const struct live_obj *record)
{
    const struct live_kind *k = record->kind;
    return (struct kube_target){.group = arena_str(arena, str_from(k->group)),
                                .version = arena_str(arena, str_from(k->version)),
                                .resource = arena_str(arena, str_from(k->resource)),
                                .kind = arena_str(arena, str_from(k->kind)),
                                .namespace = arena_str(arena, live_obj_namespace(record)),
                                .name = arena_str(arena, live_obj_name(record))};
}

static void delete_one(struct pass *pass, struct candidate *c)
{
    c->pass = pass;
    c->target = target_of(pass->arena, c->record);
    struct kube_request request = {
        .verb = KUBE_DELETE,
        .target = c->target,
        .propagation = deletion_of(pass)->propagation,
        .precondition_uid = kube_uid(c->obj),
        .precondition_resource_version = kube_resource_version(c->obj),
        .as_user = deletion_of(pass)->as_user,
        .done = on_deleted,
        .data = c,
    };
    (void)kube_start(live_cache_client(pass->cache), &request);
}

static void delete_highest_wave(struct pass *pass)
{
    struct deletion *d = deletion_of(pass);
    int highest = d->candidates.items[0].wave;
    for (size_t i = 0; i < d->candidates.n; i++) {
        highest = MAX(highest, d->candidates.items[i].wave);
        if ((d->candidates.items[i].record->flags & LIVE_DELETING) != 0) {
            wait_for_events(pass); /* what was asked to go must be gone first */
            return;
        }
    }
    for (size_t i = 0; i < d->candidates.n; i++) {
        d->n_open += d->candidates.items[i].wave == highest;
    }
    for (size_t i = 0; i < d->candidates.n; i++) {
        if (d->candidates.items[i].wave == highest) {
            delete_one(pass, &d->candidates.items[i]);
        }
    }
}

static bool find_propagation(const struct pass *pass, enum kube_propagation *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(FINALIZERS); i++) {
        if (kube_has_finalizer(doc_root(pass->object), FINALIZERS[i].finalizer)) {
            *ret = FINALIZERS[i].propagation;
            return true;
        }
    }
    return false;
}

static void delete_objects(struct pass *pass)
{
    struct deletion *d = deletion_of(pass);
    struct err err;
    if (impersonate_pass(pass, &d->as_user, &err) < 0 || collect(pass, &err) < 0) {
        tell(pass, &err);
    } else if (d->unread) {
        wait_for_events(pass);
    } else if (d->candidates.n == 0) {
        drop_finalizers(pass, any_cascade, STR_EMPTY);
    } else {
        delete_highest_wave(pass);
    }
}

/* ---- hooks ---- */

static const struct backoff_policy HOOK_RETRY = {
    .base_ms = 3000, .factor = 2, .cap_ms = 120000, .jitter = 0.2};

static const struct stage {
    struct str finalizer;
    enum sync_phase phase;
    void (*begin)(struct pass *pass, enum sync_phase phase, delete_hooks_fn done);
    struct str
        after; /* the finalizer of what has to come after it: its hooks are held until then */
} STAGES[] = {
    {STR(APP_FINALIZER_PRE_DELETE), SYNC_PHASE_PRE_DELETE, delete_hooks_run,
     STR(APP_FINALIZER_PRE_DELETE_CLEANUP)},
    {STR(APP_FINALIZER_POST_DELETE), SYNC_PHASE_POST_DELETE, delete_hooks_run,
     STR(APP_FINALIZER_POST_DELETE_CLEANUP)},
    {STR(APP_FINALIZER_POST_DELETE_CLEANUP), SYNC_PHASE_POST_DELETE, delete_hooks_clean, STR("")},
    {STR(APP_FINALIZER_PRE_DELETE_CLEANUP), SYNC_PHASE_PRE_DELETE, delete_hooks_clean, STR("")},
};

static bool is_same(struct str finalizer, struct str name)
{
    return str_eq(finalizer, name);
}

/* True: told that they are not done. */
static bool has_to_wait(struct pass *pass, bool finished, const struct err *err)
{
    struct app *app = pass->app;
    if (err != NULL) {
        app->op_pause_until_ms =
            loop_now_ms(pass->ctl->loop) + backoff_next_ms(&app->repo_retry, pass->ctl->rand);
        tell(pass, err);
    } else if (!finished) {
        tell(pass, NULL);
    }
    return err != NULL || !finished;
}

static void on_hooks(struct pass *pass, bool finished, const struct err *err)
{
    const struct stage *stage = deletion_of(pass)->stage;
    if (!has_to_wait(pass, finished, err)) {
        pass->app->hooks_released = false;
        replace_finalizers(pass, is_same, stage->finalizer, stage->after);
    }
}

static void begin_hooks(struct pass *pass, const struct stage *stage)
{
    deletion_of(pass)->stage = stage;
    stage->begin(pass, stage->phase, on_hooks);
}

/* ---- the stages ---- */

static bool has(const struct pass *pass, const struct stage *stage)
{
    return kube_has_finalizer(doc_root(pass->object), stage->finalizer);
}

static void begin_stage(struct pass *pass);

static void on_released(struct pass *pass, bool finished, const struct err *err)
{
    if (!has_to_wait(pass, finished, err)) {
        pass->app->hooks_released = true;
        begin_stage(pass);
    }
}

static void begin_stage(struct pass *pass)
{
    const size_t first = 0;
    if (has(pass, &STAGES[first])) {
        begin_hooks(pass, &STAGES[first]);
        return;
    }
    if (!pass->app->hooks_released) {
        delete_hooks_release(pass, on_released);
        return;
    }
    if (find_propagation(pass, &deletion_of(pass)->propagation)) {
        delete_objects(pass);
        return;
    }
    for (size_t i = first + 1; i < ARRAY_LEN(STAGES); i++) {
        if (has(pass, &STAGES[i])) {
            begin_hooks(pass, &STAGES[i]);
            return;
        }
    }
    pass_end(pass);
}

static bool has_finalizer_of_ours(const struct pass *pass)
{
    VALUE_FOREACH(value_dig(doc_root(pass->object), "metadata", "finalizers"), f) {
        if (is_ours(value_str(f))) {
            return true;
        }
    }
    return false;
}

/* A hook failed: the next try is not due yet. */
static bool is_paused(struct pass *pass)
{
    int64_t wait_ms = pass->app->op_pause_until_ms - loop_now_ms(pass->ctl->loop);
    if (wait_ms > 0) {
        controller_request_after(pass->ctl, pass->app, REFRESH_TREE, wait_ms);
    }
    return wait_ms > 0;
}

static void begin_deleting(struct app *app)
{
    if (!app->deleting) {
        app->deleting = true;
        app->hooks_released = false;
        app_op_reset(app); /* of an operation that will not end any more */
        app->repo_retry = (struct backoff){.policy = &HOOK_RETRY};
    }
}

void deletion_begin(struct pass *pass)
{
    struct err err;
    pass->step = ARENA_NEW(pass->arena, struct deletion);
    begin_deleting(pass->app);
    if (pass->ctl->stopping || !has_finalizer_of_ours(pass) || is_paused(pass)) {
        pass_end(pass);
        return;
    }
    if (controller_cluster_for(pass->ctl, &pass->model.spec.destination, &pass->cache, &err) < 0) {
        drop_finalizers(pass, any_of_ours, STR_EMPTY); /* it cannot be cleaned up */
        return;
    }
    pass_use_cache(pass);
    pass->app->waiting = true;
    if (pass_project(pass, &deletion_of(pass)->project, &err) < 0) {
        tell(pass, &err); /* nobody can say what it may delete */
    } else if (!live_cache_complete(pass->cache) || live_cache_error(pass->cache) != NULL) {
        wait_for_events(pass);
    } else {
        begin_stage(pass);
    }
}
