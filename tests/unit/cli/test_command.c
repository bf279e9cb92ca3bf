/* Finding commands by their words; help. */
#include "cli/command.h"
#include "tests/lib/check.h"

static void commands_are_found_by_their_path(void **state UNUSED)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        assert_ptr_equal(command_find(str_from(COMMANDS[i].path)), &COMMANDS[i]);
        /* "render DIR" and "render helm CHART" */
        bool both = strcmp(COMMANDS[i].path, "render") == 0;
        assert_int_equal(command_is_group(str_from(COMMANDS[i].path)), both);
    }
    assert_null(command_find(STR("app")));
    assert_true(command_is_group(STR("app")));
    assert_true(command_is_group(STR_EMPTY));
    assert_false(command_is_group(STR("ap")));
}

static void tables_are_in_order(void **state UNUSED)
{
    for (size_t i = 1; i < N_COMMANDS; i++) {
        assert_true(strcmp(COMMANDS[i - 1].path, COMMANDS[i].path) < 0);
    }
    for (size_t i = 0; i < N_COMMANDS; i++) {
        const struct flag_set *flags = COMMANDS[i].flags;
        for (size_t j = 0; j < flags->n; j++) {
            for (size_t k = 0; k < j; k++) {
                assert_string_not_equal(flags->rows[j].name, flags->rows[k].name);
                assert_true(flags->rows[j].letter == 0 ||
                            flags->rows[j].letter != flags->rows[k].letter);
            }
            assert_true((flags->rows[j].arg == NULL) == (flags->rows[j].type == FLAG_BOOL));
        }
    }
}

static void unknown_ones_have_neighbours(void **state UNUSED)
{
    struct err err;
    ASSERT_ERR(command_unknown(STR("app"), STR("craete"), &err), ERR_INVALID,
               "unknown command 'app craete'; did you mean 'app create'?");
    ASSERT_ERR(command_unknown(STR_EMPTY, STR("ap"), &err), ERR_INVALID, "did you mean 'app'?");
    ASSERT_ERR(command_unknown(STR_EMPTY, STR("xyzzy"), &err), ERR_INVALID,
               "unknown command 'xyzzy'");
}

static void arguments_are_counted(void **state UNUSED)
{
    const struct command *rollback = command_find(STR("app rollback"));
    struct err err;
    ASSERT_OK(command_check_args(rollback, 1, &err));
    ASSERT_OK(command_check_args(rollback, 2, &err));
    ASSERT_ERR(command_check_args(rollback, 0, &err), ERR_INVALID,
               "missing arguments: belay app rollback NAME [ID]");
    ASSERT_ERR(command_check_args(rollback, 3, &err), ERR_INVALID, "too many");
}

static void help_lists_what_there_is(void **state UNUSED)
{
    AUTO(buf) struct buf out;
    buf_init(&out, 100000);
    command_group_help(STR_EMPTY, &out);
    assert_non_null(strstr(out.p, "  app               Manage applications\n"));
    assert_null(strstr(out.p, "terminate-op"));
    buf_reset(&out);
    command_group_help(STR("app"), &out);
    assert_non_null(strstr(out.p, "\n  terminate-op      Terminate"));
    buf_reset(&out);
    command_help(command_find(STR("app rollback")), &out);
    assert_non_null(strstr(out.p, "belay app rollback NAME [ID] [flags]"));
    assert_non_null(strstr(out.p, "--prune"));
    assert_non_null(strstr(out.p, "--server"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_found_by_their_path), cmocka_unit_test(tables_are_in_order),
        cmocka_unit_test(unknown_ones_have_neighbours),     cmocka_unit_test(arguments_are_counted),
        cmocka_unit_test(help_lists_what_there_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
