/* `belay admin health FILE`: what health an object has, without any cluster. */
#pragma once

#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;

extern const struct flag_set CMD_ADMIN_HEALTH_FLAGS;
MUST_CHECK int cmd_admin_health(struct cli *cli, struct err *err);
