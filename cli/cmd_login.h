/* `belay login` and `belay logout`. */
#pragma once

#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;

extern const struct flag_set CMD_LOGIN_FLAGS;
extern const struct flag_set CMD_LOGOUT_FLAGS;
MUST_CHECK int cmd_login(struct cli *cli, struct err *err);
MUST_CHECK int cmd_logout(struct cli *cli, struct err *err);
