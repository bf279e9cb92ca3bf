/* The watches of one cluster.
 *
 * One struct kind_watch per kind. It starts with metadata only, or in full for the kinds whose state the
 * resource tree shows; live_cache_want_full() restarts it in full. Discovery runs at the start, when a
 * CRD or APIService changes, when somebody names an unknown kind, and every ten minutes. */
#include "app-controller/live/live_cache.h"

#include <assert.h>

#include "app-controller/live/live_cache_internal.h"
#include "app-controller/live/live_hush.h"
#include "app-controller/live/live_info.h"
#include "app-controller/live/live_judge.h"
#include "app-controller/live/live_kinds.h"
#include "app-controller/live/live_quiet.h"
#include "app-controller/live/live_refused.h"
#include "app-controller/live/live_schema.h"
#include "app-controller/live/live_types.h"
#include "app-controller/live/live_update.h"
#include "common/base/arena.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_config.h"
#include "common/kube/kube_discovery.h"
#include "common/kube/kube_informer.h"
#include "common/kube/kube_object.h"
#include "common/kube/kube_status.h"
#include "common/kube/kube_watch.h"
#include "common/rt/backoff.h"
#include "common/rt/config.h"
#include "common/rt/loop.h"
#include "common/rt/timer.h"
#include "engine/compare/rules.h"
#include "engine/health/health.h"
#include "engine/lua/customize.h"

enum {
    REDISCOVER_DELAY_MS = 300, /* several CRDs usually come together */
    REDISCOVER_MIN_MS = 2000,  /* between two discoveries that somebody asked for */
    REDISCOVER_EVERY_MS = 10 * 60 * 1000,
};

static const struct backoff_policy DISCOVERY_RETRY = {
    .base_ms = 1000, .factor = 2, .cap_ms = 30000, .jitter = 0};

/* ---- events of one kind ---- */

void live_cache_state_changed(struct live_cache *cache)
{
    if (!cache->closing) {
        cache->opts.on_state(cache->opts.data, cache);
    }
}

static void
notify(struct kind_watch *kw, enum live_event event, struct live_obj *obj, struct str before)
{
    kw->cache->opts.on_change(kw->cache->opts.data, kw->cache, event, obj, before);
    if (live_kinds_announces(str_from(kw->kind->kind)) && kw->synced) {
        live_cache_rediscover(kw->cache);
    }
}

static struct str app_name_of(struct arena *arena, const struct live_obj *obj)
{
    const struct live_app *app = obj != NULL ? live_obj_app(obj) : NULL;
    return app != NULL ? arena_str(arena, str_from(app->name)) : STR_EMPTY;
}

static bool wants_judgement(const struct kind_watch *kw)
{
    return live_judge_wants(kw->cache->judge, str_from(kw->kind->group), str_from(kw->kind->kind));
}

/* A script that names the kind itself is to judge all its objects, managed or not. */
static bool wants_whole(const struct kind_watch *kw)
{
    const struct customization *c = customizations_health(
        live_judge_scripts(kw->cache->judge), str_from(kw->kind->group), str_from(kw->kind->kind));
    return c != NULL && str_find_char(c->kind, '*') == STR_NONE;
}

/* What is told of a change is what it was before. */
struct told {
    bool known; /* it was there */
    struct str app;
    struct str info;
    uint64_t hash;
};

static struct told told_of(struct arena *arena, const struct live_obj *obj)
{
    struct told told = {.known = obj != NULL && live_obj_present(obj),
                        .app = app_name_of(arena, obj)};
    if (obj != NULL && obj->ext != NULL) {
        told.info = arena_str(arena, str_from(obj->ext->info));
        told.hash = obj->ext->quiet_hash;
    }
    return told;
}

enum quiet {
    QUIET_NO,
    QUIET_YES,   /* nothing that anybody sees of the object has changed */
    QUIET_ASKED, /* on_hushed() tells */
};

