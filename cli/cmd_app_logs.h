/* `belay app logs`: what the pods of an application write, as it comes. */
#pragma once

#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;

extern const struct flag_set CMD_APP_LOGS_FLAGS;
MUST_CHECK int cmd_app_logs(struct cli *cli, struct err *err);
