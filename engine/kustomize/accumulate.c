/* The order of kustomize: resources, configurations, generators, components, transformers, validators, vars. Bases are
 * accumulated on their own and appended; a component works on what its parent has.
 *
 * An entry is tried as a file and then as a directory or repository; kustomize's message then has both failures. */
#include "engine/kustomize/accumulate.h"

#include "common/base/arena.h"
#include "common/base/budget.h"
#include "common/value/value.h"
#include "common/value/value_edit.h"
#include "common/value/value_yaml.h"
#include "engine/engine_env.h"
#include "engine/kustomize/field_plugins.h"
#include "engine/kustomize/kconfig.h"
#include "engine/kustomize/korigin.h"
#include "engine/kustomize/krepo.h"
#include "engine/kustomize/kschema.h"
#include "engine/kustomize/kustomize.h"
#include "engine/kustomize/plugins.h"
#include "engine/kustomize/resmap.h"

static struct arena *arena_of(const struct accumulate_target *t)
{
    return t->layer.build->env->arena;
}

void accumulate_target_init(struct accumulate_target *target,
                            struct kbuild *build,
                            struct str parent_namespace,
                            const struct korigin *origin)
{
    struct str own = target->k.namespace;
    target->layer = (struct klayer){
        .build = build,
        .load = &target->load,
        .namespace = own.n > 0 ? own : parent_namespace,
        .origin = origin,
    };
}

void accumulator_init(struct accumulator *acc, struct kbuild *build)
{
    static const struct kconfig EMPTY;
    *acc = (struct accumulator){
        .resources = resmap_new(build->env, build->schema),
        .config = &EMPTY,
    };
}

/* ---- schema ---- */

static struct str pair_find(struct value_str_pairs pairs, const char *key, bool *ret_found)
{
    for (size_t i = 0; i < pairs.n; i++) {
        if (str_eq_c(pairs.items[i].key, key)) {
            *ret_found = true;
            return pairs.items[i].value;
        }
    }
    *ret_found = false;
    return STR_EMPTY;
}

static int
load_schema(struct kbuild *build, const struct kload *load, struct str path, struct err *err)
{
    struct arena *arena = build->env->arena;
    struct str text;
    const struct value *document;
    TRY(kload_file(load, path, &text, err));
    TRY_IN(value_from_yaml(arena, text, NULL, &document, err), err, "invalid schema file");
    return kschema_from_openapi(arena, document, &build->schema, err);
}

int accumulate_openapi(struct kbuild *build,
                       const struct kload *load,
                       const struct kustomization *k,
                       struct err *err)
{
    bool has_path;
    bool has_version;
    struct str path = pair_find(k->openapi, "path", &has_path);
    struct str version = pair_find(k->openapi, "version", &has_version);
    if (build->schema_is_set || (!has_path && version.n == 0)) {
        return 0;
    }
    build->schema_is_set = true;
    if (has_path && has_version) {
        return err_set(err, ERR_INVALID,
                       "builtin version and custom schema provided, cannot use both");
    }
    if (has_path) {
        return load_schema(build, load, path, err);
    }
    if (!str_eq_c(version, "v1.21.2")) {
        return err_set(err, ERR_INVALID, "the specified OpenAPI version is not built in");
    }
    return 0;
}

/* ---- resources ---- */

static bool is_malformed(const struct err *err)
{
    return str_starts_with(str_from(err->message), STR(KBUILD_MALFORMED));
}

/* Kustomize names the file as it was written, the position has its whole path. */
static int parse_file(struct kbuild *build,
                      struct str text,
                      struct str file,
                      struct str entry,
                      struct resmap *m,
                      struct err *err)
{
    if (kbuild_parse(build, text, file, m, err) == 0) {
        return 0;
    }
    if (is_malformed(err)) {
        struct err_pos pos = err->pos;
        struct str message = arena_str(build->env->arena, str_from(err->message));
        (void)err_set(err, ERR_INVALID, STR_FMT " in File: " STR_FMT, STR_ARG(message),
                      STR_ARG(entry));
        err->pos = pos;
    }
    return -(int)err->code;
}

