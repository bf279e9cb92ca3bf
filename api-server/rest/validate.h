/* Is an Application that somebody wants to store any good? */
#pragma once

#include "common/base/macro.h"

struct err;
struct rest_call;
struct value;

/* Goes on with the call as a handler does (rest/call.h). */
typedef int (*validated_fn)(struct rest_call *call, const struct value *app, struct err *err);

/* Spec, project and destination are checked always; the repository (by rendering the sources) unless the
 * query says validate=false. Goes on with next(call, app), perhaps at once, unless something is wrong: that
 * is returned, or answered when the repo-server says it. */
MUST_CHECK int validate_application(struct rest_call *call,
                                    const struct value *app,
                                    validated_fn next,
                                    struct err *err);
