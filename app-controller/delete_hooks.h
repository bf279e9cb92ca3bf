/* PreDelete and PostDelete hooks of an Application that is being deleted.
 *
 * All state is in the cluster: a hook made for this deletion carries the uid of the Application, so that any
 * process can go on, and what an earlier Application of the name left behind is not taken for it. Loop
 * thread only. */
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

/* Delete the hooks of the phase whose delete policy says so: HookSucceeded when all are well, HookFailed when
 * one is not. Others stay. */
void delete_hooks_clean(struct pass *pass, enum sync_phase phase, delete_hooks_fn done);
