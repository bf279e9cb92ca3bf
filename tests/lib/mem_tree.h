/* A file tree from a table of paths and texts, for engines under test. */
#pragma once

#include <stdlib.h>

#include "common/base/arena.h"
#include "common/base/path.h"
#include "common/base/vec.h"
#include "engine/engine_env.h"

struct mem_file {
    const char *path;
    const char *text;
};

struct mem_tree {
    struct engine_files files;
    const struct mem_file *items; /* up to one without a path */
};

static inline int mem_tree_type(struct engine_files *files,
                                struct str path,
                                enum engine_file_type *ret,
                                struct err *err UNUSED)
{
    struct mem_tree *t = CONTAINER_OF(files, struct mem_tree, files);
    *ret = ENGINE_FILE_MISSING;
    for (const struct mem_file *f = t->items; f->path != NULL; f++) {
        if (str_eq_c(path, f->path)) {
            *ret = ENGINE_FILE_REGULAR;
        } else if (path_is_below(str_from(f->path), path)) {
            *ret = ENGINE_FILE_DIR;
        }
    }
    return 0;
}

static inline int mem_tree_resolve(struct engine_files *files UNUSED,
                                   struct arena *arena UNUSED,
                                   struct str path,
                                   struct str *ret,
                                   struct err *err UNUSED)
{
    *ret = path;
    return 0;
}

static inline int mem_tree_compare(const void *a, const void *b)
{
    return str_cmp(((const struct engine_entry *)a)->name, ((const struct engine_entry *)b)->name);
}

static inline int mem_tree_list(struct engine_files *files,
                                struct arena *arena,
                                struct str path,
                                struct engine_listing *ret,
                                struct err *err UNUSED)
{
    struct mem_tree *t = CONTAINER_OF(files, struct mem_tree, files);
    VEC(struct engine_entry) found = {0};
    for (const struct mem_file *f = t->items; f->path != NULL; f++) {
        struct str below = str_from(f->path);
        struct str name;
        struct str rest;
        bool known = false;
        if (!path_is_below(below, path) || str_eq(below, path)) {
            continue;
        }
        below = str_sub(below, path.n > 0 ? path.n + 1 : 0, below.n);
        bool is_dir = str_cut(below, '/', &name, &rest);
        VEC_FOREACH(&found, e) {
            known = known || str_eq(e->name, name);
        }
        struct engine_entry entry = {arena_str(arena, name),
                                     is_dir ? ENGINE_FILE_DIR : ENGINE_FILE_REGULAR};
        if (!known) {
            vec_push_in(arena, &found, entry);
        }
    }
    if (found.n > 0) {
        qsort(found.items, found.n, sizeof(*found.items), mem_tree_compare);
    }
    *ret = (struct engine_listing){found.items, found.n};
    return 0;
}

static inline int mem_tree_read(struct engine_files *files,
                                struct arena *arena UNUSED,
                                struct str path,
                                size_t max_bytes,
                                struct str *ret,
                                struct err *err)
{
    struct mem_tree *t = CONTAINER_OF(files, struct mem_tree, files);
    for (const struct mem_file *f = t->items; f->path != NULL; f++) {
        if (str_eq_c(path, f->path)) {
            *ret = str_from(f->text);
            return ret->n <= max_bytes ? 0 : err_set(err, ERR_LIMIT, "too large");
        }
    }
    return err_set(err, ERR_NOT_FOUND, "no such file");
}

static inline struct mem_tree mem_tree_of(const struct mem_file *items)
{
    return (struct mem_tree){.files = {.type = mem_tree_type,
                                       .resolve = mem_tree_resolve,
                                       .list = mem_tree_list,
                                       .read = mem_tree_read},
                             .items = items};
}
