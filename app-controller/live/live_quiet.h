/* Changes of objects that nobody needs to hear of: ignoreResourceUpdates of argocd-cm.  Pure; any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct compare_rules;
struct ignore_jq;
struct value;

/* A hash of what counts of an object, for two states of it to be compared; 0: every change counts.
 *
 * tracked: it is managed by an application; others are looked at when their annotation
 * argocd.argoproj.io/ignore-resource-updates says so. Costs a walk over the object.
 * jq: as for ignore_apply(); *ret_needs_jq: the answer is 0 for want of it. */
uint64_t live_quiet_hash(struct arena *arena,
                         const struct compare_rules *rules,
                         const struct ignore_jq *jq,
                         const struct value *obj,
                         bool tracked,
                         bool *ret_needs_jq);
