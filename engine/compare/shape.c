/* Shapes from OpenAPI documents and from tables.
 *
 * A reduced document is {"kinds": {"group/version/kind": name}, "schemas": {name: schema}}; of schemas only what
 * merging asks for is kept, so that a group's megabyte of descriptions does not stay in memory. */
#include "engine/compare/shape.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_build.h"

static const char *const REF_PREFIXES[] = {"#/components/schemas/", "#/definitions/"};

/* ---- reducing ---- */

struct reducer {
    struct arena *arena;
    enum shape_keep keep;
};

enum { REDUCED_FIELDS = 12 };

struct reduced {
    struct value_entry entries[REDUCED_FIELDS];
    size_t n;
};

static void put(struct reduced *r, const char *key, const struct value *v)
{
    if (v != NULL) {
        assert(r->n < REDUCED_FIELDS);
        r->entries[r->n++] = (struct value_entry){str_from(key), *v};
    }
}

static const struct value *reduce(const struct reducer *red, const struct value *schema);

static const struct value *reduce_members(const struct reducer *red, const struct value *properties)
{
    struct value_entry *entries =
        arena_calloc(red->arena, value_len(properties) + 1, sizeof(*entries));
    size_t n = 0;
    VALUE_MAP_FOREACH(properties, entry)
    {
        const struct value *member = reduce(red, &entry->value);
        entries[n++] = (struct value_entry){entry->key, *member};
    }
    return value_new_map(red->arena, entries, n);
}

/* {"allOf": [{"$ref": ...}], "default": ...} is how a default is given to what is described elsewhere. */
static const struct value *only_ref(const struct value *schema)
{
    const struct value *ref = value_dig(schema, "$ref");
    if (ref == NULL && value_len(value_dig(schema, "allOf")) == 1) {
        ref = value_dig(value_at(value_dig(schema, "allOf"), 0), "$ref");
    }
    return ref;
}

static void put_all(struct reduced *r, const struct value *schema, const char *const *names)
{
    for (; *names != NULL; names++) {
        put(r, *names, value_find(schema, str_from(*names)));
    }
}

static const struct value *reduce(const struct reducer *red, const struct value *schema)
{
    static const char *const MERGING[] = {"x-kubernetes-list-type", "x-kubernetes-list-map-keys",
                                          "x-kubernetes-map-type", "default", NULL};
    static const char *const TYPES[] = {"type", "required", "x-kubernetes-preserve-unknown-fields",
                                        "x-kubernetes-int-or-string", NULL};
    static const char *const INNER[] = {"items", "additionalProperties"};
    struct reduced r = {.n = 0};
    put_all(&r, schema, MERGING);
    if (red->keep == SHAPE_KEEP_TYPES) {
        put_all(&r, schema, TYPES);
    }
    put(&r, "$ref", only_ref(schema));
    const struct value *properties = value_dig(schema, "properties");
    if (value_is(properties, VALUE_MAP)) {
        put(&r, "properties", reduce_members(red, properties));
    }
    for (size_t i = 0; i < ARRAY_LEN(INNER); i++) {
        const struct value *inner = value_find(schema, str_from(INNER[i]));
        if (value_is(inner, VALUE_MAP)) {
            put(&r, INNER[i], reduce(red, inner));
        }
    }
    return r.n > 0 ? value_new_map(red->arena, r.entries, r.n) : &VALUE_EMPTY_MAP;
}

static struct str
kind_key(struct arena *arena, struct str group, struct str version, struct str kind)
{
    return arena_printf(arena, STR_FMT "/" STR_FMT "/" STR_FMT, STR_ARG(group), STR_ARG(version),
                        STR_ARG(kind));
}

