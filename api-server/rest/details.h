/* What there is to set in a source, and what a chart says of itself. */
#pragma once

#include "common/base/macro.h"

struct err;
struct rest_call;

MUST_CHECK int details_app(struct rest_call *call, struct err *err);
MUST_CHECK int details_chart(struct rest_call *call, struct err *err);
