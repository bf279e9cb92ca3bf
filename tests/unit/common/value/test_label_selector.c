/* Selectors against labels, and texts that are none. */
#include "common/value/label_selector.h"
#include "tests/lib/parse.h"

static const struct {
    const char *selector;
    const char *labels;
    bool matches;
} ROWS[] = {
    {"", "{}", true},
    {"", "{a: b}", true},
    {"a=b", "{a: b}", true},
    {"a==b", "{a: b}", true},
    {" a = b ", "{a: b}", true},
    {"a=b", "{a: c}", false},
    {"a=b", "{}", false},
    {"a=", "{a: ''}", true},
    {"a!=b", "{a: c}", true},
    {"a!=b", "{}", true},
    {"a!=b", "{a: b}", false},
    {"a != b", "{a: b}", false},
    {"a", "{a: ''}", true},
    {"a", "{b: ''}", false},
    {"!a", "{b: ''}", true},
    {"! a", "{a: ''}", false},
    {"a in ()", "{a: ''}", true},
    {"a in (,b)", "{a: ''}", true},
    {"a in (b,)", "{a: ''}", true},
    {"a in (in,notin)", "{a: notin}", true},
    {"in=b", "{in: b}", true},
    {"a=", "{a: b}", false},
    {"a>3", "{a: '4'}", true},
    {"a>3", "{a: '3'}", false},
    {"a<3", "{a: x}", false},
    {"a=5", "{a: 5}", true},
    {"a=true,b=1.5", "{a: true, b: 1.5}", true},
    {"a in (b,c)", "{a: c}", true},
    {"a in (b, c )", "{a: c}", true},
    {"a in (b,c)", "{a: d}", false},
    {"a in (b,c)", "{}", false},
    {"a notin (b,c)", "{a: d}", true},
    {"a notin (b,c)", "{}", true},
    {"a notin (b,c)", "{a: b}", false},
    {"a in(b)", "{a: b}", true},
    {"a=b,c", "{a: b, c: d}", true},
    {"a=b,c", "{a: b}", false},
    {"a in (x,b),!c,d!=e", "{a: b, d: f}", true},
    {"app.kubernetes.io/name=web", "{app.kubernetes.io/name: web}", true},
};

static void matches(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        const struct label_selector *selector = NULL;
        ASSERT_OK(label_selector_parse(arena, str_from(ROWS[i].selector), &selector, &err));
        if (label_selector_matches(selector, parse_yaml(arena, ROWS[i].labels)) !=
            ROWS[i].matches) {
            fail_msg("'%s' and %s", ROWS[i].selector, ROWS[i].labels);
        }
    }
}

static bool matches_text(struct arena *arena, const char *text, const struct value *labels)
{
    struct err err;
    const struct label_selector *selector = NULL;
    ASSERT_OK(label_selector_parse(arena, str_from(text), &selector, &err));
    return label_selector_matches(selector, labels);
}

static void matches_objects_without_labels(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    assert_true(matches_text(arena, "", NULL));
    assert_true(matches_text(arena, "!a,b!=c,d notin (e)", NULL));
    assert_false(matches_text(arena, "a", NULL));
}

static void refuses(void **state UNUSED)
{
    static const char *const BAD[] = {
        ",",          "a,",     "a b",   "a=b,,c",     "=b",  "!",         "a in",      "a in b",
        "a in (b",    "in (b)", "a (b)", "a in (b) c", "a>x", "a in (b))", "a<",        "!a=b",
        "a in (b c)", "A/b=c",  "a/b/c", "a=-",        "-a",  "\xff",      "a notin b", "ä=b",
    };
    struct err err;
    const struct label_selector *selector = NULL;
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        if (label_selector_parse(arena, str_from(BAD[i]), &selector, &err) == 0) {
            fail_msg("'%s' was taken", BAD[i]);
        }
        assert_int_equal(err.code, ERR_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches),
        cmocka_unit_test(matches_objects_without_labels),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
