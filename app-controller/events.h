/* Kubernetes events of Applications: what became of their status and their operations, for people who read them with
 * kubectl.
 *
 * They are sent on a client of their own with a small rate, and dropped when too many wait: nothing else ever waits for
 * them. Loop thread only. */
#pragma once

#include "common/base/err.h"
#include "common/base/str.h"

struct controller;
struct events;
struct value;

#define EVENT_RESOURCE_UPDATED    "ResourceUpdated"
#define EVENT_OPERATION_STARTED   "OperationStarted"
#define EVENT_OPERATION_COMPLETED "OperationCompleted"

/* ctl's configuration and HTTP client are used; both outlive it. */
MUST_CHECK int events_new(struct controller *ctl, struct events **ret, struct err *err);
/* What waits is not sent any more. NULL is fine. */
void events_free(struct events *events);

/* An event of this Application; warning: its type is not Normal. Kinds that are not wanted (enable-k8s-event) are not
 * sent. */
void events_tell(struct events *events,
                 const struct value *application,
                 const char *reason,
                 bool warning,
                 struct str message);
