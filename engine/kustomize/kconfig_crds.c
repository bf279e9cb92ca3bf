/* What `crds` files say about fields of custom resources: a map of type names to {Schema}, whose properties carry
 * extensions. Types are followed through $ref, once on each way; kustomize follows a type inside itself for ever. Pure. */
#include <string.h>

#include "common/base/limits.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "engine/kustomize/kconfig.h"

/* Where the walk is: one property name for each type entered, innermost first. */
struct place {
    const struct place *parent;
    struct str type;
    struct str property; /* of this type, that is being looked at */
    size_t depth;
};

struct spec_list {
    struct fieldspec *items;
    size_t n;
    size_t cap;
};

struct target {
    struct kgvk gvk;
    struct spec_list referrers;
};

struct reader {
    struct arena *arena;
    const struct value *types;
    struct kgvk kind; /* whose fields are found */
    size_t n_visited;
    size_t n_found;
    struct spec_list annotations;
    struct spec_list labels;
    struct spec_list prefixes;
    VEC(struct target) targets;
};

static const struct value *properties_of(const struct reader *r, struct str type)
{
    const struct value *definition = value_find(r->types, type);
    const struct value *schema = value_dig(definition, "Schema");
    if (schema == NULL) {
        schema = value_dig(definition, "schema"); /* Go's decoder takes either */
    }
    return value_dig(schema, "properties");
}

static size_t path_len(const struct place *p)
{
    return p == NULL ? 0 : path_len(p->parent) + p->property.n + 1;
}

static char *put_path(const struct place *p, char *dst)
{
    if (p->parent != NULL) {
        dst = put_path(p->parent, dst);
        *dst++ = '/';
    }
    memcpy(dst, p->property.p, p->property.n);
    return dst + p->property.n;
}

/* last: a further step, or "". */
static int add(struct reader *r,
               struct spec_list *list,
               const struct place *place,
               struct str last,
               struct err *err)
{
    size_t n = path_len(place) + last.n + 1;
    if (n > LIMIT_PATH_BYTES || ++r->n_found > LIMIT_KUSTOMIZE_FIELDSPECS) {
        return err_set(err, ERR_LIMIT, "more than %d fields found, or a path above %d bytes",
                       LIMIT_KUSTOMIZE_FIELDSPECS, LIMIT_PATH_BYTES);
    }
    char *path = arena_bytes(r->arena, n);
    char *end = put_path(place, path);
    if (last.n > 0) {
        *end++ = '/';
        memcpy(end, last.p, last.n);
        end += last.n;
    }
    *end = '\0';
    struct fieldspec spec = {.gvk = r->kind, .path = str_of(path, (size_t)(end - path))};
    vec_push_in(r->arena, list, spec);
    return 0;
}

static struct target *target_of(struct reader *r, const struct kgvk *gvk)
{
    VEC_FOREACH(&r->targets, it) {
        if (kgvk_eq(&it->gvk, gvk)) {
            return it;
        }
    }
    vec_push_in(r->arena, &r->targets, ((struct target){.gvk = *gvk}));
    return &r->targets.items[r->targets.n - 1];
}

static int read_reference(struct reader *r,
                          const struct place *place,
                          const struct value *property,
                          struct err *err)
{
    const struct value *version = value_dig(property, "x-kubernetes-object-ref-api-version");
    const struct value *kind = value_dig(property, "x-kubernetes-object-ref-kind");
    const struct value *key = value_dig(property, "x-kubernetes-object-ref-name-key");
    if (!value_is(version, VALUE_STRING) || !value_is(kind, VALUE_STRING)) {
        return 0;
    }
    struct kgvk gvk = {.group = STR_EMPTY, .version = value_str(version), .kind = value_str(kind)};
    struct str name_key = value_is(key, VALUE_STRING) ? value_str(key) : STR("name");
    return add(r, &target_of(r, &gvk)->referrers, place, name_key, err);
}

static int read_extensions(struct reader *r,
                           const struct place *place,
                           const struct value *property,
                           struct err *err)
{
    const struct {
        const char *extension;
        struct spec_list *list;
    } kinds[] = {
        {"x-kubernetes-annotation", &r->annotations},
        {"x-kubernetes-label-selector", &r->labels},
        {"x-kubernetes-identity", &r->prefixes},
    };
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (value_is(value_find(property, str_from(kinds[i].extension)), VALUE_STRING)) {
            TRY(add(r, kinds[i].list, place, STR_EMPTY, err));
        }
    }
    return read_reference(r, place, property, err);
}

