/* What renders on this machine need from elsewhere: repositories through the user's own git, with its credentials and settings, and files
 * of web servers. Blocking; its process's only loop. */
#pragma once

#include "common/base/cleanup.h"
#include "engine/engine_env.h"

struct remote_local;

struct remote_local *remote_local_new(void);
/* Removes the clones. */
void remote_local_free(struct remote_local *remote);
DEFINE_CLEANUP(remote_local, struct remote_local, remote_local_free);

/* Sets env->remote, and env->data to the object. */
void remote_local_attach(struct remote_local *remote, struct engine_env *env);
