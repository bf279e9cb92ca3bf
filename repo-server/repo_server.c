/* belay-repo-server: putting the parts together, and taking them apart in order. */
#include "repo-server/repo_server.h"

#include "common/base/arena.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/ipc/ipc_server.h"
#include "common/net/probe_server.h"
#include "common/rt/daemon.h"
#include "common/rt/loop.h"
#include "common/rt/metrics.h"
#include "common/rt/timer.h"
#include "common/rt/work.h"
#include "repo-server/generator.h"
#include "repo-server/git/fetcher.h"
#include "repo-server/git/gitlib.h"
#include "repo-server/git/mirror.h"
#include "repo-server/source/chart_loads.h"
#include "repo-server/source/helm_repo.h"
#include "repo-server/verifier.h"

enum {
    DRAIN_POLL_MS = 20, /* calls and renders are few by then, and end by themselves */
};

const struct config_row REPO_SERVER_ROWS[] = {
#define CONFIG(field, ...) CONFIG_ROW(struct repo_server_config, field, __VA_ARGS__),
#include "repo-server/config.def"
#undef CONFIG
};
const size_t REPO_SERVER_N_ROWS = ARRAY_LEN(REPO_SERVER_ROWS);

static const struct metric_row METRIC_ROWS[] = {
#define METRIC(id, ...) METRIC_ROW(__VA_ARGS__),
#include "repo-server/metrics.def"
#undef METRIC
};

struct repo_server {
    struct daemon *daemon;
    const struct repo_server_config *config;
    struct arena *arena;
    struct metric_set *metrics;
    struct mirror_store *store;
    struct fetcher *fetcher;
    struct helm_repo *helm_repo;
    struct verifier *verifier;
    struct generator *generator;
    struct ipc_server *ipc;
    struct probe_server *probe;
    struct timer drain;
    bool fetcher_idle;
    bool helm_repo_idle;
    bool verifier_idle;
    bool probe_stopped;
    bool stopped; /* nothing is running any more */
};

struct loop *repo_server_loop(const struct repo_server *server)
{
    return daemon_loop(server->daemon);
}

struct work *repo_server_work(const struct repo_server *server)
{
    return daemon_work(server->daemon);
}

struct fetcher *repo_server_fetcher(const struct repo_server *server)
{
    return server->fetcher;
}

struct helm_repo *repo_server_helm_repo(const struct repo_server *server)
{
    return server->helm_repo;
}

struct verifier *repo_server_verifier(const struct repo_server *server)
{
    return server->verifier;
}

struct generator *repo_server_generator(const struct repo_server *server)
{
    return server->generator;
}

/* ---- metrics ---- */

static void on_git_run(const struct flight_run *run, void *data)
{
    struct repo_server *s = data;
    if (run->op == BELAY__GIT_WORKER_OP__GIT_WORKER_COMPACT) {
        if (run->err != NULL) {
            log_warn("packs of a mirror were not merged, trying after the next fetch",
                     LF_ERR(run->err));
        }
        return;
    }
    bool is_fetch = run->op == BELAY__GIT_WORKER_OP__GIT_WORKER_FETCH;
    const struct str *labels =
        METRIC_LABELS(run->shown, is_fetch ? STR("fetch") : STR("ls-remote"));
    metric_add(s->metrics, REPO_METRIC_GIT_REQUEST, 1, labels);
    metric_observe(s->metrics, REPO_METRIC_GIT_REQUEST_DURATION, (double)run->took_ms / 1000,
                   labels);
    if (run->err != NULL) {
        int id = is_fetch ? REPO_METRIC_GIT_FETCH_FAIL : REPO_METRIC_GIT_LSREMOTE_FAIL;
        metric_add(s->metrics, id, 1, METRIC_LABELS(run->shown, run->revision));
    }
}

