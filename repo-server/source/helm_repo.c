/* Charts: a small table of steps for each call, over shared loads.
 *
 *   HTTP:  index ─▶ choose ─▶ archive ─▶ done
 *                      └▶ "oci://..." in the index
 *                              ▼
 *   OCI:   tags ─▶ choose ─▶ manifest ─▶ archive ─▶ done
 *              a version in full needs no tags */
#include "repo-server/source/helm_repo.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/base/list.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/ipc/ipc_convert.h"
#include "common/net/http_client.h"
#include "common/rt/op.h"
#include "common/rt/work.h"
#include "repo-server/source/chart_download.h"
#include "repo-server/source/chart_loads.h"
#include "repo-server/source/chart_remote.h"
#include "repo-server/source/chart_store.h"
#include "repo-server/source/helm_index.h"
#include "repo-server/source/oci.h"
#include "repo-server/source/oci_get.h"
#include "repo-server/source/oci_wire.h"

#define SYSTEM_CA_FILE "/etc/ssl/certs/ca-certificates.crt"

enum {
    REMOTES_MAX = 256,
    EVICT_INTERVAL_MS = 60 * 1000,
};

struct helm_repo {
    struct helm_repo_options options;
    struct arena *arena;
    struct str system_ca;
    struct chart_store *store;
    struct http_client *client;
    struct oci_tokens *tokens;
    struct chart_loads *loads;
    struct map *remotes; /* key -> struct chart_remote: certificates are parsed once */
    struct list calls;   /* all that are not done */
    struct chart_users calls_alive;
    struct chart_users loads_alive;
    struct job eviction;
    bool evicting;
    int64_t evicted_ms;
    bool stopping;
    bool client_closed;
    void (*idle)(void *data);
    void *idle_data;
};

struct helm_repo_call {
    struct op op;
    struct list node;
    struct helm_repo *repo;
    struct arena *arena;
    struct helm_repo_chart_options options; /* its strings are in the arena */
    Belay__Repository *settings;
    struct chart_remote *remote;
    struct loop_task begin;
    struct chart_load_waiter waiter;
    struct chart_load want; /* what it waits for */
    int64_t fresh_ms;
    void (*next)(struct helm_repo_call *call, struct helm_index *index);
    struct str name;   /* in an OCI registry */
    struct str chosen; /* the version; "" = not yet */
    struct str digest; /* as the repository states it */
    struct chart_archive *archive;
    struct helm_index *index;
    helm_repo_done_fn done;
    void *data;
};

/* ---- the end ---- */

static void tell_idle(void *data)
{
    struct helm_repo *r = data;
    if (r->idle != NULL && r->client_closed && r->calls_alive.n == 0 && r->loads_alive.n == 0 &&
        !r->evicting) {
        void (*idle)(void *data) = r->idle;
        r->idle = NULL;
        idle(r->idle_data);
    }
}

static void on_client_closed(void *data)
{
    struct helm_repo *r = data;
    r->client_closed = true;
    tell_idle(r);
}

static void fail(struct helm_repo_call *c, const struct err *err)
{
    op_finish(&c->op, err);
}

static void succeed(struct helm_repo_call *c)
{
    op_finish(&c->op, NULL);
}

static void on_op_done(struct op *op UNUSED, const struct err *err, void *data)
{
    struct helm_repo_call *c = data;
    list_remove(&c->node);
    struct helm_repo_chart_result result = {
        .version = c->chosen,
        .digest = c->archive != NULL ? chart_archive_digest(c->archive) : c->digest,
        .archive = c->archive,
        .index = c->index,
    };
    c->done(err == NULL ? &result : NULL, err, c->data);
}

static void on_op_abort(struct op *op)
{
    struct helm_repo_call *c = CONTAINER_OF(op, struct helm_repo_call, op);
    loop_task_cancel(&c->begin);
    chart_loads_leave(&c->waiter);
}

static void on_op_free(struct op *op)
{
    struct helm_repo_call *c = CONTAINER_OF(op, struct helm_repo_call, op);
    struct helm_repo *r = c->repo;
    chart_archive_unref(c->archive);
    helm_index_unref(c->index);
    chart_remote_unref(c->remote);
    arena_free(c->arena);
    mem_free(c);
    chart_users_remove(&r->calls_alive);
}

