/* Generating manifests: one struct generate per call, one struct render per commit and key in work. */
#include "repo-server/generator.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/digest.h"
#include "common/base/list.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/rt/loop.h"
#include "common/rt/metrics.h"
#include "common/rt/op.h"
#include "common/rt/work.h"
#include "repo-server/git/fetcher.h"
#include "repo-server/git/repo_url.h"
#include "repo-server/render.h"
#include "repo-server/repo_server.h"

enum {
    MIRROR_ATTEMPTS = 2, /* a damaged mirror is fetched anew once */
};

struct generator {
    struct generator_options options;
    struct manifest_cache *cache;
    struct map *renders; /* key and commit -> struct render */
};

/* One render, or proof, for all calls that want the same. */
struct render {
    struct generator *generator;
    struct arena *arena;
    struct job job;
    struct str id;  /* key and commit */
    struct str key; /* of the cache */
    struct str repo_key;
    struct render_input input;
    struct render_output output;
    struct manifest_entry *variants[MANIFEST_CACHE_VARIANTS];
    struct list waiters;
    int64_t started_ms;
};

/* What one call waits for: the source itself is the first. */
struct wanted {
    struct generate *generate;
    struct fetch *fetch; /* NULL when it is not running */
    struct str revision;
};

struct generate {
    struct op op;
    struct generator *generator;
    struct arena *arena;
    const Belay__GenerateManifestsRequest *request;
    generate_done_fn done;
    void *data;
    struct loop_task begin;
    int64_t deadline_ms;

    struct wanted *wanted; /* source, then refs */
    size_t n_wanted;
    size_t n_fetching;
    struct str mirror;
    struct str shown;
    struct str repo_key;
    unsigned n_attempts;

    struct list node; /* in render->waiters */
    struct manifest_entry *entry;
    bool cached;
};

static void step_fetch(struct generate *g);

/* ---- the end of a call ---- */

static void count_pending(struct generate *g, double by)
{
    if (g->shown.n > 0) {
        metric_add(g->generator->options.metrics, REPO_METRIC_PENDING, by, METRIC_LABELS(g->shown));
    }
}

static void on_op_done(struct op *op, const struct err *err, void *data)
{
    struct generate *g = data;
    assert(op == &g->op);
    struct str *refs = arena_calloc(g->arena, g->n_wanted + 1, sizeof(*refs));
    for (size_t i = 1; i < g->n_wanted; i++) {
        refs[i - 1] = g->wanted[i].revision;
    }
    struct generate_result result = {
        .set = g->entry != NULL ? &g->entry->set : NULL,
        .revision = g->n_wanted > 0 ? g->wanted[0].revision : STR_EMPTY,
        .ref_revisions = refs,
        .n_ref_revisions = g->n_wanted > 0 ? g->n_wanted - 1 : 0,
        .cached = g->cached,
    };
    count_pending(g, -1);
    g->done(err == NULL ? &result : NULL, err, g->data);
}

static void on_op_abort(struct op *op)
{
    struct generate *g = CONTAINER_OF(op, struct generate, op);
    loop_task_cancel(&g->begin);
    list_remove(&g->node); /* the render goes on: its result is worth keeping */
    for (size_t i = 0; i < g->n_wanted; i++) {
        if (g->wanted[i].fetch != NULL) {
            fetch_cancel(g->wanted[i].fetch);
        }
    }
}

static void on_op_free(struct op *op)
{
    struct generate *g = CONTAINER_OF(op, struct generate, op);
    manifest_entry_unref(g->entry);
    arena_free(g->arena);
    mem_free(g);
}

static const struct op_class GENERATE_CLASS = {"generate", on_op_abort, on_op_free};

static void succeed(struct generate *g, struct manifest_entry *entry, bool cached)
{
    if (!op_settled(&g->op)) {
        g->entry = manifest_entry_ref(entry);
        g->cached = cached;
        op_finish(&g->op, NULL);
    }
}

static void fail(struct generate *g, const struct err *err)
{
    op_finish(&g->op, err);
}

/* ---- the key ---- */

static void digest_text(struct digest *d, const char *text)
{
    digest_put_field(d, str_from(text != NULL ? text : ""));
}

/* All that goes into a render but the files of the source itself. */
static struct str make_key(const struct generate *g)
{
    const Belay__GenerateManifestsRequest *r = g->request;
    char hex[DIGEST_SHA256_HEX_BYTES];
    AUTO(digest) struct digest *d = digest_new();
    digest_put_field(d, g->repo_key);
    digest_put_field(d, str_of((const char *)r->source.data, r->source.len));
    digest_text(d, r->app_name);
    digest_text(d, r->project);
    digest_text(d, r->namespace_);
    digest_text(d, r->kube_version);
    for (size_t i = 0; i < r->n_api_versions; i++) {
        digest_text(d, r->api_versions[i]);
    }
    digest_put_field(d, STR("refs"));
    for (size_t i = 0; i < r->n_refs; i++) {
        digest_text(d, r->refs[i]->name);
        digest_text(d, r->refs[i]->repo != NULL ? r->refs[i]->repo->url : "");
        digest_put_field(d, g->wanted[i + 1].revision);
    }
    digest_put(d, str_of((const char *)&r->max_bytes, sizeof(r->max_bytes)));
    digest_finish_hex(d, hex);
    return arena_str(g->arena, str_from(hex));
}

