/* Files and directories through descriptors, so that a tree that changes underneath is not mistaken for
 * another one. */
#include "common/base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/mem.h"

enum {
    READ_CHUNK = 64 * 1024,
    TREE_DEPTH_MAX = 200, /* one open descriptor a level */
};

int fs_make_dirs(const char *path, mode_t mode, struct err *err)
{
    char part[LIMIT_PATH_BYTES];
    size_t n = strlen(path);
    if (n == 0 || n >= sizeof(part)) {
        return err_set(err, ERR_INVALID, "directory name '%.64s' is empty or too long", path);
    }
    memcpy(part, path, n + 1);
    for (size_t i = 1; i <= n; i++) {
        if (part[i] != '/' && part[i] != '\0') {
            continue;
        }
        char kept = part[i];
        part[i] = '\0';
        if (mkdir(part, mode) < 0 && errno != EEXIST) {
            return err_set_errno(err, errno, "cannot create directory '%s'", part);
        }
        part[i] = kept;
    }
    return 0;
}

/* What a pipe or the like has, or a file that grows while it is read. */
static int
read_growing(struct arena *arena, int fd, size_t max_bytes, struct str *ret, struct err *err)
{
    AUTO(buf) struct buf b;
    buf_init(&b, max_bytes + READ_CHUNK);
    for (;;) {
        char *to = buf_reserve(&b, READ_CHUNK);
        if (to == NULL || b.n > max_bytes) {
            return err_set(err, ERR_LIMIT, "larger than %zu bytes", max_bytes);
        }
        ssize_t n = read(fd, to, READ_CHUNK);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return err_set_errno(err, errno, "cannot read");
        }
        if (n == 0) {
            break;
        }
        buf_commit(&b, (size_t)n);
    }
    *ret = buf_to_arena(&b, arena);
    return 0;
}

/* A file of this size, read with one call; 1: it is not as large. */
static int
read_whole(struct arena *arena, int fd, size_t size_bytes, struct str *ret, struct err *err)
{
    char *to = arena_bytes(arena, size_bytes + 1);
    ssize_t n = pread(fd, to, size_bytes + 1, 0);
    if (n < 0 && errno != EINTR) {
        return err_set_errno(err, errno, "cannot read");
    }
    if (n < 0 || (size_t)n != size_bytes) {
        return 1;
    }
    to[n] = '\0';
    *ret = str_of(to, size_bytes);
    return 0;
}

int fs_read_fd(struct arena *arena, int fd, size_t max_bytes, struct str *ret, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
        lseek(fd, 0, SEEK_CUR) == 0) {
        return fs_read_regular(arena, fd, (uint64_t)st.st_size, max_bytes, ret, err);
    }
    return read_growing(arena, fd, max_bytes, ret, err);
}

int fs_read_regular(struct arena *arena,
                    int fd,
                    uint64_t size_bytes,
                    size_t max_bytes,
                    struct str *ret,
                    struct err *err)
{
    if (size_bytes > max_bytes) {
        return err_set(err, ERR_LIMIT, "larger than %zu bytes", max_bytes);
    }
    int rc = read_whole(arena, fd, (size_t)size_bytes, ret, err);
    return rc <= 0 ? rc : read_growing(arena, fd, max_bytes, ret, err);
}

int fs_read_file(
    struct arena *arena, const char *path, size_t max_bytes, struct str *ret, struct err *err)
{
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return err_set_errno(err, errno, "cannot open '%s'", path);
    }
    TRY_IN(fs_read_fd(arena, fd, max_bytes, ret, err), err, "'%s'", path);
    return 0;
}

int fs_write_fd(int fd, struct str bytes, struct err *err)
{
    while (bytes.n > 0) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return err_set_errno(err, errno, "cannot write");
        }
        bytes = str_sub(bytes, (size_t)n, bytes.n);
    }
    return 0;
}

