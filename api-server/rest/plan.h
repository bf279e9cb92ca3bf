/* What a sync of an application would do. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"

struct rest_call;

MUST_CHECK int plan_get(struct rest_call *call, struct err *err);
