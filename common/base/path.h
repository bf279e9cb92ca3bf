/* Paths inside a tree whose root may not be left: a repository, a chart, a directory on disk.
 *
 * A clean path is relative, uses "/", has no empty, "." or ".." part, and is "" for the root.
 * Pure, any thread. */
#pragma once

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

/* The clean form of base/rel, or of rel alone when that begins with "/" (which then means the root of
 * the tree). base is clean. ERR_INVALID when ".." would leave the root, for NUL bytes and for paths
 * above LIMIT_PATH_BYTES. */
MUST_CHECK int path_join_safe(
    struct arena *arena, struct str base, struct str rel, struct str *ret, struct err *err);

/* "a/b/c" -> "a/b"; "" for a path of one part. */
struct str path_dir(struct str path);
/* "a/b/c" -> "c". */
struct str path_base(struct str path);
/* dir + "/" + name; no "/" when dir is empty. */
struct str path_append(struct arena *arena, struct str dir, struct str name);
/* True when path is dir or lies below it. Everything lies below "". */
bool path_is_below(struct str path, struct str dir);

/* What is at a clean path whose parent has no symbolic links left in it.
 * Returns 1 and the target for a symbolic link, 0 for all else (missing included), or an error. */
typedef int (*path_readlink_fn)(
    void *data, struct arena *arena, struct str path, struct str *ret_target, struct err *err);

/* Replace every symbolic link in a clean path, as the kernel would with the root as its chroot, only
 * that leaving the root and absolute targets are ERR_DENIED. More than 40 links are ERR_INVALID. */
MUST_CHECK int path_resolve(struct arena *arena,
                            struct str path,
                            path_readlink_fn readlink,
                            void *data,
                            struct str *ret,
                            struct err *err);
