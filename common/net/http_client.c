/* The HTTP client of one loop: libcurl's multi interface driven by uv_poll and one uv_timer.
 *
 * curl names the sockets to watch (on_socket) and the next time-out (on_timeout); the loop reports
 * both back through curl_multi_socket_action(). curl's callbacks only note things down. What is to be
 * told to callers is done in deliver(), which runs after the curl call returned or from the wake
 * timer, so that callers may start, cancel and pause calls wherever they are called. Deadlines are
 * kept here, not in curl, because curl does not count time for transfers that wait for a free
 * connection. Loop thread only. */
#include "common/net/http_client.h"

#include <assert.h>

#include "common/base/mem.h"
#include "common/net/http_client_internal.h"

enum {
    CLIENT_CONNECTIONS = 512,
    CLIENT_HOST_CONNECTIONS = 128,
    CLIENT_TIMERS = 3, /* curl, deadlines, wake */
};

struct socket_watch {
    uv_poll_t poll;
    struct http_client *client;
    curl_socket_t fd;
};

struct http_client {
    uv_loop_t *loop;
    CURLM *multi;
    struct list calls;
    struct list ready;
    size_t n_calls;
    VEC(struct socket_watch *) watches; /* by descriptor, NULL = not watched */
    uv_timer_t curl_timer;
    uv_timer_t deadline_timer;
    uv_timer_t wake_timer;
    int64_t next_deadline_ms; /* when deadline_timer fires; INT64_MAX = off */
    bool delivering;
    bool closing;
    size_t n_handles; /* loop handles not closed yet */
    void (*closed)(void *data);
    void *closed_data;
};

int64_t client_now_ms(const struct http_client *client)
{
    return (int64_t)uv_now(client->loop);
}

/* --- delivery -------------------------------------------------------------------------------- */

static void close_handles(struct http_client *client);

static void remove_call(struct http_client *client, struct http_call *call)
{
    client_detach(client, call);
    list_remove(&call->node);
    client->n_calls--;
    call_free(call);
}

static void deliver(struct http_client *client)
{
    if (client->delivering) {
        return;
    }
    client->delivering = true;
    while (!list_empty(&client->ready)) {
        struct http_call *call = CONTAINER_OF(client->ready.next, struct http_call, ready);
        list_remove(&call->ready);
        if (call_deliver(call)) {
            remove_call(client, call);
        }
    }
    client->delivering = false;
    if (client->closing && client->n_calls == 0 && client->multi != NULL) {
        close_handles(client);
    }
}

static void on_wake(uv_timer_t *timer)
{
    deliver(CONTAINER_OF(timer, struct http_client, wake_timer));
}

static void wake(struct http_client *client)
{
    int rc = uv_timer_start(&client->wake_timer, on_wake, 0, 0);
    assert(rc == 0); /* fails only on a closing handle */
}

void client_ready(struct http_client *client, struct http_call *call)
{
    if (list_empty(&call->ready)) {
        list_push(&client->ready, &call->ready);
    }
    if (!client->delivering) {
        wake(client);
    }
}

/* --- curl and the loop ----------------------------------------------------------------------- */

void client_detach(struct http_client *client, struct http_call *call)
{
    if (call->attached) {
        call->attached = false;
        CURLMcode rc = curl_multi_remove_handle(client->multi, call->easy);
        assert(rc == CURLM_OK);
    }
}

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
        client_detach(client, call);
        call_finish(call, code);
    }
}

static void drive(struct http_client *client, curl_socket_t fd, int events)
{
    int n_running;
    CURLMcode rc = curl_multi_socket_action(client->multi, fd, events, &n_running);
    assert(rc == CURLM_OK); /* anything else is misuse; failures of transfers are messages */
    collect_finished(client);
    deliver(client);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct socket_watch *watch = CONTAINER_OF(poll, struct socket_watch, poll);
    int curl_events = status < 0 ? CURL_CSELECT_ERR : 0;
    curl_events |= (events & UV_READABLE) != 0 ? CURL_CSELECT_IN : 0;
    curl_events |= (events & UV_WRITABLE) != 0 ? CURL_CSELECT_OUT : 0;
    drive(watch->client, watch->fd, curl_events);
}

static void on_curl_timer(uv_timer_t *timer)
{
    drive(CONTAINER_OF(timer, struct http_client, curl_timer), CURL_SOCKET_TIMEOUT, 0);
}

static int on_timeout(CURLM *multi UNUSED, long timeout_ms, void *data)
{
    struct http_client *client = data;
    if (timeout_ms < 0) {
        (void)uv_timer_stop(&client->curl_timer); /* never fails */
        return 0;
    }
    int rc = uv_timer_start(&client->curl_timer, on_curl_timer, (uint64_t)timeout_ms, 0);
    return rc == 0 ? 0 : -1;
}

