/* The keyed queue.  A key has one item, which may be in three places at once:
 *
 *     due      in a list, to be taken (or `again` set, while it is running); in that of its lane when there
 *              was no room in it
 *     waiting  its timer runs, and will make it due
 *     running  between process() and queue_done()
 *
 * An item is freed when it is in none of them and has no failures counted. */
#include "common/rt/queue.h"

#include <string.h>

#include "common/base/list.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/rt/loop.h"
#include "common/rt/timer.h"

struct item {
    struct queue *queue;
    struct list node; /* in a list of due items */
    struct str key;   /* owned */
    struct timer timer;
    int level;      /* of the next run */
    int wait_level; /* to be merged into level when the timer fires */
    size_t lane;    /* while it is running */
    bool due;
    bool running;
    bool again; /* became due while running */
    unsigned n_failures;
};

struct queue {
    struct loop *loop;
    struct queue_options options;
    struct map *items;
    struct list due[QUEUE_LEVELS]; /* by level; all in the first one when FIFO */
    struct list held[QUEUE_LANES]; /* due, but their lane is full */
    size_t lane_running[QUEUE_LANES];
    struct loop_task dispatch;
    struct loop_task drain;
    struct queue_stats stats;
    queue_drained_fn drained;
    void *drained_data;
    bool shut_down;
};

static void item_free(void *p)
{
    struct item *item = p;
    char *key = (char *)(uintptr_t)item->key.p; /* ours, const only for readers */
    timer_stop(&item->timer);
    mem_free(key);
    mem_free(item);
}

struct queue *queue_new(struct loop *loop, const struct queue_options *options)
{
    ASSERT_LOOP(loop);
    assert(options->process != NULL && options->n_lanes <= QUEUE_LANES);
    struct queue *queue = MEM_NEW(struct queue);
    queue->loop = loop;
    queue->options = *options;
    if (options->lane_of == NULL) {
        queue->options.n_lanes = 1;
        queue->options.lane_max[0] = options->max_running;
    }
    for (size_t i = 0; i < queue->options.n_lanes; i++) {
        assert(queue->options.lane_max[i] > 0);
        list_init(&queue->held[i]);
    }
    queue->items = map_new(item_free);
    for (int i = 0; i < QUEUE_LEVELS; i++) {
        list_init(&queue->due[i]);
    }
    return queue;
}

void queue_free(struct queue *queue)
{
    if (queue == NULL) {
        return;
    }
    ASSERT_LOOP(queue->loop);
    assert(queue->stats.n_running == 0);
    loop_task_cancel(&queue->dispatch);
    loop_task_cancel(&queue->drain);
    map_free(queue->items);
    mem_free(queue);
}

static void on_wait_over(void *data);

static struct item *item_get(struct queue *queue, struct str key)
{
    struct item *item = map_find(queue->items, key);
    if (item == NULL) {
        item = MEM_NEW(struct item);
        item->queue = queue;
        item->key = str_of(mem_strndup(key.p, key.n), key.n);
        timer_init(&item->timer, queue->loop, on_wait_over, item);
        map_set(queue->items, key, item);
    }
    return item;
}

static void item_drop_if_unused(struct item *item)
{
    if (item->due || item->running || item->n_failures > 0 || timer_running(&item->timer)) {
        return;
    }
    (void)map_remove(item->queue->items, item->key); /* it is in there */
}

static void item_unlist(struct item *item)
{
    if (item->due) {
        list_remove(&item->node);
        item->due = false;
        item->queue->stats.n_due--;
    }
}

static struct list *due_list(struct queue *queue, int level)
{
    return &queue->due[queue->options.order == QUEUE_LEVEL_FIRST ? level : 0];
}

static void item_list(struct item *item)
{
    list_push(due_list(item->queue, item->level), &item->node);
    item->due = true;
    item->queue->stats.n_due++;
}

static bool has_room(const struct queue *queue, size_t lane)
{
    return queue->lane_running[lane] < queue->options.lane_max[lane];
}

static bool has_any_room(const struct queue *queue)
{
    for (size_t i = 0; i < queue->options.n_lanes; i++) {
        if (has_room(queue, i)) {
            return true;
        }
    }
    return false;
}

static struct item *pop(struct list *list)
{
    struct list *node = list_pop(list);
    return node != NULL ? CONTAINER_OF(node, struct item, node) : NULL;
}

/* It goes into its lane, or is held until that has room. */
static bool enter(struct queue *queue, struct item *item)
{
    queue_lane_fn lane_of = queue->options.lane_of;
    item->lane = lane_of != NULL ? lane_of(item->key, queue->options.data) : 0;
    assert(item->lane < queue->options.n_lanes);
    if (!has_room(queue, item->lane)) {
        list_push(&queue->held[item->lane], &item->node);
        return false;
    }
    item->due = false;
    queue->stats.n_due--;
    return true;
}

static struct item *take_from(struct queue *queue, struct list *list)
{
    for (struct item *item; (item = pop(list)) != NULL;) {
        if (enter(queue, item)) {
            return item;
        }
    }
    return NULL;
}

static struct item *take(struct queue *queue)
{
    struct item *item = NULL;
    for (size_t i = 0; i < queue->options.n_lanes && item == NULL; i++) {
        if (has_room(queue, i)) {
            item = take_from(queue, &queue->held[i]);
        }
    }
    for (int level = QUEUE_LEVELS - 1; level >= 0 && item == NULL; level--) {
        item = take_from(queue, &queue->due[level]);
    }
    return item;
}

static void on_dispatch(void *data);

