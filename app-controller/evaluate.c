/* Evaluation of one application: unpack, compare, health. Pure once the inputs are there. */
#include "app-controller/evaluate.h"

#include <stdlib.h>

#include "app-controller/ask.h"
#include "app-controller/jq.h"
#include "app-controller/live/live_cache.h"
#include "app-controller/live/live_schema.h"
#include "app-controller/targets.h"
#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/base/vec.h"
#include "common/kube/kube_discovery.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "engine/compare/rules.h"
#include "engine/lua/customize.h"

/* ---- collecting, on the loop ---- */

/* Objects tracked as the application's, those with the key of a target, and the destination namespace. */
struct gather {
    struct evaluation *ev;
    VEC(struct live_packed) packed;
};

static void gather_obj(struct gather *g, const struct live_obj *obj)
{
    if (obj != NULL && live_obj_present(obj) && live_obj_is_full(obj)) {
        struct live_packed p = live_obj_packed(obj, g->ev->arena);
        vec_push_in(g->ev->arena, &g->packed, p);
    }
}

static bool tracked_by(const struct live_obj *obj, struct str instance)
{
    const struct live_app *app = obj != NULL ? live_obj_app(obj) : NULL;
    return app != NULL && str_eq_c(instance, app->name);
}

static void gather_tracked(struct gather *g, struct live_store *store)
{
    struct live_app *app = live_store_app_find(store, g->ev->instance);
    if (app == NULL) {
        return;
    }
    LIST_FOREACH(&app->objects, node) {
        const struct live_ext *ext = CONTAINER_OF(node, struct live_ext, app_node);
        gather_obj(g, live_ext_obj(ext));
    }
}

static void gather_key(struct gather *g, struct live_kind *kind, struct str ns, struct str name)
{
    struct live_obj *obj = live_obj_find(kind, ns, name);
    if (!tracked_by(obj, g->ev->instance)) { /* those are there already */
        gather_obj(g, obj);
    }
}

static void gather_targets(struct gather *g, struct live_cache *cache)
{
    struct str ns = g->ev->app.spec.destination.namespace;
    for (size_t i = 0; i < g->ev->targets->n_objects; i++) {
        struct kube_key key = kube_key_of(g->ev->targets->objects[i]);
        struct live_kind *kind = live_cache_kind(cache, key.group, key.kind);
        if (kind != NULL) {
            struct str own = key.namespace.n > 0 ? key.namespace : ns;
            gather_key(g, kind, kind->namespaced ? own : STR_EMPTY, key.name);
        }
    }
}

static void gather_lives(struct evaluation *ev, struct live_cache *cache)
{
    struct gather g = {.ev = ev};
    gather_tracked(&g, live_cache_store(cache));
    gather_targets(&g, cache);
    struct live_kind *namespaces = live_cache_kind(cache, STR(""), STR("Namespace"));
    if (namespaces != NULL) {
        gather_key(&g, namespaces, STR_EMPTY, ev->app.spec.destination.namespace);
    }
    ev->lives = g.packed.items;
    ev->n_lives = g.packed.n;
}

/* Schemas the cache has of the targets' groups. */
static void gather_schemas(struct evaluation *ev, struct live_cache *cache)
{
    struct how *how = &ev->how;
    for (size_t i = 0; i < ev->targets->n_objects; i++) {
        struct kube_gvk gvk = kube_gvk_of(ev->targets->objects[i]);
        struct doc *doc = NULL;
        bool seen = false;
        for (size_t k = 0; k < how->schemas.n; k++) {
            const struct how_schema *s = &how->schemas.items[k];
            seen = seen || (str_eq(s->group, gvk.group) && str_eq(s->version, gvk.version));
        }
        if (seen || !live_schemas_find(live_cache_schemas(cache), gvk.group, gvk.version, &doc)) {
            continue;
        }
        struct how_schema known = {.group = gvk.group, .version = gvk.version, .asked = true};
        if (doc != NULL) {
            arena_hold(ev->arena, doc);
            known.api = doc_root(doc);
        }
        vec_push_in(ev->arena, &how->schemas, known);
    }
}

