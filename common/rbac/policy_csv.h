/* One line of a policy: fields between commas, as Go's encoding/csv reads them with TrimLeadingSpace.
 *
 *     p, role:dev, applications, "get", team/web, allow
 *
 * White space before a field goes, that behind one stays. A field that begins with '"' ends with one and may
 * have commas; "" in it is one quote. Pure, any thread. */
#pragma once

#include <stddef.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;

enum {
    POLICY_CSV_FIELDS = 8, /* kept; a line of policy has six */
};

struct policy_csv {
    struct str fields[POLICY_CSV_FIELDS];
    size_t n; /* fields there are, those not kept too */
};

/* line: without its end, not empty. Fields are slices of it or live in the arena. ERR_INVALID. */
MUST_CHECK int
policy_csv_read(struct arena *arena, struct str line, struct policy_csv *ret, struct err *err);