static enum quiet how_quiet(struct arena *arena,
                            const struct kind_watch *kw,
                            const struct told *before,
                            struct live_obj *obj,
                            const struct value *whole)
{
    struct live_cache *cache = kw->cache;
    if (!kw->full || obj->ext == NULL) {
        return QUIET_NO;
    }
    bool tracked = obj->ext->app != NULL;
    bool needs_jq = false;
    uint64_t hash = live_quiet_hash(arena, cache->rules, NULL, whole, tracked, &needs_jq);
    struct told now = told_of(arena, obj);
    bool same = before->hash != 0 && str_eq(now.info, before->info) && str_eq(now.app, before->app);
    if (needs_jq && cache->hush != NULL) {
        obj->ext->quiet_hash = before->hash; /* of what was told */
        if (!before->known) {
            return QUIET_NO; /* its first change counts */
        }
        live_hush_add(cache->hush, cache->rules, whole, tracked, !same);
        return same ? QUIET_ASKED : QUIET_NO;
    }
    obj->ext->quiet_hash = hash;
    return same && hash == before->hash ? QUIET_YES : QUIET_NO;
}

static void tell(struct kind_watch *kw,
                 enum live_change change,
                 struct live_obj *obj,
                 const struct told *before,
                 enum quiet quiet)
{
    struct live_cache *cache = kw->cache;
    if (change == LIVE_MODIFIED && quiet == QUIET_ASKED) {
        return;
    }
    if (change == LIVE_MODIFIED && quiet == QUIET_YES) {
        if (cache->opts.on_quiet != NULL) {
            cache->opts.on_quiet(cache->opts.data, cache, obj);
        }
    } else if (change != LIVE_UNCHANGED) {
        notify(kw, change == LIVE_ADDED ? LIVE_EVENT_ADDED : LIVE_EVENT_MODIFIED, obj, before->app);
    }
}

static void put_object(struct kind_watch *kw, const struct value *obj)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct live_update up;
    live_update_of(arena, &kw->cache->opts.tracking, obj, kw->full ? LIVE_WHOLE : LIVE_METADATA,
                   &up);
    up.keep_info = kw->full && wants_judgement(kw);
    struct told before = told_of(arena, live_obj_find(kw->kind, up.namespace_, up.name));
    struct live_obj *now = NULL;
    enum live_change change = live_store_put(kw->kind, &up, &now);
    enum quiet quiet =
        change != LIVE_UNCHANGED ? how_quiet(arena, kw, &before, now, obj) : QUIET_NO;
    if (!kw->full && now->ext != NULL && now->ext->app != NULL) {
        /* somebody's application manages this kind: its whole objects will be wanted */
        (void)live_cache_want_full(kw->cache, str_from(kw->kind->group), str_from(kw->kind->kind),
                                   STR_EMPTY);
    }
    if (up.keep_info) {
        now->flags |= LIVE_UNJUDGED;
        live_judge_add(kw->cache->judge, obj);
    } else if (change == LIVE_UNCHANGED && kw->full && live_obj_set_info(now, up.info)) {
        change = LIVE_MODIFIED; /* it had a script */
    }
    tell(kw, change, now, &before, quiet);
}

static void on_gone(struct live_obj *obj, void *data)
{
    AUTO(arena) struct arena *arena = arena_new();
    notify(data, LIVE_EVENT_DELETED, obj, app_name_of(arena, obj));
}

static void on_event(void *data, enum kube_event type, const struct value *obj)
{
    struct kind_watch *kw = data;
    if (type != KUBE_EVENT_DELETED) {
        put_object(kw, obj);
        return;
    }
    struct live_obj *old = live_obj_find(kw->kind, kube_namespace(obj), kube_name(obj));
    if (old != NULL && live_obj_present(old)) {
        on_gone(old, kw);
        live_store_remove(old);
    }
}