int shape_reduce_openapi(struct arena *arena,
                         const struct value *document,
                         enum shape_keep keep,
                         const struct value **ret,
                         struct err *err)
{
    const struct reducer red = {arena, keep};
    const struct value *schemas = value_dig(document, "components", "schemas");
    schemas = schemas != NULL ? schemas : value_dig(document, "definitions");
    if (!value_is(schemas, VALUE_MAP)) {
        return err_set(err, ERR_INVALID,
                       "not an OpenAPI document: it has no components.schemas and no definitions");
    }
    AUTO(value_builder) struct value_builder kinds;
    value_builder_init(&kinds, arena, VALUE_DUP_LAST);
    value_build_map(&kinds);
    VALUE_MAP_FOREACH(schemas, entry)
    {
        VALUE_FOREACH(value_dig(&entry->value, "x-kubernetes-group-version-kind"), gvk) {
            value_build_key(&kinds,
                            kind_key(arena, value_dig_str(gvk, "group"),
                                     value_dig_str(gvk, "version"), value_dig_str(gvk, "kind")));
            value_build_str(&kinds, entry->key);
        }
    }
    value_build_end(&kinds);
    const struct value_entry entries[] = {
        {STR("kinds"), *value_build_finish(&kinds)},
        {STR("schemas"), *reduce_members(&red, schemas)},
    };
    *ret = value_copy(arena, value_new_map(arena, entries, ARRAY_LEN(entries)));
    return 0;
}

/* ---- walking ---- */

static bool cut_ref(struct str *ref)
{
    for (size_t i = 0; i < ARRAY_LEN(REF_PREFIXES); i++) {
        if (str_cut_prefix(ref, str_from(REF_PREFIXES[i]))) {
            return true;
        }
    }
    return false;
}

/* References to references end somewhere. */
const struct value *
shape_resolve(const struct value *api, const struct value *node, struct str *ret_name)
{
    enum { HOPS_MAX = 8 };
    for (int i = 0; i < HOPS_MAX; i++) {
        struct str ref = value_dig_str(node, "$ref");
        if (!cut_ref(&ref)) {
            return node;
        }
        *ret_name = ref;
        node = value_find(value_dig(api, "schemas"), ref);
    }
    return NULL;
}

static const struct value *resolve(const struct value *api, const struct value *node)
{
    struct str name;
    return shape_resolve(api, node, &name);
}

struct str shape_schema_name(const struct value *api, const struct value *obj)
{
    AUTO(arena) struct arena *scratch = arena_new();
    struct kube_gvk gvk = kube_gvk_of(obj);
    return value_str(
        value_find(value_dig(api, "kinds"), kind_key(scratch, gvk.group, gvk.version, gvk.kind)));
}

struct shape shape_of(const struct value *api, const struct value *obj)
{
    struct kube_gvk gvk = kube_gvk_of(obj);
    const struct schema_kind *kind = schema_kind_find(gvk.group, gvk.kind);
    struct str name = shape_schema_name(api, obj);
    return (struct shape){
        .api = api,
        .type = kind != NULL ? kind->type : SCHEMA_TYPE_OBJECT,
        .node = name.n > 0 ? resolve(api, value_find(value_dig(api, "schemas"), name)) : NULL,
    };
}

static bool is_struct(const struct schema_field *field)
{
    return field != NULL && field->shape == SCHEMA_SHAPE_STRUCT;
}

struct shape shape_member(struct shape shape, struct str name)
{
    struct shape member = {.api = shape.api, .type = SCHEMA_TYPE_NONE};
    const struct value *own = resolve(shape.api, shape.node);
    const struct value *found = value_find(value_dig(own, "properties"), name);
    member.node = found != NULL ? found : value_dig(own, "additionalProperties");
    member.field = schema_field_find(shape.type, name);
    if (is_struct(member.field)) {
        member.type = member.field->type;
    }
    return member;
}

struct shape shape_item(struct shape shape)
{
    struct shape item = {.api = shape.api, .type = SCHEMA_TYPE_NONE};
    item.node = value_dig(resolve(shape.api, shape.node), "items");
    if (shape.field != NULL &&
        (shape.field->shape == SCHEMA_SHAPE_LIST || shape.field->shape == SCHEMA_SHAPE_LIST_MAP)) {
        item.type = shape.field->type;
    }
    item.node = resolve(shape.api, item.node);
    return item;
}

