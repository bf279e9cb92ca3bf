/* Objects wait as JSON under their key: what a job takes along must not be shared with the loop. */
#include "app-controller/live/live_queue.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/base/log.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/rt/loop.h"
#include "common/rt/timer.h"
#include "common/rt/work.h"
#include "common/value/value_json.h"

enum {
    BATCH_OBJECTS = 64,
    RETRY_MS = 1000, /* when too many jobs are waiting */
};

struct batch {
    struct job job;
    struct live_queue *queue;
    void *context;
    struct live_queued *items[BATCH_OBJECTS];
    size_t n;
};

struct live_queue {
    struct live_queue_opts opts;
    struct map *waiting; /* key -> struct live_queued */
    struct batch *batch; /* under way, or NULL */
    struct timer retry;
    bool stopped;
};

static void queued_free(void *value)
{
    struct live_queued *queued = value;
    arena_free(queued->arena);
}

static void batch_free(struct batch *batch)
{
    for (size_t i = 0; i < batch->n; i++) {
        queued_free(batch->items[i]);
    }
    batch->queue->opts.end(batch->context);
    mem_free(batch);
}

/* ---- on the pool ---- */

static int look_at(struct batch *batch, struct live_queued *queued, struct err *err)
{
    TRY(value_from_json(queued->arena, queued->json, NULL, &queued->obj, err));
    queued->key = kube_key_of(queued->obj);
    queued->resource_version = kube_resource_version(queued->obj);
    batch->queue->opts.look(batch->context, queued);
    return 0;
}

static int run_batch(struct job *job, struct err *err)
{
    struct batch *batch = CONTAINER_OF(job, struct batch, job);
    for (size_t i = 0; i < batch->n && !job_canceled(job); i++) {
        TRY(look_at(batch, batch->items[i], err));
    }
    return 0;
}

/* ---- on the loop ---- */

static void start(void *data);

static void on_batch_done(struct job *job, const struct err *err)
{
    struct batch *batch = CONTAINER_OF(job, struct batch, job);
    struct live_queue *queue = batch->queue;
    queue->batch = NULL;
    if (err != NULL && !queue->stopped && err->code != ERR_CANCELED) {
        log_error("objects could not be looked at", LF_CSTR("what", queue->opts.purpose),
                  LF_ERR(err));
    }
    for (size_t i = 0; err == NULL && i < batch->n && !queue->stopped; i++) {
        queue->opts.on_looked(queue->opts.data, batch->items[i]);
    }
    batch_free(batch);
    start(queue);
    if (queue->batch == NULL) {
        queue->opts.on_idle(queue->opts.data);
    }
}

static struct batch *take_batch(struct live_queue *queue)
{
    struct batch *batch = MEM_NEW(struct batch);
    batch->job.run = run_batch;
    batch->job.done = on_batch_done;
    batch->queue = queue;
    batch->context = queue->opts.begin(queue->opts.data);
    MAP_FOREACH(queue->waiting, it) {
        batch->items[batch->n++] = map_take(queue->waiting, it.key);
        if (batch->n == BATCH_OBJECTS) {
            break;
        }
    }
    return batch;
}

static void put_back(struct batch *batch)
{
    while (batch->n > 0) {
        struct live_queued *queued = batch->items[--batch->n];
        map_set(batch->queue->waiting, queued->id, queued);
    }
    batch_free(batch);
}

static void start(void *data)
{
    struct live_queue *queue = data;
    struct err err;
    if (queue->batch != NULL || queue->stopped || map_len(queue->waiting) == 0) {
        return;
    }
    struct batch *batch = take_batch(queue);
    if (work_submit(queue->opts.work, WORK_DIFF, &batch->job, &err) < 0) {
        put_back(batch);
        timer_start(&queue->retry, RETRY_MS);
        return;
    }
    queue->batch = batch;
}

struct live_queue *live_queue_new(const struct live_queue_opts *opts)
{
    struct live_queue *queue = MEM_NEW(struct live_queue);
    queue->opts = *opts;
    queue->waiting = map_new(queued_free);
    timer_init(&queue->retry, opts->loop, start, queue);
    return queue;
}

void live_queue_stop(struct live_queue *queue)
{
    queue->stopped = true;
    timer_stop(&queue->retry);
    map_clear(queue->waiting);
    if (queue->batch != NULL) {
        job_cancel(&queue->batch->job);
    }
}

bool live_queue_is_idle(const struct live_queue *queue)
{
    return queue->batch == NULL;
}

void live_queue_free(struct live_queue *queue)
{
    assert(queue->batch == NULL);
    timer_stop(&queue->retry);
    map_free(queue->waiting);
    mem_free(queue);
}

void live_queue_add(struct live_queue *queue, struct live_queued *queued, const struct value *obj)
{
    struct err err;
    if (queue->stopped || value_to_json_in(queued->arena, obj, NULL, &queued->json, &err) < 0) {
        queued_free(queued); /* only sizes beyond any object's can fail */
        return;
    }
    queued->id = kube_key_to_str(queued->arena, kube_key_of(obj));
    map_set(queue->waiting, queued->id, queued);
    start(queue);
}
