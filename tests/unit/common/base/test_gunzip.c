/* Unpacking gzip: whole, in members, broken, and too much of it. */
#include "common/base/gunzip.h"
#include "tests/lib/archive.h"
#include "tests/lib/check.h"

static void unpacks_one_and_several_members(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf in;
    AUTO(buf) struct buf out;
    struct err err;
    buf_init(&in, 4096);
    buf_init(&out, 4096);
    buf_put(&in, archive_gzip(arena, STR("one ")));
    buf_put(&in, archive_gzip(arena, STR("two")));
    buf_put_c(&in, "trailing");
    ASSERT_OK(gunzip_bytes(buf_str(&in), &out, &err));
    ASSERT_STR(buf_str(&out), "one two");
}

static void text_may_be_empty(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf out;
    struct err err;
    buf_init(&out, 10);
    ASSERT_OK(gunzip_bytes(archive_gzip(arena, STR_EMPTY), &out, &err));
    assert_int_equal(out.n, 0);
}

static void stops_at_the_limit(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    char zeros[100000] = {0};
    struct str packed = archive_gzip(arena, str_of(zeros, sizeof(zeros)));
    struct err err;
    AUTO(buf) struct buf exact;
    AUTO(buf) struct buf small;
    buf_init(&exact, sizeof(zeros));
    buf_init(&small, sizeof(zeros) - 1);
    ASSERT_OK(gunzip_bytes(packed, &exact, &err));
    assert_int_equal(exact.n, sizeof(zeros));
    ASSERT_ERR(gunzip_bytes(packed, &small, &err), ERR_LIMIT, "99999 bytes");
}

static void refuses_what_is_broken(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str packed = archive_gzip(arena, STR("some text that is long enough to cut"));
    struct err err;
    for (size_t n = 0; n < packed.n; n++) {
        AUTO(buf) struct buf out;
        buf_init(&out, 4096);
        ASSERT_ERR(gunzip_bytes(str_sub(packed, 0, n), &out, &err), ERR_INVALID, "gzip: ");
    }
    char *changed = arena_bytes(arena, packed.n);
    AUTO(buf) struct buf out;
    buf_init(&out, 4096);
    memcpy(changed, packed.p, packed.n);
    changed[packed.n - 6] ^= 1; /* the checksum */
    ASSERT_ERR(gunzip_bytes(str_of(changed, packed.n), &out, &err), ERR_INVALID, "gzip: ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unpacks_one_and_several_members),
        cmocka_unit_test(text_may_be_empty),
        cmocka_unit_test(stops_at_the_limit),
        cmocka_unit_test(refuses_what_is_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