static void on_chart_run(const struct chart_load_run *run, void *data)
{
    struct repo_server *s = data;
    const struct str *labels = METRIC_LABELS(run->shown, str_from(run->type));
    metric_add(s->metrics, REPO_METRIC_CHART_REQUEST, 1, labels);
    metric_observe(s->metrics, REPO_METRIC_CHART_REQUEST_DURATION, (double)run->took_ms / 1000,
                   labels);
    if (run->err != NULL) {
        metric_add(s->metrics, REPO_METRIC_CHART_REQUEST_FAIL, 1, labels);
    }
}

static void on_collect(void *data)
{
    struct repo_server *s = data;
    struct manifest_cache_stats stats = generator_cache_stats(s->generator);
    metric_set(s->metrics, REPO_METRIC_MANIFEST_CACHE_BYTES, (double)stats.bytes, METRIC_NO_LABELS);
    metric_set(s->metrics, REPO_METRIC_MANIFEST_CACHE_ENTRIES, (double)stats.n_keys,
               METRIC_NO_LABELS);
}

/* ---- start ---- */

static int make_fetcher(struct repo_server *s, struct err *err)
{
    const struct repo_server_config *c = s->config;
    struct str known_hosts = STR_EMPTY;
    TRY(gitlib_init(err));
    TRY(mirror_store_open(c->cache_dir, &s->store, err));
    if (c->known_hosts_file[0] != '\0') {
        TRY_IN(fs_read_file(s->arena, c->known_hosts_file, LIMIT_MIB, &known_hosts, err), err,
               "--ssh-known-hosts-file");
    }
    struct fetcher_options options = {
        .loop = daemon_loop(s->daemon),
        .work = daemon_work(s->daemon),
        .store = s->store,
        .cache_dir = c->cache_dir,
        .allow_file_urls = c->allow_file_urls,
        .refs_ttl_ms = c->refs_ttl_ms,
        .list_timeout_ms = c->list_timeout_ms,
        .fetch_timeout_ms = c->fetch_timeout_ms,
        .max_helpers = (size_t)c->max_helpers,
        .max_fetch_bytes = (uint64_t)c->max_fetch_bytes,
        .max_cache_bytes = (uint64_t)c->max_cache_bytes,
        .known_hosts = known_hosts.p,
        .on_run = on_git_run,
        .data = s,
    };
    s->fetcher = fetcher_new(&options);
    return 0;
}

static int make_helm_repo(struct repo_server *s, struct err *err)
{
    const struct repo_server_config *c = s->config;
    struct helm_repo_options options = {
        .loop = daemon_loop(s->daemon),
        .work = daemon_work(s->daemon),
        .cache_dir = c->cache_dir,
        .index_ttl_ms = c->index_ttl_ms,
        .request_timeout_ms = c->chart_request_timeout_ms,
        .download_timeout_ms = c->chart_download_timeout_ms,
        .max_running = (size_t)c->max_chart_downloads,
        .max_index_bytes = (size_t)c->max_index_bytes,
        .max_cache_bytes = (uint64_t)c->max_chart_bytes,
        .on_run = on_chart_run,
        .data = s,
    };
    return helm_repo_new(&options, &s->helm_repo, err);
}

static void make_verifier(struct repo_server *s)
{
    const struct repo_server_config *c = s->config;
    struct verifier_options options = {
        .loop = daemon_loop(s->daemon),
        .store = s->store,
        .gpgv = c->gpgv,
        .max_helpers = (size_t)c->max_verifications,
        .timeout_ms = c->verification_timeout_ms,
    };
    s->verifier = verifier_new(&options);
}

static void make_generator(struct repo_server *s)
{
    const struct repo_server_config *c = s->config;
    struct generator_options options = {
        .loop = daemon_loop(s->daemon),
        .work = daemon_work(s->daemon),
        .fetcher = s->fetcher,
        .helm_repo = s->helm_repo,
        .verifier = s->verifier,
        .metrics = s->metrics,
        .cache = {.max_bytes = (size_t)c->max_manifest_cache_bytes,
                  .fail_attempts = (unsigned)c->fail_attempts,
                  .fail_ms = c->fail_minutes * 60 * 1000,
                  .fail_requests = (unsigned)c->fail_requests},
        .max_source_bytes = (uint64_t)c->max_source_bytes,
        .render_timeout_ms = c->render_timeout_ms,
    };
    s->generator = generator_new(&options);
}

