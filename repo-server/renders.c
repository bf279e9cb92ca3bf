/* Renders by key and commit; each owns copies of all it needs, as it may outlive the call that began it. */
#include "repo-server/renders.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/rt/loop.h"
#include "common/rt/metrics.h"
#include "common/rt/work.h"
#include "repo-server/assets.h"
#include "repo-server/git/fetcher.h"
#include "repo-server/repo_server.h"

enum {
    ROUNDS_MAX = 40, /* value files, then dependencies; two for each remote base in a remote base */
};

struct renders {
    struct renders_options options;
    struct map *by_id; /* key and commit -> struct render */
};

struct render {
    struct renders *renders;
    struct arena *arena;
    struct job job;
    struct str id;     /* in the map */
    struct str key;    /* of the cache */
    struct str commit; /* of the cache */
    struct assets *assets;
    struct render_input input;
    struct str *mirror_keys; /* of the trees */
    struct render_output output;
    struct manifest_entry *variants[MANIFEST_CACHE_VARIANTS];
    struct list waiters;
    unsigned n_rounds;
    bool mirror_damaged;
    int64_t started_ms;
};

static void step(struct render *r);

/* ---- the end ---- */

static void render_free(struct render *r)
{
    for (size_t i = 0; i < r->input.n_variants; i++) {
        manifest_entry_unref(r->variants[i]);
    }
    manifest_entry_unref(r->output.fresh);
    assets_free(r->assets);
    arena_free(r->arena);
    mem_free(r);
}

static void give(struct render *r, const struct renders_outcome *outcome)
{
    struct list *node;
    while ((node = list_pop(&r->waiters)) != NULL) {
        struct renders_waiter *w = CONTAINER_OF(node, struct renders_waiter, node);
        w->done(w, outcome);
    }
}

static void count(const struct render *r, const struct err *err)
{
    const struct renders_options *o = &r->renders->options;
    double seconds = (double)(loop_now_ms(o->loop) - r->started_ms) / 1000;
    struct str outcome = err != NULL              ? STR("failed")
                         : r->output.same != NULL ? STR("proved")
                                                  : STR("rendered");
    metric_add(o->metrics, REPO_METRIC_RENDER, 1, METRIC_LABELS(outcome));
    metric_observe(o->metrics, REPO_METRIC_RENDER_DURATION, seconds, METRIC_NO_LABELS);
}

static void finish(struct render *r, const struct err *err)
{
    struct renders_outcome outcome = {
        .entry = r->output.same != NULL ? r->output.same : r->output.fresh,
        .err = err,
        .rendered = r->output.same == NULL,
        .mirror_damaged = r->mirror_damaged,
    };
    (void)map_remove(r->renders->by_id, r->id);
    count(r, err);
    give(r, &outcome);
    render_free(r);
}

/* What an error says about the next attempt: whether the same commit would fail again. */
static bool is_final(const struct err *err)
{
    return !err_code_retryable(err->code) && err->code != ERR_CANCELED && err->code != ERR_INTERNAL;
}

static void tell_damaged(struct render *r)
{
    r->mirror_damaged = assets_tell_spoiled(r->assets) || r->output.damaged != 0;
    for (size_t i = 0; i < MIN(r->input.n_trees, (size_t)64); i++) {
        if ((r->output.damaged >> i & 1) != 0) {
            fetcher_mirror_damaged(r->renders->options.fetcher, r->mirror_keys[i]);
        }
    }
}

/* ---- rounds ---- */

static int run_render(struct job *job, struct err *err)
{
    struct render *r = CONTAINER_OF(job, struct render, job);
    return render_run(&r->input, &r->output, err);
}

static void keep(struct render *r, const struct err *err)
{
    const struct renders_options *o = &r->renders->options;
    if (err == NULL) {
        manifest_cache_put(o->cache, r->key, r->commit,
                           r->output.same != NULL ? r->output.same : r->output.fresh);
    } else if (!r->mirror_damaged && is_final(err) && !assets_may_mend(r->assets)) {
        manifest_cache_fail(o->cache, r->key, r->commit, err, loop_now_ms(o->loop));
    }
}

/* A result that was made without what the engine asked for is none. */
static bool is_unfinished(const struct render *r)
{
    return r->output.same == NULL && !r->mirror_damaged && assets_awaited(r->assets);
}

static void on_rendered(struct job *job, const struct err *err)
{
    struct render *r = CONTAINER_OF(job, struct render, job);
    if (err != NULL) {
        tell_damaged(r);
    }
    if (is_unfinished(r)) {
        manifest_entry_unref(TAKE(r->output.fresh));
        step(r);
        return;
    }
    keep(r, err);
    finish(r, err);
}

/* Not kept as a failure of the commit: the next attempt is cheap, and what it is about may be mended anywhere. */
static void on_loaded(const struct err *err, void *data)
{
    struct render *r = data;
    if (err != NULL) {
        finish(r, err);
    } else {
        step(r);
    }
}

static void step(struct render *r)
{
    struct err err;
    if (assets_awaited(r->assets) && r->n_rounds++ < ROUNDS_MAX) {
        assets_load(r->assets, on_loaded, r);
        return;
    }
    if (assets_awaited(r->assets)) {
        (void)err_set(&err, ERR_LIMIT, "asks for charts, files and repositories %d times",
                      ROUNDS_MAX);
        finish(r, &err);
        return;
    }
    r->job = (struct job){.run = run_render, .done = on_rendered};
    if (work_submit(r->renders->options.work, WORK_RENDER, &r->job, &err) < 0) {
        finish(r, &err);
    }
}

/* ---- the beginning ---- */

