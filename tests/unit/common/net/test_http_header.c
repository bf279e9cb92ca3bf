/* Header lists: look-up, token lists with weights, what may stand in names and values. */
#include "common/net/http_header.h"
#include "tests/lib/check.h"

static void finds_the_first_without_regard_to_case(void **state UNUSED)
{
    struct http_headers headers =
        HTTP_HEADERS({STR("Content-Type"), STR("a")}, {STR("content-type"), STR("b")});
    assert_int_equal(headers.n, 2);
    ASSERT_STR(http_header_find(headers, STR("CONTENT-TYPE")), "a");
    assert_null(http_header_find(headers, STR("Content")).p);
    assert_null(http_header_find((struct http_headers){NULL, 0}, STR("x")).p);
}

static void reads_token_lists(void **state UNUSED)
{
    static const struct {
        const char *list;
        bool want;
    } rows[] = {
        {"gzip", true},
        {"deflate, GZip ; q=0.5", true},
        {"br,gzip;q=0", false},
        {"gzip;q=0.000", false},
        {"gzip;q=0.001", true},
        {"gzip;level=1;Q=0", false},
        {"xgzip, gzipx", false},
        {"*", false},
        {"", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(http_header_has_token(str_from(rows[i].list), STR("gzip")), rows[i].want);
    }
    assert_false(http_header_has_token(str_of(NULL, 0), STR("gzip")));
}

static void knows_tokens_and_values(void **state UNUSED)
{
    assert_true(http_header_is_token(STR("X-Git_Hub.Event!")));
    assert_false(http_header_is_token(STR_EMPTY));
    assert_false(http_header_is_token(STR("a b")));
    assert_false(http_header_is_token(STR("a:b")));
    assert_false(http_header_is_token(STR("a\xc3\xa9")));
    assert_false(http_header_is_token(str_of("a\0b", 3)));
    assert_true(http_header_is_value(STR("")));
    assert_true(http_header_is_value(STR("a\tb \xc3\xa9")));
    assert_false(http_header_is_value(STR("a\r\nEvil: x")));
    assert_false(http_header_is_value(str_of("a\0b", 3)));
}

static void knows_reason_phrases(void **state UNUSED)
{
    assert_string_equal(http_header_reason(404), "Not Found");
    assert_string_equal(http_header_reason(299), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_first_without_regard_to_case),
        cmocka_unit_test(reads_token_lists),
        cmocka_unit_test(knows_tokens_and_values),
        cmocka_unit_test(knows_reason_phrases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
