/* belay gpg: the OpenPGP keys that commits may be signed with. */
#pragma once

#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;

extern const struct flag_set CMD_GPG_LIST_FLAGS;
extern const struct flag_set CMD_GPG_GET_FLAGS;
extern const struct flag_set CMD_GPG_ADD_FLAGS;
extern const struct flag_set CMD_GPG_RM_FLAGS;

MUST_CHECK int cmd_gpg_list(struct cli *cli, struct err *err);
MUST_CHECK int cmd_gpg_get(struct cli *cli, struct err *err);
MUST_CHECK int cmd_gpg_add(struct cli *cli, struct err *err);
MUST_CHECK int cmd_gpg_rm(struct cli *cli, struct err *err);
