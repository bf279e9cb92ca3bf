/* Kinds that a live cache treats in another way than the rest. Pure; any thread. */
#pragma once

#include <stdbool.h>

#include "common/base/str.h"

/* Served under a second group as well: watched only when somebody uses this one. */
bool live_kinds_are_lazy(struct str group);
/* Watched in full from the start: children of managed objects whose state people look at. */
bool live_kinds_start_full(struct str group, struct str kind);
/* An object of it may change what kinds the cluster has. */
bool live_kinds_announces(struct str kind);