/* Trees that were just read may be changed in place, unless an anchor makes one container part of two. */
static void own_objects(const struct kbuild *build, struct str text, const struct resmap *m)
{
    if (str_find_char(text, '&') != STR_NONE) {
        return;
    }
    RESMAP_FOREACH(m, res)
    {
        value_own(res->object, build->edits);
    }
}

static int accumulate_file(const struct accumulate_target *t,
                           struct accumulator *acc,
                           struct str path,
                           struct err *err)
{
    AUTO(arena) struct arena *scratch = arena_new(); /* trees have their own copies of texts */
    struct kbuild *build = t->layer.build;
    struct resmap *m = resmap_new(build->env, build->schema);
    struct str text;
    struct str file = kload_path(&t->load, path);
    if (kload_file_in(&t->load, scratch, path, &text, err) < 0 ||
        parse_file(build, text, file, path, m, err) < 0) {
        return kbuild_wrap(build, err, "accumulating resources from '" STR_FMT "'", STR_ARG(path));
    }
    own_objects(build, text, m);
    korigin_mark_generated(m, korigin_append(arena_of(t), t->layer.origin, path));
    if (resmap_append_all(acc->resources, m, err) < 0) {
        return kbuild_wrap(build, err, "merging resources from '" STR_FMT "'", STR_ARG(path));
    }
    return 0;
}

enum directory_type { DIRECTORY_BASE, DIRECTORY_COMPONENT };

static int
check_kind(const struct accumulate_target *sub, enum directory_type type, struct err *err)
{
    bool is_component = kustomization_is_component(&sub->k);
    struct str root = kload_show(&sub->load, STR_EMPTY);
    if (type == DIRECTORY_COMPONENT && !is_component) {
        return err_set(err, ERR_INVALID,
                       "expected kind 'Component' for path '" STR_FMT "' but got '" STR_FMT "'",
                       STR_ARG(root), STR_ARG(sub->k.kind));
    }
    if (type == DIRECTORY_BASE && is_component) {
        return err_set(err, ERR_INVALID, "expected kind != 'Component' for path '" STR_FMT "'",
                       STR_ARG(root));
    }
    return 0;
}

static int merge_accumulator(const struct accumulate_target *t,
                             struct accumulator *acc,
                             const struct accumulator *from,
                             struct err *err)
{
    resmap_set_schema(acc->resources, t->layer.build->schema);
    TRY(resmap_append_all(acc->resources, from->resources, err));
    TRY(kconfig_merge(arena_of(t), acc->config, from->config, &acc->config, err));
    return vars_add(&t->layer, &acc->vars, from->vars, err);
}

static int accumulate_sub(const struct accumulate_target *t,
                          struct accumulator *acc,
                          struct accumulate_target *sub,
                          enum directory_type type,
                          struct err *err)
{
    struct kbuild *build = t->layer.build;
    struct str root = kload_show(&sub->load, STR_EMPTY);
    struct accumulator own;
    TRY(accumulate_openapi(build, &sub->load, &sub->k, err));
    TRY(check_kind(sub, type, err));
    accumulator_init(&own, build);
    resmap_set_schema(acc->resources, build->schema);
    if (accumulate_target(sub, type == DIRECTORY_COMPONENT ? acc : &own, err) < 0) {
        return kbuild_wrap(build, err, "recursed accumulation of path '" STR_FMT "'",
                           STR_ARG(root));
    }
    if (type == DIRECTORY_BASE && merge_accumulator(t, acc, &own, err) < 0) {
        return kbuild_wrap(build, err, "recursed merging from path '" STR_FMT "'", STR_ARG(root));
    }
    return 0;
}

