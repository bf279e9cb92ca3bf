/* What there is to set in a source, for people who are about to set it: value files, parameters, images. */
#pragma once

#include <stddef.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct engine_env;
struct engine_object;
struct value;

/* A chart: {"helm": {"valueFiles", "values", "parameters": [{"name", "value"}], "fileParameters"}, "chart":
 * {"description", "home", "maintainers"}}. Parameters are the leaves of its values with those of the source's value
 * files over them.
 *
 * path, source: as helm_source_render() takes them. Into env->arena.
 * Errors: ERR_NOT_FOUND (the chart, a value file), ERR_INVALID, ERR_LIMIT, ERR_UNAVAILABLE (engine_env's remote). */
MUST_CHECK int describe_helm(struct engine_env *env,
                             struct str path,
                             const struct value *source,
                             const struct value **ret,
                             struct err *err);
/* What a kustomization was built to: {"kustomize": {"images": []}}, sorted. Into env->arena. ERR_LIMIT. */
MUST_CHECK int describe_kustomize(struct engine_env *env,
                                  const struct engine_object *objects,
                                  size_t n,
                                  const struct value **ret,
                                  struct err *err);
/* {"directory": {}} */
const struct value *describe_directory(struct engine_env *env);
