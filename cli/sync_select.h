/* --resource of `belay app sync`: patterns and exceptions, as the resources of an application they mean. Pure. */
#pragma once

#include <stdbool.h>

#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct arena;
struct value;

/* GROUP:KIND:NAME, GROUP:KIND:NAMESPACE/NAME; with "!" in front: all but these. Without patterns and exceptions
 * a selector is what it says, and the application need not be asked. */
bool sync_select_is_pattern(const struct flag_list *selectors);

/* A list of {group, kind, namespace, name} for the body of a sync request.
 *
 * app  the Application, for what patterns match; may be NULL when there are none.
 *
 * ERR_INVALID: a selector is malformed. ERR_NOT_FOUND: nothing matches. */
MUST_CHECK int sync_select(struct arena *arena,
                           const struct flag_list *selectors,
                           const struct value *app,
                           const struct value **ret,
                           struct err *err);
