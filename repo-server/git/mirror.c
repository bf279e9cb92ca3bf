/* The cache directory: layout, locks, leftovers, eviction. No libgit2 here. */
#include "repo-server/git/mirror.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/vec.h"

enum {
    SWEEP_DEPTH_MAX = 50, /* of reference names */
};

struct mirror_store {
    char *dir;
    int lock_fd;
};

static int make_path(char dst[LIMIT_PATH_BYTES], struct err *err, const char *a, const char *b)
{
    int n = snprintf(dst, LIMIT_PATH_BYTES, "%s/%s", a, b);
    if (n < 0 || (size_t)n >= LIMIT_PATH_BYTES) {
        return err_set(err, ERR_INVALID, "path of the cache directory is too long");
    }
    return 0;
}

static int lock_file(const char *path, int how, int *ret_fd, struct err *err)
{
    AUTO_FD fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return err_set_errno(err, errno, "cannot open '%s'", path);
    }
    while (flock(fd, how) < 0) {
        if (errno == EINTR) {
            continue;
        }
        if (errno == EWOULDBLOCK) {
            return err_set(err, ERR_CONFLICT, "'%s' is locked by another process", path);
        }
        return err_set_errno(err, errno, "cannot lock '%s'", path);
    }
    *ret_fd = TAKE_FD(fd);
    return 0;
}

static int prepare(const char *dir, struct err *err)
{
    char path[LIMIT_PATH_BYTES];
    TRY(make_path(path, err, dir, "tmp"));
    TRY(fs_remove_tree(path, err));
    TRY(fs_make_dirs(path, 0700, err));
    TRY(make_path(path, err, dir, "git"));
    return fs_make_dirs(path, 0700, err);
}

int mirror_store_open(const char *cache_dir, struct mirror_store **ret, struct err *err)
{
    char path[LIMIT_PATH_BYTES];
    TRY(fs_make_dirs(cache_dir, 0700, err));
    TRY(make_path(path, err, cache_dir, "lock"));
    AUTO_FD fd = -1;
    TRY_IN(lock_file(path, LOCK_EX | LOCK_NB, &fd, err), err, "cache directory");
    TRY_IN(prepare(cache_dir, err), err, "cache directory '%s'", cache_dir);
    struct mirror_store *store = MEM_NEW(struct mirror_store);
    store->dir = mem_strdup(cache_dir);
    store->lock_fd = TAKE_FD(fd);
    *ret = store;
    return 0;
}

void mirror_store_close(struct mirror_store *store)
{
    if (store != NULL) {
        (void)close(store->lock_fd); /* which releases the lock */
        mem_free(store->dir);
        mem_free(store);
    }
}

struct str mirror_path(const struct mirror_store *store, struct arena *arena, const char *key)
{
    return arena_printf(arena, "%s/git/%s.git", store->dir, key);
}

int mirror_temp_dir(const struct mirror_store *store,
                    struct arena *arena,
                    struct str *ret,
                    struct err *err)
{
    struct str path = arena_printf(arena, "%s/tmp/XXXXXX", store->dir);
    char *name = arena_strdup(arena, path.p);
    if (mkdtemp(name) == NULL) {
        return err_set_errno(err, errno, "cannot create a directory in '%s/tmp'", store->dir);
    }
    *ret = str_from(name);
    return 0;
}

void mirror_touch(const char *mirror)
{
    /* only the order of eviction depends on it */
    (void)utimensat(AT_FDCWD, mirror, NULL, 0);
}

int mirror_lock(const char *mirror, int *ret_fd, struct err *err)
{
    char path[LIMIT_PATH_BYTES];
    int n = snprintf(path, sizeof(path), "%s.lock", mirror);
    if (n < 0 || (size_t)n >= sizeof(path)) {
        return err_set(err, ERR_INVALID, "path of the mirror is too long");
    }
    return lock_file(path, LOCK_EX, ret_fd, err);
}

/* ---- leftovers of killed fetches ---- */

static bool is_leftover(struct str name)
{
    return str_ends_with(name, STR(".lock")) || str_find(name, STR("_git2_")) != STR_NONE;
}

static int sweep(int parent, const char *name, int depth, struct err *err);

