/* Go's regular expressions: results and messages of Go 1.26. */
#include "common/base/arena.h"
#include "common/base/budget.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/regex/regex.h"
#include "tests/lib/check.h"

static const struct {
    const char *pattern;
    const char *text;
    const char *replacement;
    const char *matches; /* all of them, as FindAllStringIndex prints */
    const char *replaced;
} CASES[] = {
    {"a+?", "aaa", "x", "[[0 1] [1 2] [2 3]]", "xxx"},
    {"(?U)a+", "aaa", "x", "[[0 1] [1 2] [2 3]]", "xxx"},
    {"(?U)a+?", "aaa", "x", "[[0 3]]", "x"},
    {"(?i)stra\xc3\x9f"
     "e",
     "STRASSE Stra\xc3\x9f"
     "e",
     "x", "[[8 15]]", "STRASSE x"},
    {"(?i)k", "K k \xe2\x84\xaa", "x", "[[0 1] [2 3] [4 7]]", "x x x"},
    {"(?i)[^k]",
     "k\xe2\x84\xaa"
     "a",
     "-", "[[4 5]]", "k\xe2\x84\xaa-"},
    {"(?i)\\W", "s\xc5\xbf-", "_", "[[3 4]]", "s\xc5\xbf_"},
    {"(?s).+", "a\nb", "x", "[[0 3]]", "x"},
    {".+", "a\nb", "x", "[[0 1] [2 3]]", "x\nx"},
    {"^b", "a\nb", "x", "[]", "a\nb"},
    {"(?m)^b", "a\nb", "x", "[[2 3]]", "a\nx"},
    {"(?m)^", "a\n", ">", "[[0 0] [2 2]]", ">a\n>"},
    {"(?m)$", "a\n\nb", "<", "[[1 1] [2 2] [4 4]]", "a<\n<\nb<"},
    {"a$", "a\n", "x", "[]", "a\n"},
    {"a\\z", "a", "x", "[[0 1]]", "x"},
    {"\\Ab", "ab", "x", "[]", "ab"},
    {"\\bgo\\b", "go gopher \xc3\xa9 go", "x", "[[0 2] [13 15]]", "x gopher \xc3\xa9 x"},
    {"\xc3\xa9\\b", "\xc3\xa9 x", "|", "[]", "\xc3\xa9 x"},
    {"\\B", "ab", "|", "[[1 1]]", "a|b"},
    {"[[:alpha:]_]+", "ab_1\xc3\xa9", "x", "[[0 3]]", "x1\xc3\xa9"},
    {"[[:^digit:]]", "1a2", "x", "[[1 2]]", "1x2"},
    {"[\\d\\-x]", "3-x", "!", "[[0 1] [1 2] [2 3]]", "!!!"},
    {"[^\\W\\d]", "a1_\xc3\xa9", "!", "[[0 1] [2 3]]", "!1!\xc3\xa9"},
    {"\\s",
     "a\tb\x0b"
     "c",
     "_", "[[1 2]]",
     "a_b\x0b"
     "c"},
    {"[[:space:]]",
     "a\x0b"
     "c",
     "_", "[[1 2]]", "a_c"},
    {"\\p{Greek}+", "abc \xce\xb1\xce\xb2\xce\xb3", "x", "[[4 10]]", "abc x"},
    {"\\P{Greek}", "a\xce\xb1", "x", "[[0 1]]", "x\xce\xb1"},
    {"\\pN", "a1\xc2\xbd", "x", "[[1 2] [2 4]]", "axx"},
    {"\\p{Uppercase_Letter}", "aB", "x", "[[1 2]]", "ax"},
    {"(?i)\\p{Lu}", "aB1", "x", "[[0 1] [1 2]]", "xx1"},
    {"\\p{^L}", "a1", "x", "[[1 2]]", "ax"},
    {"\\p{any}", "a", "x", "[[0 1]]", "x"},
    {"[\\p{Lu}\\d]+", "aBC9d", "x", "[[1 4]]", "axd"},
    {"\\PL", "a1", "x", "[[1 2]]", "ax"},
    {"\\p{ASCII}", "a\xc3\xa9", "x", "[[0 1]]", "x\xc3\xa9"},
    {"\\p{Assigned}", "a", "x", "[[0 1]]", "x"},
    {"\\Qa.b*\\E+", "a.b**", "x", "[[0 5]]", "x"},
    {"\\Qab", "xab", "y", "[[1 3]]", "xy"},
    {"a\\Q\\E*", "aa", "x", "[[0 2]]", "x"},
    {"\\x41\\x{e9}\\101\\0", "A\xc3\xa9", "x", "[]", "A\xc3\xa9"},
    {"\\.\\_\\-\\/", "._-/", "x", "[[0 4]]", "x"},
    {"\\t\\n\\r\\f\\v\\a", "\t\n\x0d\x0c\x0b\x07", "x", "[[0 6]]", "x"},
    {"(a)|b", "ab", "<$1>", "[[0 1] [1 2]]", "<a><>"},
    {"(?P<x>a)(?<y>b)", "ab", "$y$x${x}y$xy", "[[0 2]]", "baay"},
    {"(a)(b)?", "a", "[$2|$1|$3]", "[[0 1]]", "[|a|]"},
    {"a", "a", "$$1 $ ${ ${a $1x", "[[0 1]]", "$1 $ ${ ${a "},
    {"(.)", "\xc3\xa9", "${1}", "[[0 2]]", "\xc3\xa9"},
    {"()", "ab", ".", "[[0 0] [1 1] [2 2]]", ".a.b."},
    {"a|ab", "ab", "x", "[[0 1]]", "xb"},
    {"(a|ab)(c|bcd)", "abcd", "$1,$2", "[[0 4]]", "a,bcd"},
    {"(a*)(b?)", "aab", "[$1$2]", "[[0 3]]", "[aab]"},
    {"x*", "axb", "-", "[[0 0] [1 2] [3 3]]", "-a-b-"},
    {"", "ab", "-", "[[0 0] [1 1] [2 2]]", "-a-b-"},
    {"", "", "-", "[[0 0]]", "-"},
    {"a{2,3}", "aaaaa", "x", "[[0 3] [3 5]]", "xx"},
    {"a{,2}", "a{,2}", "x", "[[0 5]]", "x"},
    {"a{2", "a{2", "x", "[[0 3]]", "x"},
    {"{", "{", "x", "[[0 1]]", "x"},
    {"a{0}b", "ab", "x", "[[1 2]]", "ax"},
    {"(?:ab){2}", "ababab", "x", "[[0 4]]", "xab"},
    {"a*(?i)*", "aab", "x", "[[0 2] [3 3]]", "xbx"},
    {"a*(?i)*(?s)+?", "aab", "x", "[[0 2] [3 3]]", "xbx"},
    {"(?i:a)b", "AbAB", "x", "[[0 2]]", "xAB"},
    {"(?i)a(?-i)b", "AbaB", "x", "[[0 2]]", "xaB"},
    {"((?i)a)b", "AbaB", "x", "[[0 2]]", "xaB"},
    {"a(?i)b|c", "ABaBC", "x", "[[2 4] [4 5]]", "ABxx"},
    {"[]a]", "a]", "x", "[[0 1] [1 2]]", "xx"},
    {"[^]a]", "a]b", "x", "[[2 3]]", "a]x"},
    {"[a\\]b]", "a]", "x", "[[0 1] [1 2]]", "xx"},
    {"[-a]", "-", "x", "[[0 1]]", "x"},
    {"[a-]", "-", "x", "[[0 1]]", "x"},
    {"[\\x{d800}-\\x{e000}]",
     "\xee\x80\x80"
     "a",
     "x", "[[0 3]]", "xa"},
    {"[^\\x{d800}]", "a", "x", "[[0 1]]", "x"},
    {"\\x{d800}", "a", "x", "[]", "a"},
    {"\\x{fffd}", "a\xff", "x", "[[1 2]]", "ax"},
    {"[^a]",
     "a\xff"
     "b",
     "x", "[[1 2] [2 3]]", "axx"},
    {".", "\xc3(", ".", "[[0 1] [1 2]]", ".."},
    {"\\w",
     "\xff"
     "a\xfe",
     "x", "[[1 2]]", "\xffx\xfe"},
    {"\xc3\xa9", "\xc3\xa9\xc3", "x", "[[0 2]]", "x\xc3"},
    {"\xc3\xa9*",
     "a\xc3\xa9"
     "b",
     "-", "[[0 0] [1 3] [4 4]]", "-a-b-"},
    {"[\xe6\x97\xa5-\xe6\x9c\xac]", "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", "x", "[[0 3] [3 6]]",
     "xx\xe8\xaa\x9e"},
    {"(?:)*", "a", "-", "[[0 0] [1 1]]", "-a-"},
    {"^*", "a", "-", "[[0 0] [1 1]]", "-a-"},
    {"\\b+", "a b", "|", "[[0 0] [1 1] [2 2] [3 3]]", "|a| |b|"},
    {"(\\d+)-(\\d+)", "2024-06", "$2/$1", "[[0 7]]", "06/2024"},
    {"(?:(a)|b)*", "ab", "[$1]", "[[0 2]]", "[a]"},
};

