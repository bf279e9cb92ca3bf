/* `belay admin rbac`: access policies, without any server. */
#pragma once

#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;

extern const struct flag_set CMD_ADMIN_RBAC_CAN_FLAGS;
extern const struct flag_set CMD_ADMIN_RBAC_VALIDATE_FLAGS;

/* Print Yes, or No with exit status 1. */
MUST_CHECK int cmd_admin_rbac_can(struct cli *cli, struct err *err);
MUST_CHECK int cmd_admin_rbac_validate(struct cli *cli, struct err *err);
