/* Rendezvous hashing: which server a key belongs to. Pure; the same in every process and
 * release. */
#pragma once

#include <stddef.h>

#include "common/base/str.h"

/* Fill order[n] with the indices of servers, the preferred one first. The order of two servers
 * for a key does not depend on the others, so a server that goes away moves only its own keys. */
void ipc_route_order(const char *const *servers, size_t n, struct str key, size_t *order);
