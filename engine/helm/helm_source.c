/* The fields of `helm`, in Argo CD's meaning. */
#include "engine/helm/helm_source.h"

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/num.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"
#include "engine/build_env.h"
#include "engine/engine_env.h"
#include "engine/helm/helm_render.h"
#include "engine/helm/source_files.h"

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
    VEC(struct str) parameters; /* texts of fileParameters */
    size_t n_awaited;           /* files at URLs that are not here yet */
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
        {"passCredentials", VALUE_BOOL},
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

static int add_value_files(struct block *b, struct err *err)
{
    struct source_file_list files = {0};
    TRY(source_file_values(b->env, b->path, b->helm, &files, err));
    for (size_t i = 0; i < files.n; i++) {
        struct str text;
        int here = source_file_read(b->env, &files.items[i], &text, err);
        TRY_IN(here, err, "value file '" STR_FMT "'", STR_ARG(files.items[i].shown));
        b->n_awaited += here ? 0 : 1;
        if (here) {
            add_input(b, VALUES_FILE, files.items[i].shown, text);
        }
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

/* A setting names its file by its number: paths of different trees may be the same. */
static int add_file_parameters(struct block *b, struct err *err)
{
    VALUE_FOREACH(value_dig(b->helm, "fileParameters"), p) {
        struct source_file file;
        struct str text = STR_EMPTY;
        TRY_IN(source_file_locate(b->env, b->path, value_dig_str(p, "path"), &file, err), err,
               "source.helm.fileParameters");
        int here = source_file_read(b->env, &file, &text, err);
        TRY_IN(here, err, "source.helm.fileParameters: '" STR_FMT "'", STR_ARG(file.shown));
        b->n_awaited += here ? 0 : 1;
        struct str number = arena_printf(b->env->arena, "%zu", b->parameters.n);
        vec_push_in(b->env->arena, &b->parameters, text);
        add_input(b, VALUES_SET_FILE, STR("source.helm.fileParameters"),
                  setting(b, value_dig_str(p, "name"), number));
    }
    return 0;
}

static int read_parameter(
    void *data, struct arena *arena UNUSED, struct str number, struct str *ret, struct err *err)
{
    const struct block *b = data;
    int64_t i;
    TRY(num_parse_int_range(number, 0, (int64_t)b->parameters.n - 1, &i, err));
    *ret = b->parameters.items[i];
    return 0;
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

/* The application's own name, without the namespace it may have ("namespace_name"); without an application the one
 * `helm template` uses. */
static struct str release_name(const struct engine_env *env, const struct value *helm)
{
    struct str name = env->app.name;
    struct str namespace;
    struct str bare;
    if (str_cut(name, '_', &namespace, &bare)) {
        name = bare;
    }
    return or_default(value_dig_str(helm, "releaseName"), or_default(name, STR("release-name")));
}

int helm_source_render(struct engine_env *env,
                       struct str path,
                       const struct value *source,
                       struct helm_result *ret,
                       struct err *err)
{
    struct block b = {.env = env, .path = path, .helm = value_find(source, STR("helm"))};
    const struct values_reader reader = {read_parameter, &b};
    TRY(check_types(b.helm, err));
    TRY(add_value_files(&b, err));
    TRY(add_inline_values(&b, err));
    add_parameters(&b);
    TRY(add_file_parameters(&b, err));
    if (b.n_awaited > 0) {
        return err_set(err, ERR_UNAVAILABLE, "files at URLs are not here yet");
    }
    struct helm_options options = {
        .want = HELM_WANT_OBJECTS,
        .chart = path,
        .release_name = release_name(env, b.helm),
        .namespace = or_default(value_dig_str(b.helm, "namespace"), env->app.namespace),
        .kube_version = or_default(value_dig_str(b.helm, "kubeVersion"), env->cluster.kube_version),
        .inputs = b.inputs.items,
        .n_inputs = b.inputs.n,
        .reader = &reader,
        .include_crds = !value_bool(value_dig(b.helm, "skipCrds"), false),
        .skip_tests = value_bool(value_dig(b.helm, "skipTests"), false),
        .pass_credentials = value_bool(value_dig(b.helm, "passCredentials"), false),
        .skip_schemas = value_bool(value_dig(b.helm, "skipSchemaValidation"), false),
    };
    take_api_versions(env, value_dig(b.helm, "apiVersions"), &options);
    return helm_render(env, &options, ret, err);
}
