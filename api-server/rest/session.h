/* Login, logout, who am I, settings for clients. */
#pragma once

#include "common/base/macro.h"

struct err;
struct rest_call;

MUST_CHECK int session_create(struct rest_call *call, struct err *err);
MUST_CHECK int session_delete(struct rest_call *call, struct err *err);
MUST_CHECK int session_userinfo(struct rest_call *call, struct err *err);
