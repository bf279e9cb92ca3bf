/* Setting up libgit2, once per process: no configuration files, no ownership rules, bounded caches. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"

/* Any number of calls. Main thread, before others use libgit2. */
MUST_CHECK int gitlib_init(struct err *err);
/* Gives back what libgit2 holds; one call for each gitlib_init(). */
void gitlib_done(void);
