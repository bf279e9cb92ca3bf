/* A directory tree that is never left: openat2() refuses links on the way, which most paths have none of. Where it meets
 * one, or where the kernel does not have it, the links are resolved by path_resolve() and the path is walked one
 * component at a time through openat(). */
#include "common/base/fs_root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/path.h"
#include "common/base/vec.h"

struct fs_root {
    int fd;
};

int fs_root_open(const char *dir, struct fs_root **ret, struct err *err)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return err_set_errno(err, errno, "cannot open directory '%s'", dir);
    }
    *ret = MEM_NEW(struct fs_root);
    (*ret)->fd = fd;
    return 0;
}

void fs_root_close(struct fs_root *root)
{
    if (root != NULL) {
        (void)close(root->fd); /* it was only read */
        mem_free(root);
    }
}

/* A descriptor of the directory that a clean path without links names; -1 and errno when it fails. */
static int open_dir(struct fs_root *root, struct str path)
{
    /* opened anew, as a duplicate would share its place in the listing */
    int fd = openat(root->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct str rest = path;
    struct str part;
    while (fd >= 0 && path.n > 0 && str_next(&rest, '/', &part)) {
        char name[NAME_MAX + 1];
        int next = -1;
        if (part.n > NAME_MAX) {
            errno = ENAMETOOLONG;
        } else {
            memcpy(name, part.p, part.n);
            name[part.n] = '\0';
            next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        }
        int failed = errno;
        (void)close(fd); /* it was only read */
        errno = failed;
        fd = next;
    }
    return fd;
}

static bool errno_means_missing(int value)
{
    return value == ENOENT || value == ENOTDIR || value == ENAMETOOLONG;
}

static int on_readlink(
    void *data, struct arena *arena, struct str path, struct str *ret_target, struct err *err)
{
    AUTO_FD dir = open_dir(data, path_dir(path));
    if (dir < 0) {
        return errno_means_missing(errno) ? 0 : err_set_errno(err, errno, "cannot open directory");
    }
    char target[LIMIT_PATH_BYTES];
    struct str name = arena_str(arena, path_base(path));
    ssize_t n = readlinkat(dir, name.p, target, sizeof(target));
    if (n < 0) {
        bool no_link = errno == EINVAL || errno_means_missing(errno);
        return no_link ? 0 : err_set_errno(err, errno, "cannot read link '%s'", name.p);
    }
    *ret_target = arena_str(arena, str_of(target, (size_t)n));
    return 1;
}

/* ---- descriptors ---- */

/* -1 when there is a link on the way, or openat2() is not to be had: then the slow way tells. */
static int open_without_links(struct fs_root *root, struct str path, int flags)
{
    char name[LIMIT_PATH_BYTES];
    struct open_how how = {
        .flags = (uint64_t)flags | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    if (path.n >= sizeof(name)) {
        return -1;
    }
    memcpy(name, path.n > 0 ? path.p : ".", path.n > 0 ? path.n : 1);
    name[path.n > 0 ? path.n : 1] = '\0';
    return (int)syscall(SYS_openat2, root->fd, name, &how, sizeof(how));
}

static int
open_resolved(struct fs_root *root, struct str path, int flags, int *ret_fd, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str real;
    TRY(path_resolve(arena, path, on_readlink, root, &real, err));
    AUTO_FD dir = open_dir(root, path_dir(real));
    struct str name = real.n > 0 ? arena_str(arena, path_base(real)) : STR(".");
    *ret_fd = dir < 0 ? -1 : openat(dir, name.p, flags | O_NOFOLLOW | O_CLOEXEC);
    return 0;
}

/* *ret_fd is -1 with errno when it cannot be opened; an error only when links lead outside. */
static int
open_below(struct fs_root *root, struct str path, int flags, int *ret_fd, struct err *err)
{
    *ret_fd = open_without_links(root, path, flags);
    return *ret_fd >= 0 ? 0 : open_resolved(root, path, flags, ret_fd, err);
}

/* ---- types ---- */

static enum fs_type type_of(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return FS_FILE;
    case S_IFDIR:
        return FS_DIR;
    case S_IFLNK:
        return FS_LINK;
    default:
        return FS_OTHER;
    }
}

int fs_root_type(struct fs_root *root, struct str path, enum fs_type *ret, struct err *err)
{
    AUTO_FD fd = -1;
    struct stat st;
    TRY(open_below(root, path, O_PATH, &fd, err));
    if (fd < 0 || fstat(fd, &st) < 0) {
        if (!errno_means_missing(errno)) {
            return err_set_errno(err, errno, "cannot stat '" STR_FMT "'", STR_ARG(path));
        }
        *ret = FS_MISSING;
        return 0;
    }
    *ret = type_of(st.st_mode);
    return 0;
}

int fs_root_resolve(
    struct fs_root *root, struct arena *arena, struct str path, struct str *ret, struct err *err)
{
    return path_resolve(arena, path, on_readlink, root, ret, err);
}

/* ---- listings ---- */

/* False: it was removed meanwhile. */
static bool type_of_entry(DIR *dir, const struct dirent *e, enum fs_type *ret)
{
    struct stat st;
    if (e->d_type != DT_UNKNOWN) {
        *ret = type_of(DTTOIF(e->d_type));
        return true;
    }
    if (fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
        return false;
    }
    *ret = type_of(st.st_mode);
    return true;
}

static int entry_cmp(const void *a, const void *b)
{
    const struct fs_entry *x = a;
    const struct fs_entry *y = b;
    return str_cmp(x->name, y->name);
}

static int read_entries(struct arena *arena, DIR *dir, struct fs_listing *ret, struct err *err)
{
    VEC(struct fs_entry) entries = {0};
    for (;;) {
        errno = 0;
        const struct dirent *e = readdir(dir);
        if (e == NULL && errno != 0) {
            return err_set_errno(err, errno, "cannot list");
        }
        if (e == NULL) {
            break;
        }
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) {
            continue;
        }
        if (entries.n >= LIMIT_TREE_FILES) {
            return err_set(err, ERR_LIMIT, "more than %d entries", LIMIT_TREE_FILES);
        }
        struct fs_entry entry = {.name = arena_str(arena, str_from(e->d_name))};
        if (type_of_entry(dir, e, &entry.type)) {
            vec_push_in(arena, &entries, entry);
        }
    }
    if (entries.n > 0) {
        qsort(entries.items, entries.n, sizeof(*entries.items), entry_cmp);
    }
    *ret = (struct fs_listing){entries.items, entries.n};
    return 0;
}

