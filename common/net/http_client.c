/* The HTTP client of one loop: libcurl's multi interface driven by uv_poll and one timer.
 *
 * curl names the sockets to watch (on_socket) and the next time-out (on_timeout); the loop reports
 * both back through curl_multi_socket_action(). curl's callbacks only note things down; callers are
 * told from loop tasks (http_call.c), so that they may start, cancel and pause calls wherever they are
 * called. Deadlines are kept by struct op and timers, not by curl, which does not count time for
 * transfers that wait for a free connection. Loop thread only. */
#include "common/net/http_client.h"

#include <assert.h>

#include "common/base/mem.h"
#include "common/net/http_client_internal.h"
#include "common/rt/loop.h"

enum {
    CLIENT_CONNECTIONS = 512,
    CLIENT_HOST_CONNECTIONS = 128,
    CLIENT_STREAMS = 250, /* on one HTTP/2 connection, if the server agrees */
};

struct socket_watch {
    uv_poll_t poll;
    struct http_client *client;
    curl_socket_t fd;
};

struct http_client {
    struct loop *loop;
    CURLM *multi; /* NULL once closing came so far */
    struct list calls;
    size_t n_calls;
    VEC(struct socket_watch *) watches; /* by descriptor, NULL = not watched */
    size_t n_watches;                   /* handles not closed yet */
    struct timer curl_timer;
    struct loop_task close_task;
    bool closing;
    void (*closed)(void *data);
    void *closed_data;
};

/* --- curl and the loop ----------------------------------------------------------------------- */

static void collect_finished(struct http_client *client)
{
    int n_left;
    for (CURLMsg *msg; (msg = curl_multi_info_read(client->multi, &n_left)) != NULL;) {
        if (msg->msg != CURLMSG_DONE) {
            continue;
        }
        /* detaching frees the message */
        CURL *easy = msg->easy_handle;
        CURLcode code = msg->data.result;
        char *private = NULL;
        CURLcode rc = curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
        assert(rc == CURLE_OK && private != NULL);
        struct http_call *call = (struct http_call *)(void *)private;
        http_client_detach(client, call);
        http_call_complete(call, code);
    }
}

static void drive(struct http_client *client, curl_socket_t fd, int events)
{
    int n_running;
    CURLMcode rc = curl_multi_socket_action(client->multi, fd, events, &n_running);
    assert(rc == CURLM_OK); /* anything else is misuse; failures of transfers are messages */
    collect_finished(client);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct socket_watch *watch = CONTAINER_OF(poll, struct socket_watch, poll);
    int curl_events = status < 0 ? CURL_CSELECT_ERR : 0;
    curl_events |= (events & UV_READABLE) != 0 ? CURL_CSELECT_IN : 0;
    curl_events |= (events & UV_WRITABLE) != 0 ? CURL_CSELECT_OUT : 0;
    drive(watch->client, watch->fd, curl_events);
}

