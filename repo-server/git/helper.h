/* struct helper: one run of the Git helper process, from the loop.
 *
 * Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "proto/git_worker.pb-c.h"

struct helper;
struct loop;
struct mirror_store;

struct helper_options {
    struct loop *loop;
    const struct mirror_store *store; /* for the helper's directory */
    int64_t deadline_ms;              /* of loop_now_ms(): then it is killed */
    const char *shown;                /* the repository in messages; copied */
};

/* reply lives until this returns; err is NULL on success, else what the helper said, ERR_TIMEOUT or
 * ERR_CANCELED.  Exactly once, never before helper_start() returned; the helper is freed afterwards. */
typedef void (*helper_done_fn)(const Belay__GitWorkerReply *reply,
                               const struct err *err,
                               void *data);

/* request is packed at once; its `home` is filled in here.  Errors: those of starting a process. */
MUST_CHECK int helper_start(const struct helper_options *options,
                            Belay__GitWorkerRequest *request,
                            helper_done_fn done,
                            void *data,
                            struct helper **ret,
                            struct err *err);
/* Kill it; done() gets ERR_CANCELED. */
void helper_cancel(struct helper *helper);
