/* What functions that make strings share. */
#include "engine/template/func.h"
#include "engine/template/func_text.h"
#include "tests/lib/check.h"

static void trims_code_points(void **state UNUSED)
{
    ASSERT_STR(func_text_trim_space(STR("\xe2\x80\x83 a b\xc2\xa0\n")), "a b");
    ASSERT_STR(func_text_trim_space(STR("")), "");
    ASSERT_STR(func_text_trim_space(STR(" \t")), "");
    ASSERT_STR(func_text_trim_space(STR("\x80 ")), "\x80");
    ASSERT_STR(func_text_trim(STR("\xc3\xa9x\xc3\xa9"), STR("\xc3\xa9")), "x");
    ASSERT_STR(func_text_trim(STR("aba"), STR("ab")), "");
    ASSERT_STR(func_text_trim(STR("aba"), STR("")), "aba");
    ASSERT_STR(func_text_trim(STR("\xff\xfex\xff"), STR("\xef\xbf\xbd")), "x");
}

static void results_are_charged(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct budget budget = budget_unlimited();
    struct tcall call = {.arena = arena, .budget = &budget};
    struct err err;
    struct tval v;
    struct buf out;
    budget.bytes = 3;
    func_text_init(&out);
    buf_put_c(&out, "abc");
    ASSERT_OK(func_text_return(&call, &out, &v, &err));
    ASSERT_STR(v.s, "abc");
    func_text_init(&out);
    buf_put_c(&out, "d");
    ASSERT_ERR(func_text_return(&call, &out, &v, &err), ERR_LIMIT, "");
    ASSERT_ERR(func_text_bounds(&err, 5, 3), ERR_INVALID, "slice bounds out of range [5:3]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trims_code_points),
        cmocka_unit_test(results_are_charged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
