/* Names, tags and digests of container images.
 *
 * As in kustomize two passes: every `containers` and `initContainers` list anywhere in an object, then the fieldspecs. An image
 * that both reach is changed twice, which shows when the outcome matches again: tagSuffix is put on twice. */
#include "common/base/budget.h"
#include "common/regex/regex.h"
#include "common/value/value.h"
#include "common/value/value_edit.h"
#include "engine/engine_env.h"
#include "engine/kustomize/fieldspec.h"
#include "engine/kustomize/kbuild.h"
#include "engine/kustomize/kustomize.h"
#include "engine/kustomize/resmap.h"
#include "engine/kustomize/transform.h"

#define TAG_PATTERN    "(:[a-zA-Z0-9_.{}-]*)?"
#define DIGEST_PATTERN "(@[a-zA-Z0-9]+([+._-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{}-]*)?"

struct work {
    const struct image_config *config;
    struct regex *pattern;
};

struct image {
    struct str name;
    struct str tag;
    struct str digest;
};

/* ---- one image ---- */

static struct image image_split(struct str text)
{
    size_t slash = str_find_char(text, '/');
    size_t start = slash != STR_NONE ? slash : 0; /* a ':' before it is a registry's port */
    struct str search = str_sub(text, start, text.n);
    size_t colon = str_find_char(search, ':');
    size_t at = str_find_char(search, '@');
    struct image image = {.name = text};
    if (at != STR_NONE) {
        image.digest = str_sub(text, start + at + 1, text.n);
        image.name = str_sub(text, 0, start + at);
    }
    if (colon != STR_NONE && (at == STR_NONE || colon < at)) {
        image.tag = str_sub(image.name, start + colon + 1, image.name.n);
        image.name = str_sub(image.name, 0, start + colon);
    }
    return image;
}

static struct image
image_changed(struct arena *arena, struct image image, const struct image_config *config)
{
    if (config->new_name.n > 0) {
        image.name = config->new_name;
    }
    if (config->new_tag.n > 0 || config->digest.n > 0) {
        image.tag = config->new_tag;
        image.digest = config->digest;
    } else if (config->tag_suffix.n > 0) {
        image.tag =
            arena_printf(arena, STR_FMT STR_FMT, STR_ARG(image.tag), STR_ARG(config->tag_suffix));
        image.digest = STR_EMPTY;
    }
    return image;
}

static struct str image_format(struct arena *arena, const struct image *image)
{
    return arena_printf(arena, STR_FMT "%s" STR_FMT "%s" STR_FMT, STR_ARG(image->name),
                        image->tag.n > 0 ? ":" : "", STR_ARG(image->tag),
                        image->digest.n > 0 ? "@" : "", STR_ARG(image->digest));
}

static int set_image(const struct fieldspec_visit *visit,
                     const struct value *leaf,
                     const struct value **ret,
                     struct err *err)
{
    const struct work *w = visit->data;
    struct arena *arena = visit->env->arena;
    if (leaf->type == VALUE_LIST || leaf->type == VALUE_MAP) {
        return fieldspec_wrong_kind(visit, leaf, "ScalarNode", err);
    }
    struct regex_job job = {arena, visit->env->budget, w->pattern, kres_text(arena, leaf)};
    struct regex_span span;
    int found = regex_find(&job, &span, err);
    if (found <= 0) {
        *ret = leaf;
        return found;
    }
    struct image image = image_changed(arena, image_split(job.text), w->config);
    return fieldspec_set_text(visit, leaf, image_format(arena, &image), ret, err);
}

/* ---- containers anywhere ---- */

static int walk(const struct fieldspec_visit *visit,
                const struct value *v,
                const struct value **ret,
                struct err *err);

static int set_container(const struct fieldspec_visit *visit,
                         const struct value *container,
                         const struct value **ret,
                         struct err *err)
{
    *ret = container;
    if (container->type == VALUE_NULL) {
        return 0;
    }
    if (container->type != VALUE_MAP) {
        return fieldspec_wrong_kind(visit, container, "MappingNode", err);
    }
    const struct value *before = value_find(container, STR("image"));
    const struct value *after = before;
    if (before != NULL) {
        TRY(set_image(visit, before, &after, err));
    }
    if (after != before) {
        *ret = value_map_put(visit->env->arena, container, STR("image"), after, visit->token);
    }
    return 0;
}

