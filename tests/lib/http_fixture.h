/* A HTTP server, plain and with TLS, and a HTTP client on one loop, for the tests of common/net and of
 * what is built on it; and a raw connection for what no proper client sends.
 *
 * Ports are free ones of the loopback interface. Waiting has a deadline, after which the test fails. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/net/http_client.h"
#include "common/net/http_server.h"
#include "common/net/tls.h"
#include "common/rt/loop.h"
#include "common/rt/timer.h"

enum { HTTP_FIXTURE_WAIT_MS = 60 * 1000 };

struct http_fixture {
    struct loop *loop;
    struct http_server *server; /* NULL once stopped */
    struct http_client *client;
    struct http_target *target; /* trusts the server's certificate */
    struct tls_server *tls;
    struct tls_pem pem; /* the server's identity */
    uint16_t port;      /* plain */
    uint16_t tls_port;  /* TLS, plain too */
    http_request_fn handler;
    void *data;                /* the handler's */
    struct http_request *held; /* by http_fixture_hold() */
    unsigned n_requests;
    bool server_stopped;
    bool client_closed;
    struct timer tick; /* keeps the loop going while a raw connection is waited for */
};

/* opts may be NULL; its on_request is not used. */
struct http_fixture *http_fixture_new(const struct http_server_opts *opts);
/* Stops everything in order. */
void http_fixture_free(struct http_fixture *f);

/* Runs the loop until cond(data); fails the test after the deadline. */
void http_fixture_wait(struct http_fixture *f, bool (*cond)(void *data), void *data);
/* Runs the loop for so long. */
void http_fixture_run(struct http_fixture *f, int64_t ms);

/* Handlers: "METHOD path?query body-length\n"; the body back; keep the request in f->held. */
void http_fixture_describe(struct http_request *req, void *data);
void http_fixture_echo(struct http_request *req, void *data);
void http_fixture_hold(struct http_request *req, void *data);
/* Waits for the request http_fixture_hold() gets, which becomes the test's to answer. */
struct http_request *http_fixture_held(struct http_fixture *f);
/* Answer with a text. */
void http_fixture_reply(struct http_request *req, int status, struct str body);

/* What became of a call; pass it as data, with these callbacks. */
struct http_result {
    unsigned n_done;
    unsigned n_heads;
    unsigned n_data;
    int status;
    bool http2;
    bool ok;
    struct err err;
    struct buf body;  /* collected or streamed */
    char header[128]; /* value of the header named by want_header */
    const char *want_header;
    struct http_call *call;
    int64_t done_ms;
    struct loop *loop;
};
void http_result_head(const struct http_response *response, void *data);
void http_result_data(struct str bytes, void *data);
void http_result_done(const struct http_response *response, const struct err *err, void *data);
bool http_result_is_done(void *data);
/* Fails the test with the error, if there was one. */
void http_result_ok(const struct http_result *result);
void http_result_free(struct http_result *result);

enum http_fixture_way { HTTP_FIXTURE_PLAIN, HTTP_FIXTURE_TLS };
/* Start a call to the path; opts' url, done and data are filled in, on_data means streaming. */
void http_fixture_start(struct http_fixture *f,
                        enum http_fixture_way way,
                        const char *path,
                        const struct http_call_opts *opts,
                        struct http_result *result);
/* As http_fixture_start(), and wait for the end. */
void http_fixture_call(struct http_fixture *f,
                       enum http_fixture_way way,
                       const char *path,
                       const struct http_call_opts *opts,
                       struct http_result *result);

/* A connection by hand. */
struct http_raw {
    struct http_fixture *f;
    int fd;
    struct buf got;
    bool eof;
    const char *want;
};
void http_raw_open(struct http_fixture *f, uint16_t port, struct http_raw *raw);
void http_raw_send(struct http_raw *raw, struct str bytes);
/* Take what is there. */
void http_raw_poll(struct http_raw *raw);
/* Until the text was received; fails the test when the connection ends before. */
void http_raw_wait(struct http_raw *raw, const char *text);
void http_raw_wait_eof(struct http_raw *raw);
void http_raw_close(struct http_raw *raw);
