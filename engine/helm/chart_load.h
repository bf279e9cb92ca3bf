/* Loading charts: directories of a file tree, and archives in memory. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct chart;
struct engine_env;

/* The chart in a directory, or in the archive (.tgz) that path names, with all its subcharts.
 *
 * env     borrowed; its budget is charged with what is read and unpacked; the chart lives in its arena.
 * values  of its maps of values.
 * path    clean, in env->files.
 *
 * Errors: ERR_NOT_FOUND (no Chart.yaml), ERR_INVALID (a file, with its name), ERR_DENIED (links that leave
 * the tree), ERR_LIMIT (LIMIT_CHART_FILE_BYTES, LIMIT_CHART_BYTES, LIMIT_TREE_FILES). */
MUST_CHECK int chart_load(struct engine_env *env,
                          struct arena *values,
                          struct str path,
                          struct chart **ret,
                          struct err *err);

/* The same from the bytes of a .tgz; env->files is not used. Names that would lead out of the archive's
 * directory are ERR_INVALID. */
MUST_CHECK int chart_load_archive(struct engine_env *env,
                                  struct arena *values,
                                  struct str bytes,
                                  struct chart **ret,
                                  struct err *err);
