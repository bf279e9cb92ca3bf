/* Splitters: the same pieces whatever the chunks are, limits, and streams that end early. */
#include "common/kube/kube_stream.h"
#include "tests/lib/check.h"

/* Collects pieces as "piece|piece|". */
static int collect(void *data, struct str json, struct err *err UNUSED)
{
    struct buf *out = data;
    buf_put(out, json);
    buf_put_char(out, '|');
    return 0;
}

static int refuse(void *data UNUSED, struct str json UNUSED, struct err *err)
{
    return err_set(err, ERR_CANCELED, "enough");
}

static void lines_in_chunks(struct str text, size_t chunk, struct buf *out)
{
    struct kube_lines lines;
    struct err err;
    kube_lines_init(&lines, 64);
    for (size_t i = 0; i < text.n; i += chunk) {
        ASSERT_OK(kube_lines_feed(&lines, str_sub(text, i, i + chunk), collect, out, &err));
    }
    kube_lines_done(&lines);
}

static void lines_are_the_same_for_every_chunk_size(void **state UNUSED)
{
    struct str text = STR("{\"a\":1}\n\n{\"b\":\"x y\"}\r\n{\"c\":3}\n{\"partial\"");
    for (size_t chunk = 1; chunk <= text.n; chunk++) {
        AUTO(buf) struct buf out;
        buf_init(&out, 1024);
        lines_in_chunks(text, chunk, &out);
        ASSERT_STR(buf_str(&out), "{\"a\":1}|{\"b\":\"x y\"}|{\"c\":3}|");
    }
}

static void a_line_of_the_limit_passes_one_more_byte_does_not(void **state UNUSED)
{
    struct kube_lines lines;
    struct err err;
    AUTO(buf) struct buf out;
    buf_init(&out, 1024);
    kube_lines_init(&lines, 4);
    ASSERT_OK(kube_lines_feed(&lines, STR("1234\n12"), collect, &out, &err));
    ASSERT_OK(kube_lines_feed(&lines, STR("34\n"), collect, &out, &err));
    ASSERT_STR(buf_str(&out), "1234|1234|");
    ASSERT_OK(kube_lines_feed(&lines, STR("12"), collect, &out, &err));
    ASSERT_ERR(kube_lines_feed(&lines, STR("345"), collect, &out, &err), ERR_LIMIT, "4 bytes");
    kube_lines_done(&lines);
}

static void lines_reset_forgets_the_rest(void **state UNUSED)
{
    struct kube_lines lines;
    struct err err;
    AUTO(buf) struct buf out;
    buf_init(&out, 1024);
    kube_lines_init(&lines, 16);
    ASSERT_OK(kube_lines_feed(&lines, STR("half"), collect, &out, &err));
    kube_lines_reset(&lines);
    ASSERT_OK(kube_lines_feed(&lines, STR("whole\n"), collect, &out, &err));
    ASSERT_STR(buf_str(&out), "whole|");
    kube_lines_done(&lines);
}

static void a_failing_consumer_ends_the_feeding(void **state UNUSED)
{
    struct kube_lines lines;
    struct err err;
    kube_lines_init(&lines, 16);
    ASSERT_ERR(kube_lines_feed(&lines, STR("a\nb\n"), refuse, NULL, &err), ERR_CANCELED, "enough");
    ASSERT_OK(kube_lines_feed(&lines, STR("x"), refuse, NULL, &err));
    ASSERT_ERR(kube_lines_feed(&lines, STR("y\nb\n"), refuse, NULL, &err), ERR_CANCELED, "enough");
    kube_lines_done(&lines);
}

/* A whole list in chunks; out gets the items, then the envelope. */
static int items_in_chunks(struct str text, size_t chunk, struct buf *out, struct err *err)
{
    struct kube_items items;
    struct str envelope;
    kube_items_init(&items, 64);
    int rc = 0;
    for (size_t i = 0; i < text.n && rc == 0; i += chunk) {
        rc = kube_items_feed(&items, str_sub(text, i, i + chunk), collect, out, err);
    }
    rc = rc == 0 ? kube_items_finish(&items, &envelope, err) : rc;
    if (rc == 0) {
        buf_put(out, envelope);
    }
    kube_items_done(&items);
    return rc;
}