static int listen_all(struct repo_server *s, struct err *err)
{
    const struct repo_server_config *c = s->config;
    struct ipc_tls tls = {
        .ca_file = c->tls_ca_file, .cert_file = c->tls_cert_file, .key_file = c->tls_key_file};
    struct ipc_server_options options = {
        .url = c->listen,
        .tls = c->tls_cert_file[0] != '\0' ? &tls : NULL,
        .methods = REPO_SERVER_METHODS,
        .n_methods = REPO_SERVER_N_METHODS,
        .data = s,
        .metrics = daemon_metrics(s->daemon),
    };
    TRY_IN(probe_server_new(s->daemon, str_from(c->http_address), &s->probe, err), err,
           "--http-address");
    TRY_IN(ipc_server_new(daemon_loop(s->daemon), &options, &s->ipc, err), err, "--listen");
    return 0;
}

static int start(struct repo_server *s, struct err *err)
{
    s->metrics = metrics_add_rows(daemon_metrics(s->daemon), METRIC_ROWS, ARRAY_LEN(METRIC_ROWS));
    TRY(make_fetcher(s, err));
    TRY_IN(make_helm_repo(s, err), err, "--cache-dir");
    make_verifier(s);
    make_generator(s);
    metrics_on_collect(daemon_metrics(s->daemon), on_collect, s);
    return listen_all(s, err);
}

int repo_server_start(struct daemon *daemon, void **ret, struct err *err)
{
    struct repo_server *s = MEM_NEW(struct repo_server);
    s->daemon = daemon;
    s->config = daemon_values(daemon);
    s->arena = arena_new();
    if (start(s, err) < 0) {
        return -(int)err->code; /* the process ends */
    }
    log_info("listening", LF_CSTR("address", ipc_server_url(s->ipc)));
    daemon_set_ready(daemon, true);
    *ret = s;
    return 0;
}

/* ---- stop ---- */

static void on_drain(void *data)
{
    struct repo_server *s = data;
    bool idle = s->fetcher_idle && s->helm_repo_idle && s->verifier_idle && s->probe_stopped &&
                ipc_server_n_calls(s->ipc) == 0 && generator_active(s->generator) == 0;
    if (!idle) {
        timer_start(&s->drain, DRAIN_POLL_MS);
        return;
    }
    s->stopped = true;
    daemon_stopped(s->daemon);
}

static void on_fetcher_idle(void *data)
{
    struct repo_server *s = data;
    s->fetcher_idle = true;
}

static void on_helm_repo_idle(void *data)
{
    struct repo_server *s = data;
    s->helm_repo_idle = true;
}

static void on_verifier_idle(void *data)
{
    struct repo_server *s = data;
    s->verifier_idle = true;
}

static void on_probe_stopped(void *data)
{
    struct repo_server *s = data;
    s->probe_stopped = true;
}

void repo_server_stop(struct daemon *daemon, void *component)
{
    struct repo_server *s = component;
    ipc_server_stop(s->ipc);
    probe_server_stop(s->probe, on_probe_stopped, s);
    fetcher_stop(s->fetcher, on_fetcher_idle, s);
    helm_repo_stop(s->helm_repo, on_helm_repo_idle, s);
    verifier_stop(s->verifier, on_verifier_idle, s);
    timer_init(&s->drain, daemon_loop(daemon), on_drain, s);
    on_drain(s);
}

void repo_server_free(void *component)
{
    struct repo_server *s = component;
    if (!s->stopped) {
        return; /* out of time: work still uses all of it, and the process ends */
    }
    ipc_server_free(s->ipc);
    generator_free(s->generator);
    verifier_free(s->verifier);
    helm_repo_free(s->helm_repo);
    fetcher_free(s->fetcher);
    mirror_store_close(s->store);
    gitlib_done();
    arena_free(s->arena);
    mem_free(s);
}
