/* Charts as a generator, rendered by our own engine as `helm template` would.
 *
 * Kustomize looks for a chart in chartHome and else pulls it there; here it is asked of env->remote and stays in memory.
 * The chart's values.yaml is read like any file of the kustomization, with the inline values merged in, and given as the user's
 * values: a null there takes away what is in the file, but not the chart's default. */
#include <string.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/gunzip.h"
#include "common/base/limits.h"
#include "common/base/path.h"
#include "common/base/tar.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"
#include "engine/engine_env.h"
#include "engine/helm/helm_render.h"
#include "engine/kustomize/generate.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/kload.h"
#include "engine/kustomize/kustomize.h"
#include "engine/kustomize/resmap.h"
#include "engine/kustomize/strategic.h"

#define DEFAULT_HOME "charts"

/* A file tree with nothing but a chart's archive. */
struct archive_files {
    struct engine_files files;
    struct str name;
    struct str bytes;
};

struct inflation {
    const struct klayer *layer;
    const struct helm_chart *chart;
    struct engine_env env;      /* as the layer's, with the files the chart is in */
    struct str path;            /* of the chart there */
    struct str values_file;     /* as the kustomization would name it */
    struct str archived_values; /* of an archive; p is NULL for a directory */
};

static struct arena *arena_of(const struct inflation *in)
{
    return in->layer->build->env->arena;
}

/* ---- an archive as a tree ---- */

static int on_type(struct engine_files *files,
                   struct str path,
                   enum engine_file_type *ret,
                   struct err *err UNUSED)
{
    const struct archive_files *a = CONTAINER_OF(files, struct archive_files, files);
    *ret = path.n == 0             ? ENGINE_FILE_DIR
           : str_eq(path, a->name) ? ENGINE_FILE_REGULAR
                                   : ENGINE_FILE_MISSING;
    return 0;
}

static int on_resolve(struct engine_files *files UNUSED,
                      struct arena *arena UNUSED,
                      struct str path,
                      struct str *ret,
                      struct err *err UNUSED)
{
    *ret = path;
    return 0;
}

static int on_list(struct engine_files *files,
                   struct arena *arena,
                   struct str path,
                   struct engine_listing *ret,
                   struct err *err)
{
    const struct archive_files *a = CONTAINER_OF(files, struct archive_files, files);
    struct engine_entry *entry = ARENA_NEW(arena, struct engine_entry);
    if (path.n > 0) {
        return err_set(err, ERR_NOT_FOUND, "'" STR_FMT "' is missing", STR_ARG(path));
    }
    *entry = (struct engine_entry){a->name, ENGINE_FILE_REGULAR};
    *ret = (struct engine_listing){entry, 1};
    return 0;
}

static int on_read(struct engine_files *files,
                   struct arena *arena UNUSED,
                   struct str path,
                   size_t max_bytes,
                   struct str *ret,
                   struct err *err)
{
    const struct archive_files *a = CONTAINER_OF(files, struct archive_files, files);
    if (!str_eq(path, a->name)) {
        return err_set(err, ERR_NOT_FOUND, "'" STR_FMT "' is missing", STR_ARG(path));
    }
    if (a->bytes.n > max_bytes) {
        return err_set(err, ERR_LIMIT, "'" STR_FMT "' is larger than %zu bytes", STR_ARG(path),
                       max_bytes);
    }
    *ret = a->bytes;
    return 0;
}

/* "name/values.yaml" of the archive; "" when it has none. */
static int read_archived_values(struct inflation *in, struct str bytes, struct err *err)
{
    AUTO(buf) struct buf unpacked;
    buf_init(&unpacked, LIMIT_CHART_BYTES);
    TRY(gunzip_bytes(bytes, &unpacked, err));
    struct tar_reader tar = {.arena = arena_of(in), .rest = buf_str(&unpacked)};
    struct tar_entry entry;
    int rc;
    in->archived_values = STR_EMPTY;
    while ((rc = tar_next(&tar, &entry, err)) > 0) {
        struct str dir;
        struct str rest;
        if (entry.type == TAR_FILE && str_cut(entry.name, '/', &dir, &rest) &&
            str_eq_c(rest, "values.yaml")) {
            in->archived_values = arena_str(arena_of(in), entry.data);
        }
    }
    return rc;
}

/* ---- the chart ---- */

