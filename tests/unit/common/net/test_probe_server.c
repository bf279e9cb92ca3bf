/* Metrics and probes of a daemon that runs in this process. The module is included so that the test can
 * add a listener whose port it knows. */
#include "common/net/http_client.h"
#include "common/net/probe_server.c"
#include "tests/lib/check.h"
#include "tests/lib/daemon_run.h"
#include "tests/lib/http_fixture.h"

static void addresses_are_split_at_the_last_colon(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *host;
        uint16_t port;
    } CASES[] = {{"127.0.0.1:80", "127.0.0.1", 80}, {"[::1]:65535", "::1", 65535}, {":0", "", 0}};
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct str host;
        uint16_t port = 1;
        struct err err;
        ASSERT_OK(probe_address_parse(str_from(CASES[i].text), &host, &port, &err));
        ASSERT_STR(host, CASES[i].host);
        assert_int_equal(port, CASES[i].port);
    }
}

static void other_texts_are_no_addresses(void **state UNUSED)
{
    static const char *const CASES[] = {
        "", "80", "host", "host:", "host:x", "host:65536", "host:99999999999"};
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct str host;
        uint16_t port = 0;
        struct err err;
        ASSERT_ERR(probe_address_parse(str_from(CASES[i]), &host, &port, &err), ERR_INVALID,
                   "write HOST:PORT");
    }
}

/* ---- pages ---- */

struct probes {
    struct daemon *daemon;
    struct probe_server *server;
    struct http_client *http;
    uint16_t port;
    bool closed;
};

static void
check_page(struct probes *p, const char *method, const char *path, int status, const char *part)
{
    struct http_result result = {.loop = daemon_loop(p->daemon)};
    struct err err;
    char url[128];
    buf_init(&result.body, LIMIT_MIB);
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", (unsigned)p->port, path);
    const struct http_call_opts opts = {.method = method,
                                        .url = str_from(url),
                                        .timeout_ms = HTTP_FIXTURE_WAIT_MS,
                                        .done = http_result_done,
                                        .data = &result};
    ASSERT_OK(http_client_start(p->http, NULL, &opts, NULL, &err));
    assert_true(loop_run_until(result.loop, http_result_is_done, &result, HTTP_FIXTURE_WAIT_MS));
    assert_int_equal(result.status, status);
    if (str_find(buf_str(&result.body), str_from(part)) == STR_NONE) {
        fail_msg("%s answered '%s'", path, result.body.p);
    }
    buf_done(&result.body);
}

static void check_pages(struct probes *p)
{
    check_page(p, "GET", "/livez", 200, "ok");
    check_page(p, "GET", "/healthz", 503, "not ready");
    daemon_set_ready(p->daemon, true);
    check_page(p, "GET", "/healthz", 200, "ok");
    check_page(p, "GET", "/metrics", 200, "# HELP ");
    check_page(p, "GET", "/other", 404, "there are /metrics");
    check_page(p, "POST", "/metrics", 405, "only GET");
}

static int start(struct daemon *daemon, void **ret, struct err *err)
{
    static struct probes probes; /* daemon_main() hands over no data of ours */
    const struct http_listen_opts listen = {.host = "127.0.0.1"};
    probes = (struct probes){.daemon = daemon};
    *ret = &probes;
    TRY(probe_server_new(daemon, STR("127.0.0.1:0"), &probes.server, err));
    TRY(http_server_listen(probes.server->http, &listen, &probes.port, err));
    probes.http = http_client_new(daemon_loop(daemon), NULL);
    check_pages(&probes);
    daemon_shutdown(daemon, NULL);
    return 0;
}

static void on_probes_stopped(void *data)
{
    const struct probes *p = data;
    daemon_stopped(p->daemon);
}

static void on_http_closed(void *data)
{
    struct probes *p = data;
    probe_server_stop(p->server, on_probes_stopped, p);
}

static void stop(struct daemon *daemon UNUSED, void *component)
{
    struct probes *p = component;
    http_client_close(p->http, on_http_closed, p);
}

static void release(void *component)
{
    struct probes *p = component;
    p->closed = true;
}

static void pages_tell_the_state_of_the_daemon(void **state UNUSED)
{
    static const char *const ARGS[] = {"--log-level=error", NULL};
    static const struct daemon_spec SPEC = {.name = "test",
                                            .program = "test",
                                            .summary = "under test",
                                            .start = start,
                                            .stop = stop,
                                            .free = release};
    assert_int_equal(daemon_run(&SPEC, ARGS, NULL), 0);
}

static void a_wrong_address_is_named(void **state UNUSED)
{
    struct probe_server *server = NULL;
    struct err err;
    ASSERT_ERR(probe_server_new(NULL, STR("nonsense"), &server, &err), ERR_INVALID, "nonsense");
    probe_server_stop(NULL, NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_split_at_the_last_colon),
        cmocka_unit_test(other_texts_are_no_addresses),
        cmocka_unit_test(pages_tell_the_state_of_the_daemon),
        cmocka_unit_test(a_wrong_address_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
