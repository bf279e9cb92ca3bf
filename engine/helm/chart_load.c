/* A chart is first a flat list of files with names below its directory, wherever they come from; then a tree:
 * files below charts/ are grouped by the next part of their name and loaded in the same way.
 *
 * Nothing is written to disk. Sizes are bounded for the whole tree, unpacked archives in archives included. */
#include "engine/helm/chart_load.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/crew.h"
#include "common/base/gunzip.h"
#include "common/base/limits.h"
#include "common/base/path.h"
#include "common/base/tar.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"
#include "engine/engine_env.h"
#include "engine/helm/chart.h"
#include "engine/helm/ignore.h"
#include "engine/helm/values.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define IGNORE_FILE     ".helmignore"

enum { READS_AHEAD = 64 };

struct file_list {
    VEC(struct chart_file) files;
};

struct loader {
    struct engine_env *env;
    struct arena *values;
    struct arena *scratch;
    size_t bytes_left;  /* of LIMIT_CHART_BYTES */
    size_t unpack_left; /* likewise, with the headers and padding of archives */
    size_t n_entries;
};

static int take_bytes(struct loader *l, size_t n, struct err *err)
{
    if (n > l->bytes_left) {
        return err_set(err, ERR_LIMIT, "chart is larger than %zu bytes", (size_t)LIMIT_CHART_BYTES);
    }
    l->bytes_left -= n;
    return budget_bytes(l->env->budget, n, err);
}

static void add_file(struct loader *l, struct file_list *list, struct str name, struct str data)
{
    (void)str_cut_prefix(&data, STR(BYTE_ORDER_MARK)); /* only some have it */
    struct chart_file file = {name, data};
    vec_push_in(l->scratch, &list->files, file);
}

static struct chart_files keep_files(struct loader *l, const struct file_list *list)
{
    struct chart_files kept = {.n = list->files.n};
    kept.items = arena_calloc(l->env->arena, kept.n, sizeof(*kept.items));
    if (kept.n > 0) {
        memcpy(kept.items, list->files.items, kept.n * sizeof(*kept.items));
    }
    return kept;
}

/* ---- directories ---- */

struct file_read {
    struct crew_task task;
    struct engine_files *files;
    struct str path;
    struct str name; /* in the chart */
    struct str data;
    const struct err *err; /* NULL: it was read */
};

struct walk {
    struct loader *loader;
    struct str root;
    struct ignore_rules rules;
    struct file_list *list;
    VEC(struct file_read *) reads; /* in order; those before n_taken were taken */
    size_t n_taken;
};

static int walk_dir(struct walk *w, struct str below, struct err *err);

static void read_file(struct crew_task *task, struct arena *arena)
{
    struct file_read *r = CONTAINER_OF(task, struct file_read, task);
    struct err err;
    if (r->files->read(r->files, arena, r->path, LIMIT_CHART_FILE_BYTES, &r->data, &err) < 0) {
        struct err *kept = ARENA_NEW(arena, struct err);
        *kept = err;
        r->err = kept;
    }
}

static int take_read(struct walk *w, struct err *err)
{
    struct engine_env *env = w->loader->env;
    struct file_read *r = w->reads.items[w->n_taken++];
    crew_take(env->crew, &r->task, env->arena);
    if (r->err != NULL) {
        *err = *r->err;
        return err_wrap(err, "chart file '" STR_FMT "'", STR_ARG(r->name));
    }
    TRY(take_bytes(w->loader, r->data.n, err));
    add_file(w->loader, w->list, r->name, r->data);
    return 0;
}

static int take_reads(struct walk *w, size_t except, struct err *err)
{
    while (w->reads.n - w->n_taken > except) {
        TRY(take_read(w, err));
    }
    return 0;
}