static void gather_how(struct evaluation *ev, const struct evaluation_input *in)
{
    ev->rules = compare_rules_ref(in->rules);
    ev->answers = answers_ref(in->answers);
    ev->cache = in->cache;
    ev->jq = in->jq;
    ev->how = (struct how){
        .arena = ev->arena,
        .app = &ev->app,
        .object = doc_root(ev->object),
        .rules = ev->rules,
        .server_side = in->server_side,
        .known = answers_list(in->answers, ev->arena),
    };
    gather_schemas(ev, in->cache);
}

static int decode_project(struct evaluation *ev, struct doc *project, struct err *err)
{
    ev->project = PROJECT_DEFAULT;
    if (project == NULL) {
        return 0;
    }
    arena_hold(ev->arena, project);
    return project_decode(ev->arena, doc_root(project), &ev->project, err);
}

/* That nobody is there to act as is a fault only where a dry run is needed. */
static void find_user(struct evaluation *ev, const struct evaluation_input *in)
{
    const struct impersonate_input who = {
        .rules = in->impersonation,
        .project = &ev->project,
        .server = ev->cluster.server,
        .namespace = ev->app.spec.destination.namespace,
        .app_namespace = ev->app.namespace,
    };
    ev->denied.code = ERR_OK;
    struct err err;
    if (impersonate_user(ev->arena, &who, &ev->as_user, &err) < 0) {
        ev->denied = err;
    }
}

static int collect(struct evaluation *ev, const struct evaluation_input *in, struct err *err)
{
    ev->object = doc_ref(in->object);
    TRY(application_decode(ev->arena, doc_root(in->object), &ev->app, err));
    TRY(decode_project(ev, in->project, err));
    ev->namespace_meta_changed = application_namespace_changed(&ev->app);
    ev->targets = targets_ref(in->targets);
    ev->api = kube_api_ref(live_cache_api(in->cache));
    ev->instance = arena_str(ev->arena, in->instance);
    ev->tracking = in->tracking;
    ev->tracking.label_key = arena_str(ev->arena, in->tracking.label_key);
    ev->tracking.installation_id = arena_str(ev->arena, in->tracking.installation_id);
    ev->scripts = customizations_ref(in->scripts);
    ev->cluster = (struct project_cluster){
        .server = arena_str(ev->arena, live_cache_server(in->cache)),
        .name = arena_str(ev->arena, live_cache_name(in->cache)),
        .project = arena_str(ev->arena, live_cache_project(in->cache)),
    };
    find_user(ev, in);
    gather_lives(ev, in->cache);
    gather_how(ev, in);
    return 0;
}

int evaluation_new(const struct evaluation_input *in, struct evaluation **ret, struct err *err)
{
    AUTO(evaluation) struct evaluation *ev = MEM_NEW(struct evaluation);
    ev->arena = arena_new();
    TRY(collect(ev, in, err));
    *ret = TAKE(ev);
    return 0;
}

void evaluation_free(struct evaluation *ev)
{
    if (ev == NULL) {
        return;
    }
    arena_free(ev->arena);
    targets_unref(ev->targets);
    kube_api_unref(ev->api);
    doc_unref(ev->object);
    customizations_unref(ev->scripts);
    compare_rules_unref(ev->rules);
    answers_unref(ev->answers);
    mem_free(ev);
}

/* ---- comparing and judging, on the pool ---- */

static enum compare_scope scope_of(void *data, struct str group, struct str kind)
{
    const struct evaluation *ev = data;
    const struct kube_resource *r = kube_api_find_kind(ev->api, group, STR_EMPTY, kind);
    if (r == NULL) {
        return COMPARE_SCOPE_UNKNOWN;
    }
    return r->namespaced ? COMPARE_SCOPE_NAMESPACED : COMPARE_SCOPE_CLUSTER;
}

static bool is_kind_permitted(void *data, struct kube_key key, enum compare_scope scope)
{
    const struct evaluation *ev = data;
    return project_permits_kind(&ev->project, key.group, key.kind, key.name,
                                scope != COMPARE_SCOPE_CLUSTER);
}

