/* engine_files on top of fs_root. */
#include "cli/local_tree.h"

#include "common/base/fs_root.h"
#include "common/base/mem.h"

struct local_tree {
    struct engine_files files;
    struct fs_root *root;
};

static enum engine_file_type type_of(enum fs_type type)
{
    switch (type) {
    case FS_MISSING:
        return ENGINE_FILE_MISSING;
    case FS_FILE:
        return ENGINE_FILE_REGULAR;
    case FS_DIR:
        return ENGINE_FILE_DIR;
    case FS_LINK:
        return ENGINE_FILE_LINK;
    case FS_OTHER:
        break;
    }
    return ENGINE_FILE_OTHER;
}

static int
on_type(struct engine_files *files, struct str path, enum engine_file_type *ret, struct err *err)
{
    struct local_tree *t = CONTAINER_OF(files, struct local_tree, files);
    enum fs_type type;
    TRY(fs_root_type(t->root, path, &type, err));
    *ret = type_of(type);
    return 0;
}

static int on_resolve(struct engine_files *files,
                      struct arena *arena,
                      struct str path,
                      struct str *ret,
                      struct err *err)
{
    struct local_tree *t = CONTAINER_OF(files, struct local_tree, files);
    return fs_root_resolve(t->root, arena, path, ret, err);
}

static int on_list(struct engine_files *files,
                   struct arena *arena,
                   struct str path,
                   struct engine_listing *ret,
                   struct err *err)
{
    struct local_tree *t = CONTAINER_OF(files, struct local_tree, files);
    struct fs_listing listing;
    TRY(fs_root_list(t->root, arena, path, &listing, err));
    struct engine_entry *items = arena_calloc(arena, listing.n + 1, sizeof(*items));
    for (size_t i = 0; i < listing.n; i++) {
        items[i] = (struct engine_entry){listing.items[i].name, type_of(listing.items[i].type)};
    }
    *ret = (struct engine_listing){items, listing.n};
    return 0;
}

static int on_read(struct engine_files *files,
                   struct arena *arena,
                   struct str path,
                   size_t max_bytes,
                   struct str *ret,
                   struct err *err)
{
    struct local_tree *t = CONTAINER_OF(files, struct local_tree, files);
    return fs_root_read(t->root, arena, path, max_bytes, ret, err);
}

int local_tree_open(const char *dir, struct local_tree **ret, struct err *err)
{
    struct fs_root *root = NULL;
    TRY(fs_root_open(dir, &root, err));
    struct local_tree *t = MEM_NEW(struct local_tree);
    t->files = (struct engine_files){
        .type = on_type, .resolve = on_resolve, .list = on_list, .read = on_read};
    t->root = root;
    *ret = t;
    return 0;
}

void local_tree_close(struct local_tree *tree)
{
    if (tree != NULL) {
        fs_root_close(tree->root);
        mem_free(tree);
    }
}

struct engine_files *local_tree_files(struct local_tree *tree)
{
    return &tree->files;
}
