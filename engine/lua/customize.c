/* Entries by kind. A key of its own goes before the same field in the map of older versions. */
#include "engine/lua/customize.h"

#include <stdatomic.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/glob.h"
#include "common/base/mem.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"

#define PREFIX "resource.customizations"

enum {
    KIND_MAX_BYTES = 512, /* group and kind have at most 253 and 63 */
};

struct customizations {
    atomic_uint refs;
    struct arena *arena;
    VEC(struct customization) items;
};

static struct customization *get(struct customizations *c, struct str kind)
{
    for (size_t i = 0; i < c->items.n; i++) {
        if (str_eq(c->items.items[i].kind, kind)) {
            return &c->items.items[i];
        }
    }
    struct customization fresh = {.kind = kind};
    vec_push_in(c->arena, &c->items, fresh);
    return &c->items.items[c->items.n - 1];
}

static bool is_true(struct str text)
{
    static const struct str WORDS[] = {STR("true"), STR("True"), STR("TRUE"),
                                       STR("1"),    STR("t"),    STR("T")};
    for (size_t i = 0; i < ARRAY_LEN(WORDS); i++) {
        if (str_eq(text, WORDS[i])) {
            return true;
        }
    }
    return false;
}

/* ---- the map of all kinds ---- */

static void take_entry(struct customizations *c, struct str kind, const struct value *entry)
{
    struct customization *item = get(c, arena_str(c->arena, kind));
    struct str health = value_str(value_find(entry, STR("health.lua")));
    struct str actions = value_str(value_find(entry, STR("actions")));
    item->health = arena_str(c->arena, health);
    item->health_key = arena_printf(c->arena, PREFIX ": " STR_FMT ": health.lua", STR_ARG(kind));
    item->open_libs = value_bool(value_find(entry, STR("health.lua.useOpenLibs")), false);
    item->actions = arena_str(c->arena, actions);
    item->actions_key = arena_printf(c->arena, PREFIX ": " STR_FMT ": actions", STR_ARG(kind));
}

static int take_map(struct customizations *c, const struct value *data, struct err *err)
{
    struct str text = value_str(value_find(data, STR(PREFIX)));
    const struct value *map = NULL;
    TRY_IN(value_from_yaml(c->arena, text, NULL, &map, err), err, PREFIX);
    if (map != NULL && !value_is(map, VALUE_MAP) && !value_is(map, VALUE_NULL)) {
        return err_set(err, ERR_INVALID, PREFIX ": not a map from kinds to their customizations");
    }
    VALUE_MAP_FOREACH(map, e)
    {
        take_entry(c, e->key, &e->value);
    }
    return 0;
}

/* ---- a key for each field of each kind ---- */

/* "<group>_<Kind>" as "<group>/<Kind>". */
static struct str kind_of_key(struct arena *arena, struct str key)
{
    struct str group;
    struct str kind;
    if (!str_cut(key, '_', &group, &kind)) {
        return arena_str(arena, key);
    }
    return arena_printf(arena, STR_FMT "/" STR_FMT, STR_ARG(group), STR_ARG(kind));
}

static void take_key(struct customizations *c, struct str key, struct str text)
{
    struct str rest = key;
    if (!str_cut_prefix(&rest, STR(PREFIX "."))) {
        return;
    }
    if (str_cut_prefix(&rest, STR("health."))) {
        struct customization *item = get(c, kind_of_key(c->arena, rest));
        item->health = arena_str(c->arena, text);
        item->health_key = arena_str(c->arena, key);
    } else if (str_cut_prefix(&rest, STR("useOpenLibs."))) {
        get(c, kind_of_key(c->arena, rest))->open_libs = is_true(str_trim(text));
    } else if (str_cut_prefix(&rest, STR("actions."))) {
        struct customization *item = get(c, kind_of_key(c->arena, rest));
        item->actions = arena_str(c->arena, text);
        item->actions_key = arena_str(c->arena, key);
    }
}

int customizations_new(const struct value *data, struct customizations **ret, struct err *err)
{
    AUTO(customizations) struct customizations *c = MEM_NEW(struct customizations);
    atomic_init(&c->refs, 1);
    c->arena = arena_new();
    TRY(take_map(c, data, err));
    VALUE_MAP_FOREACH(data, e)
    {
        take_key(c, e->key, value_str(&e->value));
    }
    *ret = TAKE(c);
    return 0;
}

struct customizations *customizations_ref(struct customizations *c)
{
    if (c != NULL) {
        atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
    }
    return c;
}

void customizations_unref(struct customizations *c)
{
    if (c != NULL && atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) == 1) {
        arena_free(c->arena);
        mem_free(c);
    }
}

/* ---- finding ---- */

static void put_kind(struct buf *buf, struct str group, struct str kind)
{
    if (group.n > 0) {
        buf_put(buf, group);
        buf_put_char(buf, '/');
    }
    buf_put(buf, kind);
}

static const struct customization *find_health(const struct customizations *c, struct str kind)
{
    const struct customization *found = NULL;
    for (size_t i = 0; i < c->items.n; i++) {
        const struct customization *item = &c->items.items[i];
        if (item->health.n == 0) {
            continue;
        }
        if (str_eq(item->kind, kind)) {
            return item;
        }
        if (glob_match(item->kind, kind, GLOB_NO_SEPARATOR) &&
            (found == NULL || item->kind.n > found->kind.n)) {
            found = item;
        }
    }
    return found;
}

const struct customization *
customizations_health(const struct customizations *c, struct str group, struct str kind)
{
    if (c == NULL || c->items.n == 0) {
        return NULL;
    }
    AUTO(buf) struct buf name;
    buf_init(&name, KIND_MAX_BYTES);
    put_kind(&name, group, kind);
    return find_health(c, buf_str(&name));
}

const struct customization *
customizations_actions(const struct customizations *c, struct str group, struct str kind)
{
    AUTO(buf) struct buf name;
    buf_init(&name, KIND_MAX_BYTES);
    put_kind(&name, group, kind);
    for (size_t i = 0; c != NULL && i < c->items.n; i++) {
        const struct customization *item = &c->items.items[i];
        if (item->actions.n > 0 && str_eq(item->kind, buf_str(&name))) {
            return item;
        }
    }
    return NULL;
}

/* ---- comparing ---- */

static bool same(const struct customization *a, const struct customization *b)
{
    return str_eq(a->kind, b->kind) && str_eq(a->health, b->health) &&
           str_eq(a->health_key, b->health_key) && a->open_libs == b->open_libs &&
           str_eq(a->actions, b->actions) && str_eq(a->actions_key, b->actions_key);
}

bool customizations_same(const struct customizations *a, const struct customizations *b)
{
    size_t n_a = a != NULL ? a->items.n : 0;
    size_t n_b = b != NULL ? b->items.n : 0;
    bool equal = n_a == n_b;
    for (size_t i = 0; equal && i < n_a; i++) {
        equal = same(&a->items.items[i], &b->items.items[i]);
    }
    return equal;
}

bool customizations_same_health(const struct customizations *a,
                                const struct customizations *b,
                                struct str group,
                                struct str kind)
{
    const struct customization *x = customizations_health(a, group, kind);
    const struct customization *y = customizations_health(b, group, kind);
    if (x == NULL || y == NULL) {
        return x == y;
    }
    return str_eq(x->health, y->health) && str_eq(x->health_key, y->health_key) &&
           x->open_libs == y->open_libs;
}
