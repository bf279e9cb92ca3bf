/* Argo CD's helm block: the cases of tests/data/helm. */
#include "tests/lib/render_cases.h"

static void renders_the_cases(void **state UNUSED)
{
    render_cases_run("tests/data/helm");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(renders_the_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