static bool is_permitted(void *data, struct kube_key key, enum compare_scope scope)
{
    const struct evaluation *ev = data;
    if (!is_kind_permitted(data, key, scope)) {
        return false;
    }
    return scope == COMPARE_SCOPE_CLUSTER ||
           project_permits_destination(&ev->project, &ev->cluster, key.namespace);
}

static bool is_excluded(void *data, struct str group, struct str kind)
{
    const struct evaluation *ev = data;
    return compare_rules_excluded(ev->rules, group, kind, ev->cluster.server);
}

static int how(void *data,
               const struct value *target,
               const struct value **live,
               struct diff_opts *opts,
               struct err *err)
{
    struct evaluation *ev = data;
    return how_compare(&ev->how, target, live, opts, err);
}

static bool is_confirm(struct str option)
{
    return str_eq(option, STR("confirm"));
}

static int unpack_lives(struct evaluation *ev, const struct value ***ret, struct err *err)
{
    const struct value **lives = arena_calloc(ev->arena, ev->n_lives, sizeof(*lives));
    struct str ns = ev->app.spec.destination.namespace;
    for (size_t i = 0; i < ev->n_lives; i++) {
        TRY(live_packed_get(ev->lives[i], ev->arena, &lives[i], err));
        struct kube_key key = kube_key_of(lives[i]);
        if (key.group.n == 0 && str_eq(key.kind, STR("Namespace")) && str_eq(key.name, ns)) {
            ev->namespace_live = lives[i];
        }
    }
    ev->live_objects = lives;
    *ret = lives;
    return 0;
}

static int compare(struct evaluation *ev, struct err *err)
{
    const struct value **lives = NULL;
    TRY(unpack_lives(ev, &lives, err));
    struct app_strs options = ev->app.spec.sync_policy.sync_options;
    struct compare_env env = {
        .scope = scope_of,
        .excluded = is_excluded,
        .permitted = is_permitted,
        .kind_permitted = is_kind_permitted,
        .how = how,
        .jq = ev->runner != NULL ? jq_runner_jq(ev->runner) : NULL,
        .data = ev,
    };
    struct compare_input in = {
        .instance = ev->instance,
        .app_name = ev->app.name,
        .app_namespace = ev->app.namespace,
        .destination_namespace = ev->app.spec.destination.namespace,
        .tracking = &ev->tracking,
        .env = &env,
        .targets = ev->targets->objects,
        .n_targets = ev->targets->n_objects,
        .lives = lives,
        .n_lives = ev->n_lives,
        .ignore_differences = &ev->app.spec.ignore_differences,
        .system_ignore_differences = compare_rules_ignore(ev->rules),
        .confirm_deletions = is_confirm(app_sync_option(options, STR("Prune"))) ||
                             is_confirm(app_sync_option(options, STR("Delete"))),
        .namespace_meta_changed = ev->namespace_meta_changed,
    };
    return compare_app(ev->arena, &in, &ev->compare, err);
}

static void judge(struct evaluation *ev)
{
    ev->verdicts =
        health_verdicts_of(ev->arena, ev->scripts, clock_system(), ev->live_objects, ev->n_lives);
    size_t n = ev->compare.n_resources;
    struct health_resource *rs = arena_calloc(ev->arena, n, sizeof(*rs));
    ev->healths = arena_calloc(ev->arena, n, sizeof(*ev->healths));
    for (size_t i = 0; i < n; i++) {
        const struct compare_resource *r = &ev->compare.resources[i];
        ev->healths[i] = health_by_verdicts(ev->arena, &ev->verdicts, r->seen);
        rs[i] = (struct health_resource){
            .key = r->key,
            .live = r->live,
            .has_target = r->target != NULL,
            .hook = r->hook,
            .skipped = r->skipped,
            .self = r->self,
            .health = ev->healths[i],
        };
        if (r->live == NULL && r->target != NULL && !r->hook && !r->skipped) {
            ev->healths[i].status = HEALTH_STATUS_MISSING;
        }
    }
    ev->health = health_of_app(ev->arena, rs, n);
}

