/* Messages of an event stream. */
#include "cli/event_reader.h"
#include "common/base/arena.h"
#include "common/value/value.h"
#include "common/value/value_json.h"
#include "tests/lib/check.h"

enum { LINE_BYTES = 40 };

/* The results, one behind the other; `true` ends the stream. */
static int on_event(void *data, const struct value *result, struct err *err)
{
    struct buf *out = data;
    TRY(value_to_json(out, result, NULL, err));
    buf_put_char(out, ' ');
    return value_bool(result, false) ? 1 : 0;
}

static int feed(struct str bytes, size_t cut, struct buf *out, struct err *err)
{
    struct event_reader reader;
    int rc = 0;
    event_reader_init(&reader, LINE_BYTES, on_event, out);
    for (size_t i = 0; i < bytes.n && rc == 0; i += cut) {
        rc = event_reader_feed(&reader, str_sub(bytes, i, i + cut), err);
    }
    event_reader_done(&reader);
    return rc;
}

static void messages_come_whole_however_they_were_cut(void **state)
{
    static const struct {
        const char *in;
        const char *want;
        int rc;
        const char *says;
    } CASES[] = {
        {"data: {\"result\":1}\n\ndata:{\"result\":[2]}\r\n\r\n", "1 [2] ", 0, NULL},
        {": keep\n\nevent: x\nid: 1\ndata: {}\n", "null ", 0, NULL},
        {"data: {\"result\":1}\n\ndata: {\"result\":", "1 ", 0, NULL},
        {"data: {\"result\":true}\ndata: {\"result\":2}\n", "true ", 1, NULL},
        {"data: {\"error\":{\"http_code\":404,\n", "", -ERR_INVALID, "message of the stream"},
        {"data: {\"error\":{\"http_code\":404}}\n", "", -ERR_NOT_FOUND, ""},
        {"data: {\"error\":{\"message\":\"no\"}}\n", "", -ERR_UNAVAILABLE, "no"},
        {"data: {\"result\":\"0123456789012345678901234\"}\n", "", -ERR_LIMIT,
         "message of the stream"},
        {": 0123456789012345678901234567890123456789", "", -ERR_LIMIT, "message of the stream"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        for (size_t cut = 1; cut < 50; cut++) {
            AUTO(buf) struct buf out;
            struct err err;
            buf_init(&out, 1000);
            int rc = feed(str_from(CASES[i].in), cut, &out, &err);
            assert_int_equal(rc, CASES[i].rc);
            ASSERT_STR(buf_str(&out), CASES[i].want);
            if (CASES[i].says != NULL) {
                check_contains(&err, CASES[i].says);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_come_whole_however_they_were_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