static void on_curl_timer(void *data)
{
    drive(data, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timeout(CURLM *multi UNUSED, long timeout_ms, void *data)
{
    struct http_client *client = data;
    if (timeout_ms < 0) {
        timer_stop(&client->curl_timer);
    } else {
        timer_start(&client->curl_timer, timeout_ms);
    }
    return 0;
}

static void close_further(struct http_client *client);

static void on_watch_closed(uv_handle_t *handle)
{
    struct socket_watch *watch = CONTAINER_OF((uv_poll_t *)handle, struct socket_watch, poll);
    struct http_client *client = watch->client;
    mem_free(watch);
    client->n_watches--;
    close_further(client);
}

static void unwatch(struct http_client *client, curl_socket_t fd)
{
    if ((size_t)fd >= client->watches.n || client->watches.items[fd] == NULL) {
        return;
    }
    struct socket_watch *watch = client->watches.items[fd];
    client->watches.items[fd] = NULL;
    (void)uv_poll_stop(&watch->poll); /* never fails; at once, as curl closes the descriptor next */
    uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
}

static struct socket_watch *watch_get(struct http_client *client, curl_socket_t fd)
{
    while (client->watches.n <= (size_t)fd) {
        vec_push(&client->watches, NULL);
    }
    if (client->watches.items[fd] != NULL) {
        return client->watches.items[fd];
    }
    struct socket_watch *watch = MEM_NEW(struct socket_watch);
    watch->client = client;
    watch->fd = fd;
    if (uv_poll_init_socket(loop_uv(client->loop), &watch->poll, fd) != 0) {
        mem_free(watch);
        return NULL;
    }
    client->n_watches++;
    client->watches.items[fd] = watch;
    return watch;
}

/* Descriptors are looked up by number instead of by curl_multi_assign(), which would be a curl call
 * from a curl callback. */
static int on_socket(CURL *easy UNUSED, curl_socket_t fd, int what, void *data, void *socket UNUSED)
{
    struct http_client *client = data;
    if (what == CURL_POLL_REMOVE) {
        unwatch(client, fd);
        return 0;
    }
    struct socket_watch *watch = watch_get(client, fd);
    if (watch == NULL) {
        return -1;
    }
    int events =
        (what != CURL_POLL_OUT ? UV_READABLE : 0) | (what != CURL_POLL_IN ? UV_WRITABLE : 0);
    return uv_poll_start(&watch->poll, events, on_poll) == 0 ? 0 : -1;
}

/* --- calls ----------------------------------------------------------------------------------- */

int http_client_start(struct http_client *client,
                      struct http_target *target,
                      const struct http_call_opts *opts,
                      struct http_call **ret,
                      struct err *err)
{
    ASSERT_LOOP(client->loop);
    assert(!client->closing);
    struct http_call *call;
    TRY(http_call_new(client, client->loop, target, opts, &call, err));
    CURLMcode rc = curl_multi_add_handle(client->multi, call->easy);
    if (rc != CURLM_OK) {
        http_call_free(call);
        return err_set(err, ERR_INTERNAL, "cannot start HTTP request: %s", curl_multi_strerror(rc));
    }
    call->attached = true;
    list_push(&client->calls, &call->node);
    client->n_calls++;
    if (ret != NULL) {
        *ret = call;
    }
    return 0;
}

size_t http_client_active(const struct http_client *client)
{
    return client->n_calls;
}

void http_client_detach(struct http_client *client, struct http_call *call)
{
    if (call->attached) {
        call->attached = false;
        CURLMcode rc = curl_multi_remove_handle(client->multi, call->easy);
        assert(rc == CURLM_OK);
    }
}

void http_client_forget(struct http_client *client, struct http_call *call)
{
    list_remove(&call->node);
    client->n_calls--;
    close_further(client);
}

/* --- life ------------------------------------------------------------------------------------ */

static void set_multi(CURLM *multi, CURLMoption option, long value)
{
    CURLMcode rc = curl_multi_setopt(multi, option, value);
    assert(rc == CURLM_OK); /* the options are of every libcurl we build with */
}

static void set_up_multi(struct http_client *client, const struct http_client_opts *opts)
{
    CURLM *multi = client->multi;
    uint32_t max = opts->max_connections;
    uint32_t max_host = opts->max_host_connections;
    set_multi(multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    set_multi(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, CLIENT_STREAMS);
    set_multi(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, max > 0 ? (long)max : CLIENT_CONNECTIONS);
    set_multi(multi, CURLMOPT_MAXCONNECTS, max > 0 ? (long)max : CLIENT_CONNECTIONS);
    set_multi(multi, CURLMOPT_MAX_HOST_CONNECTIONS,
              max_host > 0 ? (long)max_host : CLIENT_HOST_CONNECTIONS);
    CURLMcode rc = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    assert(rc == CURLM_OK);
    rc = curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, client);
    assert(rc == CURLM_OK);
    rc = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timeout);
    assert(rc == CURLM_OK);
    rc = curl_multi_setopt(multi, CURLMOPT_TIMERDATA, client);
    assert(rc == CURLM_OK);
}

struct http_client *http_client_new(struct loop *loop, const struct http_client_opts *opts)
{
    ASSERT_LOOP(loop);
    static const struct http_client_opts defaults;
    struct http_client *client = MEM_NEW(struct http_client);
    client->loop = loop;
    list_init(&client->calls);
    timer_init(&client->curl_timer, loop, on_curl_timer, client);
    CURLcode rc = curl_global_init(CURL_GLOBAL_DEFAULT);
    client->multi = curl_multi_init();
    assert(rc == CURLE_OK && client->multi != NULL); /* else out of memory */
    set_up_multi(client, opts != NULL ? opts : &defaults);
    return client;
}

/* Once the calls are gone the multi handle goes, whose connections give back their watches; once
 * those are closed the memory. */
static void on_close(void *data)
{
    struct http_client *client = data;
    if (client->n_calls == 0 && client->multi != NULL) {
        CURLMcode rc = curl_multi_cleanup(client->multi);
        assert(rc == CURLM_OK);
        client->multi = NULL;
        curl_global_cleanup();
        timer_stop(&client->curl_timer);
        for (size_t fd = 0; fd < client->watches.n; fd++) {
            unwatch(client, (curl_socket_t)fd);
        }
    }
    if (client->n_calls > 0 || client->n_watches > 0) {
        return;
    }
    void (*closed)(void *data) = client->closed;
    void *closed_data = client->closed_data;
    vec_done(&client->watches);
    mem_free(client);
    if (closed != NULL) {
        closed(closed_data);
    }
}

static void close_further(struct http_client *client)
{
    if (client->closing) {
        loop_task_post(client->loop, &client->close_task, on_close, client);
    }
}

void http_client_close(struct http_client *client, void (*closed)(void *data), void *data)
{
    ASSERT_LOOP(client->loop);
    assert(!client->closing);
    client->closing = true;
    client->closed = closed;
    client->closed_data = data;
    LIST_FOREACH(&client->calls, node) {
        http_call_cancel(CONTAINER_OF(node, struct http_call, node));
    }
    close_further(client); /* for when there are no calls */
}
