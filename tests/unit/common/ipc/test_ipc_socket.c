/* Sockets: chosen ports, address conflicts, nng's failures as ours. */
#include <stdio.h>

#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>

#include "common/base/mem.h"
#include "common/ipc/ipc_socket.h"
#include "tests/lib/check.h"

static void port_zero_gives_the_chosen_one_and_a_second_listener_is_a_conflict(void **state UNUSED)
{
    struct err err;
    nng_socket first;
    nng_socket second;
    AUTO(char) char *url = NULL;
    char *none;
    assert_int_equal(nng_rep0_open(&first), 0);
    assert_int_equal(nng_rep0_open(&second), 0);
    ASSERT_OK(ipc_socket_setup(first, &err));
    ASSERT_OK(ipc_socket_listen(first, "tcp://127.0.0.1:0", NULL, &url, &err));
    struct ipc_endpoint endpoint;
    ASSERT_OK(ipc_endpoint_parse(str_from(url), &endpoint, &err));
    assert_false(str_eq_c(endpoint.port, "0"));
    ASSERT_ERR(ipc_socket_listen(second, url, NULL, &none, &err), ERR_CONFLICT, url);
    assert_int_equal(nng_close(first), 0);
    assert_int_equal(nng_close(second), 0);
}

static void unusable_addresses_are_refused(void **state UNUSED)
{
    struct err err;
    nng_socket socket;
    char *url;
    assert_int_equal(nng_rep0_open(&socket), 0);
    ASSERT_ERR(ipc_socket_listen(socket, "tcp://0.0.0.0:0", NULL, &url, &err), ERR_INVALID,
               "loopback");
    struct ipc_dialer other = {.socket = socket};
    ASSERT_ERR(ipc_dialer_start(&other, "inproc://x", NULL, &err), ERR_INVALID, "inproc");
    ipc_dialer_done(&other);
    struct ipc_dialer tls = {.socket = socket};
    ASSERT_ERR(ipc_dialer_start(&tls, "tls+tcp://x:1", NULL, &err), ERR_INVALID, "CA, certificate");
    ipc_dialer_done(&tls);
    assert_int_equal(nng_close(socket), 0);
}

static void nng_failures_become_our_codes(void **state UNUSED)
{
    struct err err;
    assert_int_equal(err_from_nng(&err, NNG_ECONNREFUSED, "connecting to %s", "x"),
                     -ERR_UNAVAILABLE);
    assert_string_equal(err.message, "connecting to x: Connection refused");
    assert_int_equal(err.system_code, NNG_ECONNREFUSED);
    assert_int_equal(err_from_nng(&err, NNG_EINTERNAL, "x"), -ERR_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(port_zero_gives_the_chosen_one_and_a_second_listener_is_a_conflict),
        cmocka_unit_test(unusable_addresses_are_refused),
        cmocka_unit_test(nng_failures_become_our_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
