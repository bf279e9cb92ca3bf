/* struct ref_index: objects that were renamed, found by an old name in constant time: for following references. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/str.h"
#include "engine/kustomize/kres.h"

struct kschema;
struct ref_index;
struct resmap;

/* Lives in the arena; m is borrowed. What is there when a function is first called is found: nothing may be renamed meanwhile. */
struct ref_index *
ref_index_new(struct arena *arena, const struct resmap *m, const struct kschema *schema);

/* Objects in the order of the map, each once. */
struct ref_list {
    struct kres *const *items;
    size_t n;
};

/* All with this earlier name. */
struct ref_list ref_index_by_name(struct ref_index *index, struct str name);
/* Of those, the cluster-scoped ones ... */
struct ref_list ref_index_cluster(struct ref_index *index, struct str name);
/* ... the ones that are in an effective namespace now ... */
struct ref_list ref_index_by_place(struct ref_index *index, struct str name, struct str namespace);
/* ... and the ones that came from one. */
struct ref_list ref_index_by_origin(struct ref_index *index, struct str name, struct str namespace);

/* True when any object came from this effective namespace ... */
bool ref_index_has_origin(struct ref_index *index, struct str namespace);
/* ... and is in that one, as it is written, now ... */
bool ref_index_has_move(struct ref_index *index, struct str origin, struct str namespace);
/* ... or is cluster-scoped now. */
bool ref_index_has_cluster_move(struct ref_index *index, struct str origin);
