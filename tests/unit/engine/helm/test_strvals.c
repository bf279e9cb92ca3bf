/* --set and its relatives: expressions and what they give, over values that are there. */
#include "common/base/limits.h"
#include "engine/helm/strvals.h"
#include "engine/helm/values.h"
#include "tests/lib/tval_yaml.h"

static const struct {
    enum strvals_kind kind;
    const char *before;
    const char *expression;
    const char *want; /* NULL: an error */
    const char *error;
} CASES[] = {
    {STRVALS_TYPED, "{}", "", "{}", NULL},
    {STRVALS_TYPED, "{}", "a=1,b=two,c=TRUE,d=Null,e=", "{a: 1, b: two, c: true, d: null, e: ''}",
     NULL},
    {STRVALS_TYPED, "{}", "a=0,b=010,c=1.5,d=-7,e=0x1",
     "{a: 0, b: '010', c: '1.5', d: -7, e: '0x1'}", NULL},
    {STRVALS_TYPED, "{}", "a=99999999999999999999", "{a: '99999999999999999999'}", NULL},
    {STRVALS_TYPED, "{}", "a.b.c=1,a.b.d=2", "{a: {b: {c: 1, d: 2}}}", NULL},
    {STRVALS_TYPED, "{}", "a\\.b=x\\,y\\=z", "{a.b: 'x,y=z'}", NULL},
    {STRVALS_TYPED, "{}", "a={x,2,},b={}", "{a: [x, 2, ''], b: ['']}", NULL},
    {STRVALS_TYPED, "{}", "a[2]=x", "{a: [null, null, x]}", NULL},
    {STRVALS_TYPED, "{}", "a[0][1].b[1]=x", "{a: [[null, {b: [null, x]}]]}", NULL},
    {STRVALS_TYPED, "{a: [1, {b: 2}]}", "a[1].c=3", "{a: [1, {b: 2, c: 3}]}", NULL},
    {STRVALS_TYPED, "{a: [1, 2]}", "a[1].c=3", "{a: [1, {c: 3}]}", NULL},
    {STRVALS_TYPED, "{a: {b: 1}}", "a.b=2", "{a: {b: 2}}", NULL},
    {STRVALS_TYPED, "{a: 1}", "a={x}", "{a: [x]}", NULL},
    {STRVALS_TYPED, "{}", "a=1,", "{a: 1}", NULL},
    {STRVALS_TYPED, "{}", "a[0", "{}", NULL},
    {STRVALS_TYPED, "{}", "a[0]", "{a: []}", NULL},
    {STRVALS_TYPED, "{}", "=x", "{}", NULL},
    {STRVALS_TYPED, "{}", "a", NULL, "key \"a\" has no value"},
    {STRVALS_TYPED, "{}", "a=1,b,c=2", NULL, "cannot end with ,"},
    {STRVALS_TYPED, "{}", "a.=1", NULL, "key map \"a\" has no value"},
    {STRVALS_TYPED, "{}", "a={x", NULL, "must terminate with '}'"},
    {STRVALS_TYPED, "{}", "a[x]=1", NULL, "error parsing index"},
    {STRVALS_TYPED, "{}", "a[-1]=1", NULL, "negative -1 index"},
    {STRVALS_TYPED, "{}", "a[65537]=1", NULL, "greater than maximum"},
    {STRVALS_TYPED, "{}", "a[0]b=1", NULL, "unexpected data"},
    {STRVALS_TYPED, "{a: 1}", "a.b=1", NULL, "unable to parse key"},
    {STRVALS_TYPED, "{a: null}", "a.b=1", NULL, "unable to parse key"},
    {STRVALS_TYPED, "{a: {}}", "a[0]=1", NULL, "unable to parse key"},
    {STRVALS_TYPED, "{a: [1]}", "a[0][0]=1", NULL, "unable to parse key"},
    {STRVALS_STRING, "{}", "a=1,b=true,c={1,2}", "{a: '1', b: 'true', c: ['1', '2']}", NULL},
    {STRVALS_JSON, "{}", "a=1, b=2 c", NULL, "key \"c\" has no value"},
    {STRVALS_JSON, "{}", "a=1,b={\"c\":[1,\"x,}\\\"\"]} ,d=,e[1]=true",
     "{a: 1, b: {c: [1, 'x,}\"']}, d: null, e: [null, true]}", NULL},
    {STRVALS_JSON, "{}", "a={\"b\":", NULL, ""},
    {STRVALS_JSON, "{}", "a=x", NULL, ""},
    {STRVALS_LITERAL, "{}", "a.b=x,y=z\\n{", "{a: {b: 'x,y=z\\n{'}}", NULL},
    {STRVALS_LITERAL, "{}", "a[1]=x", "{a: [null, x]}", NULL},
    {STRVALS_LITERAL, "{}", "a=", "{a: ''}", NULL},
    {STRVALS_FILE, "{}", "a=one,b.c=two", "{a: content of one, b: {c: content of two}}", NULL},
    {STRVALS_FILE, "{}", "a=missing", NULL, "no such file"},
};