static void on_hushed(void *data, const struct live_hushed *what)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct live_kind *kind = live_cache_kind(data, what->key.group, what->key.kind);
    struct live_obj *obj =
        kind != NULL ? live_obj_find(kind, what->key.namespace, what->key.name) : NULL;
    if (obj == NULL || !live_obj_present(obj) || obj->ext == NULL ||
        !str_eq(live_obj_resource_version(obj), what->resource_version)) {
        return; /* what came since is looked at, too */
    }
    bool same = what->hash != 0 && what->hash == obj->ext->quiet_hash;
    obj->ext->quiet_hash = what->hash;
    if (!what->told) {
        struct told now = told_of(arena, obj);
        tell(kind->data, LIVE_MODIFIED, obj, &now, same ? QUIET_YES : QUIET_NO);
    }
}

static void on_judged(void *data, const struct live_judged *what)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct live_cache *cache = data;
    struct live_kind *kind = live_cache_kind(cache, what->key.group, what->key.kind);
    struct live_obj *obj =
        kind != NULL ? live_obj_find(kind, what->key.namespace, what->key.name) : NULL;
    if (obj == NULL || !live_obj_present(obj) ||
        !str_eq(live_obj_resource_version(obj), what->resource_version) ||
        !wants_judgement(kind->data)) {
        return; /* what came since has been judged, or is waiting for it */
    }
    bool awaited = (obj->flags & LIVE_AWAITED) != 0;
    if (live_obj_set_info(obj, what->info) || awaited) {
        notify(kind->data, LIVE_EVENT_MODIFIED, obj, app_name_of(arena, obj));
    }
}

/* With a list of namespaces, each is listed by itself; only objects of that one are replaced. */
static void on_reset(void *data, struct str namespace)
{
    struct kind_watch *kw = data;
    live_kind_replace_begin(kw->kind, namespace);
}

static void on_synced(void *data, struct str namespace)
{
    struct kind_watch *kw = data;
    live_kind_replace_end(kw->kind, namespace, on_gone, kw);
    kw->synced = kube_watch_synced(kw->watch);
    live_cache_state_changed(kw->cache);
}

static void on_error(void *data, const struct err *err)
{
    struct kind_watch *kw = data;
    bool same = err != NULL && kw->failing && kw->err.code == err->code;
    kw->failing = err != NULL;
    if (err != NULL) {
        kw->err = *err;
        log_debug("watch is failing", LF_CSTR("kind", kw->kind->kind), LF_ERR(err));
        live_refused_consider(kw);
    }
    if (!same) { /* else only another attempt failed */
        live_cache_state_changed(kw->cache);
    }
}

/* ---- starting and stopping watches ---- */

static void free_when_stopped(struct live_cache *cache);

void live_cache_hold(struct live_cache *cache)
{
    cache->n_pending++;
}

void live_cache_let_go(struct live_cache *cache)
{
    cache->n_pending--;
    free_when_stopped(cache);
}

static void on_watch_stopped(void *data)
{
    live_cache_let_go(data);
}

void live_cache_watch_stop(struct kind_watch *kw)
{
    if (kw->watch == NULL) {
        return;
    }
    kw->cache->n_pending++;
    kube_watch_stop(kw->watch, on_watch_stopped, kw->cache);
    kw->watch = NULL;
    kw->synced = false;
    kw->failing = false;
}

static void watch_start(struct kind_watch *kw)
{
    struct live_cache *cache = kw->cache;
    const struct live_kind *k = kw->kind;
    bool some = k->namespaced && cache->opts.n_namespaces > 0;
    struct kube_watch_opts opts = {
        .target = {.group = str_from(k->group),
                   .version = str_from(k->version),
                   .resource = str_from(k->resource),
                   .kind = str_from(k->kind)},
        .namespaces = some ? cache->opts.namespaces : NULL,
        .n_namespaces = some ? cache->opts.n_namespaces : 0,
        .metadata_only = !kw->full,
        .streaming_list = true,
        .on_event = on_event,
        .on_reset = on_reset,
        .on_synced = on_synced,
        .on_error = on_error,
        .data = kw,
    };
    kw->refusal = REFUSAL_NONE;
    kw->failing = false;
    kw->watch = kube_watch_start(cache->client, &opts);
}

