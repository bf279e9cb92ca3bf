/* The strategic merge: maps and scalars, and which way a list goes.
 *
 * Kustomize merges in place: where the object has nothing, the patch's own tree becomes the object's and is then
 * merged with itself, so that directives and nulls inside it act. Here that is a pair whose two sides are the same.
 * Behaviour of kyaml 0.21 (kustomize 5.8). */
#include "engine/kustomize/strategic.h"

#include <string.h>

#include "common/base/buf.h"
#include "common/base/vec.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "engine/kustomize/kid.h"
#include "engine/kustomize/kres.h"
#include "engine/kustomize/strategic_internal.h"

#define DIRECTIVE STR("$patch")

/* ---- nodes ---- */

bool strategic_is_absent(const struct value *v)
{
    return value_type(v) == VALUE_NULL;
}

struct str strategic_text(struct strategic *s, const struct value *v)
{
    if (value_is(v, VALUE_NULL)) {
        return (v->flags & VALUE_BLANK) != 0 ? STR_EMPTY : STR("null");
    }
    return kres_text(s->env->arena, v);
}

static bool is_scalar(enum value_type type)
{
    return type != VALUE_MAP && type != VALUE_LIST;
}

static const char *node_kind(enum value_type type)
{
    return type == VALUE_MAP ? "MappingNode" : type == VALUE_LIST ? "SequenceNode" : "ScalarNode";
}

int strategic_wrong_kind(enum value_type want, const struct value *got, struct err *err)
{
    (void)err_set(err, ERR_INVALID, "wrong node kind: expected %s but got %s", node_kind(want),
                  node_kind(value_type(got)));
    return err_at(err, STR_EMPTY, got->line, got->column);
}

static int check_kinds(struct strategic_pair pair, struct err *err)
{
    enum value_type a = value_type(pair.object);
    enum value_type b = value_type(pair.patch);
    if (a == VALUE_NULL || b == VALUE_NULL || a == b || (is_scalar(a) && is_scalar(b))) {
        return 0;
    }
    return strategic_wrong_kind(a, pair.patch, err);
}

/* ---- directives ---- */

static enum strategic_directive directive_named(struct str name)
{
    return str_eq(name, STR("merge"))     ? STRATEGIC_MERGE
           : str_eq(name, STR("replace")) ? STRATEGIC_REPLACE
           : str_eq(name, STR("delete"))  ? STRATEGIC_DELETE
                                          : STRATEGIC_UNKNOWN;
}

enum strategic_directive
strategic_directive_of(struct strategic *s, const struct value *map, const struct value **ret_rest)
{
    const struct value *name = value_find(map, DIRECTIVE);
    *ret_rest = map;
    if (name == NULL) {
        return STRATEGIC_MERGE;
    }
    enum strategic_directive directive = directive_named(strategic_text(s, name));
    if (directive != STRATEGIC_UNKNOWN) {
        *ret_rest = value_map_remove(s->env->arena, map, DIRECTIVE);
    }
    return directive;
}

static int unknown_directive(struct strategic *s, const struct value *map, struct err *err)
{
    const struct value *name = value_find(map, DIRECTIVE);
    struct str text = strategic_text(s, name);
    (void)err_set(err, ERR_INVALID, "unknown patch strategy '" STR_FMT "'", STR_ARG(text));
    return err_at(err, STR_EMPTY, name->line, name->column);
}

/* The list without the elements that have this directive, and without empty ones. */
static const struct value *
without_directives(struct strategic *s, const struct value *list, struct str name)
{
    VEC(struct value) items = {0};
    VALUE_FOREACH(list, item) {
        const struct value *own = value_find(item, DIRECTIVE);
        bool is_empty = strategic_is_absent(item) || (item->type == VALUE_MAP && item->n == 0);
        if (!is_empty && (own == NULL || !str_eq(strategic_text(s, own), name))) {
            vec_push_in(s->env->arena, &items, *item);
        }
    }
    return value_new_list(s->env->arena, items.items, items.n);
}

/* $patch of a list is an element with nothing else in it. */
static int list_directive(struct strategic *s,
                          const struct value *list,
                          enum strategic_directive *ret,
                          const struct value **ret_rest,
                          struct err *err)
{
    *ret = STRATEGIC_MERGE;
    *ret_rest = list;
    VALUE_FOREACH(list, item) {
        const struct value *name = value_find(item, DIRECTIVE);
        if (name == NULL) {
            continue;
        }
        if (item->n > 1) {
            return 0;
        }
        *ret = directive_named(strategic_text(s, name));
        if (*ret == STRATEGIC_UNKNOWN) {
            return unknown_directive(s, item, err);
        }
        *ret_rest = without_directives(s, list, strategic_text(s, name));
        return 0;
    }
    return 0;
}

