/* Rules for arrays. */
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "engine/helm/schema_check_internal.h"

enum {
    PAIRS_ITEMS = 20, /* as many items are compared each with each */
};

static struct schema_path step_to(size_t i)
{
    return (struct schema_path){.key = {NULL, 0}, .index = i};
}

static int check_counts(struct schema_frame *f, struct err *err)
{
    int64_t min = f->node->count[SCHEMA_MIN_ITEMS];
    int64_t max = f->node->count[SCHEMA_MAX_ITEMS];
    size_t n = value_len(f->value);
    if (min >= 0 && (int64_t)n < min) {
        TRY(schema_add_count(f, "minItems", n, min, err));
    }
    if (max >= 0 && (int64_t)n > max) {
        TRY(schema_add_count(f, "maxItems", n, max, err));
    }
    return 0;
}

/* ---- uniqueItems ---- */

static bool find_pair(const struct value *list, size_t *ret_first, size_t *ret_second)
{
    for (size_t i = 1; i < value_len(list); i++) {
        for (size_t j = 0; j < i; j++) {
            if (value_equal(value_at(list, i), value_at(list, j))) {
                *ret_first = j;
                *ret_second = i;
                return true;
            }
        }
    }
    return false;
}

/* The same by hashes. A slot holds the place of an item, from 1. */
static bool find_pair_hashed(struct arena *arena,
                             const struct value *list,
                             size_t *ret_first,
                             size_t *ret_second)
{
    size_t n_slots = 2 * PAIRS_ITEMS;
    while (n_slots < 2 * value_len(list)) {
        n_slots *= 2;
    }
    size_t *slots = arena_calloc(arena, n_slots, sizeof(size_t));
    for (size_t i = 0; i < value_len(list); i++) {
        size_t at = (size_t)value_hash(value_at(list, i)) % n_slots;
        for (; slots[at] != 0; at = (at + 1) % n_slots) {
            if (value_equal(value_at(list, i), value_at(list, slots[at] - 1))) {
                *ret_first = slots[at] - 1;
                *ret_second = i;
                return true;
            }
        }
        slots[at] = i + 1;
    }
    return false;
}

static int check_unique(struct schema_frame *f, struct err *err)
{
    size_t first = 0;
    size_t second = 0;
    size_t n = value_len(f->value);
    if (!f->node->unique_items || n < 2) {
        return 0;
    }
    TRY(budget_steps(f->set->budget, n, err));
    bool found = n <= PAIRS_ITEMS ? find_pair(f->value, &first, &second)
                                  : find_pair_hashed(f->set->arena, f->value, &first, &second);
    if (!found) {
        return 0;
    }
    struct str one = schema_shown_count(f, (int64_t)first);
    struct str two = schema_shown_count(f, (int64_t)second);
    return schema_add(f, err, "items at " STR_FMT " and " STR_FMT " are equal", STR_ARG(one),
                      STR_ARG(two));
}

/* ---- items ---- */

static int
check_from(struct schema_frame *f, enum schema_child child, size_t first, struct err *err)
{
    const struct schema_node *node = f->node->child[child];
    for (size_t i = first; node != NULL && i < value_len(f->value); i++) {
        TRY(schema_add_child(f, node, value_at(f->value, i), step_to(i), err));
    }
    return 0;
}

static int check_additional(struct schema_frame *f, size_t first, struct err *err)
{
    const struct schema_node *node = f->node->child[SCHEMA_ADDITIONAL_ITEMS];
    if (node == NULL || !value_is(node->value, VALUE_BOOL)) {
        return check_from(f, SCHEMA_ADDITIONAL_ITEMS, first, err);
    }
    size_t n = value_len(f->value) - first;
    if (value_bool(node->value, true) || n == 0) {
        return 0;
    }
    struct str shown = schema_shown_count(f, (int64_t)n);
    return schema_add(f, err, "last " STR_FMT " additionalItem(s) not allowed", STR_ARG(shown));
}

