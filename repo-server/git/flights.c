/* Flights: a map of those in the air by key, and a queue of those that wait for a free helper. */
#include "repo-server/git/flights.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/ipc/ipc_convert.h"
#include "common/rt/loop.h"
#include "repo-server/git/helper.h"

struct flight {
    struct flights *flights;
    struct list node; /* in the queue, until it runs */
    struct arena *arena;
    struct str key;
    struct str tag;
    struct str shown;
    struct str revision;
    Belay__GitWorkerRequest *request;
    struct helper *helper; /* NULL until it runs */
    struct list waiters;
    struct loop_task failed; /* reports a helper that could not be started */
    struct err err;
    int64_t started_ms;
};

struct flights {
    struct flights_options options;
    struct map *by_key;
    struct list queue;
    size_t n_running;
    bool closing;
    void (*idle)(void *data);
    void *idle_data;
};

struct flights *flights_new(const struct flights_options *options)
{
    struct flights *f = MEM_NEW(struct flights);
    f->options = *options;
    f->by_key = map_new(NULL);
    list_init(&f->queue);
    return f;
}

size_t flights_active(const struct flights *flights)
{
    return map_len(flights->by_key);
}

bool flights_has(const struct flights *flights, struct str key)
{
    return map_has(flights->by_key, key);
}

static int64_t timeout_of(const struct flight *f)
{
    const struct flights_options *o = &f->flights->options;
    bool is_list = f->request->op == BELAY__GIT_WORKER_OP__GIT_WORKER_LIST;
    return is_list ? o->list_timeout_ms : o->fetch_timeout_ms;
}

static void flight_free(struct flight *f)
{
    loop_task_cancel(&f->failed);
    list_remove(&f->node);
    arena_free(f->arena);
    mem_free(f);
}

static void tell(const struct flight *f, const struct err *err)
{
    const struct flights_options *o = &f->flights->options;
    struct flight_run run = {
        .op = f->request->op,
        .shown = f->shown,
        .revision = f->revision,
        .took_ms = loop_now_ms(o->loop) - f->started_ms,
        .err = err,
    };
    if (o->on_run != NULL) {
        o->on_run(&run, o->data);
    }
}

static void start_next(struct flights *flights);

static void tell_idle(struct flights *flights)
{
    if (flights->closing && flights->idle != NULL && map_len(flights->by_key) == 0) {
        void (*idle)(void *data) = flights->idle;
        flights->idle = NULL;
        idle(flights->idle_data);
    }
}

/* Everyone who waits gets the outcome; they may join anew meanwhile. */
static void finish(struct flight *f, const Belay__GitWorkerReply *reply, const struct err *err)
{
    struct flights *flights = f->flights;
    struct flight_outcome outcome = {reply, err, f->started_ms, f->tag};
    (void)map_remove(flights->by_key, f->key);
    struct list *node;
    while ((node = list_pop(&f->waiters)) != NULL) {
        struct flight_waiter *w = CONTAINER_OF(node, struct flight_waiter, node);
        w->done(w, &outcome);
    }
    flight_free(f);
    start_next(flights);
    tell_idle(flights);
}

static void on_helper_done(const Belay__GitWorkerReply *reply, const struct err *err, void *data)
{
    struct flight *f = data;
    f->helper = NULL;
    f->flights->n_running--;
    tell(f, err);
    finish(f, reply, err);
}

static void on_start_failed(void *data)
{
    struct flight *f = data;
    struct err err = f->err;
    finish(f, NULL, &err);
}

static void run(struct flight *f)
{
    const struct flights_options *o = &f->flights->options;
    f->started_ms = loop_now_ms(o->loop);
    struct helper_options options = {
        .loop = o->loop,
        .store = o->store,
        .deadline_ms = f->started_ms + timeout_of(f),
        .shown = f->shown.p,
    };
    if (helper_start(&options, f->request, on_helper_done, f, &f->helper, &f->err) < 0) {
        loop_task_post(o->loop, &f->failed, on_start_failed, f);
        return;
    }
    f->flights->n_running++;
}

static void start_next(struct flights *flights)
{
    while (!flights->closing && flights->n_running < flights->options.max_helpers &&
           !list_empty(&flights->queue)) {
        struct list *node = list_pop(&flights->queue);
        run(CONTAINER_OF(node, struct flight, node));
    }
}

static Belay__GitWorkerRequest *copy_request(struct arena *arena,
                                             const Belay__GitWorkerRequest *request)
{
    ProtobufCMessage *copy = NULL;
    struct err err;
    int rc = ipc_unpack(arena, &belay__git_worker_request__descriptor,
                        ipc_pack(arena, &request->base), &copy, &err);
    assert(rc == 0); /* what we packed ourselves */
    return (Belay__GitWorkerRequest *)(void *)copy;
}

void flights_join(struct flights *flights,
                  const struct flight_call *call,
                  struct flight_waiter *waiter)
{
    assert(!flights->closing);
    struct flight *f = map_find(flights->by_key, call->key);
    if (f == NULL) {
        f = MEM_NEW(struct flight);
        f->flights = flights;
        f->arena = arena_new();
        f->key = arena_str(f->arena, call->key);
        f->tag = arena_str(f->arena, call->tag);
        f->shown = arena_str(f->arena, str_from(call->shown));
        f->revision = arena_str(f->arena, str_from(call->revision));
        f->request = copy_request(f->arena, call->request);
        list_init(&f->waiters);
        map_set(flights->by_key, f->key, f);
        list_push(&flights->queue, &f->node);
    }
    list_push(&f->waiters, &waiter->node);
    start_next(flights);
}

void flights_leave(struct flight_waiter *waiter)
{
    list_remove(&waiter->node);
}

void flights_stop(struct flights *flights, void (*idle)(void *data), void *data)
{
    flights->closing = true;
    flights->idle = idle;
    flights->idle_data = data;
    struct err canceled;
    (void)err_set(&canceled, ERR_CANCELED, "shutting down");
    struct list *node;
    while ((node = list_pop(&flights->queue)) != NULL) {
        finish(CONTAINER_OF(node, struct flight, node), NULL, &canceled);
    }
    MAP_FOREACH(flights->by_key, e) {
        struct flight *f = e.value;
        if (f->helper != NULL) {
            helper_cancel(f->helper);
        }
    }
    tell_idle(flights);
}

void flights_free(struct flights *flights)
{
    if (flights != NULL) {
        assert(map_len(flights->by_key) == 0);
        map_free(flights->by_key);
        mem_free(flights);
    }
}