/* ---- maps ---- */

/* A scalar that takes the place of one in the object keeps how that was written: what replaces quoted text is text. */
static struct value
in_style_of(struct strategic *s, const struct value *old, const struct value *item)
{
    struct value v = *item;
    if (strategic_is_absent(item) || !is_scalar(value_type(item))) {
        return v;
    }
    bool quoted = value_is(old, VALUE_STRING) && (old->flags & VALUE_QUOTED) != 0;
    if (quoted && v.type != VALUE_STRING) {
        v = value_of_str(arena_str(s->env->arena, strategic_text(s, item)));
        v.line = item->line;
        v.column = item->column;
    }
    v.flags = (uint8_t)(quoted ? v.flags | VALUE_QUOTED : v.flags & ~VALUE_QUOTED);
    return v;
}

struct entries {
    VEC(struct value_entry) list;
    bool changed;
};

static int merge_field(struct strategic *s,
                       struct kschema_at at,
                       struct str key,
                       struct strategic_pair pair,
                       struct entries *entries,
                       struct err *err)
{
    struct strategic_merged merged;
    TRY(strategic_walk(s, kschema_field(at, key), pair, &merged, err));
    if (merged.v == NULL) {
        entries->changed = true;
        return 0;
    }
    struct value_entry entry = {key, *merged.v};
    if (merged.v != pair.object) {
        entries->changed = true;
        if (pair.object != NULL) {
            entry.value = in_style_of(s, pair.object, merged.v);
        }
    }
    vec_push(&entries->list, entry);
    return 0;
}

static int merge_entries(struct strategic *s,
                         struct kschema_at at,
                         struct strategic_pair pair,
                         struct entries *entries,
                         struct err *err)
{
    bool same = pair.patch == pair.object;
    VALUE_MAP_FOREACH(pair.object, e)
    {
        struct strategic_pair below = {&e->value,
                                       same ? &e->value : value_find(pair.patch, e->key)};
        TRY(merge_field(s, at, e->key, below, entries, err));
    }
    VALUE_MAP_FOREACH(same ? NULL : pair.patch, e)
    {
        if (value_find(pair.object, e->key) == NULL) {
            struct strategic_pair below = {NULL, &e->value};
            TRY(merge_field(s, at, e->key, below, entries, err));
        }
    }
    return 0;
}

/* Field by field; the object is a map, the patch one or nothing. */
static int merge_fields(struct strategic *s,
                        struct kschema_at at,
                        struct strategic_pair pair,
                        const struct value **ret,
                        struct err *err)
{
    struct entries entries = {0};
    int rc = merge_entries(s, at, pair, &entries, err);
    size_t n = entries.list.n;
    if (rc == 0 && (entries.changed || n != pair.object->n)) {
        struct value_entry *kept = arena_alloc(s->env->arena, n * sizeof(*kept));
        if (n > 0) {
            memcpy(kept, entries.list.items, n * sizeof(*kept));
        }
        *ret = value_new_map(s->env->arena, kept, n);
    } else {
        *ret = pair.object;
    }
    vec_done(&entries.list);
    return rc;
}

/* The object has nothing here: what the patch adds. */
static int add_map(struct strategic *s,
                   struct kschema_at at,
                   struct strategic_pair pair,
                   struct strategic_merged *ret,
                   struct err *err)
{
    bool keeps_null =
        pair.patch == NULL && pair.object != NULL && (pair.object->flags & VALUE_BLANK) == 0;
    *ret = (struct strategic_merged){.v = keeps_null ? pair.object : NULL};
    if (strategic_is_absent(pair.patch)) {
        return 0;
    }
    const struct value *rest = NULL;
    if (strategic_directive_of(s, pair.patch, &rest) == STRATEGIC_DELETE) {
        return 0;
    }
    ret->is_patch = true;
    return merge_fields(s, at, (struct strategic_pair){rest, rest}, &ret->v, err);
}

