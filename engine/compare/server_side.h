/* What the answer of a dry-run server-side apply says about a live object, without what others did to it on the way:
 * mutating webhooks and controllers that answer within the request.  Pure; any thread. */
#pragma once

#include "common/base/str.h"

struct arena;
struct value;

/* live with every field of dry_run that the manager owns there, without what the manager owned in live and dry_run
 * does not have any more. Of an item of a list that is only in dry_run the members come that tell it apart, whoever
 * owns them. Both with their managedFields. */
const struct value *server_side_own(struct arena *arena,
                                    const struct value *live,
                                    const struct value *dry_run,
                                    struct str manager);
