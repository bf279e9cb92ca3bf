/* A watch is never stopped from its own callback: what is to be left out is marked, and a task of the cache does it. */
#include "app-controller/live/live_refused.h"

#include "app-controller/live/live_cache_internal.h"
#include "common/base/arena.h"
#include "common/base/log.h"
#include "common/kube/kube_client.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "engine/compare/rules.h"

static void leave_out(struct kind_watch *kw)
{
    struct err why = kw->err;
    live_cache_watch_stop(kw);
    kw->failing = true;
    kw->err = why;
    kw->refusal = REFUSAL_LEFT_OUT;
    log_info("kind is left out, as it may not be listed", LF_STR("server", kw->cache->opts.server),
             LF_CSTR("kind", kw->kind->kind));
}

static void on_settle(void *data)
{
    struct live_cache *cache = data;
    size_t at = 0;
    for (struct live_kind *k; (k = live_store_kind_next(cache->store, &at)) != NULL;) {
        struct kind_watch *kw = k->data;
        if (kw != NULL && kw->refusal == REFUSAL_DUE && kw->watch != NULL) {
            leave_out(kw);
        }
    }
    live_cache_state_changed(cache);
}

static void leave_out_soon(struct kind_watch *kw)
{
    kw->refusal = REFUSAL_DUE;
    loop_task_post(kw->cache->opts.loop, &kw->cache->settle, on_settle, kw->cache);
}

/* ---- rights ---- */

struct asked {
    struct live_cache *cache;
    struct arena *arena; /* of itself */
    struct str group;
    struct str kind;
    struct str resource;
    const struct str *namespaces; /* the cache's, or one that means all */
    size_t n_namespaces;
    size_t at;
};

static void ask(struct asked *a);

static struct kind_watch *watch_of(const struct asked *a)
{
    struct live_kind *k = a->cache->closing ? NULL : live_cache_kind(a->cache, a->group, a->kind);
    return k != NULL ? k->data : NULL;
}

static void on_answer(void *data, const struct kube_reply *reply)
{
    struct asked *a = data;
    struct live_cache *cache = a->cache;
    struct kind_watch *kw = watch_of(a);
    bool allowed = reply->err == NULL &&
                   value_bool(value_dig(doc_root(reply->doc), "status", "allowed"), false);
    if (kw != NULL && reply->err == NULL && !allowed && ++a->at < a->n_namespaces) {
        ask(a);
        return;
    }
    if (kw != NULL) {
        kw->asking = false;
    }
    /* with the right, or when nobody says, the refusal is an error like others */
    if (kw != NULL && reply->err == NULL && !allowed && kw->watch != NULL && kw->failing) {
        leave_out_soon(kw);
    }
    arena_free(a->arena);
    live_cache_let_go(cache);
}

static const struct value *review_of(struct arena *arena, const struct asked *a)
{
    struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str(&b, "apiVersion", STR("authorization.k8s.io/v1"));
    value_build_field_str(&b, "kind", STR("SelfSubjectAccessReview"));
    value_build_field_map(&b, "spec");
    value_build_field_map(&b, "resourceAttributes");
    value_build_field_str(&b, "verb", STR("list"));
    value_build_field_str(&b, "group", a->group);
    value_build_field_str(&b, "resource", a->resource);
    value_build_field_str_opt(&b, "namespace", a->namespaces[a->at]);
    value_build_end(&b);
    value_build_end(&b);
    value_build_end(&b);
    const struct value *v = value_build_finish(&b);
    value_builder_done(&b);
    return v;
}

static void ask(struct asked *a)
{
    struct kube_request request = {
        .verb = KUBE_CREATE,
        .target = {.group = STR("authorization.k8s.io"),
                   .version = STR("v1"),
                   .resource = STR("selfsubjectaccessreviews"),
                   .kind = STR("SelfSubjectAccessReview")},
        .body = review_of(a->arena, a),
        .done = on_answer,
        .data = a,
    };
    (void)kube_start(a->cache->client, &request);
}

static void ask_for(struct kind_watch *kw)
{
    static const struct str ALL[] = {{"", 0}};
    struct live_cache *cache = kw->cache;
    bool some = kw->kind->namespaced && cache->opts.n_namespaces > 0;
    struct arena *arena = arena_new();
    struct asked *a = ARENA_NEW(arena, struct asked);
    *a = (struct asked){
        .cache = cache,
        .arena = arena,
        .group = arena_str(arena, str_from(kw->kind->group)),
        .kind = arena_str(arena, str_from(kw->kind->kind)),
        .resource = arena_str(arena, str_from(kw->kind->resource)),
        .namespaces = some ? cache->opts.namespaces : ALL,
        .n_namespaces = some ? cache->opts.n_namespaces : 1,
    };
    kw->asking = true;
    live_cache_hold(cache);
    ask(a);
}

/* ---- for the cache ---- */

void live_refused_consider(struct kind_watch *kw)
{
    enum compare_rbac rbac = compare_rules_rbac(kw->cache->rules);
    if (kw->err.code != ERR_DENIED || kw->cache->closing) {
        return;
    }
    if (rbac == COMPARE_RBAC_NORMAL) {
        leave_out_soon(kw);
    } else if (rbac == COMPARE_RBAC_STRICT && !kw->asking) {
        ask_for(kw);
    }
}

bool live_refused_next(const struct live_cache *cache, size_t *at, struct live_refused *ret)
{
    for (struct live_kind *k; (k = live_store_kind_next(cache->store, at)) != NULL;) {
        const struct kind_watch *kw = k->data;
        if (kw != NULL && kw->failing && kw->err.code == ERR_DENIED) {
            *ret = (struct live_refused){k, &kw->err, kw->refusal == REFUSAL_LEFT_OUT};
            return true;
        }
    }
    return false;
}