static const struct {
    const char *pattern;
    const char *message;
} ERRORS[] = {
    {"(", "error parsing regexp: missing closing ): `(`"},
    {"a)", "error parsing regexp: unexpected ): `a)`"},
    {"(?", "error parsing regexp: invalid or unsupported Perl syntax: `(?`"},
    {"(?i", "error parsing regexp: invalid or unsupported Perl syntax: `(?i`"},
    {"(?x)", "error parsing regexp: invalid or unsupported Perl syntax: `(?x`"},
    {"(?=a)", "error parsing regexp: invalid or unsupported Perl syntax: `(?=`"},
    {"(?!a)", "error parsing regexp: invalid or unsupported Perl syntax: `(?!`"},
    {"(?<=a)", "error parsing regexp: invalid named capture: `(?<=a)`"},
    {"(?<!a)", "error parsing regexp: invalid named capture: `(?<!a)`"},
    {"(?>a)", "error parsing regexp: invalid or unsupported Perl syntax: `(?>`"},
    {"(?#c)", "error parsing regexp: invalid or unsupported Perl syntax: `(?#`"},
    {"(?P=n)", "error parsing regexp: invalid or unsupported Perl syntax: `(?P`"},
    {"(?P<n", "error parsing regexp: invalid named capture: `(?P<n`"},
    {"(?P<n>a", "error parsing regexp: missing closing ): `(?P<n>a`"},
    {"(?P<>a)", "error parsing regexp: invalid named capture: `(?P<>`"},
    {"(?P<a-b>a)", "error parsing regexp: invalid named capture: `(?P<a-b>`"},
    {"(?<1n", "error parsing regexp: invalid named capture: `(?<1n`"},
    {"*", "error parsing regexp: missing argument to repetition operator: `*`"},
    {"+a", "error parsing regexp: missing argument to repetition operator: `+`"},
    {"a|*", "error parsing regexp: missing argument to repetition operator: `*`"},
    {"(*)", "error parsing regexp: missing argument to repetition operator: `*`"},
    {"a**", "error parsing regexp: invalid nested repetition operator: `**`"},
    {"a*+", "error parsing regexp: invalid nested repetition operator: `*+`"},
    {"a++", "error parsing regexp: invalid nested repetition operator: `++`"},
    {"a{2}{3}", "error parsing regexp: invalid nested repetition operator: `{2}{3}`"},
    {"a*??", "error parsing regexp: invalid nested repetition operator: `*??`"},
    {"a{1001}", "error parsing regexp: invalid repeat count: `{1001}`"},
    {"a{3,2}", "error parsing regexp: invalid repeat count: `{3,2}`"},
    {"(a{100}){100}", "error parsing regexp: invalid repeat count: `{100}`"},
    {"((a{10}){10}){11}", "error parsing regexp: invalid repeat count: `{11}`"},
    {"a{2,1001}", "error parsing regexp: invalid repeat count: `{2,1001}`"},
    {"a{99999999999}", "error parsing regexp: invalid repeat count: `{99999999999}`"},
    {"[a", "error parsing regexp: missing closing ]: `[a`"},
    {"[]", "error parsing regexp: missing closing ]: `[]`"},
    {"[^]", "error parsing regexp: missing closing ]: `[^]`"},
    {"[z-a]", "error parsing regexp: invalid character class range: `z-a`"},
    {"[a-\\d]", "error parsing regexp: invalid escape sequence: `\\d`"},
    {"[[:foo:]]", "error parsing regexp: invalid character class range: `[:foo:]`"},
    {"[[:^x:]]", "error parsing regexp: invalid character class range: `[:^x:]`"},
    {"\\", "error parsing regexp: trailing backslash at end of expression: ``"},
    {"a\\", "error parsing regexp: trailing backslash at end of expression: ``"},
    {"\\1", "error parsing regexp: invalid escape sequence: `\\1`"},
    {"\\8", "error parsing regexp: invalid escape sequence: `\\8`"},
    {"\\Z", "error parsing regexp: invalid escape sequence: `\\Z`"},
    {"\\C", "error parsing regexp: invalid escape sequence: `\\C`"},
    {"\\R", "error parsing regexp: invalid escape sequence: `\\R`"},
    {"\\K", "error parsing regexp: invalid escape sequence: `\\K`"},
    {"\\h", "error parsing regexp: invalid escape sequence: `\\h`"},
    {"\\X", "error parsing regexp: invalid escape sequence: `\\X`"},
    {"\\xg", "error parsing regexp: invalid escape sequence: `\\xg`"},
    {"\\x", "error parsing regexp: invalid escape sequence: `\\x`"},
    {"\\x{", "error parsing regexp: invalid escape sequence: `\\x{`"},
    {"\\x{}", "error parsing regexp: invalid escape sequence: `\\x{}`"},
    {"\\x{110000}", "error parsing regexp: invalid escape sequence: `\\x{110000`"},
    {"\\x{1g}", "error parsing regexp: invalid escape sequence: `\\x{1g`"},
    {"\\u0041", "error parsing regexp: invalid escape sequence: `\\u`"},
    {"\\\xc3\xa9", "error parsing regexp: invalid escape sequence: `\\\xc3\xa9`"},
    {"[\\1]", "error parsing regexp: invalid escape sequence: `\\1`"},
    {"[\\b]", "error parsing regexp: invalid escape sequence: `\\b`"},
    {"\\p", "error parsing regexp: invalid character class range: `\\p`"},
    {"\\p{", "error parsing regexp: invalid character class range: `\\p{`"},
    {"\\p{Foo}", "error parsing regexp: invalid character class range: `\\p{Foo}`"},
    {"\\pX", "error parsing regexp: invalid character class range: `\\pX`"},
    {"[\\p{}]", "error parsing regexp: invalid character class range: `\\p{}`"},
    {"\\p{^}", "error parsing regexp: invalid character class range: `\\p{^}`"},
    {"a\xff", "error parsing regexp: invalid UTF-8: `\xff`"},
    {"[\xff]", "error parsing regexp: invalid UTF-8: `\xff]`"},
    {"\\Q\xff", "error parsing regexp: invalid UTF-8: `\xff`"},
    {"(?P<\xff>a)", "error parsing regexp: invalid UTF-8: `\xff`"},
    {"(?\xff)", "error parsing regexp: invalid UTF-8: `\xff)`"},
    {"(?-)", "error parsing regexp: invalid or unsupported Perl syntax: `(?-)`"},
    {"(?i-)", "error parsing regexp: invalid or unsupported Perl syntax: `(?i-)`"},
    {"(?i--s)", "error parsing regexp: invalid or unsupported Perl syntax: `(?i--`"},
    {"(?:a", "error parsing regexp: missing closing ): `(?:a`"},
    {"a{2}*", "error parsing regexp: invalid nested repetition operator: `{2}*`"},
    {"(?i)*", "error parsing regexp: missing argument to repetition operator: `*`"},
    {"\\p{L&}", "error parsing regexp: invalid character class range: `\\p{L&}`"},
    {"\\p{sc:Greek}", "error parsing regexp: invalid character class range: `\\p{sc:Greek}`"},
};

