/* Processing of one application: deletion, its running operation, its refresh - in this order.
 *
 * One struct pass is one turn of the queue for one application. Nothing else works on the application
 * meanwhile; what happens during it leads to another turn. Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "app-controller/controller.h"
#include "app-controller/evaluate.h"
#include "common/base/clock.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/vec.h"
#include "common/model/application.h"
#include "common/model/conditions.h"
#include "common/model/project.h"

struct app;
struct live_cache;
struct pass;
struct targets;

typedef void (*pass_fn)(struct pass *pass);

/* What the next step continues with: err is NULL on success. */
typedef void (*pass_step_fn)(struct pass *pass, const struct err *err);

struct pass {
    struct controller *ctl;
    struct app *app; /* stays allocated; app_gone says that the Application vanished meanwhile */
    bool app_gone;
    struct arena *arena;
    struct doc *object; /* a reference: the state the pass began with, or wrote itself */
    struct application model;
    enum refresh_level level;
    bool hard;      /* hard refresh */
    bool asked;     /* for by annotation */
    bool not_ready; /* the cluster's objects are not known (yet) */
    bool op_ended;  /* the model says how the operation ended; written with what is found next */
    int64_t started_ms;
    char now[CLOCK_RFC3339_BYTES];
    struct doc *project; /* a reference; NULL = none */
    struct live_cache *cache;
    struct live_cache *used_cache; /* held until the end of the pass */
    struct targets *targets;       /* a reference; what is compared in this pass */
    struct targets_fetch *fetch;   /* under way, or NULL */
    struct evaluation *evaluation;
    VEC(struct condition) conditions;
    struct { /* the status before the refresh, told when it is another */
        enum sync_status sync;
        enum health_status health;
        bool starts_sync;
    } before;
    pass_step_fn next; /* of the asynchronous step under way */
    void *step;        /* state of sync/run.c and deletion.c; in the arena */
};

/* Begin a turn; ends with queue_done() for the application's key. */
void pass_begin(struct controller *ctl, struct app *app, enum refresh_level level);

/* ---- steps shared by refresh, operation and deletion; pass->next runs when they are done ---- */

/* A condition found by this pass; the message is copied. */
void pass_condition(struct pass *pass, enum condition_type type, struct str message);
bool pass_has_condition(const struct pass *pass, enum condition_type type);
/* err as a ComparisonError or the like. */
void pass_condition_err(struct pass *pass, enum condition_type type, const struct err *err);

/* Check the spec against itself and the project, and find the cluster: problems become
 * InvalidSpecError conditions and *ret_ok false. */
void pass_resolve(struct pass *pass, bool *ret_ok);

/* The project as it is now, the built-in default when nobody made that one. ERR_NOT_FOUND; ERR_DENIED when it is not
 * for applications of this namespace. */
MUST_CHECK int pass_project(const struct pass *pass, const struct project **ret, struct err *err);
/* The cluster of pass->cache as projects see it. */
struct project_cluster pass_project_cluster(const struct pass *pass);

/* pass->cache was set: hold it until the end of the pass, and remember it as the application's. */
void pass_use_cache(struct pass *pass);

/* 0 when it is known what the cluster can do (its version and kinds). ERR_UNAVAILABLE or why the cluster cannot be
 * reached: then the application is asked for again when it is known, and the pass may end. */
MUST_CHECK int pass_wait_discovered(struct pass *pass, struct err *err);

/* Hold what targets name, wait for the cache, collect and evaluate: pass->evaluation. next is called
 * with ERR_UNAVAILABLE when the cluster is not ready: then the application is asked for again when it
 * is, and the pass may end. */
struct app_interests;
void pass_evaluate(struct pass *pass,
                   struct targets *targets,
                   struct app_interests *interests,
                   pass_step_fn next);

/* The question for the objects of these sources, as the settings and the cluster are now. */
struct targets_request;
struct targets_request pass_targets_request(const struct pass *pass,
                                            const struct app_sources *sources);

/* What this pass compares; a reference is taken. */
void pass_set_targets(struct pass *pass, struct targets *targets);

/* Merge patch the Application; on success pass->object and pass->model are the new state. */
void pass_patch(struct pass *pass, const struct value *patch, pass_step_fn next);

/* The same request for steps that have others going on beside it. */
struct kube_reply;
void pass_send(struct pass *pass,
               const struct value *patch,
               void (*done)(void *pass, const struct kube_reply *reply));
/* This is the newest state of the Application; the pass goes on with it if it can be read. */
bool pass_take(struct pass *pass, struct doc *object);

/* A write of the Application failed: ask for the same again soon, and end the turn. */
void pass_retry_later(struct pass *pass, const struct err *err);

/* The end of the turn. */
void pass_end(struct pass *pass);