static void watch_restart(struct kind_watch *kw)
{
    live_cache_watch_stop(kw);
    watch_start(kw);
}

static void kind_drop(struct live_cache *cache, struct live_kind *kind)
{
    struct kind_watch *kw = kind->data;
    live_cache_watch_stop(kw);
    live_kind_replace_begin(kind, STR_EMPTY);
    live_kind_replace_end(kind, STR_EMPTY, on_gone, kw);
    kind->data = NULL;
    mem_free(kw);
    live_store_kind_forget(cache->store, kind);
}

/* ---- discovery ---- */

static struct kind_watch *kind_watch_get(struct live_cache *cache, const struct kube_resource *r)
{
    struct live_kind *kind = live_store_kind_find(cache->store, r->group, r->kind);
    struct kind_watch *kw = kind != NULL ? kind->data : NULL;
    if (kw != NULL && kw->pinned &&
        kube_api_find_kind(cache->api, r->group, str_from(kind->version), r->kind) != NULL) {
        return kw; /* watched in the version somebody asked for */
    }
    bool version_changed = kind != NULL && !str_eq_c(r->version, kind->version);
    kind = live_store_kind(cache->store, r->group, r->version, r->kind, r->resource, r->namespaced);
    kw = kind->data;
    if (kw == NULL) {
        kw = MEM_NEW(struct kind_watch);
        *kw = (struct kind_watch){.cache = cache, .kind = kind};
        kw->full =
            live_kinds_start_full(str_from(kind->group), str_from(kind->kind)) || wants_whole(kw);
        kind->data = kw;
    }
    if (version_changed && kw->watch != NULL) {
        live_kind_drop_full(kind);
        watch_restart(kw);
    }
    return kw;
}

static bool is_watchable(const struct live_cache *cache, const struct kube_resource *r)
{
    uint32_t needed = KUBE_CAN_LIST | KUBE_CAN_WATCH;
    bool in_scope = r->namespaced || live_cache_covers(cache, STR_EMPTY);
    return r->preferred && (r->verbs & needed) == needed && in_scope &&
           !compare_rules_excluded(cache->rules, r->group, r->kind, cache->opts.server);
}

static void take_over(struct live_cache *cache)
{
    size_t at = 0;
    for (struct live_kind *k; (k = live_store_kind_next(cache->store, &at)) != NULL;) {
        struct kind_watch *kw = k->data;
        if (kw != NULL) {
            kw->seen = false;
        }
    }
    for (size_t i = 0; i < kube_api_count(cache->api); i++) {
        const struct kube_resource *r = kube_api_at(cache->api, i);
        if (!is_watchable(cache, r)) {
            continue;
        }
        struct kind_watch *kw = kind_watch_get(cache, r);
        kw->seen = true;
        if (kw->watch == NULL && !live_kinds_are_lazy(r->group)) {
            watch_start(kw);
        }
    }
    at = 0;
    for (struct live_kind *k; (k = live_store_kind_next(cache->store, &at)) != NULL;) {
        struct kind_watch *kw = k->data;
        if (kw != NULL && !kw->seen) {
            kind_drop(cache, k);
        }
    }
}

static void discover(void *data);

