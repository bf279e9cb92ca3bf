/* What http_client.c (the multi handle on the loop) and http_call.c (one transfer) share. */
#pragma once

#include <curl/curl.h>
#include <uv.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/list.h"
#include "common/base/vec.h"
#include "common/net/http_call.h"
#include "common/net/http_client.h"

/* What is to become of a call once the data it holds is delivered. */
enum call_end {
    CALL_RUNNING,
    CALL_COMPLETE, /* by curl: deliver what is pending, then done */
    CALL_ABORTED,  /* cancel, deadline: nothing but done */
};

struct http_call {
    struct list node;  /* in client->calls */
    struct list ready; /* in client->ready when something is to be delivered */
    struct http_client *client;
    struct http_target *target; /* NULL or a reference */
    struct http_call_opts opts; /* callbacks, times and limits; its strings are not kept */
    struct arena *arena;        /* url, method, response headers */
    struct str url_public;
    CURL *easy;
    bool attached; /* easy is in the multi handle */
    struct curl_slist *send_headers;
    struct curl_slist *connect_to;
    char *send_body;
    char curl_detail[CURL_ERROR_SIZE];

    struct http_response response;
    VEC(struct http_header) headers;
    size_t header_bytes;
    struct buf body;    /* collected */
    struct buf pending; /* streamed, not yet delivered */
    bool head_done;     /* final status and headers are there */
    bool head_told;
    bool body_cut; /* of an error answer: enough was seen */
    bool user_paused;
    bool curl_paused;

    int64_t deadline_ms;      /* loop time; 0 = none */
    int64_t last_activity_ms; /* for idle_timeout_ms */
    enum call_end end;
    struct err err; /* when end says failure: err.code != ERR_OK */
};

/* http_call.c: a call ready to be attached. */
MUST_CHECK int call_new(struct http_client *client,
                        struct http_target *target,
                        const struct http_call_opts *opts,
                        struct http_call **ret,
                        struct err *err);
void call_free(struct http_call *call);
/* Run the callbacks that are due. True when `done` ran and the call may be freed. */
bool call_deliver(struct http_call *call);
/* curl is through with the transfer. */
void call_finish(struct http_call *call, CURLcode code);
/* Give up without curl: call->err is set already. */
void call_abort(struct http_call *call);
/* The moment the call times out by itself, INT64_MAX for never. */
int64_t call_due_ms(const struct http_call *call);
void call_time_out(struct http_call *call);

/* http_client.c */
int64_t client_now_ms(const struct http_client *client);
/* Deliver soon, from the loop. */
void client_ready(struct http_client *client, struct http_call *call);
/* Take the transfer out of the multi handle; never from a curl callback. */
void client_detach(struct http_client *client, struct http_call *call);
void client_watch_deadline(struct http_client *client, const struct http_call *call);
