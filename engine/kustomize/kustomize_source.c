/* Argo CD runs `kustomize edit` on a checkout and then builds it; here the same changes are made to the parsed file on its way into the
 * build, so that any number of applications of one commit can be built side by side.
 *
 * Behaviour: Argo CD's util/kustomize with kustomize 5.8's `edit set` and `edit add`. */
#include "engine/kustomize/kustomize_source.h"

#include <stdlib.h>

#include "common/base/arena.h"
#include "common/base/num.h"
#include "common/base/path.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_decode.h"
#include "common/value/value_edit.h"
#include "engine/build_env.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kustomize.h"

/* ---- the block ---- */

struct block {
    struct str name_prefix;
    struct str name_suffix;
    struct str namespace;
    struct value_strs images;
    const struct value *replicas;
    struct value_str_pairs common_labels;
    struct value_str_pairs common_annotations;
    const struct value *patches;
    struct value_strs components;
    struct str kube_version;
    struct value_strs api_versions;
    bool force_labels;
    bool force_annotations;
    bool annotations_envsubst;
    bool without_selector;
    bool include_templates;
    bool ignore_missing_components;
};

#define BLOCK(field) offsetof(struct block, field)
static const struct value_field BLOCK_FIELDS[] = {
    {"namePrefix", FIELD_STR, BLOCK(name_prefix), 0, NULL, "before every name"},
    {"nameSuffix", FIELD_STR, BLOCK(name_suffix), 0, NULL, "behind every name"},
    {"namespace", FIELD_STR, BLOCK(namespace), 0, NULL, "of every object"},
    {"images", FIELD_STR_LIST, BLOCK(images), 0, NULL, "name=new:tag, or name:tag"},
    {"replicas", FIELD_VALUE, BLOCK(replicas), 0, NULL, "of name and count"},
    {"commonLabels", FIELD_STR_MAP, BLOCK(common_labels), 0, NULL, "on every object"},
    {"commonAnnotations", FIELD_STR_MAP, BLOCK(common_annotations), 0, NULL, "on every object"},
    {"patches", FIELD_VALUE, BLOCK(patches), 0, NULL, "as the kustomization has them"},
    {"components", FIELD_STR_LIST, BLOCK(components), 0, NULL, "directories"},
    {"kubeVersion", FIELD_STR, BLOCK(kube_version), 0, NULL, "for charts"},
    {"apiVersions", FIELD_STR_LIST, BLOCK(api_versions), 0, NULL, "for charts"},
    {"forceCommonLabels", FIELD_BOOL, BLOCK(force_labels), 0, NULL, "also over the file's"},
    {"forceCommonAnnotations", FIELD_BOOL, BLOCK(force_annotations), 0, NULL,
     "also over the file's"},
    {"commonAnnotationsEnvsubst", FIELD_BOOL, BLOCK(annotations_envsubst), 0, NULL,
     "the build environment in annotations"},
    {"labelWithoutSelector", FIELD_BOOL, BLOCK(without_selector), 0, NULL,
     "labels not in selectors"},
    {"labelIncludeTemplates", FIELD_BOOL, BLOCK(include_templates), 0, NULL,
     "labels in templates, too"},
    {"ignoreMissingComponents", FIELD_BOOL, BLOCK(ignore_missing_components), 0, NULL,
     "components that are not there"},
};
static const struct value_table BLOCK_TABLE = VALUE_TABLE(struct block, BLOCK_FIELDS);

struct edit {
    struct engine_env *env;
    struct str path;
    const struct block *block;
    const struct value *k; /* the kustomization as it is now */
};

static struct str expand(const struct edit *e, struct str text)
{
    return build_env_expand(e->env, e->path, text);
}

static void set(struct edit *e, const char *key, const struct value *v)
{
    e->k = value_map_set(e->env->arena, e->k, str_from(key), v);
}

static void set_str(struct edit *e, const char *key, struct str text)
{
    if (text.n > 0) {
        set(e, key, value_new_str(e->env->arena, text));
    }
}

/* ---- lists of named entries: images and replicas ---- */

static int compare_names(const void *a, const void *b)
{
    const struct value *x = *(const struct value *const *)a;
    const struct value *y = *(const struct value *const *)b;
    return str_cmp(value_dig_str(x, "name"), value_dig_str(y, "name"));
}

struct named_list {
    VEC(const struct value *) items;
};

