/* Verification of a commit, of the tag it was found by, and of its history: in the helper process.
 *
 * What is wrong with the signatures are problems, told as Argo CD tells them; what keeps us from knowing is an error. */
#pragma once

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "proto/git_worker.pb-c.h"

#define VERIFY_HEAD   "head"
#define VERIFY_STRICT "strict"

/* request->verify and the directories are used. ret lives in the arena. */
MUST_CHECK int verify_run(struct arena *arena,
                          const Belay__GitWorkerRequest *request,
                          Belay__IntegrityResult **ret,
                          struct err *err);
