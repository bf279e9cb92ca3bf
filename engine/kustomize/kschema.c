/* Scopes and merge rules of kinds: the tables of kschema_tables.c, or an OpenAPI document of the user's.
 *
 * A place is a struct kplace of the tables or, with a document, a schema in it whose references have been followed.
 * A document replaces the merge rules; the built-in scopes stay, as kustomize has them precomputed. */
#include "engine/kustomize/kschema.h"

#include <stdio.h>

#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "engine/kustomize/kschema_internal.h"

/* References followed one after the other: more are a cycle. */
enum { MAX_REFS = 64 };

struct kschema {
    const struct value *definitions; /* NULL: built in */
    const struct value *kinds;       /* map: "apiVersion Kind" to the definition */
    const struct value *scopes;      /* map: the same to whether it is namespaced */
};

/* ---- built-in kinds ---- */

static const struct kkind *row_at(size_t i)
{
    size_t n = 0;
    return &kschema_kinds(&n)[i];
}

static bool has_version(const struct kkind *row, struct str version)
{
    struct str rest = str_from(row->versions);
    struct str one;
    while (str_next(&rest, ' ', &one)) {
        if (str_eq(one, version)) {
            return true;
        }
    }
    return false;
}

/* The first row that is not below the kind. */
static size_t lower_bound(struct str kind, size_t n)
{
    size_t low = 0;
    while (low < n) {
        size_t middle = low + (n - low) / 2;
        if (str_cmp(str_from(row_at(middle)->kind), kind) < 0) {
            low = middle + 1;
        } else {
            n = middle;
        }
    }
    return low;
}

static const struct kkind *builtin_kind(const struct kgvk *gvk)
{
    size_t n = 0;
    const struct kkind *rows = kschema_kinds(&n);
    for (size_t i = lower_bound(gvk->kind, n); i < n && str_eq_c(gvk->kind, rows[i].kind); i++) {
        if (str_eq_c(gvk->group, rows[i].group) && has_version(&rows[i], gvk->version)) {
            return &rows[i];
        }
    }
    return NULL;
}

const struct kschema *kschema_builtin(void)
{
    static const struct kschema BUILTIN = {0};
    return &BUILTIN;
}

/* ---- a document's index ---- */

/* Names of kinds are far shorter; what is longer is not found. */
enum { KEY_BYTES = 512 };

/* "group/version Kind" in dst; "" when it does not fit. */
static struct str
kind_key(char dst[KEY_BYTES], struct str group, struct str version, struct str kind)
{
    if (group.n + version.n + kind.n + 3 > KEY_BYTES) {
        return STR_EMPTY;
    }
    int n = snprintf(dst, KEY_BYTES, STR_FMT "/" STR_FMT " " STR_FMT, STR_ARG(group),
                     STR_ARG(version), STR_ARG(kind));
    return str_of(dst, (size_t)n);
}

/* The key of {group, version, kind}; "" when it is none. */
static struct str extension_key(struct arena *arena, const struct value *gvk)
{
    char key[KEY_BYTES];
    struct str version = value_str(value_find(gvk, STR("version")));
    struct str kind = value_str(value_find(gvk, STR("kind")));
    if (version.n == 0 || kind.n == 0) {
        return STR_EMPTY;
    }
    return arena_str(arena, kind_key(key, value_str(value_find(gvk, STR("group"))), version, kind));
}

#define GVK_EXTENSION STR("x-kubernetes-group-version-kind")

static const struct value *index_kinds(struct arena *arena, const struct value *definitions)
{
    VEC(struct value_entry) entries = {0};
    VALUE_MAP_FOREACH(definitions, definition)
    {
        VALUE_FOREACH(value_find(&definition->value, GVK_EXTENSION), gvk) {
            struct value_entry entry = {extension_key(arena, gvk), definition->value};
            if (entry.key.n > 0) {
                vec_push_in(arena, &entries, entry);
            }
        }
    }
    return value_new_map(arena, entries.items, entries.n);
}

/* A kind is namespaced when one of its paths has a namespace in it. */
static const struct value *index_scopes(struct arena *arena, const struct value *paths)
{
    VEC(struct value_entry) cluster = {0};
    VEC(struct value_entry) namespaced = {0};
    VALUE_MAP_FOREACH(paths, path)
    {
        const struct value *get = value_find(&path->value, STR("get"));
        struct str key = extension_key(arena, value_find(get, GVK_EXTENSION));
        bool has_namespace = str_find(path->key, STR("namespaces/{namespace}")) != STR_NONE;
        struct value_entry entry = {key, value_of_bool(has_namespace)};
        if (key.n > 0 && has_namespace) {
            vec_push_in(arena, &namespaced, entry);
        } else if (key.n > 0) {
            vec_push_in(arena, &cluster, entry);
        }
    }
    VEC_FOREACH(&namespaced, entry) {
        vec_push_in(arena, &cluster, *entry); /* the last of a key stays */
    }
    return value_new_map(arena, cluster.items, cluster.n);
}

int kschema_from_openapi(struct arena *arena,
                         const struct value *document,
                         const struct kschema **ret,
                         struct err *err)
{
    const struct value *definitions = value_find(document, STR("definitions"));
    if (!value_is(document, VALUE_MAP)) {
        return err_set(err, ERR_INVALID, "invalid schema file: it must be a map, not %s",
                       value_type_noun(value_type(document)));
    }
    if (definitions != NULL && definitions->type != VALUE_MAP && definitions->type != VALUE_NULL) {
        return err_set(err, ERR_INVALID, "invalid schema file: definitions must be a map, not %s",
                       value_type_noun(value_type(definitions)));
    }
    struct kschema *schema = ARENA_NEW(arena, struct kschema);
    *schema = (struct kschema){
        .definitions = definitions != NULL ? definitions : &VALUE_EMPTY_MAP,
        .kinds = index_kinds(arena, definitions),
        .scopes = index_scopes(arena, value_find(document, STR("paths"))),
    };
    *ret = schema;
    return 0;
}

