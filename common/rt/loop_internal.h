/* What loop.c and timer.c share. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "common/base/vec.h"
#include "common/rt/loop.h"

struct timer;

/* All timers of a loop: a binary heap by (due_ms, order), items[0] unused. */
struct timer_heap {
    struct loop *loop;
    uv_timer_t uv; /* for the first one due */
    VEC(struct timer *) items;
    uint64_t next_order;
    bool firing;            /* in the libuv timer's callback */
    struct loop_task rearm; /* asks libuv again when more is due already */
};

void timer_heap_init(struct timer_heap *heap, struct loop *loop);
/* Closes the libuv timer; timers that still run are forgotten. */
void timer_heap_done(struct timer_heap *heap);

struct timer_heap *loop_timer_heap(struct loop *loop);
/* Outside of loop_run() libuv's cached time is old: refresh it before it is reckoned with. */
void loop_refresh_time(struct loop *loop);
