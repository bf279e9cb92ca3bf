/* Kubernetes label selectors: "a=b,c!=d,e in (x,y),f notin (z),g,!h". Pure. */
#pragma once

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct value;

/* ERR_INVALID for a requirement that cannot be read. */
MUST_CHECK int selector_check(struct str selector, struct err *err);
/* labels: a map of strings, or NULL. Everything matches the empty selector. */
bool selector_matches(struct str selector, const struct value *labels);
