/* Health of live objects and of whole applications.
 *
 * Tables map group and kind to a check: functions for the kinds of Kubernetes, rules (health_rules.h) for
 * the well-known custom resources. Other kinds have none.  Pure; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/str.h"
#include "common/kube/kube_object.h"
#include "common/model/status.h"

struct arena;
struct value;

struct health {
    enum health_status status; /* NONE: no check exists for the kind */
    struct str message;        /* static or in the arena */
};

/* Of a live object, NULL gives NONE. An object being deleted is Progressing "Pending deletion", unless
 * only the hook finalizer holds it. A check that cannot make sense of the object (a version it does not
 * know) answers Unknown with the reason. */
struct health health_of(struct arena *arena, const struct value *live);

/* Being deleted, and not held by the hook finalizer only. */
bool health_is_pending_deletion(const struct value *live);

/* What the rule of its kind alone says, also of an object that is being deleted. */
struct health health_by_rules(struct arena *arena, const struct value *live);

/* One resource of an application. */
struct health_resource {
    struct kube_key key;
    const struct value *live; /* NULL = missing */
    bool has_target;
    bool hook;
    bool skipped;
    bool self;            /* the Application itself */
    struct health health; /* health_of(live) */
};

/* The worst of the resources that count: not hooks, not skipped or missing ones, not the application
 * itself, none with argocd.argoproj.io/ignore-healthcheck, no child Application that is Missing or
 * Unknown. Missing when there are targets but not one live object. The message names up to three
 * resources that caused it. */
struct health
health_of_app(struct arena *arena, const struct health_resource *resources, size_t n_resources);