/* What the API says of a list or map, which may stand beside a reference or behind it. */
static struct str said(struct shape shape, const char *key)
{
    struct str text = value_str(value_find(shape.node, str_from(key)));
    return text.n > 0 ? text : value_str(value_find(resolve(shape.api, shape.node), str_from(key)));
}

/* Maps of built-in kinds that are one value to a server-side apply. */
static bool is_atomic_map(const struct schema_field *field)
{
    static const char *const FREE_MAPS[] = {"selector", "nodeSelector"};
    static const enum schema_type STRUCTS[] = {
        SCHEMA_TYPE_LABEL_SELECTOR,
        SCHEMA_TYPE_FIELD_REF,
        SCHEMA_TYPE_RESOURCE_FIELD_REF,
        SCHEMA_TYPE_ROLE_REF,
    };
    for (size_t i = 0; i < ARRAY_LEN(STRUCTS); i++) {
        if (field->type == STRUCTS[i]) {
            return true;
        }
    }
    for (size_t i = 0; field->shape == SCHEMA_SHAPE_FREE_MAP && i < ARRAY_LEN(FREE_MAPS); i++) {
        if (str_eq_c(str_from(field->name), FREE_MAPS[i])) {
            return true;
        }
    }
    return false;
}

static enum shape_merge merge_by_table(const struct schema_field *field)
{
    if (field == NULL) {
        return SHAPE_MERGE_PARTS;
    }
    if (field->shape == SCHEMA_SHAPE_LIST_MAP) {
        return SHAPE_MERGE_KEYS;
    }
    if (field->shape == SCHEMA_SHAPE_SET) {
        return SHAPE_MERGE_SET;
    }
    return is_atomic_map(field) ? SHAPE_MERGE_ATOMIC : SHAPE_MERGE_PARTS;
}

enum shape_merge shape_merge(struct shape shape)
{
    if (shape.node == NULL) {
        return merge_by_table(shape.field);
    }
    struct str list = said(shape, "x-kubernetes-list-type");
    if (str_eq_c(list, "map")) {
        return SHAPE_MERGE_KEYS;
    }
    if (str_eq_c(list, "set")) {
        return SHAPE_MERGE_SET;
    }
    bool atomic = str_eq_c(said(shape, "x-kubernetes-map-type"), "atomic");
    return atomic ? SHAPE_MERGE_ATOMIC : SHAPE_MERGE_PARTS;
}

bool shape_is_known(struct shape shape)
{
    return shape.node != NULL ||
           (shape.field != NULL && shape.field->shape != SCHEMA_SHAPE_UNLISTED);
}

static void add_key(struct fieldset_keys *keys, struct str name, const struct value *fallback)
{
    if (keys->n < FIELDSET_KEYS) {
        keys->names[keys->n] = name;
        keys->defaults[keys->n++] = fallback;
    }
}

struct fieldset_keys shape_keys(struct arena *arena, struct shape shape)
{
    struct fieldset_keys keys = {.n = 0};
    if (shape_merge(shape) != SHAPE_MERGE_KEYS) {
        return keys;
    }
    if (shape.node == NULL) {
        for (size_t i = 0; i < ARRAY_LEN(shape.field->keys->key); i++) {
            const struct schema_key *key = &shape.field->keys->key[i];
            if (key->name != NULL) {
                add_key(&keys, str_from(key->name),
                        key->fallback != NULL ? value_new_str(arena, str_from(key->fallback))
                                              : NULL);
            }
        }
        return keys;
    }
    const struct value *list = resolve(shape.api, shape.node);
    const struct value *names = value_dig(shape.node, "x-kubernetes-list-map-keys");
    names = names != NULL ? names : value_dig(list, "x-kubernetes-list-map-keys");
    VALUE_FOREACH(names, name) {
        const struct value *key =
            value_find(value_dig(shape_item(shape).node, "properties"), value_str(name));
        add_key(&keys, value_str(name), value_dig(key, "default"));
    }
    return keys;
}
