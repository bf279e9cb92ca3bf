/* Writing Applications: to the API server, and with its answer into the read model. Loop thread only. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/kube/kube_client.h"

struct doc;
struct rest_call;
struct value;

/* The Application as it was stored; lives until this returns. It must answer the call. */
typedef void (*app_written_fn)(struct rest_call *call, struct doc *doc);

/* A write of one Application, for kube_start() with verb and body filled in; app says where it is. done runs when it
 * succeeded, an error is answered. */
struct kube_request app_write_request(struct rest_call *call,
                                      enum kube_verb verb,
                                      const struct value *app,
                                      app_written_fn done);

/* Merge patch the Application: what others changed meanwhile stays. */
void app_write_patch(struct rest_call *call,
                     const struct value *app,
                     const struct value *patch,
                     app_written_fn done);

/* The patch that does to the Application what the request wants. */
typedef int (*app_patch_fn)(struct rest_call *call,
                            const struct value *app,
                            const struct value **ret,
                            struct err *err);

/* Merge patch the Application unless it changed since `app`: then it is read, and the patch built, anew. So it is when
 * the patch cannot be built, for `app` may be of the past. ERR_CONFLICT is answered when others are quicker again and
 * again. */
void app_write_change(struct rest_call *call,
                      const struct value *app,
                      app_patch_fn build,
                      app_written_fn done);
