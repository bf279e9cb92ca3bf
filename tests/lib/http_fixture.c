/* See http_fixture.h. */
#include "tests/lib/http_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/arena.h"
#include "common/base/cleanup.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "tests/lib/check.h"

enum { FIXTURE_TICK_MS = 5, FIXTURE_DRAIN_MS = 2000 };

/* A fixture is being freed. Calls still running are those of a test that failed: their results are
 * gone with its stack. */
static bool ending;

static void on_tick(void *data UNUSED)
{
}

static void on_request(struct http_request *req, void *data)
{
    struct http_fixture *f = data;
    f->n_requests++;
    f->handler(req, f);
}

static void listen_on(struct http_fixture *f, struct tls_server *tls, uint16_t *ret_port)
{
    struct err err;
    struct http_listen_opts opts = {.host = "127.0.0.1", .tls = tls, .plain_too = tls != NULL};
    ASSERT_OK(http_server_listen(f->server, &opts, ret_port, &err));
}

static void make_identity(struct http_fixture *f)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "belay.test"};
    struct err err;
    struct tls_self_signed_opts opts = {
        .common_name = "belay test", .names = names, .n_names = ARRAY_LEN(names)};
    ASSERT_OK(tls_self_signed(&opts, &f->pem, &err));
    ASSERT_OK(tls_server_from_pem(&f->pem, &f->tls, &err));
    struct http_target_opts target = {.ca_pem = buf_str(&f->pem.cert), .proxy = ""};
    ASSERT_OK(http_target_new(&target, &f->target, &err));
}

struct http_fixture *http_fixture_new(const struct http_server_opts *opts)
{
    (void)signal(SIGPIPE, SIG_IGN); /* cannot fail for SIGPIPE */
    struct http_fixture *f = MEM_NEW(struct http_fixture);
    struct http_server_opts server = opts != NULL ? *opts : (struct http_server_opts){0};
    f->loop = loop_new();
    f->handler = http_fixture_describe;
    server.on_request = on_request;
    server.data = f;
    f->server = http_server_new(f->loop, &server);
    f->client = http_client_new(f->loop, NULL);
    make_identity(f);
    listen_on(f, NULL, &f->port);
    listen_on(f, f->tls, &f->tls_port);
    timer_init(&f->tick, f->loop, on_tick, NULL);
    timer_start_repeating(&f->tick, FIXTURE_TICK_MS, 0, NULL);
    return f;
}

static void on_flag(void *data)
{
    *(bool *)data = true;
}

static bool both_gone(void *data)
{
    const struct http_fixture *f = data;
    return f->server_stopped && f->client_closed;
}

void http_fixture_free(struct http_fixture *f)
{
    ending = true;
    if (f->client != NULL) {
        http_client_close(f->client, on_flag, &f->client_closed);
    } else {
        f->client_closed = true;
    }
    if (f->server != NULL) {
        http_server_stop(f->server, FIXTURE_DRAIN_MS, on_flag, &f->server_stopped);
    }
    http_fixture_wait(f, both_gone, f);
    timer_stop(&f->tick);
    http_target_unref(f->target);
    tls_server_unref(f->tls);
    tls_pem_done(&f->pem);
    loop_free(f->loop);
    mem_free(f);
    ending = false;
}

void http_fixture_wait(struct http_fixture *f, bool (*cond)(void *data), void *data)
{
    if (!loop_run_until(f->loop, cond, data, HTTP_FIXTURE_WAIT_MS)) {
        fail_msg("nothing happened for %d ms", HTTP_FIXTURE_WAIT_MS);
    }
}

static bool never(void *data UNUSED)
{
    return false;
}

void http_fixture_run(struct http_fixture *f, int64_t ms)
{
    (void)loop_run_until(f->loop, never, NULL, ms); /* always runs out */
}

/* --- handlers -------------------------------------------------------------------------------- */

void http_fixture_reply(struct http_request *req, int status, struct str body)
{
    struct http_reply reply = {.status = status, .content_type = "text/plain", .body = body};
    http_request_reply(req, &reply);
}

void http_fixture_describe(struct http_request *req, void *data UNUSED)
{
    struct str query = http_request_query(req);
    http_fixture_reply(
        req, 200,
        arena_printf(http_request_arena(req), STR_FMT " " STR_FMT "%s" STR_FMT " %zu\n",
                     STR_ARG(http_request_method(req)), STR_ARG(http_request_path(req)),
                     query.p != NULL ? "?" : "", STR_ARG(query), http_request_body(req).n));
}

void http_fixture_echo(struct http_request *req, void *data UNUSED)
{
    http_fixture_reply(req, 200, http_request_body(req));
}

void http_fixture_hold(struct http_request *req, void *data)
{
    struct http_fixture *f = data;
    assert_null(f->held);
    f->held = req;
}

static bool is_held(void *data)
{
    const struct http_fixture *f = data;
    return f->held != NULL;
}

struct http_request *http_fixture_held(struct http_fixture *f)
{
    http_fixture_wait(f, is_held, f);
    return TAKE(f->held);
}

/* --- calls ----------------------------------------------------------------------------------- */

