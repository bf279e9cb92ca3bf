/* One list of tasks under one lock. Tasks are short, often shorter than it takes to wake a thread: so a helper is woken
 * for some of them only, and who has to wait lets others run a little before it sleeps. */
#include "common/base/crew.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/macro.h"
#include "common/base/mem.h"

enum {
    MAX_IDLE_PROCESSORS = 1, /* a helper takes half of the work; each costs memory */
    YIELD_ROUNDS = 50,       /* some ten microseconds */
    WAKE_TASKS = 4,          /* for fewer the owner is as fast itself */
};

enum task_state { TASK_IDLE, TASK_OFFERED, TASK_RUNNING, TASK_DONE };

struct helper {
    struct crew *crew;
    struct arena *arena;
    pthread_t thread;
};

struct crew {
    pthread_mutex_t mutex; /* of all below but the threads */
    pthread_cond_t offered;
    pthread_cond_t done;
    struct list tasks;
    atomic_size_t n_tasks; /* in the list */
    size_t n_running;
    size_t n_sleeping;
    bool is_waited_for;
    bool ends;
    size_t n_helpers;
    size_t n_started;
    struct helper helpers[];
};

size_t crew_idle_processors(void)
{
    cpu_set_t set;
    size_t n = sched_getaffinity(0, sizeof(set), &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
    return MIN(n - 1, (size_t)MAX_IDLE_PROCESSORS);
}

struct crew *crew_new(size_t n_helpers)
{
    if (n_helpers == 0) {
        return NULL;
    }
    struct crew *crew = mem_zalloc(sizeof(*crew) + n_helpers * sizeof(crew->helpers[0]));
    /* none of these fails on Linux */
    (void)pthread_mutex_init(&crew->mutex, NULL);
    (void)pthread_cond_init(&crew->offered, NULL);
    (void)pthread_cond_init(&crew->done, NULL);
    list_init(&crew->tasks);
    crew->n_helpers = n_helpers;
    return crew;
}

static void lock(struct crew *crew)
{
    (void)pthread_mutex_lock(&crew->mutex); /* an initialised, error-free mutex: cannot fail */
}

static void unlock(struct crew *crew)
{
    (void)pthread_mutex_unlock(&crew->mutex);
}

/* ---- helpers ---- */

/* Without the lock: more may come soon. */
static void linger(struct crew *crew)
{
    for (int i = 0; i < YIELD_ROUNDS && atomic_load(&crew->n_tasks) == 0; i++) {
        (void)sched_yield();
    }
}

static struct crew_task *pop_task(struct crew *crew)
{
    struct list *node = list_pop(&crew->tasks);
    if (node == NULL) {
        return NULL;
    }
    atomic_fetch_sub(&crew->n_tasks, 1);
    return CONTAINER_OF(node, struct crew_task, node);
}

/* With the lock held. NULL: the crew ends. */
static struct crew_task *next_task(struct crew *crew)
{
    if (list_empty(&crew->tasks)) {
        unlock(crew);
        linger(crew);
        lock(crew);
    }
    while (list_empty(&crew->tasks) && !crew->ends) {
        crew->n_sleeping++;
        (void)pthread_cond_wait(&crew->offered, &crew->mutex);
        crew->n_sleeping--;
    }
    return crew->ends ? NULL : pop_task(crew);
}

static void *help(void *data)
{
    struct helper *h = data;
    struct crew *crew = h->crew;
    struct crew_task *task;
    lock(crew);
    while ((task = next_task(crew)) != NULL) {
        atomic_store(&task->state, TASK_RUNNING);
        crew->n_running++;
        unlock(crew);
        task->run(task, h->arena);
        lock(crew);
        crew->n_running--;
        atomic_store(&task->state, TASK_DONE); /* the owner may free it from here on */
        if (crew->is_waited_for) {
            (void)pthread_cond_signal(&crew->done);
        }
    }
    unlock(crew);
    return NULL;
}

/* A thread that cannot be had is not missed. */
static void start_helpers(struct crew *crew)
{
    for (size_t i = 0; i < crew->n_helpers; i++) {
        struct helper *h = &crew->helpers[crew->n_started];
        *h = (struct helper){.crew = crew, .arena = arena_new()};
        if (pthread_create(&h->thread, NULL, help, h) != 0) {
            arena_free(h->arena);
            break;
        }
        crew->n_started++;
    }
    crew->n_helpers = crew->n_started;
}

/* ---- the owner ---- */

void crew_offer(struct crew *crew, struct crew_task *task)
{
    if (crew == NULL || crew->n_helpers == 0) {
        return;
    }
    if (crew->n_started == 0) {
        start_helpers(crew);
    }
    lock(crew);
    atomic_store(&task->state, TASK_OFFERED);
    list_push(&crew->tasks, &task->node);
    size_t n = atomic_fetch_add(&crew->n_tasks, 1) + 1;
    bool wake = crew->n_sleeping > 0 && n >= WAKE_TASKS;
    unlock(crew);
    if (wake) {
        (void)pthread_cond_signal(&crew->offered);
    }
}

static bool is_running(struct crew_task *task)
{
    return atomic_load(&task->state) == TASK_RUNNING;
}

/* With the lock held: until a helper has ended one. */
static void wait_for_helper(struct crew *crew)
{
    crew->is_waited_for = true;
    (void)pthread_cond_wait(&crew->done, &crew->mutex);
    crew->is_waited_for = false;
}

/* Another one, which the owner will want soon, rather than waiting for that a helper is at. */
static bool run_other(struct crew *crew, struct arena *arena)
{
    lock(crew);
    struct crew_task *other = pop_task(crew);
    if (other != NULL) {
        atomic_store(&other->state, TASK_RUNNING);
    }
    unlock(crew);
    if (other == NULL) {
        return false;
    }
    other->run(other, arena);
    atomic_store(&other->state, TASK_DONE);
    return true;
}

static void wait_for(struct crew *crew, struct crew_task *task, struct arena *arena)
{
    for (int i = 0; i < YIELD_ROUNDS && is_running(task); i++) {
        if (!run_other(crew, arena)) {
            (void)sched_yield();
        }
    }
    lock(crew);
    while (is_running(task)) {
        wait_for_helper(crew);
    }
    unlock(crew);
}

/* False: a helper has begun it, or done it. */
static bool withdraw(struct crew *crew, struct crew_task *task)
{
    lock(crew);
    bool is_ours = atomic_load(&task->state) == TASK_OFFERED;
    if (is_ours) {
        list_remove(&task->node);
        atomic_fetch_sub(&crew->n_tasks, 1);
    }
    unlock(crew);
    return is_ours;
}

void crew_take(struct crew *crew, struct crew_task *task, struct arena *arena)
{
    int state = atomic_load(&task->state);
    if (state == TASK_IDLE || (state == TASK_OFFERED && withdraw(crew, task))) {
        task->run(task, arena);
    } else if (state != TASK_DONE) {
        wait_for(crew, task, arena);
    }
    atomic_store(&task->state, TASK_IDLE);
}

void crew_forget(struct crew *crew)
{
    if (crew == NULL) {
        return;
    }
    struct crew_task *task;
    lock(crew);
    while ((task = pop_task(crew)) != NULL) {
        atomic_store(&task->state, TASK_IDLE);
    }
    while (crew->n_running > 0) {
        wait_for_helper(crew);
    }
    unlock(crew);
}

void crew_free(struct crew *crew)
{
    if (crew == NULL) {
        return;
    }
    crew_forget(crew);
    lock(crew);
    crew->ends = true;
    (void)pthread_cond_broadcast(&crew->offered);
    unlock(crew);
    for (size_t i = 0; i < crew->n_started; i++) {
        (void)pthread_join(crew->helpers[i].thread, NULL); /* it was started, and is joined once */
        arena_free(crew->helpers[i].arena);
    }
    (void)pthread_cond_destroy(&crew->done);
    (void)pthread_cond_destroy(&crew->offered);
    (void)pthread_mutex_destroy(&crew->mutex);
    mem_free(crew);
}
