/* Rendering a directory without a server. The rules are tested in tests/unit/engine. */
#include "cli/render_local.h"
#include "tests/lib/check.h"

static void renders_a_directory(void **state UNUSED)
{
    AUTO(buf) struct buf out;
    struct err err;
    buf_init(&out, 100000);
    struct render_local_options options = {.dir = "tests/data/plain/many_documents/in",
                                           .timeout_ms = 10000};
    ASSERT_OK(render_local(&options, &out, &err));
    ASSERT_STR(buf_str(&out), "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"
                              "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n");
    options.path = "nowhere";
    ASSERT_ERR(render_local(&options, &out, &err), ERR_NOT_FOUND, "app path does not exist");
    options.dir = "/nonexistent";
    ASSERT_ERR(render_local(&options, &out, &err), ERR_NOT_FOUND, "/nonexistent");
}

static void stops_at_the_maximum(void **state UNUSED)
{
    AUTO(buf) struct buf out;
    struct err err;
    buf_init(&out, 20);
    struct render_local_options options = {.dir = "tests/data/plain/many_documents/in"};
    ASSERT_ERR(render_local(&options, &out, &err), ERR_LIMIT, "larger");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(renders_a_directory),
        cmocka_unit_test(stops_at_the_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
