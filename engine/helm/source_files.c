/* Finding the files of a `helm` block, in Argo CD's order. */
#include "engine/helm/source_files.h"

#include "common/base/glob.h"
#include "common/base/limits.h"
#include "common/base/path.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "engine/build_env.h"
#include "engine/engine_env.h"

static bool same_file(const struct source_file *a, const struct source_file *b)
{
    return a->files == b->files && str_eq(a->path, b->path);
}

static bool has(const struct source_file_list *list, const struct source_file *file)
{
    for (size_t i = 0; i < list->n; i++) {
        if (same_file(&list->items[i], file)) {
            return true;
        }
    }
    return false;
}

static bool is_pattern(struct str path)
{
    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] == '*' || path.p[i] == '?' || path.p[i] == '[') {
            return true;
        }
    }
    return false;
}

/* ---- one file ---- */

/* 1 = "$name/..." of another source, whose tree and path are given.  A name that no source has is left to the build
 * environment, as in Argo CD. */
static int
locate_ref(struct engine_env *env, struct str written, struct source_file *ret, struct err *err)
{
    struct str name;
    struct str path;
    struct engine_files *files;
    struct err missing;
    if (env->ref == NULL || !str_cut_prefix(&written, STR("$"))) {
        return 0;
    }
    if (!str_cut(written, '/', &name, &path)) {
        name = written;
        path = STR_EMPTY;
    }
    int rc = env->ref(env, name, &files, &missing);
    if (rc == -ERR_NOT_FOUND) {
        return 0;
    }
    if (rc < 0) {
        *err = missing;
        return err_wrap(err, "source '$" STR_FMT "'", STR_ARG(name));
    }
    path = build_env_expand(env, STR_EMPTY, path);
    TRY(path_join_safe(env->arena, STR_EMPTY, path, &ret->path, err));
    ret->files = files;
    ret->shown =
        arena_printf(env->arena, "$" STR_FMT "/" STR_FMT, STR_ARG(name), STR_ARG(ret->path));
    return 1;
}

int source_file_locate(struct engine_env *env,
                       struct str chart,
                       struct str name,
                       struct source_file *ret,
                       struct err *err)
{
    struct source_file file = {.files = env->files};
    int is_ref = locate_ref(env, name, &file, err);
    TRY(is_ref);
    if (!is_ref) {
        file.path = build_env_expand(env, chart, name);
        if (str_find(file.path, STR("://")) != STR_NONE) {
            file.files = NULL;
        } else {
            TRY(path_join_safe(env->arena, chart, file.path, &file.path, err));
        }
        file.shown = file.path;
    }
    *ret = file;
    return 0;
}

int source_file_read(struct engine_env *env,
                     const struct source_file *file,
                     struct str *ret,
                     struct err *err)
{
    if (file->files != NULL) {
        TRY(file->files->read(file->files, env->arena, file->path, LIMIT_DOC_BYTES, ret, err));
        return 1;
    }
    if (env->remote == NULL) {
        return err_set(err, ERR_UNSUPPORTED, "remote files are not supported here");
    }
    struct engine_remote remote = {.type = ENGINE_REMOTE_FILE, .url = file->path, .values = true};
    struct engine_remote_result result;
    int rc = env->remote(env, &remote, &result, err);
    if (rc == -ERR_UNAVAILABLE) {
        return 0;
    }
    TRY(rc);
    *ret = result.bytes;
    return 1;
}

/* ---- patterns ---- */

struct search {
    struct engine_env *env;
    struct source_file pattern;
    struct source_file_list found;
};

static struct source_file found_at(const struct search *s, struct str path)
{
    struct source_file file = s->pattern;
    if (!str_eq(file.shown, file.path)) { /* "$ref/" and the path */
        struct str prefix = str_sub(file.shown, 0, file.shown.n - file.path.n);
        file.shown = arena_printf(s->env->arena, STR_FMT STR_FMT, STR_ARG(prefix), STR_ARG(path));
    } else {
        file.shown = path;
    }
    file.path = path;
    return file;
}