static const struct value **named_find(struct named_list *list, struct str name)
{
    VEC_FOREACH(&list->items, item) {
        if (str_eq(value_dig_str(*item, "name"), name)) {
            return item;
        }
    }
    return NULL;
}

/* A later one of the same name takes the place. */
static void named_put(struct arena *arena, struct named_list *list, const struct value *v)
{
    const struct value **known = named_find(list, value_dig_str(v, "name"));
    if (known != NULL) {
        *known = v;
    } else {
        vec_push_in(arena, &list->items, v);
    }
}

static void set_named(struct edit *e, const char *key, struct named_list *list)
{
    struct arena *arena = e->env->arena;
    const struct value *out = &VALUE_EMPTY_LIST;
    if (list->items.n > 0) {
        qsort(list->items.items, list->items.n, sizeof(*list->items.items), compare_names);
    }
    VEC_FOREACH(&list->items, item) {
        out = value_list_append(arena, out, *item);
    }
    set(e, key, out);
}

/* ---- images ---- */

/* "host:5000/name:tag@digest": a tag is what follows the last colon behind the last slash. */
static void
split_image(struct str image, struct str *ret_name, struct str *ret_tag, struct str *ret_digest)
{
    struct str name = image;
    struct str digest = STR_EMPTY;
    struct str tag = STR_EMPTY;
    (void)str_cut(image, '@', &name, &digest); /* all of it when there is none */
    size_t slash = str_rfind_char(name, '/');
    size_t colon = str_rfind_char(name, ':');
    if (colon != STR_NONE && (slash == STR_NONE || colon > slash)) {
        tag = str_sub(name, colon + 1, name.n);
        name = str_sub(name, 0, colon);
    }
    *ret_name = name;
    *ret_tag = tag;
    *ret_digest = digest;
}

/* "*" keeps what the file has. */
static struct str or_kept(struct str text, const struct value *old, const char *key)
{
    return str_eq_c(text, "*") ? value_dig_str(old, key) : text;
}

static int parse_image(struct edit *e,
                       struct str arg,
                       struct named_list *old,
                       const struct value **ret,
                       struct err *err)
{
    struct str name;
    struct str value;
    struct str new_name;
    struct str tag;
    struct str digest;
    bool renames = str_cut(arg, '=', &name, &value);
    split_image(renames ? value : arg, &new_name, &tag, &digest);
    if (!renames && str_eq(new_name, arg)) {
        return err_set(err, ERR_INVALID,
                       "source.kustomize.images: '" STR_FMT
                       "': invalid format of image, use image=newimage, image=newimage:newtag, "
                       "image=newimage@digest, image:newtag or image@digest",
                       STR_ARG(arg));
    }
    name = renames ? name : new_name;
    const struct value **known = named_find(old, name);
    const struct value *was = known != NULL ? *known : NULL;
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, e->env->arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str(&b, "name", name);
    if (renames) {
        value_build_field_str_opt(&b, "newName", or_kept(new_name, was, "newName"));
    }
    value_build_field_str_opt(&b, "newTag", or_kept(tag, was, "newTag"));
    value_build_field_str_opt(&b, "digest", or_kept(digest, was, "digest"));
    value_build_end(&b);
    *ret = value_build_finish(&b);
    return 0;
}

static int edit_images(struct edit *e, struct err *err)
{
    struct named_list all = {0};
    struct named_list old = {0};
    if (e->block->images.n == 0) {
        return 0;
    }
    VALUE_FOREACH(value_find(e->k, STR("images")), image) {
        named_put(e->env->arena, &old, image);
        named_put(e->env->arena, &all, image);
    }
    for (size_t i = 0; i < e->block->images.n; i++) {
        const struct value *image;
        TRY(parse_image(e, expand(e, e->block->images.items[i]), &old, &image, err));
        named_put(e->env->arena, &all, image);
    }
    set_named(e, "images", &all);
    return 0;
}

/* ---- replicas ---- */

/* A number, or its text. */
static int count_of(const struct value *v, int64_t *ret, struct err *err)
{
    if (value_is(v, VALUE_STRING)) {
        return num_parse_int(value_str(v), ret, err);
    }
    if (!value_is(v, VALUE_INT)) {
        return err_set(err, ERR_INVALID, "count must be a number");
    }
    *ret = v->i;
    return 0;
}

