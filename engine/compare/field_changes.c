/* Two trees walked together, and beside them the set of fields of every manager. */
#include "engine/compare/field_changes.h"

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_path.h"
#include "engine/compare/fieldset.h"

struct walk {
    struct arena *arena;
    VEC(struct field_change) changes;
    const struct value **entries; /* of managedFields */
    size_t n_owners;
    struct buf path;
    bool cut;
};

/* One place; sets has one per manager, each may be NULL. */
struct spot {
    const struct value *live;
    const struct value *wanted;
    const struct value **sets;
};

static void walk_at(struct walk *w, struct spot at);

static struct field_author author_of(const struct walk *w, const struct value *const *sets)
{
    struct field_author best = {0};
    for (size_t i = 0; i < w->n_owners; i++) {
        struct str time = value_dig_str(w->entries[i], "time");
        if (sets[i] == NULL || (best.manager.n > 0 && str_cmp(time, best.time) < 0)) {
            continue;
        }
        best = (struct field_author){
            .manager = value_dig_str(w->entries[i], "manager"),
            .operation = value_dig_str(w->entries[i], "operation"),
            .subresource = value_dig_str(w->entries[i], "subresource"),
            .time = time,
        };
    }
    return best;
}

static void add_change(struct walk *w, struct spot at)
{
    if (w->changes.n == LIMIT_FIELD_CHANGES) {
        w->cut = true;
        return;
    }
    struct field_change change = {
        .path = buf_to_arena(&w->path, w->arena),
        .live = at.live,
        .wanted = at.wanted,
        .author = author_of(w, at.sets),
    };
    vec_push_in(w->arena, &w->changes, change);
}

/* What is owned as a whole is so in its parts. */
static bool is_whole(const struct value *set)
{
    return set != NULL && value_len(set) == 0;
}

static const struct value **sets_new(const struct walk *w)
{
    return arena_calloc(w->arena, w->n_owners + 1, sizeof(const struct value *));
}

/* ---- maps ---- */

static void walk_member(struct walk *w, struct spot at, struct str name)
{
    struct spot member = {
        .live = value_find(at.live, name),
        .wanted = value_find(at.wanted, name),
    };
    if (value_equal(member.live, member.wanted)) {
        return;
    }
    member.sets = sets_new(w);
    for (size_t i = 0; i < w->n_owners; i++) {
        member.sets[i] = is_whole(at.sets[i]) ? at.sets[i] : fieldset_member(at.sets[i], name);
    }
    size_t n = w->path.n;
    value_pointer_put(&w->path, name);
    walk_at(w, member);
    buf_truncate(&w->path, n);
}

static void walk_map(struct walk *w, struct spot at)
{
    VALUE_MAP_FOREACH(at.live, entry)
    {
        walk_member(w, at, entry->key);
    }
    VALUE_MAP_FOREACH(at.wanted, entry)
    {
        if (value_find(at.live, entry->key) == NULL) {
            walk_member(w, at, entry->key);
        }
    }
}

/* ---- lists ---- */

struct list_walk {
    struct fieldset_keys keys;
    struct fieldset_index lives;
    struct fieldset_index wanted;
    struct fieldset_index *sets; /* n_owners of them */
};

static void walk_item(struct walk *w,
                      const struct list_walk *list,
                      struct spot at,
                      const struct value *item,
                      size_t place)
{
    struct str key = fieldset_item_key(w->arena, &list->keys, item);
    struct spot spot = {
        .live = fieldset_index_find(&list->lives, key),
        .wanted = fieldset_index_find(&list->wanted, key),
    };
    if (value_equal(spot.live, spot.wanted)) {
        return;
    }
    spot.sets = sets_new(w);
    for (size_t i = 0; i < w->n_owners; i++) {
        spot.sets[i] = is_whole(at.sets[i]) ? at.sets[i] : fieldset_index_find(&list->sets[i], key);
    }
    size_t n = w->path.n;
    buf_printf(&w->path, "/%zu", place);
    walk_at(w, spot);
    buf_truncate(&w->path, n);
}

static void index_sets(struct walk *w, struct spot at, struct list_walk *list)
{
    list->sets = arena_calloc(w->arena, w->n_owners + 1, sizeof(*list->sets));
    for (size_t i = 0; i < w->n_owners; i++) {
        fieldset_index_set(w->arena, &list->keys, at.sets[i], &list->sets[i]);
    }
}

