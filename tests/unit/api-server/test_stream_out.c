/* Streams: their framing, and how they end. */
#include "api-server/stream_out.h"
#include "tests/lib/stream_fixture.h"

#define NAMES "fields=result.type,result.application.metadata.name"
#define MESSAGE(type, name) \
    "{\"result\":{\"application\":{\"metadata\":{\"name\":\"" name "\"}},\"type\":\"" type "\"}}"

static void framing(struct api_fixture *f)
{
    struct stream_reading r;
    stream_setup(f);
    stream_begin(f, &r, STREAM "?" NAMES, true);
    stream_wait_text(&r, "\"b\"");
    ASSERT_STR(buf_str(&r.result.body),
               "data: " MESSAGE("ADDED", "a") " \n\n\ndata: " MESSAGE("ADDED", "b") " \n\n\n");
    stream_end(&r);
    stream_begin(f, &r, STREAM "?name=a&" NAMES, false);
    stream_wait_text(&r, "\n");
    ASSERT_STR(buf_str(&r.result.body), MESSAGE("ADDED", "a") "\n");
    stream_end(&r);
}

static void both_encodings(void **state UNUSED)
{
    API_TEST(framing);
}

#define TREE STREAM "/a/resource-tree"

static void ended_by_the_server(struct api_fixture *f)
{
    struct stream_reading apps;
    struct stream_reading tree;
    stream_setup(f);
    stream_begin(f, &apps, STREAM, true);
    stream_begin(f, &tree, TREE, true);
    stream_wait_text(&apps, "ADDED");
    stream_wait_text(&tree, "result");
    stream_out_end_all(f->server);
    api_fixture_wait(f, http_result_is_done, &apps.result);
    api_fixture_wait(f, http_result_is_done, &tree.result);
    assert_true(apps.result.ok && tree.result.ok);
    stream_end(&apps);
    stream_end(&tree);
}

static void end_with_the_server(void **state UNUSED)
{
    API_TEST(ended_by_the_server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_encodings),
        cmocka_unit_test(end_with_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
