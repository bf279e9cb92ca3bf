/* Reading a kustomization: find the file, decode it, fold what is deprecated into what replaced it, check it. */
#include "engine/kustomize/kustomization.h"

#include <string.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/kload.h"
#include "engine/kustomize/kustomization_fields.h"
#include "engine/kustomize/kustomize.h"
#include "engine/kustomize/transform.h"

#define KIND              "Kustomization"
#define COMPONENT         "Component"
#define VERSION           "kustomize.config.k8s.io/v1beta1"
#define COMPONENT_VERSION "kustomize.config.k8s.io/v1alpha1"

bool kustomization_is_component(const struct kustomization *k)
{
    return str_eq_c(k->kind, COMPONENT);
}

bool kustomization_asks_for(const struct kustomization *k, struct str option)
{
    for (size_t i = 0; i < k->build_metadata.n; i++) {
        if (str_eq(k->build_metadata.items[i], option)) {
            return true;
        }
    }
    return false;
}

/* ---- the file ---- */

static int
find_file(const struct kload *load, struct str *ret_name, struct str *ret_text, struct err *err)
{
    static const struct str NAMES[] = {
        {"kustomization.yaml", 18}, {"kustomization.yml", 17}, {"Kustomization", 13}};
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        struct str text;
        if (kload_file(load, NAMES[i], &text, err) == 0) {
            *ret_name = NAMES[i];
            *ret_text = text;
            n++;
        } else if (err->code == ERR_LIMIT || err->code == ERR_TIMEOUT) {
            return -(int)err->code;
        }
    }
    struct str dir = kload_show(load, STR_EMPTY);
    if (n == 0) {
        return err_set(err, ERR_NOT_FOUND,
                       "unable to find one of 'kustomization.yaml', 'kustomization.yml' or "
                       "'Kustomization' in directory '" STR_FMT "'",
                       STR_ARG(dir));
    }
    if (n > 1) {
        return err_set(err, ERR_INVALID, "Found multiple kustomization files under: " STR_FMT "\n",
                       STR_ARG(dir));
    }
    return 0;
}

static int parse(struct kbuild *build, struct str text, const struct value **ret, struct err *err)
{
    struct arena *arena = build->env->arena;
    if (value_from_yaml(arena, text, NULL, ret, err) < 0) {
        struct err_pos pos = err->pos;
        struct str message = value_yaml_error_text(arena, err);
        if (err->code != ERR_INVALID) {
            return -(int)err->code;
        }
        (void)err_set(err, ERR_INVALID, STR_FMT, STR_ARG(message));
        return err_at(err, STR_EMPTY, pos.line, pos.column);
    }
    return 0;
}

/* ---- emptiness ---- */

/* A field that counts although others have replaced it: its items do, not its being there. */
static bool is_folded(struct str name)
{
    static const char *const NAMES[] = {"bases", "imageTags", "helmChartInflationGenerator"};
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        if (str_eq_nocase(name, str_from(NAMES[i]))) {
            return true;
        }
    }
    return false;
}

static bool is_empty(const struct value *v)
{
    VALUE_MAP_FOREACH(v, e)
    {
        bool is_type =
            str_eq_nocase(e->key, STR("kind")) || str_eq_nocase(e->key, STR("apiVersion"));
        bool is_nothing = e->value.type == VALUE_NULL ||
                          (e->value.type == VALUE_STRING && e->value.n == 0) ||
                          (is_folded(e->key) && value_len(&e->value) == 0);
        if (!is_type && !is_nothing) {
            return false;
        }
    }
    return true;
}

/* ---- deprecated fields ---- */

static void warn(const struct kbuild *build, bool is_there, const char *old, const char *new)
{
    const struct kustomize_options *options = build->options;
    if (is_there && options->warn != NULL) {
        options->warn(arena_printf(build->env->arena,
                                   "# Warning: '%s' is deprecated. Please use '%s' instead. %sRun "
                                   "'kustomize edit fix' to update your Kustomization "
                                   "automatically.",
                                   old, new, strcmp(old, "vars") == 0 ? "[EXPERIMENTAL] " : ""),
                      options->warn_data);
    }
}

static void warn_all(const struct kbuild *build, const struct kustomization_old *old)
{
    warn(build, old->has_bases, "bases", "resources");
    warn(build, old->has_common_labels, "commonLabels", "labels");
    warn(build, old->has_image_tags, "imageTags", "images");
    warn(build, old->has_patches_json6902, "patchesJson6902", "patches");
    warn(build, old->has_patches_strategic_merge, "patchesStrategicMerge", "patches");
    warn(build, old->has_vars, "vars", "replacements");
}

static struct value_slice
join(struct arena *arena, struct value_slice a, struct value_slice b, size_t size_bytes)
{
    if (b.n == 0) {
        return a;
    }
    char *items = arena_calloc(arena, a.n + b.n, size_bytes);
    if (a.n > 0) {
        memcpy(items, a.items, a.n * size_bytes);
    }
    memcpy(items + a.n * size_bytes, b.items, b.n * size_bytes);
    return (struct value_slice){items, a.n + b.n};
}

static struct value_strs join_strs(struct arena *arena, struct value_strs a, struct value_strs b)
{
    struct value_slice x = {a.items, a.n};
    struct value_slice y = {b.items, b.n};
    struct value_slice joined = join(arena, x, y, sizeof(struct str));
    return (struct value_strs){joined.items, joined.n};
}