static bool
same_order(const struct list_walk *list, struct arena *arena, const struct value *wanted)
{
    const struct value *before = NULL;
    VALUE_FOREACH(wanted, item) {
        const struct value *l =
            fieldset_index_find(&list->lives, fieldset_item_key(arena, &list->keys, item));
        if (l != NULL && before != NULL && l < before) {
            return false;
        }
        before = l != NULL ? l : before;
    }
    return true;
}

/* False: the items cannot be told apart. */
static bool walk_keyed(struct walk *w, struct spot at)
{
    struct list_walk list;
    if (!fieldset_keys_of(w->arena, at.sets, w->n_owners, &list.keys)) {
        return false;
    }
    fieldset_index_list(w->arena, &list.keys, at.live, &list.lives);
    fieldset_index_list(w->arena, &list.keys, at.wanted, &list.wanted);
    if (list.lives.ambiguous || list.wanted.ambiguous || !same_order(&list, w->arena, at.wanted)) {
        return false;
    }
    index_sets(w, at, &list);
    for (size_t i = 0; i < value_len(at.live); i++) {
        walk_item(w, &list, at, value_at(at.live, i), i);
    }
    for (size_t i = 0; i < value_len(at.wanted); i++) {
        const struct value *item = value_at(at.wanted, i);
        struct str key = fieldset_item_key(w->arena, &list.keys, item);
        if (fieldset_index_find(&list.lives, key) == NULL) {
            walk_item(w, &list, at, item, i);
        }
    }
    return true;
}

static void walk_by_place(struct walk *w, struct spot at)
{
    for (size_t i = 0; i < value_len(at.live); i++) {
        struct spot spot = {value_at(at.live, i), value_at(at.wanted, i), at.sets};
        if (value_equal(spot.live, spot.wanted)) {
            continue;
        }
        size_t n = w->path.n;
        buf_printf(&w->path, "/%zu", i);
        walk_at(w, spot);
        buf_truncate(&w->path, n);
    }
}

static void walk_list(struct walk *w, struct spot at)
{
    if (walk_keyed(w, at)) {
        return;
    }
    if (value_len(at.live) == value_len(at.wanted)) {
        walk_by_place(w, at);
        return;
    }
    add_change(w, at);
}

static void walk_at(struct walk *w, struct spot at)
{
    if (value_is(at.live, VALUE_MAP) && value_is(at.wanted, VALUE_MAP)) {
        walk_map(w, at);
    } else if (value_is(at.live, VALUE_LIST) && value_is(at.wanted, VALUE_LIST)) {
        walk_list(w, at);
    } else if (!value_equal(at.live, at.wanted)) {
        add_change(w, at);
    }
}

/* ---- all of it ---- */

static const struct value **take_owners(struct walk *w, const struct value *owners)
{
    const struct value *list = value_dig(owners, "metadata", "managedFields");
    w->entries = arena_calloc(w->arena, value_len(list) + 1, sizeof(*w->entries));
    const struct value **sets =
        arena_calloc(w->arena, value_len(list) + 1, sizeof(const struct value *));
    VALUE_FOREACH(list, entry) {
        const struct value *fields = value_dig(entry, "fieldsV1");
        if (value_len(fields) > 0 && w->n_owners < LIMIT_FIELD_OWNERS) {
            w->entries[w->n_owners] = entry;
            sets[w->n_owners++] = fields;
        }
    }
    return sets;
}

struct field_changes field_changes_of(struct arena *arena,
                                      const struct value *live,
                                      const struct value *wanted,
                                      const struct value *owners)
{
    struct walk w = {.arena = arena};
    buf_init(&w.path, LIMIT_MIB);
    struct spot at = {live, wanted, take_owners(&w, owners)};
    if (live != NULL && wanted != NULL) {
        walk_at(&w, at);
    }
    buf_done(&w.path);
    return (struct field_changes){w.changes.items, w.changes.n, w.cut};
}

static void build_change(const struct field_change *c, struct value_builder *b)
{
    value_build_map(b);
    value_build_field_str(b, "path", c->path);
    if (c->live != NULL) {
        value_build_field(b, "live", c->live);
    }
    if (c->wanted != NULL) {
        value_build_field(b, "wanted", c->wanted);
    }
    value_build_field_str_opt(b, "manager", c->author.manager);
    value_build_field_str_opt(b, "operation", c->author.operation);
    value_build_field_str_opt(b, "subresource", c->author.subresource);
    value_build_field_str_opt(b, "time", c->author.time);
    value_build_end(b);
}

const struct value *field_changes_value(struct arena *arena, const struct field_changes *changes)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_list(&b);
    for (size_t i = 0; i < changes->n; i++) {
        build_change(&changes->items[i], &b);
    }
    value_build_end(&b);
    return value_build_finish(&b);
}
