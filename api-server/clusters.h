/* The API server's own connections to destination clusters: for what is streamed from there to users.
 *
 * Made when first needed, dropped when the settings describe the cluster differently. Everything else about
 * clusters is asked of the controller. Loop thread only. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"

struct api_server;
struct app_destination;
struct kube_client;

/* The client is valid until its calls are cancelled by a change of the settings: start calls at once.
 * ERR_NOT_FOUND, ERR_INVALID: an unknown cluster, or one whose secret cannot be used. */
MUST_CHECK int clusters_client(struct api_server *server,
                               const struct app_destination *destination,
                               struct kube_client **ret,
                               struct err *err);
/* Drop what is not as the settings say any more. */
void clusters_reload(struct api_server *server);
void clusters_free(struct api_server *server);
