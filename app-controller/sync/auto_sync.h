/* Automated sync as one decision: given the last comparison and the last operation, is a sync to be
 * started now, later, or not at all?  Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "app-controller/compare/compare.h"
#include "common/base/str.h"
#include "common/model/application_spec.h"
#include "common/model/application_status.h"

struct arena;
struct value;

/* Self-heal: wait after attempt n is min(cap, timeout * factor^(n-1)). */
struct auto_sync_heal {
    int64_t timeout_ms; /* 0 = fixed_ms after every sync instead */
    int64_t factor;     /* 0, 1 = always the same wait */
    int64_t cap_ms;     /* 0 = none */
    int64_t fixed_ms;
};

struct auto_sync_input {
    const struct app_spec *spec;
    const struct app_operation_state *last; /* phase NONE = nothing was ever synced */
    bool operation_pending;                 /* .operation is set, or one is running */
    bool deleting;
    const struct compare_result *compare;
    struct app_strs revisions; /* compared, one per source */
    /* Could the revision differ from that of the last sync at all? False: only sources count. */
    bool revision_may_change;
    struct auto_sync_heal heal;
    int64_t now_ms; /* wall clock */
};

enum auto_sync_action {
    AUTO_SYNC_NONE,
    AUTO_SYNC_START, /* write `operation` */
    AUTO_SYNC_LATER, /* ask again at retry_at_ms */
};

struct auto_sync_decision {
    enum auto_sync_action action;
    const struct value *operation; /* for the Application's .operation */
    int64_t retry_at_ms;           /* wall clock */
    struct str condition; /* message of the SyncError condition; empty = the condition is cleared */
};

void auto_sync_decide(struct arena *arena,
                      const struct auto_sync_input *in,
                      struct auto_sync_decision *ret);
