/* Assets: a map by what was asked for; loading is one call of helm_repo.h for each that is awaited. */
#include "repo-server/assets.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/ipc/ipc_convert.h"
#include "common/model/repository.h"
#include "common/net/url.h"
#include "common/rt/loop.h"
#include "repo-server/source/chart_download.h"

struct asset {
    struct assets *all;
    struct engine_remote what;
    const Belay__Repository *repo; /* NULL: to be chosen */
    struct chart_archive *archive; /* NULL = not here */
    struct str version;            /* of a chart */
    bool used;
};

struct assets {
    struct assets_options options; /* request: our copy */
    struct arena *arena;
    struct map *by_key; /* -> struct asset, in the arena */
    struct repositories repositories;
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
    wanted.project = request->project;
    wanted.helm_repos = request->helm_repos;
    wanted.n_helm_repos = request->n_helm_repos;
    wanted.host_cas = request->host_cas;
    wanted.n_host_cas = request->n_host_cas;
    wanted.value_file_schemes = request->value_file_schemes;
    wanted.n_value_file_schemes = request->n_value_file_schemes;
    return (const void *)copy_message(arena, &wanted.base);
}

static void list_repositories(struct assets *assets)
{
    const Belay__GenerateManifestsRequest *r = assets->options.request;
    struct repository *items = arena_calloc(assets->arena, r->n_helm_repos + 1, sizeof(*items));
    for (size_t i = 0; i < r->n_helm_repos; i++) {
        items[i] = (struct repository){.url = str_from(r->helm_repos[i]->url),
                                       .name = str_from(r->helm_repos[i]->name),
                                       .project = str_from(r->helm_repos[i]->project),
                                       .creds = r->helm_repos[i]->is_prefix};
    }
    assets->repositories = (struct repositories){.items = items, .n = r->n_helm_repos};
}

struct assets *assets_new(const struct assets_options *options)
{
    struct assets *a = MEM_NEW(struct assets);
    a->options = *options;
    a->arena = arena_new();
    a->options.request = copy_request(a->arena, options->request);
    a->by_key = map_new(NULL);
    list_repositories(a);
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
    return arena_printf(arena, "%d%s " STR_FMT "\n" STR_FMT "\n" STR_FMT, (int)what->type,
                        what->pass_credentials ? "+" : "", STR_ARG(what->url), STR_ARG(what->name),
                        STR_ARG(what->version));
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

/* Only what the administrator lets in. */
static int check_scheme(const struct assets *assets, struct str url, struct err *err)
{
    const Belay__GenerateManifestsRequest *r = assets->options.request;
    struct str scheme;
    struct str rest;
    bool allowed = false;
    if (!str_cut(url, ':', &scheme, &rest)) {
        scheme = STR_EMPTY;
    }
    for (size_t i = 0; i < r->n_value_file_schemes; i++) {
        allowed = allowed || str_eq_nocase(scheme, str_from(r->value_file_schemes[i]));
    }
    if (r->n_value_file_schemes == 0) {
        allowed = str_eq_nocase(scheme, STR("http")) || str_eq_nocase(scheme, STR("https"));
    }
    if (!allowed) {
        return err_set(err, ERR_DENIED,
                       "the URL scheme '" STR_FMT "' is not allowed (helm.valuesFileSchemes)",
                       STR_ARG(scheme));
    }
    return 0;
}

static int
get(struct assets *assets, const struct engine_remote *what, struct asset **ret, struct err *err)
{
    struct asset *a = find(assets, what);
    if (a == NULL) {
        if (assets->options.helm_repo == NULL) {
            return err_set(err, ERR_UNSUPPORTED, "nothing can be downloaded here");
        }
        if (map_len(assets->by_key) >= LIMIT_RENDER_ASSETS) {
            return err_set(err, ERR_LIMIT, "more than %d charts and files from elsewhere",
                           LIMIT_RENDER_ASSETS);
        }
        if (what->type == ENGINE_REMOTE_GIT) {
            return err_set(err, ERR_UNSUPPORTED,
                           "other repositories ('" STR_FMT "') are not supported by this build",
                           STR_ARG(what->url));
        }
        if (what->type == ENGINE_REMOTE_FILE) {
            TRY(check_scheme(assets, what->url, err));
        }
        a = note(assets, what);
    }
    *ret = a;
    return a->archive != NULL;
}

void assets_begin(struct assets *assets)
{
    MAP_FOREACH(assets->by_key, e) {
        ((struct asset *)e.value)->used = false;
    }
}

int assets_find(struct assets *assets,
                const struct engine_remote *asset,
                struct engine_remote_result *ret,
                struct err *err)
{
    struct asset *a;
    int here = get(assets, asset, &a, err);
    TRY(here);
    if (here) {
        a->used = true;
        *ret = (struct engine_remote_result){.bytes = chart_archive_bytes(a->archive),
                                             .revision = a->version};
    }
    return here;
}

int assets_holds(struct assets *assets, const struct manifest_asset *known, struct err *err)
{
    struct asset *a;
    int here = get(assets, &known->asset, &a, err);
    TRY(here);
    return here && str_eq_c(chart_archive_digest(a->archive), known->digest);
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
        struct str digest = chart_archive_digest(a->archive);
        m->asset = a->what;
        m->asset.url = arena_str(arena, a->what.url);
        m->asset.name = arena_str(arena, a->what.name);
        m->asset.version = arena_str(arena, a->what.version);
        memcpy(m->digest, digest.p, digest.n);
    }
    ret->assets = items;
    ret->n_assets = n;
}