/* Helpers read files while the walk goes on, but not far ahead: what is taken is charged. */
static int walk_file(struct walk *w, struct str path, struct str below, struct err *err)
{
    struct engine_env *env = w->loader->env;
    struct file_read *r = ARENA_NEW(w->loader->scratch, struct file_read);
    *r = (struct file_read){
        .task = {.run = read_file}, .files = env->files, .path = path, .name = below};
    vec_push_in(w->loader->scratch, &w->reads, r);
    crew_offer(env->crew, &r->task);
    return take_reads(w, env->crew != NULL ? READS_AHEAD : 0, err);
}

static int walk_entry(struct walk *w, struct str below, enum engine_file_type type, struct err *err)
{
    struct engine_env *env = w->loader->env;
    struct str path = path_append(w->loader->scratch, w->root, below);
    if (type == ENGINE_FILE_LINK) {
        TRY(env->files->type(env->files, path, &type, err));
    }
    if (ignore_matches(&w->rules, below, type == ENGINE_FILE_DIR)) {
        return 0;
    }
    if (type == ENGINE_FILE_DIR) {
        return walk_dir(w, below, err);
    }
    if (type != ENGINE_FILE_REGULAR) {
        return err_set(err, ERR_INVALID, "cannot load irregular file '" STR_FMT "'",
                       STR_ARG(below));
    }
    return walk_file(w, path, below, err);
}

static int walk_dir(struct walk *w, struct str below, struct err *err)
{
    struct engine_env *env = w->loader->env;
    struct engine_listing listing;
    struct arena *scratch = w->loader->scratch;
    struct str path = path_append(scratch, w->root, below);
    TRY(env->files->list(env->files, scratch, below.n > 0 ? path : w->root, &listing, err));
    w->loader->n_entries += listing.n;
    if (w->loader->n_entries > LIMIT_TREE_FILES) {
        return err_set(err, ERR_LIMIT, "more than %d files and directories", LIMIT_TREE_FILES);
    }
    TRY(budget_enter(env->budget, err));
    for (size_t i = 0; i < listing.n; i++) {
        TRY(budget_steps(env->budget, 1, err));
        const struct engine_entry *e = &listing.items[i];
        TRY(walk_entry(w, path_append(env->arena, below, e->name), e->type, err));
    }
    budget_leave(env->budget);
    return 0;
}

static int read_ignore(struct walk *w, struct err *err)
{
    struct engine_env *env = w->loader->env;
    struct str path = path_append(env->arena, w->root, STR(IGNORE_FILE));
    struct str text = STR_EMPTY;
    enum engine_file_type type;
    TRY(env->files->type(env->files, path, &type, err));
    if (type == ENGINE_FILE_REGULAR) {
        TRY(env->files->read(env->files, env->arena, path, LIMIT_CHART_FILE_BYTES, &text, err));
    }
    return ignore_parse(env->arena, text, &w->rules, err);
}

static int list_dir(struct loader *l, struct str path, struct file_list *ret, struct err *err)
{
    struct walk w = {.loader = l, .root = path, .list = ret};
    struct err failed;
    TRY(read_ignore(&w, err));
    int rc = walk_dir(&w, STR_EMPTY, &failed);
    TRY(take_reads(&w, 0,
                   err)); /* an error of a file before the place where the walk failed counts */
    if (rc < 0) {
        *err = failed;
    }
    return rc;
}

/* ---- archives ---- */

static struct str slashes(struct arena *arena, struct str name)
{
    char *p = arena_bytes(arena, name.n + 1);
    for (size_t i = 0; i < name.n; i++) {
        p[i] = name.p[i];
        if (p[i] == '\\') {
            p[i] = '/';
        }
    }
    p[name.n] = '\0';
    return str_of(p, name.n);
}

static bool has_drive(struct str name)
{
    return name.n >= 3 && name.p[1] == ':' && name.p[2] == '/' &&
           ((name.p[0] >= 'a' && name.p[0] <= 'z') || (name.p[0] >= 'A' && name.p[0] <= 'Z'));
}

