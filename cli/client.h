/* struct client: the REST API of one server, one call at a time.
 *
 * Every function blocks, running its loop, until there is an answer: this is for a command line
 * program that has nothing else to do. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct client;
struct loop;
struct value;

struct client_opts {
    const char *server;     /* "host[:port][/path]" or a whole URL */
    struct str token;       /* "" = none */
    bool insecure;          /* certificates are not checked */
    bool plain_text;        /* HTTP, when the server is not a URL */
    const char *server_crt; /* PEM file of roots to trust instead of the system's; NULL or "" */
    struct loop *loop;      /* borrowed; NULL = one of its own */
};

/* ERR_INVALID (URL, certificates), ERR_NOT_FOUND (file). Nothing is sent. */
MUST_CHECK int client_new(const struct client_opts *opts, struct client **ret, struct err *err);
void client_free(struct client *client);
DEFINE_CLEANUP(client, struct client, client_free);

/* The URL of the server, without a slash at its end. */
struct str client_url(const struct client *client);

struct client_request {
    const char *method;       /* NULL = "GET" */
    struct str path;          /* "/api/..." with everything escaped, query included */
    const struct value *body; /* sent as JSON; NULL = none */
    int64_t timeout_ms;       /* 0 = a minute */
};

/* ret (may be NULL): the JSON of the answer, in the arena.
 * Errors: the server's message with the code of its status; ERR_UNAVAILABLE, ERR_TIMEOUT, ERR_DENIED (the
 * certificate); ERR_INVALID for an answer that is not JSON. */
MUST_CHECK int client_call(struct client *client,
                           struct arena *arena,
                           const struct client_request *request,
                           const struct value **ret,
                           struct err *err);

/* One message of an event stream: its "result". Returns 1 to end the stream, 0, or an error that ends it.
 * The value is valid during the call. */
typedef int (*client_event_fn)(void *data, const struct value *result, struct err *err);

struct client_stream {
    struct str path;     /* as of a request */
    int64_t deadline_ms; /* of clock_now_ms(); 0 = none */
    client_event_fn on_event;
    void *data;
};

/* 1: on_event ended it. 0: the server ended it, or said nothing for longer than its keep-alive.
 * Errors: ERR_TIMEOUT at the deadline; as client_call(); what on_event returned. */
MUST_CHECK int
client_stream(struct client *client, const struct client_stream *stream, struct err *err);

/* Nothing for so long. */
void client_pause(struct client *client, int64_t ms);
