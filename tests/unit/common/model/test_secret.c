/* Secrets by tables. */
#include "common/base/arena.h"
#include "common/model/secret.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"
#include "tests/lib/check.h"

struct target {
    struct str text;
    bool flag;
    int64_t number;
};

static const struct secret_field FIELDS[] = {
    {"text", SECRET_STR, offsetof(struct target, text)},
    {"flag", SECRET_BOOL, offsetof(struct target, flag)},
    {"number", SECRET_INT, offsetof(struct target, number)},
};

static int decode(struct arena *arena, const char *text, struct target *ret, struct err *err)
{
    const struct value *secret = NULL;
    TRY(value_from_yaml(arena, str_from(text), NULL, &secret, err));
    return secret_decode(arena, secret, FIELDS, ARRAY_LEN(FIELDS), ret, err);
}

static void data_is_decoded(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct target target = {.number = -1};
    ASSERT_OK(decode(arena, "data: {text: Zm9v, flag: dHJ1ZQo=, number: NDI=}", &target, &err));
    ASSERT_STR(target.text, "foo");
    assert_true(target.flag);
    assert_int_equal(target.number, 42);
}

static void string_data_wins_and_missing_keys_keep_the_default(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    struct target target = {.number = -1};
    ASSERT_OK(decode(arena, "{data: {text: Zm9v}, stringData: {text: bar}}", &target, &err));
    ASSERT_STR(target.text, "bar");
    assert_int_equal(target.number, -1);
}

static void bad_values_are_named_but_not_shown(void **state UNUSED)
{
    static const char *const BAD[] = {
        "{metadata: {name: s}, data: {text: '!hidden'}}",
        "{metadata: {name: s}, stringData: {flag: hidden}}",
        "{metadata: {name: s}, stringData: {number: hidden}}",
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        struct target target = {0};
        char text[1024];
        ASSERT_ERR(decode(arena, BAD[i], &target, &err), ERR_INVALID, "secret 's': ");
        err_format(&err, text, sizeof(text));
        assert_null(strstr(text, "hidden"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_is_decoded),
        cmocka_unit_test(string_data_wins_and_missing_keys_keep_the_default),
        cmocka_unit_test(bad_values_are_named_but_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
