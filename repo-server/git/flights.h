/* Single flight for the Git helper: of calls that want the same from the same repository with the same
 * credentials, one runs and all get its outcome.
 *
 * Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/list.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "proto/git_worker.pb-c.h"

struct flights;
struct loop;
struct mirror_store;

struct flight_run {
    Belay__GitWorkerOp op;
    struct str shown;    /* the repository, without credentials */
    struct str revision; /* as asked for by the call that began it */
    int64_t took_ms;
    const struct err *err; /* NULL = success */
};

struct flights_options {
    struct loop *loop; /* borrowed, as all here */
    const struct mirror_store *store;
    /* Told of each run that has ended, for metrics; may be NULL. */
    void (*on_run)(const struct flight_run *run, void *data);
    void *data;
    size_t max_helpers; /* processes at once; more wait */
    int64_t list_timeout_ms;
    int64_t fetch_timeout_ms;
};

struct flights *flights_new(const struct flights_options *options);
/* Nothing may be in the air any more. NULL is fine. */
void flights_free(struct flights *flights);
/* Take no more calls, kill what runs; idle(data) is called when nothing is left, perhaps at once. */
void flights_stop(struct flights *flights, void (*idle)(void *data), void *data);
/* Flights that wait or run. */
size_t flights_active(const struct flights *flights);
/* A flight with this key is running or waiting. */
bool flights_has(const struct flights *flights, struct str key);

struct flight_outcome {
    const Belay__GitWorkerReply *reply; /* NULL when it failed */
    const struct err *err;              /* NULL on success */
    int64_t started_ms;                 /* what the reply tells is at least as new */
    struct str tag;                     /* of the call that started it */
};

/* One who waits; embedded, zeroed. */
struct flight_waiter {
    struct list node; /* private */
    /* Never called before flights_join() returned. The waiter is out of the flight already. */
    void (*done)(struct flight_waiter *waiter, const struct flight_outcome *outcome);
};

struct flight_call {
    struct str key;                         /* what makes two calls the same */
    struct str tag;                         /* seen in the outcome: whose credentials it ran with */
    const Belay__GitWorkerRequest *request; /* packed when the flight begins: copied at once */
    const char *shown;                      /* the repository in messages and metrics */
    const char *revision;                   /* as asked for, for metrics */
};

/* Wait for the flight of this key, which is begun when there is none. */
void flights_join(struct flights *flights,
                  const struct flight_call *call,
                  struct flight_waiter *waiter);
/* done() is not called any more; the flight goes on.  One that waits for nothing is fine. */
void flights_leave(struct flight_waiter *waiter);
