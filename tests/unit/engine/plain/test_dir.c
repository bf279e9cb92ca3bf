/* Plain directories: the cases of tests/data/plain. */
#include "common/value/value.h"
#include "engine/plain/dir.h"
#include "tests/lib/render_cases.h"

static void renders_the_cases(void **state UNUSED)
{
    render_cases_run("tests/data/plain");
}

static void options_have_defaults(void **state UNUSED)
{
    struct err err;
    struct dir_options o;
    ASSERT_OK(dir_options_from_value(NULL, &o, &err));
    assert_false(o.recurse);
    assert_int_equal(o.max_bytes, LIMIT_SOURCE_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(renders_the_cases),
        cmocka_unit_test(options_have_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
