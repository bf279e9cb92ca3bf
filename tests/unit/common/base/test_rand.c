/* Randomness: bounds, repeatability of the seeded generator, the kernel's one differs. */
#include <string.h>

#include "common/base/rand.h"
#include "tests/lib/check.h"

static void seeded_sequence_repeats(void **state UNUSED)
{
    struct rand_seeded a;
    struct rand_seeded b;
    rand_seeded_init(&a, 7);
    rand_seeded_init(&b, 7);
    for (int i = 0; i < 100; i++) {
        assert_true(rand_u64(&a.rand) == rand_u64(&b.rand));
    }
    rand_seeded_init(&b, 8);
    assert_true(rand_u64(&a.rand) != rand_u64(&b.rand));
}

static void numbers_stay_in_their_range(void **state UNUSED)
{
    struct rand_seeded seeded;
    bool seen[7] = {false};
    rand_seeded_init(&seeded, 1);
    for (int i = 0; i < 1000; i++) {
        uint64_t n = rand_below(&seeded.rand, ARRAY_LEN(seen));
        assert_true(n < ARRAY_LEN(seen));
        seen[n] = true;
        double f = rand_double(&seeded.rand);
        assert_true(f >= 0 && f < 1);
    }
    for (size_t i = 0; i < ARRAY_LEN(seen); i++) {
        assert_true(seen[i]);
    }
}

static void fills_any_length(void **state UNUSED)
{
    struct rand_seeded seeded;
    unsigned char bytes[13] = {0};
    rand_seeded_init(&seeded, 3);
    rand_fill(&seeded.rand, bytes, 11);
    assert_int_equal(bytes[11], 0);
    assert_int_equal(bytes[12], 0);
    assert_true(bytes[8] != 0 || bytes[9] != 0 || bytes[10] != 0);
}

static void system_generator_does_not_repeat(void **state UNUSED)
{
    assert_true(rand_u64(rand_system()) != rand_u64(rand_system()));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeded_sequence_repeats),
        cmocka_unit_test(numbers_stay_in_their_range),
        cmocka_unit_test(fills_any_length),
        cmocka_unit_test(system_generator_does_not_repeat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
