/* `belay app plan`. */
#pragma once

#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;

extern const struct flag_set CMD_APP_PLAN_FLAGS;
MUST_CHECK int cmd_app_plan(struct cli *cli, struct err *err);
