/* A commit's tree as engine_files, and read-sets.
 *
 * Directories are parsed once per source and kept by path.  Every step of a look-up is recorded by the path that was
 * asked in the tree, symbolic links unresolved: a link's own blob counts as a file that was read, so a link that
 * comes to point elsewhere is noticed. */
#include "repo-server/source/source.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/digest.h"
#include "common/base/limits.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/base/path.h"
#include "common/base/vec.h"
#include "repo-server/source/gitmodules.h"

enum {
    LINK_BYTES_MAX = LIMIT_PATH_BYTES,
};

enum seen_kind {
    SEEN_MISSING, /* nothing is there */
    SEEN_ENTRY,   /* an entry of this mode and id: a file read, a link followed */
    SEEN_MODE,    /* an entry of this mode, whatever its content: its type was asked */
    SEEN_NAMES,   /* a directory with these names and modes */
};

struct seen {
    enum seen_kind kind;
    enum object_mode mode;
    struct object_id id;                /* of the entry; of the directory's tree */
    uint8_t names[DIGEST_SHA256_BYTES]; /* SEEN_NAMES */
};

struct directory {
    struct object_id id;
    struct object_tree tree;
};

struct source {
    struct engine_files files;
    struct source_modules modules; /* open NULL: submodules are empty directories */
    struct gitmodules *declared;   /* of .gitmodules, once it was read */
    struct objects *objects;
    struct arena *arena;
    struct object_id root;
    struct map *directories; /* path -> struct directory, in the arena */
    struct map *seen;        /* key -> struct seen, in the arena; the key is a tag and the path */
};

struct read_item {
    struct str path;
    struct seen seen;
};

struct read_set {
    struct arena *arena;
    struct read_item *items; /* by path, directories before what lies below them */
    size_t n;
    bool uses_commit;
    struct object_id root; /* of the tree it was recorded from */
};

/* ---- looking up, without following links ---- */

static int open_directory(struct source *s,
                          struct str path,
                          const struct object_id *id,
                          const struct directory **ret,
                          struct err *err)
{
    struct directory *d = map_find(s->directories, path);
    if (d == NULL) {
        d = ARENA_NEW(s->arena, struct directory);
        d->id = *id;
        TRY_IN(objects_tree(s->objects, s->arena, id, &d->tree, err), err,
               "directory '" STR_FMT "'", STR_ARG(path));
        map_set(s->directories, path, d);
    }
    *ret = d;
    return 0;
}

static int entry_name_cmp(const void *key, const void *item)
{
    const struct str *name = key;
    const struct object_entry *e = item;
    return str_cmp(*name, e->name);
}

static const struct object_entry *find_entry(const struct object_tree *tree, struct str name)
{
    return tree->n == 0
               ? NULL
               : bsearch(&name, tree->items, tree->n, sizeof(*tree->items), entry_name_cmp);
}

/* What a path gives that leads through a symbolic link or into a submodule: only in a tree other than the recorded one. */
static const struct object_entry THROUGH_LINK = {.name = {"", 0}, .mode = OBJECT_LINK};

/* The entry at a clean path; *ret is NULL when there is none. The root is an entry too. Of a path into a submodule it is
 * the submodule's, and *ret_into how much of the path that is; else *ret_into is STR_NONE. */
static int lookup_into(struct source *s,
                       struct str path,
                       const struct object_entry **ret,
                       size_t *ret_into,
                       struct err *err)
{
    static const struct str NO_NAME = {"", 0};
    struct object_entry *root = ARENA_NEW(s->arena, struct object_entry);
    *root = (struct object_entry){NO_NAME, OBJECT_DIR, s->root};
    const struct object_entry *at = root;
    *ret_into = STR_NONE;
    for (size_t from = 0; path.n > 0 && at != NULL && from <= path.n;) {
        if (at->mode == OBJECT_COMMIT) {
            *ret_into = from - 1;
            break;
        }
        if (at->mode != OBJECT_DIR) {
            at = at->mode == OBJECT_LINK ? &THROUGH_LINK : NULL;
            break;
        }
        const struct directory *d;
        TRY(open_directory(s, str_sub(path, 0, from > 0 ? from - 1 : 0), &at->id, &d, err));
        size_t slash = str_find_char(str_sub(path, from, path.n), '/');
        size_t to = slash == STR_NONE ? path.n : from + slash;
        at = find_entry(&d->tree, str_sub(path, from, to));
        from = to + 1;
    }
    *ret = at;
    return 0;
}

/* In this tree alone. */
static int
lookup(struct source *s, struct str path, const struct object_entry **ret, struct err *err)
{
    size_t into;
    TRY(lookup_into(s, path, ret, &into, err));
    *ret = into != STR_NONE ? &THROUGH_LINK : *ret;
    return 0;
}

