/* struct fs_root: a directory on disk whose root no path and no symbolic link leaves.
 *
 * Paths are clean (path.h). Symbolic links are followed inside the root only; one that leads outside is
 * ERR_DENIED. Blocking; one thread at a time. */
#pragma once

#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct fs_root;

enum fs_type { FS_MISSING, FS_FILE, FS_DIR, FS_LINK, FS_OTHER };

struct fs_entry {
    struct str name;   /* NUL-terminated */
    enum fs_type type; /* of the entry itself: FS_LINK is not followed */
};

struct fs_listing {
    struct fs_entry *items; /* bytewise by name */
    size_t n;
};

MUST_CHECK int fs_root_open(const char *dir, struct fs_root **ret, struct err *err);
void fs_root_close(struct fs_root *root);
DEFINE_CLEANUP(fs_root, struct fs_root, fs_root_close);

/* What a path is, links followed; FS_MISSING is no error. */
MUST_CHECK int
fs_root_type(struct fs_root *root, struct str path, enum fs_type *ret, struct err *err);
/* The path without symbolic links; what is missing stays as it was. */
MUST_CHECK int fs_root_resolve(
    struct fs_root *root, struct arena *arena, struct str path, struct str *ret, struct err *err);
/* ERR_NOT_FOUND, ERR_INVALID (not a directory), ERR_LIMIT above LIMIT_TREE_FILES entries. */
MUST_CHECK int fs_root_list(struct fs_root *root,
                            struct arena *arena,
                            struct str path,
                            struct fs_listing *ret,
                            struct err *err);
/* ERR_NOT_FOUND, ERR_INVALID (not a regular file), ERR_LIMIT. */
MUST_CHECK int fs_root_read(struct fs_root *root,
                            struct arena *arena,
                            struct str path,
                            size_t max_bytes,
                            struct str *ret,
                            struct err *err);
