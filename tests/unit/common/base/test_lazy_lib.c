/* Loading a library that is there. What a program that was linked so does is for tests that run belay. */
#include "common/base/lazy_lib.h"
#include "tests/lib/check.h"

static void the_first_call_finds_the_function(void **state UNUSED)
{
    struct lazy_lib lib = {.soname = "libm.so.6"};
    struct lazy_function f = {.lib = &lib, .name = "ceil"};
    union {
        void *address;
        double (*call)(double x);
    } found = {.address = lazy_lib_resolve(&f)};
    assert_ptr_equal(f.address, found.address);
    assert_non_null(lib.handle);
    assert_true(found.call(1.25) == 2);
    struct lazy_function other = {.lib = &lib, .name = "floor"};
    assert_ptr_not_equal(lazy_lib_resolve(&other), found.address);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_call_finds_the_function),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
