/* Decimal arithmetic: exact where floats are not. */
#include <math.h>

#include "engine/template/decimal.h"
#include "tests/lib/check.h"

static void folds_from_the_left(void **state UNUSED)
{
    static const struct {
        enum decimal_op op;
        double first;
        double rest[3];
        size_t n;
        double want;
    } CASES[] = {
        {DECIMAL_ADD, 0.1, {0.2}, 1, 0.3},
        {DECIMAL_ADD, 1e308, {1e-308}, 1, 1e308},
        {DECIMAL_ADD, 5e-324, {5e-324}, 1, 1e-323},
        {DECIMAL_SUB, 0.3, {0.1, 0.1, 0.1}, 3, 0},
        {DECIMAL_SUB, 1e15, {0.1}, 1, 999999999999999.9},
        {DECIMAL_MUL, 1.1, {1.1, 1.1}, 2, 1.331},
        {DECIMAL_MUL, -0.1, {0.1}, 1, -0.01},
        {DECIMAL_DIV, 1, {3, 3}, 2, 0.1111111111111111},
        {DECIMAL_DIV, 2, {3}, 1, 0.6666666666666667},
        {DECIMAL_DIV, -2, {3}, 1, -0.6666666666666667},
        {DECIMAL_DIV, 1e-17, {1}, 1, 0},
        {DECIMAL_DIV, 5e-17, {1}, 1, 1e-16},
        {DECIMAL_DIV, -5e-17, {1}, 1, -1e-16},
        {DECIMAL_DIV, 1, {1e300}, 1, 0},
        {DECIMAL_DIV, 7, {0}, 0, 7},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct budget budget = budget_unlimited();
        struct err err;
        double is = NAN;
        ASSERT_OK(decimal_fold(CASES[i].op, CASES[i].first, CASES[i].rest, CASES[i].n, &budget, &is,
                               &err));
        if (is != CASES[i].want) {
            fail_msg("case %zu: %.17g, wanted %.17g", i, is, CASES[i].want);
        }
    }
}

static void refuses_what_is_no_decimal(void **state UNUSED)
{
    struct budget budget = budget_unlimited();
    struct err err;
    double rest = 0;
    double is = 0;
    ASSERT_ERR(decimal_fold(DECIMAL_DIV, 1, &rest, 1, &budget, &is, &err), ERR_INVALID,
               "decimal division by 0");
    rest = -HUGE_VAL;
    ASSERT_ERR(decimal_fold(DECIMAL_ADD, 1, &rest, 1, &budget, &is, &err), ERR_INVALID,
               "Cannot create a Decimal from -Inf");
}

static void growth_is_bounded(void **state UNUSED)
{
    static double rest[1000];
    struct budget budget = budget_unlimited();
    struct err err;
    double is = 0;
    for (size_t i = 0; i < ARRAY_LEN(rest); i++) {
        rest[i] = 1e-300;
    }
    ASSERT_ERR(decimal_fold(DECIMAL_DIV, 1, rest, ARRAY_LEN(rest), &budget, &is, &err), ERR_LIMIT,
               "16384 bytes");
    budget.steps = 10;
    ASSERT_ERR(decimal_fold(DECIMAL_ADD, 1, rest, 100, &budget, &is, &err), ERR_LIMIT, "steps");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds_from_the_left),
        cmocka_unit_test(refuses_what_is_no_decimal),
        cmocka_unit_test(growth_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