struct world {
    struct arena *arena;
    struct budget budget;
    struct regex_job job;
};

static void world_init(struct world *w, const char *pattern, struct str text)
{
    struct err err;
    *w = (struct world){.arena = arena_new(), .budget = budget_unlimited()};
    w->job = (struct regex_job){.arena = w->arena, .text = text};
    ASSERT_OK(regex_compile(w->arena, str_from(pattern), &w->job.regex, &err));
}

static struct str spans_text(struct arena *arena, struct regex_spans spans)
{
    struct buf out;
    buf_init(&out, 4096);
    buf_put_char(&out, '[');
    for (size_t i = 0; i < spans.n; i++) {
        buf_printf(&out, "%s[%zu %zu]", i > 0 ? " " : "", spans.items[i].start, spans.items[i].end);
    }
    buf_put_char(&out, ']');
    struct str text = buf_to_arena(&out, arena);
    buf_done(&out);
    return text;
}

static void finds_and_replaces_as_go_does(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct world w;
        world_init(&w, CASES[i].pattern, str_from(CASES[i].text));
        w.job.budget = &w.budget;
        struct regex_spans spans;
        struct str text;
        ASSERT_OK(regex_find_all(&w.job, -1, &spans, &err));
        struct str found = spans_text(w.arena, spans);
        ASSERT_OK(
            regex_replace_all(&w.job, str_from(CASES[i].replacement), REGEX_EXPAND, &text, &err));
        if (!str_eq_c(found, CASES[i].matches) || !str_eq_c(text, CASES[i].replaced)) {
            fail_msg("'%s' on '%s': " STR_FMT " and '" STR_FMT "', wanted %s and '%s'",
                     CASES[i].pattern, CASES[i].text, STR_ARG(found), STR_ARG(text),
                     CASES[i].matches, CASES[i].replaced);
        }
        arena_free(w.arena);
    }
}

