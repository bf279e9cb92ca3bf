/* Server-side apply computed here: what wins, what goes, what stays. */
#include "common/value/value_edit.h"
#include "engine/compare/structured.h"
#include "tests/lib/parse.h"

#define OURS(set) "metadata: {managedFields: [{manager: us, operation: Apply, fieldsV1: " set "}]}"
#define BOTH(a, b)                                                            \
    "metadata: {managedFields: [{manager: us, operation: Apply, fieldsV1: " a \
    "}, {manager: them, operation: Update, fieldsV1: " b "}]}"
#define SVC "apiVersion: v1, kind: Service, "

static const struct {
    const char *name;
    const char *target;
    const char *live;
    const char *want; /* without metadata; NULL = live itself */
} CASES[] = {
    {"fields of others stay", "{kind: X, a: 1}", "{kind: X, a: 1, b: 2}", NULL},
    {"the target wins", "{kind: X, a: {b: 1}}", "{kind: X, a: {b: 2, c: 3}}",
     "{kind: X, a: {b: 1, c: 3}}"},
    {"what was applied and is not wanted goes", "{kind: X}",
     "{kind: X, a: {b: 1, c: 2}, " OURS("{'f:a': {'f:b': {}}}") "}", "{kind: X, a: {c: 2}}"},
    {"and with it what is empty then", "{kind: X}",
     "{kind: X, a: {b: 1}, " OURS("{'f:a': {'f:b': {}}}") "}", "{kind: X}"},
    {"unless somebody else owns it too", "{kind: X}",
     "{kind: X, a: 1, " BOTH("{'f:a': {}}", "{'f:a': {}}") "}", NULL},
    {"a map that was applied goes but for what others own", "{kind: X}",
     "{kind: X, a: {b: 1, c: 2}, " BOTH("{'f:a': {'.': {}, 'f:b': {}}}",
                                        "{'f:a': {'f:c': {}}}") "}",
     "{kind: X, a: {c: 2}}"},
    {"null is nothing", "{kind: X, a: null, b: {c: null, d: 1}}", "{kind: X, a: 1}",
     "{kind: X, b: {d: 1}}"},
    {"lists nobody knows are replaced", "{kind: X, l: [{name: a}]}",
     "{kind: X, l: [{name: a, x: 1}]}", "{kind: X, l: [{name: a}]}"},
    {"items by key", "{" SVC "spec: {ports: [{port: 80, targetPort: 1}, {port: 81}]}}",
     "{" SVC
     "spec: {ports: [{port: 80, protocol: TCP, targetPort: 2}, {port: 80, protocol: UDP}]}}",
     "{" SVC "spec: {ports: [{port: 80, protocol: TCP, targetPort: 1}, {port: 80, protocol: UDP}, "
     "{port: 81}]}}"},
    {"an item that was applied goes", "{" SVC "spec: {ports: [{port: 80}]}}",
     "{" SVC
     "spec: {ports: [{port: 80, protocol: TCP}, {port: 81, protocol: TCP, nodePort: 3}]}, " OURS(
         "{'f:spec': {'f:ports': {'k:{\"port\":81,\"protocol\":\"TCP\"}': {'.': {}, 'f:port': "
         "{}}}}}") "}",
     "{" SVC "spec: {ports: [{port: 80, protocol: TCP}]}}"},
    {"an item in which others own something stays", "{" SVC "spec: {ports: [{port: 80}]}}",
     "{" SVC
     "spec: {ports: [{port: 80, protocol: TCP}, {port: 81, protocol: TCP, name: x}]}, " BOTH(
         "{'f:spec': {'f:ports': {'k:{\"port\":81,\"protocol\":\"TCP\"}': {'.': {}, 'f:name': "
         "{}}}}}",
         "{'f:spec': {'f:ports': {'k:{\"port\":81,\"protocol\":\"TCP\"}': {'.': {}, 'f:port': "
         "{}}}}}") "}",
     "{" SVC "spec: {ports: [{port: 80, protocol: TCP}, {port: 81, protocol: TCP}]}}"},
    {"another order is taken over", "{" SVC "spec: {ports: [{port: 81}, {port: 80}]}}",
     "{" SVC "spec: {ports: [{port: 80}, {port: 82}, {port: 81}]}}",
     "{" SVC "spec: {ports: [{port: 82}, {port: 81}, {port: 80}]}}"},
    {"a new item stands before what follows it in the target",
     "{" SVC "spec: {ports: [{port: 79}, {port: 81}, {port: 83}]}}",
     "{" SVC "spec: {ports: [{port: 80}, {port: 81}, {port: 82}]}}",
     "{" SVC "spec: {ports: [{port: 80}, {port: 79}, {port: 81}, {port: 82}, {port: 83}]}}"},
    {"a selector is one value", "{" SVC "spec: {selector: {a: b}}}",
     "{" SVC "spec: {selector: {a: b, c: d}}}", "{" SVC "spec: {selector: {a: b}}}"},
    {"twice the same key: the list is replaced", "{" SVC "spec: {ports: [{port: 80}]}}",
     "{" SVC "spec: {ports: [{port: 80}, {port: 80}]}}", "{" SVC "spec: {ports: [{port: 80}]}}"},
    {"where no schema is, owners tell items apart", "{kind: X, l: [{id: 1, a: 2}, {id: 3}]}",
     "{kind: X, l: [{id: 1, a: 1, b: 1}, {id: 2}], " BOTH(
         "{'f:l': {'k:{\"id\":2}': {'.': {}, 'f:id': {}}}}", "{'f:x': {}}") "}",
     "{kind: X, l: [{id: 1, a: 2, b: 1}, {id: 3}]}"},
    {"types may change", "{kind: X, a: [1]}", "{kind: X, a: {b: 1}}", "{kind: X, a: [1]}"},
};

static void cases(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        const struct value *live = parse_yaml(arena, CASES[i].live);
        const struct value *merged =
            structured_merge(arena, NULL, parse_yaml(arena, CASES[i].target), live, STR("us"));
        if (CASES[i].want == NULL) {
            assert_ptr_equal(merged, live);
            continue;
        }
        assert_yaml(arena, value_without(arena, merged, "metadata"), CASES[i].want);
    }
}

static void sets_and_finalizers(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *live = parse_yaml(
        arena, "{kind: X, metadata: {finalizers: [a, b, c], managedFields: [{manager: us, "
               "operation: Apply, "
               "fieldsV1: {'f:metadata': {'f:finalizers': {'v:\"a\"': {}, 'v:\"b\"': {}}}}}]}}");
    const struct value *merged = structured_merge(
        arena, NULL, parse_yaml(arena, "{kind: X, metadata: {finalizers: [b, d]}}"), live,
        STR("us"));
    assert_yaml(arena, value_dig(merged, "metadata", "finalizers"), "[b, c, d]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases),
        cmocka_unit_test(sets_and_finalizers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
