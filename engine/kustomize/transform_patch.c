/* Patches: strategic merge patches and JSON patches, for objects they name or that a target selects. */
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/kjson_patch.h"
#include "engine/kustomize/kload.h"
#include "engine/kustomize/kres.h"
#include "engine/kustomize/kschema.h"
#include "engine/kustomize/resmap.h"
#include "engine/kustomize/strategic.h"
#include "engine/kustomize/transform.h"

/* One patch with what it may change. */
struct sm_patch {
    const struct klayer *layer;
    struct str file; /* "" = inline */
    const struct value *object;
    bool allow_name_change;
    bool allow_kind_change;
};

/* ---- strategic merge ---- */

static const struct value *
set_text(struct arena *arena, const struct value *object, struct str text, const char *const *path)
{
    const struct value *old = value_dig_path(object, path);
    if (value_is(old, VALUE_STRING) && str_eq(value_str(old), text)) {
        return object;
    }
    return value_with_path(arena, object, value_new_str(arena, text), path);
}

/* What a patch may not change. */
static const struct value *
keep_identity(const struct sm_patch *p, const struct kid *id, const struct value *v)
{
    static const char *const KIND[] = {"kind", NULL};
    static const char *const NAME[] = {"metadata", "name", NULL};
    static const char *const NAMESPACE[] = {"metadata", "namespace", NULL};
    struct arena *arena = p->layer->build->env->arena;
    if (!p->allow_kind_change) {
        v = set_text(arena, v, id->gvk.kind, KIND);
    }
    if (!p->allow_name_change) {
        v = set_text(arena, v, id->name, NAME);
    }
    return id->namespace.n > 0 ? set_text(arena, v, id->namespace, NAMESPACE)
                               : value_without_path(arena, v, NAMESPACE);
}

static int apply_strategic(const struct sm_patch *p, struct kres *res, struct err *err)
{
    struct kbuild *build = p->layer->build;
    const struct kid id = res->id;
    const struct value *v = NULL;
    if (p->allow_name_change || p->allow_kind_change) {
        kres_remember(build->env->arena, res);
    }
    if (strategic_merge(build->env, build->schema, res->object, p->object, &v, err) < 0) {
        return err_at(err, p->file, 0, 0);
    }
    bool emptied = v == NULL || v->n == 0;
    kres_set(res, emptied ? NULL : keep_identity(p, &id, v));
    return 0;
}

/* Labels or annotations as kustomize reads and writes them: text, and not there when there are none. */
static const struct value *
with_text_map(struct engine_env *env, const struct value *object, const char *field)
{
    const char *const path[] = {"metadata", field, NULL};
    const struct value *map = value_dig_path(object, path);
    const struct value *texts = &VALUE_EMPTY_MAP;
    if (map == NULL) {
        return object;
    }
    VALUE_MAP_FOREACH(map, e)
    {
        bool written = value_is(&e->value, VALUE_NULL) && (e->value.flags & VALUE_BLANK) == 0;
        struct str text = written ? STR("null") : kres_text(env->arena, &e->value);
        texts = value_map_set(env->arena, texts, e->key, value_new_str(env->arena, text));
    }
    return texts->n > 0 ? value_with_path(env->arena, object, texts, path)
                        : value_without_path(env->arena, object, path);
}

/* A patch for a selected object: kustomize copies its labels and annotations, so that null becomes text, and gives it
 * the group and version of the object. */
static int apply_to_selected(const struct sm_patch *patch, struct kres *res, struct err *err)
{
    struct engine_env *env = patch->layer->build->env;
    const struct value *api_version = value_find(res->object, STR("apiVersion"));
    struct sm_patch p = *patch;
    p.object = with_text_map(env, with_text_map(env, p.object, "labels"), "annotations");
    if (api_version != NULL) {
        p.object = value_map_set(env->arena, p.object, STR("apiVersion"), api_version);
    }
    return apply_strategic(&p, res, err);
}

