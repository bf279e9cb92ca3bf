/* Which name is proposed for a wrong one. */
#include "common/base/nearest.h"
#include "tests/lib/check.h"

static void distance_counts_edits(void **state UNUSED)
{
    assert_int_equal(nearest_distance(STR("log-level"), STR("log-level")), 0);
    assert_int_equal(nearest_distance(STR("log-levle"), STR("log-level")), 1);
    assert_int_equal(nearest_distance(STR("loglevel"), STR("log-level")), 1);
    assert_int_equal(nearest_distance(STR(""), STR("abc")), 3);
    assert_int_equal(nearest_distance(STR("kitten"), STR("sitting")), 3);
}

static const char *best_of(const char *name)
{
    struct nearest near = nearest_to(str_from(name));
    nearest_offer(&near, "create");
    nearest_offer(&near, "");
    nearest_offer(&near, "delete");
    nearest_offer(&near, "dilete");
    return near.best;
}

static void nearest_name_is_proposed(void **state UNUSED)
{
    assert_string_equal(best_of("craete"), "create");
    assert_string_equal(best_of("dlete"), "delete");
    assert_string_equal(best_of("delete"), "delete");
}

static void names_far_away_are_not_proposed(void **state UNUSED)
{
    assert_null(best_of("list"));
    assert_null(best_of(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distance_counts_edits),
        cmocka_unit_test(nearest_name_is_proposed),
        cmocka_unit_test(names_far_away_are_not_proposed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