static void on_discovered(void *data, struct kube_api *api, const struct err *err)
{
    struct live_cache *cache = data;
    cache->discovering = false;
    if (cache->closing) {
        free_when_stopped(cache);
        return;
    }
    cache->failing = err != NULL;
    int64_t next_ms = REDISCOVER_EVERY_MS;
    if (err != NULL) {
        cache->err = *err;
        next_ms = backoff_next_ms(&cache->retry, NULL);
    } else {
        backoff_reset(&cache->retry);
        kube_api_unref(cache->api);
        cache->api = kube_api_ref(api);
        live_schemas_clear(cache->schemas);
        live_types_forget(cache->types);
        take_over(cache);
    }
    if (cache->again) {
        cache->again = false;
        next_ms = REDISCOVER_MIN_MS;
    }
    timer_start(&cache->rediscover, next_ms);
    live_cache_state_changed(cache);
}

static void discover(void *data)
{
    struct live_cache *cache = data;
    if (cache->discovering) {
        cache->again = true;
        return;
    }
    cache->discovering = true;
    kube_discovery_invalidate(cache->discovery);
    kube_discovery_get(cache->discovery, on_discovered, cache);
}

void live_cache_rediscover(struct live_cache *cache)
{
    if (cache->discovering) {
        cache->again = true;
        return;
    }
    bool soon = timer_running(&cache->rediscover) &&
                cache->rediscover.due_ms - loop_now_ms(cache->opts.loop) <= REDISCOVER_MIN_MS;
    if (!soon) {
        timer_start(&cache->rediscover, REDISCOVER_DELAY_MS);
    }
}

/* ---- reading ---- */

void live_cache_use(struct live_cache *cache)
{
    cache->n_pending++;
}

void live_cache_release(struct live_cache *cache)
{
    cache->n_pending--;
    free_when_stopped(cache);
}

struct str live_cache_server(const struct live_cache *cache)
{
    return cache->opts.server;
}

struct str live_cache_project(const struct live_cache *cache)
{
    return cache->opts.project;
}

bool live_cache_covers(const struct live_cache *cache, struct str namespace)
{
    const struct live_cache_opts *o = &cache->opts;
    if (o->n_namespaces == 0 || namespace.n == 0) {
        return o->n_namespaces == 0 || o->cluster_resources;
    }
    for (size_t i = 0; i < o->n_namespaces; i++) {
        if (str_eq(o->namespaces[i], namespace)) {
            return true;
        }
    }
    return false;
}

struct str live_cache_name(const struct live_cache *cache)
{
    return cache->opts.name;
}

struct kube_client *live_cache_client(struct live_cache *cache)
{
    return cache->client;
}

struct live_store *live_cache_store(struct live_cache *cache)
{
    return cache->store;
}

struct kube_api *live_cache_api(struct live_cache *cache)
{
    return cache->api;
}

struct live_schemas *live_cache_schemas(struct live_cache *cache)
{
    return cache->schemas;
}

struct live_types *live_cache_types(struct live_cache *cache)
{
    return cache->types;
}

struct live_kind *live_cache_kind(struct live_cache *cache, struct str group, struct str kind)
{
    struct live_kind *k = live_store_kind_find(cache->store, group, kind);
    return k != NULL && k->data != NULL ? k : NULL;
}

const struct err *live_cache_kind_error(struct live_cache *cache, struct str group, struct str kind)
{
    struct live_kind *k = live_cache_kind(cache, group, kind);
    const struct kind_watch *kw = k != NULL ? k->data : NULL;
    return kw != NULL && kw->failing ? &kw->err : NULL;
}

/* Watch another version of the kind, when the cluster has it; true when that changed anything. */
static bool pin_version(struct kind_watch *kw, struct str version)
{
    struct live_cache *cache = kw->cache;
    if (version.n == 0 || kw->pinned) {
        return false;
    }
    const struct kube_resource *r = kube_api_find_kind(cache->api, str_from(kw->kind->group),
                                                       version, str_from(kw->kind->kind));
    if (r == NULL || (r->verbs & KUBE_CAN_WATCH) == 0) {
        return false;
    }
    kw->pinned = true;
    if (str_eq_c(version, kw->kind->version)) {
        return false;
    }
    (void)live_store_kind(cache->store, r->group, r->version, r->kind, r->resource, r->namespaced);
    live_kind_drop_full(kw->kind);
    return true;
}