void http_result_head(const struct http_response *response, void *data)
{
    struct http_result *result = data;
    result->n_heads++;
    result->status = response->status;
}

void http_result_data(struct str bytes, void *data)
{
    struct http_result *result = data;
    assert_int_equal(result->n_done, 0);
    result->n_data++;
    buf_put(&result->body, bytes);
}

void http_result_done(const struct http_response *response, const struct err *err, void *data)
{
    struct http_result *result = data;
    if (ending) {
        return;
    }
    result->n_done++;
    result->ok = err == NULL;
    result->done_ms = loop_now_ms(result->loop);
    assert_true((err == NULL) != (response == NULL));
    if (err != NULL) {
        result->err = *err;
        return;
    }
    result->status = response->status;
    result->http2 = response->http2;
    buf_put(&result->body, buf_str(response->body));
    if (result->want_header != NULL) {
        struct str value = http_header_find(response->headers, str_from(result->want_header));
        (void)snprintf(result->header, sizeof(result->header), STR_FMT, STR_ARG(value));
    }
}

bool http_result_is_done(void *data)
{
    const struct http_result *result = data;
    return result->n_done > 0;
}

void http_result_ok(const struct http_result *result)
{
    if (!result->ok) {
        char text[1024];
        err_format(&result->err, text, sizeof(text));
        fail_msg("call failed: %s", text);
    }
}

void http_result_free(struct http_result *result)
{
    buf_done(&result->body);
    *result = (struct http_result){0};
}

void http_fixture_start(struct http_fixture *f,
                        enum http_fixture_way way,
                        const char *path,
                        const struct http_call_opts *opts,
                        struct http_result *result)
{
    struct http_call_opts call = opts != NULL ? *opts : (struct http_call_opts){0};
    struct err err;
    char url[4096];
    bool tls = way == HTTP_FIXTURE_TLS;
    int n = snprintf(url, sizeof(url), "%s://127.0.0.1:%u%s", tls ? "https" : "http",
                     tls ? f->tls_port : f->port, path);
    assert_true(n > 0 && (size_t)n < sizeof(url));
    buf_init(&result->body, LIMIT_HTTP_RESPONSE_BYTES);
    result->loop = f->loop;
    call.url = call.url.p != NULL ? call.url : str_from(url);
    call.done = http_result_done;
    call.data = result;
    ASSERT_OK(http_client_start(f->client, f->target, &call, &result->call, &err));
    assert_int_equal(result->n_done, 0);
}

void http_fixture_call(struct http_fixture *f,
                       enum http_fixture_way way,
                       const char *path,
                       const struct http_call_opts *opts,
                       struct http_result *result)
{
    http_fixture_start(f, way, path, opts, result);
    http_fixture_wait(f, http_result_is_done, result);
}

/* --- by hand --------------------------------------------------------------------------------- */

void http_raw_open(struct http_fixture *f, uint16_t port, struct http_raw *raw)
{
    *raw = (struct http_raw){.f = f, .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    buf_init(&raw->got, LIMIT_HTTP_RESPONSE_BYTES);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(connect(raw->fd, (struct sockaddr *)&address, sizeof(address)), 0);
}

void http_raw_send(struct http_raw *raw, struct str bytes)
{
    while (bytes.n > 0) {
        ssize_t n = send(raw->fd, bytes.p, bytes.n, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0) {
            assert_true(errno == EAGAIN || errno == EINTR || errno == EPIPE || errno == ECONNRESET);
            if (errno == EPIPE || errno == ECONNRESET) {
                return; /* the server had enough: what it said can still be read */
            }
            n = 0;
            http_fixture_run(raw->f, 1);
        }
        bytes = str_sub(bytes, (size_t)n, bytes.n);
    }
}

void http_raw_poll(struct http_raw *raw)
{
    enum { READ_BYTES = 65536 };
    for (;;) {
        char *p = buf_reserve(&raw->got, READ_BYTES + 1);
        ssize_t n = recv(raw->fd, p, READ_BYTES, MSG_DONTWAIT);
        p[n > 0 ? n : 0] = 0; /* the tests look at it with strstr() */
        if (n <= 0) {
            raw->eof = raw->eof || n == 0 || (errno != EAGAIN && errno != EINTR);
            return;
        }
        buf_commit(&raw->got, (size_t)n);
    }
}

static bool has_received(void *data)
{
    struct http_raw *raw = data;
    http_raw_poll(raw);
    bool found = raw->want != NULL && str_find(buf_str(&raw->got), str_from(raw->want)) != STR_NONE;
    return found || raw->eof;
}

void http_raw_wait(struct http_raw *raw, const char *text)
{
    raw->want = text;
    http_fixture_wait(raw->f, has_received, raw);
    if (str_find(buf_str(&raw->got), str_from(text)) == STR_NONE) {
        fail_msg("connection ended without '%s': '%s'", text, raw->got.p);
    }
}

void http_raw_wait_eof(struct http_raw *raw)
{
    raw->want = NULL;
    http_fixture_wait(raw->f, has_received, raw);
}

void http_raw_close(struct http_raw *raw)
{
    (void)close(raw->fd); /* only a test's socket */
    buf_done(&raw->got);
}
