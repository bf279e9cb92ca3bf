/* The resource tree of an application as its project lets it be seen, and what the status says of it. Loop thread
 * only. */
#pragma once

#include "app-controller/live/live_tree.h"
#include "app-controller/orphans.h"
#include "common/model/application_spec.h"
#include "common/model/project.h"

struct app;
struct arena;

/* What tree_of_app() fills; valid until the settings or the application's cluster change. */
struct app_tree {
    struct live_tree tree;
    struct live_orphans orphans;
    struct orphans_judge judge;
    const struct project *project;
    struct project_cluster cluster;
};

/* app->cache must be there. Objects whose kind or namespace the project does not permit are not in the tree. */
void tree_of_app(struct app *app, struct app_tree *ret);

struct tree_summary {
    struct app_strs images;        /* of Pods; sorted */
    struct app_strs external_urls; /* sorted */
    bool is_app_of_apps;
};

/* status.summary. */
struct tree_summary tree_summarize(struct arena *arena, const struct app_tree *tree);
