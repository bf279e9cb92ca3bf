/* Zones of the time zone database: how far from UTC, and what the time is called there. Pure: the caller has the zone's data
 * (common/base/tzdata.h). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

enum { TZIF_NAME_BYTES = 15 }; /* of an abbreviation, at most */

struct tzif_period {
    int32_t offset_s; /* east of UTC */
    bool is_dst;
    struct str name; /* "CEST"; a slice of the data */
};

/* What holds at a moment. tzif: a file in the format of RFC 9636 ("TZif"). ERR_INVALID: it is none. */
MUST_CHECK int tzif_at(struct str tzif, int64_t s, struct tzif_period *ret, struct err *err);