/* The one object the patch is for, by its present or an earlier identity. */
static int find_target(const struct klayer *layer,
                       struct resmap *m,
                       const struct kres *patch,
                       struct kres **ret,
                       struct err *err)
{
    struct kres_list found = resmap_match_any(m, &patch->id);
    size_t n = 0;
    for (size_t i = 0; i < found.n; i++) {
        if (found.items[i]->object != NULL) {
            *ret = found.items[i];
            n++;
        }
    }
    if (n == 1) {
        return 0;
    }
    struct str id = kid_format(layer->build->env->arena, &patch->id);
    (void)err_set(err, ERR_INVALID,
                  "%s matches for Id " STR_FMT "; failed to find unique target for patch " STR_FMT,
                  n > 1 ? "multiple" : "no", STR_ARG(id), STR_ARG(id));
    return err_at(err, patch->file, patch->line, 0);
}

/* ---- JSON patches ---- */

static bool has_copy(const struct value *patch)
{
    VALUE_FOREACH(patch, operation) {
        if (str_eq_c(value_dig_str(operation, "op"), "copy")) {
            return true;
        }
    }
    return false;
}

static int apply_json(const struct klayer *layer,
                      const struct value *patch,
                      struct str file,
                      struct kres *res,
                      struct err *err)
{
    struct engine_env *env = layer->build->env;
    const struct value *v = NULL;
    if (has_copy(patch)) {
        kbuild_end_edits(layer->build);
    }
    if (kjson_patch_apply(env, res->object, patch, &v, err) < 0) {
        return err_at(err, file, 0, 0);
    }
    if (!value_is(v, VALUE_MAP)) {
        return err_set(err, ERR_INVALID, "the patch leaves %s in place of the object",
                       value_type_noun(value_type(v)));
    }
    kres_set(res, v->n > 0 ? with_text_map(env, v, "annotations") : NULL);
    return 0;
}

/* ---- patches ---- */

struct parsed_patch {
    struct str text;
    struct str file;
    struct str source; /* for messages */
    struct kres_list strategic;
    const struct value *json; /* NULL unless it is one */
};

static int read_patch(const struct klayer *layer,
                      const struct patch_config *config,
                      struct parsed_patch *ret,
                      struct err *err)
{
    struct arena *arena = layer->build->env->arena;
    struct str patch = str_trim(config->patch);
    if (patch.n == 0 && config->path.n == 0) {
        return err_set(err, ERR_INVALID, "must specify one of patch and path");
    }
    if (patch.n > 0 && config->path.n > 0) {
        return err_set(err, ERR_INVALID, "patch and path can't be set at the same time");
    }
    *ret = (struct parsed_patch){.text = patch};
    if (patch.n > 0) {
        ret->source = arena_printf(arena, "[patch: \"" STR_FMT "\"]", STR_ARG(patch));
        return 0;
    }
    if (kload_file(layer->load, config->path, &ret->text, err) < 0) {
        return kbuild_wrap(layer->build, err, "failed to get the patch file from path(" STR_FMT ")",
                           STR_ARG(config->path));
    }
    ret->file = kload_path(layer->load, config->path);
    ret->source = arena_printf(arena, "[path: \"" STR_FMT "\"]", STR_ARG(config->path));
    return 0;
}

/* A patch says by its form which kind it is: a text that is both, or neither, is refused. One without any content is
 * nothing to do. */
static int parse_patch(const struct klayer *layer, struct parsed_patch *p, struct err *err)
{
    struct err strategic_err;
    struct err json_err;
    struct kbuild *build = layer->build;
    const struct value *json = NULL;
    bool strategic =
        kbuild_parse_patches(build, p->text, p->file, &p->strategic, &strategic_err) == 0;
    if (!strategic) {
        (void)kbuild_take_error(build, &strategic_err);
    }
    bool is_json = kjson_patch_parse(build->env, p->text, &json, &json_err) == 0;
    if (strategic && p->strategic.n > 0 && is_json && json->n > 0) {
        return err_set(err, ERR_INVALID,
                       "illegally qualifies as both an SM and JSON patch: " STR_FMT,
                       STR_ARG(p->source));
    }
    if (!strategic && !is_json) {
        *err = strategic_err;
        return kbuild_wrap(build, err, "unable to parse SM or JSON patch from " STR_FMT,
                           STR_ARG(p->source));
    }
    if (!strategic) {
        p->strategic = (struct kres_list){0};
        p->json = json;
    }
    return 0;
}

