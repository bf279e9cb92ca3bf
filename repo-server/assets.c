/* Assets: a map by what was asked for; loading is one call of helm_repo.h or fetcher.h for each that is awaited. */
#include "repo-server/assets.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/ipc/ipc_convert.h"
#include "common/rt/loop.h"
#include "repo-server/asset_repo.h"
#include "repo-server/git/fetcher.h"
#include "repo-server/source/chart_download.h"

enum {
    GIT_TIMEOUT_MIN_MS =
        2 * 60 * 1000, /* a mirror takes longer than kustomize's clone of one commit */
};

enum asset_state {
    ASSET_AWAITED,
    ASSET_HERE,
    ASSET_REFUSED, /* there is no file, and asking again would not help */
};

struct asset {
    struct assets *all;
    struct engine_remote what;
    const Belay__Repository *repo; /* NULL: to be chosen */
    enum asset_state state;
    struct chart_archive *archive;        /* of a chart or file */
    struct str revision;                  /* of a chart or commit */
    struct str mirror;                    /* of a commit, as the next */
    struct str mirror_key;                /* for fetcher_mirror_damaged() */
    char digest[DIGEST_SHA256_HEX_BYTES]; /* two with the same are the same */
    struct err err;                       /* with ASSET_REFUSED */
    bool used;
    bool spoiled;
};

struct assets {
    struct assets_options options; /* request: our copy */
    struct arena *arena;
    struct map *by_key; /* -> struct asset, in the arena */
    struct asset_repos repos;
    size_t n_awaited;
    size_t n_loading;
    struct err err; /* the first; code ERR_OK = none */
    void (*done)(const struct err *err, void *data);
    void *data;
};

/* ---- life ---- */

static const ProtobufCMessage *copy_message(struct arena *arena, const ProtobufCMessage *message)
{
    ProtobufCMessage *copy = NULL;
    struct err err;
    AUTO(arena) struct arena *scratch = arena_new();
    struct str packed = ipc_pack(scratch, message);
    int rc = ipc_unpack(arena, message->descriptor, packed, &copy, &err);
    assert(rc == 0);                                  /* what we packed ourselves */
    mem_erase((char *)(uintptr_t)packed.p, packed.n); /* has credentials */
    return copy;
}

static const Belay__GenerateManifestsRequest *
copy_request(struct arena *arena, const Belay__GenerateManifestsRequest *request)
{
    Belay__GenerateManifestsRequest wanted;
    belay__generate_manifests_request__init(&wanted);
    wanted.repo = request->repo;
    wanted.project = request->project;
    wanted.helm_repos = request->helm_repos;
    wanted.n_helm_repos = request->n_helm_repos;
    wanted.host_cas = request->host_cas;
    wanted.n_host_cas = request->n_host_cas;
    wanted.git_repos = request->git_repos;
    wanted.n_git_repos = request->n_git_repos;
    wanted.source_repos = request->source_repos;
    wanted.n_source_repos = request->n_source_repos;
    wanted.value_file_schemes = request->value_file_schemes;
    wanted.n_value_file_schemes = request->n_value_file_schemes;
    return (const void *)copy_message(arena, &wanted.base);
}

struct assets *assets_new(const struct assets_options *options)
{
    struct assets *a = MEM_NEW(struct assets);
    a->options = *options;
    a->arena = arena_new();
    a->options.request = copy_request(a->arena, options->request);
    a->by_key = map_new(NULL);
    asset_repos_init(&a->repos, a->arena, a->options.request);
    return a;
}

void assets_free(struct assets *assets)
{
    if (assets == NULL) {
        return;
    }
    assert(assets->n_loading == 0);
    MAP_FOREACH(assets->by_key, e) {
        chart_archive_unref(((struct asset *)e.value)->archive);
    }
    map_free(assets->by_key);
    arena_free(assets->arena);
    mem_free(assets);
}

/* ---- asking ---- */