static bool is_inside(const struct place *place, struct str type)
{
    for (; place != NULL; place = place->parent) {
        if (str_eq(place->type, type)) {
            return true;
        }
    }
    return false;
}

static int read_type(struct reader *r, struct str type, const struct place *parent, struct err *err)
{
    struct place place = {
        .parent = parent,
        .type = type,
        .depth = parent != NULL ? parent->depth + 1 : 1,
    };
    if (is_inside(parent, type)) {
        return 0;
    }
    if (place.depth > LIMIT_KUSTOMIZE_CRD_DEPTH) {
        return err_set(err, ERR_LIMIT, "more than %d types inside each other",
                       LIMIT_KUSTOMIZE_CRD_DEPTH);
    }
    VALUE_MAP_FOREACH(properties_of(r, type), e)
    {
        if (++r->n_visited > LIMIT_KUSTOMIZE_CRD_PROPERTIES) {
            return err_set(err, ERR_LIMIT, "more than %d properties, with those of types used",
                           LIMIT_KUSTOMIZE_CRD_PROPERTIES);
        }
        place.property = e->key;
        TRY(read_extensions(r, &place, &e->value, err));
        struct str ref = value_dig_str(&e->value, "$ref");
        if (ref.n > 0) {
            TRY(read_type(r, ref, &place, err));
        }
    }
    return 0;
}

static bool is_resource(const struct value *properties)
{
    return value_dig(properties, "kind") != NULL && value_dig(properties, "apiVersion") != NULL &&
           value_dig(properties, "metadata") != NULL;
}

static struct str kind_of_type(struct str name)
{
    size_t dot = str_rfind_char(name, '.');
    return dot == STR_NONE ? name : str_sub(name, dot + 1, name.n);
}

static int config_of(struct reader *r, const struct kconfig **ret, struct err *err)
{
    struct kconfig *config = ARENA_NEW(r->arena, struct kconfig);
    const struct {
        enum kconfig_field field;
        struct fieldspecs found;
    } lists[] = {
        {KCONFIG_COMMON_ANNOTATIONS, {r->annotations.items, r->annotations.n}},
        {KCONFIG_COMMON_LABELS, {r->labels.items, r->labels.n}},
        {KCONFIG_NAME_PREFIX, {r->prefixes.items, r->prefixes.n}},
    };
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) { /* merging leaves each one once */
        TRY(fieldspecs_merge(r->arena, (struct fieldspecs){NULL, 0}, lists[i].found,
                             &config->fields[lists[i].field], err));
    }
    struct namereference *references = arena_calloc(r->arena, r->targets.n, sizeof(*references));
    for (size_t i = 0; i < r->targets.n; i++) {
        const struct target *target = &r->targets.items[i];
        references[i].target = target->gvk;
        TRY(fieldspecs_merge(r->arena, (struct fieldspecs){NULL, 0},
                             (struct fieldspecs){target->referrers.items, target->referrers.n},
                             &references[i].referrers, err));
    }
    config->name_references = (struct namereferences){references, r->targets.n};
    *ret = config;
    return 0;
}

int kconfig_from_crds(struct arena *arena,
                      const struct value *document,
                      const struct kconfig **ret,
                      struct err *err)
{
    struct reader r = {.arena = arena, .types = document};
    if (value_type(document) != VALUE_NULL && document->type != VALUE_MAP) {
        (void)err_set(err, ERR_INVALID, "definitions of types must be a map, not %s",
                      value_type_noun(document->type));
        return err_at(err, STR_EMPTY, document->line, document->column);
    }
    VALUE_MAP_FOREACH(document, e)
    {
        if (!is_resource(properties_of(&r, e->key))) {
            continue;
        }
        r.kind =
            (struct kgvk){.group = STR_EMPTY, .version = STR_EMPTY, .kind = kind_of_type(e->key)};
        TRY_IN(read_type(&r, e->key, NULL, err), err, "type '" STR_FMT "'", STR_ARG(e->key));
    }
    return config_of(&r, ret, err);
}
