/* `belay admin strvals`: the grammar of --set, for tests from outside. */
#pragma once

#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;

extern const struct flag_set CMD_ADMIN_STRVALS_FLAGS;
MUST_CHECK int cmd_admin_strvals(struct cli *cli, struct err *err);
