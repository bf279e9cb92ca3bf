/* Unified diffs: what they look like, and that they lead from one text to the other. */
#include "cli/diff_text.h"
#include "common/base/arena.h"
#include "common/base/rand.h"
#include "tests/lib/check.h"

static const struct diff_text_opts OPTS = {.context = 1, .old_name = "live", .new_name = "target"};

static void equal_texts_have_no_diff(void **state UNUSED)
{
    AUTO(buf) struct buf out;
    buf_init(&out, 1000);
    assert_false(diff_text(STR("a\nb\n"), STR("a\nb\n"), &OPTS, &out));
    assert_false(diff_text(STR_EMPTY, STR_EMPTY, &OPTS, &out));
    assert_int_equal(out.n, 0);
}

static const struct {
    const char *name;
    struct str old_text;
    struct str new_text;
    const char *want; /* after the two lines of names */
} CASES[] = {
    {"change", STR("a\nb\nc\nd\n"), STR("a\nB\nc\nd\n"), "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"},
    {"all is new", STR_EMPTY, STR("a\nb\n"), "@@ -0,0 +1,2 @@\n+a\n+b\n"},
    {"all is gone", STR("a\n"), STR_EMPTY, "@@ -1 +0,0 @@\n-a\n"},
    {"added in between", STR("a\nc\n"), STR("a\nb\nc\n"), "@@ -1,2 +1,3 @@\n a\n+b\n c\n"},
    {"two hunks", STR("a\nb\nc\nd\ne\n"), STR("A\nb\nc\nd\nE\n"),
     "@@ -1,2 +1,2 @@\n-a\n+A\n b\n@@ -4,2 +4,2 @@\n d\n-e\n+E\n"},
    {"near changes are one hunk", STR("a\nb\nc\nd\n"), STR("A\nb\nc\nD\n"),
     "@@ -1,4 +1,4 @@\n-a\n+A\n b\n c\n-d\n+D\n"},
    {"no line feed at the end", STR("a\nb"), STR("a\nb\n"),
     "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"},
};

static void diffs_are_unified(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        AUTO(buf) struct buf out;
        buf_init(&out, 1000);
        assert_true(diff_text(CASES[i].old_text, CASES[i].new_text, &OPTS, &out));
        struct str want = arena_printf(arena, "--- live\n+++ target\n%s", CASES[i].want);
        ASSERT_STR(buf_str(&out), want.p);
    }
}

static void colours_are_optional(void **state UNUSED)
{
    AUTO(buf) struct buf out;
    struct diff_text_opts opts = OPTS;
    buf_init(&out, 1000);
    opts.colour = true;
    assert_true(diff_text(STR("a\nb\n"), STR("a\nc\n"), &opts, &out));
    assert_string_equal(out.p, "--- live\n+++ target\n\033[36m@@ -1,2 +1,2 @@\033[0m\n a\n"
                               "\033[31m-b\033[0m\n\033[32m+c\033[0m\n");
}

/* ---- random texts ---- */

static struct str random_text(struct arena *arena, struct rand *rand, size_t n_lines)
{
    AUTO(buf) struct buf b;
    buf_init(&b, 100000);
    for (size_t i = 0; i < n_lines; i++) {
        buf_put_char(&b, (char)('a' + rand_below(rand, 4)));
        buf_put_char(&b, '\n');
    }
    return buf_to_arena(&b, arena);
}

/* The old (or new) text again, from a diff that shows everything. Lines are "a\n". */
static struct str side_of(struct arena *arena, struct str diff, char other)
{
    AUTO(buf) struct buf b;
    struct str line;
    buf_init(&b, 100000);
    while (str_next(&diff, '\n', &line)) {
        if (line.n == 2 && line.p[0] != other) {
            buf_put_char(&b, line.p[1]);
            buf_put_char(&b, '\n');
        }
    }
    return buf_to_arena(&b, arena);
}

/* Length of the longest common subsequence, by the table everybody knows. */
static size_t common(struct str a, struct str b)
{
    static size_t rows[2][100];
    size_t n = b.n / 2;
    memset(rows, 0, sizeof(rows));
    for (size_t i = 1; i <= a.n / 2; i++) {
        size_t *now = rows[i % 2];
        const size_t *last = rows[(i + 1) % 2];
        for (size_t j = 1; j <= n; j++) {
            now[j] = a.p[2 * i - 2] == b.p[2 * j - 2] ? last[j - 1] + 1 : MAX(last[j], now[j - 1]);
        }
    }
    return rows[(a.n / 2) % 2][n];
}

static size_t count_kept(struct str diff)
{
    size_t n = 0;
    struct str line;
    while (str_next(&diff, '\n', &line)) {
        n += line.n == 2 && line.p[0] == ' ';
    }
    return n;
}

static void diffs_are_right_and_shortest(void **state UNUSED)
{
    struct rand_seeded seeded;
    rand_seeded_init(&seeded, 7);
    struct rand *rand = &seeded.rand;
    const struct diff_text_opts opts = {.context = 1000, .old_name = "1st", .new_name = "2nd"};
    for (int i = 0; i < 2000; i++) {
        AUTO(arena) struct arena *arena = arena_new();
        AUTO(buf) struct buf out;
        buf_init(&out, 100000);
        struct str a = random_text(arena, rand, rand_below(rand, 30));
        struct str b = random_text(arena, rand, rand_below(rand, 30));
        if (!diff_text(a, b, &opts, &out)) {
            assert_true(str_eq(a, b));
            continue;
        }
        assert_true(str_eq(side_of(arena, buf_str(&out), '+'), a));
        assert_true(str_eq(side_of(arena, buf_str(&out), '-'), b));
        assert_int_equal(count_kept(buf_str(&out)), common(a, b));
    }
}

/* Beyond the limit of the search everything in between is replaced, which is right as well. */
static void texts_without_anything_in_common(void **state UNUSED)
{
    AUTO(buf) struct buf a;
    AUTO(buf) struct buf b;
    AUTO(buf) struct buf out;
    buf_init(&a, 1000000);
    buf_init(&b, 1000000);
    buf_init(&out, 10000000);
    for (int i = 0; i < 3000; i++) {
        buf_printf(&a, "a%d\n", i);
        buf_printf(&b, "b%d\n", i);
    }
    assert_true(diff_text(buf_str(&a), buf_str(&b), &OPTS, &out));
    assert_non_null(strstr(out.p, "@@ -1,3000 +1,3000 @@\n-a0\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_texts_have_no_diff),
        cmocka_unit_test(diffs_are_unified),
        cmocka_unit_test(colours_are_optional),
        cmocka_unit_test(diffs_are_right_and_shortest),
        cmocka_unit_test(texts_without_anything_in_common),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
