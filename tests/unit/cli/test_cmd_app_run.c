/* Operations and waiting: what is asked for, what is printed, which exit status it gives. */
#include "cli/cmd_app_run.h"
#include "tests/lib/cli_app.h"
#include "tests/lib/cli_fixture.h"

#define EVENT(type, app) "data: {\"result\":{\"type\":\"" type "\",\"application\":" app "}} \n\n\n"
#define BUSY             CLI_APP("Running", "OutOfSync", "\"operation\":{\"sync\":{}},")
#define DONE             CLI_APP("Succeeded", "Synced", "")
#define FAILED           CLI_APP("Failed", "OutOfSync", "")

#define POST "POST /api/v1/applications/shop/"
#define GET  "GET /api/v1/applications/shop"

static int tear_down(void **state)
{
    cli_fixture_free(*state);
    return 0;
}

/* The first look finds the operation running; the stream brings its end. */
static struct cli_fixture *server_with(void **state, const char *end, const char *after)
{
    static struct cli_answer answers[8];
    const struct cli_answer rows[] = {
        {POST, 0, BUSY, false},
        {"DELETE /api/v1/applications/shop/operation", 0, "{}", false},
        {GET "?refresh=normal", 0, after, false},
        {GET, 0, BUSY, true},
        {GET, 0, after, false},
        {"GET /api/v1/stream/applications?name=shop", 0, end, false},
        {NULL, 0, NULL, false},
    };
    memcpy(answers, rows, sizeof(rows));
    struct cli_fixture *f = cli_fixture_new(answers);
    *state = f;
    return f;
}

static void a_sync_is_seen_through(void **state)
{
    struct cli_fixture *f = server_with(state, EVENT("ADDED", BUSY) EVENT("MODIFIED", DONE), DONE);
    int rc = CLI_RUN(f, "app sync", "shop", "--prune", "--revision", "v1");
    struct err err = f->err;
    ASSERT_OK(rc);
    assert_int_equal(rc, CLI_EXIT_OK);
    assert_string_equal(f->asked.p,
                        POST "sync {\"dryRun\":false,\"name\":\"shop\",\"prune\":true,\"revision\":"
                             "\"v1\"}\n" GET " \nGET /api/v1/stream/applications?name=shop \n" GET
                             "?refresh=normal \n");
}

static void an_event_stream_that_ends_is_opened_again(void **state)
{
    /* the stream says nothing of the end; the next look does */
    struct cli_fixture *f = server_with(state, EVENT("ADDED", BUSY), DONE);
    assert_int_equal(CLI_RUN(f, "app sync", "shop"), CLI_EXIT_OK);
}

static void a_failed_operation_is_no_success(void **state)
{
    struct cli_fixture *f = server_with(state, EVENT("MODIFIED", FAILED), FAILED);
    assert_int_equal(CLI_RUN(f, "app sync", "shop"), CLI_EXIT_NO);
    assert_int_equal(CLI_RUN(f, "app rollback", "shop", "3"), CLI_EXIT_NO);
}

static void what_was_not_pruned_is_no_success(void **state)
{
#define UNPRUNED                                                                             \
    "{" CLI_APP_META ",\"status\":{\"sync\":{\"status\":\"OutOfSync\"},\"operationState\":{" \
    "\"phase\":\"Succeeded\",\"syncResult\":{\"resources\":[{\"status\":\"PruneSkipped\"}]}}}}"
    struct cli_fixture *f = server_with(state, EVENT("MODIFIED", UNPRUNED), UNPRUNED);
    assert_int_equal(CLI_RUN(f, "app sync", "shop"), CLI_EXIT_NO);
    assert_int_equal(CLI_RUN(f, "app sync", "shop", "--resource", ":Service:web"), CLI_EXIT_OK);
}

static void asynchronous_ones_are_only_started(void **state)
{
    struct cli_fixture *f = server_with(state, "", DONE);
    ASSERT_PRINTS(f, "application 'shop' is being synced\n", "app sync", "shop", "--async");
    ASSERT_PRINTS(f, "application 'argocd/shop' is being rolled back\n", "app rollback",
                  "argocd/shop", "--async", "--prune");
    assert_string_equal(f->asked.p,
                        "POST /api/v1/applications/shop/rollback?appNamespace=argocd "
                        "{\"appNamespace\":\"argocd\",\"dryRun\":false,\"id\":0,\"name\":\"shop\","
                        "\"prune\":true}\n");
    ASSERT_REFUSES(f, ERR_INVALID, "ID: ", "app rollback", "shop", "first");
}

static void waits_end_in_time(void **state)
{
    struct cli_fixture *f = server_with(state, EVENT("ADDED", BUSY), BUSY);
    assert_int_equal(CLI_RUN(f, "app wait", "shop", "--sync", "--timeout", "300ms"), CLI_EXIT_NO);
    assert_int_equal(CLI_RUN(f, "app wait", "shop", "--health"), CLI_EXIT_OK);
    ASSERT_REFUSES(f, ERR_NOT_FOUND, "application 'other': nothing here", "app wait", "other");
}

static void waits_see_the_end_of_an_application(void **state)
{
    struct cli_fixture *f = server_with(state, EVENT("DELETED", BUSY), BUSY);
    assert_int_equal(CLI_RUN(f, "app wait", "shop", "--delete"), CLI_EXIT_OK);
    ASSERT_REFUSES(f, ERR_NOT_FOUND, "was deleted", "app wait", "shop", "--sync");
    assert_int_equal(CLI_RUN(f, "app wait", "other", "--delete"), CLI_EXIT_OK);
}

static void operations_are_terminated(void **state)
{
    struct cli_fixture *f = server_with(state, "", DONE);
    ASSERT_PRINTS(f, "application 'shop': the operation is being terminated\n", "app terminate-op",
                  "shop");
    ASSERT_REFUSES(f, ERR_NOT_FOUND, "nothing here", "app terminate-op", "other");
}

static void deletes_are_confirmed(void **state)
{
    static struct cli_answer answers[] = {
        {"PATCH /api/v1/applications/shop", 0, DONE, false},
        {NULL, 0, NULL, false},
    };
    struct cli_fixture *f = cli_fixture_new(answers);
    *state = f;
    ASSERT_PRINTS(f, "application 'shop': deletes are confirmed\n", "app confirm-deletion", "shop");
    ASSERT_REFUSES(f, ERR_NOT_FOUND, "nothing here", "app confirm-deletion", "other");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_sync_is_seen_through, tear_down),
        cmocka_unit_test_teardown(an_event_stream_that_ends_is_opened_again, tear_down),
        cmocka_unit_test_teardown(a_failed_operation_is_no_success, tear_down),
        cmocka_unit_test_teardown(what_was_not_pruned_is_no_success, tear_down),
        cmocka_unit_test_teardown(asynchronous_ones_are_only_started, tear_down),
        cmocka_unit_test_teardown(waits_end_in_time, tear_down),
        cmocka_unit_test_teardown(waits_see_the_end_of_an_application, tear_down),
        cmocka_unit_test_teardown(operations_are_terminated, tear_down),
        cmocka_unit_test_teardown(deletes_are_confirmed, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
