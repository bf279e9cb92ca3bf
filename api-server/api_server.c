/* Wiring of the API server: informers, calls, listeners; ordered start and stop. */
#include "api-server/api_server.h"

#include <stdio.h>

#include "api-server/auth/login_limit.h"
#include "api-server/auth/session.h"
#include "api-server/bootstrap.h"
#include "api-server/clusters.h"
#include "api-server/rest/applications.h"
#include "api-server/router.h"
#include "api-server/stream.h"
#include "api-server/stream_out.h"
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/base/rand.h"
#include "common/ipc/ipc_client.h"
#include "common/ipc/ipc_convert.h"
#include "common/ipc/ipc_event.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_config.h"
#include "common/kube/kube_informer.h"
#include "common/model/application.h"
#include "common/net/http_client.h"
#include "common/net/http_server.h"
#include "common/net/probe_server.h"
#include "common/net/tls.h"
#include "common/rt/daemon.h"
#include "common/rt/loop.h"
#include "common/rt/metrics.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "proto/events.pb-c.h"
#include "version.h"

enum {
    DRAIN_MS = 8000,
    ANSWER_MS =
        4000, /* for calls to the other daemons; then their requests are answered with an error */
};

static const struct metric_row ROWS[] = {
#define METRIC(id, ...) METRIC_ROW(__VA_ARGS__),
#include "api-server/metrics.def"
#undef METRIC
};

/* ---- informers and events ---- */

static void on_application(void *data, struct doc *before, struct doc *after)
{
    struct api_server *server = data;
    stream_on_application(server, before, after);
    applications_changed(server, before, after);
}

static void part_stopped(void *data);

static void on_bootstrapped(struct api_server *server)
{
    server->bootstrapping = false;
    if (server->stopping) {
        part_stopped(server);
        return;
    }
    daemon_set_ready(server->daemon, true);
}

static int start_listening(struct api_server *server, struct err *err);

static void on_applications_synced(void *data)
{
    struct api_server *server = data;
    struct err err;
    if (server->http != NULL || server->stopping) {
        return; /* a later list */
    }
    if (start_listening(server, &err) < 0) {
        daemon_shutdown(server->daemon, &err);
        return;
    }
    server->bootstrapping = true;
    bootstrap_run(server, on_bootstrapped);
}

static void take_params(struct api_server *server)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct config_pairs pairs = settings_params(server->settings, arena);
    daemon_set_params(server->daemon, &pairs);
}

static void warn_of_missing(struct api_server *server, const references_missing *missing)
{
    size_t hash = missing->n;
    for (size_t i = 0; i < missing->n; i++) {
        hash = hash * 31 + str_hash(missing->items[i]);
    }
    if (hash == server->missing_hash) {
        return;
    }
    server->missing_hash = hash;
    for (size_t i = 0; i < missing->n; i++) {
        log_warn("settings refer to a key of a secret that does not exist, the text stays as it is",
                 LF_STR("key", missing->items[i]));
    }
}

