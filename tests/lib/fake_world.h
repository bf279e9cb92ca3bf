/* A fake cluster with a Kubernetes client to it, and a fake repo-server with a client to that: for tests
 * of one module that need neither a daemon nor a whole controller. */
#pragma once

#include "common/ipc/ipc_client.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_config.h"
#include "common/net/http_client.h"
#include "common/rt/loop.h"
#include "tests/lib/fake_cluster.h"
#include "tests/lib/fake_repo.h"
#include "tests/lib/parse.h"

enum { FAKE_WORLD_WAIT_MS = 20 * 1000 };

struct fake_world {
    struct loop *loop;
    struct http_client *http;
    struct fake_cluster *cluster;
    struct kube_client *client;
    struct fake_repo *repo;
    struct ipc_client *ipc;
    struct arena *arena;
    bool closed;
};

static inline struct kube_config *fake_world_config(const struct fake_world *w)
{
    struct kube_config *config = NULL;
    struct err err;
    ASSERT_OK(
        kube_config_from_secret(str_from(fake_cluster_url(w->cluster)), STR(""), &config, &err));
    return config;
}

static inline void fake_world_init(struct fake_world *w)
{
    struct err err;
    *w = (struct fake_world){.loop = loop_new(), .arena = arena_new()};
    w->http = http_client_new(w->loop, NULL);
    w->cluster = fake_cluster_new(w->loop);
    w->repo = fake_repo_new(w->loop);
    const char *url = fake_repo_url(w->repo);
    const struct ipc_client_options options = {.urls = &url, .n_urls = 1};
    ASSERT_OK(ipc_client_new(w->loop, &options, &w->ipc, &err));
    const struct kube_client_opts client = {
        .loop = w->loop, .http = w->http, .config = fake_world_config(w), .qps = -1};
    ASSERT_OK(kube_client_new(&client, &w->client, &err));
}

/* Runs the loop until cond(data); fails the test after a deadline. */
static inline void fake_world_wait(struct fake_world *w, bool (*cond)(void *data), void *data)
{
    if (!loop_run_until(w->loop, cond, data, FAKE_WORLD_WAIT_MS)) {
        fail_msg("nothing happened for %d ms; requests:\n%s", FAKE_WORLD_WAIT_MS,
                 fake_cluster_log(w->cluster));
    }
}

static inline void fake_world_set(void *flag)
{
    *(bool *)flag = true;
}

static inline bool fake_world_is_set(void *flag)
{
    return *(const bool *)flag;
}

static inline void fake_world_done(struct fake_world *w)
{
    ipc_client_free(w->ipc);
    kube_client_free(w->client);
    http_client_close(w->http, fake_world_set, &w->closed);
    fake_world_wait(w, fake_world_is_set, &w->closed);
    fake_repo_free(w->repo);
    fake_cluster_free(w->cluster);
    loop_free(w->loop);
    arena_free(w->arena);
}
