/* `belay completion`: scripts for shells, made from the tables of commands and flags. */
#pragma once

#include "cli/flags.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;

extern const struct flag_set CMD_COMPLETION_FLAGS;
MUST_CHECK int cmd_completion(struct cli *cli, struct err *err);

/* shell: "bash", "zsh" or "fish". ERR_INVALID. Pure. */
MUST_CHECK int cmd_completion_script(const char *shell, struct buf *out, struct err *err);
