/* Reading, equality, order, hash, copies, documents. */
#include <math.h>
#include <string.h>

#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_json.h"
#include "tests/unit/common/value/value_fixture.h"

static void accessors_take_null_and_wrong_types(void **state UNUSED)
{
    assert_int_equal(value_type(NULL), VALUE_NULL);
    assert_null(value_find(NULL, STR("a")));
    assert_null(value_find(&VALUE_TRUE, STR("a")));
    assert_null(value_at(&VALUE_EMPTY_LIST, 0));
    assert_null(value_entry_at(&VALUE_EMPTY_MAP, 0));
    assert_null(value_dig(NULL, "a", "b"));
    assert_int_equal(value_len(&VALUE_TRUE), 0);
    ASSERT_STR(value_str(&VALUE_TRUE), "");
    assert_int_equal(value_int(&VALUE_TRUE, 7), 7);
    assert_true(value_bool(NULL, true));
    assert_true(value_float(parse("\"1\""), 2) == 2);
    VALUE_FOREACH(&VALUE_TRUE, it) {
        fail_msg("%p", (const void *)it);
    }
    VALUE_MAP_FOREACH(parse("[1]"), e)
    {
        fail_msg("%p", (const void *)e);
    }
}

static void finds_keys_in_small_and_large_maps(void **state UNUSED)
{
    AUTO(value_builder) struct value_builder b;
    for (size_t n = 1; n < 40; n++) {
        value_builder_init(&b, arena, VALUE_DUP_LAST);
        value_build_map(&b);
        for (size_t i = 0; i < n; i++) {
            value_build_key(&b, arena_printf(arena, "a-long-key-%zu", i));
            value_build_int(&b, (int64_t)i);
        }
        value_build_end(&b);
        const struct value *map = value_build_finish(&b);
        assert_int_equal(map->index != NULL, n > 8);
        for (size_t i = 0; i < n; i++) {
            struct str key = arena_printf(arena, "a-long-key-%zu", i);
            assert_int_equal(value_int(value_find(map, key), -1), i);
        }
        assert_null(value_find(map, STR("a-long-key-")));
        value_builder_done(&b);
    }
}

static void digs_through_maps(void **state UNUSED)
{
    const struct value *v = parse("{\"a\":{\"b\":{\"c\":\"x\"}}}");
    ASSERT_STR(value_dig_str(v, "a", "b", "c"), "x");
    assert_null(value_dig(v, "a", "x", "c"));
    ASSERT_STR(value_dig_str(v, "a", "b"), "");
}

static void nested_loops_may_use_the_macros(void **state UNUSED)
{
    size_t n = 0;
    VALUE_FOREACH(parse("[[1,2],[3]]"), row) {
        VALUE_FOREACH(row, cell) {
            n += (size_t)value_int(cell, 0);
        }
    }
    assert_int_equal(n, 6);
}

static void numbers_convert(void **state UNUSED)
{
    assert_int_equal(value_int(parse("3.0"), -1), 3);
    assert_int_equal(value_int(parse("3.5"), -1), -1);
    assert_int_equal(value_int(parse("1e300"), -1), -1);
    assert_true(value_float(parse("3"), 0) == 3.0);
}

static const char *const EQUAL[][2] = {
    {"1", "1.0"},
    {"0", "-0.0"},
    {"{\"a\":1,\"b\":2}", "{\"b\":2.0,\"a\":1}"},
    {"[{},[],null,\"\"]", "[{},[],null,\"\"]"},
    {"{\"1\":0,\"2\":0,\"3\":0,\"4\":0,\"5\":0,\"6\":0,\"7\":0,\"8\":0,\"9\":0}",
     "{\"9\":0,\"8\":0,\"7\":0,\"6\":0,\"5\":0,\"4\":0,\"3\":0,\"2\":0,\"1\":0}"},
};

static void equal_values_have_equal_hashes(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(EQUAL); i++) {
        const struct value *a = parse(EQUAL[i][0]);
        const struct value *b = parse(EQUAL[i][1]);
        assert_true(value_equal(a, b));
        assert_int_equal(value_cmp(a, b), 0);
        assert_true(value_hash(a) == value_hash(b));
    }
}

/* In ascending order, all different. */
static const char *const ORDER[] = {
    "null",
    "false",
    "true",
    "-1e300",
    "-9223372036854775808",
    "-1",
    "0",
    "0.5",
    "1",
    "1.5",
    "9007199254740992",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "1e300",
    "\"\"",
    "\"a\"",
    "\"aa\"",
    "\"b\"",
    "[]",
    "[1]",
    "[1,0]",
    "[2]",
    "{}",
    "{\"a\":1}",
    "{\"a\":1,\"b\":0}",
    "{\"a\":2}",
    "{\"b\":0}",
};

