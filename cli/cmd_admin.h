/* `belay admin ...`: the engines by themselves, for tests and for looking into charts. */
#pragma once

#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;

extern const struct flag_set CMD_ADMIN_TEMPLATE_FLAGS;
MUST_CHECK int cmd_admin_template(struct cli *cli, struct err *err);
