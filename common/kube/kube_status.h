/* Failures of the API server: struct Status to struct err, and whether to try again.
 *
 * Pure, any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"

struct value;

/* Turn a failed answer (status >= 400, or a Status inside a watch) into err; returns -code.
 *
 * status  the body as a tree when it is a Status, else NULL; the code follows from its reason.
 * body    quoted, cut, when there is no Status.
 * what    leads the message: "get deployments.apps shop/web". */
int kube_status_to_err(
    int http_status, const struct value *status, struct str body, struct str what, struct err *err);

/* The error came as a server's answer, not from the way to it. */
bool kube_err_is_answer(const struct err *err);

/* The tree is a Status (kind Status, apiVersion v1). */
bool kube_status_is(const struct value *v);

/* What may be done a second time. */
enum kube_repeat {
    KUBE_REPEAT_NEVER,      /* watch: has its own way */
    KUBE_REPEAT_UNSEEN,     /* only what the server did not process: create, update, JSON patch */
    KUBE_REPEAT_IDEMPOTENT, /* the same outcome however often */
};

enum {
    KUBE_ATTEMPTS_MAX = 6,
    /* A server that asks for more is told no; the caller's own back-off takes over. */
    KUBE_RETRY_AFTER_MAX_MS = 60 * 1000,
};

struct kube_outcome {
    int status;               /* HTTP; 0 = no answer */
    struct str retry_after;   /* header as sent; empty = none */
    const struct value *body; /* Status or NULL: details.retryAfterSeconds */
    unsigned n_attempts;      /* made so far, this one included */
    int64_t backoff_ms;       /* delay to use when the server names none */
};

/* Milliseconds to wait before another attempt, or -1: give up. */
int64_t kube_status_retry_ms(enum kube_repeat repeat, const struct kube_outcome *outcome);
