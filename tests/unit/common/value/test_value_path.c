/* JSON Pointer (the examples of RFC 6901 among them) and dotted paths. */
#include "common/base/buf.h"
#include "common/value/value_build.h"
#include "common/value/value_json.h"
#include "common/value/value_path.h"
#include "tests/unit/common/value/value_fixture.h"

static void gets_the_examples_of_the_rfc(void **state UNUSED)
{
    const struct value *v = parse("{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,"
                                  "\"g|h\":4,\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8}");
    static const struct {
        const char *pointer;
        const char *want;
    } CASES[] = {
        {"/foo", "[\"bar\",\"baz\"]"},
        {"/foo/0", "\"bar\""},
        {"/", "0"},
        {"/a~1b", "1"},
        {"/c%d", "2"},
        {"/e^f", "3"},
        {"/g|h", "4"},
        {"/i\\j", "5"},
        {"/k\"l", "6"},
        {"/ ", "7"},
        {"/m~0n", "8"},
    };
    assert_ptr_equal(value_pointer_get(v, STR("")), v);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ASSERT_STR(print(value_pointer_get(v, str_from(CASES[i].pointer))), CASES[i].want);
    }
}

static void says_what_is_missing_or_malformed(void **state UNUSED)
{
    struct err err;
    const struct value *found = NULL;
    const struct value *v = parse("{\"a\":[1,{\"b\":2}]}");
    ASSERT_ERR(value_pointer_find(v, STR("/a/1/x/y"), &found, &err), ERR_NOT_FOUND,
               "'/a/1/x' does not exist");
    ASSERT_ERR(value_pointer_find(v, STR("/a/2"), &found, &err), ERR_NOT_FOUND, "'/a/2'");
    ASSERT_ERR(value_pointer_find(v, STR("/a/01"), &found, &err), ERR_NOT_FOUND, "'/a/01'");
    ASSERT_ERR(value_pointer_find(v, STR("/a/-"), &found, &err), ERR_NOT_FOUND, "'/a/-'");
    ASSERT_ERR(value_pointer_find(v, STR("a"), &found, &err), ERR_INVALID, "begin with '/'");
    ASSERT_ERR(value_pointer_find(v, STR("/a~2"), &found, &err), ERR_INVALID, "'~' without");
    ASSERT_ERR(value_pointer_find(v, STR("/a~"), &found, &err), ERR_INVALID, "'~' without");
    assert_null(found);
    assert_null(value_pointer_get(v, STR("x")));
}

static void sets_in_every_mode(void **state UNUSED)
{
    static const struct {
        const char *pointer;
        enum value_pointer_mode mode;
        const char *want; /* NULL = ERR_NOT_FOUND */
    } CASES[] = {
        {"", VALUE_POINTER_ADD, "9"},
        {"/a", VALUE_POINTER_ADD, "{\"a\":9,\"l\":[1,2]}"},
        {"/n", VALUE_POINTER_ADD, "{\"a\":{\"b\":1},\"l\":[1,2],\"n\":9}"},
        {"/x~1~0y", VALUE_POINTER_ADD, "{\"a\":{\"b\":1},\"l\":[1,2],\"x/~y\":9}"},
        {"/n/m", VALUE_POINTER_ADD, NULL},
        {"/n/m", VALUE_POINTER_CREATE, "{\"a\":{\"b\":1},\"l\":[1,2],\"n\":{\"m\":9}}"},
        {"/a/b/c", VALUE_POINTER_CREATE, NULL},
        {"/n", VALUE_POINTER_REPLACE, NULL},
        {"/a/b", VALUE_POINTER_REPLACE, "{\"a\":{\"b\":9},\"l\":[1,2]}"},
        {"/l/0", VALUE_POINTER_ADD, "{\"a\":{\"b\":1},\"l\":[9,1,2]}"},
        {"/l/2", VALUE_POINTER_ADD, "{\"a\":{\"b\":1},\"l\":[1,2,9]}"},
        {"/l/-", VALUE_POINTER_ADD, "{\"a\":{\"b\":1},\"l\":[1,2,9]}"},
        {"/l/3", VALUE_POINTER_ADD, NULL},
        {"/l/1", VALUE_POINTER_REPLACE, "{\"a\":{\"b\":1},\"l\":[1,9]}"},
        {"/l/2", VALUE_POINTER_REPLACE, NULL},
        {"/l/-", VALUE_POINTER_REPLACE, NULL},
    };
    const struct value *v = parse("{\"a\":{\"b\":1},\"l\":[1,2]}");
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        const struct value *got = NULL;
        int rc = value_pointer_set(arena, v, str_from(CASES[i].pointer), CASES[i].mode,
                                   value_new_int(arena, 9), &got, &err);
        if (CASES[i].want == NULL) {
            ASSERT_ERR(rc, ERR_NOT_FOUND, "does not exist");
        } else {
            ASSERT_OK(rc);
            ASSERT_STR(print(got), CASES[i].want);
        }
    }
}

