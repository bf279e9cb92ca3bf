/* `belay admin diff --live FILE --desired FILE`: does an object differ from its manifest, without any cluster. */
#pragma once

#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;

extern const struct flag_set CMD_ADMIN_DIFF_FLAGS;
MUST_CHECK int cmd_admin_diff(struct cli *cli, struct err *err);