enum live_readiness live_cache_want_full(struct live_cache *cache,
                                         struct str group,
                                         struct str kind,
                                         struct str version)
{
    struct live_kind *k = live_cache_kind(cache, group, kind);
    if (k == NULL) {
        return cache->api != NULL ? LIVE_NO_SUCH_KIND : LIVE_NOT_YET;
    }
    struct kind_watch *kw = k->data;
    if (kw->refusal == REFUSAL_LEFT_OUT) {
        return LIVE_NOT_YET;
    }
    bool changed = pin_version(kw, version);
    if (changed || !kw->full || kw->watch == NULL) {
        kw->full = true;
        watch_restart(kw);
    }
    return kw->synced ? LIVE_READY : LIVE_NOT_YET;
}

/* ---- single objects ---- */

struct fetch {
    struct live_cache *cache;
    struct str group;
    struct str kind;
    struct str namespace;
    struct str name;
    struct str resource_version; /* known when it was asked for */
    struct arena *arena;         /* of the strings and itself */
};

/* The watch has not told yet: nobody shall ask again for what is not there. */
static void fetched_nothing(const struct fetch *f, struct live_obj *obj)
{
    if (live_obj_present(obj) && str_eq(live_obj_resource_version(obj), f->resource_version)) {
        on_gone(obj, obj->kind->data);
        live_store_remove(obj);
    }
}

static void on_fetched(void *data, const struct kube_reply *reply)
{
    struct fetch *f = data;
    struct live_cache *cache = f->cache;
    struct live_kind *kind = cache->closing ? NULL : live_cache_kind(cache, f->group, f->kind);
    struct live_obj *obj = kind != NULL ? live_obj_find(kind, f->namespace, f->name) : NULL;
    if (obj != NULL) {
        obj->flags = (uint8_t)(obj->flags & ~LIVE_FETCHING);
    }
    if (reply->err == NULL && obj != NULL) {
        live_cache_put(cache, doc_root(reply->doc));
    } else if (reply->err != NULL && reply->err->code == ERR_NOT_FOUND && obj != NULL) {
        fetched_nothing(f, obj);
    } else if (reply->err != NULL && reply->err->code != ERR_NOT_FOUND && kind != NULL) {
        watch_restart(kind->data); /* its trouble, if it lasts, is then the kind's error */
    }
    cache->n_pending--;
    arena_free(f->arena);
    if (cache->closing) {
        free_when_stopped(cache);
    } else {
        live_cache_state_changed(cache);
    }
}

void live_cache_fetch(struct live_cache *cache, struct live_obj *obj)
{
    if ((obj->flags & LIVE_FETCHING) != 0) {
        return;
    }
    obj->flags |= LIVE_FETCHING;
    const struct live_kind *k = obj->kind;
    struct arena *arena = arena_new();
    struct fetch *f = ARENA_NEW(arena, struct fetch);
    *f = (struct fetch){
        .cache = cache,
        .group = arena_str(arena, str_from(k->group)),
        .kind = arena_str(arena, str_from(k->kind)),
        .namespace = arena_str(arena, live_obj_namespace(obj)),
        .name = arena_str(arena, live_obj_name(obj)),
        .resource_version = arena_str(arena, live_obj_resource_version(obj)),
        .arena = arena,
    };
    struct kube_request request = {
        .verb = KUBE_GET,
        .target = {.group = f->group,
                   .version = str_from(k->version),
                   .resource = str_from(k->resource),
                   .kind = f->kind,
                   .namespace = f->namespace,
                   .name = f->name},
        .done = on_fetched,
        .data = f,
    };
    cache->n_pending++; /* the cache outlives the call */
    (void)kube_start(cache->client, &request);
}

