/* The HTTP client of one loop: libcurl's multi interface driven by uv_poll and timers.
 *
 * curl names the sockets to watch (on_socket) and the next time-out (on_timeout); the loop reports
 * both back through curl_multi_socket_action(). curl's callbacks only note things down; callers are
 * told from loop tasks (http_call.c), so that they may start, cancel and pause calls wherever they are
 * called. Deadlines are kept by struct op and timers, not by curl, which does not count time for
 * transfers that wait for a free connection.
 *
 * There are two multi handles, one for calls that may use HTTP/2, one for those that must not: with
 * connections of both kinds to one server curl 7.88 gives a connection that is busy with HTTP/1.1 to
 * a second call as if it were HTTP/2. Loop thread only. */
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

struct pool {
    struct http_client *client;
    CURLM *multi;                       /* NULL once closing came so far */
    VEC(struct socket_watch *) watches; /* by descriptor, NULL = not watched */
    struct timer timer;                 /* curl's next time-out */
};

struct socket_watch {
    uv_poll_t poll;
    struct pool *pool;
    curl_socket_t fd;
};

struct http_client {
    struct loop *loop;
    struct pool pools[HTTP_POOL_COUNT];
    struct list calls;
    size_t n_calls;
    size_t n_watches; /* handles not closed yet */
    struct loop_task close_task;
    bool closing;
    void (*closed)(void *data);
    void *closed_data;
};

/* --- curl and the loop ----------------------------------------------------------------------- */

static void collect_finished(struct pool *pool)
{
    int n_left;
    for (CURLMsg *msg; (msg = libcurl_get()->multi_info_read(pool->multi, &n_left)) != NULL;) {
        if (msg->msg != CURLMSG_DONE) {
            continue;
        }
        /* detaching frees the message */
        CURL *easy = msg->easy_handle;
        CURLcode code = msg->data.result;
        char *private = NULL;
        CURLcode rc = libcurl_get()->easy_getinfo(easy, CURLINFO_PRIVATE, &private);
        assert(rc == CURLE_OK && private != NULL);
        struct http_call *call = (struct http_call *)(void *)private;
        http_client_detach(pool->client, call);
        http_call_complete(call, code);
    }
}

static void drive(struct pool *pool, curl_socket_t fd, int events)
{
    int n_running;
    CURLMcode rc = libcurl_get()->multi_socket_action(pool->multi, fd, events, &n_running);
    assert(rc == CURLM_OK); /* anything else is misuse; failures of transfers are messages */
    collect_finished(pool);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct socket_watch *watch = CONTAINER_OF(poll, struct socket_watch, poll);
    int curl_events = status < 0 ? CURL_CSELECT_ERR : 0;
    curl_events |= (events & UV_READABLE) != 0 ? CURL_CSELECT_IN : 0;
    curl_events |= (events & UV_WRITABLE) != 0 ? CURL_CSELECT_OUT : 0;
    drive(watch->pool, watch->fd, curl_events);
}