static struct sm_patch
sm_patch_of(const struct klayer *layer, const struct patch_config *config, const struct kres *patch)
{
    return (struct sm_patch){
        .layer = layer,
        .file = patch->file,
        .object = patch->object,
        .allow_name_change = config->allow_name_change,
        .allow_kind_change = config->allow_kind_change,
    };
}

static int select_targets(const struct klayer *layer,
                          struct resmap *m,
                          const struct selector *target,
                          struct kres_list *ret,
                          struct err *err)
{
    struct selector_match *match = NULL;
    TRY_IN(selector_compile(layer->build->env, target, &match, err), err,
           "unable to find patch target in `resources`");
    return selector_select(match, layer->build->schema, m, ret, err);
}

static int strategic_to_selected(const struct klayer *layer,
                                 struct resmap *m,
                                 const struct patch_config *config,
                                 const struct parsed_patch *p,
                                 struct err *err)
{
    struct kres_list targets;
    if (p->strategic.n > 1) {
        return err_set(err, ERR_INVALID,
                       "Multiple Strategic-Merge Patches in one `patches` entry is not allowed to "
                       "set `patches.target` field: " STR_FMT,
                       STR_ARG(p->source));
    }
    struct sm_patch patch = sm_patch_of(layer, config, p->strategic.items[0]);
    TRY(select_targets(layer, m, &config->target, &targets, err));
    bool emptied = false;
    for (size_t i = 0; i < targets.n; i++) {
        TRY(apply_to_selected(&patch, targets.items[i], err));
        emptied = emptied || targets.items[i]->object == NULL;
    }
    if (emptied) { /* only then: it visits the whole map */
        resmap_drop_empty(m);
    }
    bool renames = config->allow_name_change || config->allow_kind_change;
    return targets.n > 0 && renames ? resmap_check_unique(m, err) : 0;
}

static int strategic_to_named(const struct klayer *layer,
                              struct resmap *m,
                              const struct patch_config *config,
                              const struct parsed_patch *p,
                              struct err *err)
{
    struct arena *arena = layer->build->env->arena;
    for (size_t i = 0; i < p->strategic.n; i++) {
        struct kres *target = NULL;
        struct sm_patch patch = sm_patch_of(layer, config, p->strategic.items[i]);
        if (find_target(layer, m, p->strategic.items[i], &target, err) < 0) {
            struct str id = kid_format(arena, &p->strategic.items[i]->id);
            return kbuild_wrap(layer->build, err,
                               "no resource matches strategic merge patch \"" STR_FMT "\"",
                               STR_ARG(id));
        }
        if (patch.allow_name_change || patch.allow_kind_change) {
            /* kustomize notes that in the patch's annotations, which makes text of them */
            patch.object = with_text_map(layer->build->env, patch.object, "annotations");
        }
        TRY(apply_strategic(&patch, target, err));
    }
    return 0;
}

static int operations_to_selected(const struct klayer *layer,
                                  struct resmap *m,
                                  const struct patch_config *config,
                                  const struct parsed_patch *p,
                                  struct err *err)
{
    struct kres_list targets;
    if (!config->has_target) {
        return err_set(err, ERR_INVALID, "must specify a target for JSON patch " STR_FMT,
                       STR_ARG(p->source));
    }
    TRY(select_targets(layer, m, &config->target, &targets, err));
    for (size_t i = 0; i < targets.n; i++) {
        kres_remember(layer->build->env->arena, targets.items[i]);
        TRY(apply_json(layer, p->json, p->file, targets.items[i], err));
    }
    return 0;
}

int transform_patch(const struct klayer *layer,
                    struct resmap *m,
                    const struct patch_config *config,
                    struct err *err)
{
    struct parsed_patch p;
    TRY(read_patch(layer, config, &p, err));
    TRY(parse_patch(layer, &p, err));
    if (p.json != NULL) {
        return operations_to_selected(layer, m, config, &p, err);
    }
    if (p.strategic.n == 0) {
        return 0;
    }
    return config->has_target ? strategic_to_selected(layer, m, config, &p, err)
                              : strategic_to_named(layer, m, config, &p, err);
}

