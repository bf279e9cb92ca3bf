/* Pairing of list items by key, for three_way.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct schema_keys;
struct value;

/* The counterparts of one item; NULL = has none. */
struct three_way_pair {
    const struct value *last;
    const struct value *target;
    const struct value *live;
};

struct three_way_pairs {
    struct three_way_pair *of_target; /* one per item of target */
    struct three_way_pair *of_live;   /* one per item of live */
    bool reordered;                   /* target wants its items in another order than live has */
};

/* Items with equal keys are paired in their order (Kubernetes stores duplicates too). False when an
 * item is no map or lacks the first key: such lists cannot be merged. Cost: linear when the lists are
 * in the same order, else O(n log n). */
bool three_way_pair(struct arena *arena,
                    const struct schema_keys *keys,
                    const struct value *last,
                    const struct value *target,
                    const struct value *live,
                    struct three_way_pairs *ret);

/* merged without the members that target does not have: the other arms of a union. */
const struct value *
three_way_retain(struct arena *arena, const struct value *merged, const struct value *target);
