/* Hiding the values of Secrets, so that only "equal" and "different" remain visible.
 *
 * Everything that leaves the controller goes through here.  Pure. */
#pragma once

#include <stddef.h>

#include "common/base/str.h"

struct arena;
struct value;

/* The forms of one object that are shown side by side; each may be NULL. */
struct mask_set {
    const struct value *target;
    const struct value *live;
    const struct value *normalized_live;
    const struct value *predicted_live;
};

/* Of a core/v1 Secret: every value below data and stringData, also inside last-applied annotations,
 * becomes a run of '+', of the same length where the values are equal and of different lengths where
 * they differ. The values of `annotations` (keys) are treated alike. Other kinds stay as they are. */
struct mask_set mask_secret(struct arena *arena,
                            struct mask_set set,
                            const struct str *annotations,
                            size_t n_annotations);

/* One object alone; obj itself when it is no Secret. */
const struct value *mask_object(struct arena *arena,
                                const struct value *obj,
                                const struct str *annotations,
                                size_t n_annotations);
