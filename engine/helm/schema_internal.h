/* The parts of schema.h's module and what they share.
 *
 *   schema_url.c       joining URLs, JSON pointers
 *   schema_number.c    exact decimals
 *   schema_meta.c      the schemas of schemas
 *   schema_load.c      documents, the resources (identifiers, anchors, drafts) in them
 *   schema_compile.c   keywords of a schema into struct schema_node
 *   schema_check.c     rules applied to values; _object, _array and _scalar have those of one type
 *   schema_problem.c   what is wrong, and its text
 *   schema_format.c    the formats; _time and _net have the longer ones */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/budget.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/map.h"
#include "common/base/str.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "engine/helm/schema_load_internal.h"

struct regex;
struct schema_format;

/* ---- schema_compile.c ---- */

enum schema_types {
    SCHEMA_TYPE_NULL = 1 << 0,
    SCHEMA_TYPE_BOOLEAN = 1 << 1,
    SCHEMA_TYPE_NUMBER = 1 << 2,
    SCHEMA_TYPE_INTEGER = 1 << 3,
    SCHEMA_TYPE_STRING = 1 << 4,
    SCHEMA_TYPE_ARRAY = 1 << 5,
    SCHEMA_TYPE_OBJECT = 1 << 6,
};

enum schema_count {
    SCHEMA_MIN_PROPERTIES,
    SCHEMA_MAX_PROPERTIES,
    SCHEMA_MIN_ITEMS,
    SCHEMA_MAX_ITEMS,
    SCHEMA_MIN_LENGTH,
    SCHEMA_MAX_LENGTH,
    SCHEMA_MIN_CONTAINS,
    SCHEMA_MAX_CONTAINS,
    SCHEMA_COUNT_COUNT
};

enum schema_bound {
    SCHEMA_MINIMUM,
    SCHEMA_MAXIMUM,
    SCHEMA_EXCLUSIVE_MINIMUM,
    SCHEMA_EXCLUSIVE_MAXIMUM,
    SCHEMA_MULTIPLE_OF,
    SCHEMA_BOUND_COUNT
};

/* Keywords with one schema. */
enum schema_child {
    SCHEMA_REF,
    SCHEMA_RECURSIVE_REF,
    SCHEMA_DYNAMIC_REF,
    SCHEMA_NOT,
    SCHEMA_IF,
    SCHEMA_THEN,
    SCHEMA_ELSE,
    SCHEMA_ITEMS, /* of all items, or those behind SCHEMA_TUPLE in 2020-12 */
    SCHEMA_ADDITIONAL_ITEMS,
    SCHEMA_CONTAINS,
    SCHEMA_UNEVALUATED_ITEMS,
    SCHEMA_ADDITIONAL_PROPERTIES,
    SCHEMA_PROPERTY_NAMES,
    SCHEMA_UNEVALUATED_PROPERTIES,
    SCHEMA_CHILD_COUNT
};

/* Keywords with many. */
enum schema_group {
    SCHEMA_ALL_OF,
    SCHEMA_ANY_OF,
    SCHEMA_ONE_OF,
    SCHEMA_TUPLE,
    SCHEMA_PROPERTIES,
    SCHEMA_PATTERN_PROPERTIES,
    SCHEMA_DEPENDENCIES,
    SCHEMA_DEPENDENT_SCHEMAS,
    SCHEMA_GROUP_COUNT
};

struct schema_nodes {
    struct schema_node *
        *items; /* in the order of `value`; NULL where there is a list of names instead */
    size_t n;
    const struct value *value; /* the keyword's list or map; NULL = the keyword is not there */
};

/* The dynamic anchors of a resource. */
struct schema_dynamic {
    struct str name;
    struct schema_node *node;
};

enum schema_truth {
    SCHEMA_RULES,
    SCHEMA_TRUE,
    SCHEMA_FALSE,
};

/* One compiled schema. */
struct schema_node {
    const struct value *value;
    struct schema_root *root;
    struct str pointer;
    struct schema_node *next;     /* in the queue */
    struct schema_node *resource; /* the node of the resource it is in */
    enum schema_draft draft;
    enum schema_truth truth;
    unsigned types; /* enum schema_types; 0 = any */
    bool recursive_anchor;
    bool unique_items;
    bool all_properties_evaluated;
    bool all_items_evaluated;
    size_t n_items_evaluated;
    struct str dynamic_anchor;     /* "" = none */
    struct str dynamic_ref_anchor; /* the same */
    VEC(struct schema_dynamic) dynamic;
    struct schema_node *child[SCHEMA_CHILD_COUNT]; /* NULL = the keyword is not there */
    struct schema_nodes group[SCHEMA_GROUP_COUNT];
    struct regex **patterns;           /* of SCHEMA_PATTERN_PROPERTIES */
    int64_t count[SCHEMA_COUNT_COUNT]; /* -1 = the keyword is not there */
    struct schema_number *bound[SCHEMA_BOUND_COUNT];
    const struct value *enumeration;
    const struct value *constant;
    const struct value *required;
    const struct value *dependent_required;
    const struct schema_format *format;
    struct regex *pattern;
    struct str pattern_text;
};

/* The node of the schema at a pointer, compiled with all it needs. */
MUST_CHECK int schema_compile(struct schema_set *set,
                              struct schema_root *root,
                              struct str pointer,
                              struct schema_node **ret,
                              struct err *err);
struct str schema_node_location(struct arena *arena, const struct schema_node *node);
