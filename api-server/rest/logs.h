/* Logs of an Application's pods. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"

struct rest_call;

/* Of all pods, or those of the object the query names. */
MUST_CHECK int logs_of_application(struct rest_call *call, struct err *err);
/* Of the pod in the path. */
MUST_CHECK int logs_of_pod(struct rest_call *call, struct err *err);
