/* Rendering a source: from a file tree and an ApplicationSource to Kubernetes objects.
 *
 * The engine that renders is the one whose block the source has, else the one the files in its
 * directory ask for: Chart.yaml means Helm, a kustomization Kustomize, all else a plain directory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/engine_env.h"

struct value;

enum engine_type {
    ENGINE_DIRECTORY,
    ENGINE_HELM,
    ENGINE_KUSTOMIZE,
    ENGINE_PLUGIN,
    ENGINE_TYPE_COUNT
};

/* "Directory", "Helm", ... as in status.sourceType. */
const char *engine_type_name(enum engine_type type);

struct engine_result {
    enum engine_type type;
    const struct engine_object *objects; /* in the order of the source */
    size_t n;
};

struct engine_source {
    const struct value *source; /* an ApplicationSource; NULL or null is one without settings */
    uint64_t max_bytes;         /* of all manifests together; 0 = LIMIT_SOURCE_BYTES */
    struct str
        kustomize_build_options; /* flags of `kustomize build`, as kustomize.buildOptions of argocd-cm */
    bool describe; /* not the objects, but one that says what there is to set (describe.h) */
};

/* Render what source.path names, or with source.chart the root of the tree, which is the chart then.
 *
 * env     borrowed; its budget is charged, the result lives in its arena.
 *
 * Override files in the directory (.argocd-source.yaml, .argocd-source-<app>.yaml) are merged into the
 * source first.
 *
 * Errors: ERR_INVALID (source or file, with position), ERR_NOT_FOUND (the path), ERR_DENIED (links that
 * leave the tree), ERR_LIMIT, ERR_TIMEOUT, ERR_UNSUPPORTED. Pool or loop thread; no I/O but env's. */
MUST_CHECK int engine_render(struct engine_env *env,
                             const struct engine_source *source,
                             struct engine_result *ret,
                             struct err *err);

struct engine_found {
    struct str path; /* of a directory, "." for the root */
    enum engine_type type;
};

struct engine_found_list {
    const struct engine_found *items; /* in path order */
    size_t n;
};

/* All directories of the tree that are Helm or Kustomize sources.  Errors as above. */
MUST_CHECK int
engine_discover(struct engine_env *env, struct engine_found_list *ret, struct err *err);