static int edit_replicas(struct edit *e, struct err *err)
{
    struct arena *arena = e->env->arena;
    struct named_list all = {0};
    if (value_len(e->block->replicas) == 0) {
        return 0;
    }
    VALUE_FOREACH(value_find(e->k, STR("replicas")), old) {
        named_put(arena, &all, old);
    }
    VALUE_FOREACH(e->block->replicas, r) {
        int64_t count = 0;
        TRY_IN(count_of(value_find(r, STR("count")), &count, err), err,
               "source.kustomize.replicas: '" STR_FMT "'", STR_ARG(value_dig_str(r, "name")));
        const struct value *v =
            value_map_set(arena, NULL, STR("name"), value_new_str(arena, value_dig_str(r, "name")));
        named_put(arena, &all, value_map_set(arena, v, STR("count"), value_new_int(arena, count)));
    }
    set_named(e, "replicas", &all);
    return 0;
}

/* ---- labels and annotations ---- */

enum override { OVERRIDE_REFUSED, OVERRIDE_FORCED };

static int put_pair(struct edit *e,
                    const struct value **map,
                    struct value_str_pair pair,
                    const char *kind,
                    enum override override,
                    struct err *err)
{
    if (value_find(*map, pair.key) != NULL && override == OVERRIDE_REFUSED) {
        return err_set(err, ERR_INVALID,
                       "%s " STR_FMT " already in kustomization file. Use --force to override.",
                       kind, STR_ARG(pair.key));
    }
    *map = value_map_set(e->env->arena, *map, pair.key, value_new_str(e->env->arena, pair.value));
    return 0;
}

static const struct value *map_or_empty(const struct value *v)
{
    return value_is(v, VALUE_MAP) ? v : &VALUE_EMPTY_MAP;
}

/* The entry of `labels` that has the same settings, or the place behind the last. */
static size_t find_labels(const struct edit *e, const struct value *list)
{
    for (size_t i = 0; i < value_len(list); i++) {
        const struct value *v = value_at(list, i);
        if (!value_bool(value_find(v, STR("includeSelectors")), false) &&
            value_bool(value_find(v, STR("includeTemplates")), false) ==
                e->block->include_templates) {
            return i;
        }
    }
    return value_len(list);
}

static int edit_labels_without_selector(struct edit *e, enum override override, struct err *err)
{
    struct arena *arena = e->env->arena;
    const struct value *list = value_find(e->k, STR("labels"));
    list = value_is(list, VALUE_LIST) ? list : &VALUE_EMPTY_LIST;
    size_t at = find_labels(e, list);
    const struct value *entry = at < value_len(list) ? value_at(list, at) : NULL;
    const struct value *pairs = map_or_empty(value_find(entry, STR("pairs")));
    for (size_t i = 0; i < e->block->common_labels.n; i++) {
        struct value_str_pair pair = e->block->common_labels.items[i];
        pair.value = expand(e, pair.value);
        TRY(put_pair(e, &pairs, pair, "label", override, err));
    }
    if (entry == NULL && e->block->include_templates) {
        entry = value_map_set(arena, NULL, STR("includeTemplates"), &VALUE_TRUE);
    }
    entry = value_map_set(arena, entry, STR("pairs"), pairs);
    set(e, "labels",
        at < value_len(list) ? value_list_set(arena, list, at, entry)
                             : value_list_append(arena, list, entry));
    return 0;
}

static int edit_labels(struct edit *e, struct err *err)
{
    enum override override = e->block->force_labels ? OVERRIDE_FORCED : OVERRIDE_REFUSED;
    const struct value *map = map_or_empty(value_find(e->k, STR("commonLabels")));
    if (e->block->common_labels.n == 0) {
        return 0;
    }
    if (e->block->include_templates && !e->block->without_selector) {
        return err_set(err, ERR_INVALID,
                       "--without-selector flag must be specified for --include-templates to work");
    }
    if (e->block->without_selector) {
        return edit_labels_without_selector(e, override, err);
    }
    for (size_t i = 0; i < e->block->common_labels.n; i++) {
        struct value_str_pair pair = e->block->common_labels.items[i];
        pair.value = expand(e, pair.value);
        TRY(put_pair(e, &map, pair, "label", override, err));
    }
    set(e, "commonLabels", map);
    return 0;
}