static int str_order(const void *a, const void *b)
{
    const struct str *x = a;
    const struct str *y = b;
    return str_cmp(*x, *y);
}

static bool asks_first(const struct evaluation *ev)
{
    enum { ROUNDS_MAX = 3 }; /* one more than there are kinds of questions */
    return ev->work != NULL && ev->n_rounds < ROUNDS_MAX && how_has_questions(&ev->how);
}

int evaluation_run(struct evaluation *ev, struct err *err)
{
    ev->n_rounds++;
    how_read_schemas(&ev->how);
    TRY(compare(ev, err));
    if (asks_first(ev)) {
        return 0;
    }
    judge(ev);
    return 0;
}

static int run_job(struct job *job, struct err *err)
{
    return evaluation_run(CONTAINER_OF(job, struct evaluation, job), err);
}

/* ---- asking, on the loop ---- */

static void keep_schemas(struct evaluation *ev)
{
    for (size_t i = 0; i < ev->how.schemas.n; i++) {
        const struct how_schema *s = &ev->how.schemas.items[i];
        if (s->fresh || s->missing) {
            live_schemas_set(live_cache_schemas(ev->cache), s->group, s->version, s->reduced);
        }
    }
}

static void keep_answers(struct evaluation *ev)
{
    size_t n = 0;
    struct str *keys = arena_calloc(ev->arena, 2 * ev->compare.n_resources + 1, sizeof(*keys));
    if (ev->answers == NULL) {
        return;
    }
    for (size_t i = 0; i < ev->how.answers.n; i++) {
        struct answer key = ev->how.answers.items[i].key;
        key.doc = ev->how.answers.items[i].doc;
        if (key.doc != NULL) {
            answers_put(ev->answers, &key);
        }
    }
    for (size_t i = 0; i < ev->compare.n_resources; i++) {
        const struct compare_resource *r = &ev->compare.resources[i];
        keys[n++] = how_answer_key(ev->arena, r->key, STR_EMPTY);
        keys[n++] = how_answer_key(ev->arena, r->key, r->version);
    }
    qsort(keys, n, sizeof(*keys), str_order);
    answers_keep(ev->answers, keys, n);
}

static void end_runner(struct evaluation *ev)
{
    if (ev->runner != NULL) {
        answers_give_memo(ev->answers, jq_runner_end(TAKE(ev->runner)));
    }
}

static void end(struct evaluation *ev, const struct err *err)
{
    if (err == NULL) {
        keep_schemas(ev);
        keep_answers(ev);
    }
    end_runner(ev);
    live_cache_release(ev->cache);
    ev->done(ev, err);
}

static void on_asked(void *data)
{
    struct evaluation *ev = data;
    struct err err;
    if (work_submit(ev->work, WORK_DIFF, &ev->job, &err) < 0) {
        end(ev, &err);
    }
}

static void on_job_done(struct job *job, const struct err *err)
{
    struct evaluation *ev = CONTAINER_OF(job, struct evaluation, job);
    if (err != NULL || !asks_first(ev)) {
        end(ev, err);
        return;
    }
    const struct ask_opts ask = {
        .cache = ev->cache,
        .api = ev->api,
        .how = &ev->how,
        .as_user = ev->as_user,
        .denied = ev->denied.code != ERR_OK ? &ev->denied : NULL,
        .done = on_asked,
        .data = ev,
    };
    ask_start(&ask);
}

int evaluation_start(struct evaluation *ev,
                     struct work *work,
                     void (*done)(struct evaluation *ev, const struct err *err),
                     void *data,
                     struct err *err)
{
    ev->done = done;
    ev->data = data;
    ev->work = work;
    ev->job.run = run_job;
    ev->job.done = on_job_done;
    if (ev->jq != NULL && ev->answers != NULL) {
        ev->runner = jq_runner_begin(ev->jq, answers_take_memo(ev->answers));
    }
    if (work_submit(work, WORK_DIFF, &ev->job, err) < 0) {
        end_runner(ev);
        return -(int)err->code;
    }
    live_cache_use(ev->cache);
    return 0;
}
