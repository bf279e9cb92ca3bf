/* ignoreDifferences: checks, removal by pointer and by manager, taking live values over. */
#include "engine/compare/ignore.h"
#include "tests/lib/parse.h"

#define RULE(...)                                                    \
    (struct app_ignore_difference)                                   \
    {                                                                \
        .group = STR("apps"), .kind = STR("Deployment"), __VA_ARGS__ \
    }

static const struct str REPLICAS[] = {STR("/spec/replicas"), STR("/status")};

static struct app_ignore_differences list_of(const struct app_ignore_difference *rule)
{
    return (struct app_ignore_differences){rule, 1};
}

static void checks_say_what_is_wrong(void **state UNUSED)
{
    struct err err;
    const struct str bad[] = {STR("spec")};
    struct app_ignore_difference rule = RULE(.json_pointers = {bad, 1});
    struct app_ignore_differences list = list_of(&rule);
    ASSERT_ERR(ignore_check(&list, &err), ERR_INVALID,
               "ignoreDifferences[0].jsonPointers[0]: 'spec' does not start with '/'");
    rule = (struct app_ignore_difference){.kind = STR("[")};
    ASSERT_ERR(ignore_check(&list, &err), ERR_INVALID, "ignoreDifferences[0].kind");
    rule = RULE(.json_pointers = {REPLICAS, 2});
    ASSERT_OK(ignore_check(&list, &err));
}

static void rules_of_both_lists_that_match(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct app_ignore_difference mine = RULE(.name = STR("web"));
    const struct app_ignore_difference other = RULE(.namespace = STR("elsewhere"));
    const struct app_ignore_differences a = list_of(&mine);
    const struct app_ignore_differences b = list_of(&other);
    const struct value *obj = parse_yaml(
        arena, "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}}");
    struct ignore_rules rules = ignore_rules_for(arena, &a, &b, obj);
    assert_int_equal(rules.n, 1);
    assert_ptr_equal(rules.rules[0], &mine);
    assert_int_equal(ignore_rules_for(arena, NULL, NULL, obj).n, 0);
}

static struct ignore_rules one(const struct app_ignore_difference **rule)
{
    return (struct ignore_rules){rule, 1};
}

static const struct value *apply(struct arena *arena,
                                 const struct app_ignore_difference *rule,
                                 const struct value *live,
                                 const struct value *obj)
{
    struct err err;
    const struct value *bare = NULL;
    ASSERT_OK(ignore_apply(arena, one(&rule), NULL, live, obj, &bare, &err));
    return bare;
}

static void pointers_into_lists_and_with_escapes(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct str pointers[] = {STR("/l/0/a"), STR("/m/a~1b"), STR("/missing/x"), STR("/l/7")};
    const struct app_ignore_difference rule = RULE(.json_pointers = {pointers, 4});
    const struct value *obj = parse_yaml(arena, "{l: [{a: 1, b: 2}], m: {a/b: 1, c: 2}}");
    assert_yaml(arena, apply(arena, &rule, NULL, obj), "{l: [{b: 2}], m: {c: 2}}");
    const struct value *bare = parse_yaml(arena, "{x: 1}");
    assert_ptr_equal(apply(arena, &rule, NULL, bare), bare);
}

