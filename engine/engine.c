/* Choosing the engine of a source and handing over to it. Pure: all input through engine_env. */
#include "engine/engine.h"

#include <stdbool.h>

#include "common/base/limits.h"
#include "common/base/path.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_edit.h"
#include "common/value/value_yaml.h"
#include "engine/describe.h"
#include "engine/helm/helm_render.h"
#include "engine/helm/helm_source.h"
#include "engine/kustomize/kustomize.h"
#include "engine/kustomize/kustomize_source.h"
#include "engine/plain/dir.h"

#define OVERRIDE_FILE     ".argocd-source.yaml"
#define OVERRIDE_FILE_APP ".argocd-source-" STR_FMT ".yaml"

enum {
    OVERRIDE_BYTES_MAX = 1024 * 1024,
};

/* A source on its way through its engine. */
struct rendering {
    struct engine_env *env;
    const struct value *source; /* overrides merged in */
    struct str path;            /* clean */
    struct str kustomize_build_options;
    uint64_t max_bytes;
};

typedef int (*engine_fn)(const struct rendering *r, struct engine_result *ret, struct err *err);

static int render_directory(const struct rendering *r, struct engine_result *ret, struct err *err);
static int render_helm(const struct rendering *r, struct engine_result *ret, struct err *err);
static int render_kustomize(const struct rendering *r, struct engine_result *ret, struct err *err);

/* An engine without a function is known, but not part of this build. */
static const struct {
    const char *name;
    const char *block; /* of the source */
    engine_fn render;
} ENGINES[ENGINE_TYPE_COUNT] = {
    [ENGINE_DIRECTORY] = {"Directory", "directory", render_directory},
    [ENGINE_HELM] = {"Helm", "helm", render_helm},
    [ENGINE_KUSTOMIZE] = {"Kustomize", "kustomize", render_kustomize},
    [ENGINE_PLUGIN] = {"Plugin", "plugin", NULL},
};

const char *engine_type_name(enum engine_type type)
{
    return ENGINES[type].name;
}

static int render_directory(const struct rendering *r, struct engine_result *ret, struct err *err)
{
    struct dir_options options;
    struct dir_result result;
    TRY(dir_options_from_value(value_find(r->source, STR("directory")), &options, err));
    if (r->max_bytes > 0) {
        options.max_bytes = r->max_bytes;
    }
    TRY(dir_render(r->env, r->path, &options, &result, err));
    ret->objects = result.objects;
    ret->n = result.n;
    return 0;
}

static int render_helm(const struct rendering *r, struct engine_result *ret, struct err *err)
{
    struct helm_result result;
    TRY(helm_source_render(r->env, r->path, r->source, &result, err));
    ret->objects = result.objects;
    ret->n = result.n;
    return 0;
}

static int render_kustomize(const struct rendering *r, struct engine_result *ret, struct err *err)
{
    struct kustomize_result result;
    TRY(kustomize_source_build(r->env, r->path, r->source, r->kustomize_build_options, &result,
                               err));
    ret->objects = result.objects;
    ret->n = result.n;
    return 0;
}

/* ---- type ---- */

static bool type_of_file(struct str name, enum engine_type *ret)
{
    static const struct str KUSTOMIZATIONS[] = {
        {"kustomization.yaml", 18}, {"kustomization.yml", 17}, {"Kustomization", 13}};
    if (str_ends_with(name, STR("Chart.yaml"))) {
        *ret = ENGINE_HELM;
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(KUSTOMIZATIONS); i++) {
        if (str_eq(name, KUSTOMIZATIONS[i])) {
            *ret = ENGINE_KUSTOMIZE;
            return true;
        }
    }
    return false;
}

/* With files of several engines the last in path order decides, as in Argo CD's walk. */
static enum engine_type type_of_listing(const struct engine_listing *listing)
{
    enum engine_type type = ENGINE_DIRECTORY;
    for (size_t i = 0; i < listing->n; i++) {
        if (listing->items[i].type == ENGINE_FILE_REGULAR ||
            listing->items[i].type == ENGINE_FILE_LINK) {
            (void)type_of_file(listing->items[i].name, &type); /* most files say nothing */
        }
    }
    return type;
}

