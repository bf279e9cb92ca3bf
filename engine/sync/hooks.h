/* Hooks: resources that are created in a phase of a sync instead of being kept in sync.
 *
 * argocd.argoproj.io/hook, or Helm's annotations where that is missing.  Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/str.h"
#include "common/model/status.h"

struct arena;
struct value;

#define HOOK_ANNOTATION               "argocd.argoproj.io/hook"
#define HOOK_DELETE_POLICY_ANNOTATION "argocd.argoproj.io/hook-delete-policy"
#define HOOK_FINALIZER                "argocd.argoproj.io/hook-finalizer"
/* Which try of which operation made a hook, and in which phase: ours, so that a process that goes on with the
 * operation knows what its predecessor had made but not yet noted. */
#define HOOK_SYNC_ANNOTATION "belay.dev/sync-of"

enum hook_delete_policy {
    HOOK_DELETE_BEFORE_CREATION = 1 << 0,
    HOOK_DELETE_SUCCEEDED = 1 << 1,
    HOOK_DELETE_FAILED = 1 << 2,
};

struct hook {
    bool is_hook;    /* not an ordinary resource; may have no phase at all, then it is never run */
    bool skip;       /* "Skip" alone: neither applied nor compared */
    unsigned phases; /* bit (1 << enum sync_phase) for each */
};

struct hook hook_of(const struct value *obj);

static inline bool hook_has_phase(struct hook hook, enum sync_phase phase)
{
    return (hook.phases & (1u << phase)) != 0;
}

/* Some phase of a sync (not only of deletion). */
bool hook_in_sync(struct hook hook);
/* Phases of deletion and none of a sync. */
bool hook_only_delete(struct hook hook);

/* Set of enum hook_delete_policy; HOOK_DELETE_BEFORE_CREATION when none is given. */
unsigned hook_delete_policies(const struct value *obj);

/* The name a hook goes by in a phase: its own, or made from generateName, revision, phase and start, so
 * that repeating gives the same one. */
struct str hook_name(struct arena *arena,
                     const struct value *obj,
                     enum sync_phase phase,
                     struct str revision,
                     int64_t started_at_ms);

/* The object to create for a hook of a sync in a phase: named, and with the hook finalizer. */
const struct value *hook_instance(struct arena *arena,
                                  const struct value *obj,
                                  enum sync_phase phase,
                                  struct str revision,
                                  int64_t started_at_ms);
