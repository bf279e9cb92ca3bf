/* struct api_server: everything of one api-server process.
 *
 * Its read model are informers of the control plane's own cluster; what lives in destination clusters it
 * asks of the controller (logs, which are streamed, it reads there itself), what stands in repositories of the repo-server. It writes Applications and its own
 * secrets, nothing else. Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/list.h"
#include "common/base/macro.h"
#include "common/model/app_namespaces.h"
#include "common/rt/config.h"
#include "common/rt/timer.h"

struct api_server;
struct daemon;
struct http_client;
struct ipc_client;
struct ipc_sub;
struct kube_client;
struct kube_informer;
struct login_limit;
struct map;
struct metric_set;
struct settings;

struct api_config {
#define CONFIG(field, type, ...) CONFIG_CTYPE_##type field;
#include "api-server/config.def"
#undef CONFIG
};

enum api_metric {
#define METRIC(id, ...) API_METRIC_##id,
#include "api-server/metrics.def"
#undef METRIC
};

struct api_server {
    const struct api_config *config;
    struct daemon *daemon;
    struct loop *loop;
    struct work *work;
    struct rand *rand;
    struct metric_set *metrics;
    struct http_client *http_client;
    struct kube_client *client;
    struct settings *settings;
    size_t missing_hash; /* of the references in it that lead nowhere */
    struct arena *arena; /* as long as the process */
    struct app_namespaces namespaces;
    struct kube_informer *apps;
    struct ipc_client *repo_server;
    struct ipc_client *controller;
    struct ipc_sub *events;
    struct map *clusters; /* clusters.h; NULL = none yet */
    struct http_server *http;
    uint16_t port; /* it listens on */
    struct probe_server *probes;
    struct login_limit *logins;
    struct list streams;  /* struct stream_out: answers that go on */
    struct list watchers; /* struct stream: those that show changes */
    struct list waiting;  /* struct refresh_wait: requests that wait for a refresh */
    struct list revoked;  /* tokens that were logged out */
    struct timer overdue; /* while stopping */
    bool bootstrapping;
    bool stopping;
    unsigned n_stopping;
};

MUST_CHECK int api_server_start(struct daemon *daemon, void **ret, struct err *err);
void api_server_stop(struct daemon *daemon, void *component);
void api_server_free(void *component);
