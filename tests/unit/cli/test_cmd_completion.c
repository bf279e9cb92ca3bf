/* Scripts have every command and flag. That shells understand them is tested in tests/e2e. */
#include "cli/cmd_completion.h"
#include "cli/command.h"
#include "tests/lib/check.h"

static void scripts_know_every_command_and_flag(void **state UNUSED)
{
    static const char *const SHELLS[] = {"bash", "zsh", "fish"};
    for (size_t s = 0; s < ARRAY_LEN(SHELLS); s++) {
        AUTO(buf) struct buf out;
        struct err err;
        buf_init(&out, 1000000);
        ASSERT_OK(cmd_completion_script(SHELLS[s], &out, &err));
        for (size_t i = 0; i < N_COMMANDS; i++) {
            const struct flag_set *flags = COMMANDS[i].flags;
            assert_non_null(strstr(out.p, COMMANDS[i].path));
            for (size_t j = 0; j < flags->n; j++) {
                assert_non_null(strstr(out.p, flags->rows[j].name));
            }
        }
        assert_non_null(strstr(out.p, "belay app list -o name"));
    }
}

static void other_shells_are_refused(void **state UNUSED)
{
    AUTO(buf) struct buf out;
    struct err err;
    buf_init(&out, 1000);
    ASSERT_ERR(cmd_completion_script("csh", &out, &err), ERR_INVALID, "'csh' is not bash");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_know_every_command_and_flag),
        cmocka_unit_test(other_shells_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
