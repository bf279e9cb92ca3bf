/* An ApplicationSource's `helm` block: Argo CD's settings turned into a render. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct engine_env;
struct helm_result;
struct value;

/* Render the chart in `path` as the source says.
 *
 * path    of the chart in env->files, clean.
 * source  the ApplicationSource; its `helm` may be missing.
 *
 * Files are those of source_files.h.
 * Errors: as helm_render(); ERR_INVALID for fields of wrong types, ERR_NOT_FOUND for a value
 * file; ERR_UNAVAILABLE when files or dependencies are not here yet (engine_env's remote). */
MUST_CHECK int helm_source_render(struct engine_env *env,
                                  struct str path,
                                  const struct value *source,
                                  struct helm_result *ret,
                                  struct err *err);
