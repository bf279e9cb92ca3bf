/* The resource tree of an application: its objects, what they own, and so on down.
 *
 * Made when somebody asks for it; nothing of it is kept. Loop thread only. */
#pragma once

#include <stddef.h>

#include "common/base/str.h"

struct arena;
struct live_cache;
struct live_obj;
struct value;

/* ApplicationTree of the REST API: {nodes[], orphanedNodes[], hosts[]}. Targets that are missing in the
 * cluster are not nodes of it. */
const struct value *
live_tree_of(struct arena *arena, struct live_cache *cache, struct str instance);

/* The record of a node of the tree; NULL when the object is not in it. */
struct live_obj *live_tree_find(struct live_cache *cache,
                                struct str instance,
                                struct str group,
                                struct str kind,
                                struct str ns,
                                struct str name);
