/* Writes that depend on what is there, while others write. */
#include "tests/lib/api_fixture.h"

#define A "/api/v1/applications/a"

/* Others are quicker n times. */
static void conflicts(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    fake_cluster_fail(f->cluster, "PATCH /apis/argoproj.io", 3, 409, "Conflict");
    assert_int_equal(api_fixture_call(f, "POST", A "/sync", "{}").status, 200);
    assert_int_equal(fake_cluster_count(f->cluster, "PATCH", "\"operation\""), 4);
    assert_int_equal(fake_cluster_count(f->cluster, "GET", "applications/a"), 3);
}

static void looks_again(void **state UNUSED)
{
    API_TEST(conflicts);
}

/* Somebody's change the watch did not tell yet. */
static void changed_meanwhile(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    fake_cluster_hold_events(f->cluster, "Application");
    fake_cluster_patch(f->cluster, "Application", "argocd", "a", "{operation: {sync: {}}}");
    API_REFUSED(f, "POST", A "/sync", "{}", 400, 3, "already in progress");
    fake_cluster_patch(f->cluster, "Application", "argocd", "a", "{operation: null}");
    assert_int_equal(api_fixture_call(f, "POST", A "/sync", "{}").status, 200);
}

static void decides_by_what_is_there(void **state UNUSED)
{
    API_TEST(changed_meanwhile);
}

static void always_late(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    fake_cluster_fail(f->cluster, "PATCH /apis/argoproj.io", 100, 409, "Conflict");
    assert_int_equal(api_fixture_call(f, "POST", A "/sync", "{}").status, 409);
    assert_int_equal(fake_cluster_count(f->cluster, "PATCH", "\"operation\""), 10);
}

static void gives_up_in_the_end(void **state UNUSED)
{
    API_TEST(always_late);
}

static void gone(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    fake_cluster_fail(f->cluster, "PATCH /apis/argoproj.io", 1, 409, "Conflict");
    fake_cluster_remove(f->cluster, "Application", "argocd", "a");
    struct api_answer a = api_fixture_call(f, "POST", A "/sync?project=default", "{}");
    api_fixture_check(a, 404, 5, "");
}

static void says_that_it_is_gone(void **state UNUSED)
{
    API_TEST(gone);
}

/* A plain change does not care for versions, and what is read afterwards includes it. */
static void plain(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    fake_cluster_patch(f->cluster, "Application", "argocd", "a", "{status: {x: 1}}");
    struct api_answer a = api_fixture_call(f, "PATCH", A,
                                           "{\"patchType\":\"merge\",\"patch\":\"{\\\"metadata\\\":"
                                           "{\\\"labels\\\":{\\\"l\\\":\\\"m\\\"}}}\"}");
    assert_int_equal(a.status, 200);
    ASSERT_STR(value_dig_str(api_fixture_get(f, A), "metadata", "labels", "l"), "m");
}

static void shows_what_it_wrote(void **state UNUSED)
{
    API_TEST(plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looks_again),         cmocka_unit_test(decides_by_what_is_there),
        cmocka_unit_test(gives_up_in_the_end), cmocka_unit_test(says_that_it_is_gone),
        cmocka_unit_test(shows_what_it_wrote),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
