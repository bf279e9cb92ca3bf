/* struct stream_out: the answer of a request that goes on: Server-Sent Events, or JSON lines, of the same
 * messages, with a sign of life between them.
 *
 * A client that does not keep up loses the stream, never the server its memory. Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/list.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/rt/timer.h"

struct api_server;
struct arena;
struct rest_call;
struct value;

/* Part of what produces the messages; read only outside. */
struct stream_out {
    struct list node;       /* api_server.streams */
    struct rest_call *call; /* gone when the stream ended */
    struct str fields;      /* of the query */
    bool sse;
    bool ended;
    struct timer keep_alive;
    void (*on_drain)(void *data);
    void (*on_end)(void *data);
    void *data;
};

/* True: the request was one for the headers and has been answered. */
bool stream_out_head(struct rest_call *call);
/* ERR_LIMIT: there are too many streams. */
MUST_CHECK int stream_out_check(struct rest_call *call, struct err *err);

/* Status and headers are sent. on_drain (may be NULL): the client has taken everything. on_end: once, from
 * within any function below or when the client went away; `out` may be used until the next iteration. */
void stream_out_begin(struct stream_out *out,
                      struct rest_call *call,
                      void (*on_drain)(void *data),
                      void (*on_end)(void *data),
                      void *data);
/* {"result": v} reduced to the fields; scratch memory is taken from the arena. The stream may have ended. */
void stream_out_send(struct stream_out *out, struct arena *arena, const struct value *v);
/* {"error": ...}, and the stream ends. */
void stream_out_fail(struct stream_out *out, const struct err *err);
/* Nothing more comes; nothing happens when it ended before. */
void stream_out_end(struct stream_out *out);
/* Bytes the client has not taken yet. */
size_t stream_out_backlog(const struct stream_out *out);

/* The server stops: all streams end. */
void stream_out_end_all(struct api_server *server);