static const struct op_class CALL_CLASS = {"chart", on_op_abort, on_op_free};

/* ---- eviction ---- */

static int run_eviction(struct job *job, struct err *err)
{
    struct helm_repo *r = CONTAINER_OF(job, struct helm_repo, eviction);
    uint64_t bytes;
    return chart_store_evict(r->store, r->options.max_cache_bytes, &bytes, err);
}

/* A failure is met again a minute later; there is nobody to tell but the disk. */
static void on_evicted(struct job *job, const struct err *err UNUSED)
{
    struct helm_repo *r = CONTAINER_OF(job, struct helm_repo, eviction);
    r->evicting = false;
    tell_idle(r);
}

static void evict_if_due(struct helm_repo *r)
{
    struct err err;
    int64_t now = loop_now_ms(r->options.loop);
    if (r->options.max_cache_bytes == 0 || r->evicting || r->stopping ||
        (r->evicted_ms != 0 && now - r->evicted_ms < EVICT_INTERVAL_MS)) {
        return;
    }
    r->eviction = (struct job){.run = run_eviction, .done = on_evicted};
    r->evicting = work_submit(r->options.work, WORK_FILE, &r->eviction, &err) == 0;
    r->evicted_ms = now;
}

/* ---- loading ---- */

static void step_load(struct helm_repo_call *c);

static void on_load(struct chart_load_waiter *waiter, const struct chart_load_outcome *outcome)
{
    struct helm_repo_call *c = CONTAINER_OF(waiter, struct helm_repo_call, waiter);
    if (op_settled(&c->op)) {
        return;
    }
    if (outcome->err != NULL) {
        fail(c, outcome->err);
    } else if (outcome->asked_ms < c->want.fresh_ms) {
        step_load(c); /* one that was running already, and may have been answered before we came */
    } else if (outcome->archive != NULL) {
        c->archive = chart_archive_ref(outcome->archive);
        succeed(c);
        evict_if_due(c->repo);
    } else {
        c->next(c, outcome->index);
    }
}

static void step_load(struct helm_repo_call *c)
{
    struct err err;
    struct helm_index *index = NULL;
    if (c->repo->stopping) {
        (void)err_set(&err, ERR_CANCELED, "shutting down");
        fail(c, &err);
        return;
    }
    if (c->want.kind == CHART_LOAD_INDEX || c->want.kind == CHART_LOAD_OCI) {
        index = chart_loads_find(c->repo->loads, &c->want);
    }
    if (index != NULL) {
        c->next(c, index);
        return;
    }
    c->waiter.done = on_load;
    chart_loads_join(c->repo->loads, &c->want, &c->waiter);
}

static void load_index(struct helm_repo_call *c,
                       const struct chart_load *want,
                       void (*next)(struct helm_repo_call *call, struct helm_index *index))
{
    c->want = *want;
    c->want.remote = c->remote;
    c->want.fresh_ms = c->fresh_ms;
    c->next = next;
    step_load(c);
}

/* ---- archives ---- */

static void step_archive(struct helm_repo_call *c, const struct url *url)
{
    c->want = (struct chart_load){
        .kind = CHART_LOAD_ARCHIVE,
        .remote = c->remote,
        .name = c->name,
        .url = *url,
        .digest = c->digest,
        .pass_credentials = c->options.pass_credentials,
        /* an archive that can be checked by its digest is never too old */
        .fresh_ms = c->digest.n == 0 && c->options.freshness == HELM_REPO_NOW ? c->fresh_ms : 0,
    };
    step_load(c);
}

/* ---- OCI ---- */

static void on_manifest(struct helm_repo_call *c, struct helm_index *index)
{
    struct err err;
    struct url url;
    struct helm_versions versions = helm_index_versions(index, c->name);
    if (versions.n == 0) {
        (void)err_set(&err, ERR_INVALID,
                      "OCI repository '" STR_FMT "': '" STR_FMT "' is no version", STR_ARG(c->name),
                      STR_ARG(c->chosen));
        fail(c, &err);
        return;
    }
    struct str digest = versions.items[0].digest;
    if (c->digest.n > 0 && !str_eq(c->digest, digest)) {
        (void)err_set(&err, ERR_INVALID,
                      "chart repository '%s': the registry has another archive than the index says",
                      chart_remote_shown(c->remote));
        fail(c, &err);
        return;
    }
    c->digest = arena_str(c->arena, digest);
    if (c->options.goal == HELM_REPO_VERSION) {
        succeed(c);
        return;
    }
    struct str blob = arena_printf(c->arena, "sha256:" STR_FMT, STR_ARG(digest));
    oci_url(c->arena, c->remote, c->name, "blobs", blob, &url);
    step_archive(c, &url);
}

