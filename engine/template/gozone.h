/* What a zone of the time zone database shows at a moment. Pure: the caller has the zone's data. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct tval_time;

/* The moment in the zone, whose data is a file in the format of RFC 9636 ("TZif"). ERR_INVALID: it is none. */
MUST_CHECK int
gozone_at(struct str tzif, int64_t s, int32_t ns, struct tval_time *ret, struct err *err);
