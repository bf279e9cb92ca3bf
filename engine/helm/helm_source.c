/* The fields of `helm`, in Argo CD's meaning. */
#include "engine/helm/helm_source.h"

#include "common/base/buf.h"
#include "common/base/glob.h"
#include "common/base/limits.h"
#include "common/base/path.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"
#include "engine/build_env.h"
#include "engine/engine_env.h"
#include "engine/helm/helm_render.h"
#include "engine/helm/helm_schema.h"

struct paths {
    struct str *items;
    size_t n;
    size_t cap;
};

struct inputs {
    struct values_input *items;
    size_t n;
    size_t cap;
};

struct block {
    struct engine_env *env;
    struct str path;          /* of the chart */
    const struct value *helm; /* may be NULL */
    struct inputs inputs;
};

static int expect(const struct value *v, enum value_type type, const char *field, struct err *err)
{
    if (value_type(v) == VALUE_NULL || value_is(v, type)) {
        return 0;
    }
    return err_set(err, ERR_INVALID, "source.helm.%s is %s, not %s", field,
                   value_type_noun(value_type(v)), value_type_noun(type));
}

static int check_types(const struct value *helm, struct err *err)
{
    static const struct {
        const char *field;
        enum value_type type;
    } ROWS[] = {
        {"releaseName", VALUE_STRING},
        {"namespace", VALUE_STRING},
        {"values", VALUE_STRING},
        {"valuesObject", VALUE_MAP},
        {"valueFiles", VALUE_LIST},
        {"parameters", VALUE_LIST},
        {"fileParameters", VALUE_LIST},
        {"kubeVersion", VALUE_STRING},
        {"apiVersions", VALUE_LIST},
        {"skipCrds", VALUE_BOOL},
        {"skipTests", VALUE_BOOL},
        {"skipSchemaValidation", VALUE_BOOL},
        {"ignoreMissingValueFiles", VALUE_BOOL},
    };
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        TRY(expect(value_find(helm, str_from(ROWS[i].field)), ROWS[i].type, ROWS[i].field, err));
    }
    return 0;
}

static void
add_input(struct block *b, enum values_input_type type, struct str name, struct str text)
{
    struct values_input input = {.type = type, .name = name, .text = text};
    vec_push_in(b->env->arena, &b->inputs, input);
}

/* ---- value files ---- */

