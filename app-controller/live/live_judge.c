#include "app-controller/live/live_judge.h"

#include "app-controller/live/live_info.h"
#include "app-controller/live/live_queue.h"
#include "common/base/arena.h"
#include "common/base/mem.h"
#include "engine/lua/customize.h"

struct subject {
    struct live_queued queued;
    struct str info;
};

struct live_judge {
    struct live_judge_opts opts;
    struct customizations *scripts;
    struct live_queue *queue;
};

static void *begin(void *data)
{
    return customizations_ref(((struct live_judge *)data)->scripts);
}

static void end(void *scripts)
{
    customizations_unref(scripts);
}

static void look(void *scripts, struct live_queued *queued)
{
    struct subject *s = CONTAINER_OF(queued, struct subject, queued);
    s->info = live_info_of(queued->arena, queued->obj, scripts);
}

static void on_looked(void *data, struct live_queued *queued)
{
    const struct live_judge *judge = data;
    const struct live_judged judged = {
        .key = queued->key,
        .resource_version = queued->resource_version,
        .info = CONTAINER_OF(queued, struct subject, queued)->info,
    };
    judge->opts.on_judged(judge->opts.data, &judged);
}

static void on_idle(void *data)
{
    const struct live_judge *judge = data;
    judge->opts.on_idle(judge->opts.data);
}

struct live_judge *live_judge_new(const struct live_judge_opts *opts)
{
    struct live_judge *judge = MEM_NEW(struct live_judge);
    judge->opts = *opts;
    const struct live_queue_opts queue = {
        .loop = opts->loop,
        .work = opts->work,
        .purpose = "health scripts",
        .begin = begin,
        .end = end,
        .look = look,
        .on_looked = on_looked,
        .on_idle = on_idle,
        .data = judge,
    };
    judge->queue = live_queue_new(&queue);
    return judge;
}

void live_judge_stop(struct live_judge *judge)
{
    live_queue_stop(judge->queue);
}

bool live_judge_is_idle(const struct live_judge *judge)
{
    return live_queue_is_idle(judge->queue);
}

void live_judge_free(struct live_judge *judge)
{
    live_queue_free(judge->queue);
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
    struct subject *s = ARENA_NEW(arena, struct subject);
    s->queued.arena = arena;
    live_queue_add(judge->queue, &s->queued, obj);
}