/* ---- rendering ---- */

/* What an error says about the next attempt: whether the same commit would fail again. */
static bool is_final(const struct err *err)
{
    return !err_code_retryable(err->code) && err->code != ERR_CANCELED && err->code != ERR_INTERNAL;
}

static void render_free(struct render *r)
{
    for (size_t i = 0; i < r->input.n_variants; i++) {
        manifest_entry_unref(r->variants[i]);
    }
    manifest_entry_unref(r->output.fresh);
    arena_free(r->arena);
    mem_free(r);
}

static void give(struct render *r, struct manifest_entry *entry, const struct err *err)
{
    struct list *node;
    while ((node = list_pop(&r->waiters)) != NULL) {
        struct generate *g = CONTAINER_OF(node, struct generate, node);
        if (err == NULL) {
            succeed(g, entry, r->output.same != NULL);
        } else if (r->output.mirror_damaged && ++g->n_attempts < MIRROR_ATTEMPTS) {
            step_fetch(g);
        } else {
            fail(g, err);
        }
    }
}

static void count_render(const struct render *r, const struct err *err)
{
    struct metric_set *set = r->generator->options.metrics;
    double seconds = (double)(loop_now_ms(r->generator->options.loop) - r->started_ms) / 1000;
    struct str outcome = err != NULL              ? STR("failed")
                         : r->output.same != NULL ? STR("proved")
                                                  : STR("rendered");
    metric_add(set, REPO_METRIC_RENDER, 1, METRIC_LABELS(outcome));
    metric_observe(set, REPO_METRIC_RENDER_DURATION, seconds, METRIC_NO_LABELS);
}

static int run_render(struct job *job, struct err *err)
{
    struct render *r = CONTAINER_OF(job, struct render, job);
    return render_run(&r->input, &r->output, err);
}

static void on_rendered(struct job *job, const struct err *err)
{
    struct render *r = CONTAINER_OF(job, struct render, job);
    struct generator *gen = r->generator;
    struct manifest_entry *entry = r->output.same != NULL ? r->output.same : r->output.fresh;
    (void)map_remove(gen->renders, r->id);
    count_render(r, err);
    if (err == NULL) {
        manifest_cache_put(gen->cache, r->key, r->input.commit, entry);
    } else if (r->output.mirror_damaged) {
        fetcher_mirror_damaged(gen->options.fetcher, r->repo_key);
    } else if (is_final(err)) {
        manifest_cache_fail(gen->cache, r->key, r->input.commit, err,
                            loop_now_ms(gen->options.loop));
    }
    give(r, entry, err);
    render_free(r);
}

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

/* A render outlives the call that began it: everything is copied. */
static struct render *render_new(struct generate *g, struct str key, struct str id)
{
    const Belay__GenerateManifestsRequest *request = g->request;
    const struct generator_options *o = &g->generator->options;
    struct render *r = MEM_NEW(struct render);
    r->generator = g->generator;
    r->arena = arena_new();
    r->key = arena_str(r->arena, key);
    r->id = arena_str(r->arena, id);
    r->repo_key = arena_str(r->arena, g->repo_key);
    r->started_ms = loop_now_ms(o->loop);
    list_init(&r->waiters);
    struct str source = str_of((const char *)request->source.data, request->source.len);
    uint64_t max_bytes =
        request->max_bytes > 0 ? MIN(request->max_bytes, o->max_source_bytes) : o->max_source_bytes;
    r->input = (struct render_input){
        .mirror = arena_str(r->arena, g->mirror),
        .commit = arena_str(r->arena, g->wanted[0].revision),
        .source = source.n > 0 ? arena_str(r->arena, source) : STR("{}"),
        .app = {.name = copy_text(r->arena, request->app_name),
                .project = copy_text(r->arena, request->project),
                .namespace = copy_text(r->arena, request->namespace_),
                .repo_url = copy_text(r->arena, request->repo->url),
                .target_revision = copy_text(r->arena, request->revision)},
        .max_bytes = max_bytes,
        .timeout_ms = o->render_timeout_ms,
        .wall_ms = clock_wall_ms(clock_system()),
        .variants = r->variants,
    };
    copy_cluster(r->arena, request, &r->input.cluster);
    if (!request->no_cache) {
        r->input.n_variants = manifest_cache_variants(g->generator->cache, key, r->variants);
    }
    return r;
}

static void join_render(struct generate *g, struct str key)
{
    struct generator *gen = g->generator;
    struct str id =
        arena_printf(g->arena, STR_FMT " " STR_FMT "%s", STR_ARG(key),
                     STR_ARG(g->wanted[0].revision), g->request->no_cache ? " anew" : "");
    struct render *r = map_find(gen->renders, id);
    if (r == NULL) {
        struct err err;
        r = render_new(g, key, id);
        r->job = (struct job){.run = run_render, .done = on_rendered};
        if (work_submit(gen->options.work, WORK_RENDER, &r->job, &err) < 0) {
            render_free(r);
            fail(g, &err);
            return;
        }
        map_set(gen->renders, r->id, r);
    }
    list_push(&r->waiters, &g->node);
}