/* Files below dir that match, in path order. */
static int find_matches(struct search *s, struct str dir, struct err *err)
{
    struct engine_env *env = s->env;
    struct engine_files *files = s->pattern.files;
    struct engine_listing listing;
    TRY(budget_enter(env->budget, err));
    TRY(files->list(files, env->arena, dir, &listing, err));
    for (size_t i = 0; i < listing.n; i++) {
        enum engine_file_type type;
        struct str path = path_append(env->arena, dir, listing.items[i].name);
        TRY(budget_steps(env->budget, 1, err));
        TRY(files->type(files, path, &type, err));
        if (type == ENGINE_FILE_DIR && listing.items[i].type == ENGINE_FILE_DIR) {
            TRY(find_matches(s, path, err));
        } else if (type == ENGINE_FILE_REGULAR && glob_match(s->pattern.path, path, '/')) {
            struct source_file file = found_at(s, path);
            vec_push_in(env->arena, &s->found, file);
        }
    }
    budget_leave(env->budget);
    return 0;
}

/* The part of a pattern before its first special character, up to a "/". */
static struct str fixed_dir(struct str pattern)
{
    size_t n = 0;
    while (n < pattern.n && !is_pattern(str_sub(pattern, 0, n + 1))) {
        n++;
    }
    return path_dir(str_sub(pattern, 0, n));
}

static bool may_be_missing(const struct value *helm)
{
    return value_bool(value_dig(helm, "ignoreMissingValueFiles"), false);
}

static int add_matches(struct search *s,
                       const struct value *helm,
                       const struct source_file_list *explicit,
                       struct source_file_list *ret,
                       struct err *err)
{
    struct engine_files *files = s->pattern.files;
    enum engine_file_type type;
    struct str dir = fixed_dir(s->pattern.path);
    TRY_IN(glob_check(s->pattern.path, err), err, "source.helm.valueFiles");
    TRY(files->type(files, dir, &type, err));
    if (type == ENGINE_FILE_DIR) {
        TRY(find_matches(s, dir, err));
    }
    if (s->found.n == 0 && !may_be_missing(helm)) {
        return err_set(err, ERR_NOT_FOUND, "no value file matches '" STR_FMT "'",
                       STR_ARG(s->pattern.shown));
    }
    VEC_FOREACH(&s->found, f) {
        if (!has(explicit, f) && !has(ret, f)) {
            vec_push_in(s->env->arena, ret, *f);
        }
    }
    return 0;
}

/* ---- all of them ---- */

/* 1 = the file counts; 0 = it is missing and need not be there. */
static int check_there(const struct value *helm,
                       const struct source_file *file,
                       struct str written,
                       struct err *err)
{
    enum engine_file_type type;
    if (file->files == NULL) {
        return 1;
    }
    TRY(file->files->type(file->files, file->path, &type, err));
    if (type != ENGINE_FILE_MISSING) {
        return 1;
    }
    if (may_be_missing(helm)) {
        return 0;
    }
    bool is_ref = str_starts_with(written, STR("$")) && !str_starts_with(file->shown, STR("$"));
    return err_set(err, ERR_NOT_FOUND, "value file '" STR_FMT "' does not exist%s" STR_FMT "%s",
                   STR_ARG(file->shown), is_ref ? " (written as '" : "",
                   STR_ARG(is_ref ? written : STR_EMPTY),
                   is_ref ? "'; no source of the application has such a ref)" : "");
}

static bool is_open(const struct source_file *file)
{
    return file->files != NULL && is_pattern(file->path);
}

/* In the order given; what a pattern and a name both mean stands where the name is. */
int source_file_values(struct engine_env *env,
                       struct str chart,
                       const struct value *helm,
                       struct source_file_list *ret,
                       struct err *err)
{
    const struct value *names = value_dig(helm, "valueFiles");
    struct source_file_list all = {0};
    struct source_file_list explicit = {0};
    VALUE_FOREACH(names, v) {
        struct source_file file;
        TRY_IN(source_file_locate(env, chart, value_str(v), &file, err), err,
               "source.helm.valueFiles");
        vec_push_in(env->arena, &all, file);
        if (!is_open(&file)) {
            vec_push_in(env->arena, &explicit, file);
        }
    }
    for (size_t i = 0; i < all.n; i++) {
        if (is_open(&all.items[i])) {
            struct search search = {.env = env, .pattern = all.items[i]};
            TRY(add_matches(&search, helm, &explicit, ret, err));
            continue;
        }
        int there = check_there(helm, &all.items[i], value_str(value_at(names, i)), err);
        TRY(there);
        if (there) {
            vec_push_in(env->arena, ret, all.items[i]);
        }
    }
    return 0;
}