/* The watch will bring others in the form they are kept in. */
static bool is_watched_in_full(const struct live_kind *kind, const struct value *obj)
{
    const struct kind_watch *kw = kind != NULL ? kind->data : NULL;
    return kw != NULL && kw->full && str_eq_c(kube_gvk_of(obj).version, kind->version);
}

static void put_answer(struct live_cache *cache, const struct value *obj, bool may_be_new)
{
    struct kube_key key = kube_key_of(obj);
    struct live_kind *kind = live_cache_kind(cache, key.group, key.kind);
    if (!is_watched_in_full(kind, obj)) {
        return;
    }
    const struct live_obj *known = live_obj_find(kind, key.namespace, key.name);
    bool is_known = known != NULL && live_obj_present(known);
    if (is_known
            ? kube_version_not_older(kube_resource_version(obj), live_obj_resource_version(known))
            : may_be_new) {
        put_object(kind->data, obj);
    }
}

void live_cache_put(struct live_cache *cache, const struct value *obj)
{
    put_answer(cache, obj, true);
}

void live_cache_put_deleted(struct live_cache *cache, const struct value *obj)
{
    if (kube_is_deleting(obj)) {
        put_answer(cache, obj, false);
    }
}

void live_cache_relist(struct live_cache *cache)
{
    size_t at = 0;
    for (struct live_kind *k; (k = live_store_kind_next(cache->store, &at)) != NULL;) {
        struct kind_watch *kw = k->data;
        if (kw != NULL && kw->watch != NULL) {
            watch_restart(kw);
        }
    }
    live_cache_rediscover(cache);
}

void live_cache_set_rules(struct live_cache *cache, struct compare_rules *rules)
{
    compare_rules_unref(cache->rules);
    cache->rules = compare_rules_ref(rules);
    if (cache->api != NULL && !cache->closing) {
        take_over(cache);
        live_cache_state_changed(cache);
    }
}

enum live_verdict live_cache_verdict(struct live_cache *cache,
                                     struct arena *arena,
                                     struct live_obj *obj,
                                     struct health *ret)
{
    const struct kind_watch *kw = obj->kind->data;
    if (cache->closing || !kw->full || !wants_judgement(kw)) {
        return LIVE_NO_SCRIPT;
    }
    if ((obj->flags & LIVE_UNJUDGED) != 0) {
        obj->flags |= LIVE_AWAITED;
        return LIVE_UNDECIDED;
    }
    *ret = live_info_health(arena, str_from(obj->ext != NULL ? obj->ext->info : NULL));
    return LIVE_JUDGED;
}

void live_cache_set_scripts(struct live_cache *cache, struct customizations *scripts)
{
    struct customizations *old = customizations_ref(live_judge_scripts(cache->judge));
    live_judge_set_scripts(cache->judge, scripts);
    size_t at = 0;
    for (struct live_kind *k; (k = live_store_kind_next(cache->store, &at)) != NULL;) {
        struct kind_watch *kw = k->data;
        bool watched = kw != NULL && kw->watch != NULL;
        if (watched && (kw->full || wants_whole(kw)) &&
            !customizations_same_health(old, scripts, str_from(k->group), str_from(k->kind))) {
            kw->full = true;
            watch_restart(kw);
        }
    }
    customizations_unref(old);
}

/* ---- coming and going ---- */

static void on_judge_idle(void *data)
{
    free_when_stopped(data);
}

static void copy_strings(struct live_cache *cache)
{
    struct live_cache_opts *o = &cache->opts;
    struct arena *a = cache->strings;
    o->server = arena_str(a, o->server);
    o->name = arena_str(a, o->name);
    o->project = arena_str(a, o->project);
    o->tracking.label_key = arena_str(a, o->tracking.label_key);
    o->tracking.installation_id = arena_str(a, o->tracking.installation_id);
    struct str *namespaces = arena_calloc(a, o->n_namespaces, sizeof(*namespaces));
    for (size_t i = 0; i < o->n_namespaces; i++) {
        namespaces[i] = arena_str(a, o->namespaces[i]);
    }
    o->namespaces = namespaces;
}

