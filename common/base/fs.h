/* Files and directories: whole reads, atomic writes, removing and measuring trees.
 *
 * Blocking; pool threads, helpers and start-up only. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

/* Create a directory with all its parents; existing ones are fine. */
MUST_CHECK int fs_make_dirs(const char *path, mode_t mode, struct err *err);

/* Read from a descriptor to its end; ERR_LIMIT above max_bytes. NUL-terminated. */
MUST_CHECK int
fs_read_fd(struct arena *arena, int fd, size_t max_bytes, struct str *ret, struct err *err);
/* As above, from a regular file at its start that had this size just now. */
MUST_CHECK int fs_read_regular(struct arena *arena,
                               int fd,
                               uint64_t size_bytes,
                               size_t max_bytes,
                               struct str *ret,
                               struct err *err);
MUST_CHECK int fs_read_file(
    struct arena *arena, const char *path, size_t max_bytes, struct str *ret, struct err *err);

/* Write a file so that a reader, and a crash, see the old content or the new one. */
MUST_CHECK int fs_write_atomic(const char *path, struct str bytes, mode_t mode, struct err *err);
MUST_CHECK int fs_write_fd(int fd, struct str bytes, struct err *err);

/* Remove whatever is at path, symbolic links not followed; nothing there is fine. */
MUST_CHECK int fs_remove_tree(const char *path, struct err *err);
/* Bytes on disk of all files below path; what disappears meanwhile counts as nothing. */
MUST_CHECK int fs_tree_size(const char *path, uint64_t *ret_bytes, struct err *err);
