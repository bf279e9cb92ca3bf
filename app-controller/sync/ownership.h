/* Ownership of fields when client-side apply gives way to server-side apply.
 *
 * Fields that were applied from the client belong to an Update entry of metadata.managedFields. Server-side
 * apply would leave them there for ever, also when they leave the source; so they are handed to the manager
 * that applies now before it does.  Pure, any thread. */
#pragma once

#include "common/base/str.h"

struct arena;
struct value;

#define OWNERSHIP_CLIENT_SIDE_MANAGER "kubectl-client-side-apply"

/* The JSON patch that hands over what the managers own in live by Update: `manager` ("" = nobody), and whoever
 * wrote the last-applied annotation. It holds for this resourceVersion only. NULL: nothing to hand over. */
const struct value *ownership_patch(struct arena *arena,
                                    const struct value *live,
                                    struct str manager,
                                    struct str new_manager);