static int pull(struct inflation *in, struct err *err)
{
    const struct helm_chart *chart = in->chart;
    struct engine_env *env = in->layer->build->env;
    const struct engine_remote what = {
        .type = ENGINE_REMOTE_CHART,
        .url = chart->repo,
        .name = chart->name,
        .version = chart->version.n == 0 && chart->devel ? STR(">0.0.0-0") : chart->version,
    };
    struct engine_remote_result result;
    if (chart->repo.n == 0) {
        return err_set(err, ERR_NOT_FOUND,
                       "no repo specified for pull, no chart found at '/" STR_FMT "'",
                       STR_ARG(in->path));
    }
    TRY_IN(kload_ask_remote(in->layer->load, &what, &result, err), err, "chart '" STR_FMT "'",
           STR_ARG(chart->name));
    struct archive_files *a = ARENA_NEW(env->arena, struct archive_files);
    *a = (struct archive_files){
        .files = {.type = on_type, .resolve = on_resolve, .list = on_list, .read = on_read},
        .name = arena_printf(env->arena, STR_FMT ".tgz", STR_ARG(path_base(chart->name))),
        .bytes = result.bytes,
    };
    in->env.files = &a->files;
    in->path = a->name;
    return read_archived_values(in, result.bytes, err);
}

static int find_chart(struct inflation *in, const struct helm_globals *globals, struct err *err)
{
    const struct helm_chart *chart = in->chart;
    const struct kload *load = in->layer->load;
    struct arena *arena = arena_of(in);
    enum engine_file_type type;
    struct str home = globals->chart_home.n > 0 ? globals->chart_home : STR(DEFAULT_HOME);
    if (chart->version.n > 0 && chart->repo.n > 0) {
        home = arena_printf(arena, STR_FMT "/" STR_FMT "-" STR_FMT, STR_ARG(home),
                            STR_ARG(chart->name), STR_ARG(chart->version));
    }
    struct str relative =
        arena_printf(arena, STR_FMT "/" STR_FMT, STR_ARG(home), STR_ARG(chart->name));
    in->values_file = chart->values_file.n > 0
                          ? chart->values_file
                          : arena_printf(arena, STR_FMT "/values.yaml", STR_ARG(relative));
    in->env = *in->layer->build->env;
    in->env.files = load->files;
    TRY_IN(path_join_safe(arena, load->dir, relative, &in->path, err), err, "chartHome");
    TRY(load->files->type(load->files, in->path, &type, err));
    return type == ENGINE_FILE_DIR ? 0 : pull(in, err);
}

/* ---- values ---- */

static int values_text(const struct inflation *in, struct str *ret, struct err *err)
{
    if (in->archived_values.p != NULL && in->chart->values_file.n == 0) {
        *ret = in->archived_values;
        return 0;
    }
    return kload_file(in->layer->load, in->values_file, ret, err);
}

/* The file's values with the inline ones over or under them. */
static int merge_values(const struct inflation *in, const struct value **ret, struct err *err)
{
    static const struct value_yaml_opts OPTS = {.schema = VALUE_YAML_CORE};
    struct kbuild *build = in->layer->build;
    const struct value *inner = in->chart->values_inline;
    const struct value *file;
    struct str text;
    TRY(values_text(in, &text, err));
    TRY_IN(value_from_yaml(arena_of(in), text, &OPTS, &file, err), err,
           "could not parse values file into rnode");
    file = value_is(file, VALUE_MAP) ? file : &VALUE_EMPTY_MAP;
    bool under = str_eq_c(in->chart->values_merge, "merge");
    TRY_IN(strategic_merge(build->env, build->schema, under ? inner : file, under ? file : inner,
                           ret, err),
           err, "could not merge values");
    return 0;
}

static int make_values(const struct inflation *in, struct str *ret, struct err *err)
{
    const struct value *values = in->chart->values_inline;
    if (value_len(values) == 0) {
        return values_text(in, ret, err);
    }
    if (!str_eq_c(in->chart->values_merge, "replace")) {
        TRY(merge_values(in, &values, err));
    }
    return value_to_yaml_in(arena_of(in), values != NULL ? values : &VALUE_EMPTY_MAP, NULL, ret,
                            err);
}

