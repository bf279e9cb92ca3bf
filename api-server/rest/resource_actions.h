/* Actions on an Application's objects: listing and running them. */
#pragma once

#include "common/base/macro.h"

struct err;
struct rest_call;

MUST_CHECK int resource_actions_list(struct rest_call *call, struct err *err);
/* The body is the name of the action. */
MUST_CHECK int resource_actions_run(struct rest_call *call, struct err *err);
/* Everything is in the body, parameters too. */
MUST_CHECK int resource_actions_run_v2(struct rest_call *call, struct err *err);