static int accumulate_directory(const struct accumulate_target *t,
                                struct accumulator *acc,
                                const struct kload *load,
                                struct str entry,
                                enum directory_type type,
                                struct err *err)
{
    struct kbuild *build = t->layer.build;
    struct accumulate_target *sub = ARENA_NEW(arena_of(t), struct accumulate_target);
    sub->load = *load;
    int rc = budget_enter(build->env->budget, err);
    if (rc == 0) {
        rc = kustomization_load(build, &sub->load, &sub->k, err);
        rc = rc < 0 ? kbuild_wrap(build, err, "couldn't make target for path '" STR_FMT "'",
                                  STR_ARG(kload_show(load, STR_EMPTY)))
                    : 0;
    }
    if (rc == 0) {
        accumulate_target_init(sub, build, t->layer.namespace,
                               korigin_append(arena_of(t), t->layer.origin, entry));
        rc = accumulate_sub(t, acc, sub, type, err);
        budget_leave(build->env->budget);
    }
    if (rc < 0) { /* which way it went, for those who do not read kustomize's own text */
        build->error_text = kbuild_take_error(build, err);
        return err_wrap(err, "%s '" STR_FMT "'", type == DIRECTORY_BASE ? "base" : "component",
                        STR_ARG(entry));
    }
    return 0;
}

/* Failures that say nothing of what an entry is. */
static bool is_final(const struct err *err)
{
    return err->code == ERR_LIMIT || err->code == ERR_TIMEOUT || err->code == ERR_UNAVAILABLE ||
           err->code == ERR_CANCELED || err->code == ERR_INTERNAL;
}

static bool is_no_directory(const struct err *err)
{
    return str_starts_with(str_from(err->message), STR("must build at directory"));
}

static int accumulate_entry(const struct accumulate_target *t,
                            struct accumulator *acc,
                            struct str entry,
                            struct err *err)
{
    struct kbuild *build = t->layer.build;
    struct kload next;
    uint32_t depth = build->env->budget->depth;
    if (accumulate_file(t, acc, entry, err) == 0) {
        return 0;
    }
    if (is_final(err) || err->system_code >= 300) { /* a status of a web server */
        return -(int)err->code;
    }
    struct err file_error = *err;
    struct str text = kbuild_take_error(build, err);
    build->env->budget->depth = depth;
    int rc = kload_enter(&t->load, entry, &next, err);
    if (rc < 0 && is_malformed(&file_error) && !is_final(err)) {
        *err = file_error;
        build->error_text = text;
        return -(int)err->code;
    }
    bool is_neither = rc < 0 && is_no_directory(err);
    rc = rc < 0 ? rc : accumulate_directory(t, acc, &next, entry, DIRECTORY_BASE, err);
    if (rc < 0) {
        (void)kbuild_wrap(build, err, "accumulation err='" STR_FMT "'", STR_ARG(text));
        if (is_neither) {
            *err = file_error; /* more to the point */
        }
        return -(int)err->code;
    }
    return 0;
}

/* Goes on after ERR_UNAVAILABLE, so that all that is missing is asked for at once. */
static int accumulate_resources(const struct accumulate_target *t,
                                struct accumulator *acc,
                                struct value_strs entries,
                                struct err *err)
{
    struct kbuild *build = t->layer.build;
    struct err unavailable = {.code = ERR_OK};
    uint32_t depth = build->env->budget->depth;
    for (size_t i = 0; i < entries.n; i++) {
        int rc = accumulate_entry(t, acc, entries.items[i], err);
        if (rc < 0 && err->code != ERR_UNAVAILABLE) {
            return rc;
        }
        if (rc < 0) {
            (void)kbuild_take_error(build, err); /* the first one's is as good */
            build->env->budget->depth = depth;
            unavailable = unavailable.code == ERR_OK ? *err : unavailable;
        }
    }
    if (unavailable.code != ERR_OK) {
        *err = unavailable;
        return -(int)err->code;
    }
    return 0;
}

/* What later steps will want of the network, before a first failure ends this round. */
static void ask_ahead(const struct accumulate_target *t, struct value_strs entries)
{
    for (size_t i = 0; i < entries.n; i++) {
        struct krepo repo;
        struct kload ignored;
        struct err err;
        if (krepo_parse(arena_of(t), entries.items[i], &repo)) {
            /* it will be asked again, and fail then */
            (void)(kload_enter(&t->load, entries.items[i], &ignored, &err) < 0);
        }
    }
}

