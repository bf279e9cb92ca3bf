/* What http_client.c (the multi handle on the loop) and http_call.c (one transfer) share. */
#pragma once

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/list.h"
#include "common/base/vec.h"
#include "common/net/http_call.h"
#include "common/net/http_client.h"
#include "common/net/libcurl.h"
#include "common/rt/op.h"

enum http_pool { HTTP_POOL_ANY, HTTP_POOL_VERSION_1, HTTP_POOL_COUNT };

struct http_call {
    struct op op;
    struct list node; /* in client->calls */
    struct http_client *client;
    struct http_target *target; /* NULL or a reference */
    struct http_call_opts opts; /* callbacks and limits; what the caller lent is not kept */
    struct arena *arena;        /* url, response headers */
    struct str url_public;
    CURL *easy;
    enum http_pool pool;
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
    struct loop_task deliver;
    struct timer idle;
    bool head_done; /* final status and headers are there */
    bool head_told;
    bool body_cut; /* of an error answer: enough was seen */
    bool user_paused;
    bool curl_paused;
    bool done_told;
    bool complete; /* curl is through; the outcome is in err */
    struct err err;
};

/* http_call.c: a call ready to be attached. */
MUST_CHECK int http_call_new(struct http_client *client,
                             struct loop *loop,
                             struct http_target *target,
                             const struct http_call_opts *opts,
                             struct http_call **ret,
                             struct err *err);
void http_call_free(struct http_call *call);
/* curl is through with the transfer, which is detached already. */
void http_call_complete(struct http_call *call, CURLcode code);

/* http_client.c: take the transfer out of the multi handle; never from a curl callback. */
void http_client_detach(struct http_client *client, struct http_call *call);
/* The call was told and is gone. */
void http_client_forget(struct http_client *client, struct http_call *call);
