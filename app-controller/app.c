/* Per-application memory and the interest in live objects that targets name. */
#include "app-controller/app.h"

#include <string.h>

#include "app-controller/answers.h"
#include "app-controller/live/live_cache.h"
#include "app-controller/orphans.h"
#include "app-controller/targets.h"
#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/kube/kube_discovery.h"
#include "common/kube/kube_object.h"
#include "common/model/application.h"
#include "common/rt/loop.h"
#include "common/value/value.h"

/* Of calls to a repository that cannot be reached. */
static const struct backoff_policy REPO_RETRY = {
    .base_ms = 3000, .factor = 2, .cap_ms = 120000, .jitter = 0.2};

struct app *app_new(struct controller *ctl, struct doc *object)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *obj = doc_root(object);
    struct str ns = kube_namespace(obj);
    struct str name = kube_name(obj);
    struct app *app = MEM_NEW(struct app);
    app->ctl = ctl;
    app->object = doc_ref(object);
    app->answers = answers_new();
    app->asked_ms = loop_now_ms(ctl->loop);
    app->repo_retry.policy = &REPO_RETRY;
    struct str key = arena_printf(arena, STR_FMT "/" STR_FMT, STR_ARG(ns), STR_ARG(name));
    app->key = str_of(mem_strndup(key.p, key.n), key.n);
    app->namespace = str_sub(app->key, 0, ns.n);
    app->name = str_sub(app->key, ns.n + 1, app->key.n);
    struct str instance = application_instance_name(arena, ns, name, str_from(ctl->config->ns));
    app->instance = mem_strndup(instance.p, instance.n);
    return app;
}

void app_free(struct app *app)
{
    if (app == NULL) {
        return;
    }
    app_op_reset(app);
    orphans_unwatch(app);
    app_interests_clear(&app->interests);
    app_interests_clear(&app->plan_interests);
    targets_unref(app->targets);
    answers_unref(app->answers);
    doc_unref(app->object);
    mem_free(app->instance);
    mem_free((void *)(uintptr_t)app->key.p);
    mem_free(app);
}

struct str app_project(const struct app *app)
{
    struct str project = value_dig_str(doc_root(app->object), "spec", "project");
    return project.n > 0 ? project : STR(APP_DEFAULT_PROJECT);
}

void app_set_object(struct app *app, struct doc *object)
{
    doc_unref(app->object);
    app->object = doc_ref(object);
}

int64_t app_revision_age_ms(const struct app *app)
{
    return MIN(loop_now_ms(app->ctl->loop) - app->asked_ms, (int64_t)LIMIT_REVISION_AGE_MS);
}

void app_op_reset(struct app *app)
{
    app_interests_clear(&app->op_interests);
    targets_unref(TAKE(app->op_targets));
    app->op_pause_until_ms = 0;
    app->op_woken = false;
}

void app_rule_out(struct app *app)
{
    app_interests_clear(&app->interests);
    targets_unref(TAKE(app->targets));
    orphans_unwatch(app);
    app->cache = NULL;
    app->n_orphans = 0;
    app->was_compared = false;
    app->ruled_out = true;
}

void app_forget_cache(struct app *app, const struct live_cache *cache)
{
    if (app->interests.cache == cache) {
        app_interests_clear(&app->interests);
    }
    if (app->plan_interests.cache == cache) {
        app_interests_clear(&app->plan_interests);
    }
    if (app->op_interests.cache == cache) {
        app_interests_clear(&app->op_interests);
    }
    if (app->cache == cache) {
        app_op_reset(app);
        app->cache = NULL;
        app->was_compared = false;
    }
}

void app_interests_clear(struct app_interests *in)
{
    for (size_t i = 0; i < in->n; i++) {
        live_interest_end(&in->items[i]);
    }
    mem_free(in->items);
    if (in->cache != NULL) {
        live_cache_release(in->cache);
    }
    *in = (struct app_interests){0};
}

static struct str
namespace_for(const struct live_kind *kind, struct kube_key key, struct str destination_namespace)
{
    if (!kind->namespaced) {
        return STR_EMPTY;
    }
    return key.namespace.n > 0 ? key.namespace : destination_namespace;
}

