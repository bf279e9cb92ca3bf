/* Sources of pairs that are refused, and lines of env files. */
#include "engine/kustomize/generate.h"
#include "engine/kustomize/kvpairs.h"
#include "tests/lib/kustomize_fixture.h"

static const struct mem_file FILES[] = {
    {"kustomization.yaml", ""},
    {"bad.env", "A=1\nB=\xff\n"},
    {"a", "x"},
    {NULL, NULL},
};

#define ONE(text)                          \
    {                                      \
        (const struct str[]){STR(text)}, 1 \
    }

static void sources_are_checked(void **state UNUSED)
{
    const struct {
        struct pairs_source source;
        const char *want;
    } CASES[] = {
        {{.literals = ONE("=v")},
         "loading KV pairs: invalid literal source =v, expected key=value"},
        {{.literals = ONE("k")}, "invalid literal source k, expected key=value"},
        {{.files = ONE("a=b=c")}, "source \"a=b=c\" key name or file path contains '='"},
        {{.files = ONE("=a")}, "missing key name for file path \"a\" in source \"=a\""},
        {{.files = ONE("k=")}, "missing file path for key name \"k\" in source \"k=\""},
        {{.files = ONE("gone")}, "loading KV pairs: file sources: [gone]: "},
        {{.envs = ONE("gone")}, "loading KV pairs: env source files: [gone]: "},
        {{.env = STR("bad.env")}, "line 2 has invalid utf8 bytes"},
        {{.name = STR("m"), .literals = ONE("a=1"), .files = ONE("a")},
         "configmap m illegally repeats the key `a`"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err = {0};
        struct kustomize_fixture f;
        struct kvpairs pairs;
        kustomize_fixture_init(&f, FILES);
        assert_true(kvpairs_load(&f.layer, &CASES[i].source, &pairs, &err) < 0);
        struct str text = kbuild_take_error(&f.build, &err);
        if (str_find(text, str_from(CASES[i].want)) == STR_NONE) {
            fail_msg("'" STR_FMT "' does not contain '%s'", STR_ARG(text), CASES[i].want);
        }
        kustomize_fixture_done(&f);
    }
}

static void env_lines_are_pairs(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *want; /* "key|value;" */
    } CASES[] = {
        {"", ""},
        {"a=b", "a|b;"},
        {"a=b\nc=d\n", "a|b;c|d;"},
        {"\t a =b\r\n#c=d\n \n=x\ne", "a |b;e|;"},
        {"\xc2\xa0"
         "a='b'",
         "a|'b';"},
        {"\xef\xbb\xbf"
         "a=b\n\xef\xbb\xbf"
         "c=d",
         "a|b;\xef\xbb\xbf"
         "c|d;"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct kvpairs pairs = {0};
        struct str text = STR_EMPTY;
        ASSERT_OK(kvpairs_parse_env(arena, str_from(CASES[i].text), &pairs, &err));
        VEC_FOREACH(&pairs.list, pair) {
            text = arena_printf(arena, STR_FMT STR_FMT "|" STR_FMT ";", STR_ARG(text),
                                STR_ARG(pair->key), STR_ARG(pair->value));
        }
        ASSERT_STR(text, CASES[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sources_are_checked),
        cmocka_unit_test(env_lines_are_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