static void removes_what_exists(void **state UNUSED)
{
    struct err err;
    const struct value *got = NULL;
    const struct value *v = parse("{\"a\":{\"b\":1},\"l\":[1,2]}");
    ASSERT_OK(value_pointer_remove(arena, v, STR("/a/b"), &got, &err));
    ASSERT_STR(print(got), "{\"a\":{},\"l\":[1,2]}");
    ASSERT_OK(value_pointer_remove(arena, v, STR("/l/0"), &got, &err));
    ASSERT_STR(print(got), "{\"a\":{\"b\":1},\"l\":[2]}");
    ASSERT_ERR(value_pointer_remove(arena, v, STR("/l/2"), &got, &err), ERR_NOT_FOUND, "/l/2");
    ASSERT_ERR(value_pointer_remove(arena, v, STR("/x"), &got, &err), ERR_NOT_FOUND, "/x");
    ASSERT_ERR(value_pointer_remove(arena, v, STR(""), &got, &err), ERR_INVALID, "whole");
}

static void long_pointers_are_refused(void **state UNUSED)
{
    struct err err;
    const struct value *got = NULL;
    AUTO(buf) struct buf b;
    buf_init(&b, 4096);
    buf_put_fill(&b, '/', 512);
    ASSERT_ERR(value_pointer_find(&VALUE_EMPTY_MAP, buf_str(&b), &got, &err), ERR_NOT_FOUND, "/");
    buf_put_char(&b, '/');
    ASSERT_ERR(value_pointer_find(&VALUE_EMPTY_MAP, buf_str(&b), &got, &err), ERR_LIMIT, "512");
}

static void escapes_steps(void **state UNUSED)
{
    AUTO(buf) struct buf b;
    buf_init(&b, 100);
    value_pointer_put(&b, STR("metadata"));
    value_pointer_put(&b, STR("a/b~c"));
    assert_string_equal(b.p, "/metadata/a~1b~0c");
}

static void follows_dotted_paths(void **state UNUSED)
{
    const struct value *v = parse("{\"a\":{\"b.c\":[1,{\"d\":2}]},\"x\":3}");
    ASSERT_STR(print(value_dotted_get(v, STR("x"))), "3");
    ASSERT_STR(print(value_dotted_get(v, STR("a.b\\.c.1.d"))), "2");
    assert_null(value_dotted_get(v, STR("a.b.c")));
    assert_null(value_dotted_get(v, STR("")));
    assert_null(value_dotted_get(NULL, STR("a")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gets_the_examples_of_the_rfc, setup, teardown),
        cmocka_unit_test_setup_teardown(says_what_is_missing_or_malformed, setup, teardown),
        cmocka_unit_test_setup_teardown(sets_in_every_mode, setup, teardown),
        cmocka_unit_test_setup_teardown(removes_what_exists, setup, teardown),
        cmocka_unit_test_setup_teardown(long_pointers_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(escapes_steps, setup, teardown),
        cmocka_unit_test_setup_teardown(follows_dotted_paths, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