/* ---- recording ---- */

/* A path may have been listed and asked for: one record each. */
static void record(struct source *s, struct str path, const struct seen *seen)
{
    static const char TAGS[] = {
        [SEEN_MISSING] = 'e', [SEEN_ENTRY] = 'e', [SEEN_MODE] = 'm', [SEEN_NAMES] = 'n'};
    struct str key = arena_printf(s->arena, "%c" STR_FMT, TAGS[seen->kind], STR_ARG(path));
    if (map_has(s->seen, key)) {
        return; /* the tree is immutable: the answer was the same */
    }
    struct seen *kept = ARENA_NEW(s->arena, struct seen);
    *kept = *seen;
    map_set(s->seen, key, kept);
}

static void
record_entry(struct source *s, struct str path, enum seen_kind kind, const struct object_entry *e)
{
    struct seen seen = {.kind = e != NULL ? kind : SEEN_MISSING};
    if (e != NULL) {
        seen.mode = e->mode;
        seen.id = e->id;
    }
    record(s, path, &seen);
}

static void digest_names(const struct object_tree *tree, uint8_t ret[DIGEST_SHA256_BYTES])
{
    AUTO(digest) struct digest *d = digest_new();
    for (size_t i = 0; i < tree->n; i++) {
        char mode = (char)('0' + tree->items[i].mode);
        digest_put_field(d, tree->items[i].name);
        digest_put(d, str_of(&mode, 1));
    }
    digest_finish(d, ret);
}

/* ---- submodules ---- */

#define MODULES_FILE ".gitmodules"

/* Where a path leads: an entry of this tree or of a submodule's. */
struct place {
    struct source *owner;
    struct str path;                  /* in it */
    const struct object_entry *entry; /* NULL: nothing is there */
    bool recorded;                    /* why it is so */
};

static int read_declared(struct source *s, struct err *err)
{
    const struct object_entry *e;
    struct str text = STR_EMPTY;
    struct gitmodules *declared = ARENA_NEW(s->arena, struct gitmodules);
    TRY(lookup(s, STR(MODULES_FILE), &e, err));
    record_entry(s, STR(MODULES_FILE), SEEN_ENTRY, e);
    if (e != NULL && e->mode == OBJECT_FILE) {
        TRY_IN(objects_blob(s->objects, s->arena, &e->id, LIMIT_GITMODULES_BYTES, &text, err), err,
               MODULES_FILE);
    }
    TRY_IN(gitmodules_parse(s->arena, text, declared, err), err, MODULES_FILE);
    s->declared = declared;
    return 0;
}

/* *ret is NULL when there is nothing to be had: a checkout has an empty directory then. */
static int open_module(struct source *s,
                       struct str path,
                       const struct object_id *commit,
                       struct source **ret,
                       struct err *err)
{
    char hex[2 * OBJECT_ID_BYTES + 1];
    struct str url;
    *ret = NULL;
    if (s->modules.open == NULL) {
        return 0;
    }
    if (s->declared == NULL) {
        TRY(read_declared(s, err));
    }
    const struct gitmodule *m = gitmodules_find(s->declared, path);
    if (m == NULL) {
        return 0;
    }
    TRY_IN(gitmodule_url(s->arena, s->modules.url, m->url, &url, err), err,
           "submodule '" STR_FMT "'", STR_ARG(path));
    object_id_hex(commit, hex);
    TRY_IN(s->modules.open(s->modules.data, url, str_from(hex), ret, err), err,
           "submodule '" STR_FMT "'", STR_ARG(path));
    return 0;
}

enum entering {
    ENTER_BELOW, /* a submodule is opened for what is below its directory */
    ENTER_ALL,   /* and for the directory itself */
};

/* What is below a submodule is told by its commit, so the record here ends with that. */
static int
locate(struct source *s, struct str path, enum entering enter, struct place *ret, struct err *err)
{
    for (;;) {
        const struct object_entry *e;
        struct source *module;
        size_t into;
        TRY(lookup_into(s, path, &e, &into, err));
        *ret = (struct place){.owner = s, .path = path, .entry = e};
        bool below = into != STR_NONE;
        if (e == NULL || e->mode != OBJECT_COMMIT || (!below && enter == ENTER_BELOW)) {
            return 0;
        }
        struct str at = below ? str_sub(path, 0, into) : path;
        TRY(open_module(s, at, &e->id, &module, err));
        record_entry(s, at, module != NULL ? SEEN_ENTRY : SEEN_MODE, e);
        if (module == NULL) {
            ret->entry = below ? NULL : e;
            ret->recorded = true;
            return 0;
        }
        path = below ? str_sub(path, into + 1, path.n) : STR_EMPTY;
        s = module;
    }
}

