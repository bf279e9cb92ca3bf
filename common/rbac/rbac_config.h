/* argocd-rbac-cm, as far as policies go. Pure, any thread. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/rbac/rbac.h"

struct arena;
struct value;

/* data: the map of strings of the config map; NULL = there is none. Options borrow from it and the arena:
 * policy.csv first, then policy.*.csv by name. A policy.matchMode nobody knows is glob, as in Argo CD. */
void rbac_config_read(struct arena *arena, const struct value *data, struct rbac_opts *ret);

/* The claims groups are in: `scopes`, a list in YAML; [groups] unless it says otherwise. ERR_INVALID. */
MUST_CHECK int rbac_config_scopes(struct arena *arena,
                                  const struct value *data,
                                  struct app_strs *ret,
                                  struct err *err);
