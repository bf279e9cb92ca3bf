/* struct timer: a cheap embedded timer; thousands of them share one libuv timer and a heap.
 *
 * Unlike a uv_timer_t it can be freed as soon as it is stopped.  Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct rand;

typedef void (*timer_fn)(void *data);

struct timer { /* private */
    struct loop *loop;
    timer_fn fn;
    void *data;
    struct rand *rand; /* borrowed; with jitter only */
    int64_t due_ms;
    int64_t period_ms; /* 0 = one shot */
    int64_t jitter_ms;
    uint64_t order; /* equal due times fire in the order of starting */
    size_t index;   /* in the heap, from 1; 0 = not running */
};

/* The timer is stopped. */
void timer_init(struct timer *timer, struct loop *loop, timer_fn fn, void *data);
/* Fire once after delay_ms (<= 0: in the next iteration); a running timer is moved. */
void timer_start(struct timer *timer, int64_t delay_ms);
/* As timer_start() for a point in time of loop_now_ms(). */
void timer_start_at(struct timer *timer, int64_t due_ms);
/* Fire every period_ms plus a random part of jitter_ms, the first time after such an interval too.
 * rand may be NULL when jitter_ms is 0. */
void timer_start_repeating(struct timer *timer,
                           int64_t period_ms,
                           int64_t jitter_ms,
                           struct rand *rand);
/* fn is not called any more; a stopped or zeroed timer is fine. */
void timer_stop(struct timer *timer);
bool timer_running(const struct timer *timer);
