/* A rule that fails on one object of a kind (it hangs, say) is not tried on the others of the job: their changes count,
 * and the next job tries again. */
#include "app-controller/live/live_hush.h"

#include "app-controller/jq.h"
#include "app-controller/live/live_queue.h"
#include "app-controller/live/live_quiet.h"
#include "common/base/arena.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "engine/compare/rules.h"

struct change {
    struct live_queued queued;
    struct compare_rules *rules; /* the arena holds a reference */
    bool tracked;
    bool told;
    uint64_t hash;
};

/* What the looks of a job share. */
struct looks {
    struct jq_runner *jq;
    struct map *hopeless; /* kinds whose rules failed */
};

struct live_hush {
    struct live_hush_opts opts;
    struct live_queue *queue;
};

static void *begin(void *data)
{
    const struct live_hush *hush = data;
    struct looks *looks = MEM_NEW(struct looks);
    looks->jq = jq_runner_begin(hush->opts.jq, NULL);
    looks->hopeless = map_new(NULL);
    return looks;
}

static void end(void *context)
{
    struct looks *looks = context;
    jq_memo_free(jq_runner_end(looks->jq));
    map_free(looks->hopeless);
    mem_free(looks);
}

static void look(void *context, struct live_queued *queued)
{
    struct looks *looks = context;
    struct change *c = CONTAINER_OF(queued, struct change, queued);
    struct str kind = arena_printf(queued->arena, STR_FMT "/" STR_FMT, STR_ARG(queued->key.group),
                                   STR_ARG(queued->key.kind));
    bool unused;
    if (map_has(looks->hopeless, kind)) {
        return;
    }
    c->hash = live_quiet_hash(queued->arena, c->rules, jq_runner_jq(looks->jq), queued->obj,
                              c->tracked, &unused);
    if (c->hash == 0) {
        map_set(looks->hopeless, kind, looks);
    }
}

static void on_idle(void *data)
{
    const struct live_hush *hush = data;
    hush->opts.on_idle(hush->opts.data);
}

static void on_looked(void *data, struct live_queued *queued)
{
    const struct live_hush *hush = data;
    const struct change *c = CONTAINER_OF(queued, struct change, queued);
    const struct live_hushed hushed = {
        .key = queued->key,
        .resource_version = queued->resource_version,
        .hash = c->hash,
        .told = c->told,
    };
    hush->opts.on_hushed(hush->opts.data, &hushed);
}

struct live_hush *live_hush_new(const struct live_hush_opts *opts)
{
    struct live_hush *hush = MEM_NEW(struct live_hush);
    hush->opts = *opts;
    const struct live_queue_opts queue = {
        .loop = opts->loop,
        .work = opts->work,
        .purpose = "ignored changes",
        .begin = begin,
        .end = end,
        .look = look,
        .on_looked = on_looked,
        .on_idle = on_idle,
        .data = hush,
    };
    hush->queue = live_queue_new(&queue);
    return hush;
}

void live_hush_stop(struct live_hush *hush)
{
    live_queue_stop(hush->queue);
}

bool live_hush_is_idle(const struct live_hush *hush)
{
    return live_queue_is_idle(hush->queue);
}

void live_hush_free(struct live_hush *hush)
{
    live_queue_free(hush->queue);
    mem_free(hush);
}

static void unref_rules(void *rules)
{
    compare_rules_unref(rules);
}

void live_hush_add(struct live_hush *hush,
                   struct compare_rules *rules,
                   const struct value *obj,
                   bool tracked,
                   bool told)
{
    struct arena *arena = arena_new();
    struct change *c = ARENA_NEW(arena, struct change);
    c->queued.arena = arena;
    c->rules = compare_rules_ref(rules);
    arena_defer(arena, unref_rules, c->rules);
    c->tracked = tracked;
    c->told = told;
    live_queue_add(hush->queue, &c->queued, obj);
}
