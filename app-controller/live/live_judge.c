/* Objects wait as JSON under their key; a job takes the first of them in the order they came. */
#include "app-controller/live/live_judge.h"

#include <assert.h>

#include "app-controller/live/live_info.h"
#include "common/base/arena.h"
#include "common/base/log.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/rt/loop.h"
#include "common/rt/timer.h"
#include "common/rt/work.h"
#include "common/value/value.h"
#include "common/value/value_json.h"
#include "engine/lua/customize.h"

enum {
    BATCH_OBJECTS = 64,
    RETRY_MS = 1000, /* when too many jobs are waiting */
};

struct waiting {
    struct arena *arena;
    struct str json;
};

struct batch {
    struct job job;
    struct live_judge *judge;
    struct customizations *scripts;
    struct arena *arena;
    struct str json[BATCH_OBJECTS];
    struct live_judged judged[BATCH_OBJECTS];
    size_t n;
};

struct live_judge {
    struct live_judge_opts opts;
    struct customizations *scripts;
    struct map *waiting; /* key -> struct waiting */
    struct batch *batch; /* under way, or NULL */
    struct timer retry;
    bool stopped;
};

static void waiting_free(void *value)
{
    struct waiting *w = value;
    arena_free(w->arena);
}

static void batch_free(struct batch *batch)
{
    customizations_unref(batch->scripts);
    arena_free(batch->arena);
    mem_free(batch);
}

/* ---- on the pool ---- */

static int judge_one(struct batch *batch, size_t i, struct err *err)
{
    const struct value *obj;
    TRY(value_from_json(batch->arena, batch->json[i], NULL, &obj, err));
    batch->judged[i] = (struct live_judged){
        .key = kube_key_of(obj),
        .resource_version = kube_resource_version(obj),
        .info = live_info_of(batch->arena, obj, batch->scripts),
    };
    return 0;
}

static int run_batch(struct job *job, struct err *err)
{
    struct batch *batch = CONTAINER_OF(job, struct batch, job);
    for (size_t i = 0; i < batch->n && !job_canceled(job); i++) {
        TRY(judge_one(batch, i, err));
    }
    return 0;
}

/* ---- on the loop ---- */

static void start(void *data);

static void on_batch_done(struct job *job, const struct err *err)
{
    struct batch *batch = CONTAINER_OF(job, struct batch, job);
    struct live_judge *judge = batch->judge;
    judge->batch = NULL;
    if (err != NULL && !judge->stopped && err->code != ERR_CANCELED) {
        log_error("objects could not be judged", LF_ERR(err));
    }
    for (size_t i = 0; err == NULL && i < batch->n && !judge->stopped; i++) {
        judge->opts.on_judged(judge->opts.data, &batch->judged[i]);
    }
    batch_free(batch);
    start(judge);
    if (judge->batch == NULL) {
        judge->opts.on_idle(judge->opts.data);
    }
}

static struct batch *make_batch(struct live_judge *judge)
{
    struct batch *batch = MEM_NEW(struct batch);
    batch->job.run = run_batch;
    batch->job.done = on_batch_done;
    batch->judge = judge;
    batch->scripts = customizations_ref(judge->scripts);
    batch->arena = arena_new();
    MAP_FOREACH(judge->waiting, it) {
        const struct waiting *w = it.value;
        batch->json[batch->n++] = arena_str(batch->arena, w->json);
        if (batch->n == BATCH_OBJECTS) {
            break;
        }
    }
    return batch;
}

static void drop_waiting(struct live_judge *judge, size_t n)
{
    size_t at = 0;
    struct map_entry it;
    while (n-- > 0 && map_next(judge->waiting, &at, &it)) {
        (void)map_remove(judge->waiting, it.key);
    }
}

static void start(void *data)
{
    struct live_judge *judge = data;
    if (judge->batch != NULL || judge->stopped || map_len(judge->waiting) == 0) {
        return;
    }
    struct batch *batch = make_batch(judge);
    struct err err;
    if (work_submit(judge->opts.work, WORK_DIFF, &batch->job, &err) < 0) {
        batch_free(batch);
        timer_start(&judge->retry, RETRY_MS);
        return;
    }
    judge->batch = batch;
    drop_waiting(judge, batch->n);
}

struct live_judge *live_judge_new(const struct live_judge_opts *opts)
{
    struct live_judge *judge = MEM_NEW(struct live_judge);
    judge->opts = *opts;
    judge->waiting = map_new(waiting_free);
    timer_init(&judge->retry, opts->loop, start, judge);
    return judge;
}

void live_judge_stop(struct live_judge *judge)
{
    judge->stopped = true;
    timer_stop(&judge->retry);
    map_clear(judge->waiting);
    if (judge->batch != NULL) {
        job_cancel(&judge->batch->job);
    }
}

bool live_judge_is_idle(const struct live_judge *judge)
{
    return judge->batch == NULL;
}

void live_judge_free(struct live_judge *judge)
{
    assert(judge->batch == NULL);
    timer_stop(&judge->retry);
    map_free(judge->waiting);
    customizations_unref(judge->scripts);
    mem_free(judge);
}

void live_judge_set_scripts(struct live_judge *judge, struct customizations *scripts)
{
    struct customizations *old = judge->scripts;
    judge->scripts = customizations_ref(scripts);
    customizations_unref(old);
}

struct customizations *live_judge_scripts(const struct live_judge *judge)
{
    return judge->scripts;
}

bool live_judge_wants(const struct live_judge *judge, struct str group, struct str kind)
{
    return customizations_health(judge->scripts, group, kind) != NULL;
}

void live_judge_add(struct live_judge *judge, const struct value *obj)
{
    struct arena *arena = arena_new();
    struct waiting *w = ARENA_NEW(arena, struct waiting);
    struct kube_key key = kube_key_of(obj);
    struct err err;
    w->arena = arena;
    if (judge->stopped || value_to_json_in(arena, obj, NULL, &w->json, &err) < 0) {
        arena_free(arena); /* only sizes beyond any object's can fail */
        return;
    }
    map_set(judge->waiting,
            arena_printf(arena, STR_FMT "/" STR_FMT "/" STR_FMT "/" STR_FMT, STR_ARG(key.group),
                         STR_ARG(key.kind), STR_ARG(key.namespace), STR_ARG(key.name)),
            w);
    start(judge);
}