static int sweep_entries(DIR *dir, int depth, struct err *err)
{
    const struct dirent *e;
    while ((e = readdir(dir)) != NULL) {
        struct stat st;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
            fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
            continue;
        }
        if (S_ISDIR(st.st_mode)) {
            TRY(sweep(dirfd(dir), e->d_name, depth + 1, err));
        } else if (is_leftover(str_from(e->d_name)) && unlinkat(dirfd(dir), e->d_name, 0) < 0) {
            return err_set_errno(err, errno, "cannot remove '%s'", e->d_name);
        }
    }
    return 0;
}

static int sweep(int parent, const char *name, int depth, struct err *err)
{
    if (depth > SWEEP_DEPTH_MAX) {
        return err_set(err, ERR_LIMIT, "mirror has directories nested deeper than %d",
                       SWEEP_DEPTH_MAX);
    }
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? 0 : err_set_errno(err, errno, "cannot open '%s'", name);
    }
    DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        (void)close(fd); /* it was only read */
        return err_set(err, ERR_INTERNAL, "cannot list '%s'", name);
    }
    int rc = sweep_entries(dir, depth, err);
    (void)closedir(dir); /* it was only read */
    return rc;
}

int mirror_sweep(const char *mirror, struct err *err)
{
    return sweep(AT_FDCWD, mirror, 0, err);
}

/* ---- eviction ---- */

struct candidate {
    char name[NAME_MAX + 1];
    int64_t used_ns;
    uint64_t bytes;
};

struct candidates {
    VEC(struct candidate) list;
    uint64_t bytes;
};

static int oldest_first(const void *a, const void *b)
{
    const struct candidate *x = a;
    const struct candidate *y = b;
    return (x->used_ns > y->used_ns) - (x->used_ns < y->used_ns);
}

static int measure(const char *git_dir, struct candidates *ret, struct err *err)
{
    DIR *dir = opendir(git_dir);
    if (dir == NULL) {
        return err_set_errno(err, errno, "cannot list '%s'", git_dir);
    }
    int rc = 0;
    const struct dirent *e;
    while (rc == 0 && (e = readdir(dir)) != NULL) {
        struct candidate c;
        struct stat st;
        char path[LIMIT_PATH_BYTES];
        if (!str_ends_with(str_from(e->d_name), STR(".git")) ||
            fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
            continue;
        }
        memcpy(c.name, e->d_name, strlen(e->d_name) + 1);
        c.used_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
        rc = make_path(path, err, git_dir, e->d_name);
        if (rc == 0) {
            rc = fs_tree_size(path, &c.bytes, err);
        }
        if (rc == 0) {
            ret->bytes += c.bytes;
            vec_push(&ret->list, c);
        }
    }
    (void)closedir(dir); /* it was only read */
    return rc;
}

static bool is_busy(const char *name, const char *const *busy)
{
    struct str key = str_from(name);
    (void)str_cut_suffix(&key, STR(".git"));
    for (; busy != NULL && *busy != NULL; busy++) {
        if (str_eq_c(key, *busy)) {
            return true;
        }
    }
    return false;
}

static int evict(const char *git_dir,
                 struct candidates *all,
                 uint64_t max_bytes,
                 const char *const *busy,
                 struct err *err)
{
    if (all->list.n > 0) {
        qsort(all->list.items, all->list.n, sizeof(*all->list.items), oldest_first);
    }
    for (size_t i = 0; i < all->list.n && all->bytes > max_bytes; i++) {
        const struct candidate *c = &all->list.items[i];
        char path[LIMIT_PATH_BYTES];
        if (is_busy(c->name, busy)) {
            continue;
        }
        TRY(make_path(path, err, git_dir, c->name));
        TRY(fs_remove_tree(path, err));
        all->bytes -= c->bytes;
    }
    return 0;
}

int mirror_evict(const char *cache_dir,
                 uint64_t max_bytes,
                 const char *const *busy,
                 uint64_t *ret_bytes,
                 struct err *err)
{
    char git_dir[LIMIT_PATH_BYTES];
    struct candidates all = {0};
    TRY(make_path(git_dir, err, cache_dir, "git"));
    int rc = measure(git_dir, &all, err);
    if (rc == 0) {
        rc = evict(git_dir, &all, max_bytes, busy, err);
    }
    vec_done(&all.list);
    if (rc == 0) {
        *ret_bytes = all.bytes;
    }
    return rc;
}