/* The one block the source has; *ret_found is false when it has none. */
static int
explicit_type(const struct value *source, enum engine_type *ret, bool *ret_found, struct err *err)
{
    *ret_found = false;
    for (int i = 0; i < ENGINE_TYPE_COUNT; i++) {
        if (value_type(value_find(source, str_from(ENGINES[i].block))) == VALUE_NULL) {
            continue;
        }
        if (*ret_found) {
            return err_set(err, ERR_INVALID, "multiple application sources defined: %s, %s",
                           ENGINES[*ret].name, ENGINES[i].name);
        }
        *ret = (enum engine_type)i;
        *ret_found = true;
    }
    return 0;
}

static int choose_type(const struct rendering *r, enum engine_type *ret, struct err *err)
{
    bool found;
    TRY(explicit_type(r->source, ret, &found, err));
    if (!found) {
        struct engine_listing listing;
        TRY(r->env->files->list(r->env->files, r->env->arena, r->path, &listing, err));
        *ret = type_of_listing(&listing);
    }
    return 0;
}

/* ---- overrides ---- */

/* RFC 7386: maps are merged, null removes, all else replaces. Depth is bounded by the parser. */
static const struct value *
merge_patch(struct arena *arena, const struct value *to, const struct value *patch)
{
    if (!value_is(patch, VALUE_MAP)) {
        return patch;
    }
    const struct value *out = value_is(to, VALUE_MAP) ? to : &VALUE_EMPTY_MAP;
    VALUE_MAP_FOREACH(patch, e)
    {
        out = value_type(&e->value) == VALUE_NULL
                  ? value_map_remove(arena, out, e->key)
                  : value_map_set(arena, out, e->key,
                                  merge_patch(arena, value_find(out, e->key), &e->value));
    }
    return out;
}

static int merge_override(struct rendering *r, struct str name, struct err *err)
{
    struct engine_env *env = r->env;
    struct str path = path_append(env->arena, r->path, name);
    enum engine_file_type type;
    struct str text;
    const struct value *patch;
    TRY(env->files->type(env->files, path, &type, err));
    if (type != ENGINE_FILE_REGULAR) {
        return 0;
    }
    TRY(env->files->read(env->files, env->arena, path, OVERRIDE_BYTES_MAX, &text, err));
    if (value_from_yaml(env->arena, text, NULL, &patch, err) < 0) {
        return err_at(err, path, 0, 0);
    }
    if (patch->type != VALUE_MAP && patch->type != VALUE_NULL) {
        return err_set(err, ERR_INVALID, "'" STR_FMT "' is a %s, not a map", STR_ARG(path),
                       value_type_name(value_type(patch)));
    }
    if (patch->type == VALUE_MAP) {
        r->source = merge_patch(env->arena, r->source, patch);
    }
    return 0;
}

/* What the files in the directory may not change. */
static void restore_identity(struct rendering *r, const struct value *written)
{
    static const struct str KEPT[] = {
        {"repoURL", 7}, {"path", 4}, {"chart", 5}, {"targetRevision", 14}};
    for (size_t i = 0; i < ARRAY_LEN(KEPT); i++) {
        const struct value *v = value_find(written, KEPT[i]);
        r->source = v != NULL ? value_map_set(r->env->arena, r->source, KEPT[i], v)
                              : value_map_remove(r->env->arena, r->source, KEPT[i]);
    }
}

static int merge_overrides(struct rendering *r, struct err *err)
{
    const struct value *written = r->source;
    struct str app = r->env->app.name;
    TRY(merge_override(r, STR(OVERRIDE_FILE), err));
    if (app.n > 0 && str_find_char(app, '/') == STR_NONE) {
        TRY(merge_override(r, arena_printf(r->env->arena, OVERRIDE_FILE_APP, STR_ARG(app)), err));
    }
    restore_identity(r, written);
    return 0;
}

/* ---- entry ---- */

static int check_path(struct rendering *r, struct err *err)
{
    struct str path = value_dig_str(r->source, "path");
    enum engine_file_type type;
    if (value_dig_str(r->source, "chart").n > 0) {
        r->path = STR_EMPTY; /* the tree is the chart */
        return 0;
    }
    if (path.n > 0 && path.p[0] == '/') {
        return err_set(err, ERR_INVALID, STR_FMT ": app path is absolute", STR_ARG(path));
    }
    TRY_IN(path_join_safe(r->env->arena, STR_EMPTY, path, &r->path, err), err, "app path");
    TRY(r->env->files->type(r->env->files, r->path, &type, err));
    if (type == ENGINE_FILE_MISSING) {
        return err_set(err, ERR_NOT_FOUND, STR_FMT ": app path does not exist", STR_ARG(path));
    }
    if (type != ENGINE_FILE_DIR) {
        return err_set(err, ERR_INVALID, STR_FMT ": app path is not a directory", STR_ARG(path));
    }
    return 0;
}

