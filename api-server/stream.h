/* Event streams of Applications and of trees. Loop thread only. */
#pragma once

#include "common/base/macro.h"
#include "common/base/str.h"

struct api_server;
struct doc;
struct err;
struct rest_call;

MUST_CHECK int stream_applications(struct rest_call *call, struct err *err);
MUST_CHECK int stream_tree(struct rest_call *call, struct err *err);

/* An Application changed: before NULL = new, after NULL = gone. */
void stream_on_application(struct api_server *server, struct doc *before, struct doc *after);
/* The tree of an Application changed; namespace "" = any may have. */
void stream_on_tree(struct api_server *server, struct str namespace, struct str name);
