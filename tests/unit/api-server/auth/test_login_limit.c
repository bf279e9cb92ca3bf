#include <stdio.h>

#include "api-server/auth/login_limit.h"
#include "tests/lib/check.h"

#define USER STR("admin")

static void fail_at(struct login_limit *l, struct str user, int64_t now_ms)
{
    assert_true(login_limit_begin(l, user, now_ms));
    login_limit_end(l, user, false, now_ms);
}

static void locks_after_some_failures(void **state UNUSED)
{
    AUTO(login_limit) struct login_limit *l = login_limit_new();
    for (int i = 0; i < LOGIN_FAILURES_MAX; i++) {
        fail_at(l, USER, 1000);
    }
    assert_false(login_limit_begin(l, USER, 1000));
    assert_false(login_limit_begin(l, USER, 1000 + LOGIN_WINDOW_MS));
    assert_true(login_limit_begin(l, STR("other"), 1000));
    login_limit_end(l, STR("other"), true, 1000);
    /* over: counted anew */
    fail_at(l, USER, 1001 + LOGIN_WINDOW_MS);
    assert_true(login_limit_begin(l, USER, 1001 + LOGIN_WINDOW_MS));
    login_limit_end(l, USER, true, 1001 + LOGIN_WINDOW_MS);
}

static void success_forgives(void **state UNUSED)
{
    AUTO(login_limit) struct login_limit *l = login_limit_new();
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < LOGIN_FAILURES_MAX - 1; i++) {
            fail_at(l, USER, 0);
        }
        assert_true(login_limit_begin(l, USER, 0));
        login_limit_end(l, USER, true, 0);
    }
}

/* A login that could not be checked, because too many were waiting, forgives nothing. */
static void cancelled_logins_do_not_count(void **state UNUSED)
{
    AUTO(login_limit) struct login_limit *l = login_limit_new();
    for (int i = 0; i < LOGIN_FAILURES_MAX; i++) {
        assert_true(login_limit_begin(l, USER, 0));
        login_limit_cancel(l);
        fail_at(l, USER, 0);
    }
    assert_false(login_limit_begin(l, USER, 0));
}

static void only_so_many_at_once(void **state UNUSED)
{
    AUTO(login_limit) struct login_limit *l = login_limit_new();
    for (int i = 0; i < LOGIN_CONCURRENT_MAX; i++) {
        assert_true(login_limit_begin(l, USER, 0));
    }
    assert_false(login_limit_begin(l, STR("other"), 0));
    login_limit_cancel(l);
    assert_true(login_limit_begin(l, STR("other"), 0));
    for (int i = 0; i < LOGIN_CONCURRENT_MAX; i++) {
        login_limit_cancel(l);
    }
}

/* Trying names costs bounded memory, and does not make the locked one free for long enough to matter. */
static void many_names(void **state UNUSED)
{
    AUTO(login_limit) struct login_limit *l = login_limit_new();
    char name[32];
    for (int i = 0; i < 3000; i++) {
        (void)snprintf(name, sizeof(name), "user%d", i);
        fail_at(l, str_from(name), i);
    }
    /* those of long ago make room first */
    for (int i = 0; i < LOGIN_FAILURES_MAX; i++) {
        fail_at(l, USER, 3 * (int64_t)LOGIN_WINDOW_MS);
    }
    for (int i = 0; i < 500; i++) {
        (void)snprintf(name, sizeof(name), "late%d", i);
        fail_at(l, str_from(name), 3 * (int64_t)LOGIN_WINDOW_MS);
    }
    assert_false(login_limit_begin(l, USER, 3 * (int64_t)LOGIN_WINDOW_MS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(locks_after_some_failures),
        cmocka_unit_test(success_forgives),
        cmocka_unit_test(cancelled_logins_do_not_count),
        cmocka_unit_test(only_so_many_at_once),
        cmocka_unit_test(many_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
