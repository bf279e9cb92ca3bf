/* The body of a sync request from flags. Pure. */
#pragma once

#include <stdbool.h>

#include "cli/app_ref.h"
#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct arena;
struct value;

struct sync_body_opts {
    const char *revision;          /* NULL = the target revision */
    const char *strategy;          /* "apply", "hook", or NULL */
    const struct value *resources; /* list of what sync_select() returns; NULL = all */
    const struct value *manifests; /* list of JSON texts, instead of the source's; NULL = none */
    struct flag_list options;      /* "CreateNamespace=true" */
    struct flag_list infos;        /* "name=value" */
    bool prune;
    bool dry_run;
    bool force;
    bool replace;
    bool server_side;
    bool apply_out_of_sync_only;
    int64_t retry_limit; /* 0 = as the Application says */
};

/* ERR_INVALID for a malformed info. */
MUST_CHECK int sync_body(struct arena *arena,
                         const struct app_ref *ref,
                         const struct sync_body_opts *opts,
                         const struct value **ret,
                         struct err *err);
