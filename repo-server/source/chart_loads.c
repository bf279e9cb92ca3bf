/* Flights by key, a queue in front of them, and the indexes they brought, least recently used first. */
#include "repo-server/source/chart_loads.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/rt/loop.h"
#include "repo-server/source/chart_download.h"
#include "repo-server/source/chart_remote.h"
#include "repo-server/source/helm_index.h"
#include "repo-server/source/index_load.h"
#include "repo-server/source/oci.h"

struct kept {
    struct helm_index *index;
    size_t bytes;
    int64_t asked_ms;
};

struct flight {
    struct chart_loads *loads;
    struct list node; /* in the queue, until it runs */
    struct arena *arena;
    struct str key;
    struct chart_load what; /* its strings are in the arena */
    struct list waiters;
    int64_t asked_ms;
    struct helm_index *known; /* an older index, to be asked about */
    struct index_load *index; /* at most one of these runs */
    struct oci_call *oci;
    struct chart_download *download;
};

struct chart_loads {
    struct chart_loads_options options;
    struct map *kept;    /* key -> struct kept */
    struct map *flights; /* key -> struct flight */
    struct list queue;
    size_t bytes;
    size_t n_running;
    bool stopping;
    void (*idle)(void *data);
    void *idle_data;
};

/* ---- memory ---- */

static void kept_free(void *p)
{
    struct kept *k = p;
    helm_index_unref(k->index);
    mem_free(k);
}

static enum chart_download_what what_of(const struct chart_load *load)
{
    return load->kind == CHART_LOAD_FILE ? CHART_DOWNLOAD_FILE : CHART_DOWNLOAD_CHART;
}

static struct str key_of(struct arena *arena, const struct chart_load *what)
{
    struct str remote = chart_remote_key(what->remote);
    if (what->kind == CHART_LOAD_ARCHIVE || what->kind == CHART_LOAD_FILE) {
        char hex[DIGEST_SHA256_HEX_BYTES];
        struct chart_download_options options = {.remote = what->remote,
                                                 .url = &what->url,
                                                 .digest = what->digest,
                                                 .what = what_of(what)};
        chart_download_key(&options, hex);
        return arena_printf(arena, "archive %s %s", hex, what->pass_credentials ? "all" : "own");
    }
    return arena_printf(arena, "%d " STR_FMT " " STR_FMT " " STR_FMT, (int)what->kind,
                        STR_ARG(remote), STR_ARG(what->name), STR_ARG(what->version));
}

static void forget(struct chart_loads *loads, struct str key)
{
    struct kept *k = map_take(loads->kept, key);
    if (k != NULL) {
        loads->bytes -= k->bytes;
        kept_free(k);
    }
}

static void make_room(struct chart_loads *loads)
{
    MAP_FOREACH(loads->kept, e) {
        if (loads->bytes <= loads->options.max_bytes) {
            return;
        }
        forget(loads, e.key);
    }
}

static void keep(struct chart_loads *loads, struct str key, struct helm_index *index, int64_t asked)
{
    forget(loads, key);
    struct kept *k = MEM_NEW(struct kept);
    k->index = helm_index_ref(index);
    k->bytes = helm_index_size(index) + sizeof(*k);
    k->asked_ms = asked;
    loads->bytes += k->bytes;
    map_set(loads->kept, key, k);
    make_room(loads);
}

/* The order of the map is that of use. */
static struct kept *touch(struct chart_loads *loads, struct str key)
{
    struct kept *k = map_take(loads->kept, key);
    if (k != NULL) {
        map_set(loads->kept, key, k);
    }
    return k;
}

struct helm_index *chart_loads_find(struct chart_loads *loads, const struct chart_load *what)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct kept *k = touch(loads, key_of(arena, what));
    return k != NULL && k->asked_ms >= what->fresh_ms ? k->index : NULL;
}

size_t chart_loads_bytes(const struct chart_loads *loads)
{
    return loads->bytes;
}

size_t chart_loads_kept(const struct chart_loads *loads)
{
    return map_len(loads->kept);
}

/* ---- flights ---- */

static void start_next(struct chart_loads *loads);

static void tell_idle(struct chart_loads *loads)
{
    if (loads->stopping && loads->idle != NULL && map_len(loads->flights) == 0) {
        void (*idle)(void *data) = loads->idle;
        loads->idle = NULL;
        idle(loads->idle_data);
    }
}

/* Everyone who waits gets the outcome; they may join anew meanwhile. */
static void finish(struct flight *f, const struct chart_load_outcome *outcome)
{
    struct chart_loads *loads = f->loads;
    (void)map_remove(loads->flights, f->key);
    if (outcome->index != NULL) {
        keep(loads, f->key, outcome->index, f->asked_ms);
    }
    struct list *node;
    while ((node = list_pop(&f->waiters)) != NULL) {
        struct chart_load_waiter *w = CONTAINER_OF(node, struct chart_load_waiter, node);
        w->done(w, outcome);
    }
    helm_index_unref(f->known);
    chart_remote_unref(f->what.remote);
    arena_free(f->arena);
    mem_free(f);
    start_next(loads);
    tell_idle(loads);
}

