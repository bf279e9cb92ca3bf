/* Kubernetes label selectors: "a=b,c!=d,e in (x,y),f notin (z),g,!h,i>3". Pure, any thread. */
#pragma once

#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct value;
struct label_selector;

/* The text is borrowed by the result. Empty: everything matches. ERR_INVALID in Kubernetes' words. */
MUST_CHECK int label_selector_parse(struct arena *arena,
                                    struct str text,
                                    const struct label_selector **ret,
                                    struct err *err);
/* labels: a map of strings (other scalars count as their text), or NULL. */
bool label_selector_matches(const struct label_selector *selector, const struct value *labels);
