/* struct wait: what state of an Application is waited for. Pure. */
#pragma once

#include <stdbool.h>

struct arena;
struct buf;
struct value;

struct wait {
    bool sync;      /* Synced */
    bool health;    /* Healthy; with the next two any of the wanted ones */
    bool suspended; /* Suspended */
    bool degraded;  /* Degraded */
    bool operation; /* none under way */
    bool deleted;   /* gone */
};

/* Nothing was asked for: sync, health and operation, as the argocd CLI waits. */
void wait_default(struct wait *wait);

/* app NULL = there is none. */
bool wait_reached(const struct wait *wait, const struct value *app);
/* What is still missing: "sync status is OutOfSync, not Synced; an operation is running". */
void wait_explain(const struct wait *wait, const struct value *app, struct buf *out);
