/* Kinds whose objects may not be listed, as resource.respectRBAC has it.  Loop thread only.
 *
 * Off: the list is tried again and again, and the cluster tells of it. Normal: the kind is left out until the
 * cluster's kinds are discovered anew. Strict: the cluster is asked for our rights first; with them the refusal is
 * taken for an error that passes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct err;
struct kind_watch;
struct live_cache;
struct live_kind;

/* The watch has failed; from its callback. */
void live_refused_consider(struct kind_watch *kw);

struct live_refused {
    const struct live_kind *kind;
    const struct err *err;
    bool left_out; /* on purpose: nothing is wrong */
};
/* Kinds that may not be listed. Start with *at = 0; false at the end. */
bool live_refused_next(const struct live_cache *cache, size_t *at, struct live_refused *ret);
