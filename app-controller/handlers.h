/* What the API server asks of the controller (proto/controller.proto). Loop thread only. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"

struct controller;
struct ipc_server;
struct ipc_tls;

MUST_CHECK int handlers_start(struct controller *ctl,
                              const char *url,
                              const struct ipc_tls *tls,
                              struct ipc_server **ret,
                              struct err *err);
