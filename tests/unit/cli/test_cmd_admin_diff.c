/* Comparison of two files, offline. */
#include "cli/cmd_admin_diff.h"
#include "tests/lib/cli_fixture.h"
#include "tests/lib/parse.h"

#define CASE(name) "tests/data/diff/rules/" name "/"

static int tear_down(void **state)
{
    cli_fixture_free(*state);
    return 0;
}

static struct cli_fixture *begin(void **state)
{
    static struct cli_answer none[] = {{NULL, 0, NULL, false}};
    struct cli_fixture *f = cli_fixture_new(none);
    *state = f;
    return f;
}

static void the_verdict_is_json(void **state)
{
    struct cli_fixture *f = begin(state);
    assert_int_equal(CLI_RUN(f, "admin diff", "--live", CASE("image_changed_by_hand") "live.yaml",
                             "--desired", CASE("image_changed_by_hand") "target.yaml", NULL),
                     0);
    const struct value *answer = parse_json(f->cli.arena, f->cli.out.p);
    assert_true(value_bool(value_dig(answer, "modified"), false));
    assert_int_equal(value_len(value_dig(answer, "changes")), 1);
    assert_non_null(value_dig(answer, "predictedLiveState", "spec"));
}

static void every_mode_is_there(void **state)
{
    struct cli_fixture *f = begin(state);
    assert_int_equal(CLI_RUN(f, "admin diff", "--mode", "structured-merge", "--exit-code", "--live",
                             CASE("structured_synced") "live.yaml", "--desired",
                             CASE("structured_synced") "target.yaml", NULL),
                     0);
    buf_reset(&f->cli.out);
    assert_int_equal(CLI_RUN(f, "admin diff", "--mode", "server-side", "--exit-code",
                             "--include-mutation-webhook", "-o", "fields", "--dry-run-response",
                             CASE("server_side_webhook_kept") "answer.yaml", "--live",
                             CASE("server_side_webhook_kept") "live.yaml", "--desired",
                             CASE("server_side_webhook_kept") "target.yaml", NULL),
                     1);
    assert_non_null(strstr(f->cli.out.p, "/metadata/labels/hook"));
}

static void a_difference_is_lines(void **state)
{
    struct cli_fixture *f = begin(state);
    assert_int_equal(CLI_RUN(f, "admin diff", "-o", "diff", "--live",
                             CASE("secret_changed") "live.yaml", "--desired",
                             CASE("secret_changed") "target.yaml", NULL),
                     0);
    assert_non_null(strstr(f->cli.out.p, "--- live\n+++ desired\n"));
    assert_non_null(strstr(f->cli.out.p, "++++++++")); /* masked */
}

static void what_is_missing_is_told(void **state)
{
    struct cli_fixture *f = begin(state);
    ASSERT_REFUSES(f, ERR_INVALID, "--live or --desired", "admin diff", NULL);
    ASSERT_REFUSES(f, ERR_INVALID, "no answer of a dry run", "admin diff", "--mode", "server-side",
                   "--live", CASE("structured_synced") "live.yaml", "--desired",
                   CASE("structured_synced") "target.yaml", NULL);
    ASSERT_REFUSES(f, ERR_INVALID, "not an OpenAPI document", "admin diff", "--openapi",
                   CASE("structured_synced") "live.yaml", "--live",
                   CASE("structured_synced") "live.yaml", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_verdict_is_json, tear_down),
        cmocka_unit_test_teardown(every_mode_is_there, tear_down),
        cmocka_unit_test_teardown(a_difference_is_lines, tear_down),
        cmocka_unit_test_teardown(what_is_missing_is_told, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