static void want_dispatch(struct queue *queue)
{
    if (queue->stats.n_due > 0 && has_any_room(queue)) {
        loop_task_post(queue->loop, &queue->dispatch, on_dispatch, queue);
    }
}

/* One key per task: process() may do real work, and other things on the loop get their turn
 * between. */
static void on_dispatch(void *data)
{
    struct queue *queue = data;
    struct item *item = has_any_room(queue) ? take(queue) : NULL;
    if (item == NULL) {
        return;
    }
    int level = item->level;
    item->level = 0;
    item->running = true;
    queue->lane_running[item->lane]++;
    queue->stats.n_running++;
    queue->stats.n_taken++;
    want_dispatch(queue);
    queue->options.process(queue, item->key, level, queue->options.data); /* may end the item */
}

static void make_due(struct item *item, int level)
{
    struct queue *queue = item->queue;
    bool rises = level > item->level;
    item->level = MAX(item->level, level);
    if (item->running) {
        item->again = true;
        return;
    }
    if (item->due && rises && queue->options.order == QUEUE_LEVEL_FIRST) {
        item_unlist(item);
    }
    if (!item->due) {
        item_list(item);
    }
    want_dispatch(queue);
}

static void on_wait_over(void *data)
{
    struct item *item = data;
    int level = item->wait_level;
    item->wait_level = 0;
    item->queue->stats.n_waiting--;
    make_due(item, level);
}

static void stop_waiting(struct item *item)
{
    if (timer_running(&item->timer)) {
        timer_stop(&item->timer);
        item->queue->stats.n_waiting--;
        item->wait_level = 0;
    }
}

static void check_add(const struct queue *queue, int level)
{
    ASSERT_LOOP(queue->loop);
    assert(level >= 0 && level < QUEUE_LEVELS);
}

void queue_add(struct queue *queue, struct str key, int level)
{
    check_add(queue, level);
    if (queue->shut_down) {
        return;
    }
    queue->stats.n_added++;
    make_due(item_get(queue, key), level);
}

void queue_add_after(struct queue *queue, struct str key, int level, int64_t delay_ms)
{
    check_add(queue, level);
    if (delay_ms <= 0) {
        queue_add(queue, key, level);
        return;
    }
    if (queue->shut_down) {
        return;
    }
    queue->stats.n_added++;
    struct item *item = item_get(queue, key);
    if (item->due || item->again) {
        make_due(item, level);
        return;
    }
    int64_t due_ms = loop_now_ms(queue->loop) + delay_ms;
    item->wait_level = MAX(item->wait_level, level);
    if (!timer_running(&item->timer)) {
        queue->stats.n_waiting++;
    } else if (item->timer.due_ms <= due_ms) {
        return;
    }
    timer_start_at(&item->timer, due_ms);
}

int64_t queue_add_rate_limited(struct queue *queue, struct str key, int level)
{
    check_add(queue, level);
    if (queue->shut_down) {
        return 0;
    }
    struct item *item = item_get(queue, key);
    if (item->n_failures < UINT32_MAX) {
        item->n_failures++;
    }
    queue->stats.n_retries++;
    int64_t delay_ms =
        backoff_delay_ms(queue->options.retry, item->n_failures, queue->options.rand);
    queue_add_after(queue, key, level, delay_ms);
    return delay_ms;
}

void queue_forget(struct queue *queue, struct str key)
{
    ASSERT_LOOP(queue->loop);
    struct item *item = map_find(queue->items, key);
    if (item != NULL) {
        item->n_failures = 0;
        item_drop_if_unused(item);
    }
}

unsigned queue_n_failures(const struct queue *queue, struct str key)
{
    const struct item *item = map_find(queue->items, key);
    return item != NULL ? item->n_failures : 0;
}

void queue_remove(struct queue *queue, struct str key)
{
    ASSERT_LOOP(queue->loop);
    struct item *item = map_find(queue->items, key);
    if (item == NULL) {
        return;
    }
    item_unlist(item);
    stop_waiting(item);
    item->again = false;
    item->level = 0;
    item->n_failures = 0;
    item_drop_if_unused(item);
}

static void on_drained(void *data)
{
    struct queue *queue = data;
    queue->drained(queue, queue->drained_data);
}

static void check_drained(struct queue *queue)
{
    if (queue->shut_down && queue->stats.n_running == 0) {
        loop_task_post(queue->loop, &queue->drain, on_drained, queue);
    }
}

void queue_done(struct queue *queue, struct str key)
{
    ASSERT_LOOP(queue->loop);
    struct item *item = map_find(queue->items, key);
    assert(item != NULL && item->running);
    item->running = false;
    queue->lane_running[item->lane]--;
    queue->stats.n_running--;
    if (item->again) {
        item->again = false;
        item_list(item);
    }
    item_drop_if_unused(item);
    want_dispatch(queue);
    check_drained(queue);
}

void queue_shutdown(struct queue *queue, queue_drained_fn drained, void *data)
{
    ASSERT_LOOP(queue->loop);
    assert(!queue->shut_down);
    queue->shut_down = true;
    queue->drained = drained;
    queue->drained_data = data;
    MAP_FOREACH(queue->items, entry) {
        struct item *item = entry.value;
        item_unlist(item);
        stop_waiting(item);
        item->again = false;
        item->n_failures = 0;
        item_drop_if_unused(item);
    }
    check_drained(queue);
}

struct queue_stats queue_stats(const struct queue *queue)
{
    return queue->stats;
}

const char *queue_name(const struct queue *queue)
{
    return queue->options.name;
}
