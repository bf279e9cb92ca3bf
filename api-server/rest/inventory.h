/* Lists of what Applications refer to: projects, clusters, repositories. */
#pragma once

struct rest_call;

void inventory_projects(struct rest_call *call);
void inventory_project(struct rest_call *call);
void inventory_clusters(struct rest_call *call);
void inventory_repositories(struct rest_call *call);