static void refuses_with_gos_messages(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(ERRORS); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct err err;
        struct regex *re;
        if (regex_compile(arena, str_from(ERRORS[i].pattern), &re, &err) == 0) {
            fail_msg("'%s' compiles", ERRORS[i].pattern);
        }
        assert_int_equal(err.code, ERR_INVALID);
        assert_string_equal(err.message, ERRORS[i].message);
    }
}

static void matches_anywhere(void **state UNUSED)
{
    static const struct {
        const char *pattern;
        struct str text;
        int want;
    } MATCHES[] = {
        {"b+", STR("abbc"), 1},
        {"^b", STR("abbc"), 0},
        {"", STR_EMPTY, 1},
        {"^$", STR_EMPTY, 1},
        {"a\\x{fffd}", STR("xa\xff"), 1},
        {"(?i)STRASSE", STR("strasse"), 1},
        {"^(a|b)$", STR("a\n"), 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(MATCHES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct err err;
        struct regex *re;
        ASSERT_OK(regex_compile(arena, str_from(MATCHES[i].pattern), &re, &err));
        assert_int_equal(regex_matches(re, MATCHES[i].text, &err), MATCHES[i].want);
    }
}

static void stops_a_match_that_takes_too_long(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct regex *re;
    ASSERT_OK(regex_compile(arena, STR("^(a|aa|aaa)+$"), &re, &err));
    ASSERT_ERR(regex_matches(
                   re, STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"), &err),
               ERR_LIMIT, "more than");
}

static void splits_as_go_does(void **state UNUSED)
{
    static const struct {
        const char *pattern;
        const char *text;
        int64_t max;
        const char *want;
    } SPLITS[] = {
        {",", "a,b,,", -1, "[[0 1] [2 3] [4 4] [5 5]]"},
        {",", "a,b,c", 2, "[[0 1] [2 5]]"},
        {",", "a,b", 1, "[[0 3]]"},
        {",", "a,b", 0, "[]"},
        {",", "", -1, "[[0 0]]"},
        {"", "", -1, "[]"},
        {"", "ab", -1, "[[0 1] [1 2]]"},
        {"a*", "baac", -1, "[[0 1] [3 4]]"},
        {"x", "ab", -1, "[[0 2]]"},
        {",", "\xff,\xfe", -1, "[[0 1] [2 3]]"},
    };
    for (size_t i = 0; i < ARRAY_LEN(SPLITS); i++) {
        struct err err;
        struct world w;
        struct regex_spans spans;
        world_init(&w, SPLITS[i].pattern, str_from(SPLITS[i].text));
        w.job.budget = &w.budget;
        ASSERT_OK(regex_split(&w.job, SPLITS[i].max, &spans, &err));
        ASSERT_STR(spans_text(w.arena, spans), SPLITS[i].want);
        arena_free(w.arena);
    }
}

static void literal_replacements_stay(void **state UNUSED)
{
    struct err err;
    struct world w;
    struct str text;
    world_init(&w, "(b)", STR("abc"));
    w.job.budget = &w.budget;
    ASSERT_OK(regex_replace_all(&w.job, STR("$1$$"), REGEX_LITERAL, &text, &err));
    ASSERT_STR(text, "a$1$$c");
    ASSERT_STR(regex_quote_meta(w.arena, STR("a.b\\[x]")), "a\\.b\\\\\\[x\\]");
    arena_free(w.arena);
}

/* Linear in Go. */
static void backtracking_has_an_end(void **state UNUSED)
{
    struct err err;
    struct world w;
    struct regex_span span;
    world_init(&w, "(?:a*)*(?:a|b|ab)*(?:x?x?)*[^a]c",
               STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
    w.job.budget = &w.budget;
    int rc = regex_find(&w.job, &span, &err);
    assert_true(rc == 0 || rc == -(int)ERR_LIMIT);
    arena_free(w.arena);
    world_init(&w, "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)x!",
               STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                   "aaaax"));
    w.job.budget = &w.budget;
    rc = regex_find(&w.job, &span, &err);
    assert_true(rc == 0 || rc == -(int)ERR_LIMIT);
    arena_free(w.arena);
}

static void limits_are_kept(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct regex *re;
    char *pattern = arena_bytes(arena, LIMIT_REGEX_BYTES + 1);
    memset(pattern, '(', LIMIT_REGEX_BYTES + 1);
    ASSERT_ERR(regex_compile(arena, str_of(pattern, LIMIT_REGEX_BYTES + 1), &re, &err), ERR_LIMIT,
               "longer than 32768 bytes");
    ASSERT_ERR(regex_compile(arena, str_of(pattern, LIMIT_REGEX_BYTES), &re, &err), ERR_INVALID,
               "expression nests too deeply");
    memset(pattern + 900, ')', 900);
    ASSERT_OK(regex_compile(arena, str_of(pattern, 1800), &re, &err));
    memset(pattern, 'a', LIMIT_REGEX_BYTES);
    ASSERT_ERR(regex_compile(arena, str_of(pattern, LIMIT_REGEX_BYTES), &re, &err), ERR_LIMIT,
               "cannot be compiled");
    struct world w;
    struct regex_spans spans;
    world_init(&w, "a", str_of(pattern, LIMIT_REGEX_BYTES));
    w.job.budget = &w.budget;
    w.budget.steps = 3000;
    ASSERT_ERR(regex_find_all(&w.job, -1, &spans, &err), ERR_LIMIT, "");
    arena_free(w.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_and_replaces_as_go_does),
        cmocka_unit_test(refuses_with_gos_messages),
        cmocka_unit_test(matches_anywhere),
        cmocka_unit_test(stops_a_match_that_takes_too_long),
        cmocka_unit_test(splits_as_go_does),
        cmocka_unit_test(literal_replacements_stay),
        cmocka_unit_test(backtracking_has_an_end),
        cmocka_unit_test(limits_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