static const struct {
    const char *text;
    const char *want;
} LISTS[] = {
    {"{\"kind\":\"L\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[{\"a\":1},{\"b\":[{}]}]}"
     "\n",
     "{\"a\":1}|{\"b\":[{}]}|{\"kind\":\"L\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[]"
     "}"},
    /* custom resources come with sorted keys: items before metadata */
    {"{\"items\" : [ {\"a\":\"]}\\\"{\"} ],\"metadata\":{\"continue\":\"x\"}}",
     "{\"a\":\"]}\\\"{\"}|{\"items\" : [],\"metadata\":{\"continue\":\"x\"}}"},
    {"{\"items\":[]}", "{\"items\":[]}"},
    {"{\"items\":null,\"x\":1}", "{\"items\":null,\"x\":1}"},
    /* "items" that is no key of the list itself */
    {"{\"x\":\"items\",\"y\":[1],\"z\":{\"items\":[2]}}",
     "{\"x\":\"items\",\"y\":[1],\"z\":{\"items\":[2]}}"},
    {"{\"x\":\"\\\"items\",\"\\\"items\":[3]}", "{\"x\":\"\\\"items\",\"\\\"items\":[3]}"},
    {"{\"items\":{},\"b\":[4]}", "{\"items\":{},\"b\":[4]}"},
};

static void lists_are_the_same_for_every_chunk_size(void **state UNUSED)
{
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(LISTS); i++) {
        struct str text = str_from(LISTS[i].text);
        for (size_t chunk = 1; chunk <= text.n; chunk++) {
            AUTO(buf) struct buf out;
            buf_init(&out, 4096);
            ASSERT_OK(items_in_chunks(text, chunk, &out, &err));
            ASSERT_STR(buf_str(&out), LISTS[i].want);
        }
    }
}

static void every_cut_list_is_noticed(void **state UNUSED)
{
    struct err err;
    struct str text = str_from(LISTS[0].text);
    for (size_t n = 0; n + 2 < text.n; n++) {
        AUTO(buf) struct buf out;
        buf_init(&out, 4096);
        ASSERT_ERR(items_in_chunks(str_sub(text, 0, n), 7, &out, &err), ERR_UNAVAILABLE,
                   "in the middle");
    }
}

static void items_that_are_no_objects_or_too_large_fail(void **state UNUSED)
{
    struct err err;
    AUTO(buf) struct buf out;
    AUTO(buf) struct buf text;
    buf_init(&out, 4096);
    buf_init(&text, 4096);
    ASSERT_ERR(items_in_chunks(STR("{\"items\":[{},7]}"), 5, &out, &err), ERR_INVALID,
               "list item 1 is not an object");
    buf_put_c(&text, "{\"items\":[{\"a\":\"");
    buf_put_fill(&text, 'x', 56);
    buf_put_c(&text, "\"}]}");
    ASSERT_OK(items_in_chunks(buf_str(&text), 5, &out, &err));
    buf_truncate(&text, text.n - 4);
    buf_put_c(&text, "x\"}]}");
    ASSERT_ERR(items_in_chunks(buf_str(&text), 5, &out, &err), ERR_LIMIT, "a list item");
}

static void a_reset_list_starts_afresh(void **state UNUSED)
{
    struct kube_items items;
    struct err err;
    struct str envelope;
    AUTO(buf) struct buf out;
    buf_init(&out, 4096);
    kube_items_init(&items, 64);
    ASSERT_OK(kube_items_feed(&items, STR("{\"items\":[{\"a"), collect, &out, &err));
    kube_items_reset(&items);
    ASSERT_OK(kube_items_feed(&items, STR("{\"items\":[{}]}"), collect, &out, &err));
    ASSERT_OK(kube_items_finish(&items, &envelope, &err));
    ASSERT_STR(buf_str(&out), "{}|");
    ASSERT_STR(envelope, "{\"items\":[]}");
    kube_items_done(&items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_the_same_for_every_chunk_size),
        cmocka_unit_test(a_line_of_the_limit_passes_one_more_byte_does_not),
        cmocka_unit_test(lines_reset_forgets_the_rest),
        cmocka_unit_test(a_failing_consumer_ends_the_feeding),
        cmocka_unit_test(lists_are_the_same_for_every_chunk_size),
        cmocka_unit_test(every_cut_list_is_noticed),
        cmocka_unit_test(items_that_are_no_objects_or_too_large_fail),
        cmocka_unit_test(a_reset_list_starts_afresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