static void step_manifest(struct helm_repo_call *c, struct str tag_version)
{
    struct err err;
    if (!oci_is_tag(oci_tag_of(c->arena, tag_version))) {
        (void)err_set(&err, ERR_INVALID,
                      "OCI repository '" STR_FMT "': '" STR_FMT "' cannot be a tag",
                      STR_ARG(c->name), STR_ARG(tag_version));
        fail(c, &err);
        return;
    }
    struct chart_load want = {.kind = CHART_LOAD_OCI, .name = c->name, .version = tag_version};
    load_index(c, &want, on_manifest);
}

static void on_tags(struct helm_repo_call *c, struct helm_index *index)
{
    struct err err;
    const struct helm_version *version;
    if (helm_index_resolve(index, c->name, c->options.version, &version, &err) < 0) {
        (void)err_wrap(&err, "OCI registry '%s'", chart_remote_shown(c->remote));
        fail(c, &err);
        return;
    }
    c->chosen = arena_str(c->arena, version->semver.original);
    step_manifest(c, c->chosen);
}

static void begin_oci(struct helm_repo_call *c)
{
    struct err err;
    struct semver exact;
    if (oci_name(c->arena, c->remote, c->options.chart, &c->name, &err) < 0) {
        (void)err_wrap(&err, "OCI registry '%s'", chart_remote_shown(c->remote));
        fail(c, &err);
    } else if (semver_parse(c->options.version, &exact, &err) == 0) {
        c->chosen = c->options.version;
        step_manifest(c, c->chosen);
    } else {
        struct chart_load want = {.kind = CHART_LOAD_OCI, .name = c->name, .version = STR_EMPTY};
        load_index(c, &want, on_tags);
    }
}

/* ---- chart repositories ---- */

static int use_remote(struct helm_repo_call *c, const Belay__Repository *settings, struct err *err);

/* An index may name an archive in a registry: "oci://host/path/name:tag". What is the repository's own, its
 * credentials, does not go there unless it is told to. */
static int enter_registry(struct helm_repo_call *c,
                          const struct helm_version *version,
                          struct str *ret_tag,
                          struct err *err)
{
    Belay__Repository settings = *c->settings;
    struct str url = version->url;
    size_t slash = str_rfind_char(url, '/');
    size_t colon = str_rfind_char(url, ':');
    bool has_tag = colon != STR_NONE && slash != STR_NONE && colon > slash;
    *ret_tag = version->semver.original;
    if (has_tag) {
        struct str tag = arena_str(c->arena, str_sub(url, colon + 1, url.n));
        *ret_tag = oci_version_of(c->arena, tag);
        url = str_sub(url, 0, colon);
    }
    settings.url = ipc_string(c->arena, url);
    if (!c->options.pass_credentials) {
        static char none[] = "";
        settings.username = settings.password = settings.bearer_token = none;
        settings.tls_client_cert = settings.tls_client_key = none;
    }
    TRY(use_remote(c, &settings, err));
    return oci_name(c->arena, c->remote, STR_EMPTY, &c->name, err);
}

static int archive_url(struct helm_repo_call *c, struct str text, struct url *ret, struct err *err)
{
    struct url base = *chart_remote_url(c->remote);
    base.path = arena_printf(c->arena, STR_FMT "/", STR_ARG(base.path));
    if (text.n == 0) {
        return err_set(err, ERR_INVALID, "the index has no URL for it");
    }
    TRY(url_resolve(c->arena, &base, text, ret, err));
    if (!str_eq_c(ret->scheme, "http") && !str_eq_c(ret->scheme, "https")) {
        return err_set(err, ERR_UNSUPPORTED, "URLs with scheme '" STR_FMT "' are not supported",
                       STR_ARG(ret->scheme));
    }
    if (ret->query.p == NULL && chart_remote_same_server(&base, ret)) {
        ret->query = base.query; /* some carry a key there, as Helm has it */
    }
    return 0;
}

