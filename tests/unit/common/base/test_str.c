/* Slices: comparing, cutting, searching, splitting; also with NULL and empty ones. */
#include <stdio.h>
#include <string.h>

#include "common/base/str.h"
#include "tests/lib/check.h"

static const struct str NOTHING = {NULL, 0};

static void compares_bytes_and_puts_prefixes_first(void **state UNUSED)
{
    assert_true(str_cmp(STR("a"), STR("b")) < 0);
    assert_true(str_cmp(STR("ab"), STR("a")) > 0);
    assert_true(str_cmp(STR("\xff"), STR("a")) > 0);
    assert_int_equal(str_cmp(NOTHING, STR("")), 0);
    assert_true(str_eq(NOTHING, STR("")));
    assert_true(str_eq_c(STR("abc"), "abc"));
    assert_false(str_eq_c(STR("abc"), "ab"));
    assert_true(str_eq_nocase(STR("Content-TYPE"), STR("content-type")));
    assert_false(str_eq_nocase(STR("a["), STR("A{"))); /* one bit apart, no letters */
    assert_int_equal(str_from(NULL).n, 0);
}

static void cuts_prefixes_and_suffixes(void **state UNUSED)
{
    struct str s = STR("refs/heads/main");
    assert_true(str_cut_prefix(&s, STR("refs/heads/")));
    ASSERT_STR(s, "main");
    assert_false(str_cut_prefix(&s, STR("mainly")));
    assert_true(str_cut_suffix(&s, STR("in")));
    ASSERT_STR(s, "ma");
    assert_false(str_cut_suffix(&s, STR("ama")));
    assert_true(str_starts_with(s, NOTHING) && str_ends_with(s, NOTHING));
    assert_false(str_starts_with(NOTHING, STR("x")) || str_ends_with(NOTHING, STR("x")));
}

static void finds_and_clamps(void **state UNUSED)
{
    struct str s = STR("one two one");
    assert_int_equal(str_find(s, STR("one")), 0);
    assert_int_equal(str_find(s, STR("two")), 4);
    assert_int_equal(str_find(s, STR("three")), STR_NONE);
    assert_int_equal(str_find(s, STR("")), 0);
    assert_int_equal(str_find(NOTHING, STR("x")), STR_NONE);
    assert_int_equal(str_find_char(s, 'o'), 0);
    assert_int_equal(str_rfind_char(s, 'o'), 8);
    assert_int_equal(str_rfind_char(NOTHING, 'o'), STR_NONE);
    ASSERT_STR(str_sub(s, 4, 7), "two");
    ASSERT_STR(str_sub(s, 8, 100), "one");
    ASSERT_STR(str_sub(s, 7, 4), "");
    assert_int_equal(str_sub(NOTHING, 1, 2).n, 0);
    ASSERT_STR(str_trim(STR(" \t\r\n a b \v\f")), "a b");
    ASSERT_STR(str_trim(STR(" ")), "");
}

static void splits_like_go(void **state UNUSED)
{
    static const struct {
        struct str text;
        const char *want; /* joined with '|' */
    } CASES[] = {
        {STR("a/b"), "a|b|"},
        {STR("a"), "a|"},
        {STR(""), "|"},
        {STR("/a//"), "|a|||"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        char joined[32] = "";
        struct str rest = CASES[i].text;
        struct str part;
        while (str_next(&rest, '/', &part)) {
            (void)snprintf(joined + strlen(joined), sizeof(joined) - strlen(joined), STR_FMT "|",
                           STR_ARG(part));
        }
        assert_string_equal(joined, CASES[i].want);
    }
    struct str before;
    struct str after;
    assert_true(str_cut(STR("key=a=b"), '=', &before, &after));
    ASSERT_STR(before, "key");
    ASSERT_STR(after, "a=b");
    assert_false(str_cut(STR("key"), '=', &before, &after));
    ASSERT_STR(before, "key");
    ASSERT_STR(after, "");
}

static void hash_depends_on_every_byte(void **state UNUSED)
{
    assert_int_equal(str_hash(STR("abc")), str_hash(str_of("abcd", 3)));
    assert_int_not_equal(str_hash(STR("abc")), str_hash(STR("abd")));
    assert_int_not_equal(str_hash(STR("a")), str_hash(STR("a\0")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_bytes_and_puts_prefixes_first),
        cmocka_unit_test(cuts_prefixes_and_suffixes),
        cmocka_unit_test(finds_and_clamps),
        cmocka_unit_test(splits_like_go),
        cmocka_unit_test(hash_depends_on_every_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
