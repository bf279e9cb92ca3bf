#include "api-server/rest/selector.h"
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
        struct str selector = str_from(ROWS[i].selector);
        ASSERT_OK(selector_check(selector, &err));
        if (selector_matches(selector, parse_yaml(arena, ROWS[i].labels)) != ROWS[i].matches) {
            fail_msg("'%s' and %s", ROWS[i].selector, ROWS[i].labels);
        }
    }
}

static void matches_objects_without_labels(void **state UNUSED)
{
    assert_true(selector_matches(STR(""), NULL));
    assert_true(selector_matches(STR("!a,b!=c,d notin (e)"), NULL));
    assert_false(selector_matches(STR("a"), NULL));
}

static void refuses(void **state UNUSED)
{
    static const char *const BAD[] = {
        ",",    "a,",        "a b",     "a=b,,c",    "=b",    "!",
        "a in", "a in b",    "a in (b", "in (b)",    "a (b)", "a in (b) c",
        "a>1",  "a in (b))", "\xff",    "a notin b", "ä=b",
    };
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        if (selector_check(str_from(BAD[i]), &err) == 0) {
            fail_msg("'%s' was taken", BAD[i]);
        }
        assert_int_equal(err.code, ERR_INVALID);
        assert_false(selector_matches(str_from(BAD[i]), NULL));
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
