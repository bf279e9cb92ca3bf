/* struct app: what the controller keeps of one Application besides the resource itself.
 *
 * Everything here can be lost: it is made again from the Application and the caches. Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app-controller/controller.h"
#include "app-controller/live/live_store.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/rt/backoff.h"

struct answers;
struct arena;
struct doc;
struct live_cache;
struct pass;
struct targets;

/* The records of the targets' keys, held so that their objects are known whole, and with them the cache:
 * an Application that is gone while a pass works on it outlives its cluster. */
struct app_interests {
    struct live_interest *items;
    size_t n;
    struct live_cache *cache; /* whose records; NULL = none */
    uint64_t hash;            /* of the targets they were made for */
};

struct app {
    struct controller *ctl;
    struct str key;           /* "namespace/name", NUL-terminated, owned */
    struct str namespace;     /* part of key */
    struct str name;          /* part of key */
    char *instance;           /* name in tracking ids */
    struct doc *object;       /* the newest Application known */
    struct pass *pass;        /* the turn under way, or NULL */
    struct live_cache *cache; /* of its destination, as of the last reconciliation; may be NULL */

    struct targets *targets; /* of the last successful refresh, or NULL */
    struct app_interests interests;
    struct answers *answers;        /* of dry runs of its objects */
    bool was_compared;              /* in this process: the caches back the status */
    bool ruled_out;                 /* by its own spec or its project: nothing of it is shown */
    bool waiting;                   /* for the cluster's cache */
    bool relisted;                  /* for the hard refresh under way */
    int waiting_level;              /* what to ask for when it is ready */
    int64_t due_ms[REFRESH_LEVELS]; /* loop time at which each level was asked for; 0 = not */
    int64_t asked_ms; /* loop time at which an operation or a refresh was last asked for */
    int64_t
        last_latest_ms;   /* loop time of the last comparison with the latest revision; 0 = never */
    int64_t last_hard_ms; /* the same of rendering anew, from the first comparison on */
    struct backoff repo_retry;
    int64_t batch_until_ms; /* loop time: events before it are taken together */
    uint64_t live_event;    /* the last event of the cluster that asked for it */
    int64_t repo_failed_ms; /* loop time of the first of a row of repository failures; 0 = none */

    struct app_interests plan_interests; /* of plans that are being made */
    unsigned n_plans;
    struct targets *op_targets; /* of the running operation, or NULL */
    int64_t
        op_latest_ms; /* loop time as of which those are what the operation asks for; 0 = not known */
    struct app_interests op_interests;
    int64_t op_pause_until_ms; /* loop time: the pause after a wave; 0 = none */
    bool op_woken;             /* something a running operation may wait for has happened */

    struct orphan_watch *orphan_watch; /* of its namespace; NULL = none (orphans.h) */
    struct list orphan_node;
    size_t n_orphans;
    bool orphans_changed; /* since they were counted */

    bool deleting;       /* then what is of the operation is the deletion's */
    bool hooks_released; /* no hook is held that is not waited for */
};

struct app *app_new(struct controller *ctl, struct doc *object);
void app_free(struct app *app);
/* The project its newest state names. */
struct str app_project(const struct app *app);
/* A newer state of the Application. */
void app_set_object(struct app *app, struct doc *object);
/* How old the news of a repository may be that answer what was asked for; see targets_request. */
int64_t app_revision_age_ms(const struct app *app);
/* Forget the running operation's state. */
void app_op_reset(struct app *app);
/* The cache is about to go: let go of what is held of it, also when the application has moved on to
 * another one meanwhile. */
void app_forget_cache(struct app *app, const struct live_cache *cache);

/* Its spec or its project does not let it be what it says: nothing is known of it until it does. */
void app_rule_out(struct app *app);

/* Hold the records of the targets' keys in this cache. ready: all their kinds are watched in full and
 * listed; else *ret_waits is set and the cache will report (live_cache_opts.on_state). Kinds the cluster
 * does not have are passed over. Errors: a kind cannot be listed (forbidden, ...). */
int app_interests_update(struct app_interests *in,
                         struct app *app,
                         struct live_cache *cache,
                         const struct targets *targets,
                         struct str destination_namespace,
                         bool *ret_waits,
                         struct err *err);
void app_interests_clear(struct app_interests *in);
