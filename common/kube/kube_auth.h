/* Credentials that change: token files, exec plugins; and the http_target that carries them.
 *
 * A token file is read again when it changed (looked at once a second at most). A plugin runs when a
 * request needs a credential and there is none that will be valid for a while; all requests wait for
 * the one run. Loop thread only. */
#pragma once

#include <stdbool.h>

#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/list.h"
#include "common/base/macro.h"

struct clock;
struct http_target;
struct kube_auth;
struct kube_config;
struct loop;

struct kube_auth_opts {
    struct loop *loop;
    const struct kube_config *config;
    const char *const *environ; /* for plugins; NULL = empty */
    const struct clock *clock;  /* NULL = clock_system() */
};

/* All borrowed, for the life of the object. ERR_INVALID: certificates that do not parse. */
MUST_CHECK int
kube_auth_new(const struct kube_auth_opts *opts, struct kube_auth **ret, struct err *err);
/* Nobody may be waiting. NULL is fine. */
void kube_auth_free(struct kube_auth *auth);
DEFINE_CLEANUP(kube_auth, struct kube_auth, kube_auth_free);

/* err is NULL when the credential is there. */
typedef void (*kube_auth_fn)(void *data, const struct err *err);

/* Embedded in the one who waits; zeroed = not waiting. */
struct kube_auth_wait {
    struct list node;
    kube_auth_fn fn;
    void *data;
};

/* True: go on at once. False: fn is called, once, from the loop. */
bool kube_auth_ready(struct kube_auth *auth,
                     struct kube_auth_wait *wait,
                     kube_auth_fn fn,
                     void *data);
/* fn is not called any more; not waiting is fine. */
void kube_auth_forget(struct kube_auth_wait *wait);

/* For the next request; borrowed. */
struct http_target *kube_auth_target(struct kube_auth *auth);

/* The server refused the credential (401). True when a fresh one can be had: try again. */
bool kube_auth_reject(struct kube_auth *auth);
