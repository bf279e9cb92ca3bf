/* The table of libcurl's functions. */
#include "common/net/libcurl.h"
#include "tests/lib/check.h"

static void fills_the_table_once(void **state UNUSED)
{
    const struct libcurl *curl = libcurl_get();
    assert_ptr_equal(curl, libcurl_get());
#define HAS(name) assert_non_null(curl->name);
    LIBCURL_FUNCTIONS(HAS)
#undef HAS
    assert_string_equal(curl->easy_strerror(CURLE_OK), "No error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_the_table_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
