/* What is taken over from a dry run: the manager's own fields. */
#include "common/value/value_edit.h"
#include "engine/compare/server_side.h"
#include "tests/lib/parse.h"

#define SET(set) "metadata: {managedFields: [{manager: us, operation: Apply, fieldsV1: " set "}]}"
#define PORT(p)  "'k:{\"port\":" #p "}'"

static const struct {
    const char *name;
    const char *live;
    const char *dry;
    const char *want; /* without metadata */
} CASES[] = {
    {"ours is taken, the webhook's not", "{a: 1, " SET("{'f:a': {}}") "}",
     "{a: 2, hook: 1, " SET("{'f:a': {}}") "}", "{a: 2}"},
    {"what the webhook changed is as it was", "{a: 1, b: 1, " SET("{'f:a': {}}") "}",
     "{a: 1, b: 2, " SET("{'f:a': {}}") "}", "{a: 1, b: 1}"},
    {"what was ours and is gone goes, what the webhook took comes back",
     "{m: {a: 1, b: 2, c: 3}, " SET("{'f:m': {'f:a': {}, 'f:c': {}}}") "}",
     "{m: {a: 1}, " SET("{'f:m': {'f:a': {}}}") "}", "{m: {a: 1, b: 2}}"},
    {"what others keep stays when we let go", "{a: 1, " SET("{'f:a': {}}") "}",
     "{a: 1, " SET("{'f:x': {}}") "}", "{a: 1}"},
    {"new maps come with what is ours", "{" SET("{}") "}",
     "{m: {a: 1, hook: 1}, " SET("{'f:m': {'f:a': {}}}") "}", "{m: {a: 1}}"},
    {"new items keep their keys",
     "{l: [{port: 1, name: a}], " SET("{'f:l': {" PORT(1) ": {'.': {}, 'f:name': {}}}}") "}",
     "{l: [{port: 0, hook: 1}, {port: 1, name: b, hook: 1}, {port: 2, name: c, hook: 1}], " SET(
         "{'f:l': {" PORT(1) ": {'.': {}, 'f:name': {}}, " PORT(2) ": {'f:name': {}}}}") "}",
     "{l: [{port: 1, name: b}, {name: c, port: 2}]}"},
    {"items that were ours go, those of others stay",
     "{l: [{port: 1}, {port: 2}, {port: 3}], " SET(
         "{'f:l': {" PORT(1) ": {'.': {}}, " PORT(2) ": {'.': {}}}}") "}",
     "{l: [{port: 1}], " SET("{'f:l': {" PORT(1) ": {'.': {}}}}") "}",
     "{l: [{port: 1}, {port: 3}]}"},
    {"another order is taken over",
     "{l: [{port: 1}, {port: 2}], " SET(
         "{'f:l': {" PORT(1) ": {'.': {}}, " PORT(2) ": {'.': {}}}}") "}",
     "{l: [{port: 2}, {port: 1}], " SET(
         "{'f:l': {" PORT(1) ": {'.': {}}, " PORT(2) ": {'.': {}}}}") "}",
     "{l: [{port: 2}, {port: 1}]}"},
    {"whole lists", "{l: [1], " SET("{'f:l': {}}") "}", "{l: [2, 3], " SET("{'f:l': {}}") "}",
     "{l: [2, 3]}"},
    {"sets", "{l: [a, b, c], " SET("{'f:l': {'v:\"a\"': {}, 'v:\"b\"': {}}}") "}",
     "{l: [a, hook, d], " SET("{'f:l': {'v:\"a\"': {}, 'v:\"d\"': {}}}") "}", "{l: [a, c, d]}"},
};

static void cases(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        const struct value *own = server_side_own(arena, parse_yaml(arena, CASES[i].live),
                                                  parse_yaml(arena, CASES[i].dry), STR("us"));
        assert_yaml(arena, value_without(arena, own, "metadata"), CASES[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
