/* Resources: an immutable object, and beside it what kustomize keeps in annotations of its own. */
#include "engine/kustomize/kres.h"

#include <string.h>

#include "common/value/value.h"
#include "engine/kustomize/resmap.h"

/* Kustomize lets users set these of its internal annotations. */
#define INTERNAL              "internal.config.kubernetes.io/"
#define NEEDS_HASH_ANNOTATION INTERNAL "needsHashSuffix"
#define BEHAVIOR_ANNOTATION   INTERNAL "generatorBehavior"
#define NAMES_ANNOTATION      INTERNAL "previousNames"
#define NAMESPACES_ANNOTATION INTERNAL "previousNamespaces"
#define KINDS_ANNOTATION      INTERNAL "previousKinds"

enum { PREVIOUS_MIN = 2 };

struct str kres_text(struct arena *arena, const struct value *v)
{
    switch (value_type(v)) {
    case VALUE_STRING:
        return value_str(v);
    case VALUE_BOOL:
        return v->b ? STR("true") : STR("false");
    case VALUE_INT:
    case VALUE_FLOAT:
        if (v->lexeme_n > 0) {
            return str_of(v->lexeme, v->lexeme_n);
        }
        return v->type == VALUE_INT ? arena_printf(arena, "%lld", (long long)v->i)
                                    : arena_printf(arena, "%.17g", v->f);
    case VALUE_NULL:
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_TYPE_COUNT:
        break;
    }
    return STR_EMPTY;
}

enum kbehavior kbehavior_parse(struct str text)
{
    static const char *const NAMES[] = {
        [KBEHAVIOR_UNSPECIFIED] = "unspecified",
        [KBEHAVIOR_CREATE] = "create",
        [KBEHAVIOR_MERGE] = "merge",
        [KBEHAVIOR_REPLACE] = "replace",
    };
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        if (str_eq_c(text, NAMES[i])) {
            return (enum kbehavior)i;
        }
    }
    return KBEHAVIOR_UNSPECIFIED;
}

/* Earlier identities, parts of which are in three lists of equal length. */
static void read_previous(struct arena *arena, struct kres *res, const struct value *annotations)
{
    struct str names = value_str(value_find(annotations, STR(NAMES_ANNOTATION)));
    struct str namespaces = value_str(value_find(annotations, STR(NAMESPACES_ANNOTATION)));
    struct str kinds = value_str(value_find(annotations, STR(KINDS_ANNOTATION)));
    struct kprevious one;
    if (names.n == 0) {
        return;
    }
    while (str_next(&names, ',', &one.name) && str_next(&namespaces, ',', &one.namespace) &&
           str_next(&kinds, ',', &one.kind)) {
        vec_push_in(arena, &res->previous, one);
    }
}

struct kres *kres_new(struct arena *arena, const struct value *object)
{
    struct kres *res = ARENA_NEW(arena, struct kres);
    const struct value *annotations = value_dig(object, "metadata", "annotations");
    res->object = object;
    res->id = kid_from_object(object);
    res->needs_hash =
        str_eq_c(value_str(value_find(annotations, STR(NEEDS_HASH_ANNOTATION))), "enabled");
    res->behavior = kbehavior_parse(value_str(value_find(annotations, STR(BEHAVIOR_ANNOTATION))));
    read_previous(arena, res, annotations);
    return res;
}

#define COPY_VEC(arena, to, from)                                                   \
    do {                                                                            \
        (to)->n = (to)->cap = (from)->n;                                            \
        (to)->items = NULL;                                                         \
        if ((from)->n > 0) {                                                        \
            (to)->items = arena_alloc((arena), (from)->n * sizeof(*(from)->items)); \
            memcpy((to)->items, (from)->items, (from)->n * sizeof(*(from)->items)); \
        }                                                                           \
    } while (0)

struct kres *kres_copy(struct arena *arena, const struct kres *res)
{
    struct kres *copy = ARENA_NEW(arena, struct kres);
    *copy = *res;
    copy->map = NULL;
    COPY_VEC(arena, &copy->previous, &res->previous);
    COPY_VEC(arena, &copy->prefixes, &res->prefixes);
    COPY_VEC(arena, &copy->suffixes, &res->suffixes);
    COPY_VEC(arena, &copy->transformations, &res->transformations);
    return copy;
}

void kres_set(struct kres *res, const struct value *object)
{
    res->object = object;
    if (object == NULL) {
        return; /* found no more, as it is not there */
    }
    struct kid old = res->id;
    res->id = kid_from_object(object);
    if (res->map == NULL) {
        return;
    }
    if (!kgvk_eq(&old.gvk, &res->id.gvk)) {
        resmap_retyped(res->map, res);
    } else if (!str_eq(old.name, res->id.name) || !str_eq(old.namespace, res->id.namespace)) {
        resmap_renamed(res->map, res);
    }
}

void kres_remember(struct arena *arena, struct kres *res)
{
    struct kprevious previous = {res->id.name, res->id.namespace, res->id.gvk.kind};
    if (res->previous.cap == 0) { /* most are renamed once or twice */
        res->previous.items = arena_calloc(arena, PREVIOUS_MIN, sizeof(previous));
        res->previous.cap = PREVIOUS_MIN;
    }
    vec_push_in(arena, &res->previous, previous);
}

struct kid kres_previous_id(const struct kres *res, size_t i)
{
    struct kid id = res->id;
    id.name = res->previous.items[i].name;
    id.namespace = res->previous.items[i].namespace;
    id.gvk.kind = res->previous.items[i].kind;
    return id;
}

struct kid kres_original_id(const struct kres *res)
{
    return res->previous.n > 0 ? kres_previous_id(res, 0) : res->id;
}

static bool
matches(const struct kschema *schema, const struct kid *id, const struct kid *own, bool loose)
{
    if (!loose) {
        return kid_eq(schema, id, own);
    }
    if (!str_eq(id->name, own->name) || !kgvk_selects(&id->gvk, &own->gvk)) {
        return false;
    }
    /* the scope is that of the object: `id` may not say its kind */
    struct kid asked = *own;
    asked.namespace = id->namespace;
    return kid_eq(schema, &asked, own);
}

bool kres_has_id(const struct kres *res,
                 const struct kschema *schema,
                 const struct kid *id,
                 bool loose)
{
    for (size_t i = 0; i < res->previous.n; i++) {
        struct kid previous = kres_previous_id(res, i);
        if (matches(schema, id, &previous, loose)) {
            return true;
        }
    }
    return matches(schema, id, &res->id, loose);
}
