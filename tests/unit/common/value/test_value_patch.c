/* JSON Patch and merge patch, with the examples of RFC 6902 and 7386. */
#include "common/base/buf.h"
#include "common/value/value_json.h"
#include "common/value/value_patch.h"
#include "tests/unit/common/value/value_fixture.h"

static void applies_the_examples_of_rfc_6902(void **state UNUSED)
{
    static const struct {
        const char *doc;
        const char *patch;
        const char *want;
    } CASES[] = {
        {"{\"foo\":\"bar\"}", "[{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\"}]",
         "{\"foo\":\"bar\",\"baz\":\"qux\"}"},
        {"{\"foo\":[\"bar\",\"baz\"]}", "[{\"op\":\"add\",\"path\":\"/foo/1\",\"value\":\"qux\"}]",
         "{\"foo\":[\"bar\",\"qux\",\"baz\"]}"},
        {"{\"baz\":\"qux\",\"foo\":\"bar\"}", "[{\"op\":\"remove\",\"path\":\"/baz\"}]",
         "{\"foo\":\"bar\"}"},
        {"{\"foo\":[\"bar\",\"qux\",\"baz\"]}", "[{\"op\":\"remove\",\"path\":\"/foo/1\"}]",
         "{\"foo\":[\"bar\",\"baz\"]}"},
        {"{\"baz\":\"qux\"}", "[{\"op\":\"replace\",\"path\":\"/baz\",\"value\":\"boo\"}]",
         "{\"baz\":\"boo\"}"},
        {"{\"foo\":{\"bar\":\"baz\",\"waldo\":\"fred\"},\"qux\":{\"corge\":\"grault\"}}",
         "[{\"op\":\"move\",\"from\":\"/foo/waldo\",\"path\":\"/qux/thud\"}]",
         "{\"foo\":{\"bar\":\"baz\"},\"qux\":{\"corge\":\"grault\",\"thud\":\"fred\"}}"},
        {"{\"foo\":[\"all\",\"grass\",\"cows\",\"eat\"]}",
         "[{\"op\":\"move\",\"from\":\"/foo/1\",\"path\":\"/foo/3\"}]",
         "{\"foo\":[\"all\",\"cows\",\"eat\",\"grass\"]}"},
        {"{\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}",
         "[{\"op\":\"test\",\"path\":\"/baz\",\"value\":\"qux\"},"
         "{\"op\":\"test\",\"path\":\"/foo/1\",\"value\":2}]",
         "{\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}"},
        {"{\"foo\":\"bar\"}", "[{\"op\":\"add\",\"path\":\"/child\",\"value\":{\"grand\":{}}}]",
         "{\"foo\":\"bar\",\"child\":{\"grand\":{}}}"},
        {"{\"foo\":[\"bar\"]}", "[{\"op\":\"add\",\"path\":\"/foo/-\",\"value\":[\"abc\"]}]",
         "{\"foo\":[\"bar\",[\"abc\"]]}"},
        {"{\"a\":{\"b\":1}}",
         "[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/c\"},"
         "{\"op\":\"replace\",\"path\":\"/c/b\",\"value\":2}]",
         "{\"a\":{\"b\":1},\"c\":{\"b\":2}}"},
        {"1", "[{\"op\":\"replace\",\"path\":\"\",\"value\":null}]", "null"},
        {"{\"a\":1}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a\"}]", "{\"a\":1}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        const struct value *got = NULL;
        const struct value *doc = parse(CASES[i].doc);
        ASSERT_OK(value_json_patch(arena, doc, parse(CASES[i].patch), &got, &err));
        ASSERT_STR(print(got), CASES[i].want);
        ASSERT_STR(print(doc), CASES[i].doc);
    }
}

static void failures_name_the_operation(void **state UNUSED)
{
    static const struct {
        const char *patch;
        enum err_code code;
        const char *want;
    } CASES[] = {
        {"{}", ERR_INVALID, "must be a list, not a map"},
        {"[1]", ERR_INVALID, "operation 0: an operation must be a map, not an integer"},
        {"[{\"path\":\"/a\"}]", ERR_INVALID, "operation 0: 'op' is missing"},
        {"[{\"op\":\"add\",\"value\":1}]", ERR_INVALID, "'path' is missing"},
        {"[{\"op\":\"add\",\"path\":1}]", ERR_INVALID, "'path' is not a string"},
        {"[{\"op\":\"add\",\"path\":\"/b\"}]", ERR_INVALID, "add '/b': 'value' is missing"},
        {"[{\"op\":\"copy\",\"path\":\"/b\"}]", ERR_INVALID, "'from' is missing"},
        {"[{\"op\":\"mangle\",\"path\":\"/b\"}]", ERR_INVALID, "unexpected kind of operation"},
        {"[{\"op\":\"add\",\"path\":\"/x\",\"value\":1},{\"op\":\"remove\",\"path\":\"/b/c\"}]",
         ERR_NOT_FOUND, "operation 1: remove '/b/c': '/b' does not exist"},
        {"[{\"op\":\"replace\",\"path\":\"/b\",\"value\":1}]", ERR_NOT_FOUND, "'/b' does not"},
        {"[{\"op\":\"move\",\"from\":\"/b\",\"path\":\"/c\"}]", ERR_NOT_FOUND, "'/b' does not"},
        {"[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a/x\"}]", ERR_INVALID, "into itself"},
        {"[{\"op\":\"test\",\"path\":\"/a\",\"value\":{\"k\":2}}]", ERR_INVALID,
         "testing value '/a' failed"},
    };
    const struct value *doc = parse("{\"a\":{\"k\":1}}");
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        const struct value *got = NULL;
        ASSERT_ERR(value_json_patch(arena, doc, parse(CASES[i].patch), &got, &err), CASES[i].code,
                   CASES[i].want);
        assert_null(got);
    }
}

