/* struct crew: threads that do ahead of time what their owner is going to need.
 *
 *     struct reading { struct crew_task task; struct str path; struct str text; };
 *     crew_offer(crew, &a->task);  crew_offer(crew, &b->task);
 *     crew_take(crew, &a->task, arena);    a->text is there; b is perhaps being read meanwhile
 *
 * A task has run when it was taken: a helper did it, or the owner does it itself when none has begun. So the owner gets
 * the same results in the same order with any number of helpers, and with none: NULL is such a crew.
 *
 * A task owns what it writes until it was taken; what it reads must not change meanwhile. Only the owner's thread
 * calls these functions. */
#pragma once

#include <stdatomic.h>
#include <stddef.h>

#include "common/base/cleanup.h"
#include "common/base/list.h"

struct arena;
struct crew;

/* Embedded in the object that holds inputs and outputs; zero it before the first use. */
struct crew_task {
    /* arena: of the thread that runs it, for results. */
    void (*run)(struct crew_task *task, struct arena *arena);
    /* private */
    struct list node;
    atomic_int state;
};

/* n_helpers  threads beside the owner's; they start with the first task. NULL is returned for none. */
struct crew *crew_new(size_t n_helpers);
/* As crew_forget(). What helpers put into their arenas goes. NULL is fine. */
void crew_free(struct crew *crew);

DEFINE_CLEANUP(crew, struct crew, crew_free);

/* Helpers for a process that has the machine for itself: the processors it may use beside the first, a few at most. */
size_t crew_idle_processors(void);

/* A helper may run it from now on; the first offered first. Without helpers nothing happens. */
void crew_offer(struct crew *crew, struct crew_task *task);
/* Run it when nobody has begun it, or wait for its end, running others. It may be offered or taken once more then.
 *
 * arena  where the owner's own runs put results; lives as long as the crew. */
void crew_take(struct crew *crew, struct crew_task *task, struct arena *arena);
/* No task is running, and those nobody has begun are as if they were never offered, when it returns. */
void crew_forget(struct crew *crew);
