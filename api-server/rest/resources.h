/* What an Application consists of: tree, differences, manifests, single objects, events, revisions. */
#pragma once

#include "common/base/macro.h"

struct err;
struct rest_call;

MUST_CHECK int resources_tree(struct rest_call *call, struct err *err);
MUST_CHECK int resources_managed(struct rest_call *call, struct err *err);
MUST_CHECK int resources_manifests(struct rest_call *call, struct err *err);
MUST_CHECK int resources_get(struct rest_call *call, struct err *err);
MUST_CHECK int resources_patch(struct rest_call *call, struct err *err);
MUST_CHECK int resources_delete(struct rest_call *call, struct err *err);
MUST_CHECK int resources_events(struct rest_call *call, struct err *err);
MUST_CHECK int resources_revision(struct rest_call *call, struct err *err);
