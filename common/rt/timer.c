/* Timers: a binary heap per loop over embedded nodes, with one libuv timer for the earliest.
 *
 * Starting, moving and stopping cost O(log n) and no allocation but the heap's growth; libuv is
 * asked only when the earliest time changes. */
#include "common/rt/timer.h"

#include <string.h>

#include "common/base/rand.h"
#include "common/rt/loop.h"
#include "common/rt/loop_internal.h"

static bool before(const struct timer *a, const struct timer *b)
{
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->order < b->order;
}

static void place(struct timer_heap *heap, size_t index, struct timer *timer)
{
    heap->items.items[index] = timer;
    timer->index = index;
}

static void sift_up(struct timer_heap *heap, struct timer *timer)
{
    size_t i = timer->index;
    while (i > 1 && before(timer, heap->items.items[i / 2])) {
        place(heap, i, heap->items.items[i / 2]);
        i /= 2;
    }
    place(heap, i, timer);
}

static void sift_down(struct timer_heap *heap, struct timer *timer)
{
    size_t i = timer->index;
    size_t last = heap->items.n - 1;
    while (2 * i <= last) {
        size_t child = 2 * i;
        if (child < last && before(heap->items.items[child + 1], heap->items.items[child])) {
            child++;
        }
        if (!before(heap->items.items[child], timer)) {
            break;
        }
        place(heap, i, heap->items.items[child]);
        i = child;
    }
    place(heap, i, timer);
}

static struct timer *first(const struct timer_heap *heap)
{
    return heap->items.n > 1 ? heap->items.items[1] : NULL;
}

static void heap_add(struct timer_heap *heap, struct timer *timer)
{
    vec_push(&heap->items, timer);
    timer->index = heap->items.n - 1;
    sift_up(heap, timer);
}

static void heap_remove(struct timer_heap *heap, struct timer *timer)
{
    size_t hole = timer->index;
    struct timer *last = heap->items.items[--heap->items.n];
    timer->index = 0;
    if (last == timer) {
        return;
    }
    place(heap, hole, last);
    sift_up(heap, last);
    sift_down(heap, last);
}

static void on_uv_timer(uv_timer_t *uv);

/* Let libuv wake us for the earliest timer. */
static void arm(struct timer_heap *heap)
{
    const struct timer *next = first(heap);
    if (heap->firing) { /* done once, at the end */
        return;
    }
    if (next == NULL) {
        (void)uv_timer_stop(&heap->uv); /* never fails */
        return;
    }
    loop_refresh_time(heap->loop);
    int64_t delay_ms = next->due_ms - (int64_t)uv_now(loop_uv(heap->loop));
    (void)uv_timer_start(&heap->uv, on_uv_timer, delay_ms > 0 ? (uint64_t)delay_ms : 0, 0);
}

static void schedule(struct timer *timer, int64_t due_ms)
{
    struct timer_heap *heap = loop_timer_heap(timer->loop);
    const struct timer *old_first = first(heap);
    bool was_first = old_first == timer;
    if (timer->index != 0) {
        heap_remove(heap, timer);
    }
    timer->due_ms = due_ms;
    timer->order = heap->next_order++;
    heap_add(heap, timer);
    if (was_first || first(heap) == timer) {
        arm(heap);
    }
}

static void on_rearm(void *data)
{
    arm(data);
}

static int64_t interval_ms(const struct timer *timer)
{
    int64_t jitter_ms = timer->jitter_ms;
    if (jitter_ms > 0) {
        jitter_ms = (int64_t)rand_below(timer->rand, (uint64_t)jitter_ms + 1);
    }
    return timer->period_ms + jitter_ms;
}

static void on_uv_timer(uv_timer_t *uv)
{
    struct timer_heap *heap = uv->data;
    int64_t now_ms = loop_now_ms(heap->loop);
    uint64_t batch_end =
        heap->next_order; /* timers started meanwhile wait for the next iteration */
    struct timer *timer;
    heap->firing = true;
    while ((timer = first(heap)) != NULL && timer->due_ms <= now_ms && timer->order < batch_end) {
        heap_remove(heap, timer);
        if (timer->period_ms > 0) {
            schedule(timer, now_ms + interval_ms(timer));
        }
        loop_call(heap->loop, "timer", timer->fn, timer->data); /* may free the timer */
    }
    heap->firing = false;
    if (timer != NULL && timer->due_ms <= now_ms) {
        /* libuv would call us again without end, as its own loop goes on while timers are due */
        loop_task_post(heap->loop, &heap->rearm, on_rearm, heap);
        return;
    }
    arm(heap);
}

void timer_heap_init(struct timer_heap *heap, struct loop *loop)
{
    heap->loop = loop;
    (void)uv_timer_init(loop_uv(loop), &heap->uv); /* never fails */
    heap->uv.data = heap;
    vec_push(&heap->items, NULL); /* so that the children of i are 2i and 2i + 1 */
}

void timer_heap_done(struct timer_heap *heap)
{
    loop_task_cancel(&heap->rearm);
    uv_close((uv_handle_t *)&heap->uv, NULL);
    for (size_t i = 1; i < heap->items.n; i++) {
        heap->items.items[i]->index = 0;
    }
    vec_done(&heap->items);
}

void timer_init(struct timer *timer, struct loop *loop, timer_fn fn, void *data)
{
    memset(timer, 0, sizeof(*timer));
    timer->loop = loop;
    timer->fn = fn;
    timer->data = data;
}

void timer_start_at(struct timer *timer, int64_t due_ms)
{
    ASSERT_LOOP(timer->loop);
    timer->period_ms = 0;
    schedule(timer, due_ms);
}

void timer_start(struct timer *timer, int64_t delay_ms)
{
    timer_start_at(timer, loop_now_ms(timer->loop) + MAX(delay_ms, (int64_t)0));
}

void timer_start_repeating(struct timer *timer,
                           int64_t period_ms,
                           int64_t jitter_ms,
                           struct rand *rand)
{
    ASSERT_LOOP(timer->loop);
    assert(period_ms > 0 && jitter_ms >= 0 && (jitter_ms == 0 || rand != NULL));
    timer->period_ms = period_ms;
    timer->jitter_ms = jitter_ms;
    timer->rand = rand;
    schedule(timer, loop_now_ms(timer->loop) + interval_ms(timer));
}

void timer_stop(struct timer *timer)
{
    if (timer->index == 0) {
        return;
    }
    ASSERT_LOOP(timer->loop);
    struct timer_heap *heap = loop_timer_heap(timer->loop);
    bool was_first = first(heap) == timer;
    heap_remove(heap, timer);
    if (was_first) {
        arm(heap);
    }
}

bool timer_running(const struct timer *timer)
{
    return timer->index != 0;
}
