/* The log of one container, line by line, as it is written when followed.
 *
 * The contract is that of calls (kube_client.h): done runs exactly once, never before kube_log_start()
 * returned. Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"

struct kube_client;
struct kube_log;

struct kube_log_opts {
    struct str namespace; /* strings are copied */
    struct str pod;
    struct str container;  /* "" = the pod's only one */
    struct str since_time; /* RFC 3339; "" = from the beginning */
    int64_t since_s;       /* so many seconds ago; 0 = from the beginning */
    const int64_t *tail;   /* so many lines at most from its end; NULL = all */
    bool follow;
    bool previous; /* of the container's last life */
    /* time: RFC 3339 with nanoseconds, as the kubelet wrote it, "" when it wrote none; line: without its end. A line longer than
     * LIMIT_LOG_LINE_BYTES comes in pieces with the same time. Borrowed. */
    void (*on_line)(void *data, struct str time, struct str line);
    /* err is NULL when the log came to its end: of a container that still runs only without follow. */
    void (*done)(void *data, const struct err *err);
    void *data;
};

struct kube_log *kube_log_start(struct kube_client *client, const struct kube_log_opts *opts);
/* done follows with ERR_CANCELED, nothing else does. */
void kube_log_cancel(struct kube_log *log);
/* No on_line until resumed, but for lines of what was received already; the server is held back. */
void kube_log_pause(struct kube_log *log);
void kube_log_resume(struct kube_log *log);