/* Each copy doubles the document, though not the memory. */
static void doubling_by_copies_is_stopped(void **state UNUSED)
{
    struct err err;
    const struct value *got = NULL;
    AUTO(buf) struct buf b;
    buf_init(&b, 64 * 1024);
    buf_put_char(&b, '[');
    for (int i = 0; i < 40; i++) {
        buf_printf(&b, "%s{\"op\":\"copy\",\"from\":\"\",\"path\":\"/k%d\"}", i > 0 ? "," : "", i);
    }
    buf_put_char(&b, ']');
    ASSERT_ERR(value_json_patch(arena, parse("{\"a\":1}"), parse(b.p), &got, &err), ERR_LIMIT,
               "more than");
}

static void deepening_by_copies_is_stopped(void **state UNUSED)
{
    struct err err;
    const struct value *got = NULL;
    AUTO(buf) struct buf b;
    buf_init(&b, 1024 * 1024);
    buf_put_char(&b, '[');
    for (int i = 0; i < 600; i++) {
        buf_printf(&b,
                   "%s{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/b\"},"
                   "{\"op\":\"add\",\"path\":\"/a\",\"value\":{}},"
                   "{\"op\":\"move\",\"from\":\"/b\",\"path\":\"/a/a\"}",
                   i > 0 ? "," : "");
    }
    buf_put_char(&b, ']');
    ASSERT_ERR(value_json_patch(arena, parse("{\"a\":{}}"), parse(b.p), &got, &err), ERR_LIMIT,
               "levels");
}

/* The table of RFC 7386, appendix A. */
static const struct {
    const char *doc;
    const char *patch;
    const char *want;
} MERGES[] = {
    {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
    {"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
    {"{\"a\":\"b\"}", "{\"a\":null}", "{}"},
    {"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
    {"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
    {"{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"},
    {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"},
    {"{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
    {"[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]"},
    {"{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]"},
    {"{\"a\":\"foo\"}", "null", "null"},
    {"{\"a\":\"foo\"}", "\"bar\"", "\"bar\""},
    {"{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}"},
    {"[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}"},
    {"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"},
};

static void applies_the_table_of_rfc_7386(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(MERGES); i++) {
        const struct value *got =
            value_merge_patch(arena, parse(MERGES[i].doc), parse(MERGES[i].patch));
        ASSERT_STR(print(got), MERGES[i].want);
    }
}

static void makes_the_patch_between_two_values(void **state UNUSED)
{
    static const struct {
        const char *from;
        const char *to;
        const char *want;
    } CASES[] = {
        {"{\"a\":1}", "{\"a\":1}", "{}"},
        {"{\"a\":1,\"b\":2}", "{\"b\":2}", "{\"a\":null}"},
        {"{\"a\":{\"b\":1,\"c\":2},\"d\":[1]}", "{\"a\":{\"b\":1,\"c\":3},\"d\":[1,2]}",
         "{\"a\":{\"c\":3},\"d\":[1,2]}"},
        {"{\"a\":1}", "{\"a\":{\"b\":2}}", "{\"a\":{\"b\":2}}"},
        {"{\"a\":{\"x\":{\"y\":1}}}", "{\"a\":{\"x\":{}}}", "{\"a\":{\"x\":{\"y\":null}}}"},
        {"{}", "3", "3"},
        {"null", "{\"a\":1}", "{\"a\":1}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        const struct value *from = parse(CASES[i].from);
        const struct value *to = parse(CASES[i].to);
        const struct value *patch = value_merge_patch_between(arena, from, to);
        ASSERT_STR(print(patch), CASES[i].want);
        assert_true(value_equal(value_merge_patch(arena, from, patch), to));
    }
    ASSERT_STR(print(value_merge_patch_between(arena, NULL, NULL)), "null");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(applies_the_examples_of_rfc_6902, setup, teardown),
        cmocka_unit_test_setup_teardown(failures_name_the_operation, setup, teardown),
        cmocka_unit_test_setup_teardown(doubling_by_copies_is_stopped, setup, teardown),
        cmocka_unit_test_setup_teardown(deepening_by_copies_is_stopped, setup, teardown),
        cmocka_unit_test_setup_teardown(applies_the_table_of_rfc_7386, setup, teardown),
        cmocka_unit_test_setup_teardown(makes_the_patch_between_two_values, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
