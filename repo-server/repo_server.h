/* struct repo_server: the process's one object; owns caches, queues and listeners.
 *
 * Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/ipc/ipc_server.h"
#include "common/rt/config.h"

struct daemon;
struct fetcher;
struct generator;
struct helm_repo;
struct loop;
struct metric_set;
struct repo_server;
struct verifier;
struct work;

struct repo_server_config {
#define CONFIG(field, type, ...) CONFIG_CTYPE_##type field;
#include "repo-server/config.def"
#undef CONFIG
};

extern const struct config_row REPO_SERVER_ROWS[];
extern const size_t REPO_SERVER_N_ROWS;

enum repo_metric {
#define METRIC(id, ...) REPO_METRIC_##id,
#include "repo-server/metrics.def"
#undef METRIC
};

/* The steps of struct daemon_spec. */
MUST_CHECK int repo_server_start(struct daemon *daemon, void **ret, struct err *err);
void repo_server_stop(struct daemon *daemon, void *component);
void repo_server_free(void *component);

/* The methods, in handlers.c. */
extern const struct ipc_method REPO_SERVER_METHODS[];
extern const size_t REPO_SERVER_N_METHODS;

/* For the handlers. */
struct loop *repo_server_loop(const struct repo_server *server);
struct work *repo_server_work(const struct repo_server *server);
struct fetcher *repo_server_fetcher(const struct repo_server *server);
struct helm_repo *repo_server_helm_repo(const struct repo_server *server);
struct verifier *repo_server_verifier(const struct repo_server *server);
struct generator *repo_server_generator(const struct repo_server *server);