static void on_watch_closed(uv_handle_t *handle)
{
    struct socket_watch *watch = CONTAINER_OF((uv_poll_t *)handle, struct socket_watch, poll);
    struct http_client *client = watch->client;
    mem_free(watch);
    client->n_handles--;
    if (client->closing && client->multi == NULL) {
        close_handles(client);
    }
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
    if (uv_poll_init_socket(client->loop, &watch->poll, fd) != 0) {
        mem_free(watch);
        return NULL;
    }
    client->n_handles++;
    client->watches.items[fd] = watch;
    return watch;
}

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

/* --- deadlines ------------------------------------------------------------------------------- */

static void arm_deadline(struct http_client *client, int64_t due_ms);

static void on_deadline(uv_timer_t *timer)
{
    struct http_client *client = CONTAINER_OF(timer, struct http_client, deadline_timer);
    int64_t now = client_now_ms(client);
    int64_t next = INT64_MAX;
    client->next_deadline_ms = INT64_MAX;
    LIST_FOREACH(&client->calls, node) {
        struct http_call *call = CONTAINER_OF(node, struct http_call, node);
        int64_t due = call_due_ms(call);
        if (due <= now) {
            call_time_out(call);
        } else {
            next = MIN(next, due);
        }
    }
    arm_deadline(client, next);
    deliver(client);
}

static void arm_deadline(struct http_client *client, int64_t due_ms)
{
    if (due_ms >= client->next_deadline_ms) {
        return;
    }
    client->next_deadline_ms = due_ms;
    int64_t wait = MAX(due_ms - client_now_ms(client), (int64_t)0);
    int rc = uv_timer_start(&client->deadline_timer, on_deadline, (uint64_t)wait, 0);
    assert(rc == 0); /* fails only on a closing handle */
}

void client_watch_deadline(struct http_client *client, const struct http_call *call)
{
    arm_deadline(client, call_due_ms(call));
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

struct http_client *http_client_new(uv_loop_t *loop, const struct http_client_opts *opts)
{
    static const struct http_client_opts defaults;
    struct http_client *client = MEM_NEW(struct http_client);
    client->loop = loop;
    client->next_deadline_ms = INT64_MAX;
    list_init(&client->calls);
    list_init(&client->ready);
    uv_timer_t *const timers[CLIENT_TIMERS] = {&client->curl_timer, &client->deadline_timer,
                                               &client->wake_timer};
    for (size_t i = 0; i < CLIENT_TIMERS; i++) {
        int rc = uv_timer_init(loop, timers[i]);
        assert(rc == 0); /* never fails */
        client->n_handles++;
    }
    CURLcode rc = curl_global_init(CURL_GLOBAL_DEFAULT);
    client->multi = curl_multi_init();
    assert(rc == CURLE_OK && client->multi != NULL); /* else out of memory */
    set_up_multi(client, opts != NULL ? opts : &defaults);
    return client;
}

int http_client_start(struct http_client *client,
                      struct http_target *target,
                      const struct http_call_opts *opts,
                      struct http_call **ret,
                      struct err *err)
{
    assert(!client->closing);
    struct http_call *call;
    TRY(call_new(client, target, opts, &call, err));
    CURLMcode rc = curl_multi_add_handle(client->multi, call->easy);
    if (rc != CURLM_OK) {
        call_free(call);
        return err_set(err, ERR_INTERNAL, "cannot start HTTP request: %s", curl_multi_strerror(rc));
    }
    call->attached = true;
    list_push(&client->calls, &call->node);
    client->n_calls++;
    client_watch_deadline(client, call);
    if (ret != NULL) {
        *ret = call;
    }
    return 0;
}

size_t http_client_active(const struct http_client *client)
{
    return client->n_calls;
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct http_client *client = handle->data;
    client->n_handles--;
    close_handles(client);
}

/* First the multi handle, whose connections give back their watches, then the timers, then memory. */
static void close_handles(struct http_client *client)
{
    if (client->multi != NULL) {
        CURLMcode rc = curl_multi_cleanup(client->multi);
        assert(rc == CURLM_OK);
        client->multi = NULL;
        curl_global_cleanup();
        for (size_t fd = 0; fd < client->watches.n; fd++) {
            unwatch(client, (curl_socket_t)fd);
        }
        uv_timer_t *const timers[CLIENT_TIMERS] = {&client->curl_timer, &client->deadline_timer,
                                                   &client->wake_timer};
        for (size_t i = 0; i < CLIENT_TIMERS; i++) {
            timers[i]->data = client;
            uv_close((uv_handle_t *)timers[i], on_timer_closed);
        }
    }
    if (client->n_handles > 0) {
        return;
    }
    void (*closed)(void *data) = client->closed;
    void *data = client->closed_data;
    vec_done(&client->watches);
    mem_free(client);
    if (closed != NULL) {
        closed(data);
    }
}

void http_client_close(struct http_client *client, void (*closed)(void *data), void *data)
{
    assert(!client->closing);
    client->closing = true;
    client->closed = closed;
    client->closed_data = data;
    LIST_FOREACH(&client->calls, node) {
        http_call_cancel(CONTAINER_OF(node, struct http_call, node));
    }
    wake(client); /* closes even when there are no calls */
}
