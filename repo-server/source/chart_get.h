/* struct chart_get: one download from a chart repository or registry, redirects followed.
 *
 * Credentials go to the trusted server alone and the client certificate to the repository's own, whoever
 * redirects to where; a redirect from https to http is refused.  Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/net/http_header.h"
#include "common/net/url.h"

struct buf;
struct chart_get;
struct chart_remote;
struct http_client;
struct loop;

enum chart_get_coding {
    CHART_GET_DECODED, /* compressed on the way when the server can */
    CHART_GET_RAW, /* the bytes as stored: some servers call an archive's own compression a coding */
};

struct chart_get_options {
    struct loop *loop;
    struct http_client *client;
    struct chart_remote *remote; /* a reference is taken */
    const struct url *url;       /* copied, as are the strings below */
    const struct url *trusted;   /* any URL of the server that gets the authorization */
    struct str authorization;    /* "" = none */
    struct http_headers headers; /* sent to all */
    enum chart_get_coding coding;
    size_t max_bytes;
    int64_t timeout_ms; /* redirects included */
};

/* Lives until the callback returns. Any status that is no redirect. */
struct chart_answer {
    int status;
    struct http_headers headers;
    struct buf *body;      /* buf_take() may keep it */
    const struct url *url; /* that answered */
    bool trusted;          /* it is on the trusted server */
};

/* Exactly one of both is NULL. Exactly once, never before chart_get_start() returned. */
typedef void (*chart_get_done_fn)(const struct chart_answer *answer,
                                  const struct err *err,
                                  void *data);

/* Valid until done is called. */
struct chart_get *
chart_get_start(const struct chart_get_options *options, chart_get_done_fn done, void *data);
/* done follows with ERR_CANCELED. */
void chart_get_cancel(struct chart_get *get);

/* What a status other than 2xx means; the body is not quoted, as it may be of a server the user may not
 * read. has_login: credentials were sent. */
int chart_answer_check(const struct chart_answer *answer, bool has_login, struct err *err);
