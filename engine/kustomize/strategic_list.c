/* Merging lists by keys and by value.
 *
 * With one key that every element has, which is nearly always, elements are found in a hash map. All else is in
 * strategic_steps.c. */
#include "common/base/map.h"
#include "common/base/vec.h"
#include "common/value/value_build.h"
#include "engine/kustomize/strategic_internal.h"

static bool is_empty_element(const struct value *v)
{
    return strategic_is_absent(v) || (v->type == VALUE_MAP && v->n == 0);
}

/* ---- by value ---- */

struct merged_set {
    VEC(struct value) items;
    struct map *places; /* text to position + 1 */
};

static int
put_all(struct strategic *s, struct merged_set *set, const struct value *list, struct err *err)
{
    VALUE_FOREACH(list, item) {
        if (is_empty_element(item)) {
            continue;
        }
        if (item->type == VALUE_MAP || item->type == VALUE_LIST) {
            return strategic_wrong_kind(VALUE_STRING, item, err);
        }
        struct str text = strategic_text(s, item);
        size_t place = (size_t)map_find(set->places, text);
        if (place > 0) {
            set->items.items[place - 1] = *item;
            continue;
        }
        vec_push_in(s->env->arena, &set->items, *item);
        map_set(set->places, text, (void *)set->items.n);
    }
    return 0;
}

int strategic_merge_set(struct strategic *s,
                        struct strategic_pair pair,
                        const struct value **ret,
                        struct err *err)
{
    AUTO(map) struct map *places = map_new(NULL);
    struct merged_set set = {.places = places};
    TRY(put_all(s, &set, pair.patch, err));
    TRY(put_all(s, &set, pair.object, err));
    *ret = value_new_list(s->env->arena, set.items.items, set.items.n);
    return 0;
}

/* ---- by one key that all elements have ---- */

struct element {
    const struct value *object;
    const struct value *patch;
    const struct value *merged; /* NULL: removed */
};

struct keyed {
    struct strategic *s;
    struct kschema_at at; /* of the elements */
    const struct kmerge_rule *rule;
    struct strategic_pair pair;
};

static struct str key_text(const struct keyed *k, const struct value *element, struct str key)
{
    const struct value *v = value_find(element, key);
    return strategic_is_absent(v) ? STR_EMPTY : strategic_text(k->s, v);
}

static bool all_have_key(const struct keyed *k, const struct value *list)
{
    VALUE_FOREACH(list, item) {
        if (key_text(k, item, k->rule->keys[0]).n == 0) {
            return false;
        }
    }
    return true;
}

enum side {
    OF_OBJECT,
    OF_PATCH,
};

static void
note_elements(const struct keyed *k, const struct value *list, enum side side, struct map *elements)
{
    VALUE_FOREACH(list, item) {
        struct str key = key_text(k, item, k->rule->keys[0]);
        struct element *e = map_find(elements, key);
        if (e == NULL) {
            e = ARENA_NEW(k->s->env->arena, struct element);
            map_set(elements, key, e);
        }
        const struct value **place = side == OF_OBJECT ? &e->object : &e->patch;
        *place = *place != NULL ? *place : item; /* the first of a key */
    }
}

/* What replaces an element of the object as a whole is forgotten: kustomize puts the object's own back. */
static int merge_element(const struct keyed *k, struct element *e, struct err *err)
{
    struct strategic_merged merged;
    struct strategic_pair pair = {e->object, e->patch};
    TRY(strategic_walk(k->s, k->at, pair, &merged, err));
    if (merged.v == NULL || is_empty_element(merged.v)) {
        return 0;
    }
    bool put_back = merged.is_patch && e->object != NULL && e->object != e->patch;
    e->merged = put_back ? e->object : merged.v;
    return 0;
}

/* Of several elements of the object with one key the last wins. */
static void take_duplicates(const struct keyed *k, struct map *elements)
{
    VALUE_FOREACH(k->pair.object, item) {
        struct element *e = map_find(elements, key_text(k, item, k->rule->keys[0]));
        if (e->merged != NULL && item != e->object) {
            e->merged = item;
        }
    }
}

static int merge_simple(const struct keyed *k, const struct value **ret, struct err *err)
{
    AUTO(map) struct map *elements = map_new(NULL);
    VEC(struct value) items = {0};
    note_elements(k, k->pair.patch, OF_PATCH, elements);
    note_elements(k, k->pair.object, OF_OBJECT, elements);
    MAP_FOREACH(elements, entry) {
        TRY(merge_element(k, entry.value, err));
    }
    take_duplicates(k, elements);
    MAP_FOREACH(elements, done) {
        const struct element *e = done.value;
        if (e->merged != NULL) {
            vec_push_in(k->s->env->arena, &items, *e->merged);
        }
    }
    *ret = value_new_list(k->s->env->arena, items.items, items.n);
    return 0;
}

int strategic_merge_keyed(struct strategic *s,
                          struct kschema_at at,
                          const struct kmerge_rule *rule,
                          struct strategic_pair pair,
                          const struct value **ret,
                          struct err *err)
{
    struct keyed k = {.s = s, .at = at, .rule = rule, .pair = pair};
    if (rule->n_keys == 1 && all_have_key(&k, pair.object) && all_have_key(&k, pair.patch)) {
        return merge_simple(&k, ret, err);
    }
    return strategic_merge_stepwise(s, at, rule, pair, ret, err);
}
