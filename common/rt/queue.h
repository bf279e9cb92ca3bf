/* struct queue: keyed work queue without duplicates, as client-go's workqueue.
 *
 *  - A key added several times before it is taken is processed once, with the highest level asked for.
 *  - A key added while it is processed is processed again afterwards, never at the same time.
 *  - At most max_running keys are processed at once; with lanes, as many of each lane as it has room for.
 *  - queue_add_after() waits; the earliest time and the highest level asked for win.
 *  - queue_add_rate_limited() waits longer with every failure of the key, until queue_forget().
 *
 * Processing is asynchronous: process() begins it and queue_done() ends it.  Loop thread only. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/cleanup.h"
#include "common/base/str.h"
#include "common/rt/backoff.h"

struct loop;
struct queue;
struct rand;

/* Begin with a key; `key` is valid until queue_done(), which must be called for it exactly once,
 * and may be called before this returns. Never called from queue_add(). */
typedef void (*queue_process_fn)(struct queue *queue, struct str key, int level, void *data);
/* After queue_shutdown(): nothing is being processed any more. */
typedef void (*queue_drained_fn)(struct queue *queue, void *data);

enum {
    QUEUE_LEVELS = 8, /* levels are 0..QUEUE_LEVELS-1 */
    QUEUE_LANES = 4,
};

enum queue_order {
    QUEUE_FIFO,        /* the level is only handed on */
    QUEUE_LEVEL_FIRST, /* higher levels are taken first, FIFO within one; low ones may starve */
};

/* Which lane a key is for now, below n_lanes; asked when it is about to be taken. */
typedef size_t (*queue_lane_fn)(struct str key, void *data);

struct queue_options {
    const char *name; /* static; for logs and metrics */
    queue_process_fn process;
    void *data;
    size_t max_running;    /* >= 1; without lanes */
    queue_lane_fn lane_of; /* NULL = no lanes */
    size_t n_lanes;
    size_t lane_max[QUEUE_LANES]; /* each >= 1 */
    enum queue_order order;
    const struct backoff_policy *retry; /* borrowed; for queue_add_rate_limited() */
    struct rand *rand;                  /* borrowed; may be NULL when retry has no jitter */
};

struct queue *queue_new(struct loop *loop, const struct queue_options *options);
/* Nothing may be in process. NULL is fine. */
void queue_free(struct queue *queue);
DEFINE_CLEANUP(queue, struct queue, queue_free);

/* The key (copied) is to be processed, at `level` at least. Nothing happens after shutdown. */
void queue_add(struct queue *queue, struct str key, int level);
/* As queue_add() after a delay. A key that is due already is not delayed. */
void queue_add_after(struct queue *queue, struct str key, int level, int64_t delay_ms);
/* As queue_add_after() with the back-off of the key, whose failures it counts. Returns the
 * delay. */
int64_t queue_add_rate_limited(struct queue *queue, struct str key, int level);
/* The key succeeded: its next failure starts at the first delay again. */
void queue_forget(struct queue *queue, struct str key);
unsigned queue_n_failures(const struct queue *queue, struct str key);
/* Take the key out of waiting and due (not out of processing), e.g. because the object is gone. */
void queue_remove(struct queue *queue, struct str key);

/* The processing of a key ended. */
void queue_done(struct queue *queue, struct str key);

/* Drop all that is due or waiting, take no more; drained(data) is called, in a later iteration,
 * when the running ones have ended. */
void queue_shutdown(struct queue *queue, queue_drained_fn drained, void *data);

struct queue_stats {
    size_t n_due;     /* ready to be taken */
    size_t n_waiting; /* for their time */
    size_t n_running;
    uint64_t n_added; /* so far, duplicates included */
    uint64_t n_taken;
    uint64_t n_retries;
};
struct queue_stats queue_stats(const struct queue *queue);
const char *queue_name(const struct queue *queue);