static void make_hush(struct live_cache *cache)
{
    const struct live_hush_opts opts = {
        .loop = cache->opts.loop,
        .work = cache->opts.work,
        .jq = cache->opts.jq,
        .on_hushed = on_hushed,
        .on_idle = on_judge_idle,
        .data = cache,
    };
    cache->hush = opts.jq != NULL ? live_hush_new(&opts) : NULL;
}

int live_cache_new(const struct live_cache_opts *opts, struct live_cache **ret, struct err *err)
{
    struct live_cache *cache = MEM_NEW(struct live_cache);
    cache->opts = *opts;
    cache->strings = arena_new();
    copy_strings(cache);
    struct kube_client_opts client = {
        .loop = opts->loop,
        .http = opts->http,
        .config = opts->config,
        .qps = opts->qps,
        .burst = opts->burst,
        .environ = config_environ(),
        .on_stat = opts->on_stat,
        .data = opts->data,
    };
    int rc = kube_client_new(&client, &cache->client, err);
    if (rc < 0) {
        arena_free(cache->strings);
        mem_free(cache);
        return rc;
    }
    cache->store = live_store_new();
    cache->schemas = live_schemas_new();
    cache->types = live_types_new(cache, opts->work);
    cache->rules = compare_rules_ref(opts->rules);
    cache->opts.rules = NULL;
    const struct live_judge_opts judge = {
        .loop = opts->loop,
        .work = opts->work,
        .on_judged = on_judged,
        .on_idle = on_judge_idle,
        .data = cache,
    };
    cache->judge = live_judge_new(&judge);
    live_judge_set_scripts(cache->judge, TAKE(cache->opts.scripts));
    make_hush(cache);
    cache->retry.policy = &DISCOVERY_RETRY;
    cache->discovery = kube_discovery_new(cache->client, 0);
    timer_init(&cache->rediscover, opts->loop, discover, cache);
    discover(cache);
    *ret = cache;
    return 0;
}

static void free_when_stopped(struct live_cache *cache)
{
    if (!cache->closing || cache->n_pending > 0 || cache->discovering ||
        !live_judge_is_idle(cache->judge) ||
        (cache->hush != NULL && !live_hush_is_idle(cache->hush))) {
        return;
    }
    if (cache->hush != NULL) {
        live_hush_free(cache->hush);
    }
    live_judge_free(cache->judge);
    kube_client_free(cache->client);
    kube_api_unref(cache->api);
    live_store_free(cache->store);
    live_schemas_free(cache->schemas);
    live_types_free(cache->types);
    compare_rules_unref(cache->rules);
    arena_free(cache->strings);
    void (*freed)(void *data) = cache->freed;
    void *data = cache->freed_data;
    mem_free(cache);
    if (freed != NULL) {
        freed(data);
    }
}

void live_cache_free(struct live_cache *cache, void (*freed)(void *data), void *data)
{
    assert(!cache->closing);
    cache->closing = true;
    cache->failing = true;
    (void)err_set(&cache->err, ERR_CANCELED, "the cluster's settings have changed");
    cache->freed = freed;
    cache->freed_data = data;
    timer_stop(&cache->rediscover);
    loop_task_cancel(&cache->settle);
    live_judge_stop(cache->judge);
    if (cache->hush != NULL) {
        live_hush_stop(cache->hush);
    }
    size_t at = 0;
    for (struct live_kind *k; (k = live_store_kind_next(cache->store, &at)) != NULL;) {
        struct kind_watch *kw = k->data;
        if (kw != NULL) {
            live_cache_watch_stop(kw);
            mem_free(kw);
            k->data = NULL;
        }
    }
    cache->n_pending++; /* this function itself: nothing is freed before it returned */
    loop_post(cache->opts.loop, on_watch_stopped, cache);
    kube_discovery_free(TAKE(cache->discovery));
}
