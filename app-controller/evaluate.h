/* struct evaluation: an application compared with its cluster and judged, as a job on the pool.
 *
 * The loop thread collects what is needed (targets, packed live objects, a snapshot of the resource
 * types, the project), the pool compares and computes health. What the comparison finds missing (how.h) the loop asks
 * the cluster for, and the pool compares once more. The result lives in the evaluation. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app-controller/compare/compare.h"
#include "app-controller/how.h"
#include "app-controller/impersonate.h"
#include "app-controller/live/live_store.h"
#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/model/application.h"
#include "common/model/project.h"
#include "common/rt/work.h"
#include "engine/health/health_override.h"

struct answers;
struct compare_rules;
struct customizations;
struct doc;
struct jq_pool;
struct jq_runner;
struct kube_api;
struct live_cache;
struct targets;

struct evaluation {
    struct job job;
    struct arena *arena;
    /* inputs */
    struct doc *object; /* a reference */
    struct application app;
    struct targets *targets; /* a reference */
    struct kube_api *api;    /* a reference */
    struct project project;
    struct project_cluster cluster;
    struct str instance;
    struct tracking tracking;
    struct customizations *scripts; /* a reference; NULL = none */
    struct compare_rules *rules;    /* a reference; NULL = the defaults */
    struct answers *answers;        /* a reference; NULL = none are kept. Loop thread only */
    struct live_cache *cache;       /* asked for what is not known; in use from start to done */
    struct jq_pool *jq;
    struct jq_runner *runner; /* from start to done; NULL = none */
    struct work *work;
    struct str as_user; /* of dry runs */
    struct err denied;  /* why there are none; code ERR_OK = there are */
    int n_rounds;       /* comparisons made */
    struct how how;     /* inputs, and what has been asked for */
    struct live_packed *lives;
    size_t n_lives;
    bool namespace_meta_changed;
    /* results, valid when done got no error */
    struct compare_result compare;
    const struct value **live_objects;  /* n_lives of them */
    const struct value *namespace_live; /* the destination namespace, or NULL */
    struct health_verdicts verdicts;    /* of scripts, on live_objects */
    struct health *healths;             /* of compare.resources */
    struct health health;
    /* the starter's */
    void (*done)(struct evaluation *ev, const struct err *err);
    void *data;
};

struct evaluation_input {
    struct doc *object;
    struct targets *targets;
    struct live_cache *cache;
    struct doc *project; /* NULL = the default project nobody made */
    struct str instance;
    struct tracking tracking;
    struct customizations *scripts;     /* borrowed; NULL = none */
    struct compare_rules *rules;        /* borrowed; NULL = the defaults */
    struct answers *answers;            /* of earlier evaluations, and of this one; NULL = none */
    struct impersonation impersonation; /* of dry runs */
    struct jq_pool *jq;                 /* NULL = only plain paths of jq */
    bool server_side;                   /* compare so unless the application says otherwise */
};

/* Collect the inputs. ERR_INVALID when the object is no Application. Loop thread. */
MUST_CHECK int
evaluation_new(const struct evaluation_input *in, struct evaluation **ret, struct err *err);
/* Not while the job is active. NULL is fine. Loop thread. */
void evaluation_free(struct evaluation *ev);
DEFINE_CLEANUP(evaluation, struct evaluation, evaluation_free);

/* done(ev, err) runs on the loop, exactly once, never before this returned; not after a failure here. */
MUST_CHECK int evaluation_start(struct evaluation *ev,
                                struct work *work,
                                void (*done)(struct evaluation *ev, const struct err *err),
                                void *data,
                                struct err *err);
/* The same at once on this thread, without asking the cluster: for tests and benchmarks. */
MUST_CHECK int evaluation_run(struct evaluation *ev, struct err *err);
