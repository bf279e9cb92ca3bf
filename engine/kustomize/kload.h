/* struct kload: the directory a kustomization stands in, and what it may reach from there.
 *
 * A chain: the top directory, then each base or component entered on the way. Trees are the repository (env->files) or what
 * env->remote brought. Every error names the path as it was written. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct engine_env;
struct engine_files;

enum kload_restriction {
    KLOAD_ROOT_ONLY, /* files in or below the directory of the kustomization that names them */
    KLOAD_NONE,
};

struct kload {
    struct engine_env *env;
    struct engine_files *files;
    struct str dir;             /* clean, without links, in files; "" = its root */
    const struct kload *parent; /* NULL at the top */
    struct str remote;          /* URL as written, when this directory is one's; else "" */
    enum kload_restriction restriction;
    size_t *
        n_remotes; /* asked for by the build so far, against LIMIT_KUSTOMIZE_REMOTES; NULL = not counted */
};

MUST_CHECK int kload_init(struct kload *load,
                          struct engine_env *env,
                          struct str dir,
                          enum kload_restriction restriction,
                          struct err *err);
/* What env->remote brings. ERR_UNSUPPORTED: nothing can be had; ERR_LIMIT; its own errors. */
struct engine_remote;
struct engine_remote_result;
MUST_CHECK int kload_ask_remote(const struct kload *load,
                                const struct engine_remote *what,
                                struct engine_remote_result *ret,
                                struct err *err);
/* The loader of a directory or remote URL that `entry` (of resources, components, generators ...) names.
 * ERR_NOT_FOUND, ERR_DENIED (leaves the tree), ERR_INVALID (cycle, absolute, not a directory); errors of env->remote. */
MUST_CHECK int
kload_enter(const struct kload *load, struct str entry, struct kload *ret, struct err *err);
/* A file that the kustomization names: relative, or an http(s) URL. ERR_DENIED ("security; file 'X' is not in or below
 * 'Y'"), ERR_NOT_FOUND. A web server that answers with a failure leaves its status in err->system_code, unless the URL
 * may be a repository's. NUL-terminated. */
MUST_CHECK int
kload_file(const struct kload *load, struct str path, struct str *ret, struct err *err);
/* The same into another arena than that of the build; a text from a server is in that of the build all the same. */
MUST_CHECK int kload_file_in(const struct kload *load,
                             struct arena *arena,
                             struct str path,
                             struct str *ret,
                             struct err *err);
/* The path as messages show it: absolute in its tree. "" is the directory itself. */
struct str kload_show(const struct kload *load, struct str path);
/* The file for positions in messages: relative to the root of the tree, or the URL. */
struct str kload_path(const struct kload *load, struct str path);
