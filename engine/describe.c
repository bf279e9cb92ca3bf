/* Descriptions of sources, as Argo CD's repo-server makes them for its "app details". Pure. */
#include "engine/describe.h"

#include <stdlib.h>

#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/base/map.h"
#include "common/base/num.h"
#include "common/base/path.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_yaml.h"
#include "engine/engine_env.h"
#include "engine/helm/source_files.h"

#define VALUES_FILE_NAME "values.yaml"
#define CHART_FILE_NAME  "Chart.yaml"

struct strs {
    VEC(struct str) items;
};

static int compare_strs(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void sort(struct strs *strs)
{
    if (strs->items.n > 0) {
        qsort(strs->items.items, strs->items.n, sizeof(*strs->items.items), compare_strs);
    }
}

static const struct value *list_of(struct arena *arena, const struct strs *strs)
{
    return value_new_str_list(arena, strs->items.items, strs->items.n);
}

/* ---- value files there are ---- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool ends_with_nocase(struct str name, struct str end)
{
    for (size_t i = 0; i < end.n; i++) {
        if (name.n < end.n || lower(name.p[name.n - end.n + i]) != end.p[i]) {
            return false;
        }
    }
    return true;
}

static bool is_value_file(struct str name)
{
    return str_find(name, STR("values")) != STR_NONE &&
           (ends_with_nocase(name, STR(".yaml")) || ends_with_nocase(name, STR(".yml")));
}

struct walk {
    struct engine_env *env;
    size_t n_entries;
    struct strs found; /* relative to where it began */
};

static int walk(struct walk *w, struct str dir, struct str shown, struct err *err)
{
    struct arena *arena = w->env->arena;
    struct engine_listing listing;
    TRY(w->env->files->list(w->env->files, arena, dir, &listing, err));
    w->n_entries += listing.n;
    if (w->n_entries > LIMIT_TREE_FILES) {
        return err_set(err, ERR_LIMIT, "more than %d files and directories", LIMIT_TREE_FILES);
    }
    TRY(budget_enter(w->env->budget, err));
    for (size_t i = 0; i < listing.n; i++) {
        const struct engine_entry *e = &listing.items[i];
        struct str path = path_append(arena, shown, e->name);
        TRY(budget_steps(w->env->budget, 1, err));
        if (e->type == ENGINE_FILE_DIR) {
            TRY(walk(w, path_append(arena, dir, e->name), path, err));
        } else if (is_value_file(e->name)) {
            vec_push_in(arena, &w->found.items, path);
        }
    }
    budget_leave(w->env->budget);
    return 0;
}

/* ---- parameters ---- */

struct parameters {
    struct engine_env *env;
    struct map *by_name; /* -> struct str, in the arena */
};

static struct str print_float(struct arena *arena, double f)
{
    char text[NUM_FLOAT_BYTES];
    size_t n = num_format_g(f, text);
    return arena_str(arena, str_of(text, n));
}

/* As Go's "%v" prints what its JSON reader made of it, where all numbers are floats. */
static struct str print_leaf(struct arena *arena, const struct value *v)
{
    switch (value_type(v)) {
    case VALUE_STRING:
        return value_str(v);
    case VALUE_BOOL:
        return value_bool(v, false) ? STR("true") : STR("false");
    case VALUE_INT:
    case VALUE_FLOAT:
        return print_float(arena, value_float(v, 0));
    case VALUE_NULL:
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_TYPE_COUNT:
        break;
    }
    return STR("<nil>");
}

static void put_leaf(struct parameters *p, struct str name, const struct value *v)
{
    struct str *text = ARENA_NEW(p->env->arena, struct str);
    *text = print_leaf(p->env->arena, v);
    map_set(p->by_name, name, text);
}