static struct str key_of(struct arena *arena, const struct engine_remote *what)
{
    return arena_printf(arena, "%d%s%s " STR_FMT "\n" STR_FMT "\n" STR_FMT, (int)what->type,
                        what->pass_credentials ? "+" : "", what->submodules ? "s" : "",
                        STR_ARG(what->url), STR_ARG(what->name), STR_ARG(what->version));
}

static struct asset *find(const struct assets *assets, const struct engine_remote *what)
{
    AUTO(arena) struct arena *scratch = arena_new();
    return map_find(assets->by_key, key_of(scratch, what));
}

static struct asset *note(struct assets *assets, const struct engine_remote *what)
{
    struct arena *arena = assets->arena;
    struct asset *a = ARENA_NEW(arena, struct asset);
    a->all = assets;
    a->what = *what;
    a->what.url = arena_str(arena, what->url);
    a->what.name = arena_str(arena, what->name);
    a->what.version = arena_str(arena, what->version);
    map_set(assets->by_key, key_of(arena, what), a);
    assets->n_awaited++;
    return a;
}

static bool is_allowed(const struct assets *assets, struct str scheme, bool values)
{
    const Belay__GenerateManifestsRequest *r = assets->options.request;
    for (size_t i = 0; values && i < r->n_value_file_schemes; i++) {
        if (str_eq_nocase(scheme, str_from(r->value_file_schemes[i]))) {
            return true;
        }
    }
    return (!values || r->n_value_file_schemes == 0) &&
           (str_eq_nocase(scheme, STR("http")) || str_eq_nocase(scheme, STR("https")));
}

/* Only what the administrator lets in. */
static int
check_scheme(const struct assets *assets, const struct engine_remote *what, struct err *err)
{
    struct str scheme;
    struct str rest;
    if (!str_cut(what->url, ':', &scheme, &rest)) {
        scheme = STR_EMPTY;
    }
    if (!is_allowed(assets, scheme, what->values)) {
        return err_set(err, ERR_DENIED, "the URL scheme '" STR_FMT "' is not allowed%s",
                       STR_ARG(scheme), what->values ? " (helm.valuesFileSchemes)" : "");
    }
    return 0;
}

static int check(const struct assets *assets, const struct engine_remote *what, struct err *err)
{
    bool is_git = what->type == ENGINE_REMOTE_GIT;
    if (is_git ? assets->options.fetcher == NULL : assets->options.helm_repo == NULL) {
        return err_set(err, ERR_UNSUPPORTED, "nothing can be downloaded here");
    }
    if (map_len(assets->by_key) >= LIMIT_RENDER_ASSETS) {
        return err_set(err, ERR_LIMIT, "more than %d charts, files and repositories from elsewhere",
                       LIMIT_RENDER_ASSETS);
    }
    return what->type == ENGINE_REMOTE_FILE ? check_scheme(assets, what, err) : 0;
}

/* 1 = its server has been asked. */
static int
get(struct assets *assets, const struct engine_remote *what, struct asset **ret, struct err *err)
{
    struct asset *a = find(assets, what);
    if (a == NULL) {
        TRY(check(assets, what, err));
        a = note(assets, what);
    }
    *ret = a;
    return a->state != ASSET_AWAITED;
}

void assets_begin(struct assets *assets)
{
    MAP_FOREACH(assets->by_key, e) {
        ((struct asset *)e.value)->used = false;
    }
}

int assets_find(struct assets *assets,
                const struct engine_remote *asset,
                struct assets_found *ret,
                struct err *err)
{
    struct asset *a;
    int here = get(assets, asset, &a, err);
    TRY(here);
    if (!here) {
        return 0;
    }
    a->used = true;
    if (a->state == ASSET_REFUSED) {
        *err = a->err;
        return -(int)err->code;
    }
    *ret = (struct assets_found){
        .bytes = a->archive != NULL ? chart_archive_bytes(a->archive) : STR_EMPTY,
        .revision = a->revision,
        .mirror = a->mirror,
        .asset = &a->what,
    };
    return 1;
}

