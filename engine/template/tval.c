/* Values of templates: making them, their Go types, truth and equality.
 *
 * Maps are in tval_map.c, text in tval_print.c, conversions in tval_convert.c. */
#include "engine/template/tval.h"

#include <string.h>

#include "common/base/limits.h"

struct tval tval_obj(struct arena *arena, const struct tclass *class, void *data)
{
    struct tobj *obj = ARENA_NEW(arena, struct tobj);
    *obj = (struct tobj){class, data};
    return (struct tval){.kind = TVAL_OBJECT, .obj = obj};
}

struct tval tval_list_new(struct arena *arena, enum tval_elem elem, size_t n)
{
    struct tlist *list = ARENA_NEW(arena, struct tlist);
    /* zero is nil */
    *list =
        (struct tlist){.items = arena_calloc(arena, n, sizeof(struct tval)), .n = n, .elem = elem};
    return (struct tval){.kind = TVAL_LIST, .list = list};
}

struct tval tval_strings(struct arena *arena, const struct str *items, size_t n)
{
    struct tval v = tval_list_new(arena, TVAL_OF_STRING, n);
    for (size_t i = 0; i < n; i++) {
        v.list->items[i] = tval_str(items[i]);
    }
    return v;
}

static const char *elem_name(enum tval_elem elem)
{
    static const char *const NAMES[TVAL_ELEM_COUNT] = {
        [TVAL_OF_ANY] = "interface {}",
        [TVAL_OF_STRING] = "string",
        [TVAL_OF_INT] = "int",
        [TVAL_OF_BYTES] = "[]uint8",
        [TVAL_OF_MAP] = "map[string]interface {}",
        [TVAL_OF_LIST] = "[]interface {}",
    };
    return NAMES[elem];
}

/* Kinds whose type is always the same. */
static const char *const TYPE_NAMES[TVAL_KIND_COUNT] = {
    [TVAL_NIL] = "<nil>",
    [TVAL_BOOL] = "bool",
    [TVAL_INT] = "int",
    [TVAL_INT64] = "int64",
    [TVAL_UINT64] = "uint64",
    [TVAL_UINT8] = "uint8",
    [TVAL_FLOAT64] = "float64",
    [TVAL_STRING] = "string",
    [TVAL_BYTES] = "[]uint8",
    [TVAL_TIME] = "time.Time",
    [TVAL_DURATION] = "time.Duration",
    [TVAL_MONTH] = "time.Month",
    [TVAL_WEEKDAY] = "time.Weekday",
};

static const struct tclass *class_of(struct tval v)
{
    if (v.kind == TVAL_OBJECT) {
        return v.obj->class;
    }
    if (v.kind == TVAL_MAP) {
        return tmap_class(v.map);
    }
    return v.kind == TVAL_LIST && v.list != NULL ? v.list->class : NULL;
}

struct str tval_type_name(struct arena *arena, struct tval v)
{
    const struct tclass *class = class_of(v);
    if (class != NULL) {
        return str_from(class->type);
    }
    if (v.kind == TVAL_LIST) {
        return arena_printf(arena, "[]%s", elem_name(v.list != NULL ? v.list->elem : TVAL_OF_ANY));
    }
    if (v.kind == TVAL_MAP) {
        return arena_printf(arena, "map[string]%s", elem_name(tmap_elem(v.map)));
    }
    return str_from(TYPE_NAMES[v.kind]);
}

const char *tval_kind_name(struct tval v)
{
    static const char *const KINDS[TVAL_KIND_COUNT] = {
        [TVAL_NIL] = "invalid", [TVAL_BYTES] = "slice", [TVAL_LIST] = "slice",
        [TVAL_MAP] = "map",     [TVAL_TIME] = "struct", [TVAL_DURATION] = "int64",
        [TVAL_MONTH] = "int",   [TVAL_WEEKDAY] = "int",
    };
    if (v.kind == TVAL_OBJECT) {
        return v.obj->class->kind;
    }
    return KINDS[v.kind] != NULL ? KINDS[v.kind] : TYPE_NAMES[v.kind];
}

bool tval_true(struct tval v)
{
    switch (v.kind) {
    case TVAL_BOOL:
        return v.b;
    case TVAL_INT:
    case TVAL_INT64:
    case TVAL_UINT8:
    case TVAL_DURATION:
    case TVAL_MONTH:
    case TVAL_WEEKDAY:
        return v.i != 0;
    case TVAL_UINT64:
        return v.u != 0;
    case TVAL_FLOAT64:
        return v.f != 0;
    case TVAL_STRING:
    case TVAL_BYTES:
    case TVAL_LIST:
    case TVAL_MAP:
        return tval_len(v) > 0;
    case TVAL_TIME:
    case TVAL_OBJECT:
        return true;
    case TVAL_NIL:
    case TVAL_KIND_COUNT:
        break;
    }
    return false;
}