static int merge_map(struct strategic *s,
                     struct kschema_at at,
                     struct strategic_pair pair,
                     struct strategic_merged *ret,
                     struct err *err)
{
    const struct value *rest = NULL;
    if (strategic_is_absent(pair.object)) {
        return add_map(s, at, pair, ret, err);
    }
    *ret = (struct strategic_merged){.v = NULL};
    if (value_is(pair.patch, VALUE_NULL)) {
        return 0;
    }
    switch (strategic_directive_of(s, pair.patch, &rest)) {
    case STRATEGIC_DELETE:
        return 0;
    case STRATEGIC_REPLACE:
        ret->is_patch = true;
        return merge_fields(s, at, (struct strategic_pair){rest, rest}, &ret->v, err);
    case STRATEGIC_MERGE:
        pair.object = pair.object == pair.patch ? rest : pair.object;
        pair.patch = rest;
        return merge_fields(s, at, pair, &ret->v, err);
    case STRATEGIC_UNKNOWN:
        break;
    }
    return unknown_directive(s, pair.patch, err);
}

/* ---- lists and scalars ---- */

static const struct value *patch_or_object(struct strategic_pair pair)
{
    const struct value *v = pair.patch != NULL ? pair.patch : pair.object;
    return strategic_is_absent(v) ? NULL : v;
}

static int merge_list(struct strategic *s,
                      struct kschema_at at,
                      struct strategic_pair pair,
                      struct strategic_merged *ret,
                      struct err *err)
{
    struct kmerge_rule rule = kschema_merge_rule(at);
    enum strategic_directive directive = STRATEGIC_MERGE;
    const struct value *rest = NULL;
    *ret = (struct strategic_merged){.v = patch_or_object(pair)};
    if (rule.merge == KMERGE_REPLACE || ret->v == NULL) {
        return 0;
    }
    if (strategic_is_absent(pair.object)) {
        pair.object = pair.patch;
    } else {
        TRY(list_directive(s, pair.patch, &directive, &rest, err));
        if (directive == STRATEGIC_DELETE) {
            ret->v = NULL;
            return 0;
        }
        bool same = directive == STRATEGIC_REPLACE || pair.object == pair.patch;
        pair.object = same ? rest : pair.object;
        pair.patch = rest;
    }
    if (rule.merge == KMERGE_SET) {
        return strategic_merge_set(s, pair, &ret->v, err);
    }
    return strategic_merge_keyed(s, kschema_items(at), &rule, pair, &ret->v, err);
}

/* ---- any node ---- */

/* A map with kind and apiVersion inside something nobody knows is an object of that kind. */
static struct kschema_at own_kind(struct strategic *s, const struct value *v)
{
    struct str api_version = strategic_text(s, value_find(v, STR("apiVersion")));
    struct str kind = strategic_text(s, value_find(v, STR("kind")));
    if (api_version.n == 0 || kind.n == 0) {
        return (struct kschema_at){s->schema, NULL};
    }
    struct kgvk gvk = kgvk_from(api_version, kind);
    return kschema_kind(s->schema, &gvk);
}

static int walk_node(struct strategic *s,
                     struct kschema_at at,
                     struct strategic_pair pair,
                     struct strategic_merged *ret,
                     struct err *err)
{
    TRY(check_kinds(pair, err));
    if (at.place == NULL) {
        at = own_kind(s, pair.object);
    }
    if (at.place == NULL) {
        at = own_kind(s, pair.patch);
    }
    enum value_type type = value_type(strategic_is_absent(pair.object) ? pair.patch : pair.object);
    if (type == VALUE_LIST) {
        return merge_list(s, at, pair, ret, err);
    }
    if (type == VALUE_MAP || type == VALUE_NULL) {
        return merge_map(s, at, pair, ret, err);
    }
    *ret = (struct strategic_merged){.v = patch_or_object(pair)};
    return 0;
}

int strategic_walk(struct strategic *s,
                   struct kschema_at at,
                   struct strategic_pair pair,
                   struct strategic_merged *ret,
                   struct err *err)
{
    TRY(budget_enter(s->env->budget, err));
    int rc = budget_steps(s->env->budget, 1, err);
    if (rc == 0) {
        rc = walk_node(s, at, pair, ret, err);
    }
    budget_leave(s->env->budget);
    return rc;
}

int strategic_merge(struct engine_env *env,
                    const struct kschema *schema,
                    const struct value *object,
                    const struct value *patch,
                    const struct value **ret,
                    struct err *err)
{
    struct strategic s = {.env = env, .schema = schema};
    struct strategic_merged merged;
    struct kschema_at at = {schema, NULL};
    TRY(strategic_walk(&s, at, (struct strategic_pair){object, patch}, &merged, err));
    /* kustomize changes the object in place: one that the patch replaces as a whole stays as it was */
    *ret = merged.is_patch ? object : merged.v;
    return 0;
}
