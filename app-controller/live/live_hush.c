/* Objects wait as JSON under their key; a job takes the first of them in the order they came.
 *
 * A rule that fails on one object of a kind (it hangs, say) is not tried on the others of the batch: their changes
 * count, and the next batch tries again. */
#include "app-controller/live/live_hush.h"

#include <assert.h>

#include "app-controller/jq.h"
#include "app-controller/live/live_quiet.h"
#include "common/base/arena.h"
#include "common/base/log.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/rt/loop.h"
#include "common/rt/timer.h"
#include "common/rt/work.h"
#include "common/value/value.h"
#include "common/value/value_json.h"
#include "engine/compare/rules.h"

enum {
    BATCH_OBJECTS = 64,
    RETRY_MS = 1000, /* when too many jobs are waiting */
};

struct waiting {
    struct arena *arena;
    struct str json;
    struct compare_rules *rules;
    bool tracked;
    bool told;
};

struct one {
    struct str json;
    struct compare_rules *rules; /* a reference */
    bool tracked;
    struct live_hushed hushed;
};

struct batch {
    struct job job;
    struct live_hush *hush;
    struct jq_runner *jq;
    struct arena *arena;
    struct one items[BATCH_OBJECTS];
    size_t n;
};

struct live_hush {
    struct live_hush_opts opts;
    struct map *waiting; /* key -> struct waiting */
    struct batch *batch; /* under way, or NULL */
    struct timer retry;
    bool stopped;
};

static void waiting_free(void *value)
{
    struct waiting *w = value;
    compare_rules_unref(w->rules);
    arena_free(w->arena);
}

static void batch_free(struct batch *batch)
{
    for (size_t i = 0; i < batch->n; i++) {
        compare_rules_unref(batch->items[i].rules);
    }
    if (batch->jq != NULL) {
        jq_memo_free(jq_runner_end(batch->jq));
    }
    arena_free(batch->arena);
    mem_free(batch);
}

/* ---- on the pool ---- */

static bool same_kind(const struct live_hushed *a, const struct live_hushed *b)
{
    return str_eq(a->key.group, b->key.group) && str_eq(a->key.kind, b->key.kind);
}

/* Rules failed for another object of the kind. */
static bool is_hopeless(const struct batch *batch, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        const struct live_hushed *before = &batch->items[j].hushed;
        if (before->hash == 0 && same_kind(before, &batch->items[i].hushed)) {
            return true;
        }
    }
    return false;
}

static int hash_one(struct batch *batch, size_t i, struct err *err)
{
    struct one *one = &batch->items[i];
    const struct value *obj;
    bool unused;
    TRY(value_from_json(batch->arena, one->json, NULL, &obj, err));
    one->hushed.key = kube_key_of(obj);
    one->hushed.resource_version = kube_resource_version(obj);
    if (!is_hopeless(batch, i)) {
        one->hushed.hash = live_quiet_hash(batch->arena, one->rules, jq_runner_jq(batch->jq), obj,
                                           one->tracked, &unused);
    }
    return 0;
}

static int run_batch(struct job *job, struct err *err)
{
    struct batch *batch = CONTAINER_OF(job, struct batch, job);
    for (size_t i = 0; i < batch->n && !job_canceled(job); i++) {
        TRY(hash_one(batch, i, err));
    }
    return 0;
}

/* ---- on the loop ---- */

static void start(void *data);

static void on_batch_done(struct job *job, const struct err *err)
{
    struct batch *batch = CONTAINER_OF(job, struct batch, job);
    struct live_hush *hush = batch->hush;
    hush->batch = NULL;
    if (err != NULL && !hush->stopped && err->code != ERR_CANCELED) {
        log_error("changes of objects could not be looked at", LF_ERR(err));
    }
    for (size_t i = 0; err == NULL && i < batch->n && !hush->stopped; i++) {
        hush->opts.on_hushed(hush->opts.data, &batch->items[i].hushed);
    }
    batch_free(batch);
    start(hush);
    if (hush->batch == NULL) {
        hush->opts.on_idle(hush->opts.data);
    }
}

static struct batch *make_batch(struct live_hush *hush)
{
    struct batch *batch = MEM_NEW(struct batch);
    batch->job.run = run_batch;
    batch->job.done = on_batch_done;
    batch->hush = hush;
    batch->arena = arena_new();
    MAP_FOREACH(hush->waiting, it) {
        const struct waiting *w = it.value;
        batch->items[batch->n++] = (struct one){
            .json = arena_str(batch->arena, w->json),
            .rules = compare_rules_ref(w->rules),
            .tracked = w->tracked,
            .hushed = {.told = w->told},
        };
        if (batch->n == BATCH_OBJECTS) {
            break;
        }
    }
    return batch;
}

static void drop_waiting(struct live_hush *hush, size_t n)
{
    size_t at = 0;
    struct map_entry it;
    while (n-- > 0 && map_next(hush->waiting, &at, &it)) {
        (void)map_remove(hush->waiting, it.key);
    }
}

static void start(void *data)
{
    struct live_hush *hush = data;
    if (hush->batch != NULL || hush->stopped || map_len(hush->waiting) == 0) {
        return;
    }
    struct batch *batch = make_batch(hush);
    struct err err;
    batch->jq = jq_runner_begin(hush->opts.jq, NULL);
    if (work_submit(hush->opts.work, WORK_DIFF, &batch->job, &err) < 0) {
        batch_free(batch);
        timer_start(&hush->retry, RETRY_MS);
        return;
    }
    hush->batch = batch;
    drop_waiting(hush, batch->n);
}

struct live_hush *live_hush_new(const struct live_hush_opts *opts)
{
    struct live_hush *hush = MEM_NEW(struct live_hush);
    hush->opts = *opts;
    hush->waiting = map_new(waiting_free);
    timer_init(&hush->retry, opts->loop, start, hush);
    return hush;
}

void live_hush_stop(struct live_hush *hush)
{
    hush->stopped = true;
    timer_stop(&hush->retry);
    map_clear(hush->waiting);
    if (hush->batch != NULL) {
        job_cancel(&hush->batch->job);
    }
}

bool live_hush_is_idle(const struct live_hush *hush)
{
    return hush->batch == NULL;
}

void live_hush_free(struct live_hush *hush)
{
    assert(hush->batch == NULL);
    timer_stop(&hush->retry);
    map_free(hush->waiting);
    mem_free(hush);
}

void live_hush_add(struct live_hush *hush,
                   struct compare_rules *rules,
                   const struct value *obj,
                   bool tracked,
                   bool told)
{
    struct arena *arena = arena_new();
    struct waiting *w = ARENA_NEW(arena, struct waiting);
    struct kube_key key = kube_key_of(obj);
    struct err err;
    if (hush->stopped || value_to_json_in(arena, obj, NULL, &w->json, &err) < 0) {
        arena_free(arena); /* only sizes beyond any object's can fail */
        return;
    }
    w->arena = arena;
    w->rules = compare_rules_ref(rules);
    w->tracked = tracked;
    struct str id =
        arena_printf(arena, STR_FMT "/" STR_FMT "/" STR_FMT "/" STR_FMT, STR_ARG(key.group),
                     STR_ARG(key.kind), STR_ARG(key.namespace), STR_ARG(key.name));
    w->told = told;
    map_set(hush->waiting, id, w);
    start(hush);
}
