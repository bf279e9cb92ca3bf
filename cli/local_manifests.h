/* The objects of a directory on this machine, rendered as an application's source is: for local syncs. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"

struct arena;
struct value;

struct local_manifests {
    const char *dir;
    const char *root;        /* dir is below it; NULL = dir itself */
    const struct value *app; /* the Application: settings of its source */
};

/* A list of JSON texts. ERR_UNSUPPORTED for an application of several sources; errors of the engine. Blocking. */
MUST_CHECK int local_manifests_render(struct arena *arena,
                                      const struct local_manifests *what,
                                      const struct value **ret,
                                      struct err *err);
