/* A scripted API server and a Kubernetes client for it: for faults a real server does not show at will.
 *
 * Requests are answered by the steps in order; a test fails when there are more of them, and may look
 * at what was asked for. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/kube/kube_client.h"
#include "tests/lib/http_fixture.h"

enum kube_step_how {
    KUBE_STEP_REPLY, /* the whole answer */
    KUBE_STEP_OPEN,  /* the body begins; kube_fixture_write() and _end() go on */
    KUBE_STEP_ABORT, /* the body begins and is broken off */
    KUBE_STEP_HOLD,  /* no answer until kube_fixture_free() */
};

struct kube_step {
    int status;
    const char *body;
    enum kube_step_how how;
    const char *header; /* "Name: value"; NULL = none */
};

struct kube_fixture {
    struct http_fixture *http;
    struct loop *loop;
    struct kube_client *client;
    const struct kube_step *steps;
    size_t n_steps;
    size_t at;
    struct buf log;          /* "METHOD path?query\n" per request */
    struct buf last_headers; /* of the last request: "name: value\n", names as sent */
    struct buf last_body;
    struct http_request *open[8]; /* streams, in the order of their steps */
    bool is_stream[8];
    size_t n_open;
    unsigned n_retries; /* counted by on_stat */
    unsigned n_stats;
    int last_status;
    struct buf warnings; /* one per line */
};

/* config_json: as in a cluster secret; "" = none. steps are borrowed. */
struct kube_fixture *
kube_fixture_new(const struct kube_step *steps, size_t n_steps, const char *config_json);
void kube_fixture_free(struct kube_fixture *f);

/* Runs the loop until cond(data); fails the test after a deadline. */
void kube_fixture_wait(struct kube_fixture *f, bool (*cond)(void *data), void *data);
/* Until so many requests came in. */
void kube_fixture_wait_requests(struct kube_fixture *f, size_t n);

/* Go on with, or end, stream i. */
void kube_fixture_write(struct kube_fixture *f, size_t i, const char *text);
void kube_fixture_end(struct kube_fixture *f, size_t i);
void kube_fixture_abort(struct kube_fixture *f, size_t i);

/* What became of a call. */
struct kube_outcome_seen {
    unsigned n_done;
    bool ok;
    struct err err;
    int status;
    struct buf json; /* the answer's tree, or raw body */
    char reason[64];
};
void kube_fixture_on_done(void *data, const struct kube_reply *reply);
/* Start, wait for the end. The result is freed by kube_outcome_seen_free(). */
void kube_fixture_call(struct kube_fixture *f,
                       struct kube_request request,
                       struct kube_outcome_seen *seen);
bool kube_outcome_seen_done(void *data);
void kube_outcome_seen_free(struct kube_outcome_seen *seen);
