/* From a watch event's object to what the live store takes. Pure; any thread. */
#pragma once

#include <stdbool.h>

#include "app-controller/compare/tracking.h"
#include "app-controller/live/live_store.h"

struct arena;
struct value;

/* How much of an object the watch delivers. */
enum live_depth { LIVE_METADATA, LIVE_WHOLE };

/* Everything in *ret is borrowed from obj or in the arena. */
void live_update_of(struct arena *arena,
                    const struct tracking *tracking,
                    const struct value *obj,
                    enum live_depth depth,
                    struct live_update *ret);
