/* struct live_queue: objects that wait to be looked at on the pool, because the look may take long.
 *
 * One job at a time looks at what has come meanwhile; of an object that came several times the last state counts. Loop
 * thread only, but for look(). */
#pragma once

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/kube/kube_object.h"

struct arena;
struct live_queue;
struct loop;
struct value;
struct work;

/* Embedded in what the user keeps of an object. */
struct live_queued {
    struct arena *arena; /* its own: holds the object that embeds this and what a look leaves */
    /* from the look on */
    const struct value *obj;
    struct kube_key key;
    struct str resource_version;
    /* private */
    struct str id;
    struct str json;
};

struct live_queue_opts {
    struct loop *loop;
    struct work *work;
    const char *purpose; /* logged when a job fails */
    /* What the looks of one job share, given to look() and end(). */
    void *(*begin)(void *data);
    void (*end)(void *context);
    /* Pool thread. */
    void (*look)(void *context, struct live_queued *queued);
    void (*on_looked)(void *data, struct live_queued *queued);
    /* The job has ended: nothing is in use elsewhere. */
    void (*on_idle)(void *data);
    void *data;
};

struct live_queue *live_queue_new(const struct live_queue_opts *opts);
/* No more reports but on_idle(), when a job is under way. */
void live_queue_stop(struct live_queue *queue);
bool live_queue_is_idle(const struct live_queue *queue);
/* It must be idle. */
void live_queue_free(struct live_queue *queue);

/* queued: its arena is set, and taken. */
void live_queue_add(struct live_queue *queue, struct live_queued *queued, const struct value *obj);
