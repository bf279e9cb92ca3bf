/* Lists of what Applications refer to: projects, clusters, repositories. */
#pragma once

#include "common/base/macro.h"

struct err;
struct rest_call;

MUST_CHECK int inventory_projects(struct rest_call *call, struct err *err);
MUST_CHECK int inventory_project(struct rest_call *call, struct err *err);
MUST_CHECK int inventory_clusters(struct rest_call *call, struct err *err);
MUST_CHECK int inventory_repositories(struct rest_call *call, struct err *err);
MUST_CHECK int inventory_helm_charts(struct rest_call *call, struct err *err);
