/* Kubernetes' resource.Quantity: "100m", "0.1", "1Gi", "1e3" are brought to the one form the API server
 * stores, so that equal amounts are equal text.
 *
 * Pure; any thread. */
#pragma once

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct value;

enum quantity_format {
    QUANTITY_DECIMAL_SI,       /* 500m, 2, 3k */
    QUANTITY_BINARY_SI,        /* 512Mi */
    QUANTITY_DECIMAL_EXPONENT, /* 1e3 */
};

/* An amount in billionths, as exact as Kubernetes keeps it: smaller parts are rounded up, larger
 * amounts than 2^63-1 are cut to it. */
struct quantity {
    __int128 nanos;
    enum quantity_format format;
};

/* ERR_INVALID for text that is not a quantity. */
MUST_CHECK int quantity_parse(struct str text, struct quantity *ret, struct err *err);

enum {
    QUANTITY_BYTES = 64, /* of the longest canonical form, with terminator */
};

/* The canonical form. */
struct str quantity_format(struct quantity q, char dst[QUANTITY_BYTES]);

/* <0, 0, >0 by amount; the format does not count. */
int quantity_cmp(struct quantity a, struct quantity b);

/* The canonical form of a string or number in a manifest; v itself when it has that form already or is
 * not a quantity. */
const struct value *quantity_canonical(struct arena *arena, const struct value *v);