static struct str copy_text(struct arena *arena, const char *text)
{
    return arena_str(arena, str_from(text != NULL ? text : ""));
}

static void copy_cluster(struct arena *arena,
                         const Belay__GenerateManifestsRequest *request,
                         struct engine_cluster *ret)
{
    struct str *versions = arena_calloc(arena, request->n_api_versions + 1, sizeof(*versions));
    for (size_t i = 0; i < request->n_api_versions; i++) {
        versions[i] = copy_text(arena, request->api_versions[i]);
    }
    ret->kube_version = copy_text(arena, request->kube_version);
    ret->api_versions = versions;
    ret->n_api_versions = request->n_api_versions;
}

static void copy_trees(struct render *r, const struct renders_want *want)
{
    struct render_tree *trees = arena_calloc(r->arena, want->n_trees, sizeof(*trees));
    r->mirror_keys = arena_calloc(r->arena, want->n_trees, sizeof(*r->mirror_keys));
    for (size_t i = 0; i < want->n_trees; i++) {
        const struct renders_tree *from = &want->trees[i];
        trees[i].name = arena_str(r->arena, from->tree.name);
        trees[i].id = arena_str(r->arena, from->tree.id);
        trees[i].mirror = arena_str(r->arena, from->tree.mirror);
        trees[i].url = arena_str(r->arena, from->tree.url);
        r->mirror_keys[i] = arena_str(r->arena, from->mirror_key);
        if (from->tree.chart != NULL) {
            struct engine_remote *chart = ARENA_NEW(r->arena, struct engine_remote);
            *chart = *from->tree.chart;
            chart->url = arena_str(r->arena, chart->url);
            chart->name = arena_str(r->arena, chart->name);
            chart->version = arena_str(r->arena, chart->version);
            trees[i].chart = chart;
        }
    }
    r->input.trees = trees;
    r->input.n_trees = want->n_trees;
}

static void make_assets(struct render *r, const struct renders_want *want)
{
    const struct renders_options *o = &r->renders->options;
    struct assets_options options = {
        .loop = o->loop,
        .helm_repo = o->helm_repo,
        .fetcher = o->fetcher,
        .request = want->request,
        .freshness = want->request->no_cache ? HELM_REPO_NOW : HELM_REPO_CACHED,
    };
    r->assets = assets_new(&options);
    r->input.assets = r->assets;
    for (size_t i = 0; i < want->n_trees; i++) {
        if (want->trees[i].tree.chart != NULL) {
            assets_want(r->assets, want->trees[i].tree.chart, want->trees[i].repo);
        }
    }
}

static void copy_input(struct render *r, const struct renders_want *want)
{
    const struct renders_options *o = &r->renders->options;
    const Belay__GenerateManifestsRequest *request = want->request;
    struct str source = str_of((const char *)request->source.data, request->source.len);
    r->input = (struct render_input){
        .revision = arena_str(r->arena, want->revision),
        .source = source.n > 0 ? arena_str(r->arena, source) : STR("{}"),
        .describe = request->describe,
        .app = {.name = copy_text(r->arena, request->app_name),
                .project = copy_text(r->arena, request->project),
                .namespace = copy_text(r->arena, request->namespace_),
                .repo_url = copy_text(r->arena, request->repo->url)},
        .max_bytes = request->max_bytes > 0 ? MIN(request->max_bytes, o->max_source_bytes)
                                            : o->max_source_bytes,
        .kustomize_build_options = copy_text(r->arena, request->kustomize_build_options),
        .timeout_ms = o->render_timeout_ms,
        .wall_ms = clock_wall_ms(clock_system()),
        .variants = r->variants,
    };
    copy_cluster(r->arena, request, &r->input.cluster);
}

static struct render *
render_new(struct renders *renders, const struct renders_want *want, struct str id)
{
    struct render *r = MEM_NEW(struct render);
    r->renders = renders;
    r->arena = arena_new();
    r->id = arena_str(r->arena, id);
    r->key = arena_str(r->arena, want->key);
    r->commit = arena_str(r->arena, want->id);
    r->started_ms = loop_now_ms(renders->options.loop);
    list_init(&r->waiters);
    copy_input(r, want);
    copy_trees(r, want);
    make_assets(r, want);
    if (!want->request->no_cache) {
        r->input.n_variants =
            manifest_cache_variants(renders->options.cache, want->key, r->variants);
    }
    return r;
}

static void on_begin(void *data)
{
    step(data);
}

void renders_join(struct renders *renders,
                  const struct renders_want *want,
                  struct renders_waiter *waiter)
{
    AUTO(arena) struct arena *scratch = arena_new();
    struct str id = arena_printf(scratch, STR_FMT " " STR_FMT "%s", STR_ARG(want->key),
                                 STR_ARG(want->id), want->request->no_cache ? " anew" : "");
    struct render *r = map_find(renders->by_id, id);
    if (r == NULL) {
        r = render_new(renders, want, id);
        map_set(renders->by_id, r->id, r);
        loop_post(renders->options.loop, on_begin, r);
    }
    list_push(&r->waiters, &waiter->node);
}

void renders_leave(struct renders_waiter *waiter)
{
    list_remove(&waiter->node);
}

/* ---- life ---- */

struct renders *renders_new(const struct renders_options *options)
{
    struct renders *renders = MEM_NEW(struct renders);
    renders->options = *options;
    renders->by_id = map_new(NULL);
    return renders;
}

void renders_free(struct renders *renders)
{
    if (renders != NULL) {
        assert(map_len(renders->by_id) == 0);
        map_free(renders->by_id);
        mem_free(renders);
    }
}

size_t renders_active(const struct renders *renders)
{
    return map_len(renders->by_id);
}
