/* Following an Application through trouble with the server. */
#include "cli/follow.h"
#include "tests/lib/cli_app.h"
#include "tests/lib/cli_fixture.h"

#define SHOP "GET /api/v1/applications/shop"
#define DONE CLI_APP("Succeeded", "Synced", "")
#define LATE CLI_APP("Succeeded", "OutOfSync", "")

static int tear_down(void **state)
{
    cli_fixture_free(*state);
    return 0;
}

static int follow(struct cli_fixture *f, int64_t timeout_ms, struct err *err)
{
    struct follow follow = {
        .ref = {STR_EMPTY, STR("shop")}, .wait = {.sync = true}, .timeout_ms = timeout_ms};
    return follow_app(&f->cli, &follow, err);
}

static void a_server_that_is_away_is_waited_for(void **state)
{
    struct cli_answer answers[] = {
        {SHOP, 503, "{\"message\":\"starting\"}", true},
        {SHOP, 502, "bad gateway", true},
        {SHOP, 0, DONE, false},
        {NULL, 0, NULL, false},
    };
    struct err err;
    *state = cli_fixture_new(answers);
    ASSERT_OK(follow(*state, 0, &err));
}

static void a_stream_that_is_refused_ends_it(void **state)
{
    struct cli_answer answers[] = {
        {SHOP, 0, LATE, false},
        {"GET /api/v1/stream", 403, "{\"message\":\"permission denied\"}", false},
        {NULL, 0, NULL, false},
    };
    struct err err;
    *state = cli_fixture_new(answers);
    ASSERT_ERR(follow(*state, 0, &err), ERR_DENIED, "permission denied");
}

static void events_of_others_do_not_count(void **state)
{
    struct cli_answer answers[] = {
        {SHOP, 0, LATE, true},
        {SHOP, 0, DONE, false},
        {"GET /api/v1/stream", 0,
         "data: "
         "{\"result\":{\"type\":\"DELETED\",\"application\":{\"metadata\":{\"name\":\"other\"}}}}"
         "\n\n",
         false},
        {NULL, 0, NULL, false},
    };
    struct err err;
    *state = cli_fixture_new(answers);
    ASSERT_OK(follow(*state, 5000, &err));
}

static void the_time_is_kept_while_the_server_is_away(void **state)
{
    struct cli_answer answers[] = {{SHOP, 503, "{}", false}, {NULL, 0, NULL, false}};
    struct err err;
    *state = cli_fixture_new(answers);
    assert_int_equal(follow(*state, 300, &err), CLI_EXIT_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_server_that_is_away_is_waited_for, tear_down),
        cmocka_unit_test_teardown(a_stream_that_is_refused_ends_it, tear_down),
        cmocka_unit_test_teardown(events_of_others_do_not_count, tear_down),
        cmocka_unit_test_teardown(the_time_is_kept_while_the_server_is_away, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
