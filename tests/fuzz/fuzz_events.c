/* What a server sends as an event stream, cut anywhere: the same messages as in one go. The first byte is the size of
 * the cuts. */
#include "cli/event_reader.h"
#include "common/value/value_json.h"
#include "tests/fuzz/fuzz.h"

enum { OUT_BYTES = 1024 * 1024, LINE_BYTES = 1024 };

static int on_message(void *data, const struct value *result, struct err *err)
{
    struct buf *out = data;
    TRY(value_to_json(out, result, NULL, err));
    buf_put_char(out, '\n');
    return value_is(result, VALUE_BOOL) ? 1 : 0;
}

static int feed(struct str bytes, size_t cut, struct buf *out)
{
    struct event_reader reader;
    struct err err;
    int rc = 0;
    event_reader_init(&reader, LINE_BYTES, on_message, out);
    for (size_t i = 0; i < bytes.n && rc == 0; i += cut) {
        rc = event_reader_feed(&reader, str_sub(bytes, i, i + cut), &err);
    }
    event_reader_done(&reader);
    FUZZ_CHECK(rc >= 0 || rc == -(int)err.code);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    AUTO(buf) struct buf whole;
    AUTO(buf) struct buf pieces;
    buf_init(&whole, OUT_BYTES);
    buf_init(&pieces, OUT_BYTES);
    struct str bytes = str_of((const char *)data + 1, size - 1);
    int rc = feed(bytes, bytes.n, &whole);
    FUZZ_CHECK(feed(bytes, (size_t)data[0] + 1, &pieces) == rc);
    FUZZ_CHECK(str_eq(buf_str(&whole), buf_str(&pieces)));
    return 0;
}