/* ---- patchesJson6902 ---- */

static int check_json6902(const struct patch_json6902_config *config, struct err *err)
{
    if (config->target.id.name.n == 0) {
        return err_set(err, ERR_INVALID, "must specify the target name");
    }
    if (config->path.n == 0 && config->json_op.n == 0) {
        return err_set(err, ERR_INVALID, "empty file path and empty jsonOp");
    }
    if (config->path.n > 0 && config->json_op.n > 0) {
        return err_set(err, ERR_INVALID, "must specify a file path or jsonOp, not both");
    }
    return 0;
}

int transform_patch_json6902(const struct klayer *layer,
                             struct resmap *m,
                             const struct patch_json6902_config *config,
                             struct err *err)
{
    struct str text = config->json_op;
    struct str file = STR_EMPTY;
    struct kres_list targets;
    const struct value *patch = NULL;
    TRY(check_json6902(config, err));
    if (config->path.n > 0) {
        TRY(kload_file(layer->load, config->path, &text, err));
        file = kload_path(layer->load, config->path);
    }
    if (kjson_patch_parse(layer->build->env, text, &patch, err) < 0) {
        (void)err_at(err, file, 0, 0);
        return kbuild_wrap(layer->build, err, "decoding " STR_FMT, STR_ARG(text));
    }
    if (patch->n == 0) {
        return err_set(err, ERR_INVALID,
                       "patch appears to be empty; file=" STR_FMT ", JsonOp=" STR_FMT,
                       STR_ARG(config->path), STR_ARG(text));
    }
    TRY(select_targets(layer, m, &config->target, &targets, err));
    for (size_t i = 0; i < targets.n; i++) {
        TRY(apply_json(layer, patch, file, targets.items[i], err));
    }
    return 0;
}

/* ---- patchesStrategicMerge ---- */

static int apply_documents(const struct klayer *layer,
                           struct resmap *m,
                           struct kres_list patches,
                           struct err *err)
{
    for (size_t i = 0; i < patches.n; i++) {
        struct kres *target = NULL;
        struct patch_config none = {0};
        struct sm_patch patch = sm_patch_of(layer, &none, patches.items[i]);
        TRY(find_target(layer, m, patches.items[i], &target, err));
        TRY(apply_to_selected(&patch, target, err));
    }
    return 0;
}

/* An entry is tried as a document first, then as a file. */
static int
parse_entry(const struct klayer *layer, struct str entry, struct kres_list *ret, struct err *err)
{
    struct str text;
    if (kbuild_parse_patches(layer->build, entry, STR_EMPTY, ret, err) == 0) {
        return 0;
    }
    (void)kbuild_take_error(layer->build, err);
    *err = (struct err){0};
    TRY(kload_file(layer->load, entry, &text, err));
    return kbuild_parse_patches(layer->build, text, kload_path(layer->load, entry), ret, err);
}

int transform_patch_strategic(const struct klayer *layer,
                              struct resmap *m,
                              const struct patch_strategic_config *config,
                              struct err *err)
{
    struct kres_list *lists =
        arena_calloc(layer->build->env->arena, config->n_paths + 1, sizeof(*lists));
    size_t n = 0;
    if (config->n_paths == 0 && config->patches.n == 0) {
        return err_set(err, ERR_INVALID, "empty file path and empty patch content");
    }
    for (size_t i = 0; i < config->n_paths; i++) {
        TRY(parse_entry(layer, config->paths[i], &lists[i], err));
        n += lists[i].n;
    }
    TRY(kbuild_parse_patches(layer->build, config->patches, STR_EMPTY, &lists[config->n_paths],
                             err));
    n += lists[config->n_paths].n;
    if (n == 0) {
        return err_set(err, ERR_INVALID, "patch appears to be empty");
    }
    for (size_t i = 0; i <= config->n_paths; i++) {
        TRY(apply_documents(layer, m, lists[i], err));
    }
    resmap_drop_empty(m);
    return 0;
}