static void fields_of_managers(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct str managers[] = {STR("hpa")};
    const struct app_ignore_difference rule = RULE(.managed_fields_managers = {managers, 1});
    const struct value *live = parse_yaml(arena, "metadata:\n"
                                                 "  managedFields:\n"
                                                 "  - manager: kubectl\n"
                                                 "    fieldsV1: {'f:keep': {}}\n"
                                                 "  - manager: hpa\n"
                                                 "    fieldsV1:\n"
                                                 "      'f:count': {}\n"
                                                 "      'f:set': {'v:\"b\"': {}}\n"
                                                 "      'f:at': {'i:1': {}, 'i:x': {}}\n"
                                                 "      'f:list': {'.': {}, 'k:{\"name\":\"x\"}': "
                                                 "{'.': {}, 'f:v': {}}, 'k:{\"name\":\"two\"}': "
                                                 "{'.': {}}, 'k:broken': {}}\n"
                                                 "      'f:map': {'.': {}, 'f:a': {}}\n");
    const struct value *obj = parse_yaml(
        arena, "{keep: 1, count: 2, set: [a, b], at: [p, q], list: [{name: x, v: 1, w: 2}, "
               "{name: two}, {name: z}], map: {a: 1, b: 2}}");
    assert_yaml(arena, apply(arena, &rule, live, obj),
                "{keep: 1, set: [a], at: [p], list: [{name: x, w: 2}, {name: z}], map: {b: 2}}");
}

static void ignored_fields_take_live_values(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct str pointers[] = {STR("/spec/replicas"), STR("/spec/c/0/image"), STR("/spec/gone"),
                                   STR("/spec/new"), STR("/status")};
    const struct app_ignore_difference rule = RULE(.json_pointers = {pointers, 5});
    const struct app_ignore_difference *p = &rule;
    const struct value *target =
        parse_yaml(arena, "{spec: {replicas: 1, c: [{image: a, x: 1}], gone: 1}}");
    const struct value *live = parse_yaml(
        arena, "{spec: {replicas: 5, c: [{image: b, y: 2}], new: 7, other: 8}, status: {a: 1}}");
    struct err err;
    const struct value *restored = NULL;
    ASSERT_OK(ignore_restore(arena, one(&p), NULL, live, target, &restored, &err));
    assert_yaml(arena, restored, "{spec: {replicas: 5, c: [{image: b, x: 1}], new: 7}}");
    ASSERT_OK(ignore_restore(arena, one(&p), NULL, NULL, target, &restored, &err));
    assert_ptr_equal(restored, target);
}

static int paths_of_jq(void *data,
                       struct arena *arena,
                       const struct value *obj UNUSED,
                       struct str expression,
                       const struct value **ret,
                       struct err *err)
{
    if (str_starts_with(expression, STR("bad"))) {
        return err_set(err, ERR_INVALID, "no jq");
    }
    (*(int *)data)++;
    *ret = parse_json(arena, "[[\"l\",1],[\"l\",0]]");
    return 0;
}

static void expressions_beyond_paths_are_asked_of_jq(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    int n_asked = 0;
    struct ignore_jq jq = {paths_of_jq, &n_asked};
    const struct str expressions[] = {STR(".m.x"), STR(".l[] | select(.)")};
    const struct str bad[] = {STR("bad |")};
    const struct app_ignore_difference rule = RULE(.jq_path_expressions = {expressions, 2});
    const struct app_ignore_difference broken = RULE(.jq_path_expressions = {bad, 1});
    const struct app_ignore_difference *p = &rule;
    const struct value *obj = parse_yaml(arena, "{l: [1, 2, 3], m: {x: 1}}");
    const struct value *bare = NULL;
    ASSERT_OK(ignore_apply(arena, one(&p), &jq, NULL, obj, &bare, &err));
    assert_yaml(arena, bare, "{l: [3], m: {}}");
    assert_int_equal(n_asked, 1);
    ASSERT_ERR(ignore_apply(arena, one(&p), NULL, NULL, obj, &bare, &err), ERR_UNSUPPORTED,
               "only plain paths");
    p = &broken;
    ASSERT_ERR(ignore_apply(arena, one(&p), &jq, NULL, obj, &bare, &err), ERR_INVALID, "no jq");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_say_what_is_wrong),
        cmocka_unit_test(rules_of_both_lists_that_match),
        cmocka_unit_test(pointers_into_lists_and_with_escapes),
        cmocka_unit_test(fields_of_managers),
        cmocka_unit_test(ignored_fields_take_live_values),
        cmocka_unit_test(expressions_beyond_paths_are_asked_of_jq),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
