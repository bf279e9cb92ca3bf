/* `belay app create`. */
#pragma once

#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;

extern const struct flag_set CMD_APP_CREATE_FLAGS;
MUST_CHECK int cmd_app_create(struct cli *cli, struct err *err);
