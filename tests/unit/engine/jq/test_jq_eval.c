/* Expressions through libjq. */
#include "engine/jq/jq_eval.h"
#include "tests/lib/check.h"

static const struct {
    const char *expression;
    const char *json;
    const char *want;
} CASES[] = {
    {".a", "{\"a\":1}", "[[\"a\"]]"},
    {".l[] | select(.n == \"x\").v", "{\"l\":[{\"n\":\"y\"},{\"n\":\"x\",\"v\":1}]}",
     "[[\"l\",1,\"v\"]]"},
    {".a, .b # both", "{}", "[[\"a\"],[\"b\"]]"},
    {".a[]", "{\"a\":null}", "[]"},
    {".a[]", "{\"a\":\"text\"}", "[]"},
    {"error(\"no\")", "{}", "[]"},
    {"..|.x?", "7", "[]"},
    {"empty", "{}", "[]"},
};

static void paths_of_places(void **state UNUSED)
{
    AUTO(jq_eval) struct jq_eval *eval = jq_eval_new();
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
            AUTO(buf) struct buf out;
            struct err err;
            buf_init(&out, 1000);
            ASSERT_OK(jq_eval_paths(eval, str_from(CASES[i].expression), str_from(CASES[i].json),
                                    &out, &err));
            ASSERT_STR(buf_str(&out), CASES[i].want);
        }
    }
}

static void what_is_no_jq_is_told(void **state UNUSED)
{
    static const struct {
        struct str expression;
        const char *part;
    } BAD[] = {
        {STR(".a ["), "syntax error"},
        {STR("nosuch(1)"), "nosuch/1 is not defined"},
        {STR("import \"x\" as x; .a"), "syntax error"},
        {STR(".a\0.b"), "zero byte"},
    };
    AUTO(jq_eval) struct jq_eval *eval = jq_eval_new();
    AUTO(buf) struct buf out;
    struct err err;
    buf_init(&out, 1000);
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        ASSERT_ERR(jq_eval_paths(eval, BAD[i].expression, STR("{}"), &out, &err), ERR_INVALID,
                   BAD[i].part);
    }
    ASSERT_ERR(jq_eval_paths(eval, STR(".a"), STR("{"), &out, &err), ERR_INVALID,
               "not a JSON text");
}

static void many_programs_are_no_burden(void **state UNUSED)
{
    AUTO(jq_eval) struct jq_eval *eval = jq_eval_new();
    for (int i = 0; i < 105; i++) {
        AUTO(buf) struct buf expression;
        AUTO(buf) struct buf out;
        struct err err;
        buf_init(&expression, 100);
        buf_init(&out, 100);
        buf_printf(&expression, ".a%d", i);
        ASSERT_OK(jq_eval_paths(eval, buf_str(&expression), STR("{}"), &out, &err));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_of_places),
        cmocka_unit_test(what_is_no_jq_is_told),
        cmocka_unit_test(many_programs_are_no_burden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
