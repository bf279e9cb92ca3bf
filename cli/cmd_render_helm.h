/* `belay render helm CHART`: what `helm template` prints. */
#pragma once

#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;

extern const struct flag_set CMD_RENDER_HELM_FLAGS;
MUST_CHECK int cmd_render_helm(struct cli *cli, struct err *err);
