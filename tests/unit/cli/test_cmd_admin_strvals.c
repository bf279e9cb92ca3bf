/* The line protocol around --set. The grammar is tested in tests/unit/engine. */
#include <unistd.h>

#include "cli/cmd_admin_strvals.h"
#include "common/base/fs.h"
#include "tests/lib/cli_fixture.h"

static struct cli_answer ANSWERS[] = {{NULL, 0, NULL, false}};

static void with_input(const char *text)
{
    int ends[2];
    struct err err;
    assert_int_equal(pipe(ends), 0);
    ASSERT_OK(fs_write_fd(ends[1], str_from(text), &err));
    assert_int_equal(close(ends[1]), 0);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(close(ends[0]), 0);
}

static void each_line_has_an_answer(void **state UNUSED)
{
    struct cli_fixture *f = cli_fixture_new(ANSWERS);
    with_input("{\"kind\": \"set\", \"expr\": \"a=1,b=x\"}\n\n"
               "{\"kind\": \"set-literal\", \"expr\": \"a=1,b\"}\n"
               "{\"kind\": \"set\", \"expr\": \"a\"}\n"
               "{\"kind\": \"other\", \"expr\": \"a\"}");
    ASSERT_PRINTS(f,
                  "{\"values\":{\"a\":1,\"b\":\"x\"}}\n"
                  "{\"values\":{\"a\":\"1,b\"}}\n"
                  "{\"error\":\"key \\\"a\\\" has no value\"}\n"
                  "{\"error\":\"'other' is no kind\"}\n",
                  "admin strvals", "--");
    cli_fixture_free(f);
}

static void lines_must_be_json(void **state UNUSED)
{
    struct cli_fixture *f = cli_fixture_new(ANSWERS);
    with_input("a=1\n");
    ASSERT_REFUSES(f, ERR_INVALID, "", "admin strvals", "--");
    cli_fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_has_an_answer),
        cmocka_unit_test(lines_must_be_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
