/* `belay app list|get|history|manifests|resources|delete`. */
#pragma once

#include "cli/flags.h"
#include "common/base/err.h"
#include "common/base/macro.h"

struct cli;

extern const struct flag_set CMD_APP_LIST_FLAGS;
extern const struct flag_set CMD_APP_GET_FLAGS;
extern const struct flag_set CMD_APP_HISTORY_FLAGS;
extern const struct flag_set CMD_APP_MANIFESTS_FLAGS;
extern const struct flag_set CMD_APP_RESOURCES_FLAGS;
extern const struct flag_set CMD_APP_DELETE_FLAGS;
MUST_CHECK int cmd_app_list(struct cli *cli, struct err *err);
MUST_CHECK int cmd_app_get(struct cli *cli, struct err *err);
MUST_CHECK int cmd_app_history(struct cli *cli, struct err *err);
MUST_CHECK int cmd_app_manifests(struct cli *cli, struct err *err);
MUST_CHECK int cmd_app_resources(struct cli *cli, struct err *err);
MUST_CHECK int cmd_app_delete(struct cli *cli, struct err *err);