/* `env` is a last entry of `envs`. */
static struct value_slice fold_env(struct arena *arena, struct value_slice generators)
{
    struct pairs_source *out = arena_calloc(arena, generators.n + 1, sizeof(*out));
    for (size_t i = 0; i < generators.n; i++) {
        out[i] = ((const struct pairs_source *)generators.items)[i];
        if (out[i].env.n > 0) {
            struct str *env = ARENA_NEW(arena, struct str);
            *env = out[i].env;
            out[i].envs = join_strs(arena, out[i].envs, (struct value_strs){env, 1});
            out[i].env = STR_EMPTY;
        }
    }
    return (struct value_slice){out, generators.n};
}

static void fold_helm(struct arena *arena, struct kustomization_fields *f)
{
    const struct helm_inflation *old = f->old.helm_inflation.items;
    size_t n = f->old.helm_inflation.n;
    struct helm_chart *charts = arena_calloc(arena, n + 1, sizeof(*charts));
    struct helm_globals globals = {0};
    for (size_t i = 0; i < n; i++) {
        charts[i] = (struct helm_chart){
            .name = old[i].chart_name,
            .version = old[i].chart_version,
            .repo = old[i].repo_url,
            .values_file = old[i].values,
            .values_inline = old[i].values_local,
            .values_merge = old[i].values_merge,
            .release_name = old[i].release_name,
        };
        globals.config_home = old[i].helm_home.n > 0 ? old[i].helm_home : globals.config_home;
        globals.chart_home = old[i].chart_home.n > 0 ? old[i].chart_home : globals.chart_home;
    }
    if (!f->old.has_helm_globals) {
        f->k.helm_globals = globals;
    }
    f->k.helm_charts =
        join(arena, f->k.helm_charts, (struct value_slice){charts, n}, sizeof(*charts));
}

static void fold(struct arena *arena, struct kustomization_fields *f)
{
    struct kustomization *k = &f->k;
    if (k->kind.n == 0) {
        k->kind = STR(KIND);
    }
    if (k->api_version.n == 0) {
        k->api_version = kustomization_is_component(k) ? STR(COMPONENT_VERSION) : STR(VERSION);
    }
    k->resources = join_strs(arena, k->resources, f->old.bases);
    k->images = join(arena, k->images, f->old.image_tags, sizeof(struct image_config));
    k->config_map_generator = fold_env(arena, k->config_map_generator);
    k->secret_generator = fold_env(arena, k->secret_generator);
    fold_helm(arena, f);
}

/* ---- checks ---- */

static int check_type(const struct kload *load, const struct kustomization *k, struct err *err)
{
    struct str want = kustomization_is_component(k) ? STR(COMPONENT_VERSION) : STR(VERSION);
    bool known = kustomization_is_component(k) || str_eq_c(k->kind, KIND);
    bool current = str_eq(k->api_version, want);
    if (known && current) {
        return 0;
    }
    AUTO(buf) struct buf b;
    buf_init(&b, ERR_MESSAGE_BYTES);
    buf_put_c(&b, known ? "" : "kind should be " KIND " or " COMPONENT);
    buf_put_c(&b, known || current ? "" : "\n");
    if (!current) {
        buf_printf(&b, "apiVersion for " STR_FMT " should be " STR_FMT, STR_ARG(k->kind),
                   STR_ARG(want));
    }
    return err_set(err, ERR_INVALID, "Failed to read kustomization file under " STR_FMT ":\n%s",
                   STR_ARG(kload_show(load, STR_EMPTY)), b.p);
}

static int decode(struct kbuild *build,
                  const struct kload *load,
                  const struct value *v,
                  struct kustomization_fields *ret,
                  struct err *err)
{
    struct engine_env *env = build->env;
    struct str file = ret->k.file;
    if (load->parent == NULL && build->options->edit != NULL) {
        TRY(build->options->edit(env, v, &v, build->options->edit_data, err));
    }
    if (kdecode_map(env->arena, v, &KUSTOMIZATION_TABLE, KDECODE_STRICT, ret, err) < 0) {
        return kbuild_wrap(build, err, "invalid Kustomization");
    }
    ret->k.file = file;
    warn_all(build, &ret->old);
    if (is_empty(v)) {
        return err_set(err, ERR_INVALID, "kustomization.yaml is empty");
    }
    fold(env->arena, ret);
    return check_type(load, &ret->k, err);
}

int kustomization_load(struct kbuild *build,
                       const struct kload *load,
                       struct kustomization *ret,
                       struct err *err)
{
    struct kustomization_fields fields = {0};
    struct str text;
    const struct value *v;
    if (++build->n_directories > LIMIT_KUSTOMIZE_DIRECTORIES) {
        return err_set(err, ERR_LIMIT, "more than %d directories in one build",
                       LIMIT_KUSTOMIZE_DIRECTORIES);
    }
    TRY(find_file(load, &fields.k.file, &text, err));
    struct str path = kload_path(load, fields.k.file);
    if (parse(build, text, &v, err) < 0) {
        (void)kbuild_wrap(build, err, "invalid Kustomization");
        return err_at(err, path, 0, 0);
    }
    if (decode(build, load, v, &fields, err) < 0) {
        return err_at(err, path, 0, 0);
    }
    *ret = fields.k;
    return 0;
}
