/* `belay admin windows FILE`: the sync windows of a project in a file, at a moment. */
#pragma once

#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;

extern const struct flag_set CMD_ADMIN_WINDOWS_FLAGS;
MUST_CHECK int cmd_admin_windows(struct cli *cli, struct err *err);
