/* Answers from standard input that is no terminal. */
#include <fcntl.h>
#include <unistd.h>

#include "cli/ask.h"
#include "common/base/arena.h"
#include "tests/lib/check.h"

/* Standard input has this text from now on. */
static void type(const char *text)
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    size_t n = strlen(text);
    assert_int_equal(write(fds[1], text, n), n);
    assert_int_equal(close(fds[1]), 0);
    assert_int_equal(dup2(fds[0], STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(close(fds[0]), 0);
}

static void lines_are_read_one_at_a_time(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str line;
    struct err err;
    type("one\r\n\nthree");
    assert_false(ask_can());
    ASSERT_OK(ask_line(arena, "? ", ASK_SHOWN, &line, &err));
    ASSERT_STR(line, "one");
    ASSERT_OK(ask_line(arena, "? ", ASK_HIDDEN, &line, &err));
    ASSERT_STR(line, "");
    ASSERT_OK(ask_line(arena, "? ", ASK_SHOWN, &line, &err));
    ASSERT_STR(line, "three");
    ASSERT_ERR(ask_line(arena, "? ", ASK_SHOWN, &line, &err), ERR_CANCELED, "no answer");
}

static void answers_have_a_limit(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    char text[5000];
    struct str line;
    struct err err;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    type(text);
    ASSERT_ERR(ask_line(arena, "? ", ASK_SHOWN, &line, &err), ERR_LIMIT, "the answer");
}

static void only_y_is_yes(void **state UNUSED)
{
    static const struct {
        const char *text;
        bool yes;
    } CASES[] = {{"y\n", true}, {" Yes\n", true}, {"n\n", false}, {"\n", false}, {"ok\n", false}};
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        bool yes;
        struct err err;
        type(CASES[i].text);
        ASSERT_OK(ask_yes("? ", &yes, &err));
        assert_int_equal(yes, CASES[i].yes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read_one_at_a_time),
        cmocka_unit_test(answers_have_a_limit),
        cmocka_unit_test(only_y_is_yes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
