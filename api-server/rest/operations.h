/* Sync, rollback, terminate: operations are requested by writing the Application's `operation`. */
#pragma once

#include "common/base/macro.h"

struct err;
struct rest_call;

MUST_CHECK int operations_sync(struct rest_call *call, struct err *err);
MUST_CHECK int operations_rollback(struct rest_call *call, struct err *err);
MUST_CHECK int operations_terminate(struct rest_call *call, struct err *err);
