/* `belay app sync|wait|rollback|confirm-deletion|terminate-op`: operations, and waiting for what becomes of them. */
#pragma once

#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;

extern const struct flag_set CMD_APP_SYNC_FLAGS;
extern const struct flag_set CMD_APP_WAIT_FLAGS;
extern const struct flag_set CMD_APP_ROLLBACK_FLAGS;
extern const struct flag_set CMD_APP_CONFIRM_FLAGS;
extern const struct flag_set CMD_APP_TERMINATE_FLAGS;
MUST_CHECK int cmd_app_sync(struct cli *cli, struct err *err);
MUST_CHECK int cmd_app_wait(struct cli *cli, struct err *err);
MUST_CHECK int cmd_app_rollback(struct cli *cli, struct err *err);
MUST_CHECK int cmd_app_confirm_deletion(struct cli *cli, struct err *err);
MUST_CHECK int cmd_app_terminate_op(struct cli *cli, struct err *err);
