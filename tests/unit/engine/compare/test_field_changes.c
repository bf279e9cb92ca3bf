/* Differing fields with their paths and authors. */
#include "common/base/limits.h"
#include "common/value/value_build.h"
#include "engine/compare/field_changes.h"
#include "tests/lib/parse.h"

static const char OWNERS[] =
    "metadata:\n"
    "  managedFields:\n"
    "  - {manager: us, operation: Apply, time: '2026-01-01T00:00:00Z',\n"
    "     fieldsV1: {'f:spec': {'f:replicas': {}, 'f:args': {}, 'f:ports': {'k:{\"port\":1}': "
    "{'.': {}, 'f:name': {}}}}}}\n"
    "  - {manager: them, operation: Update, subresource: scale, time: '2026-02-01T00:00:00Z',\n"
    "     fieldsV1: {'f:spec': {'f:replicas': {}, 'f:whole': {}}}}\n";

static const struct {
    const char *live;
    const char *wanted;
    const char *want;
} CASES[] = {
    {"{spec: {replicas: 3}}", "{spec: {replicas: 1}}",
     "[{path: /spec/replicas, live: 3, wanted: 1, manager: them, operation: Update, subresource: "
     "scale, time: "
     "'2026-02-01T00:00:00Z'}]"},
    {"{spec: {whole: {a: {b: 1}}}}", "{spec: {whole: {a: {b: 2}}}}",
     "[{path: /spec/whole/a/b, live: 1, wanted: 2, manager: them, operation: Update, subresource: "
     "scale, time: "
     "'2026-02-01T00:00:00Z'}]"},
    {"{spec: {ports: [{port: 2}, {port: 1, name: a}]}}",
     "{spec: {ports: [{port: 1, name: b}, {port: 3}]}}",
     "[{path: /spec/ports/0, live: {port: 2}}, {path: /spec/ports/1/name, live: a, wanted: b, "
     "manager: us, operation: "
     "Apply, time: '2026-01-01T00:00:00Z'}, {path: /spec/ports/1, wanted: {port: 3}}]"},
    {"{spec: {args: [a, b]}}", "{spec: {args: [a, c]}}",
     "[{path: /spec/args/1, live: b, wanted: c, manager: us, operation: Apply, time: "
     "'2026-01-01T00:00:00Z'}]"},
    {"{spec: {args: [a]}}", "{spec: {args: [a, c]}}",
     "[{path: /spec/args, live: [a], wanted: [a, c], manager: us, operation: Apply, time: "
     "'2026-01-01T00:00:00Z'}]"},
    {"{a: {'x/y': 1}}", "{a: {}}", "[{path: /a/x~1y, live: 1}]"},
    {"{a: 1}", "{a: 1, b: null}", "[{path: /b, wanted: null}]"},
    {"{a: 1}", "{a: 1}", "[]"},
};

static void paths_and_authors(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *owners = parse_yaml(arena, OWNERS);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct field_changes changes = field_changes_of(arena, parse_yaml(arena, CASES[i].live),
                                                        parse_yaml(arena, CASES[i].wanted), owners);
        assert_false(changes.cut);
        assert_yaml(arena, field_changes_value(arena, &changes), CASES[i].want);
    }
}

static void many_are_cut(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t over = 0; over < 2; over++) {
        struct value_entry entries[LIMIT_FIELD_CHANGES + 1];
        for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
            entries[i] = (struct value_entry){arena_printf(arena, "k%zu", i), value_of_int(1)};
        }
        const struct value *live = value_new_map(arena, entries, LIMIT_FIELD_CHANGES + over);
        struct field_changes changes = field_changes_of(arena, live, &VALUE_EMPTY_MAP, NULL);
        assert_int_equal(changes.n, LIMIT_FIELD_CHANGES);
        assert_int_equal(changes.cut, over == 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_and_authors),
        cmocka_unit_test(many_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
