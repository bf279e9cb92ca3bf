/* What this server is. */
#pragma once

#include "common/base/macro.h"

struct err;
struct rest_call;

MUST_CHECK int about_version(struct rest_call *call, struct err *err);
MUST_CHECK int about_health(struct rest_call *call, struct err *err);
MUST_CHECK int about_landing(struct rest_call *call, struct err *err);
MUST_CHECK int about_settings(struct rest_call *call, struct err *err);
