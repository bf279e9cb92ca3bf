/* The build environment: what an Application knows of itself, put into its source's settings. */
#pragma once

#include "common/base/str.h"

struct engine_env;

/* $NAME and ${NAME} become the variable's value ("" when there is none of the name), "$$" a "$".
 *
 * path  of the source in its repository: ARGOCD_APP_SOURCE_PATH.
 *
 * The result lives in env->arena. Asking for the revision makes the render depend on it. Variables: Argo CD's
 * build environment. */
struct str build_env_expand(struct engine_env *env, struct str path, struct str text);
