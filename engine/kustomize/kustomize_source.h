/* An ApplicationSource's `kustomize` block: Argo CD's settings turned into a build. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct engine_env;
struct kustomize_result;
struct value;

/* Build the kustomization in `path` as the source says.
 *
 * path           of its directory in env->files, clean.
 * source         the ApplicationSource; its `kustomize` may be missing. What it says is put into the kustomization in memory,
 *                as `kustomize edit` would put it into the file.
 * build_options  of argocd-cm's kustomize.buildOptions: flags of `kustomize build`.
 *
 * Errors: as kustomize_build(); ERR_INVALID for fields of wrong types and labels or annotations that are there already;
 * ERR_UNSUPPORTED for options that run programs. */
MUST_CHECK int kustomize_source_build(struct engine_env *env,
                                      struct str path,
                                      const struct value *source,
                                      struct str build_options,
                                      struct kustomize_result *ret,
                                      struct err *err);
