/* The time zone database of the machine. */
#include "common/base/tzdata.h"
#include "tests/lib/check.h"

static void zones_are_read_by_name(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str data = STR_EMPTY;
    struct err err;
    if (tzdata_read(arena, STR("Europe/Berlin"), &data, &err) < 0) {
        assert_int_equal(err.code, ERR_UNSUPPORTED);
        skip();
    }
    assert_true(str_starts_with(data, STR("TZif")));
}

static void names_do_not_lead_out(void **state UNUSED)
{
    static const char *const NAMES[] = {
        "", "Nowhere/City", "../../../etc/passwd", "/etc/passwd", "Europe", "Europe\\Berlin"};
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        struct str data = STR("not set");
        struct err err;
        if (tzdata_read(arena, str_from(NAMES[i]), &data, &err) < 0) {
            assert_int_equal(err.code, ERR_UNSUPPORTED);
            skip();
        }
        assert_int_equal(data.n, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zones_are_read_by_name),
        cmocka_unit_test(names_do_not_lead_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