static int edit_annotations(struct edit *e, struct err *err)
{
    enum override override = e->block->force_annotations ? OVERRIDE_FORCED : OVERRIDE_REFUSED;
    const struct value *map = map_or_empty(value_find(e->k, STR("commonAnnotations")));
    if (e->block->common_annotations.n == 0) {
        return 0;
    }
    for (size_t i = 0; i < e->block->common_annotations.n; i++) {
        struct value_str_pair pair = e->block->common_annotations.items[i];
        pair.value = e->block->annotations_envsubst ? expand(e, pair.value) : pair.value;
        TRY(put_pair(e, &map, pair, "annotation", override, err));
    }
    set(e, "commonAnnotations", map);
    return 0;
}

/* ---- patches, components ---- */

static void edit_patches(struct edit *e)
{
    const struct value *list = value_find(e->k, STR("patches"));
    if (value_len(e->block->patches) == 0) {
        return;
    }
    list = value_is(list, VALUE_LIST) ? list : &VALUE_EMPTY_LIST;
    VALUE_FOREACH(e->block->patches, patch) {
        list = value_list_append(e->env->arena, list, patch);
    }
    set(e, "patches", list);
}

/* Returns 1 when the component is wanted and not there yet. */
static int is_new_component(const struct edit *e,
                            const struct value *list,
                            struct str component,
                            struct err *err)
{
    VALUE_FOREACH(list, known) {
        if (str_eq(value_str(known), component)) {
            return 0;
        }
    }
    if (!e->block->ignore_missing_components) {
        return 1;
    }
    struct str path;
    enum engine_file_type type;
    struct err ignored;
    if (path_join_safe(e->env->arena, e->path, component, &path, &ignored) < 0) {
        return 0; /* outside there is nothing */
    }
    TRY(e->env->files->type(e->env->files, path, &type, err));
    return type == ENGINE_FILE_DIR;
}

static int edit_components(struct edit *e, struct err *err)
{
    struct arena *arena = e->env->arena;
    const struct value *list = value_find(e->k, STR("components"));
    if (e->block->components.n == 0) {
        return 0;
    }
    list = value_is(list, VALUE_LIST) ? list : &VALUE_EMPTY_LIST;
    for (size_t i = 0; i < e->block->components.n; i++) {
        struct str component = e->block->components.items[i];
        int is_new = is_new_component(e, list, component, err);
        TRY(is_new);
        if (is_new) {
            list = value_list_append(arena, list, value_new_str(arena, component));
        }
    }
    set(e, "components", list);
    return 0;
}

static int on_edit(struct engine_env *env UNUSED,
                   const struct value *kustomization,
                   const struct value **ret,
                   void *data,
                   struct err *err)
{
    struct edit *e = data;
    if (value_type(kustomization) != VALUE_MAP && value_type(kustomization) != VALUE_NULL) {
        *ret = kustomization; /* the build says what is wrong with it */
        return 0;
    }
    e->k = map_or_empty(kustomization);
    set_str(e, "namePrefix", e->block->name_prefix);
    set_str(e, "nameSuffix", e->block->name_suffix);
    TRY(edit_images(e, err));
    TRY(edit_replicas(e, err));
    TRY(edit_labels(e, err));
    TRY(edit_annotations(e, err));
    set_str(e, "namespace", e->block->namespace);
    edit_patches(e);
    TRY(edit_components(e, err));
    *ret = e->k;
    return 0;
}

/* ---- build options ---- */

static int take_order(struct str value, struct kustomize_options *options, struct err *err)
{
    if (str_eq_c(value, "legacy")) {
        options->order = KUSTOMIZE_ORDER_LEGACY;
    } else if (str_eq_c(value, "none")) {
        options->order = KUSTOMIZE_ORDER_FIFO;
    } else {
        return err_set(err, ERR_INVALID,
                       "illegal flag value --reorder " STR_FMT "; legal values: [legacy none]",
                       STR_ARG(value));
    }
    return 0;
}

static int take_restriction(struct str value, struct kustomize_options *options, struct err *err)
{
    if (str_eq_c(value, "LoadRestrictionsNone") || str_eq_c(value, "none")) {
        options->restriction = KLOAD_NONE;
    } else if (!str_eq_c(value, "LoadRestrictionsRootOnly") && value.n > 0) {
        return err_set(err, ERR_INVALID,
                       "illegal flag value --load-restrictor " STR_FMT
                       "; legal values: [LoadRestrictionsRootOnly LoadRestrictionsNone]",
                       STR_ARG(value));
    }
    return 0;
}

