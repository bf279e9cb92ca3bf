/* Generating manifests: one struct generate per call. */
#include "repo-server/generator.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/base/digest.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/vec.h"
#include "common/ipc/ipc_convert.h"
#include "common/model/repository.h"
#include "common/rt/loop.h"
#include "common/rt/metrics.h"
#include "common/rt/op.h"
#include "repo-server/git/fetcher.h"
#include "repo-server/git/repo_url.h"
#include "repo-server/renders.h"
#include "repo-server/repo_server.h"
#include "repo-server/source/chart_remote.h"
#include "repo-server/source/helm_repo.h"
#include "repo-server/verifier.h"

enum {
    MIRROR_ATTEMPTS = 2, /* a damaged mirror is fetched anew once */
    ID_DIGITS = REFS_OID_BYTES - 1,
};

struct generator {
    struct generator_options options;
    struct manifest_cache *cache;
    struct renders *renders;
};

/* What one call waits for: the source itself is the first. */
struct wanted {
    struct generate *generate;
    const Belay__Repository *repo;
    const char *name;    /* of a ref */
    const char *chart;   /* "" = Git */
    const char *written; /* the revision */
    const char *tag_prefix;
    const Belay__Integrity *integrity; /* NULL: it is not verified */
    struct fetch *fetch;               /* at most one of these runs */
    struct helm_repo_call *chart_call;
    struct verifier_waiter verification;
    struct str repo_key; /* equal for spellings of the same repository */
    struct str revision; /* resolved */
    struct str id;       /* a commit's SHA, or a digest that stands for a chart's version */
    struct str mirror;
    struct str shown;
    struct str ref;             /* where the commit was found; "" = nowhere, it was named */
    struct str tag;             /* when that is an annotated tag */
    struct engine_remote asset; /* the chart */
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
    size_t n_verifying;
    VEC(char *) problems; /* of signatures */
    Belay__IntegrityResult integrity;
    bool verified; /* something was */
    struct str shown;
    struct str key; /* of the cache */
    struct str id;
    unsigned n_attempts;

