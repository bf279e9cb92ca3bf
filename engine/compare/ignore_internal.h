/* Removing fields from objects, and taking them over, for ignore.c. */
#pragma once

#include "common/base/str.h"

struct arena;
struct value;

/* Without what the RFC 6901 pointer leads to; obj itself when there is nothing. */
const struct value *
ignore_without_pointer(struct arena *arena, const struct value *obj, struct str pointer);

/* Without the fields that live's metadata.managedFields says the manager owns. */
const struct value *ignore_without_managed(struct arena *arena,
                                           const struct value *obj,
                                           const struct value *live,
                                           struct str manager);

/* bare with everything that `live` has and live_bare, made from it by removing fields, has not. A list
 * that lost items is taken over as a whole. */
const struct value *ignore_take_over(struct arena *arena,
                                     const struct value *bare,
                                     const struct value *live,
                                     const struct value *live_bare);
