/* The small HTTP server every daemon has for its operators: GET /metrics and GET /healthz.
 *
 * /healthz answers 200 "ok" while the daemon is ready, else 503; /livez 200 as long as the loop turns.
 * Loop thread only. */
#pragma once

#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct daemon;
struct probe_server;

/* address: "host:port", "[v6]:port" or ":port". ERR_INVALID (address), and those of
 * http_server_listen(). */
MUST_CHECK int probe_server_new(struct daemon *daemon,
                                struct str address,
                                struct probe_server **ret,
                                struct err *err);
/* stopped (may be NULL) runs once, from the loop. NULL is fine (stopped does not run). */
void probe_server_stop(struct probe_server *server, void (*stopped)(void *data), void *data);

/* Split "host:port" at the last colon; brackets around IPv6 are taken away. ERR_INVALID. */
MUST_CHECK int
probe_address_parse(struct str address, struct str *ret_host, uint16_t *ret_port, struct err *err);
