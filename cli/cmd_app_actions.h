/* belay app actions: what objects of an application offer, and running it. */
#pragma once

#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;

extern const struct flag_set CMD_APP_ACTIONS_LIST_FLAGS;
extern const struct flag_set CMD_APP_ACTIONS_RUN_FLAGS;

MUST_CHECK int cmd_app_actions_list(struct cli *cli, struct err *err);
MUST_CHECK int cmd_app_actions_run(struct cli *cli, struct err *err);