static void record_place(const struct place *p, enum seen_kind kind)
{
    if (!p->recorded) {
        record_entry(p->owner, p->path, kind, p->entry);
    }
}

/* ---- engine_files ---- */

static int on_readlink(
    void *data, struct arena *arena, struct str path, struct str *ret_target, struct err *err)
{
    struct place p;
    TRY(locate(data, path, ENTER_BELOW, &p, err));
    if (p.entry == NULL || p.entry->mode != OBJECT_LINK) {
        return 0;
    }
    record_place(&p, SEEN_ENTRY);
    TRY_IN(objects_blob(p.owner->objects, arena, &p.entry->id, LINK_BYTES_MAX, ret_target, err),
           err, "symbolic link '" STR_FMT "'", STR_ARG(path));
    return 1;
}

/* Where a path leads to after links. */
static int find(struct source *s,
                struct arena *arena,
                struct str path,
                enum entering enter,
                struct place *ret,
                struct err *err)
{
    struct str real;
    TRY(path_resolve(arena, path, on_readlink, s, &real, err));
    return locate(s, real, enter, ret, err);
}

static enum engine_file_type type_of(const struct object_entry *e)
{
    static const enum engine_file_type TYPES[] = {
        [OBJECT_FILE] = ENGINE_FILE_REGULAR,
        [OBJECT_DIR] = ENGINE_FILE_DIR,
        [OBJECT_LINK] = ENGINE_FILE_LINK,
        [OBJECT_COMMIT] = ENGINE_FILE_DIR,
    };
    return e != NULL ? TYPES[e->mode] : ENGINE_FILE_MISSING;
}

static int
on_type(struct engine_files *files, struct str path, enum engine_file_type *ret, struct err *err)
{
    struct source *s = CONTAINER_OF(files, struct source, files);
    struct place p;
    TRY(find(s, s->arena, path, ENTER_BELOW, &p, err));
    record_place(&p, SEEN_MODE);
    *ret = type_of(p.entry);
    return 0;
}

static int on_resolve(struct engine_files *files,
                      struct arena *arena,
                      struct str path,
                      struct str *ret,
                      struct err *err)
{
    struct source *s = CONTAINER_OF(files, struct source, files);
    return path_resolve(arena, path, on_readlink, s, ret, err);
}

static int list_directory(const struct place *p,
                          struct arena *arena,
                          struct engine_listing *ret,
                          struct err *err)
{
    const struct directory *d;
    TRY(open_directory(p->owner, p->path, &p->entry->id, &d, err));
    struct seen seen = {.kind = SEEN_NAMES, .mode = OBJECT_DIR, .id = d->id};
    digest_names(&d->tree, seen.names);
    record(p->owner, p->path, &seen);
    struct engine_entry *items = arena_calloc(arena, d->tree.n + 1, sizeof(*items));
    for (size_t i = 0; i < d->tree.n; i++) {
        items[i].name = d->tree.items[i].name;
        items[i].type = type_of(&d->tree.items[i]);
    }
    *ret = (struct engine_listing){items, d->tree.n};
    return 0;
}

static int on_list(struct engine_files *files,
                   struct arena *arena,
                   struct str path,
                   struct engine_listing *ret,
                   struct err *err)
{
    struct source *s = CONTAINER_OF(files, struct source, files);
    struct place p;
    TRY(find(s, arena, path, ENTER_ALL, &p, err));
    if (p.entry != NULL && p.entry->mode == OBJECT_COMMIT) {
        *ret = (struct engine_listing){0};
        return 0;
    }
    if (p.entry == NULL || p.entry->mode != OBJECT_DIR) {
        record_place(&p, SEEN_MODE);
        return err_set(err, p.entry == NULL ? ERR_NOT_FOUND : ERR_INVALID, "'" STR_FMT "' is %s",
                       STR_ARG(path), p.entry == NULL ? "missing" : "not a directory");
    }
    return list_directory(&p, arena, ret, err);
}

static int on_read(struct engine_files *files,
                   struct arena *arena,
                   struct str path,
                   size_t max_bytes,
                   struct str *ret,
                   struct err *err)
{
    struct source *s = CONTAINER_OF(files, struct source, files);
    struct place p;
    TRY(find(s, arena, path, ENTER_BELOW, &p, err));
    record_place(&p, SEEN_ENTRY);
    if (p.entry == NULL || p.entry->mode != OBJECT_FILE) {
        return err_set(err, p.entry == NULL ? ERR_NOT_FOUND : ERR_INVALID, "'" STR_FMT "' is %s",
                       STR_ARG(path), p.entry == NULL ? "missing" : "not a file");
    }
    TRY_IN(objects_blob(p.owner->objects, arena, &p.entry->id, max_bytes, ret, err), err,
           "'" STR_FMT "'", STR_ARG(path));
    return 0;
}

