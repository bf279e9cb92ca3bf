/* Addresses: parts, and everything that is refused. */
#include "common/ipc/ipc_endpoint.h"
#include "tests/lib/check.h"

static void takes_the_three_schemes(void **state UNUSED)
{
    struct err err;
    struct ipc_endpoint e;
    ASSERT_OK(ipc_endpoint_parse(STR("ipc:///run/belay/repo.sock"), &e, &err));
    assert_int_equal(e.scheme, IPC_SCHEME_IPC);
    ASSERT_STR(e.path, "/run/belay/repo.sock");
    ASSERT_OK(ipc_endpoint_parse(STR("tcp://127.0.0.1:8081"), &e, &err));
    assert_int_equal(e.scheme, IPC_SCHEME_TCP);
    ASSERT_STR(e.host, "127.0.0.1");
    ASSERT_STR(e.port, "8081");
    ASSERT_OK(ipc_endpoint_parse(STR("tls+tcp://belay-repo-server.belay:8443"), &e, &err));
    assert_int_equal(e.scheme, IPC_SCHEME_TLS);
    ASSERT_STR(e.host, "belay-repo-server.belay");
    ASSERT_OK(ipc_endpoint_parse(STR("tls+tcp://[fe80::1]:8443"), &e, &err));
    ASSERT_STR(e.host, "fe80::1");
    ASSERT_STR(e.port, "8443");
}

static void refuses_what_cannot_work(void **state UNUSED)
{
    static const struct {
        struct str url;
        const char *part;
    } CASES[] = {
        {{"http://x:1", 10}, "does not begin with"},
        {{"ipc://relative", 14}, "absolute path"},
        {{"ipc://", 6}, "absolute path"},
        {{"tcp://127.0.0.1", 15}, "port is missing"},
        {{"tcp://127.0.0.1:x", 17}, "port"},
        {{"tcp://127.0.0.1:65536", 21}, "port"},
        {{"tcp://10.0.0.1:80", 17}, "loopback"},
        {{"tcp://::1:80", 12}, "brackets"},
        {{"tls+tcp://:80", 13}, "host is missing"},
        {{"tls+tcp://[::1:80", 17}, "brackets"},
    };
    struct err err;
    struct ipc_endpoint e;
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ASSERT_ERR(ipc_endpoint_parse(CASES[i].url, &e, &err), ERR_INVALID, CASES[i].part);
    }
    char path[256] = "ipc:///";
    memset(path + 7, 'a', 200);
    ASSERT_ERR(ipc_endpoint_parse(str_of(path, 207), &e, &err), ERR_INVALID, "107 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_three_schemes),
        cmocka_unit_test(refuses_what_cannot_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