static int choose(struct helm_repo_call *c, struct helm_index *index, struct err *err)
{
    const struct helm_version *version;
    TRY(helm_index_resolve(index, c->options.chart, c->options.version, &version, err));
    c->chosen = arena_str(c->arena, version->semver.original);
    c->digest = arena_str(c->arena, version->digest);
    if (c->options.goal == HELM_REPO_VERSION) {
        succeed(c);
        return 0;
    }
    if (str_starts_with(version->url, STR("oci://"))) {
        struct str tag;
        TRY_IN(enter_registry(c, version, &tag, err), err, "version '" STR_FMT "'",
               STR_ARG(c->chosen));
        step_manifest(c, tag);
        return 0;
    }
    struct url url;
    TRY_IN(archive_url(c, version->url, &url, err), err, "version '" STR_FMT "'",
           STR_ARG(c->chosen));
    step_archive(c, &url);
    return 0;
}

static void on_index(struct helm_repo_call *c, struct helm_index *index)
{
    struct err err;
    /* what is chosen points into the index, which nothing else may hold */
    AUTO(helm_index) struct helm_index *held = helm_index_ref(index);
    const char *shown = arena_strdup(c->arena, chart_remote_shown(c->remote));
    if (choose(c, held, &err) < 0) {
        (void)err_wrap(&err, "chart repository '%s'", shown);
        fail(c, &err);
    }
}

/* ---- beginning ---- */

static int use_remote(struct helm_repo_call *c, const Belay__Repository *settings, struct err *err)
{
    char key[DIGEST_SHA256_HEX_BYTES];
    struct map *remotes = c->repo->remotes;
    chart_remote_key_of(settings, key);
    struct chart_remote *remote = map_find(remotes, str_from(key));
    if (remote == NULL) {
        TRY(chart_remote_new(settings, c->repo->system_ca, &remote, err));
        if (map_len(remotes) >= REMOTES_MAX) {
            map_clear(remotes); /* made again as they are used */
        }
        map_set(remotes, str_from(key), remote);
    }
    chart_remote_unref(c->remote);
    c->remote = chart_remote_ref(remote);
    return 0;
}

static void on_whole_index(struct helm_repo_call *c, struct helm_index *index)
{
    c->index = helm_index_ref(index);
    succeed(c);
}

static void on_welcome(struct helm_repo_call *c, struct helm_index *index UNUSED)
{
    succeed(c);
}

static void begin_file(struct helm_repo_call *c)
{
    c->want = (struct chart_load){
        .kind = CHART_LOAD_FILE,
        .remote = c->remote,
        .url = *chart_remote_url(c->remote),
        .fresh_ms = c->options.freshness == HELM_REPO_NOW ? c->fresh_ms : 0,
    };
    step_load(c);
}

static void on_begin(void *data)
{
    struct helm_repo_call *c = data;
    struct err err;
    static const struct chart_load INDEX = {
        .kind = CHART_LOAD_INDEX, .name = {"", 0}, .version = {"", 0}};
    static const struct chart_load WELCOME = {
        .kind = CHART_LOAD_OCI, .name = {"", 0}, .version = {"", 0}};
    bool is_list = c->options.goal == HELM_REPO_INDEX;
    if (use_remote(c, c->settings, &err) < 0) {
        fail(c, &err);
    } else if (c->options.goal == HELM_REPO_FILE) {
        begin_file(c);
    } else if (chart_remote_kind(c->remote) == CHART_REMOTE_HTTP) {
        load_index(c, &INDEX, is_list ? on_whole_index : on_index);
    } else if (is_list) {
        load_index(c, &WELCOME, on_welcome);
    } else {
        begin_oci(c);
    }
}

static Belay__Repository *copy_repo(struct arena *arena, const Belay__Repository *repo)
{
    ProtobufCMessage *copy = NULL;
    struct err err;
    int rc = ipc_unpack(arena, &belay__repository__descriptor, ipc_pack(arena, &repo->base), &copy,
                        &err);
    assert(rc == 0); /* what we packed ourselves */
    return (Belay__Repository *)(void *)copy;
}