static int check(const struct inflation *in, struct err *err)
{
    static const char *const MERGES[] = {"", "merge", "override", "replace"};
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(MERGES); i++) {
        known = known || str_eq_c(in->chart->values_merge, MERGES[i]);
    }
    if (!in->layer->build->options->enable_helm) {
        return err_set(err, ERR_DENIED, "must specify --enable-helm");
    }
    if (in->chart->name.n == 0) {
        return err_set(err, ERR_INVALID, "chart name cannot be empty");
    }
    return known ? 0
                 : err_set(err, ERR_INVALID, "valuesMerge must be one of [merge override replace]");
}

/* ---- rendering ---- */

/* Without a name Helm makes one of the chart's and the time. */
static int release_name(const struct inflation *in, struct str *ret, struct err *err)
{
    enum { MS_PER_S = 1000 };
    const struct helm_chart *chart = in->chart;
    if (chart->name_template.n > 0 && chart->release_name.n > 0) {
        return err_set(err, ERR_INVALID, "cannot set --name-template and also specify a name");
    }
    if (chart->name_template.n > 0) {
        struct engine_env env = in->env;
        return helm_release_name(&env, chart->name_template, ret, err);
    }
    *ret = chart->release_name.n > 0
               ? chart->release_name
               : arena_printf(arena_of(in), STR_FMT "-%lld", STR_ARG(path_base(chart->name)),
                              (long long)(in->env.now_ms / MS_PER_S));
    return 0;
}

static int add_file(const struct inflation *in,
                    struct str name,
                    struct str text,
                    struct values_input *to,
                    struct err *err)
{
    if (text.p == NULL) {
        TRY_IN(kload_file(in->layer->load, name, &text, err), err,
               "could not load additionalValuesFile");
    }
    *to = (struct values_input){.type = VALUES_FILE, .name = name, .text = text};
    return 0;
}

static int render(struct inflation *in, struct str *ret, struct err *err)
{
    const struct helm_chart *chart = in->chart;
    const struct kustomize_options *o = in->layer->build->options;
    size_t n_inputs = chart->additional_values_files.n + 1;
    struct values_input *inputs = arena_calloc(arena_of(in), n_inputs, sizeof(*inputs));
    struct helm_result result;
    struct str values;
    struct helm_options options = {
        .want = HELM_WANT_TEXT,
        .chart = in->path,
        .namespace = chart->namespace.n > 0 ? chart->namespace : STR("default"),
        .kube_version = chart->kube_version.n > 0    ? chart->kube_version
                        : o->helm_kube_version.n > 0 ? o->helm_kube_version
                                                     : in->env.cluster.kube_version,
        .api_versions = chart->api_versions.items,
        .n_api_versions = chart->api_versions.n,
        .inputs = inputs,
        .n_inputs = n_inputs,
        .include_crds = chart->include_crds,
        .skip_tests = chart->skip_tests,
        .no_hooks = chart->skip_hooks,
    };
    if (chart->api_versions.n == 0) {
        bool own = o->n_helm_api_versions > 0;
        options.api_versions = own ? o->helm_api_versions : in->env.cluster.api_versions;
        options.n_api_versions = own ? o->n_helm_api_versions : in->env.cluster.n_api_versions;
    }
    TRY(make_values(in, &values, err));
    TRY(add_file(in, in->values_file, values, &inputs[0], err));
    for (size_t i = 1; i < n_inputs; i++) {
        static const struct str LATER = {NULL, 0};
        TRY(add_file(in, chart->additional_values_files.items[i - 1], LATER, &inputs[i], err));
    }
    TRY(release_name(in, &options.release_name, err));
    TRY(helm_render(&in->env, &options, &result, err));
    *ret = helm_result_text(in->env.arena, &result);
    return 0;
}

int generate_helm_chart(const struct klayer *layer,
                        const struct helm_chart *chart,
                        const struct helm_globals *globals,
                        struct resmap *m,
                        struct err *err)
{
    struct inflation in = {.layer = layer, .chart = chart, .archived_values = {NULL, 0}};
    struct str text;
    TRY(check(&in, err));
    TRY_IN(find_chart(&in, globals, err), err, "chart '" STR_FMT "'", STR_ARG(chart->name));
    TRY_IN(render(&in, &text, err), err, "chart '" STR_FMT "'", STR_ARG(chart->name));
    TRY(kbuild_parse(layer->build, text, in.path, m, err));
    RESMAP_FOREACH(m, res)
    {
        res->from_helm = true;
    }
    return 0;
}
