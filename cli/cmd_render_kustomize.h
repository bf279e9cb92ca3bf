/* `belay render kustomize [DIR]`: what `kustomize build` prints. */
#pragma once

#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;

extern const struct flag_set CMD_RENDER_KUSTOMIZE_FLAGS;
MUST_CHECK int cmd_render_kustomize(struct cli *cli, struct err *err);