static int write_and_sync(int fd, struct str bytes, mode_t mode, struct err *err)
{
    TRY(fs_write_fd(fd, bytes, err));
    if (fchmod(fd, mode) < 0 || fsync(fd) < 0) {
        return err_set_errno(err, errno, "cannot write");
    }
    return 0;
}

int fs_write_atomic(const char *path, struct str bytes, mode_t mode, struct err *err)
{
    char temp[LIMIT_PATH_BYTES];
    int n = snprintf(temp, sizeof(temp), "%s.XXXXXX", path);
    if (n < 0 || (size_t)n >= sizeof(temp)) {
        return err_set(err, ERR_INVALID, "file name '%.64s' is too long", path);
    }
    AUTO_FD fd = mkostemp(temp, O_CLOEXEC);
    if (fd < 0) {
        return err_set_errno(err, errno, "cannot create '%s'", temp);
    }
    int rc = write_and_sync(fd, bytes, mode, err);
    if (rc == 0 && rename(temp, path) < 0) {
        rc = err_set_errno(err, errno, "cannot rename");
    }
    if (rc < 0) {
        (void)unlink(temp); /* the write error is the one to report */
        return err_wrap(err, "'%s'", path);
    }
    return 0;
}

/* What to do with each entry of a tree: files on the way, directories after their children. */
struct tree_visit {
    int (*visit)(
        struct tree_visit *v, int dir_fd, const char *name, const struct stat *st, struct err *err);
    uint64_t bytes;
};

static int
visit_tree(struct tree_visit *v, int parent, const char *name, int depth, struct err *err);

static int visit_children(struct tree_visit *v, DIR *dir, int depth, struct err *err)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (entry == NULL) {
            return errno == 0 ? 0 : err_set_errno(err, errno, "cannot list");
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            TRY(visit_tree(v, dirfd(dir), entry->d_name, depth, err));
        }
    }
}

static int
visit_directory(struct tree_visit *v, int parent, const char *name, int depth, struct err *err)
{
    if (depth > TREE_DEPTH_MAX) {
        return err_set(err, ERR_LIMIT, "directories nested deeper than %d", TREE_DEPTH_MAX);
    }
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? 0 : err_set_errno(err, errno, "cannot open '%s'", name);
    }
    DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        int failed = errno;
        (void)close(fd); /* it was only read */
        return err_set_errno(err, failed, "cannot list '%s'", name);
    }
    int rc = visit_children(v, dir, depth + 1, err);
    (void)closedir(dir); /* it was only read */
    return rc;
}

static int
visit_tree(struct tree_visit *v, int parent, const char *name, int depth, struct err *err)
{
    struct stat st;
    if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
        return errno == ENOENT ? 0 : err_set_errno(err, errno, "cannot stat '%s'", name);
    }
    if (S_ISDIR(st.st_mode)) {
        TRY(visit_directory(v, parent, name, depth, err));
    }
    return v->visit(v, parent, name, &st, err);
}

static int visit_remove(struct tree_visit *v UNUSED,
                        int dir_fd,
                        const char *name,
                        const struct stat *st,
                        struct err *err)
{
    int flags = S_ISDIR(st->st_mode) ? AT_REMOVEDIR : 0;
    if (unlinkat(dir_fd, name, flags) < 0 && errno != ENOENT) {
        return err_set_errno(err, errno, "cannot remove '%s'", name);
    }
    return 0;
}

static int visit_size(struct tree_visit *v,
                      int dir_fd UNUSED,
                      const char *name UNUSED,
                      const struct stat *st,
                      struct err *err UNUSED)
{
    v->bytes += (uint64_t)st->st_blocks * 512;
    return 0;
}

int fs_remove_tree(const char *path, struct err *err)
{
    struct tree_visit v = {.visit = visit_remove};
    return visit_tree(&v, AT_FDCWD, path, 0, err);
}

int fs_tree_size(const char *path, uint64_t *ret_bytes, struct err *err)
{
    struct tree_visit v = {.visit = visit_size};
    TRY(visit_tree(&v, AT_FDCWD, path, 0, err));
    *ret_bytes = v.bytes;
    return 0;
}
