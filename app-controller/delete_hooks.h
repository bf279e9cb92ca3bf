/* PreDelete and PostDelete hooks of an Application that is being deleted.
 *
 * All state is in the cluster, so that any process can go on. A hook made for this deletion carries the uid of the
 * Application: what an earlier one of the name left behind is not taken for it. It is held by the hook finalizer until
 * the finalizer of its stage is off the Application, which says that all of the stage are done: one that is taken away
 * when it has finished (a Job's time to live) could else not be told from one that was never made. Loop thread only. */
#pragma once

#include <stdbool.h>

#include "common/base/err.h"
#include "common/model/status.h"

struct pass;

/* The uid of the Application whose deletion the hook was made for. */
#define DELETE_HOOKS_ANNOTATION "belay.dev/deletion-of"

/* err: why it cannot go on, to be told and tried again. Otherwise finished says whether nothing is left to do;
 * when there is, what is waited for makes the application wait for its cluster (app.waiting). */
typedef void (*delete_hooks_fn)(struct pass *pass, bool finished, const struct err *err);

/* Make the hooks of the phase, wave after wave, and wait until they are done. One that failed is deleted, and
 * made again with the next try. */
void delete_hooks_run(struct pass *pass, enum sync_phase phase, delete_hooks_fn done);

/* Let go of hooks that are held and not waited for any more: those of stages that are done, and those of a sync that
 * will not end. */
void delete_hooks_release(struct pass *pass, delete_hooks_fn done);

/* Delete the hooks of the phase whose delete policy says so: HookSucceeded when all are well, HookFailed when
 * one is not. Others stay. */
void delete_hooks_clean(struct pass *pass, enum sync_phase phase, delete_hooks_fn done);