/* The name below the archive's one directory. */
static int member_name(struct arena *arena, struct str name, struct str *ret, struct err *err)
{
    struct str dir;
    struct str below;
    struct str clean;
    if (str_find_char(name, '\\') != STR_NONE) {
        name = slashes(arena, name);
    }
    if (!str_cut(name, '/', &dir, &below)) {
        below = STR_EMPTY;
    }
    if (str_eq_c(dir, "Chart.yaml")) {
        return err_set(err, ERR_INVALID, "chart yaml not in base directory");
    }
    if (str_starts_with(below, STR("/"))) {
        return err_set(err, ERR_INVALID, "chart illegally contains absolute paths");
    }
    if (has_drive(below) || str_find_char(below, '\0') != STR_NONE) {
        return err_set(err, ERR_INVALID, "chart contains illegally named files");
    }
    if (path_join_safe(arena, STR_EMPTY, below, &clean, err) < 0 || clean.n == 0) {
        return err_set(err, ERR_INVALID,
                       "chart illegally contains content outside the base directory");
    }
    *ret = clean;
    return 0;
}

static int
list_member(struct loader *l, const struct tar_entry *entry, struct file_list *ret, struct err *err)
{
    struct str name;
    if (entry->type == TAR_DIR) {
        return 0;
    }
    TRY_IN(member_name(l->env->arena, entry->name, &name, err), err, "'" STR_FMT "'",
           STR_ARG(entry->name));
    if (entry->type != TAR_FILE) {
        return 0; /* links in archives lead nowhere: there is no file system to follow them in */
    }
    if (entry->data.n > LIMIT_CHART_FILE_BYTES) {
        return err_set(err, ERR_LIMIT,
                       "chart file '" STR_FMT "' is larger than the maximum file size %zu",
                       STR_ARG(name), (size_t)LIMIT_CHART_FILE_BYTES);
    }
    TRY(budget_steps(l->env->budget, 1, err));
    TRY(take_bytes(l, entry->data.n, err));
    add_file(l, ret, name, entry->data);
    return 0;
}

static void free_buf(void *p)
{
    buf_done(p);
}

/* The unpacked bytes stay as long as the arena: files borrow from them. */
static int unpack(struct loader *l, struct str bytes, struct str *ret, struct err *err)
{
    struct buf *out = ARENA_NEW(l->env->arena, struct buf);
    buf_init(out, l->unpack_left);
    arena_defer(l->env->arena, free_buf, out);
    TRY(gunzip_bytes(bytes, out, err));
    l->unpack_left -= out->n;
    *ret = buf_str(out);
    return 0;
}

static int list_archive(struct loader *l, struct str bytes, struct file_list *ret, struct err *err)
{
    struct tar_reader tar = {.arena = l->env->arena};
    struct tar_entry entry;
    int rc;
    TRY(unpack(l, bytes, &tar.rest, err));
    while ((rc = tar_next(&tar, &entry, err)) > 0) {
        TRY(list_member(l, &entry, ret, err));
    }
    TRY(rc);
    if (ret->files.n == 0) {
        return err_set(err, ERR_INVALID, "no files in chart archive");
    }
    return 0;
}

/* ---- files to charts ---- */

static int build(struct loader *l,
                 const struct file_list *list,
                 struct chart *parent,
                 struct chart **ret,
                 struct err *err);

static const struct chart_file *find_file(const struct file_list *list, const char *name)
{
    const struct chart_file *found = NULL;
    for (size_t i = 0; i < list->files.n; i++) {
        if (str_eq_c(list->files.items[i].name, name)) {
            found = &list->files.items[i]; /* of equal names in an archive the last one counts */
        }
    }
    return found;
}

/* All files of one entry of charts/, named below it; none: it is charts/NAME itself. */
struct subchart {
    struct str name;
    struct str data;
    struct file_list below;
    bool is_file;
};

