/* Three-way merge: sharing, keyed lists in every order, sizes. Rules of kinds are in
 * tests/data/diff/rules. */
#include "common/base/buf.h"
#include "engine/compare/three_way.h"
#include "tests/lib/parse.h"

#define POD(...) "{apiVersion: v1, kind: Pod, spec: {containers: [" __VA_ARGS__ "]}}"

static void merge_is(const char *last, const char *target, const char *live, const char *want)
{
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *l = parse_yaml(arena, live);
    const struct value *merged = three_way_merge(
        arena, last != NULL ? parse_yaml(arena, last) : NULL, parse_yaml(arena, target), l);
    if (want == NULL) {
        assert_ptr_equal(merged, l);
    } else {
        assert_yaml(arena, merged, want);
    }
}

static void no_change_is_live_itself(void **state UNUSED)
{
    merge_is(NULL, "{kind: X, a: {b: 1}}", "{a: {b: 1, c: 2}, kind: X, d: 3}", NULL);
    merge_is(NULL, POD("{name: a, image: x}"), POD("{name: z, image: y}, {name: a, image: x}"),
             NULL);
}

static void keyed_items_are_added_changed_and_removed(void **state UNUSED)
{
    merge_is(POD("{name: a}, {name: b}"), POD("{name: a, image: 2}, {name: c}"),
             POD("{name: a, image: 1}, {name: b}, {name: x}"),
             POD("{name: a, image: 2}, {name: x}, {name: c}"));
}

static void another_order_is_taken_over(void **state UNUSED)
{
    merge_is(NULL, POD("{name: c}, {name: a}, {name: b}"),
             POD("{name: a, x: 1}, {name: b, x: 2}, {name: s}, {name: c, x: 3}"),
             POD("{name: c, x: 3}, {name: a, x: 1}, {name: b, x: 2}, {name: s}"));
}

static void lists_without_keys_are_replaced(void **state UNUSED)
{
    merge_is(NULL, POD("{image: x}"), POD("{name: a}"), POD("{image: x}"));
    merge_is(NULL, POD("x"), POD("{name: a}"), POD("x"));
}

static void types_may_change(void **state UNUSED)
{
    merge_is(NULL, "{a: [1]}", "{a: {b: 1}}", "{a: [1]}");
    merge_is(NULL, "{a: {b: null, c: {d: null}}}", "{a: 1}", "{a: {b: null, c: {d: null}}}");
    merge_is(NULL, "{n: {b: null, c: {d: null}}}", "{}", "{n: {c: {}}}");
    merge_is("{a: {b: 1}}", "{}", "{a: {b: 1}, c: 1}", "{c: 1}");
    merge_is("{a: {}, l: []}", "{}", "{a: {b: 1}, l: [1]}", NULL);
}

static void long_lists_in_reverse_are_quick(void **state UNUSED)
{
    enum { N = 20000 };
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf forth;
    AUTO(buf) struct buf back;
    buf_init(&forth, 8 * 1024 * 1024);
    buf_init(&back, 8 * 1024 * 1024);
    for (int i = 0; i < N; i++) {
        buf_printf(&forth, "%s{name: a%d}", i > 0 ? ", " : "", i);
        buf_printf(&back, "%s{name: a%d}", i > 0 ? ", " : "", N - 1 - i);
    }
    const char *target = arena_printf(arena, POD("%s"), forth.p).p;
    const char *live = arena_printf(arena, POD("%s"), back.p).p;
    merge_is(NULL, target, live, target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_change_is_live_itself),
        cmocka_unit_test(keyed_items_are_added_changed_and_removed),
        cmocka_unit_test(another_order_is_taken_over),
        cmocka_unit_test(lists_without_keys_are_replaced),
        cmocka_unit_test(types_may_change),
        cmocka_unit_test(long_lists_in_reverse_are_quick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
