/* The arena: alignment, blocks of all sizes, deferred calls, reuse. */
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "common/base/arena.h"
#include "tests/lib/check.h"

static void gives_aligned_memory_that_does_not_overlap(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    enum { N = 2000 };
    unsigned char *p[N];
    for (size_t i = 0; i < N; i++) {
        (void)arena_bytes(arena, i % 3); /* throw the alignment off */
        p[i] = arena_alloc(arena, i);
        assert_int_equal((uintptr_t)p[i] % alignof(max_align_t), 0);
        memset(p[i], (int)(i % 251), i);
    }
    for (size_t i = 0; i < N; i++) {
        for (size_t k = 0; k < i; k++) {
            assert_int_equal(p[i][k], i % 251);
        }
    }
    assert_true(arena_used(arena) >= (size_t)N * (N - 1) / 2);
}

static void a_tight_one_holds_the_same(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new_tight();
    enum { N = 3000 };
    unsigned char *p[N];
    for (size_t i = 0; i < N; i++) {
        p[i] = arena_alloc(arena, 1 + i % 700);
        assert_int_equal((uintptr_t)p[i] % alignof(max_align_t), 0);
        memset(p[i], (int)(i % 251), 1 + i % 700);
    }
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(p[i][i % 700], i % 251);
    }
}

static void large_requests_get_blocks_of_their_own(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    char *before = arena_zalloc(arena, 16);
    char *large = arena_zalloc(arena, 10 * 1000 * 1000);
    char *zeroed = arena_calloc(arena, 1000, 8);
    assert_int_equal(large[9999999] | zeroed[7999] | before[15], 0);
    large[0] = 'x';
    assert_int_equal(before[0], 0);
}

static void copies_text_with_a_terminator(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str copy = arena_str(arena, str_of("abcdef", 3));
    assert_string_equal(copy.p, "abc");
    assert_string_equal(arena_strdup(arena, "text"), "text");
    struct str empty = arena_str(arena, str_of(NULL, 0));
    assert_string_equal(empty.p, "");
    struct str text = arena_printf(arena, "%s-%d", "n", 42);
    assert_string_equal(text.p, "n-42");
    assert_int_equal(text.n, 4);
}

struct step {
    int *next;
    int at;
};

static void note_step(void *p)
{
    struct step *step = p;
    step->at = (*step->next)++;
}

static void deferred_calls_run_newest_first_and_once(void **state UNUSED)
{
    int next = 1;
    struct step first = {&next, 0};
    struct step second = {&next, 0};
    struct arena *arena = arena_new();
    arena_defer(arena, note_step, &first);
    arena_defer(arena, note_step, &second);
    arena_reset(arena);
    assert_int_equal(second.at, 1);
    assert_int_equal(first.at, 2);
    arena_free(arena);
    assert_int_equal(next, 3);
    arena_free(NULL);
}

static void reset_starts_anew(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    arena_reset(arena); /* nothing in it yet */
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 1000; i++) {
            memset(arena_alloc(arena, 500), 0xff, 500);
        }
        assert_int_equal(arena_used(arena), 500000);
        arena_reset(arena);
        assert_int_equal(arena_used(arena), 0);
    }
    assert_int_equal(*(char *)arena_zalloc(arena, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_aligned_memory_that_does_not_overlap),
        cmocka_unit_test(a_tight_one_holds_the_same),
        cmocka_unit_test(large_requests_get_blocks_of_their_own),
        cmocka_unit_test(copies_text_with_a_terminator),
        cmocka_unit_test(deferred_calls_run_newest_first_and_once),
        cmocka_unit_test(reset_starts_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
