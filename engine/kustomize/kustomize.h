/* Building a kustomization: what `kustomize build` does and prints. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kload.h"

struct value;

enum kustomize_order {
    KUSTOMIZE_ORDER_UNSPECIFIED, /* sortOptions of the kustomization, else legacy */
    KUSTOMIZE_ORDER_LEGACY,
    KUSTOMIZE_ORDER_FIFO, /* "none" */
};

struct kustomize_options {
    enum kustomize_order order;
    enum kload_restriction restriction;
    bool enable_helm;
    bool managed_by_label;
    struct str helm_kube_version; /* "" = env->cluster's */
    const struct str *helm_api_versions;
    size_t n_helm_api_versions;
    /* Changes to the top kustomization before it is built: called with its parsed content and file name; NULL = none. */
    int (*edit)(struct engine_env *env,
                const struct value *kustomization,
                const struct value **ret,
                void *data,
                struct err *err);
    void *edit_data;
    /* On failure: kustomize's own text of it, which may be longer than struct err holds; in env->arena. NULL = not wanted. */
    struct str *error_text;
    /* Told of deprecated fields and other things that kustomize prints on stderr; NULL = nobody. */
    void (*warn)(struct str text, void *data);
    void *warn_data;
};

struct kustomize_result {
    const struct engine_object *objects; /* in the order of the output */
    size_t n;
};

/* dir: clean, in env->files. Results live in env->arena.
 *
 * Errors: ERR_NOT_FOUND, ERR_INVALID (with file, field and the way through bases), ERR_DENIED, ERR_LIMIT, ERR_TIMEOUT,
 * ERR_UNSUPPORTED (external plugins). Pure: no I/O but env's. */
MUST_CHECK int kustomize_build(struct engine_env *env,
                               struct str dir,
                               const struct kustomize_options *options,
                               struct kustomize_result *ret,
                               struct err *err);
/* What `kustomize build` prints, piece by piece; put() is not called before it is clear that all can be written. */
typedef int (*kustomize_put_fn)(void *data, struct str text, struct err *err);
MUST_CHECK int kustomize_write(const struct kustomize_result *result,
                               kustomize_put_fn put,
                               void *data,
                               struct err *err);
/* The same as one text. Into env->arena. */
MUST_CHECK int kustomize_print(struct engine_env *env,
                               const struct kustomize_result *result,
                               struct str *ret,
                               struct err *err);
