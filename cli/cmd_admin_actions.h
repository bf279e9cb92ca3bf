/* `belay admin actions list|run`: actions on an object, without any cluster. */
#pragma once

#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;

extern const struct flag_set CMD_ADMIN_ACTIONS_LIST_FLAGS;
extern const struct flag_set CMD_ADMIN_ACTIONS_RUN_FLAGS;
MUST_CHECK int cmd_admin_actions_list(struct cli *cli, struct err *err);
MUST_CHECK int cmd_admin_actions_run(struct cli *cli, struct err *err);
