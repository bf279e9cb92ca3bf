/* `belay render DIR`. */
#pragma once

#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;

extern const struct flag_set CMD_RENDER_FLAGS;
MUST_CHECK int cmd_render(struct cli *cli, struct err *err);