void assets_spoil(struct assets *assets, const struct engine_remote *asset)
{
    struct asset *a = find(assets, asset);
    assert(a != NULL && a->what.type == ENGINE_REMOTE_GIT);
    a->spoiled = true;
}

bool assets_may_mend(const struct assets *assets)
{
    MAP_FOREACH(assets->by_key, e) {
        const struct asset *a = e.value;
        bool fixed = a->what.type == ENGINE_REMOTE_CHART ||
                     (a->what.type == ENGINE_REMOTE_GIT && refs_is_sha(a->what.version));
        if (a->used && !fixed) {
            return true;
        }
    }
    return false;
}

bool assets_tell_spoiled(struct assets *assets)
{
    bool any = false;
    MAP_FOREACH(assets->by_key, e) {
        const struct asset *a = e.value;
        if (a->spoiled) {
            fetcher_mirror_damaged(assets->options.fetcher, a->mirror_key);
            any = true;
        }
    }
    return any;
}

int assets_holds(struct assets *assets, const struct manifest_asset *known, struct err *err)
{
    struct asset *a;
    int here = get(assets, &known->asset, &a, err);
    TRY(here);
    return here && strcmp(a->digest, known->digest) == 0;
}

void assets_used(const struct assets *assets, struct arena *arena, struct manifest_inputs *ret)
{
    struct manifest_asset *items = arena_calloc(arena, map_len(assets->by_key) + 1, sizeof(*items));
    size_t n = 0;
    MAP_FOREACH(assets->by_key, e) {
        const struct asset *a = e.value;
        if (!a->used) {
            continue;
        }
        struct manifest_asset *m = &items[n++];
        m->asset = a->what;
        m->asset.url = arena_str(arena, a->what.url);
        m->asset.name = arena_str(arena, a->what.name);
        m->asset.version = arena_str(arena, a->what.version);
        memcpy(m->digest, a->digest, sizeof(m->digest));
    }
    ret->assets = items;
    ret->n_assets = n;
}

bool assets_awaited(const struct assets *assets)
{
    return assets->n_awaited > 0;
}

/* ---- loading ---- */

static int
choose_repo(struct assets *assets, const struct asset *a, Belay__Repository *ret, struct err *err)
{
    if (a->repo != NULL) {
        *ret = *a->repo;
        return 0;
    }
    return asset_repos_choose(&assets->repos, assets->arena, &a->what, ret, err);
}

static void fail(struct assets *assets, const struct asset *a, const struct err *err)
{
    if (assets->err.code != ERR_OK) {
        return;
    }
    assets->err = *err;
    if (a->what.type == ENGINE_REMOTE_FILE) {
        (void)err_wrap(&assets->err, "file at a URL");
    } else if (a->what.type == ENGINE_REMOTE_CHART && a->repo == NULL) {
        (void)err_wrap(&assets->err, "dependency '" STR_FMT "'", STR_ARG(a->what.name));
    }
}

/* Takes an asset out of what is awaited; the digest is what its result depends on. */
static void settle(struct asset *a, enum asset_state state, struct str digest)
{
    assert(digest.n < sizeof(a->digest));
    memcpy(a->digest, digest.p, digest.n);
    a->state = state;
    a->all->n_awaited--;
}

static void loaded(struct assets *assets)
{
    if (--assets->n_loading > 0) {
        return;
    }
    struct err err = assets->err;
    assets->err = (struct err){.code = ERR_OK};
    assets->done(err.code != ERR_OK ? &err : NULL, assets->data);
}

/* Kustomize takes a URL without a file for that of a repository (which may be had where files are not: with other
 * certificates, with a login), so it is for the engine to say what a refusal means. */
static bool is_refusal(const struct asset *a, const struct err *err)
{
    return a->what.type == ENGINE_REMOTE_FILE && !err_code_retryable(err->code) &&
           err->code != ERR_CANCELED && err->code != ERR_INTERNAL;
}