static void step_render(struct generate *g)
{
    struct generator *gen = g->generator;
    struct str key = make_key(g);
    struct str commit = g->wanted[0].revision;
    struct err err;
    if (g->request->no_cache) {
        manifest_cache_forget_failure(gen->cache, key);
    } else {
        struct manifest_entry *known = manifest_cache_find(gen->cache, key, commit);
        if (known != NULL) {
            metric_add(gen->options.metrics, REPO_METRIC_RENDER, 1, METRIC_LABELS(STR("cached")));
            succeed(g, known, true);
            return;
        }
        if (manifest_cache_failure(gen->cache, key, commit, loop_now_ms(gen->options.loop), &err)) {
            fail(g, &err);
            return;
        }
    }
    join_render(g, key);
}

/* ---- fetching ---- */

static void on_fetched(const struct fetch_result *result, const struct err *err, void *data)
{
    struct wanted *w = data;
    struct generate *g = w->generate;
    w->fetch = NULL;
    g->n_fetching--;
    if (!op_settled(&g->op)) {
        if (err != NULL) {
            fail(g, err);
        } else {
            w->revision = arena_str(g->arena, result->revision);
            if (w == &g->wanted[0]) {
                g->mirror = arena_str(g->arena, result->mirror);
                g->repo_key = arena_str(g->arena, result->key);
            }
            if (g->n_fetching == 0) {
                step_render(g);
            }
        }
    }
    op_unref(&g->op);
}

static void
fetch_one(struct generate *g, struct wanted *w, const Belay__Repository *repo, const char *revision)
{
    struct fetch_options options = {
        .repo = repo,
        .revision = str_from(revision != NULL ? revision : ""),
        .goal = FETCH_COMMIT,
        .freshness = g->request->no_revision_cache && g->n_attempts == 0 ? FETCH_NOW : FETCH_CACHED,
        .deadline_ms = g->deadline_ms,
    };
    w->generate = g;
    w->fetch = fetch_start(g->generator->options.fetcher, &options, on_fetched, w);
    g->n_fetching++;
    op_ref(&g->op);
}

static void step_fetch(struct generate *g)
{
    const Belay__GenerateManifestsRequest *r = g->request;
    fetch_one(g, &g->wanted[0], r->repo, r->revision);
    for (size_t i = 0; i < r->n_refs; i++) {
        fetch_one(g, &g->wanted[i + 1], r->refs[i]->repo, r->refs[i]->revision);
    }
}

/* ---- beginning ---- */

static int check_request(const Belay__GenerateManifestsRequest *r, struct err *err)
{
    bool complete = r->repo != NULL;
    for (size_t i = 0; i < r->n_refs; i++) {
        complete = complete && r->refs[i]->repo != NULL;
    }
    return complete ? 0 : err_set(err, ERR_INVALID, "request names no repository");
}

static void on_begin(void *data)
{
    struct generate *g = data;
    struct repo_url url;
    struct err err;
    int rc = check_request(g->request, &err);
    if (rc == 0) {
        rc = repo_url_parse(g->arena, str_from(g->request->repo->url), REPO_URL_FILES, &url, &err);
    }
    if (rc < 0) {
        fail(g, &err);
        return;
    }
    g->shown = url.shown;
    count_pending(g, 1);
    g->n_wanted = 1 + g->request->n_refs;
    g->wanted = arena_calloc(g->arena, g->n_wanted, sizeof(*g->wanted));
    step_fetch(g);
}

struct generate *generate_start(struct generator *generator,
                                const Belay__GenerateManifestsRequest *request,
                                int64_t deadline_ms,
                                generate_done_fn done,
                                void *data)
{
    struct generate *g = MEM_NEW(struct generate);
    op_init(&g->op, generator->options.loop, &GENERATE_CLASS, on_op_done, g);
    op_set_deadline(&g->op, deadline_ms);
    g->generator = generator;
    g->arena = arena_new();
    g->request = request;
    g->deadline_ms = deadline_ms;
    g->done = done;
    g->data = data;
    loop_task_post(generator->options.loop, &g->begin, on_begin, g);
    return g;
}

void generate_cancel(struct generate *generate)
{
    op_cancel(&generate->op);
}

struct generator *generator_new(const struct generator_options *options)
{
    struct generator *g = MEM_NEW(struct generator);
    g->options = *options;
    g->cache = manifest_cache_new(&options->cache);
    g->renders = map_new(NULL);
    return g;
}

void generator_free(struct generator *generator)
{
    if (generator != NULL) {
        assert(map_len(generator->renders) == 0);
        map_free(generator->renders);
        manifest_cache_free(generator->cache);
        mem_free(generator);
    }
}

size_t generator_active(const struct generator *generator)
{
    return map_len(generator->renders);
}

struct manifest_cache_stats generator_cache_stats(const struct generator *generator)
{
    return manifest_cache_stats(generator->cache);
}
