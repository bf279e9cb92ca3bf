/* Conditions: texts of the types, merging, trees. */
#include "common/model/conditions.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_build.h"

static const char *const NAMES[CONDITION_TYPE_COUNT] = {
    [CONDITION_UNSET] = "",
    [CONDITION_DELETION_ERROR] = "DeletionError",
    [CONDITION_INVALID_SPEC_ERROR] = "InvalidSpecError",
    [CONDITION_COMPARISON_ERROR] = "ComparisonError",
    [CONDITION_SYNC_ERROR] = "SyncError",
    [CONDITION_UNKNOWN_ERROR] = "UnknownError",
    [CONDITION_SHARED_RESOURCE_WARNING] = "SharedResourceWarning",
    [CONDITION_REPEATED_RESOURCE_WARNING] = "RepeatedResourceWarning",
    [CONDITION_EXCLUDED_RESOURCE_WARNING] = "ExcludedResourceWarning",
    [CONDITION_ORPHANED_RESOURCE_WARNING] = "OrphanedResourceWarning",
    [CONDITION_SYNC_BLOCKED] = "SyncBlocked",
};

const char *condition_type_name(enum condition_type type)
{
    return NAMES[type];
}

enum condition_type condition_type_parse(struct str text)
{
    for (size_t i = 1; i < CONDITION_TYPE_COUNT; i++) {
        if (str_eq_c(text, NAMES[i])) {
            return (enum condition_type)i;
        }
    }
    return CONDITION_UNSET;
}

bool condition_type_is_error(enum condition_type type)
{
    return str_ends_with(str_from(NAMES[type]), STR("Error"));
}

static struct str type_text(const struct condition *condition)
{
    return condition->type != CONDITION_UNSET ? str_from(NAMES[condition->type])
                                              : condition->type_text;
}

static int compare(const struct condition *a, const struct condition *b)
{
    int order = str_cmp(type_text(a), type_text(b));
    return order != 0 ? order : str_cmp(a->message, b->message);
}

/* ---- merging ---- */

struct list {
    struct condition *items;
    size_t n;
    size_t cap;
};

/* Keeps the order; an entry that is there already stays alone. */
static void insert(struct arena *arena, struct list *list, const struct condition *condition)
{
    size_t at = list->n;
    while (at > 0 && compare(&list->items[at - 1], condition) > 0) {
        at--;
    }
    if (at > 0 && compare(&list->items[at - 1], condition) == 0) {
        return;
    }
    vec_push_in(arena, list, *condition);
    memmove(list->items + at + 1, list->items + at, (list->n - 1 - at) * sizeof(*list->items));
    list->items[at] = *condition;
}

static const struct condition *find_same(struct conditions list, const struct condition *condition)
{
    for (size_t i = 0; i < list.n; i++) {
        if (compare(&list.items[i], condition) == 0) {
            return &list.items[i];
        }
    }
    return NULL;
}

struct conditions conditions_merge(struct arena *arena,
                                   struct conditions old,
                                   struct conditions fresh,
                                   unsigned evaluated,
                                   struct str now)
{
    struct list merged = {0};
    for (size_t i = 0; i < old.n; i++) {
        if ((evaluated & CONDITION_BIT(old.items[i].type)) == 0) {
            insert(arena, &merged, &old.items[i]);
        }
    }
    for (size_t i = 0; i < fresh.n; i++) {
        struct condition condition = fresh.items[i];
        assert((evaluated & CONDITION_BIT(condition.type)) != 0);
        const struct condition *same = find_same(old, &condition);
        condition.last_transition_time = same != NULL ? same->last_transition_time : now;
        insert(arena, &merged, &condition);
    }
    return (struct conditions){merged.items, merged.n};
}

bool conditions_equal(struct conditions a, struct conditions b)
{
    if (a.n != b.n) {
        return false;
    }
    for (size_t i = 0; i < a.n; i++) {
        if (compare(&a.items[i], &b.items[i]) != 0 ||
            !str_eq(a.items[i].last_transition_time, b.items[i].last_transition_time)) {
            return false;
        }
    }
    return true;
}

const struct condition *conditions_find(struct conditions list, enum condition_type type)
{
    for (size_t i = 0; i < list.n; i++) {
        if (list.items[i].type == type) {
            return &list.items[i];
        }
    }
    return NULL;
}

bool conditions_have_error(struct conditions list)
{
    for (size_t i = 0; i < list.n; i++) {
        if (condition_type_is_error(list.items[i].type)) {
            return true;
        }
    }
    return false;
}

/* ---- trees ---- */

struct conditions conditions_from_value(struct arena *arena, const struct value *list)
{
    struct condition *items = arena_calloc(arena, value_len(list) + 1, sizeof(*items));
    size_t n = 0;
    VALUE_FOREACH(list, item) {
        if (value_is(item, VALUE_MAP)) {
            struct str text = value_dig_str(item, "type");
            items[n++] = (struct condition){
                .type = condition_type_parse(text),
                .type_text = text,
                .message = value_dig_str(item, "message"),
                .last_transition_time = value_dig_str(item, "lastTransitionTime"),
            };
        }
    }
    return (struct conditions){items, n};
}

const struct value *conditions_to_value(struct arena *arena, struct conditions list)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_list(&b);
    for (size_t i = 0; i < list.n; i++) {
        value_build_map(&b);
        value_build_field_str_opt(&b, "lastTransitionTime", list.items[i].last_transition_time);
        value_build_field_str(&b, "message", list.items[i].message);
        value_build_field_str(&b, "type", type_text(&list.items[i]));
        value_build_end(&b);
    }
    value_build_end(&b);
    return value_build_finish(&b);
}
