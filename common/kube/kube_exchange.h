/* One exchange with the API server: rate limit, credentials, HTTP, back-off and retries.
 *
 * The common ground of calls, lists, watches and discovery; internal to common/kube. The contract is
 * that of struct op. Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/kube/kube_client.h"
#include "common/kube/kube_request.h"

struct arena;
struct kube_exchange;
struct list;

/* Valid until the callback returns. */
struct kube_exchange_result {
    const struct err *err;       /* NULL = a 2xx answer that came in whole */
    int status;                  /* of the last attempt; 0 = no answer */
    struct str body;             /* collected; empty when streamed */
    const struct value *failure; /* Status tree of a failure, or NULL */
};

struct kube_exchange_opts {
    enum kube_verb verb;
    const struct kube_target *target; /* copied */
    const struct kube_wire *wire;     /* copied */
    bool dry_run;
    int64_t deadline_ms;   /* loop_now_ms(); 0 = none */
    int64_t idle_ms;       /* without a byte; 0 = none */
    unsigned max_attempts; /* 0 = KUBE_ATTEMPTS_MAX */
    /* With it a 2xx body is streamed; once bytes were delivered nothing is tried again. May cancel the
     * exchange. */
    void (*on_data)(void *data, struct str bytes);
    bool pausable;               /* kube_exchange_pause() will be used */
    void (*on_head)(void *data); /* a 2xx answer begins; only with on_data; may be NULL */
    void (*done)(void *data, const struct kube_exchange_result *result);
    void *data;
};

struct kube_exchange *kube_exchange_start(struct kube_client *client,
                                          const struct kube_exchange_opts *opts);
/* done follows with ERR_CANCELED, no other callback. */
void kube_exchange_cancel(struct kube_exchange *exchange);
/* No on_data until resumed; the server is held back. Pausable exchanges only. */
void kube_exchange_pause(struct kube_exchange *exchange);
void kube_exchange_resume(struct kube_exchange *exchange);
/* As kube_exchange_cancel(), of the list node in kube_client.exchanges. */
void kube_exchange_cancel_node(struct list *node);

/* Text of a Warning header value ('299 - "text"'), unescaped in the arena. False: no such header. */
bool kube_exchange_warning(struct arena *arena, struct str header, struct str *ret_text);