int64_t tval_len(struct tval v)
{
    if (v.kind == TVAL_STRING || v.kind == TVAL_BYTES) {
        return (int64_t)v.s.n;
    }
    if (v.kind == TVAL_LIST) {
        return v.list != NULL ? (int64_t)v.list->n : 0;
    }
    return v.kind == TVAL_MAP ? (int64_t)tmap_len(v.map) : -1;
}

struct tval tval_at(struct tval list, size_t i)
{
    if (list.kind == TVAL_BYTES) {
        return (struct tval){.kind = TVAL_UINT8, .i = (unsigned char)list.s.p[i]};
    }
    return list.list->items[i];
}

bool tval_is_list(struct tval v)
{
    return v.kind == TVAL_LIST || v.kind == TVAL_BYTES;
}

/* ---- equality ---- */

/* A comparison in progress. Values may hold themselves or share parts so often that to visit all is
 * not feasible: those are unequal. */
struct comparison {
    size_t n_left;
    size_t depth_left;
};

static bool equal(struct comparison *c, struct tval a, struct tval b);

static bool equal_lists(struct comparison *c, const struct tlist *a, const struct tlist *b)
{
    if (a == b) {
        return true;
    }
    if (a == NULL || b == NULL || a->n != b->n || a->elem != b->elem || a->class != b->class) {
        return false;
    }
    for (size_t i = 0; i < a->n; i++) {
        if (!equal(c, a->items[i], b->items[i])) {
            return false;
        }
    }
    return true;
}

static bool equal_maps(struct comparison *c, const struct tmap *a, const struct tmap *b)
{
    if (a == b) {
        return true;
    }
    if (tmap_len(a) != tmap_len(b) || tmap_elem(a) != tmap_elem(b) ||
        tmap_class(a) != tmap_class(b) || tmap_is_nil(a) != tmap_is_nil(b)) {
        return false;
    }
    struct str key;
    struct tval *v;
    for (size_t at = 0; tmap_next(a, &at, &key, &v);) {
        const struct tval *other = tmap_find(b, key);
        if (other == NULL || !equal(c, *v, *other)) {
            return false;
        }
    }
    return true;
}

static bool equal_times(const struct tval_time *a, const struct tval_time *b)
{
    return a->s == b->s && a->ns == b->ns && a->offset_s == b->offset_s &&
           strcmp(a->zone, b->zone) == 0;
}

static bool equal_scalars(struct tval a, struct tval b)
{
    switch (a.kind) {
    case TVAL_BOOL:
        return a.b == b.b;
    case TVAL_FLOAT64:
        return a.f == b.f;
    case TVAL_UINT64:
        return a.u == b.u;
    case TVAL_STRING:
    case TVAL_BYTES:
        return str_eq(a.s, b.s);
    case TVAL_TIME:
        return equal_times(a.time, b.time);
    case TVAL_OBJECT:
        return a.obj == b.obj || (a.obj->class == b.obj->class && a.obj->data == b.obj->data);
    case TVAL_NIL:
        return true;
    case TVAL_INT:
    case TVAL_INT64:
    case TVAL_UINT8:
    case TVAL_DURATION:
    case TVAL_MONTH:
    case TVAL_WEEKDAY:
    case TVAL_LIST:
    case TVAL_MAP:
    case TVAL_KIND_COUNT:
        break;
    }
    return a.i == b.i;
}

static bool equal(struct comparison *c, struct tval a, struct tval b)
{
    if (a.kind != b.kind) {
        return false;
    }
    if (a.kind != TVAL_LIST && a.kind != TVAL_MAP) {
        return equal_scalars(a, b);
    }
    if (c->n_left == 0 || c->depth_left == 0) {
        return false;
    }
    c->n_left--;
    c->depth_left--;
    bool result =
        a.kind == TVAL_LIST ? equal_lists(c, a.list, b.list) : equal_maps(c, a.map, b.map);
    c->depth_left++;
    return result;
}

bool tval_equal(struct tval a, struct tval b)
{
    struct comparison c = {LIMIT_DOC_NODES, LIMIT_DOC_DEPTH};
    return equal(&c, a, b);
}
