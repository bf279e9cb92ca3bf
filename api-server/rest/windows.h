/* Sync windows over REST, and the refusal of syncs they forbid. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"

struct rest_call;
struct value;

/* ERR_DENIED: the windows do not let a person sync the Application now. ERR_INVALID: a window is wrong. */
MUST_CHECK int windows_check(struct rest_call *call, const struct value *app, struct err *err);

/* Handlers of routes.def. */
MUST_CHECK int windows_of_application(struct rest_call *call, struct err *err);
MUST_CHECK int windows_of_project(struct rest_call *call, struct err *err);
