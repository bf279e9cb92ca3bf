/* Metrics and health over HTTP. */
#include "common/net/probe_server.h"

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/net/http_server.h"
#include "common/rt/daemon.h"
#include "common/rt/loop.h"
#include "common/rt/metrics.h"

struct probe_server {
    struct daemon *daemon;
    struct http_server *http;
    void (*stopped)(void *data);
    void *data;
};

static void reply_text(struct http_request *req, int status, const char *type, struct str body)
{
    struct http_reply reply = {.status = status, .content_type = type, .body = body};
    http_request_reply(req, &reply);
}

static void answer_metrics(struct probe_server *server, struct http_request *req)
{
    struct buf page;
    buf_init(&page, LIMIT_HTTP_RESPONSE_BYTES);
    metrics_format(daemon_metrics(server->daemon), &page);
    reply_text(req, 200, METRICS_CONTENT_TYPE, buf_str(&page));
    buf_done(&page);
}

static void answer_health(struct probe_server *server, struct http_request *req)
{
    bool ready = daemon_ready(server->daemon);
    reply_text(req, ready ? 200 : 503, "text/plain", ready ? STR("ok") : STR("not ready"));
}

static void answer_live(struct probe_server *server UNUSED, struct http_request *req)
{
    reply_text(req, 200, "text/plain", STR("ok"));
}

static const struct {
    struct str path;
    void (*answer)(struct probe_server *server, struct http_request *req);
} PAGES[] = {
    {STR("/metrics"), answer_metrics},
    {STR("/healthz"), answer_health},
    {STR("/livez"), answer_live},
};

static void on_request(struct http_request *req, void *data)
{
    struct str method = http_request_method(req);
    if (!str_eq(method, STR("GET")) && !str_eq(method, STR("HEAD"))) {
        reply_text(req, 405, "text/plain", STR("only GET is served here"));
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(PAGES); i++) {
        if (str_eq(http_request_path(req), PAGES[i].path)) {
            PAGES[i].answer(data, req);
            return;
        }
    }
    reply_text(req, 404, "text/plain", STR("not found; there are /metrics, /healthz and /livez"));
}

static bool parse_port(struct str text, uint16_t *ret)
{
    unsigned port = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9' || port > UINT16_MAX) {
            return false;
        }
        port = port * 10 + (unsigned)(text.p[i] - '0');
    }
    *ret = (uint16_t)port;
    return text.n > 0 && port <= UINT16_MAX;
}

int probe_address_parse(struct str address,
                        struct str *ret_host,
                        uint16_t *ret_port,
                        struct err *err)
{
    size_t colon = str_rfind_char(address, ':');
    if (colon == STR_NONE || !parse_port(str_sub(address, colon + 1, address.n), ret_port)) {
        return err_set(err, ERR_INVALID, "'" STR_FMT "' is not an address; write HOST:PORT",
                       STR_ARG(address));
    }
    struct str host = str_sub(address, 0, colon);
    if (str_starts_with(host, STR("[")) && str_ends_with(host, STR("]"))) {
        host = str_sub(host, 1, host.n - 1);
    }
    *ret_host = host;
    return 0;
}

int probe_server_new(struct daemon *daemon,
                     struct str address,
                     struct probe_server **ret,
                     struct err *err)
{
    struct str host;
    struct http_listen_opts listen = {0};
    TRY(probe_address_parse(address, &host, &listen.port, err));
    AUTO(char) char *host_text = mem_strndup(host.p, host.n);
    listen.host = host.n > 0 ? host_text : NULL;
    struct probe_server *server = MEM_NEW(struct probe_server);
    server->daemon = daemon;
    struct http_server_opts opts = {.on_request = on_request, .data = server};
    server->http = http_server_new(daemon_loop(daemon), &opts);
    uint16_t port = 0;
    int rc = http_server_listen(server->http, &listen, &port, err);
    if (rc < 0) {
        probe_server_stop(server, NULL, NULL);
        return err_wrap(err, "listening on " STR_FMT, STR_ARG(address));
    }
    *ret = server;
    return 0;
}

static void on_stopped(void *data)
{
    struct probe_server *server = data;
    void (*stopped)(void *data) = server->stopped;
    void *stopped_data = server->data;
    mem_free(server);
    if (stopped != NULL) {
        stopped(stopped_data);
    }
}

void probe_server_stop(struct probe_server *server, void (*stopped)(void *data), void *data)
{
    if (server == NULL) {
        return;
    }
    server->stopped = stopped;
    server->data = data;
    http_server_stop(server->http, 1000, on_stopped, server);
}