static int check_items(struct schema_frame *f, struct err *err)
{
    const struct schema_nodes *tuple = &f->node->group[SCHEMA_TUPLE];
    size_t n = MIN(tuple->n, value_len(f->value));
    for (size_t i = 0; i < n; i++) {
        TRY(schema_add_child(f, tuple->items[i], value_at(f->value, i), step_to(i), err));
    }
    TRY(check_from(f, SCHEMA_ITEMS, n, err));
    return check_additional(f, n, err);
}

/* ---- contains ---- */

struct matches {
    VEC(size_t) places;
    struct schema_problems problems;
};

static int find_matches(struct schema_frame *f, struct matches *ret, struct err *err)
{
    const struct schema_node *node = f->node->child[SCHEMA_CONTAINS];
    for (size_t i = 0; i < value_len(f->value); i++) {
        struct schema_problem *problem = NULL;
        TRY(schema_check_child(f, node, value_at(f->value, i), step_to(i), &problem, err));
        schema_problems_add(&ret->problems, problem);
        if (problem != NULL) {
            continue;
        }
        vec_push_in(f->set->arena, &ret->places, i);
        if (f->node->draft >= SCHEMA_DRAFT_2020) {
            schema_rest_evaluated(&f->rest, i);
        }
    }
    return 0;
}

/* "0 2 5" */
static struct str show_places(const struct schema_frame *f, const struct matches *matches)
{
    AUTO(buf) struct buf out;
    buf_init(&out, LIMIT_SCHEMA_PROBLEM_BYTES);
    for (size_t i = 0; !f->is_quiet && i < matches->places.n; i++) {
        buf_printf(&out, "%s%zu", i > 0 ? " " : "", matches->places.items[i]);
    }
    return buf_to_arena(&out, f->set->arena);
}

static int
add_too_few(struct schema_frame *f, const struct matches *found, int64_t min, struct err *err)
{
    struct str want = schema_shown_count(f, min);
    struct str got = schema_shown_count(f, (int64_t)found->places.n);
    struct str places = show_places(f, found);
    if (found->places.n == 0) {
        return schema_add_caused(f, &found->problems, err,
                                 "min " STR_FMT
                                 " items required to match contains schema, but none matched",
                                 STR_ARG(want));
    }
    return schema_add_caused(f, &found->problems, err,
                             "min " STR_FMT
                             " items required to match contains schema, but matched " STR_FMT
                             " items at " STR_FMT,
                             STR_ARG(want), STR_ARG(got), STR_ARG(places));
}

static int check_contains(struct schema_frame *f, struct err *err)
{
    int64_t min = f->node->count[SCHEMA_MIN_CONTAINS];
    int64_t max = f->node->count[SCHEMA_MAX_CONTAINS];
    struct matches found = {0};
    if (f->node->child[SCHEMA_CONTAINS] == NULL) {
        return 0;
    }
    TRY(find_matches(f, &found, err));
    if (min >= 0 && (int64_t)found.places.n < min) {
        TRY(add_too_few(f, &found, min, err));
    } else if (min < 0 && found.places.n == 0) {
        TRY(schema_add_caused(f, &found.problems, err, "no items match contains schema"));
    }
    if (max < 0 || (int64_t)found.places.n <= max) {
        return 0;
    }
    struct str want = schema_shown_count(f, max);
    struct str got = schema_shown_count(f, (int64_t)found.places.n);
    struct str places = show_places(f, &found);
    return schema_add(f, err,
                      "max " STR_FMT
                      " items required to match contains schema, but matched " STR_FMT
                      " items at " STR_FMT,
                      STR_ARG(want), STR_ARG(got), STR_ARG(places));
}

int schema_check_array(struct schema_frame *f, struct err *err)
{
    TRY(check_counts(f, err));
    TRY(check_unique(f, err));
    TRY(check_items(f, err));
    return check_contains(f, err);
}