static int flatten(struct parameters *p, struct str name, const struct value *v, struct err *err)
{
    struct arena *arena = p->env->arena;
    size_t i = 0;
    TRY(budget_steps(p->env->budget, 1, err));
    if (!value_is(v, VALUE_MAP) && !value_is(v, VALUE_LIST)) {
        put_leaf(p, name, v);
        return 0;
    }
    TRY(budget_enter(p->env->budget, err));
    VALUE_MAP_FOREACH(v, e)
    {
        struct str below =
            name.n == 0 ? e->key
                        : arena_printf(arena, STR_FMT "." STR_FMT, STR_ARG(name), STR_ARG(e->key));
        TRY(flatten(p, below, &e->value, err));
    }
    VALUE_FOREACH(v, item) {
        TRY(flatten(p, arena_printf(arena, STR_FMT "[%zu]", STR_ARG(name), i++), item, err));
    }
    budget_leave(p->env->budget);
    return 0;
}

static int add_values(struct parameters *p, struct str text, struct str shown, struct err *err)
{
    const struct value *values;
    if (value_from_yaml(p->env->arena, text, NULL, &values, err) < 0) {
        return err_at(err, shown, 0, 0);
    }
    if (value_type(values) == VALUE_NULL) {
        return 0;
    }
    if (!value_is(values, VALUE_MAP)) {
        return err_set(err, ERR_INVALID, "'" STR_FMT "' is %s, not a map", STR_ARG(shown),
                       value_type_noun(value_type(values)));
    }
    return flatten(p, STR_EMPTY, values, err);
}

static int
add_value_files(struct parameters *p, struct str path, const struct value *helm, struct err *err)
{
    struct source_file_list files = {0};
    bool all_here = true;
    TRY(source_file_values(p->env, path, helm, &files, err));
    for (size_t i = 0; i < files.n; i++) {
        struct str text;
        int here = source_file_read(p->env, &files.items[i], &text, err);
        TRY_IN(here, err, "value file '" STR_FMT "'", STR_ARG(files.items[i].shown));
        all_here = all_here && here;
        TRY(here ? add_values(p, text, files.items[i].shown, err) : 0);
    }
    return all_here ? 0 : err_set(err, ERR_UNAVAILABLE, "files at URLs are not here yet");
}

static void put_parameters(struct value_builder *b, struct parameters *p)
{
    struct arena *arena = p->env->arena;
    struct strs names = {0};
    MAP_FOREACH(p->by_name, e) {
        vec_push_in(arena, &names.items, e.key);
    }
    sort(&names);
    value_build_field_list(b, "parameters");
    VEC_FOREACH(&names.items, name) {
        const struct str *text = map_find(p->by_name, *name);
        value_build_map(b);
        value_build_field_str(b, "name", *name);
        value_build_field_str(b, "value", *text);
        value_build_end(b);
    }
    value_build_end(b);
}

/* ---- charts ---- */

/* "" when there is none. */
static int read_optional(
    struct engine_env *env, struct str dir, const char *name, struct str *ret, struct err *err)
{
    struct str path = path_append(env->arena, dir, str_from(name));
    enum engine_file_type type;
    *ret = STR_EMPTY;
    TRY(env->files->type(env->files, path, &type, err));
    if (type == ENGINE_FILE_REGULAR) {
        TRY(env->files->read(env->files, env->arena, path, LIMIT_DOC_BYTES, ret, err));
        TRY(budget_bytes(env->budget, ret->n, err));
    }
    return 0;
}

static void put_maintainers(struct value_builder *b, struct arena *arena, const struct value *list)
{
    value_build_field_list(b, "maintainers");
    VALUE_FOREACH(list, m) {
        struct str name = value_dig_str(m, "name");
        struct str mail = value_dig_str(m, "email");
        struct str both =
            arena_printf(arena, STR_FMT " <" STR_FMT ">", STR_ARG(name), STR_ARG(mail));
        value_build_str(b, mail.n > 0 ? str_trim(both) : name);
    }
    value_build_end(b);
}

static void put_chart(struct value_builder *b, struct arena *arena, const struct value *chart)
{
    value_build_field_map(b, "chart");
    value_build_field_str_opt(b, "description", value_dig_str(chart, "description"));
    value_build_field_str_opt(b, "home", value_dig_str(chart, "home"));
    if (value_len(value_dig(chart, "maintainers")) > 0) {
        put_maintainers(b, arena, value_dig(chart, "maintainers"));
    }
    value_build_end(b);
}

