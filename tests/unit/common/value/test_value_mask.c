/* Sensitive values in trees. */
#include "common/value/value_json.h"
#include "common/value/value_mask.h"
#include "common/value/value_yaml.h"
#include "tests/unit/common/value/value_fixture.h"

#define SECRET "{\"data\":{\"a\":\"x\",\"b\":[1]},\"kind\":\"Secret\",\"l\":[{\"data\":1}]}"

static void marks_the_values_of_a_map(void **state UNUSED)
{
    const struct value *v = parse(SECRET);
    assert_false(value_has_sensitive(v));
    const struct value *marked = value_mark_sensitive(arena, v, "data");
    assert_true(value_has_sensitive(marked));
    assert_false(value_has_sensitive(v));
    ASSERT_STR(print_json(arena, marked, &(struct value_json_write){.mask_sensitive = true}),
               "{\"data\":{\"a\":\"********\",\"b\":\"********\"},\"kind\":\"Secret\","
               "\"l\":[{\"data\":1}]}");
    ASSERT_STR(print_json(arena, marked, NULL), SECRET);
    assert_ptr_equal(value_mark_sensitive(arena, v, "none"), v);
    assert_ptr_equal(value_mark_sensitive(arena, v, "kind"), v);
}

static void masking_gives_a_tree_without_the_secret(void **state UNUSED)
{
    const struct value *marked = value_mark_sensitive(arena, parse(SECRET), "data");
    const struct value *list = value_at(value_dig(marked, "l"), 0);
    const struct value *masked = value_masked(arena, marked);
    ASSERT_STR(print_json(arena, masked, NULL),
               "{\"data\":{\"a\":\"********\",\"b\":\"********\"},\"kind\":\"Secret\","
               "\"l\":[{\"data\":1}]}");
    assert_ptr_equal(value_at(value_dig(masked, "l"), 0), list);
    const struct value *plain = parse(SECRET);
    assert_ptr_equal(value_masked(arena, plain), plain);
    assert_null(value_masked(arena, NULL));
    ASSERT_STR(value_str(value_masked(arena, value_sensitive(arena, plain))), VALUE_MASK_TEXT);
}

static void yaml_masks_when_asked(void **state UNUSED)
{
    struct err err;
    struct str text;
    struct value_yaml_write opts = {.mask_sensitive = true};
    const struct value *marked = value_mark_sensitive(arena, parse("{\"d\":{\"k\":\"v\"}}"), "d");
    ASSERT_OK(value_to_yaml_in(arena, marked, &opts, &text, &err));
    ASSERT_STR(text, "d:\n  k: '********'\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(marks_the_values_of_a_map, setup, teardown),
        cmocka_unit_test_setup_teardown(masking_gives_a_tree_without_the_secret, setup, teardown),
        cmocka_unit_test_setup_teardown(yaml_masks_when_asked, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
