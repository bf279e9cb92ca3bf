/* From rendered files to manifests: splitting, hooks, the order of installation. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct crew;
struct value;

struct order_part {
    struct str text;
    uint32_t line; /* in the file, from 1 */
};

struct order_parts {
    const struct order_part *items;
    size_t n;
};

/* The documents of a text, borrowed from it. "---" at the start of a line separates, whatever follows it. */
void order_split(struct arena *arena, struct str text, struct order_parts *ret);

enum order_event { /* bits */
                   ORDER_PRE_INSTALL = 1 << 0,
                   ORDER_POST_INSTALL = 1 << 1,
                   ORDER_PRE_DELETE = 1 << 2,
                   ORDER_POST_DELETE = 1 << 3,
                   ORDER_PRE_UPGRADE = 1 << 4,
                   ORDER_POST_UPGRADE = 1 << 5,
                   ORDER_PRE_ROLLBACK = 1 << 6,
                   ORDER_POST_ROLLBACK = 1 << 7,
                   ORDER_TEST = 1 << 8,
};

struct order_manifest {
    struct str file;
    struct str text;
    uint32_t line; /* in the file, from 1 */
    struct str kind;
    uint32_t events; /* of a hook; 0 = no hook */
    const struct value
        *value; /* the document, null when it has only comments; NULL when it was forgotten */
};

struct order_result {
    const struct order_manifest *const *manifests; /* in the order Helm installs them */
    size_t n_manifests;
    const struct order_manifest *const *hooks;
    size_t n_hooks;
};

enum order_documents { ORDER_KEEP_DOCUMENTS, ORDER_FORGET_DOCUMENTS };

/* Rendered files that are put in order. */
struct order;

/* Lives in the arena. The crew reads files while others are added; NULL: they are read in the end. */
struct order *order_new(struct arena *arena, struct crew *crew, enum order_documents documents);
/* name, text  borrowed. Partials ("_x") are left out. */
void order_add(struct order *order, struct str name, struct str text);
/* Files are taken in the order of their names; blank ones are left out, and hooks of unknown kinds.
 *
 * Errors: ERR_INVALID "YAML parse error on FILE: ...", of the first file that has one. */
MUST_CHECK int order_finish(struct order *order, struct order_result *ret, struct err *err);
