/* The human part of why an operation waits. */
#include "cli/blocked_text.h"
#include "tests/lib/parse.h"

static const struct {
    const char *conditions;
    const char *want;
} CASES[] = {
    {"[]", ""},
    {"[{type: SyncError, message: broken}]", ""},
    {"[{type: SyncBlocked, message: \"waits\\n{}\"}]", "waits"},
    {"[{type: SyncError, message: x}, {type: SyncBlocked, message: "
     "\"a\\nb\\n{\\\"reason\\\":1}\"}]",
     "a\nb"},
    {"[{type: SyncBlocked, message: 'no line for programs'}]", "no line for programs"},
    {"[{type: SyncBlocked, message: \"text\\n\"}]", "text\n"},
    {"[{type: SyncBlocked}]", ""},
};

static void the_last_line_is_for_programs(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct str yaml = arena_printf(arena, "{status: {conditions: %s}}", CASES[i].conditions);
        ASSERT_STR(blocked_text(parse_yaml(arena, yaml.p)), CASES[i].want);
    }
}

static void other_conditions_are_shown_as_they_are(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *c = parse_yaml(arena, "{type: SyncError, message: \"a\\n{}\"}");
    ASSERT_STR(blocked_text_of(c), "a\n{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_line_is_for_programs),
        cmocka_unit_test(other_conditions_are_shown_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