static int
on_read(void *data UNUSED, struct arena *arena, struct str path, struct str *ret, struct err *err)
{
    if (str_eq_c(path, "missing")) {
        return err_set(err, ERR_NOT_FOUND, "no such file");
    }
    *ret = arena_printf(arena, "content of " STR_FMT, STR_ARG(path));
    return 0;
}

static void reads_the_table(void **state UNUSED)
{
    static const struct values_reader READER = {.read = on_read};
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct tmap *map = tmap_from_yaml(arena, CASES[i].before);
        struct strvals_options options = {CASES[i].kind, &READER};
        struct err err;
        int rc = strvals_parse(arena, str_from(CASES[i].expression), &options, map, &err);
        if (CASES[i].want == NULL) {
            if (rc == 0) {
                fail_msg("'%s' is no error", CASES[i].expression);
            }
            check_contains(&err, CASES[i].error);
            continue;
        }
        ASSERT_OK(rc);
        assert_tval(arena, tval_map(map), CASES[i].want);
    }
}

static int parse(struct arena *arena, struct str text, struct err *err)
{
    struct strvals_options options = {.kind = STRVALS_TYPED};
    return strvals_parse(arena, text, &options, tmap_new(arena, TVAL_OF_ANY, NULL, NULL), err);
}

static void names_go_30_levels_deep(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf text;
    struct err err;
    buf_init(&text, 4096);
    for (int i = 0; i < LIMIT_SET_DEPTH; i++) {
        buf_put_c(&text, "a.");
    }
    ASSERT_OK(parse(arena, arena_printf(arena, "%sb=1", text.p), &err));
    ASSERT_ERR(parse(arena, arena_printf(arena, "%sa.b=1", text.p), &err), ERR_INVALID, "of 30");
}

static void indexes_are_bounded_in_depth_and_number(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(buf) struct buf deep;
    AUTO(buf) struct buf wide;
    struct err err;
    buf_init(&deep, LIMIT_MIB);
    buf_init(&wide, LIMIT_MIB);
    buf_put_c(&deep, "a");
    buf_put_c(&wide, "a");
    for (int i = 0; i < LIMIT_DOC_DEPTH + 2; i++) {
        buf_put_c(&deep, "[0]");
        buf_put_c(&wide, i < 40 ? "[65536]" : "");
    }
    buf_put_c(&deep, "=1");
    buf_put_c(&wide, "=1");
    ASSERT_ERR(parse(arena, buf_str(&deep), &err), ERR_LIMIT, "levels");
    ASSERT_ERR(parse(arena, buf_str(&wide), &err), ERR_LIMIT, "items");
}

static void files_need_a_reader(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct strvals_options options = {.kind = STRVALS_FILE};
    struct err err;
    ASSERT_ERR(strvals_parse(arena, STR("a=b"), &options, tmap_from_yaml(arena, "{}"), &err),
               ERR_UNSUPPORTED, "files");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_table),
        cmocka_unit_test(names_go_30_levels_deep),
        cmocka_unit_test(indexes_are_bounded_in_depth_and_number),
        cmocka_unit_test(files_need_a_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
