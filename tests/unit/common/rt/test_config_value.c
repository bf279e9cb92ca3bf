/* Values of settings: every type, its syntax and its range. */
#include "common/base/arena.h"
#include "common/rt/config_internal.h"
#include "tests/lib/check.h"

static const struct config_row ROWS[CONFIG_TYPE_COUNT] = {
    [CONFIG_STR] = {.type = CONFIG_STR},
    [CONFIG_LIST] = {.type = CONFIG_LIST},
    [CONFIG_BOOL] = {.type = CONFIG_BOOL},
    [CONFIG_INT] = {.type = CONFIG_INT, .min = 1, .max = 10},
    [CONFIG_FLOAT] = {.type = CONFIG_FLOAT, .min = 0, .max = 1},
    [CONFIG_DURATION] = {.type = CONFIG_DURATION, .min = 1000, .max = 60000},
    [CONFIG_BYTES] = {.type = CONFIG_BYTES},
};

static void values_that_are_refused_are_explained(void **state UNUSED)
{
    static const struct {
        enum config_type type;
        struct str text;
        const char *part;
    } CASES[] = {
        {CONFIG_BOOL, {"yes", 3}, "not true or false"},
        {CONFIG_INT, {"0", 1}, "from 1 to 10"},
        {CONFIG_INT, {"11", 2}, "from 1 to 10"},
        {CONFIG_INT, {"1x", 2}, "1x"},
        {CONFIG_INT, {"99999999999999999999", 20}, "9999"},
        {CONFIG_FLOAT, {"1.5", 3}, "from 0 to 1"},
        {CONFIG_FLOAT, {"1e999", 5}, "not a number"},
        {CONFIG_DURATION, {"2m", 2}, "from 1s to 1m0s"},
        {CONFIG_DURATION, {"5 s", 3}, "5 s"},
        {CONFIG_BYTES, {"1Q", 2}, "number of bytes"},
        {CONFIG_BYTES, {"9999999999Ti", 12}, "number of bytes"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct config_list untouched = {NULL, 77};
        ASSERT_ERR(config_value_parse(arena, &ROWS[CASES[i].type], CASES[i].text, &untouched, &err),
                   ERR_INVALID, CASES[i].part);
        assert_int_equal(untouched.n, 77);
    }
}

static void values_of_every_type_are_read(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    bool b = false;
    int64_t i = 0;
    double f = 0;
    const char *s = NULL;
    ASSERT_OK(config_value_parse(arena, &ROWS[CONFIG_BOOL], STR("T"), &b, &err));
    assert_true(b);
    ASSERT_OK(config_value_parse(arena, &ROWS[CONFIG_INT], STR("10"), &i, &err));
    assert_int_equal(i, 10);
    ASSERT_OK(config_value_parse(arena, &ROWS[CONFIG_FLOAT], STR("0.25"), &f, &err));
    assert_true(f == 0.25);
    ASSERT_OK(config_value_parse(arena, &ROWS[CONFIG_DURATION], STR("1.5s"), &i, &err));
    assert_int_equal(i, 1500);
    ASSERT_OK(config_value_parse(arena, &ROWS[CONFIG_DURATION], STR("30"), &i, &err));
    assert_int_equal(i, 30000);
    ASSERT_OK(config_value_parse(arena, &ROWS[CONFIG_BYTES], STR("64Mi"), &i, &err));
    assert_int_equal(i, 64 << 20);
    ASSERT_OK(config_value_parse(arena, &ROWS[CONFIG_BYTES], STR("2G"), &i, &err));
    assert_int_equal(i, 2000000000);
    ASSERT_OK(config_value_parse(arena, &ROWS[CONFIG_STR], STR(""), &s, &err));
    assert_string_equal(s, "");
}

static void lists_split_trim_and_append(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct config_list list = {NULL, 0};
    struct config_list other = {NULL, 0};
    const struct config_row *row = &ROWS[CONFIG_LIST];
    ASSERT_OK(config_value_parse(arena, row, STR("a, b,,"), &list, &err));
    assert_int_equal(list.n, 2);
    assert_string_equal(list.items[1], "b");
    ASSERT_OK(config_value_append(arena, row, STR("c"), &list, &err));
    assert_int_equal(list.n, 3);
    assert_string_equal(list.items[2], "c");
    ASSERT_OK(config_value_parse(arena, row, STR("a,b,c"), &other, &err));
    assert_true(config_value_equal(row, &list, &other));
    ASSERT_OK(config_value_parse(arena, row, STR(""), &other, &err));
    assert_int_equal(other.n, 0);
    assert_false(config_value_equal(row, &list, &other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_that_are_refused_are_explained),
        cmocka_unit_test(values_of_every_type_are_read),
        cmocka_unit_test(lists_split_trim_and_append),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