static void order_is_total(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(ORDER); i++) {
        for (size_t k = 0; k < ARRAY_LEN(ORDER); k++) {
            const struct value *a = parse(ORDER[i]);
            const struct value *b = parse(ORDER[k]);
            int c = value_cmp(a, b);
            assert_int_equal((c > 0) - (c < 0), (i > k) - (i < k));
            assert_int_equal(value_equal(a, b), i == k);
        }
    }
    assert_true(value_cmp(NULL, parse("null")) < 0);
    assert_true(value_equal(NULL, NULL));
    assert_false(value_equal(NULL, parse("null")));
    const struct value *nan = value_new_float(arena, (double)NAN);
    assert_true(value_cmp(nan, parse("-1e300")) < 0);
    assert_true(value_cmp(parse("1"), nan) > 0);
    assert_int_equal(value_cmp(nan, value_new_float(arena, -(double)NAN)), 0);
}

static void hash_does_not_change_between_releases(void **state UNUSED)
{
    assert_true(value_hash(parse("{\"a\":[1,2.5,\"text of some length\",null,true]}")) ==
                0xfe63cad510fc0abeU);
}

static void copies_are_deep(void **state UNUSED)
{
    struct err err;
    AUTO(doc) struct doc *doc = NULL;
    ASSERT_OK(doc_from_json(STR("{\"a\":[\"x\",1.5,{\"b\":null}]}"), NULL, &doc, &err));
    const struct value *copy = value_copy(arena, doc_root(doc));
    assert_true(value_equal(copy, doc_root(doc)));
    doc_unref(TAKE(doc));
    ASSERT_STR(value_str(value_at(value_dig(copy, "a"), 0)), "x");
    assert_int_equal(value_at(value_dig(copy, "a"), 1)->lexeme_n, 3);
    assert_null(value_copy(arena, NULL));
}

static void documents_live_as_long_as_an_arena_holds_them(void **state UNUSED)
{
    struct doc *doc = doc_copy_of(parse("{\"a\":\"held\"}"));
    assert_true(doc_size(doc) > 0);
    arena_hold(arena, doc);
    struct doc *again = doc_ref(doc);
    doc_unref(doc);
    doc_unref(again);
    ASSERT_STR(value_dig_str(doc_root(doc), "a"), "held"); /* the arena's reference is left */
    doc_unref(NULL);
    assert_null(doc_root(NULL));
}

/* Every kind of node, texts that repeat as keys and as values, a map with an index. */
#define KEPT                                                                                       \
    "{\"name\":\"name\",\"list\":[{\"name\":\"web\",\"n\":1.50},{\"name\":\"web\",\"n\":1.50},[]," \
    "{},\"\","                                                                                     \
    "null,true],\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"\":\"\"}"

static void kept_copies_equal_what_they_are_of(void **state UNUSED)
{
    static const char *const TEXTS[] = {KEPT, "{}", "[]", "\"\"", "\"text\"", "12.0", "null"};
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++) {
        const struct value *v = parse(TEXTS[i]);
        AUTO(doc) struct doc *doc = doc_copy_of(v);
        assert_true(value_equal(doc_root(doc), v));
        assert_int_equal(value_hash(doc_root(doc)), value_hash(v));
    }
    AUTO(doc) struct doc *nothing = doc_copy_of(NULL);
    assert_null(doc_root(nothing));
}

static void kept_copies_hold_a_text_once(void **state UNUSED)
{
    AUTO(doc) struct doc *doc = doc_copy_of(parse(KEPT));
    const struct value *root = doc_root(doc);
    const struct value *list = value_dig(root, "list");
    const char *web = value_dig_str(value_at(list, 0), "name").p;
    assert_ptr_equal(value_dig_str(value_at(list, 1), "name").p, web);
    assert_ptr_equal(value_entry_at(root, 0)->key.p, value_dig_str(root, "name").p);
    assert_ptr_equal(value_dig(value_at(list, 0), "n")->lexeme,
                     value_dig(value_at(list, 1), "n")->lexeme);
    assert_string_equal(web, "web");
    assert_int_equal(value_int(value_dig(root, "g"), 0), 7); /* by the index */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(accessors_take_null_and_wrong_types, setup, teardown),
        cmocka_unit_test_setup_teardown(finds_keys_in_small_and_large_maps, setup, teardown),
        cmocka_unit_test_setup_teardown(digs_through_maps, setup, teardown),
        cmocka_unit_test_setup_teardown(nested_loops_may_use_the_macros, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers_convert, setup, teardown),
        cmocka_unit_test_setup_teardown(equal_values_have_equal_hashes, setup, teardown),
        cmocka_unit_test_setup_teardown(order_is_total, setup, teardown),
        cmocka_unit_test_setup_teardown(hash_does_not_change_between_releases, setup, teardown),
        cmocka_unit_test_setup_teardown(copies_are_deep, setup, teardown),
        cmocka_unit_test_setup_teardown(kept_copies_equal_what_they_are_of, setup, teardown),
        cmocka_unit_test_setup_teardown(kept_copies_hold_a_text_once, setup, teardown),
        cmocka_unit_test_setup_teardown(documents_live_as_long_as_an_arena_holds_them, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
