#include "api-server/rest/fields.h"
#include "common/base/buf.h"
#include "tests/lib/parse.h"

#define LIST                                                                             \
    "{metadata: {resourceVersion: '7'}, items: ["                                        \
    "{metadata: {name: a, labels: {x.y: '1'}}, spec: {project: p, source: {path: q}}}, " \
    "{metadata: {name: b}, spec: {project: p}, status: null}]}"

static void check(const char *tree, const char *fields, const char *want)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *v = parse_yaml(arena, tree);
    assert_yaml(arena, fields_apply(arena, v, str_from(fields)), want);
}

static void nothing_said_is_everything(void **state UNUSED)
{
    check(LIST, "", LIST);
    check(LIST, ",", LIST);
    check(LIST, "-", LIST);
    check("[1, 2]", "", "[1, 2]");
}

static void keeps_what_is_named(void **state UNUSED)
{
    check(LIST, "items.metadata.name", "{items: [{metadata: {name: a}}, {metadata: {name: b}}]}");
    check(LIST, "items.metadata.name,metadata.resourceVersion",
          "{metadata: {resourceVersion: '7'}, items: [{metadata: {name: a}}, {metadata: {name: "
          "b}}]}");
    check(LIST, "items.spec.source.path,items.spec.project",
          "{items: [{spec: {project: p, source: {path: q}}}, {spec: {project: p}}]}");
    check(LIST, "items.status", "{items: [{}, {status: null}]}");
    check(LIST, "metadata", "{metadata: {resourceVersion: '7'}}");
    check(LIST, "nothing", "{}");
    check(LIST, "items.nothing", "{items: [{}, {}]}");
}

static void whole_wins_over_part(void **state UNUSED)
{
    check("{a: {b: 1, c: 2}}", "a.b,a", "{a: {b: 1, c: 2}}");
    check("{a: {b: 1, c: 2}}", "a,a.b", "{a: {b: 1, c: 2}}");
    check("{a: {b: 1, c: 2}}", "-a,a.b", "{}");
}

static void leaves_out_what_is_named(void **state UNUSED)
{
    check(LIST, "-items.spec,items.metadata.labels,metadata",
          "{items: [{metadata: {name: a}}, {metadata: {name: b}, status: null}]}");
    check("{a: {b: 1, c: 2}, d: 3}", "-a.b,x.y", "{a: {c: 2}, d: 3}");
    check("{a: [[{b: 1, c: 2}], {b: 3}]}", "-a.b", "{a: [[{c: 2}], {}]}");
}

static void goes_no_deeper_than_there_is(void **state UNUSED)
{
    check("{a: 1, b: [1, {c: 2}]}", "a.x.y,b.c", "{a: 1, b: [1, {c: 2}]}");
    check("{a: {'': 1, b: 2}}", "a.", "{a: {'': 1}}");
    check("text", "a", "text");
}

static void as_many_as_clients_need(void **state UNUSED)
{
    AUTO(buf) struct buf b;
    struct err err;
    buf_init(&b, 4096);
    for (int i = 0; i < FIELDS_PATHS_MAX; i++) {
        buf_put_c(&b, "a.b,");
    }
    ASSERT_OK(fields_check(buf_str(&b), &err));
    buf_put_c(&b, "c");
    ASSERT_ERR(fields_check(buf_str(&b), &err), ERR_LIMIT, "fields has 201 paths");
    ASSERT_OK(fields_check(STR_EMPTY, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_said_is_everything),   cmocka_unit_test(keeps_what_is_named),
        cmocka_unit_test(whole_wins_over_part),         cmocka_unit_test(leaves_out_what_is_named),
        cmocka_unit_test(goes_no_deeper_than_there_is), cmocka_unit_test(as_many_as_clients_need),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
