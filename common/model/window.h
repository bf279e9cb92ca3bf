/* Sync windows of a project: when its applications may be synced.
 *
 * Argo CD's rules: a window is open from each moment of its schedule for its duration; open deny windows forbid,
 * allow windows forbid while none of them is open. Pure, any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/model/project.h"

struct arena;

/* Of one application. */
struct window_target {
    struct str app;       /* metadata.name */
    struct str namespace; /* of the destination */
    struct str server;
    struct str cluster; /* name; "" = unknown */
};

/* A window that concerns the application, at a moment. */
struct window_state {
    const struct project_window *window;
    bool open;
    int64_t changes_ms; /* wall clock: when it opens or closes next; WINDOW_NEVER */
};

#define WINDOW_NEVER INT64_MAX

struct window_states {
    const struct window_state *items; /* in the project's order */
    size_t n;
};

/* Where windows get zones from: as tzdata_read() (common/base/tzdata.h). An unknown zone counts as UTC, as for Argo CD. */
typedef int (*window_zone_fn)(struct arena *arena,
                              struct str name,
                              struct str *ret,
                              struct err *err);

struct window_input {
    const struct project *project;
    struct window_target target;
    window_zone_fn zone;
    int64_t now_ms;     /* wall clock */
    bool manual;        /* a person or a pipeline asks, not automation */
    int64_t started_ms; /* when the operation that asks began; 0 = it has not */
};

/* What is wrong with a window itself. ERR_INVALID names schedule or duration. */
MUST_CHECK int window_check(const struct project_window *window, struct err *err);
/* One window, whomever it concerns. ERR_INVALID as above. */
MUST_CHECK int window_state_at(struct arena *arena,
                               const struct project_window *window,
                               window_zone_fn zone,
                               int64_t now_ms,
                               struct window_state *ret,
                               struct err *err);
/* The windows that concern the target, as they are at in->now_ms. ERR_INVALID: one of them is wrong. */
MUST_CHECK int window_states_at(struct arena *arena,
                                const struct window_input *in,
                                struct window_states *ret,
                                struct err *err);

struct window_verdict {
    bool allowed;
    const struct project_window
        *by;         /* that forbids: an open deny, else an allow that is not open; NULL = none */
    int64_t next_ms; /* when a sync is allowed next; 0 = now, WINDOW_NEVER = not within a year */
};

/* ERR_INVALID as above: then nothing is allowed. */
MUST_CHECK int window_decide(struct arena *arena,
                             const struct window_input *in,
                             struct window_verdict *ret,
                             struct err *err);
/* "deny window '0 22 * * *' (1h), until 2026-11-24T06:00:00Z": for messages. */
struct str window_reason(struct arena *arena, const struct window_verdict *verdict);
