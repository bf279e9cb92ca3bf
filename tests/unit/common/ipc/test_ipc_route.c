/* Rendezvous hashing: stable, even, and only the keys of a lost server move. */
#include <stdio.h>

#include "common/ipc/ipc_route.h"
#include "tests/lib/check.h"

enum { N_SERVERS = 5, N_KEYS = 2000 };

static const char *const SERVERS[N_SERVERS] = {
    "tls+tcp://repo-0:8443", "tls+tcp://repo-1:8443", "tls+tcp://repo-2:8443",
    "tls+tcp://repo-3:8443", "tls+tcp://repo-4:8443",
};

static struct str key_of(int i, char text[32])
{
    int n = snprintf(text, 32, "https://git/r%d", i);
    return str_of(text, (size_t)n);
}

static void order_is_a_permutation_and_repeats(void **state UNUSED)
{
    size_t a[N_SERVERS];
    size_t b[N_SERVERS];
    bool seen[N_SERVERS] = {false};
    ipc_route_order(SERVERS, N_SERVERS, STR("key"), a);
    ipc_route_order(SERVERS, N_SERVERS, STR("key"), b);
    assert_memory_equal(a, b, sizeof(a));
    for (int i = 0; i < N_SERVERS; i++) {
        assert_true(a[i] < N_SERVERS && !seen[a[i]]);
        seen[a[i]] = true;
    }
}

static void keys_spread_evenly(void **state UNUSED)
{
    int n_keys[N_SERVERS] = {0};
    char text[32];
    for (int i = 0; i < N_KEYS; i++) {
        size_t order[N_SERVERS];
        ipc_route_order(SERVERS, N_SERVERS, key_of(i, text), order);
        n_keys[order[0]]++;
    }
    for (int i = 0; i < N_SERVERS; i++) {
        assert_in_range(n_keys[i], N_KEYS / N_SERVERS * 8 / 10, N_KEYS / N_SERVERS * 12 / 10);
    }
}

static void losing_a_server_moves_only_its_keys(void **state UNUSED)
{
    char text[32];
    for (int i = 0; i < N_KEYS; i++) {
        size_t all[N_SERVERS];
        size_t fewer[N_SERVERS];
        ipc_route_order(SERVERS, N_SERVERS, key_of(i, text), all);
        ipc_route_order(SERVERS, N_SERVERS - 1, key_of(i, text), fewer); /* the last one is gone */
        assert_int_equal(fewer[0], all[0] == N_SERVERS - 1 ? all[1] : all[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_a_permutation_and_repeats),
        cmocka_unit_test(keys_spread_evenly),
        cmocka_unit_test(losing_a_server_moves_only_its_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
