/* Fault points: off without being asked for, counted when they are. */
#include <stdlib.h>

#undef BELAY_FAULTS
#define BELAY_FAULTS 1
#include "common/base/fault.c" /* the release library has none of it */
#include "tests/lib/check.h"

static void hits_the_nth_call(void **state UNUSED)
{
    assert_false(FAULT("a"));
    assert_true(FAULT("a"));
    assert_false(FAULT("a"));
}

static void hits_all_calls_from_the_nth_on(void **state UNUSED)
{
    assert_false(FAULT("b.c"));
    assert_false(FAULT("b.c"));
    assert_true(FAULT("b.c"));
    assert_true(FAULT("b.c"));
}

static void others_never_fail(void **state UNUSED)
{
    for (int i = 0; i < 10; i++) {
        assert_false(FAULT("malformed"));
        assert_false(FAULT("other"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_the_nth_call),
        cmocka_unit_test(hits_all_calls_from_the_nth_on),
        cmocka_unit_test(others_never_fail),
    };
    if (setenv("BELAY_FAULT", "a:2,b.c:3+,malformed,malformed:x", 1) != 0) {
        return EXIT_FAILURE;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
