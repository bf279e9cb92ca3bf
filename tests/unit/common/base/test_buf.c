/* The bounded buffer: appending, the maximum, reading into it, taking it apart. */
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "tests/lib/check.h"

static void appends_everything(void **state UNUSED)
{
    AUTO(buf) struct buf b;
    buf_init(&b, 4096);
    assert_string_equal(b.p, "");
    buf_put(&b, STR("ab"));
    buf_put_c(&b, "c");
    buf_put_char(&b, '-');
    buf_put_fill(&b, '.', 3);
    buf_put_uint(&b, UINT64_MAX);
    buf_put_char(&b, ' ');
    buf_put_int(&b, INT64_MIN);
    buf_printf(&b, " %d", 7);
    buf_put_fill(&b, 'x', 0);
    buf_put(&b, str_of(NULL, 0));
    assert_string_equal(b.p, "abc-...18446744073709551615 -9223372036854775808 7");
    assert_int_equal(b.n, strlen(b.p));
}

static void drops_what_is_past_the_maximum(void **state UNUSED)
{
    struct err err;
    AUTO(buf) struct buf b;
    buf_init(&b, 4);
    buf_put_c(&b, "abcd"); /* N */
    ASSERT_OK(buf_check(&b, "page", &err));
    buf_put_char(&b, 'e'); /* N + 1 */
    assert_string_equal(b.p, "abcd");
    ASSERT_ERR(buf_check(&b, "page", &err), ERR_LIMIT, "page is larger than 4 bytes");
    buf_printf(&b, "%s", "more");
    assert_null(buf_reserve(&b, 1));
    assert_string_equal(b.p, "abcd");
    buf_reset(&b);
    ASSERT_OK(buf_check(&b, "page", &err));
    buf_printf(&b, "%s", "wxyz");
    assert_string_equal(b.p, "wxyz");
    assert_false(b.overflow);
}

static void readers_reserve_and_commit(void **state UNUSED)
{
    AUTO(buf) struct buf b;
    buf_init(&b, 1000000);
    for (int i = 0; i < 1000; i++) {
        char *p = buf_reserve(&b, 600);
        assert_non_null(p);
        memset(p, 'a' + i % 26, 600);
        buf_commit(&b, 100); /* fewer than reserved */
    }
    assert_int_equal(b.n, 100000);
    assert_int_equal(b.p[99999], 'a' + 999 % 26);
    assert_int_equal(b.p[100000], '\0');
    buf_consume(&b, 99900);
    assert_int_equal(b.n, 100);
    assert_int_equal(b.p[0], 'a' + 999 % 26);
    buf_truncate(&b, 1);
    assert_int_equal(strlen(b.p), 1);
    buf_consume(&b, 1);
    assert_string_equal(b.p, "");
}

static void hands_its_bytes_over(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf b;
    buf_init(&b, 100);
    size_t n = 7;
    AUTO(char) char *nothing = buf_take(&b, &n);
    assert_string_equal(nothing, "");
    assert_int_equal(n, 0);
    buf_put_c(&b, "text");
    struct str copy = buf_to_arena(&b, arena);
    AUTO(char) char *taken = buf_take(&b, NULL);
    assert_string_equal(taken, "text");
    ASSERT_STR(copy, "text");
    assert_int_equal(b.n, 0);
    buf_put_c(&b, "again");
    ASSERT_STR(buf_str(&b), "again");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_everything),
        cmocka_unit_test(drops_what_is_past_the_maximum),
        cmocka_unit_test(readers_reserve_and_commit),
        cmocka_unit_test(hands_its_bytes_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