    struct renders_waiter waiter;
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
        .integrity = g->verified ? &g->integrity : NULL,
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
    renders_leave(&g->waiter);
    for (size_t i = 0; i < g->n_wanted; i++) {
        if (g->wanted[i].fetch != NULL) {
            fetch_cancel(g->wanted[i].fetch);
        }
        if (g->wanted[i].chart_call != NULL) {
            helm_repo_cancel(g->wanted[i].chart_call);
        }
        verifier_leave(&g->wanted[i].verification);
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

/* All that goes into a render but the trees. */
static struct str make_key(const struct generate *g)
{
    const Belay__GenerateManifestsRequest *r = g->request;
    char hex[DIGEST_SHA256_HEX_BYTES];
    AUTO(digest) struct digest *d = digest_new();
    digest_put_field(d, g->wanted[0].repo_key);
    digest_put_field(d, str_of((const char *)r->source.data, r->source.len));
    digest_text(d, r->app_name);
    digest_text(d, r->project);
    digest_text(d, r->namespace_);
    digest_text(d, r->kube_version);
    for (size_t i = 0; i < r->n_api_versions; i++) {
        digest_text(d, r->api_versions[i]);
    }
    digest_text(d, r->kustomize_build_options);
    digest_put_field(d, STR("refs"));
    for (size_t i = 1; i < g->n_wanted; i++) {
        digest_text(d, g->wanted[i].name);
        digest_put_field(d, g->wanted[i].repo_key);
    }
    digest_put(d, str_of((const char *)&r->max_bytes, sizeof(r->max_bytes)));
    digest_put_field(d, r->describe ? STR("describe") : STR_EMPTY);
    digest_finish_hex(d, hex);
    return arena_str(g->arena, str_from(hex));
}

/* The trees: a commit by itself keeps its name. */
static struct str make_id(const struct generate *g)
{
    char hex[DIGEST_SHA256_HEX_BYTES];
    if (g->n_wanted == 1) {
        return g->wanted[0].id;
    }
    AUTO(digest) struct digest *d = digest_new();
    for (size_t i = 0; i < g->n_wanted; i++) {
        digest_put_field(d, g->wanted[i].id);
    }
    digest_finish_hex(d, hex);
    return arena_str(g->arena, str_of(hex, ID_DIGITS));
}

/* ---- rendering ---- */

static void on_rendered(struct renders_waiter *waiter, const struct renders_outcome *outcome)
{
    struct generate *g = CONTAINER_OF(waiter, struct generate, waiter);
    if (outcome->err == NULL) {
        succeed(g, outcome->entry, !outcome->rendered);
    } else if (outcome->mirror_damaged && ++g->n_attempts < MIRROR_ATTEMPTS) {
        step_fetch(g);
    } else {
        fail(g, outcome->err);
    }
}

static void join_render(struct generate *g)
{
    struct renders_tree *trees = arena_calloc(g->arena, g->n_wanted, sizeof(*trees));
    for (size_t i = 0; i < g->n_wanted; i++) {
        const struct wanted *w = &g->wanted[i];
        trees[i] = (struct renders_tree){
            .tree = {.name = str_from(w->name),
                     .id = w->id,
                     .mirror = w->mirror,
                     .url = str_from(w->repo->url),
                     .chart = w->chart[0] != '\0' ? &w->asset : NULL},
            .mirror_key = w->repo_key,
            .repo = w->repo,
        };
    }
    struct renders_want want = {
        .key = g->key,
        .id = g->id,
        .revision = g->wanted[0].revision,
        .trees = trees,
        .n_trees = g->n_wanted,
        .request = g->request,
    };
    g->waiter.done = on_rendered;
    renders_join(g->generator->renders, &want, &g->waiter);
}

static void step_render(struct generate *g)
{
    struct generator *gen = g->generator;
    struct err err;
    g->key = make_key(g);
    g->id = make_id(g);
    if (g->request->no_cache) {
        manifest_cache_forget_failure(gen->cache, g->key);
    } else {
        struct manifest_entry *known = manifest_cache_find(gen->cache, g->key, g->id);
        if (known != NULL) {
            metric_add(gen->options.metrics, REPO_METRIC_RENDER, 1, METRIC_LABELS(STR("cached")));
            succeed(g, known, true);
            return;
        }
        if (manifest_cache_failure(gen->cache, g->key, g->id, loop_now_ms(gen->options.loop),
                                   &err)) {
            fail(g, &err);
            return;
        }
    }
    join_render(g);
}

/* ---- verifying ---- */

static bool is_sha(const char *revision)
{
    return refs_is_sha(str_from(revision));
}

static void verified(struct generate *g)
{
    if (g->problems.n == 0) {
        step_render(g);
        return;
    }
    g->integrity.problems = g->problems.items;
    g->integrity.n_problems = g->problems.n;
    op_finish(&g->op, NULL);
}

/* Those of all sources; the signature shown is that of the source itself. */
static void take_verdict(struct wanted *w, const Belay__IntegrityResult *verdict)
{
    struct generate *g = w->generate;
    for (size_t i = 0; i < verdict->n_problems; i++) {
        vec_push_in(g->arena, &g->problems, arena_strdup(g->arena, verdict->problems[i]));
    }
    if (w == g->wanted) {
        g->integrity.signature = arena_strdup(g->arena, verdict->signature);
    }
}

static void on_verified(struct verifier_waiter *waiter, const struct verifier_outcome *outcome)
{
    struct wanted *w = CONTAINER_OF(waiter, struct wanted, verification);
    struct generate *g = w->generate;
    g->n_verifying--;
    if (op_settled(&g->op)) {
        return;
    }
    if (outcome->err == NULL) {
        take_verdict(w, outcome->result);
        if (g->n_verifying == 0) {
            verified(g);
        }
        return;
    }
    for (size_t i = 0; i < g->n_wanted; i++) {
        verifier_leave(&g->wanted[i].verification);
    }
    if (outcome->mirror_damaged && ++g->n_attempts < MIRROR_ATTEMPTS) {
        fetcher_mirror_damaged(g->generator->options.fetcher, w->repo_key);
        step_fetch(g);
    } else {
        fail(g, outcome->err);
    }
}

static struct verifier_want want_of(const struct wanted *w)
{
    const Belay__GenerateManifestsRequest *r = w->generate->request;
    struct str name = w->ref;
    (void)str_cut_prefix(&name, STR("refs/tags/")); /* a tag elsewhere is told by all of its name */
    return (struct verifier_want){
        .integrity = w->integrity,
        .keyring = r->keyring,
        .n_keyring = r->n_keyring,
        .commit = w->id,
        .tag = w->tag,
        .tag_name = w->tag.n > 0 ? name : STR_EMPTY,
        .mirror = w->mirror,
        .repo_key = w->repo_key,
        .shown = w->shown,
    };
}

static int verify(struct wanted *w, struct err *err)
{
    struct generate *g = w->generate;
    struct verifier *verifier = g->generator->options.verifier;
    struct verifier_want want = want_of(w);
    const Belay__IntegrityResult *known = verifier_find(verifier, &want);
    g->verified = true;
    if (known != NULL && !g->request->no_cache) {
        take_verdict(w, known);
        return 0;
    }
    w->verification.done = on_verified;
    TRY(verifier_join(verifier, g->arena, &want, &w->verification, err));
    g->n_verifying++;
    return 0;
}

static void step_verify(struct generate *g)
{
    struct err err;
    belay__integrity_result__init(&g->integrity);
    g->problems.n = 0;
    g->n_verifying = 0;
    for (size_t i = 0; i < g->n_wanted; i++) {
        if (g->wanted[i].integrity != NULL && verify(&g->wanted[i], &err) < 0) {
            fail(g, &err);
            return;
        }
    }
    if (g->n_verifying == 0) {
        verified(g);
    }
}

/* ---- fetching ---- */

static void fetched(struct wanted *w, const struct err *err)
{
    struct generate *g = w->generate;
    g->n_fetching--;
    if (!op_settled(&g->op)) {
        if (err != NULL) {
            fail(g, err);
        } else if (g->n_fetching == 0) {
            step_verify(g);
        }
    }
    op_unref(&g->op);
}

/* A tag that is gone, or has moved on, is no reason to refuse a commit that is signed itself. */
static void on_tag_fetched(const struct fetch_result *result, const struct err *err, void *data)
{
    struct wanted *w = data;
    w->fetch = NULL;
    if (err == NULL && str_eq(result->revision, w->revision)) {
        w->ref = arena_str(w->generate->arena, result->ref);
        w->tag = arena_str(w->generate->arena, result->tag);
    }
    fetched(w, NULL);
}

/* A sync names the commit that its tag was resolved to: it is still the tag that is signed. */
static bool is_tag_asked_for(const struct wanted *w)
{
    return w->integrity != NULL && is_sha(w->written) && w->integrity->target_revision[0] != '\0' &&
           !is_sha(w->integrity->target_revision);
}

static void start_commit(struct wanted *w, const char *revision, fetch_done_fn done);

static void on_fetched(const struct fetch_result *result, const struct err *err, void *data)
{
    struct wanted *w = data;
    struct arena *arena = w->generate->arena;
    w->fetch = NULL;
    if (err == NULL) {
        w->revision = w->id = arena_str(arena, result->revision);
        w->mirror = arena_str(arena, result->mirror);
        w->repo_key = arena_str(arena, result->key);
        w->shown = arena_str(arena, result->shown);
        w->ref = arena_str(arena, result->ref);
        w->tag = arena_str(arena, result->tag);
        if (is_tag_asked_for(w) && !op_settled(&w->generate->op)) {
            start_commit(w, w->integrity->target_revision, on_tag_fetched);
            return;
        }
    }
    fetched(w, err);
}

/* What the cache knows a version of a chart by. A registry's tag may come to mean another archive. */
static struct str chart_id(struct arena *arena, struct str version, struct str digest)
{
    char hex[DIGEST_SHA256_HEX_BYTES];
    AUTO(digest) struct digest *d = digest_new();
    digest_put_field(d, version);
    digest_put_field(d, digest);
    digest_finish_hex(d, hex);
    return arena_str(arena, str_of(hex, ID_DIGITS));
}

static void start_chart(struct wanted *w, enum helm_repo_goal goal);

/* Without a digest in the index it takes the archive to know which one it is. */
static void on_chart(const struct helm_repo_chart_result *result, const struct err *err, void *data)
{
    struct wanted *w = data;
    struct generate *g = w->generate;
    w->chart_call = NULL;
    if (err == NULL) {
        w->revision = arena_str(g->arena, result->version);
        if (result->digest.n == 0 && !op_settled(&g->op)) {
            start_chart(w, HELM_REPO_ARCHIVE);
            return;
        }
        w->id = chart_id(g->arena, result->version, result->digest);
        w->asset.version = w->revision;
    }
    fetched(w, err);
}

static void start_chart(struct wanted *w, enum helm_repo_goal goal)
{
    const struct generate *g = w->generate;
    struct helm_repo_chart_options options = {
        .repo = w->repo,
        .chart = str_from(w->chart),
        .version = w->revision.n > 0 ? w->revision : str_from(w->written),
        .pass_credentials = w->asset.pass_credentials,
        .goal = goal,
        .freshness = g->request->no_revision_cache ? HELM_REPO_NOW : HELM_REPO_CACHED,
        .max_age_ms = g->request->revision_max_age_ms,
        .deadline_ms = g->deadline_ms,
    };
    w->chart_call = helm_repo_chart(g->generator->options.helm_repo, &options, on_chart, w);
}

static void start_commit(struct wanted *w, const char *revision, fetch_done_fn done)
{
    const struct generate *g = w->generate;
    struct fetch_options options = {
        .repo = w->repo,
        .revision = str_from(revision),
        .tag_prefix = str_from(w->tag_prefix),
        .goal = FETCH_COMMIT,
        .freshness = g->request->no_revision_cache && g->n_attempts == 0 ? FETCH_NOW : FETCH_CACHED,
        .max_age_ms = g->request->revision_max_age_ms,
        .age_ms = (int64_t)MIN(g->request->revision_age_ms, (uint64_t)LIMIT_REVISION_AGE_MS),
        .deadline_ms = g->deadline_ms,
    };
    w->fetch = fetch_start(g->generator->options.fetcher, &options, done, w);
}

static void step_fetch(struct generate *g)
{
    for (size_t i = 0; i < g->n_wanted; i++) {
        struct wanted *w = &g->wanted[i];
        w->revision = STR_EMPTY;
        g->n_fetching++;
        op_ref(&g->op);
        if (w->chart[0] != '\0') {
            start_chart(w, HELM_REPO_VERSION);
        } else {
            start_commit(w, w->written, on_fetched);
        }
    }
}

/* ---- beginning ---- */

static const char *text_or_empty(const char *text)
{
    return text != NULL ? text : "";
}

/* Charts have no commits. */
static const Belay__Integrity *integrity_of(const char *chart, const Belay__Integrity *integrity)
{
    return chart[0] == '\0' && verifier_is_wanted(integrity) ? integrity : NULL;
}

static void list_wanted(struct generate *g)
{
    const Belay__GenerateManifestsRequest *r = g->request;
    g->wanted = arena_calloc(g->arena, 1 + r->n_refs, sizeof(*g->wanted));
    g->wanted[0] = (struct wanted){.repo = r->repo,
                                   .name = "",
                                   .chart = r->chart,
                                   .written = text_or_empty(r->revision),
                                   .tag_prefix = r->tag_prefix,
                                   .integrity = integrity_of(r->chart, r->integrity)};
    g->wanted[0].asset.pass_credentials = r->pass_credentials;
    for (size_t i = 0; i < r->n_refs; i++) {
        g->wanted[i + 1] =
            (struct wanted){.repo = r->refs[i]->repo,
                            .name = r->refs[i]->name,
                            .chart = r->refs[i]->chart,
                            .written = text_or_empty(r->refs[i]->revision),
                            .tag_prefix = r->refs[i]->tag_prefix,
                            .integrity = integrity_of(r->refs[i]->chart, r->refs[i]->integrity)};
    }
    g->n_wanted = 1 + r->n_refs;
}

static int check_wanted(const struct generate *g, struct err *err)
{
    for (size_t i = 0; i < g->n_wanted; i++) {
        const struct wanted *w = &g->wanted[i];
        if (w->repo == NULL) {
            return err_set(err, ERR_INVALID, "request names no repository");
        }
        if (w->chart[0] != '\0' && g->generator->options.helm_repo == NULL) {
            return err_set(err, ERR_UNSUPPORTED, "there are no chart repositories here");
        }
        if (w->integrity != NULL && w->integrity->problem[0] != '\0') {
            return err_set(err, ERR_INVALID, "%s", w->integrity->problem);
        }
        if (w->integrity != NULL && g->generator->options.verifier == NULL) {
            return err_set(err, ERR_UNSUPPORTED, "commits cannot be verified here");
        }
    }
    return 0;
}

static void describe_chart(struct generate *g, struct wanted *w)
{
    struct str url = repository_url_normalize(g->arena, str_from(w->repo->url));
    w->asset.type = ENGINE_REMOTE_CHART;
    w->asset.url = url;
    w->asset.name = str_from(w->chart);
    w->repo_key = arena_printf(g->arena, "chart " STR_FMT " %s", STR_ARG(url), w->chart);
    w->mirror = STR_EMPTY;
}

/* How the source's repository is shown in metrics; a broken URL is told here. */
static int find_shown(struct generate *g, struct err *err)
{
    const struct wanted *w = &g->wanted[0];
    if (w->chart[0] != '\0') {
        g->shown = chart_remote_shown_of(g->arena, w->repo);
        return 0;
    }
    struct repo_url url;
    TRY(repo_url_parse(g->arena, str_from(w->repo->url), REPO_URL_FILES, &url, err));
    g->shown = url.shown;
    return 0;
}

static void on_begin(void *data)
{
    struct generate *g = data;
    struct err err;
    list_wanted(g);
    int rc = check_wanted(g, &err);
    if (rc == 0) {
        rc = find_shown(g, &err);
    }
    if (rc < 0) {
        fail(g, &err);
        return;
    }
    for (size_t i = 0; i < g->n_wanted; i++) {
        g->wanted[i].generate = g;
        if (g->wanted[i].chart[0] != '\0') {
            describe_chart(g, &g->wanted[i]);
        }
    }
    count_pending(g, 1);
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
    struct renders_options renders = {
        .loop = options->loop,
        .work = options->work,
        .fetcher = options->fetcher,
        .helm_repo = options->helm_repo,
        .metrics = options->metrics,
        .cache = g->cache,
        .max_source_bytes = options->max_source_bytes,
        .render_timeout_ms = options->render_timeout_ms,
    };
    g->renders = renders_new(&renders);
    return g;
}

void generator_free(struct generator *generator)
{
    if (generator != NULL) {
        renders_free(generator->renders);
        manifest_cache_free(generator->cache);
        mem_free(generator);
    }
}

size_t generator_active(const struct generator *generator)
{
    return renders_active(generator->renders);
}

struct manifest_cache_stats generator_cache_stats(const struct generator *generator)
{
    return manifest_cache_stats(generator->cache);
}
