/* What `helm dependency build` does: the declared dependencies that are not in charts/ are put there, from
 * repositories and registries (engine_env's remote) and from directories of the tree ("file://..."). */
#pragma once

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct chart;
struct engine_env;

struct deps_build_options {
    struct arena *values;  /* of the maps of their values */
    struct str path;       /* of the chart in env->files */
    bool pass_credentials; /* of repositories to servers their indexes name */
};

/* When dependencies are missing, all that name a repository are looked up anew, as Helm does; a lock file says
 * which versions, and must fit Chart.yaml.
 *
 * Errors: ERR_NOT_FOUND (no such provider: as deps_check_present(); a directory), ERR_INVALID (lock file out of
 * sync, versions, broken charts), ERR_UNAVAILABLE (archives are not here yet), those of the provider. */
MUST_CHECK int deps_build(struct engine_env *env,
                          const struct deps_build_options *options,
                          struct chart *chart,
                          struct err *err);
