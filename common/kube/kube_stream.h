/* Cutting the API server's answers into objects while they arrive: lines of a watch, items of a list.
 *
 * Both take the bytes in pieces of any size and hold no more than one object.  Pure, no loop; one
 * thread at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

/* One whole object's JSON text, borrowed until the return. A failure ends the feeding with it. */
typedef int (*kube_piece_fn)(void *data, struct str json, struct err *err);

/* ---- lines ---- */

struct kube_lines {
    struct buf partial; /* a line that has not ended */
};

void kube_lines_init(struct kube_lines *lines, size_t max_line_bytes);
void kube_lines_done(struct kube_lines *lines);
/* Forget a partial line. */
void kube_lines_reset(struct kube_lines *lines);

/* Calls fn for every line that ends in bytes; empty lines are skipped. ERR_LIMIT for a line that is too
 * long, or what fn returned. */
MUST_CHECK int kube_lines_feed(
    struct kube_lines *lines, struct str bytes, kube_piece_fn fn, void *data, struct err *err);

/* ---- lists ---- */

enum kube_items_state {
    KUBE_ITEMS_ENVELOPE, /* the list's own fields */
    KUBE_ITEMS_BETWEEN,  /* inside "items", before an item */
    KUBE_ITEMS_ITEM,
};

struct kube_items {
    struct buf envelope; /* the list with "items":[] */
    struct buf item;
    enum kube_items_state state;
    size_t depth; /* open brackets of the envelope or the item */
    bool in_string;
    bool escaped;
    bool key_is_items;   /* the string that just ended at the first level is "items" */
    bool value_is_items; /* and its colon was seen */
    size_t string_start; /* of the current string in the envelope */
    size_t n_items;
};

void kube_items_init(struct kube_items *items, size_t max_item_bytes);
void kube_items_done(struct kube_items *items);
/* For the next page. */
void kube_items_reset(struct kube_items *items);

/* Calls fn for every item that ends in bytes. ERR_LIMIT, ERR_INVALID when an item is not an object, or
 * what fn returned. Items' text is checked only as far as needed to find its end. */
MUST_CHECK int kube_items_feed(
    struct kube_items *items, struct str bytes, kube_piece_fn fn, void *data, struct err *err);

/* After the last byte: the list without its items. ERR_UNAVAILABLE when the text was cut. */
MUST_CHECK int
kube_items_finish(const struct kube_items *items, struct str *ret_envelope, struct err *err);