static int
accumulate_components(const struct accumulate_target *t, struct accumulator *acc, struct err *err)
{
    struct kbuild *build = t->layer.build;
    for (size_t i = 0; i < t->k.components.n; i++) {
        struct str entry = t->k.components.items[i];
        struct kload next;
        if (kload_enter(&t->load, entry, &next, err) < 0) {
            struct str text = kbuild_take_error(build, err);
            build->error_text =
                arena_printf(arena_of(t), "loader.New \"" STR_FMT "\"", STR_ARG(text));
            return err_wrap(err, "component '" STR_FMT "'", STR_ARG(entry));
        }
        if (accumulate_directory(t, acc, &next, entry, DIRECTORY_COMPONENT, err) < 0) {
            struct str text = kbuild_take_error(build, err);
            build->error_text =
                arena_printf(arena_of(t), "accumulateDirectory: \"" STR_FMT "\"", STR_ARG(text));
            return -(int)err->code;
        }
    }
    return 0;
}

/* ---- configuration ---- */

static int load_document(const struct accumulate_target *t,
                         struct str path,
                         const struct value **ret,
                         struct err *err)
{
    struct str text;
    TRY(kload_file(&t->load, path, &text, err));
    if (value_from_yaml(arena_of(t), text, NULL, ret, err) < 0) {
        return err_at(err, kload_path(&t->load, path), 0, 0);
    }
    return 0;
}

static int merge_config(const struct accumulate_target *t, struct accumulator *acc, struct err *err)
{
    struct arena *arena = arena_of(t);
    const struct kconfig *config = kconfig_default();
    for (size_t i = 0; i < t->k.configurations.n; i++) {
        struct str path = t->k.configurations.items[i];
        const struct value *v;
        const struct kconfig *more;
        TRY(load_document(t, path, &v, err));
        if (kconfig_from_value(arena, v, &more, err) < 0) {
            return err_at(err, kload_path(&t->load, path), 0, 0);
        }
        TRY(kconfig_merge(arena, config, more, &config, err));
    }
    if (kconfig_merge(arena, acc->config, config, &acc->config, err) < 0) {
        return kbuild_wrap(t->layer.build, err, "merging config");
    }
    return 0;
}

static int merge_crds(const struct accumulate_target *t, struct accumulator *acc, struct err *err)
{
    struct arena *arena = arena_of(t);
    for (size_t i = 0; i < t->k.crds.n; i++) {
        struct str path = t->k.crds.items[i];
        const struct value *v;
        const struct kconfig *more;
        if (load_document(t, path, &v, err) < 0 || kconfig_from_crds(arena, v, &more, err) < 0) {
            (void)kbuild_wrap(t->layer.build, err, "loading CRDs");
            return err_at(err, kload_path(&t->load, path), 0, 0);
        }
        if (kconfig_merge(arena, acc->config, more, &acc->config, err) < 0) {
            return kbuild_wrap(t->layer.build, err, "merging CRDs");
        }
    }
    return 0;
}

/* ---- plugins that are named ---- */

/* Inline documents first, then what files and directories have. */
static int load_plugins(const struct accumulate_target *t,
                        struct value_strs entries,
                        struct resmap **ret,
                        struct err *err)
{
    struct kbuild *build = t->layer.build;
    struct accumulator acc;
    struct str *paths = arena_calloc(arena_of(t), entries.n + 1, sizeof(*paths));
    size_t n_paths = 0;
    accumulator_init(&acc, build);
    for (size_t i = 0; i < entries.n; i++) {
        struct resmap *m = resmap_new(build->env, build->schema);
        if (kbuild_parse(build, entries.items[i], STR_EMPTY, m, err) < 0) {
            paths[n_paths++] = entries.items[i];
            continue;
        }
        korigin_mark_generated(m, korigin_append(arena_of(t), t->layer.origin, t->k.file));
        TRY(resmap_append_all(acc.resources, m, err));
    }
    TRY(accumulate_resources(t, &acc, (struct value_strs){paths, n_paths}, err));
    if (entries.n > 0) {
        kbuild_end_edits(build); /* their parts may become parts of others */
    }
    *ret = acc.resources;
    return 0;
}

