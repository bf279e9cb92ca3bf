/* Archives as trees: a sorted array of files; directories are what their names have in common. */
#include "repo-server/source/chart_tree.h"

#include <stdlib.h>

#include "common/base/buf.h"
#include "common/base/gunzip.h"
#include "common/base/limits.h"
#include "common/base/path.h"
#include "common/base/tar.h"
#include "common/base/vec.h"

struct tree_file {
    struct str path;
    struct str data;
    size_t place; /* in the archive: of equal names the last one counts */
};

struct chart_tree {
    struct engine_files files;
    struct arena *arena;
    VEC(struct tree_file) items; /* by path */
};

/* ---- reading the archive ---- */

static int add_member(struct chart_tree *t, const struct tar_entry *entry, struct err *err)
{
    struct str dir;
    struct str below;
    if (entry->type != TAR_FILE) {
        return 0;
    }
    if (!str_cut(entry->name, '/', &dir, &below) || below.n == 0) {
        return err_set(err, ERR_INVALID, "'" STR_FMT "' is in no directory", STR_ARG(entry->name));
    }
    struct tree_file file = {.data = entry->data, .place = t->items.n};
    TRY_IN(path_join_safe(t->arena, STR_EMPTY, below, &file.path, err), err, "'" STR_FMT "'",
           STR_ARG(entry->name));
    if (str_starts_with(below, STR("/")) || file.path.n == 0) {
        return err_set(err, ERR_INVALID, "'" STR_FMT "' is no relative path", STR_ARG(entry->name));
    }
    vec_push_in(t->arena, &t->items, file);
    return 0;
}

static int by_path(const void *a, const void *b)
{
    const struct tree_file *x = a;
    const struct tree_file *y = b;
    int order = str_cmp(x->path, y->path);
    return order != 0 ? order : (x->place < y->place) - (x->place > y->place);
}

static void sort(struct chart_tree *t)
{
    size_t n = 0;
    if (t->items.n > 0) {
        qsort(t->items.items, t->items.n, sizeof(*t->items.items), by_path);
    }
    for (size_t i = 0; i < t->items.n; i++) {
        if (n == 0 || !str_eq(t->items.items[n - 1].path, t->items.items[i].path)) {
            t->items.items[n++] = t->items.items[i];
        }
    }
    t->items.n = n;
}

static void free_buf(void *p)
{
    buf_done(p);
}

static int read_archive(struct chart_tree *t, struct str bytes, struct err *err)
{
    struct buf *out = ARENA_NEW(t->arena, struct buf); /* files borrow from it */
    struct tar_reader tar = {.arena = t->arena};
    struct tar_entry entry;
    int rc;
    buf_init(out, LIMIT_CHART_BYTES + LIMIT_ARCHIVE_ENTRIES * LIMIT_KIB);
    arena_defer(t->arena, free_buf, out);
    TRY(gunzip_bytes(bytes, out, err));
    tar.rest = buf_str(out);
    while ((rc = tar_next(&tar, &entry, err)) > 0) {
        TRY(add_member(t, &entry, err));
    }
    TRY(rc);
    sort(t);
    return 0;
}

/* ---- looking up ---- */