static void on_curl_timer(void *data)
{
    drive(data, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timeout(CURLM *multi UNUSED, long timeout_ms, void *data)
{
    struct pool *pool = data;
    if (timeout_ms < 0) {
        timer_stop(&pool->timer);
    } else {
        timer_start(&pool->timer, timeout_ms);
    }
    return 0;
}

static void close_further(struct http_client *client);

static void on_watch_closed(uv_handle_t *handle)
{
    struct socket_watch *watch = CONTAINER_OF((uv_poll_t *)handle, struct socket_watch, poll);
    struct http_client *client = watch->pool->client;
    mem_free(watch);
    client->n_watches--;
    close_further(client);
}

static void unwatch(struct pool *pool, curl_socket_t fd)
{
    if ((size_t)fd >= pool->watches.n || pool->watches.items[fd] == NULL) {
        return;
    }
    struct socket_watch *watch = pool->watches.items[fd];
    pool->watches.items[fd] = NULL;
    (void)uv_poll_stop(&watch->poll); /* never fails; at once, as curl closes the descriptor next */
    uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
}

static struct socket_watch *watch_get(struct pool *pool, curl_socket_t fd)
{
    while (pool->watches.n <= (size_t)fd) {
        vec_push(&pool->watches, NULL);
    }
    if (pool->watches.items[fd] != NULL) {
        return pool->watches.items[fd];
    }
    struct socket_watch *watch = MEM_NEW(struct socket_watch);
    watch->pool = pool;
    watch->fd = fd;
    if (uv_poll_init_socket(loop_uv(pool->client->loop), &watch->poll, fd) != 0) {
        mem_free(watch);
        return NULL;
    }
    pool->client->n_watches++;
    pool->watches.items[fd] = watch;
    return watch;
}

/* Descriptors are looked up by number instead of by curl_multi_assign(), which would be a curl call
 * from a curl callback. */
static int on_socket(CURL *easy UNUSED, curl_socket_t fd, int what, void *data, void *socket UNUSED)
{
    struct pool *pool = data;
    if (what == CURL_POLL_REMOVE) {
        unwatch(pool, fd);
        return 0;
    }
    struct socket_watch *watch = watch_get(pool, fd);
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
    CURLMcode rc = libcurl_get()->multi_add_handle(client->pools[call->pool].multi, call->easy);
    if (rc != CURLM_OK) {
        http_call_free(call);
        return err_set(err, ERR_INTERNAL, "cannot start HTTP request: %s",
                       libcurl_get()->multi_strerror(rc));
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
        CURLMcode rc =
            libcurl_get()->multi_remove_handle(client->pools[call->pool].multi, call->easy);
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
    CURLMcode rc = libcurl_get()->multi_setopt(multi, option, value);
    assert(rc == CURLM_OK); /* the options are of every libcurl we build with */
}

static void
set_up_pool(struct http_client *client, enum http_pool which, const struct http_client_opts *opts)
{
    struct pool *pool = &client->pools[which];
    uint32_t max = opts->max_connections;
    uint32_t max_host = opts->max_host_connections;
    CURLM *multi = libcurl_get()->multi_init();
    assert(multi != NULL); /* else out of memory */
    pool->client = client;
    pool->multi = multi;
    timer_init(&pool->timer, client->loop, on_curl_timer, pool);
    set_multi(multi, CURLMOPT_PIPELINING,
              which == HTTP_POOL_ANY ? CURLPIPE_MULTIPLEX : CURLPIPE_NOTHING);
    set_multi(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, CLIENT_STREAMS);
    set_multi(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, max > 0 ? (long)max : CLIENT_CONNECTIONS);
    set_multi(multi, CURLMOPT_MAXCONNECTS, max > 0 ? (long)max : CLIENT_CONNECTIONS);
    set_multi(multi, CURLMOPT_MAX_HOST_CONNECTIONS,
              max_host > 0 ? (long)max_host : CLIENT_HOST_CONNECTIONS);
    CURLMcode rc = libcurl_get()->multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    assert(rc == CURLM_OK);
    rc = libcurl_get()->multi_setopt(multi, CURLMOPT_SOCKETDATA, pool);
    assert(rc == CURLM_OK);
    rc = libcurl_get()->multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timeout);
    assert(rc == CURLM_OK);
    rc = libcurl_get()->multi_setopt(multi, CURLMOPT_TIMERDATA, pool);
    assert(rc == CURLM_OK);
}

struct http_client *http_client_new(struct loop *loop, const struct http_client_opts *opts)
{
    ASSERT_LOOP(loop);
    static const struct http_client_opts defaults;
    struct http_client *client = MEM_NEW(struct http_client);
    client->loop = loop;
    list_init(&client->calls);
    CURLcode rc = libcurl_get()->global_init(CURL_GLOBAL_DEFAULT);
    assert(rc == CURLE_OK); /* else out of memory */
    for (enum http_pool which = HTTP_POOL_ANY; which < HTTP_POOL_COUNT; which++) {
        set_up_pool(client, which, opts != NULL ? opts : &defaults);
    }
    return client;
}

static void close_pool(struct pool *pool)
{
    if (pool->multi == NULL) {
        return;
    }
    CURLMcode rc = libcurl_get()->multi_cleanup(pool->multi);
    assert(rc == CURLM_OK);
    pool->multi = NULL;
    timer_stop(&pool->timer);
    for (size_t fd = 0; fd < pool->watches.n; fd++) {
        unwatch(pool, (curl_socket_t)fd);
    }
}

/* Once the calls are gone the multi handles go, whose connections give back their watches; once those
 * are closed the memory. */
static void on_close(void *data)
{
    struct http_client *client = data;
    if (client->n_calls > 0) {
        return;
    }
    for (size_t i = 0; i < HTTP_POOL_COUNT; i++) {
        close_pool(&client->pools[i]);
    }
    if (client->n_watches > 0) {
        return;
    }
    void (*closed)(void *data) = client->closed;
    void *closed_data = client->closed_data;
    for (size_t i = 0; i < HTTP_POOL_COUNT; i++) {
        vec_done(&client->pools[i].watches);
    }
    libcurl_get()->global_cleanup();
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