struct subchart_list {
    VEC(struct subchart) items;
};

static struct subchart *subchart_of(struct loader *l, struct subchart_list *list, struct str name)
{
    VEC_FOREACH(&list->items, s) {
        if (str_eq(s->name, name)) {
            return s;
        }
    }
    struct subchart added = {.name = name};
    vec_push_in(l->scratch, &list->items, added);
    return &list->items.items[list->items.n - 1];
}

static void
add_to_subchart(struct loader *l, struct subchart_list *list, struct str name, struct str data)
{
    struct str first;
    struct str below;
    bool is_file = !str_cut(name, '/', &first, &below);
    struct subchart *s = subchart_of(l, list, first);
    if (is_file) {
        s->is_file = true;
        s->data = data;
    } else {
        add_file(l, &s->below, below, data);
    }
}

static int
read_values(struct loader *l, const struct file_list *list, struct chart *c, struct err *err)
{
    const struct chart_file *file = find_file(list, "values.yaml");
    TRY_IN(values_from_yaml(l->values, l->env->arena, file != NULL ? file->data : STR_EMPTY,
                            &c->values, err),
           err, "cannot load values.yaml");
    file = find_file(list, "values.schema.json");
    c->schema = file != NULL ? file->data : (struct str){NULL, 0};
    file = find_file(list, "Chart.lock");
    file = file != NULL ? file : find_file(list, "requirements.lock");
    c->lock = file != NULL ? file->data : (struct str){NULL, 0};
    return 0;
}

static int
read_meta(struct loader *l, const struct file_list *list, struct chart *c, struct err *err)
{
    const struct chart_file *file = find_file(list, "Chart.yaml");
    const struct chart_file *requirements = find_file(list, "requirements.yaml");
    if (file == NULL) {
        return err_set(err, ERR_NOT_FOUND, "Chart.yaml file is missing");
    }
    TRY(chart_meta_parse(l->env->arena, file->data, &c->meta, err));
    if (requirements != NULL) {
        TRY(chart_meta_parse_requirements(l->env->arena, requirements->data, &c->meta, err));
    }
    return chart_meta_check(&c->meta, err);
}

/* Files with a place of their own in struct chart. */
static bool is_special(const struct chart *c, struct str name)
{
    static const char *const NAMES[] = {"Chart.yaml", "Chart.lock", "values.yaml",
                                        "values.schema.json"};
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        if (str_eq_c(name, NAMES[i])) {
            return true;
        }
    }
    return !str_eq_c(c->meta.api_version, "v1") &&
           (str_eq_c(name, "requirements.yaml") || str_eq_c(name, "requirements.lock"));
}

static void sort_files(struct loader *l,
                       const struct file_list *list,
                       struct chart *c,
                       struct subchart_list *ret)
{
    struct file_list templates = {0};
    struct file_list files = {0};
    for (size_t i = 0; i < list->files.n; i++) {
        const struct chart_file *f = &list->files.items[i];
        struct str below = f->name;
        if (is_special(c, f->name)) {
            continue;
        }
        if (str_starts_with(f->name, STR("templates/"))) {
            vec_push_in(l->scratch, &templates.files, *f);
        } else if (str_cut_prefix(&below, STR("charts/")) && !str_ends_with(below, STR(".prov"))) {
            add_to_subchart(l, ret, below, f->data);
        } else {
            vec_push_in(l->scratch, &files.files, *f);
        }
    }
    c->templates = keep_files(l, &templates);
    c->files = keep_files(l, &files);
}

static int build_subchart(struct loader *l,
                          const struct subchart *s,
                          struct chart *parent,
                          struct chart **ret,
                          struct err *err)
{
    struct file_list unpacked = {0};
    if (!str_ends_with(s->name, STR(".tgz"))) {
        return build(l, &s->below, parent, ret, err);
    }
    if (!s->is_file || s->below.files.n > 0) {
        return err_set(err, ERR_INVALID, "'" STR_FMT "' is no archive", STR_ARG(s->name));
    }
    TRY(list_archive(l, s->data, &unpacked, err));
    return build(l, &unpacked, parent, ret, err);
}