static bool has(const struct paths *paths, struct str path)
{
    for (size_t i = 0; i < paths->n; i++) {
        if (str_eq(paths->items[i], path)) {
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

static bool is_remote(struct str path)
{
    return str_find(path, STR("://")) != STR_NONE;
}

/* Where a file named in the block is; relative to the chart, or with "/" to the root of the tree. */
static int locate(const struct block *b, struct str name, struct str *ret, struct err *err)
{
    name = build_env_expand(b->env, b->path, name);
    if (is_remote(name)) {
        return err_set(err, ERR_UNSUPPORTED, "'" STR_FMT "': remote files are not supported",
                       STR_ARG(name));
    }
    return path_join_safe(b->env->arena, b->path, name, ret, err);
}

/* Files below dir that match, in path order. */
static int find_matches(
    struct block *b, struct str dir, struct str pattern, struct paths *found, struct err *err)
{
    struct engine_files *files = b->env->files;
    struct engine_listing listing;
    TRY(budget_enter(b->env->budget, err));
    TRY(files->list(files, b->env->arena, dir, &listing, err));
    for (size_t i = 0; i < listing.n; i++) {
        enum engine_file_type type;
        struct str path = path_append(b->env->arena, dir, listing.items[i].name);
        TRY(budget_steps(b->env->budget, 1, err));
        TRY(files->type(files, path, &type, err));
        if (type == ENGINE_FILE_DIR && listing.items[i].type == ENGINE_FILE_DIR) {
            TRY(find_matches(b, path, pattern, found, err));
        } else if (type == ENGINE_FILE_REGULAR && glob_match(pattern, path, '/')) {
            vec_push_in(b->env->arena, found, path);
        }
    }
    budget_leave(b->env->budget);
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

static int add_pattern(struct block *b,
                       struct str pattern,
                       const struct paths *explicit,
                       struct paths *paths,
                       struct err *err)
{
    struct engine_files *files = b->env->files;
    struct paths found = {0};
    enum engine_file_type type;
    struct str dir = fixed_dir(pattern);
    TRY_IN(glob_check(pattern, err), err, "source.helm.valueFiles");
    TRY(files->type(files, dir, &type, err));
    if (type == ENGINE_FILE_DIR) {
        TRY(find_matches(b, dir, pattern, &found, err));
    }
    if (found.n == 0 && !value_bool(value_dig(b->helm, "ignoreMissingValueFiles"), false)) {
        return err_set(err, ERR_NOT_FOUND, "no value file matches '" STR_FMT "'", STR_ARG(pattern));
    }
    for (size_t i = 0; i < found.n; i++) {
        if (!has(explicit, found.items[i]) && !has(paths, found.items[i])) {
            vec_push_in(b->env->arena, paths, found.items[i]);
        }
    }
    return 0;
}

/* In the order given; what a pattern and a name both mean stands where the name is. */
static int collect_value_files(struct block *b, struct paths *ret, struct err *err)
{
    struct paths explicit = {0};
    struct paths all = {0};
    VALUE_FOREACH(value_dig(b->helm, "valueFiles"), v) {
        struct str path;
        TRY_IN(locate(b, value_str(v), &path, err), err, "source.helm.valueFiles");
        vec_push_in(b->env->arena, &all, path);
        if (!is_pattern(path)) {
            vec_push_in(b->env->arena, &explicit, path);
        }
    }
    for (size_t i = 0; i < all.n; i++) {
        if (is_pattern(all.items[i])) {
            TRY(add_pattern(b, all.items[i], &explicit, ret, err));
        } else {
            vec_push_in(b->env->arena, ret, all.items[i]);
        }
    }
    return 0;
}

static int add_value_file(struct block *b, struct str path, struct err *err)
{
    struct engine_files *files = b->env->files;
    enum engine_file_type type;
    struct str text;
    TRY(files->type(files, path, &type, err));
    if (type == ENGINE_FILE_MISSING) {
        if (value_bool(value_dig(b->helm, "ignoreMissingValueFiles"), false)) {
            return 0;
        }
        return err_set(err, ERR_NOT_FOUND, "value file '" STR_FMT "' does not exist",
                       STR_ARG(path));
    }
    TRY_IN(files->read(files, b->env->arena, path, LIMIT_DOC_BYTES, &text, err), err,
           "value file '" STR_FMT "'", STR_ARG(path));
    add_input(b, VALUES_FILE, path, text);
    return 0;
}

static int add_value_files(struct block *b, struct err *err)
{
    struct paths paths = {0};
    TRY(collect_value_files(b, &paths, err));
    for (size_t i = 0; i < paths.n; i++) {
        TRY(add_value_file(b, paths.items[i], err));
    }
    return 0;
}

/* ---- values in the block ---- */

static int add_inline_values(struct block *b, struct err *err)
{
    const struct value *object = value_dig(b->helm, "valuesObject");
    struct str text = value_dig_str(b->helm, "values");
    if (value_type(object) == VALUE_MAP) {
        TRY(value_to_yaml_in(b->env->arena, object, NULL, &text, err));
        add_input(b, VALUES_FILE, STR("source.helm.valuesObject"), text);
    } else if (text.n > 0) {
        add_input(b, VALUES_FILE, STR("source.helm.values"), text);
    }
    return 0;
}

/* Commas separate settings, except in lists and behind a backslash. */
static void put_escaped(struct buf *out, struct str value)
{
    bool list = str_starts_with(value, STR("{")) && str_ends_with(value, STR("}"));
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == ',' && !list && (i == 0 || value.p[i - 1] != '\\')) {
            buf_put_char(out, '\\');
        }
        buf_put_char(out, value.p[i]);
    }
}

static struct str setting(struct block *b, struct str name, struct str value)
{
    AUTO(buf) struct buf out;
    buf_init(&out, LIMIT_DOC_BYTES);
    buf_put(&out, name);
    buf_put_char(&out, '=');
    put_escaped(&out, value);
    return buf_to_arena(&out, b->env->arena);
}

static void add_parameters(struct block *b)
{
    VALUE_FOREACH(value_dig(b->helm, "parameters"), p) {
        struct str value = build_env_expand(b->env, b->path, value_dig_str(p, "value"));
        bool string = value_bool(value_dig(p, "forceString"), false);
        add_input(b, string ? VALUES_SET_STRING : VALUES_SET, STR("source.helm.parameters"),
                  setting(b, value_dig_str(p, "name"), value));
    }
}

static int add_file_parameters(struct block *b, struct err *err)
{
    VALUE_FOREACH(value_dig(b->helm, "fileParameters"), p) {
        struct str path;
        TRY_IN(locate(b, value_dig_str(p, "path"), &path, err), err, "source.helm.fileParameters");
        add_input(b, VALUES_SET_FILE, STR("source.helm.fileParameters"),
                  setting(b, value_dig_str(p, "name"), path));
    }
    return 0;
}

static int
read_parameter(void *data, struct arena *arena, struct str path, struct str *ret, struct err *err)
{
    struct engine_env *env = data;
    return env->files->read(env->files, arena, path, LIMIT_DOC_BYTES, ret, err);
}

/* ---- the render ---- */

static void
take_api_versions(struct engine_env *env, const struct value *list, struct helm_options *options)
{
    if (value_len(list) == 0) {
        options->api_versions = env->cluster.api_versions;
        options->n_api_versions = env->cluster.n_api_versions;
        return;
    }
    struct str *names = arena_calloc(env->arena, value_len(list), sizeof(*names));
    for (size_t i = 0; i < value_len(list); i++) {
        names[i] = value_str(value_at(list, i));
    }
    options->api_versions = names;
    options->n_api_versions = value_len(list);
}

static struct str or_default(struct str s, struct str other)
{
    return s.n > 0 ? s : other;
}

/* Without an application the one `helm template` uses. */
static struct str release_name(const struct engine_env *env, const struct value *helm)
{
    return or_default(value_dig_str(helm, "releaseName"),
                      or_default(env->app.name, STR("release-name")));
}

int helm_source_render(struct engine_env *env,
                       struct str path,
                       const struct value *source,
                       struct helm_result *ret,
                       struct err *err)
{
    struct block b = {.env = env, .path = path, .helm = value_find(source, STR("helm"))};
    const struct values_reader reader = {read_parameter, env};
    TRY(check_types(b.helm, err));
    TRY(add_value_files(&b, err));
    TRY(add_inline_values(&b, err));
    add_parameters(&b);
    TRY(add_file_parameters(&b, err));
    bool no_schema = value_bool(value_dig(b.helm, "skipSchemaValidation"), false);
    struct helm_options options = {
        .chart = path,
        .release_name = release_name(env, b.helm),
        .namespace = or_default(value_dig_str(b.helm, "namespace"), env->app.namespace),
        .kube_version = or_default(value_dig_str(b.helm, "kubeVersion"), env->cluster.kube_version),
        .inputs = b.inputs.items,
        .n_inputs = b.inputs.n,
        .reader = &reader,
        .include_crds = !value_bool(value_dig(b.helm, "skipCrds"), false),
        .skip_tests = value_bool(value_dig(b.helm, "skipTests"), false),
        .check_schema = no_schema ? NULL : helm_schema_check,
    };
    take_api_versions(env, value_dig(b.helm, "apiVersions"), &options);
    return helm_render(env, &options, ret, err);
}
