/* Orphaned resources: objects in the destination namespace of an application that belong to no application, told
 * when the project asks for it (spec.orphanedResources).
 *
 * Counting costs what is loose in the namespace; who has to count again is known by namespace. Loop thread
 * only. */
#pragma once

#include <stdbool.h>

#include "app-controller/live/live_tree.h"

struct app;
struct controller;
struct pass;
struct project;

/* What orphans_of() fills for its live_orphans. */
struct orphans_judge {
    struct controller *ctl;
    const struct project *project;
};

/* The orphans as the application's project defines them; false: it does not ask for them. Valid until the settings
 * change. */
bool orphans_of(struct app *app, struct orphans_judge *judge, struct live_orphans *ret);

/* Count them: the condition OrphanedResourceWarning and the application's number. */
void orphans_judge(struct pass *pass);

/* A top-level object of the namespace came, went, or changed hands. */
void orphans_on_change(struct controller *ctl,
                       const struct live_cache *cache,
                       struct str namespace);

/* The application is about to go. */
void orphans_unwatch(struct app *app);
void orphans_watch_free(void *watch);