static int64_t max_age_ms(const struct helm_repo *repo,
                          const struct helm_repo_chart_options *options)
{
    int64_t ttl_ms = repo->options.index_ttl_ms;
    if (options->freshness == HELM_REPO_NOW) {
        return 0;
    }
    return options->max_age_ms > 0 ? MIN(options->max_age_ms, ttl_ms) : ttl_ms;
}

struct helm_repo_call *helm_repo_chart(struct helm_repo *repo,
                                       const struct helm_repo_chart_options *options,
                                       helm_repo_done_fn done,
                                       void *data)
{
    struct helm_repo_call *c = MEM_NEW(struct helm_repo_call);
    int64_t now = loop_now_ms(repo->options.loop);
    op_init(&c->op, repo->options.loop, &CALL_CLASS, on_op_done, c);
    op_set_deadline(&c->op, options->deadline_ms);
    c->repo = repo;
    c->arena = arena_new();
    c->settings = copy_repo(c->arena, options->repo);
    c->options = *options;
    c->options.repo = c->settings;
    c->options.chart = arena_str(c->arena, str_trim(options->chart));
    c->options.version = arena_str(c->arena, str_trim(options->version));
    c->fresh_ms = now - max_age_ms(repo, options);
    c->name = c->chosen = c->digest = STR_EMPTY;
    c->done = done;
    c->data = data;
    list_push(&repo->calls, &c->node);
    repo->calls_alive.n++;
    loop_task_post(repo->options.loop, &c->begin, on_begin, c);
    return c;
}

void helm_repo_cancel(struct helm_repo_call *call)
{
    op_cancel(&call->op);
}

/* ---- life ---- */

static void free_remote(void *p)
{
    chart_remote_unref(p);
}

int helm_repo_new(const struct helm_repo_options *options, struct helm_repo **ret, struct err *err)
{
    struct chart_store *store;
    struct err ignored;
    TRY(chart_store_open(options->cache_dir, &store, err));
    struct helm_repo *r = MEM_NEW(struct helm_repo);
    r->options = *options;
    r->arena = arena_new();
    if (fs_read_file(r->arena, SYSTEM_CA_FILE, LIMIT_DOC_BYTES, &r->system_ca, &ignored) < 0) {
        r->system_ca = STR_EMPTY; /* a system without: only a repository's own CA counts */
    }
    r->store = store;
    r->calls_alive = r->loads_alive = (struct chart_users){.on_none = tell_idle, .data = r};
    r->client = http_client_new(options->loop, NULL);
    r->tokens = oci_tokens_new();
    struct chart_loads_options loads = {
        .env = {.loop = options->loop,
                .work = options->work,
                .client = r->client,
                .store = store,
                .tokens = r->tokens,
                .users = &r->loads_alive,
                .request_timeout_ms = options->request_timeout_ms,
                .download_timeout_ms = options->download_timeout_ms},
        .max_bytes = options->max_index_bytes,
        .max_running = options->max_running,
        .on_run = options->on_run,
        .data = options->data,
    };
    r->loads = chart_loads_new(&loads);
    r->remotes = map_new(free_remote);
    list_init(&r->calls);
    *ret = r;
    return 0;
}

static void on_loads_idle(void *data)
{
    struct helm_repo *r = data;
    http_client_close(r->client, on_client_closed, r);
}

void helm_repo_stop(struct helm_repo *repo, void (*idle)(void *data), void *data)
{
    repo->stopping = true;
    repo->idle = idle;
    repo->idle_data = data;
    LIST_FOREACH(&repo->calls, node) {
        op_cancel(&CONTAINER_OF(node, struct helm_repo_call, node)->op);
    }
    if (repo->evicting) {
        job_cancel(&repo->eviction);
    }
    chart_loads_stop(repo->loads, on_loads_idle, repo);
}

void helm_repo_free(struct helm_repo *repo)
{
    if (repo != NULL) {
        assert(repo->client_closed);
        chart_loads_free(repo->loads);
        oci_tokens_free(repo->tokens);
        map_free(repo->remotes);
        chart_store_close(repo->store);
        arena_free(repo->arena);
        mem_free(repo);
    }
}