static int
take_helm_version(struct str value, struct kustomize_options *options, struct err *err UNUSED)
{
    options->helm_kube_version = value;
    return 0;
}

static int take_nothing(struct str value UNUSED,
                        struct kustomize_options *options UNUSED,
                        struct err *err UNUSED)
{
    return 0;
}

static int take_helm(struct str value, struct kustomize_options *options, struct err *err UNUSED)
{
    options->enable_helm = !str_eq_c(value, "false");
    return 0;
}

static int
take_managed_by(struct str value, struct kustomize_options *options, struct err *err UNUSED)
{
    options->managed_by_label = !str_eq_c(value, "false");
    return 0;
}

static int
refuse(struct str value UNUSED, struct kustomize_options *options UNUSED, struct err *err)
{
    return err_set(err, ERR_UNSUPPORTED, "plugins and functions of others are not run");
}

enum option_type { OPTION_SWITCH, OPTION_VALUE };

static const struct {
    const char *name;
    enum option_type type;
    int (*take)(struct str value, struct kustomize_options *options, struct err *err);
} OPTIONS[] = {
    {"--enable-helm", OPTION_SWITCH, take_helm},
    {"--enable-managedby-label", OPTION_SWITCH, take_managed_by},
    {"--enable-alpha-plugins", OPTION_SWITCH, refuse},
    {"--enable-exec", OPTION_SWITCH, refuse},
    {"--network", OPTION_SWITCH, refuse},
    {"--load-restrictor", OPTION_VALUE, take_restriction},
    {"--load_restrictor", OPTION_VALUE, take_restriction},
    {"--reorder", OPTION_VALUE, take_order},
    {"--helm-command", OPTION_VALUE, take_nothing},
    {"--helm-kube-version", OPTION_VALUE, take_helm_version},
    {"--helm-debug", OPTION_SWITCH, take_nothing},
};

/* "--name value", "--name=value" or "--name". */
static int
take_option(struct str word, struct str *rest, struct kustomize_options *options, struct err *err)
{
    struct str name = word;
    struct str value = STR_EMPTY;
    bool has_value = str_cut(word, '=', &name, &value);
    for (size_t i = 0; i < ARRAY_LEN(OPTIONS); i++) {
        if (!str_eq_c(name, OPTIONS[i].name)) {
            continue;
        }
        if (OPTIONS[i].type == OPTION_VALUE && !has_value) {
            struct str all = str_trim(*rest);
            *rest = STR_EMPTY;
            (void)str_cut(all, ' ', &value, rest); /* all of it when it is the last word */
        }
        return OPTIONS[i].take(value, options, err);
    }
    return err_set(err, ERR_INVALID, "unknown flag: " STR_FMT, STR_ARG(name));
}

static int take_options(struct str text, struct kustomize_options *options, struct err *err)
{
    struct str rest = str_trim(text);
    while (rest.n > 0) {
        struct str word = rest;
        struct str after = STR_EMPTY;
        (void)str_cut(rest, ' ', &word, &after); /* all of it is the last word */
        rest = str_trim(after);
        TRY_IN(take_option(word, &rest, options, err), err, "kustomize.buildOptions");
        rest = str_trim(rest);
    }
    return 0;
}

/* ---- entry ---- */

int kustomize_source_build(struct engine_env *env,
                           struct str path,
                           const struct value *source,
                           struct str build_options,
                           struct kustomize_result *ret,
                           struct err *err)
{
    struct block block = {0};
    struct edit edit = {.env = env, .path = path, .block = &block};
    struct kustomize_options options = {.restriction = KLOAD_ROOT_ONLY};
    TRY(value_decode_at(env->arena, value_find(source, STR("kustomize")), "source.kustomize",
                        &BLOCK_TABLE, VALUE_DECODE_LAX, &block, err));
    TRY(take_options(build_options, &options, err));
    options.edit = on_edit;
    options.edit_data = &edit;
    if (block.kube_version.n > 0) {
        options.helm_kube_version = block.kube_version;
    }
    options.helm_api_versions = block.api_versions.items;
    options.n_helm_api_versions = block.api_versions.n;
    return kustomize_build(env, path, &options, ret, err);
}