typedef int (*item_fn)(const struct fieldspec_visit *visit,
                       const struct value *item,
                       const struct value **ret,
                       struct err *err);

static int each_item(const struct fieldspec_visit *visit,
                     const struct value *list,
                     item_fn fn,
                     const struct value **ret,
                     struct err *err)
{
    struct value *items = NULL;
    *ret = list;
    TRY(budget_steps(visit->env->budget, list->n, err));
    for (size_t i = 0; i < list->n; i++) {
        const struct value *after;
        TRY(fn(visit, &list->items[i], &after, err));
        if (after == &list->items[i]) {
            continue;
        }
        if (items == NULL) {
            items = value_list_own(visit->env->arena, list, visit->token, ret);
        }
        items[i] = *after;
    }
    return 0;
}

static bool holds_containers(struct str key)
{
    return str_eq_c(key, "containers") || str_eq_c(key, "initContainers");
}

static int set_entry(const struct fieldspec_visit *visit,
                     const struct value_entry *e,
                     const struct value **ret,
                     struct err *err)
{
    TRY(walk(visit, &e->value, ret, err));
    if ((*ret)->type == VALUE_LIST && holds_containers(e->key)) {
        return each_item(visit, *ret, set_container, ret, err);
    }
    return 0;
}

static int each_entry(const struct fieldspec_visit *visit,
                      const struct value *map,
                      const struct value **ret,
                      struct err *err)
{
    struct value_entry *entries = NULL;
    *ret = map;
    TRY(budget_steps(visit->env->budget, map->n, err));
    for (size_t i = 0; i < map->n; i++) {
        const struct value *after;
        TRY(set_entry(visit, &map->entries[i], &after, err));
        if (after == &map->entries[i].value) {
            continue;
        }
        if (entries == NULL) {
            entries = value_map_own(visit->env->arena, map, visit->token, ret);
        }
        entries[i].value = *after;
    }
    return 0;
}

static int walk(const struct fieldspec_visit *visit,
                const struct value *v,
                const struct value **ret,
                struct err *err)
{
    if (v->n == 0 || (v->type != VALUE_MAP && v->type != VALUE_LIST)) {
        *ret = v;
        return 0;
    }
    TRY(budget_enter(visit->env->budget, err));
    int rc =
        v->type == VALUE_MAP ? each_entry(visit, v, ret, err) : each_item(visit, v, walk, ret, err);
    budget_leave(visit->env->budget);
    return rc;
}

/* ---- the transformer ---- */

/* *ret is NULL for a name that is no expression: as in kustomize it matches nothing. */
static int compile(const struct kbuild *build, struct str name, struct regex **ret, struct err *err)
{
    struct arena *arena = build->env->arena;
    struct str pattern =
        arena_printf(arena, "^" STR_FMT TAG_PATTERN DIGEST_PATTERN "$", STR_ARG(name));
    if (regex_compile(arena, pattern, ret, err) == 0) {
        return 0;
    }
    if (err->code != ERR_INVALID) {
        return err_wrap(err, "images: name '" STR_FMT "'", STR_ARG(name));
    }
    if (build->options != NULL && build->options->warn != NULL) {
        struct str text = arena_printf(arena, "images: name '" STR_FMT "' matches nothing: %s",
                                       STR_ARG(name), err->message);
        build->options->warn(text, build->options->warn_data);
    }
    *ret = NULL;
    return 0;
}

static int transform_one(struct fieldspec_visit *visit,
                         struct kres *res,
                         struct fieldspecs fields,
                         struct err *err)
{
    if (res->object == NULL || str_eq_c(res->id.gvk.kind, "CustomResourceDefinition")) {
        return 0;
    }
    const struct value *object;
    visit->file = res->file;
    TRY(walk(visit, res->object, &object, err));
    if (object != res->object) {
        kres_set(res, object);
    }
    return fieldspecs_apply(visit, fields, res, err);
}

int transform_images(const struct klayer *layer,
                     struct resmap *m,
                     const struct image_config *config,
                     struct err *err)
{
    struct work w = {.config = config};
    struct fieldspec_visit visit = {
        .env = layer->build->env,
        .token = layer->build->edits,
        .set = set_image,
        .data = &w,
    };
    TRY(compile(layer->build, config->name, &w.pattern, err));
    if (w.pattern == NULL) {
        return 0;
    }
    RESMAP_FOREACH(m, res)
    {
        TRY(transform_one(&visit, res, config->fields, err));
    }
    return 0;
}