static int
run_generators(const struct accumulate_target *t, struct accumulator *acc, struct err *err)
{
    struct kbuild *build = t->layer.build;
    struct resmap *configs;
    TRY(field_plugins_generate(&t->layer, &t->k, acc->resources, err));
    if (load_plugins(t, t->k.generators, &configs, err) < 0) {
        return kbuild_wrap(build, err, "loading generator plugins");
    }
    RESMAP_FOREACH(configs, config)
    {
        struct resmap *m = resmap_new(build->env, build->schema);
        if (plugins_generate(&t->layer, config, m, err) < 0) {
            return kbuild_wrap(build, err, "loading generator plugins: failed to load generator");
        }
        korigin_mark_generated(m, korigin_plugin(arena_of(t), config));
        TRY(resmap_absorb(acc->resources, m, err));
    }
    return 0;
}

static int
run_transformers(const struct accumulate_target *t, struct accumulator *acc, struct err *err)
{
    struct resmap *configs;
    TRY(field_plugins_transform(&t->layer, &t->k, acc->resources, err));
    TRY(load_plugins(t, t->k.transformers, &configs, err));
    RESMAP_FOREACH(configs, config)
    {
        TRY(plugins_transform(&t->layer, config, acc->resources, err));
        korigin_mark_transformed(arena_of(t), acc->resources, korigin_plugin(arena_of(t), config));
        resmap_drop_empty(acc->resources);
    }
    return 0;
}

/* ---- validators ---- */

/* The one change a validator may make. */
static const struct value *without_mark(struct arena *arena, const struct value *object)
{
    return value_without(arena, object, "metadata", "labels", "validated-by");
}

static int check_unchanged(struct arena *arena,
                           const struct resmap *before,
                           struct resmap *after,
                           struct err *err)
{
    bool same = resmap_len(before) == resmap_len(after);
    for (size_t i = 0; same && i < resmap_len(before); i++) {
        const struct kres *a = resmap_at(before, i);
        const struct kres *b = resmap_find(after, &a->id);
        same = b != NULL &&
               value_equal(without_mark(arena, a->object), without_mark(arena, b->object));
    }
    return same ? 0 : err_set(err, ERR_INVALID, "validator shouldn't modify the resource map");
}

static int
run_validators(const struct accumulate_target *t, struct accumulator *acc, struct err *err)
{
    struct resmap *configs;
    TRY(load_plugins(t, t->k.validators, &configs, err));
    RESMAP_FOREACH(configs, config)
    {
        const struct resmap *before = resmap_copy(acc->resources);
        kbuild_end_edits(t->layer.build);
        TRY(plugins_transform(&t->layer, config, acc->resources, err));
        TRY(check_unchanged(arena_of(t), before, acc->resources, err));
    }
    return 0;
}

/* ---- a kustomization ---- */

static int declare_vars(const struct accumulate_target *t, struct accumulator *acc, struct err *err)
{
    struct vars vars;
    if (vars_from_value(&t->layer, t->k.vars, &vars, err) < 0 ||
        vars_merge(&t->layer, acc->resources, &acc->vars, vars, err) < 0) {
        return kbuild_wrap(t->layer.build, err, "merging vars");
    }
    return 0;
}

int accumulate_target(struct accumulate_target *target, struct accumulator *acc, struct err *err)
{
    struct kbuild *build = target->layer.build;
    if (accumulate_resources(target, acc, target->k.resources, err) < 0) {
        if (err->code == ERR_UNAVAILABLE) {
            ask_ahead(target, target->k.components);
            ask_ahead(target, target->k.generators);
            ask_ahead(target, target->k.transformers);
        }
        return kbuild_wrap(build, err, "accumulating resources");
    }
    TRY(merge_config(target, acc, err));
    TRY(merge_crds(target, acc, err));
    target->layer.config = acc->config;
    TRY(run_generators(target, acc, err));
    if (accumulate_components(target, acc, err) < 0) {
        return kbuild_wrap(build, err, "accumulating components");
    }
    target->layer.config = acc->config; /* components add to it */
    TRY(run_transformers(target, acc, err));
    TRY(run_validators(target, acc, err));
    return declare_vars(target, acc, err);
}
