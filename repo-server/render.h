/* One render, on the pool: from a commit in a mirror to manifests and their read-set. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/engine_env.h"
#include "repo-server/manifest_cache.h"

/* All borrowed. */
struct render_input {
    struct str mirror;
    struct str commit;
    struct str source; /* ApplicationSource as JSON */
    struct engine_app app;
    struct engine_cluster cluster;
    uint64_t max_bytes;                     /* of a plain source's files */
    int64_t timeout_ms;                     /* of the render alone */
    int64_t wall_ms;                        /* the time templates see */
    struct manifest_entry *const *variants; /* earlier results that may still be right */
    size_t n_variants;
};

struct render_output {
    struct manifest_entry *same;  /* the variant that is right for this commit; borrowed */
    struct manifest_entry *fresh; /* else a new one; the caller's reference */
    bool mirror_damaged;          /* on failure: objects are missing or cannot be read */
};

/* Errors: as engine_render(); ERR_INTERNAL with mirror_damaged. Pool thread. */
MUST_CHECK int
render_run(const struct render_input *input, struct render_output *ret, struct err *err);

struct engine_found_list;
/* The sources of a commit (engine_discover()), in the arena. */
MUST_CHECK int render_discover(struct arena *arena,
                               struct str mirror,
                               struct str commit,
                               struct engine_found_list *ret,
                               bool *ret_mirror_damaged,
                               struct err *err);