static void tell_run(const struct flight *f, const struct err *err)
{
    static const char *const TYPES[] = {
        [CHART_LOAD_INDEX] = "index",
        [CHART_LOAD_OCI] = "oci",
        [CHART_LOAD_ARCHIVE] = "archive",
        [CHART_LOAD_FILE] = "file",
    };
    const struct chart_loads_options *o = &f->loads->options;
    struct chart_load_run run = {
        .shown = f->what.kind == CHART_LOAD_FILE ? f->what.url.host
                                                 : str_from(chart_remote_shown(f->what.remote)),
        .type = TYPES[f->what.kind],
        .took_ms = loop_now_ms(o->env.loop) - f->asked_ms,
        .err = err,
    };
    if (o->on_run != NULL) {
        o->on_run(&run, o->data);
    }
}

static void on_index(struct helm_index *index, const struct err *err, void *data)
{
    struct flight *f = data;
    struct chart_load_outcome outcome = {.index = index, .err = err, .asked_ms = f->asked_ms};
    f->loads->n_running--;
    tell_run(f, err);
    finish(f, &outcome);
}

static void on_archive(struct chart_archive *archive, const struct err *err, void *data)
{
    struct flight *f = data;
    struct chart_load_outcome outcome = {.archive = archive, .err = err, .asked_ms = f->asked_ms};
    f->loads->n_running--;
    tell_run(f, err);
    finish(f, &outcome);
}

static void run(struct flight *f)
{
    const struct chart_env *env = &f->loads->options.env;
    const struct chart_load *w = &f->what;
    f->asked_ms = loop_now_ms(env->loop);
    f->loads->n_running++;
    if (w->kind == CHART_LOAD_INDEX) {
        f->index = index_load_start(env, w->remote, f->known, on_index, f);
    } else if (w->kind == CHART_LOAD_OCI) {
        f->oci = oci_start(env, w->remote, w->name, w->version, on_index, f);
    } else {
        struct chart_download_options options = {
            .env = env,
            .remote = w->remote,
            .url = &w->url,
            .name = w->name,
            .digest = w->digest,
            .pass_credentials = w->pass_credentials,
            .what = what_of(w),
            .from = w->fresh_ms > 0 ? CHART_DOWNLOAD_SERVER : CHART_DOWNLOAD_ANYWHERE,
        };
        f->download = chart_download_start(&options, on_archive, f);
    }
}

static void start_next(struct chart_loads *loads)
{
    while (!loads->stopping && loads->n_running < loads->options.max_running &&
           !list_empty(&loads->queue)) {
        struct list *node = list_pop(&loads->queue);
        run(CONTAINER_OF(node, struct flight, node));
    }
}

static struct flight *
flight_new(struct chart_loads *loads, struct str key, const struct chart_load *what)
{
    struct flight *f = MEM_NEW(struct flight);
    const struct kept *k = map_find(loads->kept, key);
    f->loads = loads;
    f->arena = arena_new();
    f->key = arena_str(f->arena, key);
    f->known = k != NULL ? helm_index_ref(k->index) : NULL;
    f->what = *what;
    f->what.remote = chart_remote_ref(what->remote);
    f->what.name = arena_str(f->arena, what->name);
    f->what.version = arena_str(f->arena, what->version);
    f->what.digest = arena_str(f->arena, what->digest);
    url_copy(f->arena, &what->url, &f->what.url);
    list_init(&f->waiters);
    return f;
}

void chart_loads_join(struct chart_loads *loads,
                      const struct chart_load *what,
                      struct chart_load_waiter *waiter)
{
    assert(!loads->stopping);
    AUTO(arena) struct arena *arena = arena_new();
    struct str key = key_of(arena, what);
    struct flight *f = map_find(loads->flights, key);
    if (f == NULL) {
        f = flight_new(loads, key, what);
        map_set(loads->flights, f->key, f);
        list_push(&loads->queue, &f->node);
    }
    list_push(&f->waiters, &waiter->node);
    start_next(loads);
}

void chart_loads_leave(struct chart_load_waiter *waiter)
{
    list_remove(&waiter->node);
}

/* ---- life ---- */

struct chart_loads *chart_loads_new(const struct chart_loads_options *options)
{
    struct chart_loads *loads = MEM_NEW(struct chart_loads);
    loads->options = *options;
    loads->kept = map_new(kept_free);
    loads->flights = map_new(NULL);
    list_init(&loads->queue);
    return loads;
}

static void cancel(struct flight *f)
{
    if (f->index != NULL) {
        index_load_cancel(f->index);
    }
    if (f->oci != NULL) {
        oci_cancel(f->oci);
    }
    if (f->download != NULL) {
        chart_download_cancel(f->download);
    }
}

void chart_loads_stop(struct chart_loads *loads, void (*idle)(void *data), void *data)
{
    struct err canceled;
    (void)err_set(&canceled, ERR_CANCELED, "shutting down");
    struct chart_load_outcome outcome = {.err = &canceled};
    loads->stopping = true;
    loads->idle = idle;
    loads->idle_data = data;
    struct list *node;
    while ((node = list_pop(&loads->queue)) != NULL) {
        finish(CONTAINER_OF(node, struct flight, node), &outcome);
    }
    MAP_FOREACH(loads->flights, e) {
        cancel(e.value);
    }
    tell_idle(loads);
}

void chart_loads_free(struct chart_loads *loads)
{
    if (loads != NULL) {
        assert(map_len(loads->flights) == 0);
        map_free(loads->flights);
        map_free(loads->kept);
        mem_free(loads);
    }
}
