/* What the modules of the client share. */
#pragma once

#include "common/base/list.h"
#include "common/kube/kube_client.h"
#include "common/rt/backoff.h"
#include "common/rt/ratelimit.h"

struct kube_auth;

struct kube_client {
    struct loop *loop;
    struct http_client *http;
    struct kube_config *config; /* owned */
    struct kube_auth *auth;     /* owned */
    struct rand *rand;
    struct str user_agent; /* owned, in config's arena */
    bool limited;
    struct ratelimit limit;
    struct list exchanges; /* not done yet */
    unsigned n_refs;       /* the owner and each exchange */
    bool closing;
    void (*on_stat)(void *data, const struct kube_stat *stat);
    void (*on_warning)(void *data, const struct kube_target *target, struct str text);
    void *data;
};

void kube_client_ref(struct kube_client *client);
void kube_client_unref(struct kube_client *client);