/* What Argo CD follows references in. */
static void check_references(struct api_server *server)
{
    static const char *const CONFIG_KEYS[] = {"dex.config", "oidc.config", "extension.config"};
    static const char *const SECRET_KEYS[] = {
        "webhook.github.secret",          "webhook.gitlab.secret", "webhook.bitbucket.uuid",
        "webhook.bitbucketserver.secret", "webhook.gogs.secret",   "webhook.azuredevops.username",
        "webhook.azuredevops.password",   "webhook.harbor.secret"};
    AUTO(arena) struct arena *arena = arena_new();
    references_missing missing = {0};
    for (size_t i = 0; i < ARRAY_LEN(CONFIG_KEYS); i++) {
        const struct value *unused = NULL;
        struct err err;
        if (settings_tree(server->settings, arena, str_from(CONFIG_KEYS[i]), &missing, &unused,
                          &err) < 0) {
            log_warn("argocd-cm has a setting that does not count", LF_ERR(&err));
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(SECRET_KEYS); i++) {
        (void)settings_secret_resolved(server->settings, arena, str_from(SECRET_KEYS[i]), &missing);
    }
    warn_of_missing(server, &missing);
}

/* Everything else is read when it is needed. */
static void on_settings(void *data, enum settings_part part, struct str name UNUSED)
{
    const struct api_server *server = data;
    if (part == SETTINGS_CONFIG) {
        take_params(data);
    }
    if ((part == SETTINGS_CONFIG || part == SETTINGS_SECRET) && settings_synced(server->settings)) {
        check_references(data);
    }
    if (part == SETTINGS_CLUSTERS) {
        clusters_reload(data);
    }
}

static bool wants_namespace(void *data, struct str namespace)
{
    const struct api_server *server = data;
    return app_namespaces_permit(&server->namespaces, namespace);
}

static void on_applications_error(void *data UNUSED, const struct err *err)
{
    if (err != NULL) {
        log_warn("applications cannot be watched", LF_ERR(err));
    }
}

static void on_settings_synced(void *data)
{
    struct api_server *server = data;
    if (server->stopping) {
        return;
    }
    take_params(server);
    check_references(server);
    struct app_strs watched = app_namespaces_watched(server->arena, &server->namespaces);
    struct kube_informer_opts opts = {
        .target = {.group = STR(APP_GROUP),
                   .version = STR(APP_VERSION),
                   .resource = STR(APP_RESOURCE),
                   .kind = STR(APP_KIND)},
        .namespaces = watched.items,
        .n_namespaces = watched.n,
        .wants = wants_namespace,
        .on_change = on_application,
        .on_synced = on_applications_synced,
        .on_error = on_applications_error,
        .data = server,
    };
    server->apps = kube_informer_start(server->client, &opts);
}

static void on_event(uint32_t type, struct str payload, void *data)
{
    struct api_server *server = data;
    ProtobufCMessage *message = NULL;
    struct err err;
    if (type != BELAY__EVENT_TYPE__EVENT_TREE_CHANGED) {
        return;
    }
    AUTO(arena) struct arena *arena = arena_new();
    if (ipc_unpack(arena, &belay__app_event__descriptor, payload, &message, &err) < 0) {
        log_warn("event cannot be read", LF_ERR(&err));
        return;
    }
    const Belay__AppEvent *event = (const Belay__AppEvent *)message;
    stream_on_tree(server, str_from(event->namespace_), str_from(event->name));
}

static void on_resync(enum ipc_resync why UNUSED, void *data)
{
    stream_on_tree(data, STR_EMPTY, STR_EMPTY);
}

/* ---- start ---- */

static int start_kube(struct api_server *server, struct err *err)
{
    struct kube_config *config = NULL;
    TRY(kube_config_own(str_from(server->config->kubeconfig), &config, err));
    struct kube_client_opts opts = {
        .loop = server->loop,
        .http = server->http_client,
        .config = config,
        .user_agent = STR("belay-api-server"),
        .environ = config_environ(),
    };
    TRY(kube_client_new(&opts, &server->client, err));
    struct settings_opts settings = {
        .client = server->client,
        .namespace = str_from(server->config->ns),
        .want_secret = true,
        .ignore_signatures = !server->config->verify_signatures,
        .on_change = on_settings,
        .on_synced = on_settings_synced,
        .data = server,
    };
    server->settings = settings_new(&settings);
    return 0;
}

static int start_client(struct api_server *server,
                        const struct config_list *urls,
                        const struct ipc_tls *tls,
                        struct ipc_client **ret,
                        struct err *err)
{
    struct ipc_client_options options = {
        .urls = urls->items,
        .n_urls = urls->n,
        .tls = tls,
        .metrics = daemon_metrics(server->daemon),
    };
    return ipc_client_new(server->loop, &options, ret, err);
}

static int start_ipc(struct api_server *server, struct err *err)
{
    const struct api_config *c = server->config;
    struct ipc_tls tls = {.ca_file = c->tls_ca, .cert_file = c->tls_cert, .key_file = c->tls_key};
    TRY_IN(start_client(server, &c->repo_server, &tls, &server->repo_server, err), err,
           "--repo-server");
    TRY_IN(start_client(server, &c->controller, &tls, &server->controller, err), err,
           "--controller");
    struct ipc_sub_options options = {
        .url = c->controller_events,
        .tls = &tls,
        .heartbeat_type = BELAY__EVENT_TYPE__EVENT_HEARTBEAT,
    };
    struct ipc_sub_callbacks callbacks = {.on_event = on_event, .on_resync = on_resync};
    TRY_IN(ipc_sub_new(server->loop, &options, &callbacks, server, &server->events, err), err,
           "--controller-events");
    return 0;
}

int api_server_start(struct daemon *daemon, void **ret, struct err *err)
{
    struct api_server *server = MEM_NEW(struct api_server);
    *ret = server;
    server->config = daemon_values(daemon);
    server->arena = arena_new();
    server->namespaces =
        app_namespaces_of(server->arena, server->config->ns, server->config->app_namespaces.items,
                          server->config->app_namespaces.n);
    server->daemon = daemon;
    server->loop = daemon_loop(daemon);
    server->work = daemon_work(daemon);
    server->rand = rand_system();
    server->logins = login_limit_new();
    server->http_client = http_client_new(server->loop, NULL);
    list_init(&server->streams);
    list_init(&server->watchers);
    list_init(&server->waiting);
    list_init(&server->revoked);
    server->metrics = metrics_add_rows(daemon_metrics(daemon), ROWS, ARRAY_LEN(ROWS));
    metric_set(server->metrics, API_METRIC_INFO, 1, METRIC_LABELS(STR("v" BELAY_VERSION)));
    TRY(start_ipc(server, err));
    TRY(start_kube(server, err));
    return probe_server_new(daemon, str_from(server->config->http_address), &server->probes, err);
}

/* ---- listening ---- */

static int
pem_from_secret(struct api_server *server, struct tls_pem *pem, bool *ret_found, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str cert = settings_secret_value(server->settings, arena, STR("tls.crt"));
    struct str key = settings_secret_value(server->settings, arena, STR("tls.key"));
    *ret_found = cert.n > 0 && key.n > 0;
    if (!*ret_found) {
        return 0;
    }
    TRY(tls_pem_check(cert, key, "argocd-secret", err));
    buf_init(&pem->cert, cert.n);
    buf_init(&pem->key, key.n);
    buf_put(&pem->cert, cert);
    buf_put(&pem->key, key);
    return 0;
}

static int server_tls(struct api_server *server, struct tls_server **ret, struct err *err)
{
    static const char *const NAMES[] = {"localhost", "127.0.0.1", "belay-api-server",
                                        "argocd-server"};
    const struct api_config *c = server->config;
    if (c->tls_cert_file[0] != '\0') {
        return tls_server_from_files(c->tls_cert_file, c->tls_key_file, ret, err);
    }
    __attribute__((cleanup(auto_cleanup_tls_pem))) struct tls_pem pem = {0};
    bool found = false;
    TRY(pem_from_secret(server, &pem, &found, err));
    if (!found) {
        struct tls_self_signed_opts opts = {
            .common_name = "belay", .names = NAMES, .n_names = ARRAY_LEN(NAMES)};
        TRY(tls_self_signed(&opts, &pem, err));
        log_info("serving with a self-signed certificate");
    }
    return tls_server_from_pem(&pem, ret, err);
}

static int start_listening(struct api_server *server, struct err *err)
{
    struct str host;
    struct http_listen_opts listen = {0};
    AUTO(tls_server) struct tls_server *tls = NULL;
    TRY_IN(probe_address_parse(str_from(server->config->listen_address), &host, &listen.port, err),
           err, "--listen-address");
    if (!server->config->insecure) {
        TRY(server_tls(server, &tls, err));
    }
    AUTO(char) char *host_text = mem_strndup(host.p, host.n);
    bool any = host.n == 0 || str_eq(host, STR("0.0.0.0"));
    listen.host = any ? NULL : host_text;
    listen.tls = tls;
    struct http_server_opts opts = {.on_request = router_on_request, .data = server};
    server->http = http_server_new(server->loop, &opts);
    TRY_IN(http_server_listen(server->http, &listen, &server->port, err), err, "listening on %s",
           server->config->listen_address);
    char address[128];
    (void)snprintf(address, sizeof(address), STR_FMT ":%u", STR_ARG(host), server->port);
    log_info("serving", LF_CSTR("address", address));
    return 0;
}

/* ---- stop ---- */

static void on_http_closed(void *data)
{
    struct api_server *server = data;
    daemon_stopped(server->daemon);
}

/* The last one closes what the others used. */
static void part_stopped(void *data)
{
    struct api_server *server = data;
    if (--server->n_stopping == 0) {
        clusters_free(server);
        kube_client_free(TAKE(server->client));
        http_client_close(TAKE(server->http_client), on_http_closed, server);
    }
}

/* Requests are over: what they used may go. */
static void on_http_stopped(void *data)
{
    struct api_server *server = data;
    timer_stop(&server->overdue);
    if (server->apps != NULL) {
        server->n_stopping++;
        kube_informer_stop(TAKE(server->apps), part_stopped, server);
    }
    if (server->settings != NULL) {
        server->n_stopping++;
        settings_free(TAKE(server->settings), part_stopped, server);
    }
    part_stopped(server);
}

static void on_answers_overdue(void *data)
{
    struct api_server *server = data;
    ipc_client_cancel_all(server->controller);
    ipc_client_cancel_all(server->repo_server);
}

void api_server_stop(struct daemon *daemon UNUSED, void *component)
{
    struct api_server *server = component;
    server->stopping = true;
    server->n_stopping = 1;
    stream_out_end_all(server);
    applications_stop_waiting(server);
    server->n_stopping += server->bootstrapping; /* on_bootstrapped() */
    if (server->probes != NULL) {
        server->n_stopping++;
        probe_server_stop(TAKE(server->probes), part_stopped, server);
    }
    timer_init(&server->overdue, server->loop, on_answers_overdue, server);
    timer_start(&server->overdue, ANSWER_MS);
    if (server->http != NULL) {
        http_server_stop(TAKE(server->http), DRAIN_MS, on_http_stopped, server);
    } else {
        on_http_stopped(server);
    }
}

void api_server_free(void *component)
{
    struct api_server *server = component;
    timer_stop(&server->overdue);
    if (server->events != NULL) {
        ipc_sub_free(server->events);
    }
    ipc_client_free(server->controller);
    ipc_client_free(server->repo_server);
    clusters_free(server);
    kube_client_free(server->client); /* these two only when the time for stopping was over */
    if (server->http_client != NULL) {
        http_client_close(server->http_client, NULL, NULL);
    }
    session_forget_revoked(server);
    login_limit_free(server->logins);
    arena_free(server->arena);
    mem_free(server);
}
