/* The list status.conditions: each evaluation replaces only the types it evaluated.
 *
 * A condition that was there with the same type and message keeps its transition time; a new one gets
 * `now`. Lists are sorted by type, then message, as Argo CD writes them. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/str.h"

struct arena;
struct value;

enum condition_type {
    CONDITION_UNSET, /* none of those below */
    CONDITION_DELETION_ERROR,
    CONDITION_INVALID_SPEC_ERROR,
    CONDITION_COMPARISON_ERROR,
    CONDITION_SYNC_ERROR,
    CONDITION_UNKNOWN_ERROR,
    CONDITION_SHARED_RESOURCE_WARNING,
    CONDITION_REPEATED_RESOURCE_WARNING,
    CONDITION_EXCLUDED_RESOURCE_WARNING,
    CONDITION_ORPHANED_RESOURCE_WARNING,
    CONDITION_SYNC_BLOCKED, /* ours: why an operation waits, app-controller/sync/blocked.h */
    CONDITION_TYPE_COUNT
};

/* "ComparisonError", ...; "" for UNSET. */
const char *condition_type_name(enum condition_type type);
enum condition_type condition_type_parse(struct str text);
/* Types whose name ends in "Error". */
bool condition_type_is_error(enum condition_type type);

struct condition {
    enum condition_type type; /* UNSET: a type we do not know, see type_text; it is kept as it is */
    struct str type_text;     /* may be empty when type is set */
    struct str message;
    struct str last_transition_time; /* RFC 3339; "" = none */
};

struct conditions {
    const struct condition *items;
    size_t n;
};

/* A set of types, for `evaluated`: CONDITION_BIT(CONDITION_SYNC_ERROR) | ... */
#define CONDITION_BIT(type) (1U << (unsigned)(type))
#define CONDITION_BITS_ALL  (CONDITION_BIT(CONDITION_TYPE_COUNT) - 2U)

/* The list after an evaluation.
 *
 * old        what the status says now; borrowed by the result.
 * fresh      what the evaluation found (types outside `evaluated` are a programming error); times
 *            are ignored; equal entries are reduced to one. Borrowed by the result.
 * evaluated  CONDITION_BIT()s; old entries of these types that are not in fresh disappear.
 * now        RFC 3339. */
struct conditions conditions_merge(struct arena *arena,
                                   struct conditions old,
                                   struct conditions fresh,
                                   unsigned evaluated,
                                   struct str now);

/* Whether two lists say the same, times included. */
bool conditions_equal(struct conditions a, struct conditions b);
/* The first of a type, or NULL. */
const struct condition *conditions_find(struct conditions list, enum condition_type type);
/* At least one whose type is an error. */
bool conditions_have_error(struct conditions list);

/* From and to the JSON of status.conditions; entries that are not maps are dropped. */
struct conditions conditions_from_value(struct arena *arena, const struct value *list);
const struct value *conditions_to_value(struct arena *arena, struct conditions list);