void source_set_modules(struct source *source, const struct source_modules *modules)
{
    source->modules = *modules;
    source->modules.url = arena_str(source->arena, modules->url);
}

struct source *source_new(struct objects *objects, const struct object_id *tree)
{
    struct source *s = MEM_NEW(struct source);
    s->files = (struct engine_files){
        .type = on_type, .resolve = on_resolve, .list = on_list, .read = on_read};
    s->objects = objects;
    s->arena = arena_new();
    s->root = *tree;
    s->directories = map_new(NULL);
    s->seen = map_new(NULL);
    return s;
}

void source_free(struct source *source)
{
    if (source != NULL) {
        map_free(source->seen);
        map_free(source->directories);
        arena_free(source->arena);
        mem_free(source);
    }
}

struct engine_files *source_files(struct source *source)
{
    return &source->files;
}

/* ---- read-sets ---- */

/* By path as its parts go, so that a directory comes right before all that lies below it ("a", "a/x",
 * "a.b"); at one path the listing first, as it is the one that can stand for the others. */
static int item_cmp(const void *a, const void *b)
{
    const struct read_item *x = a;
    const struct read_item *y = b;
    size_t n = MIN(x->path.n, y->path.n);
    for (size_t i = 0; i < n; i++) {
        unsigned char cx = x->path.p[i] == '/' ? 0 : (unsigned char)x->path.p[i];
        unsigned char cy = y->path.p[i] == '/' ? 0 : (unsigned char)y->path.p[i];
        if (cx != cy) {
            return cx < cy ? -1 : 1;
        }
    }
    if (x->path.n != y->path.n) {
        return x->path.n < y->path.n ? -1 : 1;
    }
    return (int)y->seen.kind - (int)x->seen.kind;
}

struct read_set *source_read_set(struct source *source, bool uses_commit)
{
    struct read_set *set = MEM_NEW(struct read_set);
    set->arena = arena_new();
    set->uses_commit = uses_commit;
    set->root = source->root;
    set->items = arena_calloc(set->arena, map_len(source->seen) + 1, sizeof(*set->items));
    MAP_FOREACH(source->seen, e) {
        const struct seen *seen = e.value;
        struct str path = str_sub(e.key, 1, e.key.n);
        set->items[set->n++] = (struct read_item){arena_str(set->arena, path), *seen};
    }
    qsort(set->items, set->n, sizeof(*set->items), item_cmp);
    return set;
}

void read_set_free(struct read_set *set)
{
    if (set != NULL) {
        arena_free(set->arena);
        mem_free(set);
    }
}

size_t read_set_size(const struct read_set *set)
{
    return sizeof(*set) + arena_used(set->arena);
}

/* 2: the same, and so is all that lies below. */
static int item_holds(const struct read_item *item, struct source *s, struct err *err)
{
    const struct object_entry *e;
    TRY(lookup(s, item->path, &e, err));
    switch (item->seen.kind) {
    case SEEN_MISSING:
        return e == NULL;
    case SEEN_ENTRY:
        return e != NULL && e->mode == item->seen.mode && object_id_equal(&e->id, &item->seen.id);
    case SEEN_MODE:
        return e != NULL && e->mode == item->seen.mode;
    case SEEN_NAMES:
        break;
    }
    if (e == NULL || e->mode != OBJECT_DIR) {
        return 0;
    }
    if (object_id_equal(&e->id, &item->seen.id)) {
        return 2;
    }
    const struct directory *d;
    uint8_t names[DIGEST_SHA256_BYTES];
    TRY(open_directory(s, item->path, &e->id, &d, err));
    digest_names(&d->tree, names);
    return memcmp(names, item->seen.names, sizeof(names)) == 0;
}

int read_set_holds(const struct read_set *set, struct source *source, struct err *err)
{
    if (object_id_equal(&set->root, &source->root)) {
        return !set->uses_commit;
    }
    if (set->uses_commit) {
        return 0;
    }
    struct str same = {NULL, 0}; /* below it nothing has changed */
    for (size_t i = 0; i < set->n; i++) {
        const struct read_item *item = &set->items[i];
        if (same.p != NULL && path_is_below(item->path, same)) {
            continue;
        }
        int holds = item_holds(item, source, err);
        if (holds <= 0) {
            return holds;
        }
        if (holds == 2) {
            same = item->path;
        }
    }
    return 1;
}