/* The new ones begin before the old ones end, so that nothing is dropped in between. */
static void interests_make(struct app_interests *in,
                           struct app *app,
                           struct live_cache *cache,
                           const struct targets *targets,
                           struct str destination_namespace)
{
    struct app_interests fresh = {.cache = cache, .hash = targets->hash};
    live_cache_use(cache);
    fresh.items = mem_calloc(targets->n_objects + 1, sizeof(*fresh.items));
    for (size_t i = 0; i < targets->n_objects; i++) {
        struct kube_key key = kube_key_of(targets->objects[i]);
        struct live_kind *kind = live_cache_kind(cache, key.group, key.kind);
        if (kind != NULL && key.name.n > 0) {
            live_interest_begin(&fresh.items[fresh.n++], kind,
                                namespace_for(kind, key, destination_namespace), key.name, app);
        }
    }
    struct live_kind *namespaces = live_cache_kind(cache, STR(""), STR("Namespace"));
    if (namespaces != NULL && destination_namespace.n > 0) { /* a sync may have to create it */
        live_interest_begin(&fresh.items[fresh.n++], namespaces, STR_EMPTY, destination_namespace,
                            app);
    }
    app_interests_clear(in);
    *in = fresh;
}

/* Objects that were there before somebody was interested in them. */
static void fetch_missing(struct app_interests *in, bool *ret_waits)
{
    for (size_t i = 0; i < in->n; i++) {
        struct live_obj *obj = in->items[i].obj;
        if (live_obj_present(obj) && !live_obj_is_full(obj)) {
            live_cache_fetch(in->cache, obj);
            *ret_waits = true;
        }
    }
}

static int want_kind(struct live_cache *cache,
                     struct str group,
                     struct str kind,
                     struct str version,
                     bool *ret_waits,
                     struct err *err)
{
    if (live_cache_want_full(cache, group, kind, version) != LIVE_NOT_YET) {
        return 0;
    }
    const struct err *why = live_cache_kind_error(cache, group, kind);
    if (why != NULL) {
        *err = *why;
        return err_wrap(err, "reading " STR_FMT " objects of the cluster", STR_ARG(kind));
    }
    *ret_waits = true;
    return 0;
}

/* Kinds of the application's objects that are no longer among its targets count as well: they are
 * compared, to be pruned. */
static int want_tracked(struct app *app, struct live_cache *cache, bool *ret_waits, struct err *err)
{
    struct live_app *tracked =
        live_store_app_find(live_cache_store(cache), str_from(app->instance));
    if (tracked == NULL) {
        return 0;
    }
    LIST_FOREACH(&tracked->objects, node) {
        const struct live_ext *ext = CONTAINER_OF(node, struct live_ext, app_node);
        const struct live_kind *kind = live_ext_obj(ext)->kind;
        if (!live_obj_is_full(live_ext_obj(ext))) {
            TRY(want_kind(cache, str_from(kind->group), str_from(kind->kind), STR_EMPTY, ret_waits,
                          err));
        }
    }
    return 0;
}

/* What a cluster of some namespaces does not let us see cannot be compared. */
static int check_covered(struct live_cache *cache,
                         const struct value *target,
                         struct str destination_namespace,
                         struct err *err)
{
    struct kube_key key = kube_key_of(target);
    const struct kube_resource *r =
        kube_api_find_kind(live_cache_api(cache), key.group, STR_EMPTY, key.kind);
    struct str ns = key.namespace.n > 0 ? key.namespace : destination_namespace;
    if (r == NULL || live_cache_covers(cache, r->namespaced ? ns : STR_EMPTY)) {
        return 0;
    }
    if (!r->namespaced) {
        return err_set(err, ERR_DENIED,
                       "Cluster level " STR_FMT " \"" STR_FMT
                       "\" can not be managed when in namespaced mode",
                       STR_ARG(key.kind), STR_ARG(key.name));
    }
    return err_set(err, ERR_DENIED,
                   "Namespace \"" STR_FMT "\" for " STR_FMT " \"" STR_FMT "\" is not managed",
                   STR_ARG(ns), STR_ARG(key.kind), STR_ARG(key.name));
}

int app_interests_update(struct app_interests *in,
                         struct app *app,
                         struct live_cache *cache,
                         const struct targets *targets,
                         struct str destination_namespace,
                         bool *ret_waits,
                         struct err *err)
{
    *ret_waits = false;
    for (size_t i = 0; i < targets->n_objects; i++) {
        struct kube_gvk gvk = kube_gvk_of(targets->objects[i]);
        TRY(check_covered(cache, targets->objects[i], destination_namespace, err));
        TRY(want_kind(cache, gvk.group, gvk.kind, gvk.version, ret_waits, err));
    }
    TRY(want_kind(cache, STR(""), STR("Namespace"), STR("v1"), ret_waits, err));
    TRY(want_tracked(app, cache, ret_waits, err));
    /* made anew each time: kinds may have come or gone, and it costs a hash look-up per target */
    interests_make(in, app, cache, targets, destination_namespace);
    if (!*ret_waits) {
        fetch_missing(in, ret_waits);
    }
    return 0;
}
