/* The fields in which two states of an object differ, and who set what is there now.
 *
 * Pure; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/str.h"

struct arena;
struct value;

/* Who set a field last, as metadata.managedFields says; empty where it says nothing. */
struct field_author {
    struct str manager;
    struct str operation;   /* "Apply" or "Update" */
    struct str subresource; /* "" = the object itself */
    struct str time;        /* RFC 3339 */
};

struct field_change {
    struct str path;            /* JSON pointer, into the live object where it has the field */
    const struct value *live;   /* NULL = not there */
    const struct value *wanted; /* NULL = not wanted */
    struct field_author author;
};

struct field_changes {
    const struct field_change *items;
    size_t n;
    bool cut; /* there are more than LIMIT_FIELD_CHANGES */
};

/* live and wanted: what is compared, as normalised; owners: the live object with its managedFields. Items of lists
 * are told apart by the keys their owners tell them apart by, else by their place. What only one side has is one
 * change, at its top. */
struct field_changes field_changes_of(struct arena *arena,
                                      const struct value *live,
                                      const struct value *wanted,
                                      const struct value *owners);

/* [{"path", "live", "wanted", "manager", "operation", "subresource", "time"}], without what is empty. Values are shown
 * as they are: mask secrets before. */
const struct value *field_changes_value(struct arena *arena, const struct field_changes *changes);