/* The first file whose path is not before this one. */
static size_t lower_bound(const struct chart_tree *t, struct str path)
{
    size_t low = 0;
    size_t high = t->items.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_cmp(t->items.items[middle].path, path) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static const struct tree_file *find_file(const struct chart_tree *t, struct str path)
{
    size_t i = lower_bound(t, path);
    bool found = i < t->items.n && str_eq(t->items.items[i].path, path);
    return found ? &t->items.items[i] : NULL;
}

static struct str as_prefix(struct arena *arena, struct str dir)
{
    return dir.n == 0 ? STR_EMPTY : arena_printf(arena, STR_FMT "/", STR_ARG(dir));
}

static bool is_directory(struct chart_tree *t, struct str path)
{
    struct str prefix = as_prefix(t->arena, path);
    size_t i = lower_bound(t, prefix);
    return path.n == 0 || (i < t->items.n && str_starts_with(t->items.items[i].path, prefix));
}

static enum engine_file_type type_of(struct chart_tree *t, struct str path)
{
    return find_file(t, path) != NULL ? ENGINE_FILE_REGULAR
           : is_directory(t, path)    ? ENGINE_FILE_DIR
                                      : ENGINE_FILE_MISSING;
}

static int on_type(struct engine_files *files,
                   struct str path,
                   enum engine_file_type *ret,
                   struct err *err UNUSED)
{
    *ret = type_of(CONTAINER_OF(files, struct chart_tree, files), path);
    return 0;
}

/* There are no links. */
static int on_resolve(struct engine_files *files UNUSED,
                      struct arena *arena UNUSED,
                      struct str path,
                      struct str *ret,
                      struct err *err UNUSED)
{
    *ret = path;
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct engine_entry *)a)->name, ((const struct engine_entry *)b)->name);
}

static int on_list(struct engine_files *files,
                   struct arena *arena,
                   struct str path,
                   struct engine_listing *ret,
                   struct err *err)
{
    struct chart_tree *t = CONTAINER_OF(files, struct chart_tree, files);
    struct str prefix = as_prefix(arena, path);
    enum engine_file_type type = type_of(t, path);
    VEC(struct engine_entry) entries = {0};
    if (type != ENGINE_FILE_DIR) {
        return err_set(err, type == ENGINE_FILE_MISSING ? ERR_NOT_FOUND : ERR_INVALID,
                       "'" STR_FMT "' is %s", STR_ARG(path),
                       type == ENGINE_FILE_MISSING ? "missing" : "not a directory");
    }
    for (size_t i = lower_bound(t, prefix); i < t->items.n; i++) {
        struct str rest = t->items.items[i].path;
        struct str below;
        struct engine_entry entry = {.type = ENGINE_FILE_REGULAR};
        if (!str_cut_prefix(&rest, prefix)) {
            break;
        }
        entry.name = rest;
        if (str_cut(rest, '/', &entry.name, &below)) {
            entry.type = ENGINE_FILE_DIR;
        }
        if (entries.n == 0 || !str_eq(entries.items[entries.n - 1].name, entry.name)) {
            entry.name = arena_str(arena, entry.name);
            vec_push_in(arena, &entries, entry);
        }
    }
    if (entries.n > 0) { /* "a.b" comes before "a/x", but not before "a" */
        qsort(entries.items, entries.n, sizeof(*entries.items), by_name);
    }
    *ret = (struct engine_listing){entries.items, entries.n};
    return 0;
}

static int on_read(struct engine_files *files,
                   struct arena *arena,
                   struct str path,
                   size_t max_bytes,
                   struct str *ret,
                   struct err *err)
{
    struct chart_tree *t = CONTAINER_OF(files, struct chart_tree, files);
    const struct tree_file *file = find_file(t, path);
    if (file == NULL) {
        bool is_dir = is_directory(t, path);
        return err_set(err, is_dir ? ERR_INVALID : ERR_NOT_FOUND, "'" STR_FMT "' is %s",
                       STR_ARG(path), is_dir ? "not a file" : "missing");
    }
    if (file->data.n > max_bytes) {
        return err_set(err, ERR_LIMIT, "'" STR_FMT "' is larger than %zu bytes", STR_ARG(path),
                       max_bytes);
    }
    *ret = arena_str(arena, file->data);
    return 0;
}

int chart_tree_new(struct arena *arena,
                   struct str bytes,
                   struct engine_files **ret,
                   struct err *err)
{
    struct chart_tree *t = ARENA_NEW(arena, struct chart_tree);
    t->files = (struct engine_files){
        .type = on_type, .resolve = on_resolve, .list = on_list, .read = on_read};
    t->arena = arena;
    TRY_IN(read_archive(t, bytes, err), err, "chart archive");
    *ret = &t->files;
    return 0;
}