static int compare_subcharts(const void *a, const void *b)
{
    return str_cmp(((const struct subchart *)a)->name, ((const struct subchart *)b)->name);
}

/* Helm goes through charts/ in the random order of a Go map; here it is the order of names. */
static int
build_subcharts(struct loader *l, struct subchart_list *list, struct chart *c, struct err *err)
{
    c->subcharts = arena_calloc(l->env->arena, list->items.n + 1, sizeof(struct chart *));
    if (list->items.n > 0) {
        qsort(list->items.items, list->items.n, sizeof(struct subchart), compare_subcharts);
    }
    TRY(budget_enter(l->env->budget, err));
    VEC_FOREACH(&list->items, s) {
        if (s->name.n == 0 || s->name.p[0] == '_' || s->name.p[0] == '.') {
            continue;
        }
        TRY_IN(build_subchart(l, s, c, &c->subcharts[c->n_subcharts], err), err,
               "error unpacking subchart " STR_FMT " in " STR_FMT, STR_ARG(s->name),
               STR_ARG(c->meta.name));
        c->n_subcharts++;
    }
    budget_leave(l->env->budget);
    return 0;
}

static int build(struct loader *l,
                 const struct file_list *list,
                 struct chart *parent,
                 struct chart **ret,
                 struct err *err)
{
    struct chart *c = ARENA_NEW(l->env->arena, struct chart);
    struct subchart_list subcharts = {0};
    c->parent = parent;
    TRY(read_meta(l, list, c, err));
    TRY(read_values(l, list, c, err));
    sort_files(l, list, c, &subcharts);
    TRY(build_subcharts(l, &subcharts, c, err));
    *ret = c;
    return 0;
}

/* ---- entries ---- */

static struct loader loader_of(struct engine_env *env, struct arena *values, struct arena *scratch)
{
    return (struct loader){
        .env = env,
        .values = values,
        .scratch = scratch,
        .bytes_left = LIMIT_CHART_BYTES,
        .unpack_left = LIMIT_CHART_BYTES + LIMIT_ARCHIVE_ENTRIES * LIMIT_KIB,
    };
}

static int load_archive(struct loader *l, struct str bytes, struct chart **ret, struct err *err)
{
    struct file_list list = {0};
    TRY(list_archive(l, bytes, &list, err));
    return build(l, &list, NULL, ret, err);
}

int chart_load_archive(struct engine_env *env,
                       struct arena *values,
                       struct str bytes,
                       struct chart **ret,
                       struct err *err)
{
    AUTO(arena) struct arena *scratch = arena_new();
    struct loader l = loader_of(env, values, scratch);
    return load_archive(&l, bytes, ret, err);
}

static int load(struct loader *l, struct str path, struct chart **ret, struct err *err)
{
    struct engine_env *env = l->env;
    struct file_list list = {0};
    enum engine_file_type type;
    struct str bytes;
    TRY(env->files->type(env->files, path, &type, err));
    if (type == ENGINE_FILE_REGULAR) {
        TRY(env->files->read(env->files, env->arena, path, LIMIT_CHART_BYTES, &bytes, err));
        return load_archive(l, bytes, ret, err);
    }
    TRY(list_dir(l, path, &list, err));
    return build(l, &list, NULL, ret, err);
}

int chart_load(struct engine_env *env,
               struct arena *values,
               struct str path,
               struct chart **ret,
               struct err *err)
{
    AUTO(arena) struct arena *scratch = arena_new();
    struct loader l = loader_of(env, values, scratch);
    int rc = load(&l, path, ret, err);
    crew_forget(env->crew); /* which may be at files in the scratch arena */
    return rc;
}
