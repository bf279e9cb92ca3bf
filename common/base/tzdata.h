/* Files of the time zone database of the machine (Debian: package tzdata). Any thread. */
#pragma once

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

/* The data of "Europe/Berlin" in the arena; STR_EMPTY for a name nobody gave a zone. ERR_UNSUPPORTED: there is no
 * database. */
MUST_CHECK int tzdata_read(struct arena *arena, struct str name, struct str *ret, struct err *err);
