/* A live cache of a fake cluster. */
#pragma once

#include "app-controller/live/live_cache.h"
#include "common/rt/work.h"
#include "tests/lib/fake_world.h"

struct cache_fixture {
    struct fake_world world;
    struct work *work;
    struct live_cache *cache;
    unsigned n_changes;
    unsigned n_deleted;
    unsigned n_states;
    unsigned wanted_states;  /* for a test's condition */
    const char *wanted_info; /* likewise */
    char before[64];         /* of the last change */
    bool freed;
    struct compare_rules *rules; /* for the start */
};

static inline void cache_fixture_on_change(void *data,
                                           struct live_cache *cache UNUSED,
                                           enum live_event event,
                                           struct live_obj *obj UNUSED,
                                           struct str before)
{
    struct cache_fixture *f = data;
    f->n_changes++;
    f->n_deleted += event == LIVE_EVENT_DELETED;
    (void)snprintf(f->before, sizeof(f->before), STR_FMT, STR_ARG(before));
}

static inline void cache_fixture_on_state(void *data, struct live_cache *cache UNUSED)
{
    ((struct cache_fixture *)data)->n_states++;
}

/* namespaces: NULL = all. */
static inline void cache_fixture_start(struct cache_fixture *f, const char *namespace)
{
    struct str ns = str_from(namespace != NULL ? namespace : "");
    struct err err;
    const struct live_cache_opts opts = {
        .loop = f->world.loop,
        .http = f->world.http,
        .config = fake_world_config(&f->world),
        .server = STR("https://cluster.test"),
        .name = STR("test"),
        .namespaces = &ns,
        .n_namespaces = namespace != NULL,
        .work = f->work,
        .rules = f->rules,
        .tracking = {.method = TRACKING_ANNOTATION},
        .qps = -1,
        .on_change = cache_fixture_on_change,
        .on_state = cache_fixture_on_state,
        .data = f,
    };
    ASSERT_OK(live_cache_new(&opts, &f->cache, &err));
}

static inline void cache_fixture_init(struct cache_fixture *f)
{
    *f = (struct cache_fixture){0};
    fake_world_init(&f->world);
    f->work = work_new(f->world.loop, NULL);
    fake_cluster_put(f->world.cluster, "{apiVersion: v1, kind: Namespace, metadata: {name: ns}}");
}

static inline bool cache_fixture_is_synced(void *data)
{
    return live_cache_synced(((struct cache_fixture *)data)->cache);
}

static inline void cache_fixture_until_synced(struct cache_fixture *f)
{
    fake_world_wait(&f->world, cache_fixture_is_synced, f);
}

static inline void cache_fixture_done(struct cache_fixture *f)
{
    if (f->cache != NULL) {
        live_cache_free(TAKE(f->cache), fake_world_set, &f->freed);
        fake_world_wait(&f->world, fake_world_is_set, &f->freed);
    }
    work_free(f->work);
    fake_world_done(&f->world);
}

/* The record of a namespaced object in ns; NULL = not there. */
static inline struct live_obj *
cache_fixture_find(struct cache_fixture *f, const char *group, const char *kind, const char *name)
{
    struct live_kind *k = live_cache_kind(f->cache, str_from(group), str_from(kind));
    struct live_obj *obj = k != NULL ? live_obj_find(k, STR("ns"), str_from(name)) : NULL;
    return obj != NULL && live_obj_present(obj) ? obj : NULL;
}