int fs_root_list(struct fs_root *root,
                 struct arena *arena,
                 struct str path,
                 struct fs_listing *ret,
                 struct err *err)
{
    AUTO_FD fd = -1;
    TRY(open_below(root, path, O_RDONLY | O_DIRECTORY, &fd, err));
    if (fd < 0) {
        return err_set_errno(err, errno, "cannot open directory '" STR_FMT "'", STR_ARG(path));
    }
    DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        return err_set_errno(err, errno, "cannot list '" STR_FMT "'", STR_ARG(path));
    }
    fd = -1; /* closedir() closes it */
    int rc = read_entries(arena, dir, ret, err);
    (void)closedir(dir); /* it was only read */
    return rc < 0 ? err_wrap(err, "directory '" STR_FMT "'", STR_ARG(path)) : 0;
}

int fs_root_read(struct fs_root *root,
                 struct arena *arena,
                 struct str path,
                 size_t max_bytes,
                 struct str *ret,
                 struct err *err)
{
    AUTO_FD fd = -1;
    /* O_NONBLOCK: opening a FIFO must not wait */
    TRY(open_below(root, path, O_RDONLY | O_NONBLOCK, &fd, err));
    if (fd < 0) {
        return err_set_errno(err, errno, "cannot open '" STR_FMT "'", STR_ARG(path));
    }
    struct stat st;
    if (fstat(fd, &st) < 0) {
        return err_set_errno(err, errno, "cannot stat '" STR_FMT "'", STR_ARG(path));
    }
    if (!S_ISREG(st.st_mode)) {
        return err_set(err, ERR_INVALID, "'" STR_FMT "' is not a file", STR_ARG(path));
    }
    TRY_IN(fs_read_regular(arena, fd, (uint64_t)st.st_size, max_bytes, ret, err), err,
           "'" STR_FMT "'", STR_ARG(path));
    return 0;
}