static void on_chart(const struct helm_repo_chart_result *result, const struct err *err, void *data)
{
    struct asset *a = data;
    struct arena *arena = a->all->arena;
    if (err != NULL && is_refusal(a, err)) {
        a->err = *err;
        (void)err_wrap(&a->err, "file at a URL");
        settle(a, ASSET_REFUSED,
               arena_printf(arena, "refused %d %d", (int)err->code, (int)err->system_code));
    } else if (err != NULL) {
        fail(a->all, a, err);
    } else {
        a->archive = chart_archive_ref(result->archive);
        a->revision = arena_str(arena, result->version);
        settle(a, ASSET_HERE, chart_archive_digest(a->archive));
    }
    loaded(a->all);
}

static void on_commit(const struct fetch_result *result, const struct err *err, void *data)
{
    struct asset *a = data;
    struct arena *arena = a->all->arena;
    if (err != NULL) {
        fail(a->all, a, err);
    } else {
        a->revision = arena_str(arena, result->revision);
        a->mirror = arena_str(arena, result->mirror);
        a->mirror_key = arena_str(arena, result->key);
        settle(a, ASSET_HERE, a->revision);
    }
    loaded(a->all);
}

static void on_started(void *data)
{
    loaded(data);
}

static int64_t deadline_of(const struct asset *a, int64_t min_ms)
{
    int64_t timeout_ms = a->what.timeout_ms;
    return timeout_ms > 0 ? loop_now_ms(a->all->options.loop) + MAX(timeout_ms, min_ms) : 0;
}

/* A branch is asked for now, as a clone would: what comes of it is kept for the application's commit. */
static void start_git(struct assets *assets, struct asset *a, const Belay__Repository *repo)
{
    struct fetch_options options = {
        .repo = repo,
        .revision = a->what.version,
        .goal = FETCH_COMMIT,
        .freshness = FETCH_NOW,
        .deadline_ms = deadline_of(a, GIT_TIMEOUT_MIN_MS),
    };
    (void)fetch_start(assets->options.fetcher, &options, on_commit, a);
}

static void start_chart(struct assets *assets, struct asset *a, const Belay__Repository *repo)
{
    bool is_file = a->what.type == ENGINE_REMOTE_FILE;
    struct helm_repo_chart_options options = {
        .repo = repo,
        .chart = a->what.name,
        .version = a->what.version,
        .pass_credentials = a->what.pass_credentials,
        .goal = is_file ? HELM_REPO_FILE : HELM_REPO_ARCHIVE,
        .freshness = is_file ? HELM_REPO_NOW : assets->options.freshness,
        .deadline_ms = deadline_of(a, 0),
    };
    (void)helm_repo_chart(assets->options.helm_repo, &options, on_chart, a);
}

static int start(struct assets *assets, struct asset *a, struct err *err)
{
    Belay__Repository repo;
    TRY(choose_repo(assets, a, &repo, err));
    if (a->what.type == ENGINE_REMOTE_GIT) {
        start_git(assets, a, &repo);
    } else {
        start_chart(assets, a, &repo);
    }
    assets->n_loading++;
    return 0;
}

void assets_want(struct assets *assets,
                 const struct engine_remote *asset,
                 const Belay__Repository *repo)
{
    if (find(assets, asset) == NULL) {
        note(assets, asset)->repo = (const void *)copy_message(assets->arena, &repo->base);
    }
}

void assets_load(struct assets *assets, void (*done)(const struct err *err, void *data), void *data)
{
    assert(assets->n_loading == 0);
    assets->done = done;
    assets->data = data;
    assets->n_loading = 1; /* this, until a later iteration */
    MAP_FOREACH(assets->by_key, e) {
        struct asset *a = e.value;
        struct err err;
        if (a->state == ASSET_AWAITED && start(assets, a, &err) < 0) {
            fail(assets, a, &err);
        }
    }
    loop_post(assets->options.loop, on_started, assets);
}