/* ---- descriptions ---- */

static int describe(const struct rendering *r, struct engine_result *result, struct err *err)
{
    struct engine_env *env = r->env;
    struct engine_object *o = ARENA_NEW(env->arena, struct engine_object);
    o->file = r->path;
    if (result->type == ENGINE_HELM) {
        TRY(describe_helm(env, r->path, r->source, &o->object, err));
    } else if (result->type == ENGINE_KUSTOMIZE) {
        TRY(ENGINES[result->type].render(r, result, err));
        TRY(describe_kustomize(env, result->objects, result->n, &o->object, err));
    } else {
        o->object = describe_directory(env);
    }
    result->objects = o;
    result->n = 1;
    return 0;
}

/* A source with nothing but a ref is there for others to refer to. */
static bool is_reference_only(const struct value *source)
{
    return value_dig_str(source, "ref").n > 0 && value_dig_str(source, "path").n == 0 &&
           value_dig_str(source, "chart").n == 0;
}

int engine_render(struct engine_env *env,
                  const struct engine_source *source,
                  struct engine_result *ret,
                  struct err *err)
{
    struct rendering r = {
        .env = env,
        .source = source->source,
        .kustomize_build_options = source->kustomize_build_options,
        .max_bytes = source->max_bytes,
    };
    struct engine_result result = {.type = ENGINE_DIRECTORY};
    if (value_type(r.source) == VALUE_NULL) {
        r.source = &VALUE_EMPTY_MAP;
    }
    if (r.source->type != VALUE_MAP) {
        return err_set(err, ERR_INVALID, "source is a %s, not a map",
                       value_type_name(value_type(r.source)));
    }
    if (is_reference_only(r.source)) {
        *ret = result;
        return 0;
    }
    TRY(check_path(&r, err));
    TRY(merge_overrides(&r, err));
    TRY(choose_type(&r, &result.type, err));
    if (ENGINES[result.type].render == NULL) {
        return err_set(err, ERR_UNSUPPORTED,
                       "path '" STR_FMT "': %s sources are not supported by this build",
                       STR_ARG(r.path), ENGINES[result.type].name);
    }
    TRY(source->describe ? describe(&r, &result, err)
                         : ENGINES[result.type].render(&r, &result, err));
    *ret = result;
    return 0;
}

/* ---- discovery ---- */

struct discovery {
    struct engine_env *env;
    size_t n_entries;
    VEC(struct engine_found) found;
};

static int discover_dir(struct discovery *d, struct str dir, struct err *err)
{
    struct engine_listing listing;
    struct engine_env *env = d->env;
    TRY(env->files->list(env->files, env->arena, dir, &listing, err));
    d->n_entries += listing.n;
    if (d->n_entries > LIMIT_TREE_FILES) {
        return err_set(err, ERR_LIMIT, "more than %d files and directories", LIMIT_TREE_FILES);
    }
    enum engine_type type = type_of_listing(&listing);
    if (type != ENGINE_DIRECTORY) {
        struct engine_found found = {dir.n > 0 ? dir : STR("."), type};
        vec_push_in(env->arena, &d->found, found);
    }
    TRY(budget_enter(env->budget, err));
    for (size_t i = 0; i < listing.n; i++) {
        TRY(budget_steps(env->budget, 1, err));
        if (listing.items[i].type == ENGINE_FILE_DIR) {
            TRY(discover_dir(d, path_append(env->arena, dir, listing.items[i].name), err));
        }
    }
    budget_leave(env->budget);
    return 0;
}

int engine_discover(struct engine_env *env, struct engine_found_list *ret, struct err *err)
{
    struct discovery d = {.env = env};
    TRY(discover_dir(&d, STR_EMPTY, err));
    *ret = (struct engine_found_list){d.found.items, d.found.n};
    return 0;
}
