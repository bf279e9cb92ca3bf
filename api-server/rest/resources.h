/* What an Application consists of: tree, differences, manifests, single objects, events, revisions. */
#pragma once

struct rest_call;

void resources_tree(struct rest_call *call);
void resources_managed(struct rest_call *call);
void resources_manifests(struct rest_call *call);
void resources_get(struct rest_call *call);
void resources_patch(struct rest_call *call);
void resources_delete(struct rest_call *call);
void resources_events(struct rest_call *call);
void resources_revision(struct rest_call *call);
