/* May a repository be reached with these credentials? */
#pragma once

#include "common/base/macro.h"

struct err;
struct rest_call;

MUST_CHECK int repository_test(struct rest_call *call, struct err *err);
