/* Tables, widths, and text that must not steer a terminal. */
#include "cli/output.h"
#include "common/base/arena.h"
#include "common/value/value_json.h"
#include "tests/lib/check.h"

static void formats_have_their_words(void **state UNUSED)
{
    assert_int_equal(output_format_of("table"), OUTPUT_TABLE);
    assert_int_equal(output_format_of("wide"), OUTPUT_WIDE);
    assert_int_equal(output_format_of("name"), OUTPUT_NAME);
    assert_true(output_is_structured(output_format_of("json")));
    assert_true(output_is_structured(output_format_of("yaml")));
    assert_false(output_is_structured(OUTPUT_WIDE));
}

static void values_are_written(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf out;
    const struct value *v = NULL;
    struct err err;
    buf_init(&out, 1000);
    ASSERT_OK(value_from_json(arena, STR("{\"a\":[1,\"x\"]}"), NULL, &v, &err));
    ASSERT_OK(output_value(&out, v, OUTPUT_JSON, &err));
    assert_string_equal(out.p, "{\n  \"a\": [\n    1,\n    \"x\"\n  ]\n}\n");
    buf_reset(&out);
    ASSERT_OK(output_value(&out, v, OUTPUT_YAML, &err));
    assert_string_equal(out.p, "a:\n- 1\n- x\n");
}

static void width_counts_columns(void **state UNUSED)
{
    assert_int_equal(output_width(STR("abc")), 3);
    assert_int_equal(output_width(STR_EMPTY), 0);
    assert_int_equal(output_width(STR("grün")), 4);
    assert_int_equal(output_width(STR("e\xcc\x81")), 1);        /* e and an acute accent */
    assert_int_equal(output_width(STR("\xe6\xbc\xa2")), 2);     /* a Han character */
    assert_int_equal(output_width(STR("\xf0\x9f\x9a\x80")), 2); /* a rocket */
    assert_int_equal(output_width(STR("\xff")), 1);
}

static void control_characters_become_blanks(void **state UNUSED)
{
    AUTO(buf) struct buf out;
    buf_init(&out, 100);
    output_text(&out, STR("a\033[31mb\nc\x7f\xc2\x9b"
                          "d"));
    assert_string_equal(out.p, "a [31mb c  d");
    buf_reset(&out);
    output_lower(&out, STR("ConfigMap\tÄ"));
    assert_string_equal(out.p, "configmap Ä");
}

static void columns_are_aligned(void **state UNUSED)
{
    static const char *const HEADERS[] = {"NAME", "STATUS", "MESSAGE", NULL};
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf out;
    buf_init(&out, 1000);
    struct output_table *t = output_table_new(arena, HEADERS);
    output_table_row(t, (struct str[]){STR("\xe6\xbc\xa2\xe6\xbc\xa2"), STR("Synced"), STR_EMPTY});
    output_table_row(t, (struct str[]){STR("b"), STR_EMPTY, STR("two\nlines")});
    output_table_row(t, (struct str[]){STR_EMPTY, STR_EMPTY, STR_EMPTY});
    assert_int_equal(output_table_len(t), 3);
    output_table_print(t, &out);
    assert_string_equal(out.p, "NAME  STATUS  MESSAGE\n"
                               "\xe6\xbc\xa2\xe6\xbc\xa2  Synced\n"
                               "b             two lines\n"
                               "\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_have_their_words),
        cmocka_unit_test(values_are_written),
        cmocka_unit_test(width_counts_columns),
        cmocka_unit_test(control_characters_become_blanks),
        cmocka_unit_test(columns_are_aligned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
