/* Why an operation does not go on, for people and programs: the message of the condition SyncBlocked.
 *
 * Its first lines are for people, the last one is a JSON object for programs (docs/operations.md):
 * {"reason": "Health", "until": "2026-...", "resources": [{group, kind, namespace, name, phase, wave, health,
 * message}], "more": 3}.  Pure. */
#pragma once

#include <stddef.h>

#include "app-controller/sync/plan.h"
#include "common/base/str.h"

struct arena;

/* X(NAME, reason as it is written) */
#define BLOCKED_REASONS(X)          \
    X(NOT, "")                      \
    X(WINDOW, "SyncWindow")         \
    X(HEALTH, "Health")             \
    X(HOOK, "Hook")                 \
    X(DELETION, "Deletion")         \
    X(CONFIRMATION, "Confirmation") \
    X(BUDGET, "DeletionBudget")     \
    X(RETRY, "Retry")               \
    X(SELF_HEAL, "SelfHeal")        \
    X(CLUSTER, "Cluster")           \
    X(PROJECT, "Project")           \
    X(KIND, "MissingKind")

enum blocked_reason {
#define BLOCKED_ENUM(name, text) BLOCKED_##name,
    BLOCKED_REASONS(BLOCKED_ENUM)
#undef BLOCKED_ENUM
        BLOCKED_REASON_COUNT
};

const char *blocked_reason_name(enum blocked_reason reason);

struct blocked {
    enum blocked_reason reason;
    struct str text;                /* for people */
    int64_t until_ms;               /* wall clock: when it may go on; 0 = nobody knows */
    struct plan_task *const *tasks; /* what is waited for */
    size_t n_tasks;
    const struct plan *plan; /* of the tasks; may be NULL without any */
};

/* Of such a message; BLOCKED_NOT when it is none. */
enum blocked_reason blocked_reason_of(struct arena *arena, struct str message);

/* The condition's message; "" for BLOCKED_NOT. */
struct str blocked_message(struct arena *arena, const struct blocked *blocked);
