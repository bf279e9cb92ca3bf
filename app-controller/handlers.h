/* What the API server asks of the controller (proto/controller.proto). Loop thread only. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"

struct controller;
struct ipc_server;
struct ipc_tls;
struct app;
struct ipc_call;
struct kube_request;
struct value;
typedef struct Belay__AppRef Belay__AppRef;
typedef struct Belay__ResourceRef Belay__ResourceRef;

MUST_CHECK int handlers_start(struct controller *ctl,
                              const char *url,
                              const struct ipc_tls *tls,
                              struct ipc_server **ret,
                              struct err *err);

/* ---- for handlers in other files ---- */

/* Answers with a JsonReply. */
void handlers_reply_json(struct ipc_call *call, const struct value *v);
/* ERR_NOT_FOUND, ERR_UNAVAILABLE: not compared yet. */
MUST_CHECK int handlers_find_app(struct ipc_call *call,
                                 const Belay__AppRef *ref,
                                 struct app **ret,
                                 struct err *err);
/* The request for an object of the application's tree, without verb and done; data is the call. Anything
 * else of the cluster is out of reach: ERR_NOT_FOUND. */
MUST_CHECK int handlers_object_request(struct ipc_call *call,
                                       const Belay__AppRef *ref,
                                       const Belay__ResourceRef *res,
                                       struct app **ret_app,
                                       struct kube_request *ret,
                                       struct err *err);
