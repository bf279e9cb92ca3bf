/* Conditions: names, merging by evaluated type, transition times, trees. */
#include "common/base/buf.h"
#include "common/model/conditions.h"
#include "common/value/value.h"
#include "tests/lib/parse.h"

static struct condition condition(enum condition_type type, const char *message, const char *at)
{
    return (struct condition){
        .type = type,
        .message = str_from(message),
        .last_transition_time = str_from(at),
    };
}

static void names_and_texts_agree(void **state UNUSED)
{
    for (int i = CONDITION_UNSET; i < CONDITION_TYPE_COUNT; i++) {
        struct str name = str_from(condition_type_name((enum condition_type)i));
        assert_int_equal(condition_type_parse(name), i);
        assert_int_equal(condition_type_is_error((enum condition_type)i),
                         str_find(name, STR("Error")) != STR_NONE);
    }
    assert_int_equal(condition_type_parse(STR("Nonsense")), CONDITION_UNSET);
}

static void only_evaluated_types_are_replaced(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct condition old[] = {
        condition(CONDITION_COMPARISON_ERROR, "gone", "t0"),
        condition(CONDITION_SYNC_ERROR, "stays", "t0"),
    };
    const struct condition fresh[] = {condition(CONDITION_INVALID_SPEC_ERROR, "new", "")};
    struct conditions merged = conditions_merge(
        arena, (struct conditions){old, 2}, (struct conditions){fresh, 1},
        CONDITION_BIT(CONDITION_COMPARISON_ERROR) | CONDITION_BIT(CONDITION_INVALID_SPEC_ERROR),
        STR("t1"));
    assert_int_equal(merged.n, 2);
    ASSERT_STR(merged.items[0].message, "new");
    ASSERT_STR(merged.items[0].last_transition_time, "t1");
    ASSERT_STR(merged.items[1].message, "stays");
    ASSERT_STR(merged.items[1].last_transition_time, "t0");
}

static void the_time_is_kept_when_the_message_is_equal(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct condition old[] = {condition(CONDITION_SYNC_ERROR, "same", "t0"),
                                    condition(CONDITION_SYNC_ERROR, "other", "t0")};
    const struct condition fresh[] = {condition(CONDITION_SYNC_ERROR, "same", ""),
                                      condition(CONDITION_SYNC_ERROR, "changed", ""),
                                      condition(CONDITION_SYNC_ERROR, "same", "")};
    struct conditions merged =
        conditions_merge(arena, (struct conditions){old, 2}, (struct conditions){fresh, 3},
                         CONDITION_BITS_ALL, STR("t1"));
    assert_int_equal(merged.n, 2);
    ASSERT_STR(merged.items[0].message, "changed");
    ASSERT_STR(merged.items[0].last_transition_time, "t1");
    ASSERT_STR(merged.items[1].message, "same");
    ASSERT_STR(merged.items[1].last_transition_time, "t0");
}

static void types_of_others_survive_a_round_trip(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    static const char JSON[] =
        "[{\"lastTransitionTime\":\"t\",\"message\":\"m\",\"type\":\"TheirWarning\"}]";
    struct conditions conditions = conditions_from_value(arena, parse_json(arena, JSON));
    conditions =
        conditions_merge(arena, conditions, (struct conditions){0}, CONDITION_BITS_ALL, STR("t1"));
    assert_json(arena, conditions_to_value(arena, conditions), JSON);
}

static void lists_can_be_asked(void **state UNUSED)
{
    const struct condition a[] = {condition(CONDITION_SHARED_RESOURCE_WARNING, "m", "t0")};
    const struct condition b[] = {condition(CONDITION_SHARED_RESOURCE_WARNING, "m", "t1")};
    const struct condition c[] = {condition(CONDITION_SYNC_ERROR, "m", "t1")};
    assert_true(conditions_equal((struct conditions){a, 1}, (struct conditions){a, 1}));
    assert_false(conditions_equal((struct conditions){a, 1}, (struct conditions){b, 1}));
    assert_false(conditions_equal((struct conditions){a, 1}, (struct conditions){a, 0}));
    assert_false(conditions_have_error((struct conditions){a, 1}));
    assert_true(conditions_have_error((struct conditions){c, 1}));
    assert_ptr_equal(conditions_find((struct conditions){c, 1}, CONDITION_SYNC_ERROR), c);
    assert_null(conditions_find((struct conditions){c, 1}, CONDITION_DELETION_ERROR));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_texts_agree),
        cmocka_unit_test(only_evaluated_types_are_replaced),
        cmocka_unit_test(the_time_is_kept_when_the_message_is_equal),
        cmocka_unit_test(types_of_others_survive_a_round_trip),
        cmocka_unit_test(lists_can_be_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