static void put_file_parameters(struct value_builder *b, const struct value *helm)
{
    const struct value *list = value_dig(helm, "fileParameters");
    if (value_is(list, VALUE_LIST)) {
        value_build_field(b, "fileParameters", list);
    }
}

struct chart_files {
    struct strs value_files;
    struct str values;
    const struct value *chart; /* Chart.yaml */
    struct parameters parameters;
};

static int read_chart(struct engine_env *env,
                      struct str path,
                      const struct value *helm,
                      struct chart_files *ret,
                      struct err *err)
{
    struct walk w = {.env = env};
    struct str meta;
    TRY(read_optional(env, path, CHART_FILE_NAME, &meta, err));
    if (meta.n == 0) {
        return err_set(err, ERR_NOT_FOUND, "'" STR_FMT "' has no " CHART_FILE_NAME, STR_ARG(path));
    }
    TRY_IN(value_from_yaml(env->arena, meta, NULL, &ret->chart, err), err, CHART_FILE_NAME);
    TRY(walk(&w, path, STR_EMPTY, err));
    ret->value_files = w.found;
    TRY(read_optional(env, path, VALUES_FILE_NAME, &ret->values, err));
    TRY(add_values(&ret->parameters, ret->values, STR(VALUES_FILE_NAME), err));
    return add_value_files(&ret->parameters, path, helm, err);
}

static const struct value *
chart_described(struct engine_env *env, struct chart_files *c, const struct value *helm)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, env->arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_map(&b, "helm");
    value_build_field(&b, "valueFiles", list_of(env->arena, &c->value_files));
    value_build_field_str_opt(&b, "values", c->values);
    put_parameters(&b, &c->parameters);
    put_file_parameters(&b, helm);
    value_build_end(&b);
    put_chart(&b, env->arena, c->chart);
    value_build_end(&b);
    return value_build_finish(&b);
}

int describe_helm(struct engine_env *env,
                  struct str path,
                  const struct value *source,
                  const struct value **ret,
                  struct err *err)
{
    const struct value *helm = value_dig(source, "helm");
    AUTO(map) struct map *by_name = map_new(NULL);
    struct chart_files chart = {.parameters = {.env = env, .by_name = by_name}};
    TRY(read_chart(env, path, helm, &chart, err));
    *ret = chart_described(env, &chart, helm);
    return 0;
}

/* ---- kustomizations ---- */

struct images {
    struct engine_env *env;
    struct strs found;
};

static void add_images(struct images *images, const struct value *containers)
{
    VALUE_FOREACH(containers, c) {
        struct str image = value_dig_str(c, "image");
        if (image.n > 0) {
            vec_push_in(images->env->arena, &images->found.items, image);
        }
    }
}

/* Wherever there are containers: kinds of others have them too. */
static int find_images(struct images *images, const struct value *v, struct err *err)
{
    TRY(budget_steps(images->env->budget, 1, err));
    TRY(budget_enter(images->env->budget, err));
    VALUE_MAP_FOREACH(v, e)
    {
        bool is_list = value_is(&e->value, VALUE_LIST);
        if (is_list && (str_eq_c(e->key, "containers") || str_eq_c(e->key, "initContainers"))) {
            add_images(images, &e->value);
        } else if (is_list || value_is(&e->value, VALUE_MAP)) {
            TRY(find_images(images, &e->value, err));
        }
    }
    VALUE_FOREACH(v, item) {
        if (value_is(item, VALUE_MAP)) {
            TRY(find_images(images, item, err));
        }
    }
    budget_leave(images->env->budget);
    return 0;
}

int describe_kustomize(struct engine_env *env,
                       const struct engine_object *objects,
                       size_t n,
                       const struct value **ret,
                       struct err *err)
{
    struct images images = {.env = env};
    for (size_t i = 0; i < n; i++) {
        TRY(find_images(&images, objects[i].object, err));
    }
    sort(&images.found);
    *ret = value_with(env->arena, NULL, list_of(env->arena, &images.found), "kustomize", "images");
    return 0;
}

const struct value *describe_directory(struct engine_env *env)
{
    return value_with(env->arena, NULL, &VALUE_EMPTY_MAP, "directory");
}
