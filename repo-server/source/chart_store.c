/* Charts on disk: two flat directories of files that are written atomically. */
#include "repo-server/source/chart_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/digest.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/vec.h"

/* Another form of the file is another first line. */
#define INDEX_FORMAT "belay-index 1\n"

enum {
    INDEX_HEAD_BYTES = 64 * 1024,
};

enum part { PART_INDEX, PART_ARCHIVE, PART_COUNT };

static const char *const PARTS[PART_COUNT] = {[PART_INDEX] = "index", [PART_ARCHIVE] = "archive"};

struct chart_store {
    char *dirs[PART_COUNT];
};

int chart_store_open(const char *cache_dir, struct chart_store **ret, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(chart_store) struct chart_store *store = MEM_NEW(struct chart_store);
    for (size_t i = 0; i < PART_COUNT; i++) {
        store->dirs[i] = mem_strdup(arena_printf(arena, "%s/charts/%s", cache_dir, PARTS[i]).p);
        TRY_IN(fs_make_dirs(store->dirs[i], 0700, err), err, "cache directory '%s'", cache_dir);
    }
    *ret = TAKE(store);
    return 0;
}

void chart_store_close(struct chart_store *store)
{
    if (store != NULL) {
        for (size_t i = 0; i < PART_COUNT; i++) {
            mem_free(store->dirs[i]);
        }
        mem_free(store);
    }
}

/* ---- files ---- */

static const char *
path_of(const struct chart_store *store, struct arena *arena, enum part part, struct str key)
{
    return arena_printf(arena, "%s/" STR_FMT, store->dirs[part], STR_ARG(key)).p;
}

static int read_file(const struct chart_store *store,
                     struct arena *arena,
                     enum part part,
                     struct str key,
                     size_t max_bytes,
                     struct str *ret,
                     struct err *err)
{
    const char *path = path_of(store, arena, part, key);
    TRY(fs_read_file(arena, path, max_bytes, ret, err));
    (void)utimensat(AT_FDCWD, path, NULL, 0); /* only the order of eviction depends on it */
    return 0;
}

static int write_file(const struct chart_store *store,
                      enum part part,
                      struct str key,
                      struct str bytes,
                      struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    return fs_write_atomic(path_of(store, arena, part, key), bytes, 0600, err);
}

/* ---- indexes ---- */

static bool cut_line(struct str *rest, struct str *ret)
{
    return str_cut(*rest, '\n', ret, rest);
}

int chart_store_read_index(const struct chart_store *store,
                           struct arena *arena,
                           struct str key,
                           struct chart_stored_index *ret,
                           struct err *err)
{
    struct str text;
    size_t max = LIMIT_HELM_INDEX_BYTES + INDEX_HEAD_BYTES;
    TRY(read_file(store, arena, PART_INDEX, key, max, &text, err));
    if (!str_cut_prefix(&text, STR(INDEX_FORMAT)) || !cut_line(&text, &ret->etag) ||
        !cut_line(&text, &ret->last_modified)) {
        return err_set(err, ERR_NOT_FOUND, "the stored index cannot be used");
    }
    ret->yaml = text;
    return 0;
}

int chart_store_write_index(const struct chart_store *store,
                            struct str key,
                            const struct chart_stored_index *index,
                            struct err *err)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_HELM_INDEX_BYTES + INDEX_HEAD_BYTES);
    buf_put_c(&text, INDEX_FORMAT);
    buf_put(&text, index->etag); /* header values have no line ends */
    buf_put_char(&text, '\n');
    buf_put(&text, index->last_modified);
    buf_put_char(&text, '\n');
    buf_put(&text, index->yaml);
    TRY(buf_check(&text, "index", err));
    return write_file(store, PART_INDEX, key, buf_str(&text), err);
}

/* ---- archives ---- */

int chart_store_read_archive(const struct chart_store *store,
                             struct arena *arena,
                             struct str key,
                             struct str digest,
                             struct str *ret,
                             struct err *err)
{
    struct str bytes;
    char hex[DIGEST_SHA256_HEX_BYTES];
    TRY(read_file(store, arena, PART_ARCHIVE, key, LIMIT_CHART_ARCHIVE_BYTES, &bytes, err));
    digest_sha256_hex(bytes, hex);
    if (digest.n > 0 && !str_eq_c(digest, hex)) {
        return err_set(err, ERR_NOT_FOUND, "the stored archive is damaged");
    }
    *ret = bytes;
    return 0;
}

int chart_store_write_archive(const struct chart_store *store,
                              struct str key,
                              struct str bytes,
                              struct err *err)
{
    return write_file(store, PART_ARCHIVE, key, bytes, err);
}

/* ---- eviction ---- */

struct stored_file {
    char name[NAME_MAX + 1];
    enum part part;
    int64_t used_ns;
    uint64_t bytes;
};

struct stored_files {
    VEC(struct stored_file) list;
    uint64_t bytes;
};

static int measure(const char *path, enum part part, struct stored_files *all, struct err *err)
{
    DIR *dir = opendir(path);
    if (dir == NULL) {
        return err_set_errno(err, errno, "cannot list '%s'", path);
    }
    const struct dirent *e;
    while ((e = readdir(dir)) != NULL) {
        struct stored_file f = {.part = part};
        struct stat st;
        if (fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode)) {
            continue;
        }
        memcpy(f.name, e->d_name, strlen(e->d_name) + 1);
        f.used_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
        f.bytes = (uint64_t)st.st_size;
        all->bytes += f.bytes;
        vec_push(&all->list, f);
    }
    (void)closedir(dir); /* it was only read */
    return 0;
}

static int oldest_first(const void *a, const void *b)
{
    const struct stored_file *x = a;
    const struct stored_file *y = b;
    return (x->used_ns > y->used_ns) - (x->used_ns < y->used_ns);
}

static void remove_oldest(const struct chart_store *store, struct stored_files *all, uint64_t max)
{
    AUTO(arena) struct arena *arena = arena_new();
    if (all->list.n > 0) {
        qsort(all->list.items, all->list.n, sizeof(*all->list.items), oldest_first);
    }
    for (size_t i = 0; i < all->list.n && all->bytes > max; i++) {
        const struct stored_file *f = &all->list.items[i];
        if (unlink(path_of(store, arena, f->part, str_from(f->name))) == 0 || errno == ENOENT) {
            all->bytes -= f->bytes;
        }
    }
}

int chart_store_evict(const struct chart_store *store,
                      uint64_t max_bytes,
                      uint64_t *ret_bytes,
                      struct err *err)
{
    struct stored_files all = {0};
    int rc = 0;
    for (size_t i = 0; i < PART_COUNT && rc == 0; i++) {
        rc = measure(store->dirs[i], (enum part)i, &all, err);
    }
    if (rc == 0) {
        remove_oldest(store, &all, max_bytes);
        *ret_bytes = all.bytes;
    }
    vec_done(&all.list);
    return rc;
}
