/* struct kload: the directory a kustomization stands in, and what it may reach from there.
 *
 * A chain: the top directory, then each base or component entered on the way. Trees are the repository (env->files) or what
 * env->remote brought. Every error names the path as it was written. */
#pragma once

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct engine_env;
struct engine_files;

enum kload_restriction {
    KLOAD_ROOT_ONLY, /* files in or below the directory of the kustomization that names them */
    KLOAD_NONE,
};

struct kload {
    struct engine_env *env;
    struct engine_files *files;
    struct str dir;             /* clean, in files; "" = its root */
    const struct kload *parent; /* NULL at the top */
    struct str remote; /* URL as written, of the nearest remote base; "" = the repository */
    struct str repo;   /* URL and ref of that, for origins */
    struct str ref;
    enum kload_restriction restriction;
};

MUST_CHECK int kload_init(struct kload *load,
                          struct engine_env *env,
                          struct str dir,
                          enum kload_restriction restriction,
                          struct err *err);
/* The loader of a directory or remote URL that `entry` (of resources, components, generators ...) names.
 * ERR_NOT_FOUND, ERR_DENIED (leaves the tree), ERR_INVALID (cycle, absolute, not a directory); errors of env->remote. */
MUST_CHECK int
kload_enter(const struct kload *load, struct str entry, struct kload *ret, struct err *err);
/* A file that the kustomization names: relative, or an http(s) URL. ERR_DENIED ("security; file 'X' is not in or below
 * 'Y'"), ERR_NOT_FOUND. NUL-terminated. */
MUST_CHECK int
kload_file(const struct kload *load, struct str path, struct str *ret, struct err *err);
/* True when the entry has the form of a remote repository. */
bool kload_is_remote(struct str entry);
/* As `path` of origins: relative to the top directory (or to the remote repository's root). */
struct str kload_origin_path(const struct kload *load, struct str path);