static const struct value *document_find(const struct value *index, const struct kgvk *gvk)
{
    char key[KEY_BYTES];
    return index != NULL ? value_find(index, kind_key(key, gvk->group, gvk->version, gvk->kind))
                         : NULL;
}

enum kscope kschema_scope(const struct kschema *schema, const struct kgvk *gvk)
{
    const struct kkind *row = builtin_kind(gvk);
    if (row != NULL && row->scope != KSCOPE_UNKNOWN) {
        return row->scope;
    }
    const struct value *found = document_find(schema->scopes, gvk);
    if (found == NULL) {
        return KSCOPE_UNKNOWN;
    }
    return value_bool(found, true) ? KSCOPE_NAMESPACED : KSCOPE_CLUSTER;
}

/* ---- places in a document ---- */

/* The definition that "#/definitions/NAME" names. */
static const struct value *definition_of(const struct kschema *schema, struct str ref)
{
    if (!str_cut_prefix(&ref, STR("#/definitions/"))) {
        return NULL;
    }
    return value_find(schema->definitions, ref);
}

static const void *resolve(const struct kschema *schema, const struct value *v)
{
    for (int i = 0; i < MAX_REFS && value_is(v, VALUE_MAP); i++) {
        struct str ref = value_str(value_find(v, STR("$ref")));
        if (ref.n == 0) {
            return v;
        }
        v = definition_of(schema, ref);
    }
    return NULL;
}

static const void *
document_field(const struct kschema *schema, const struct value *at, struct str name)
{
    const struct value *field = value_find(value_find(at, STR("properties")), name);
    if (field == NULL) {
        field = value_find(at, STR("additionalProperties"));
    }
    return resolve(schema, field);
}

static const void *document_items(const struct kschema *schema, const struct value *at)
{
    const struct value *type = value_find(at, STR("type"));
    if (value_is(type, VALUE_LIST) && type->n == 1) {
        type = value_at(type, 0);
    }
    if (!str_eq(value_str(type), STR("array"))) {
        return NULL;
    }
    return resolve(schema, value_find(at, STR("items")));
}

static bool is_merged(struct str strategies)
{
    struct str one;
    while (str_next(&strategies, ',', &one)) {
        if (str_eq(one, STR("merge"))) {
            return true;
        }
    }
    return false;
}

static struct kmerge_rule document_rule(const struct value *at)
{
    struct kmerge_rule rule = {.merge = KMERGE_REPLACE};
    const struct value *keys = value_find(at, STR("x-kubernetes-list-map-keys"));
    const struct value *key = value_find(at, STR("x-kubernetes-patch-merge-key"));
    if (!is_merged(value_str(value_find(at, STR("x-kubernetes-patch-strategy"))))) {
        return rule;
    }
    VALUE_FOREACH(keys, one) {
        if (value_is(one, VALUE_STRING) && rule.n_keys < KMERGE_KEYS_MAX) {
            rule.keys[rule.n_keys++] = value_str(one);
        }
    }
    if (keys == NULL && value_is(key, VALUE_STRING)) {
        rule.keys[rule.n_keys++] = value_str(key);
    }
    rule.merge = rule.n_keys > 0 ? KMERGE_KEYS : KMERGE_SET;
    return rule;
}

/* ---- places ---- */

static struct kschema_at at_place(const struct kschema *schema, const void *place)
{
    return (struct kschema_at){schema, place};
}

struct kschema_at kschema_kind(const struct kschema *schema, const struct kgvk *gvk)
{
    if (schema->definitions != NULL) {
        return at_place(schema, document_find(schema->kinds, gvk));
    }
    const struct kkind *row = builtin_kind(gvk);
    return at_place(schema, row != NULL && row->type != NULL ? &row->type->root : NULL);
}

struct kschema_at kschema_field(struct kschema_at at, struct str name)
{
    if (at.place == NULL) {
        return at;
    }
    if (at.schema->definitions != NULL) {
        return at_place(at.schema, document_field(at.schema, at.place, name));
    }
    const struct ktype *type = ((const struct kplace *)at.place)->type;
    for (size_t i = 0; type != NULL && i < type->n; i++) {
        if (str_eq_c(name, type->fields[i].name)) {
            return at_place(at.schema, &type->fields[i]);
        }
    }
    return at_place(at.schema, NULL);
}

struct kschema_at kschema_items(struct kschema_at at)
{
    if (at.place == NULL) {
        return at;
    }
    if (at.schema->definitions != NULL) {
        return at_place(at.schema, document_items(at.schema, at.place));
    }
    const struct ktype *type = ((const struct kplace *)at.place)->type;
    return at_place(at.schema, type != NULL ? &type->root : NULL);
}

struct kmerge_rule kschema_merge_rule(struct kschema_at at)
{
    if (at.place == NULL) {
        return (struct kmerge_rule){.merge = KMERGE_REPLACE};
    }
    if (at.schema->definitions != NULL) {
        return document_rule(at.place);
    }
    const struct kplace *place = at.place;
    struct kmerge_rule rule = {.merge = place->merge};
    while (rule.n_keys < KMERGE_KEYS_MAX && place->keys[rule.n_keys] != NULL) {
        rule.keys[rule.n_keys] = str_from(place->keys[rule.n_keys]);
        rule.n_keys++;
    }
    return rule;
}
