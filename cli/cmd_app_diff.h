/* `belay app diff`. */
#pragma once

#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;

extern const struct flag_set CMD_APP_DIFF_FLAGS;
MUST_CHECK int cmd_app_diff(struct cli *cli, struct err *err);