bool assets_awaited(const struct assets *assets)
{
    return assets->n_awaited > 0;
}

/* ---- the repository ---- */

static const Belay__Repository *repo_at(const struct assets *assets, const struct repository *found)
{
    return assets->options.request->helm_repos[found - assets->repositories.items];
}

static int
find_named(const struct assets *assets, struct str name, Belay__Repository *ret, struct err *err)
{
    for (size_t i = 0; i < assets->repositories.n; i++) {
        const struct repository *r = &assets->repositories.items[i];
        if (!r->creds && str_eq(r->name, name)) {
            *ret = *repo_at(assets, r);
            return 0;
        }
    }
    return err_set(err, ERR_NOT_FOUND,
                   "the project may use no Helm repository named '" STR_FMT
                   "': add one with this name, or write its URL",
                   STR_ARG(name));
}

static const char *ca_of_host(const struct assets *assets, struct str text)
{
    const Belay__GenerateManifestsRequest *r = assets->options.request;
    AUTO(arena) struct arena *scratch = arena_new();
    struct url url;
    struct err ignored;
    if (url_parse(scratch, text, &url, &ignored) == 0) {
        for (size_t i = 0; i < r->n_host_cas; i++) {
            if (str_eq_c(url.host, r->host_cas[i]->host)) {
                return r->host_cas[i]->pem;
            }
        }
    }
    return "";
}

/* A repository of its own, credentials for a prefix of its URL, or nobody's. */
static void
find_url(struct assets *assets, const struct engine_remote *what, Belay__Repository *ret)
{
    struct str project = str_from(assets->options.request->project);
    const struct repository *found = NULL;
    belay__repository__init(ret);
    if (what->type == ENGINE_REMOTE_CHART) {
        found = repository_find(&assets->repositories, what->url, project);
        found = found != NULL ? found
                              : repository_find_prefix(&assets->repositories, what->url, project);
    }
    if (found != NULL) {
        *ret = *repo_at(assets, found);
    }
    ret->url = ipc_string(assets->arena, what->url);
    if (ret->tls_ca[0] == '\0') {
        ret->tls_ca = ipc_string(assets->arena, str_from(ca_of_host(assets, what->url)));
    }
}

static int
choose_repo(struct assets *assets, const struct asset *a, Belay__Repository *ret, struct err *err)
{
    struct str name = a->what.url;
    if (a->repo != NULL) {
        *ret = *a->repo;
        return 0;
    }
    if (str_cut_prefix(&name, STR("@")) || str_cut_prefix(&name, STR("alias:"))) {
        return find_named(assets, name, ret, err);
    }
    find_url(assets, &a->what, ret);
    return 0;
}

/* ---- loading ---- */

static void fail(struct assets *assets, const struct asset *a, const struct err *err)
{
    if (assets->err.code != ERR_OK) {
        return;
    }
    assets->err = *err;
    if (a->what.type == ENGINE_REMOTE_FILE) {
        (void)err_wrap(&assets->err, "file at a URL");
    } else if (a->repo == NULL) {
        (void)err_wrap(&assets->err, "dependency '" STR_FMT "'", STR_ARG(a->what.name));
    }
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

static void on_chart(const struct helm_repo_chart_result *result, const struct err *err, void *data)
{
    struct asset *a = data;
    if (err != NULL) {
        fail(a->all, a, err);
    } else {
        a->archive = chart_archive_ref(result->archive);
        a->version = arena_str(a->all->arena, result->version);
        a->all->n_awaited--;
    }
    loaded(a->all);
}

static void on_started(void *data)
{
    loaded(data);
}

static int start(struct assets *assets, struct asset *a, struct err *err)
{
    Belay__Repository repo;
    bool is_file = a->what.type == ENGINE_REMOTE_FILE;
    TRY(choose_repo(assets, a, &repo, err));
    struct helm_repo_chart_options options = {
        .repo = &repo,
        .chart = a->what.name,
        .version = a->what.version,
        .pass_credentials = a->what.pass_credentials,
        .goal = is_file ? HELM_REPO_FILE : HELM_REPO_ARCHIVE,
        .freshness = is_file ? HELM_REPO_NOW : assets->options.freshness,
        .deadline_ms =
            a->what.timeout_ms > 0 ? loop_now_ms(assets->options.loop) + a->what.timeout_ms : 0,
    };
    (void)helm_repo_chart(assets->options.helm_repo, &options, on_chart, a);
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
        if (a->archive == NULL && start(assets, a, &err) < 0) {
            fail(assets, a, &err);
        }
    }
    loop_post(assets->options.loop, on_started, assets);
}
