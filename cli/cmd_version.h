/* `belay version`. */
#pragma once

#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;

extern const struct flag_set CMD_VERSION_FLAGS;
MUST_CHECK int cmd_version(struct cli *cli, struct err *err);
