/* struct event_reader: the messages of an event stream (Server-Sent Events of the API server), from its bytes in pieces
 * of any size. Pure; one thread at a time. */
#pragma once

#include <stddef.h>

#include "cli/client.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct event_reader {
    struct buf line; /* that has not ended */
    client_event_fn on_event;
    void *data;
};

void event_reader_init(struct event_reader *reader,
                       size_t max_line_bytes,
                       client_event_fn on_event,
                       void *data);
void event_reader_done(struct event_reader *reader);

/* Calls on_event for every message that ends in bytes. 1 when it ended the stream.
 * Errors: what on_event returned, what the server sent as one, ERR_INVALID for a message that is not JSON, ERR_LIMIT
 * for one that is too long. After 1 or an error nothing may be fed any more. */
MUST_CHECK int event_reader_feed(struct event_reader *reader, struct str bytes, struct err *err);
