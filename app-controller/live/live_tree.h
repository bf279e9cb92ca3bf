/* The resource tree of an application: its objects, what they own, and so on down.
 *
 * Made when somebody asks for it; nothing of it is kept. Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/str.h"

struct arena;
struct live_cache;
struct live_obj;
struct value;

/* Objects of a namespace that belong to no application, with what they own: an object at the top is one when
 * counts(data, obj) says so, which also judges those that are tracked as some instance's. */
struct live_orphans {
    struct str namespace;
    bool (*counts)(void *data, const struct live_obj *top);
    void *data;
};

/* The objects of one application in the cache of its cluster. */
struct live_tree {
    struct live_cache *cache;
    struct str instance;
    const struct live_orphans *orphans; /* NULL = they are not asked for */
    /* What may be shown; what is not hides all below it. NULL = everything. */
    bool (*permits)(void *data, const struct live_obj *obj);
    void *data;
};

/* ApplicationTree of the REST API: {nodes[], orphanedNodes[], hosts[]}. Targets that are missing in the
 * cluster are not nodes of it. */
const struct value *live_tree_of(struct arena *arena, const struct live_tree *tree);

/* fn for every node; orphans are not among them. */
void live_tree_visit(const struct live_tree *tree,
                     void (*fn)(void *data, struct live_obj *obj, struct live_obj *parent),
                     void *data);

/* How many nodes they are, at a cost of what is loose in the namespace. */
size_t live_tree_count_orphans(struct live_cache *cache, const struct live_orphans *orphans);

/* The record of a node of the tree; NULL when the object is not in it. */
struct live_obj *live_tree_find(const struct live_tree *tree,
                                struct str group,
                                struct str kind,
                                struct str ns,
                                struct str name);
