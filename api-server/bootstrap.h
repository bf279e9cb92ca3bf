/* What a new installation lacks: the key that signs sessions, the admin's first password, the default
 * project. Made once, as Argo CD does, and never overwritten. Loop thread only. */
#pragma once

#include "common/base/err.h"

struct api_server;

/* done(server) runs once, when everything is there or could not be made (which is logged and tried again at
 * the next start). */
void bootstrap_run(struct api_server *server, void (*done)(struct api_server *server));
