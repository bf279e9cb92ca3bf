/* Watch lines and list items: any bytes, cut anywhere, give the same pieces as in one go; pieces are read
 * as events. The first byte is the size of the cuts. */
#include "common/base/arena.h"
#include "common/kube/kube_object.h"
#include "common/kube/kube_status.h"
#include "common/kube/kube_stream.h"
#include "common/value/value.h"
#include "common/value/value_json.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_PIECE_BYTES = 4096, MAX_OUT_BYTES = 1024 * 1024 };

static int on_piece(void *data, struct str json, struct err *err)
{
    struct buf *out = data;
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *event;
    buf_put(out, json);
    buf_put_char(out, '\n');
    TRY(value_from_json(arena, json, NULL, &event, err));
    const struct value *obj = value_dig(event, "object");
    (void)kube_key_to_str(arena, kube_key_of(obj));
    (void)kube_object_metadata_only(arena, obj, STR("v1"), STR("Pod"));
    if (kube_status_is(obj)) {
        struct err ignored;
        (void)kube_status_to_err(410, obj, STR_EMPTY, STR("watch"), &ignored);
    }
    return 0;
}

/* 0, or the code of the first failure. */
static int feed_lines(struct str bytes, size_t cut, struct buf *out)
{
    struct kube_lines lines;
    struct err err;
    int rc = 0;
    kube_lines_init(&lines, MAX_PIECE_BYTES);
    for (size_t i = 0; i < bytes.n && rc == 0; i += cut) {
        rc = kube_lines_feed(&lines, str_sub(bytes, i, i + cut), on_piece, out, &err);
    }
    kube_lines_done(&lines);
    return rc;
}

static int feed_items(struct str bytes, size_t cut, struct buf *out)
{
    struct kube_items items;
    struct str envelope;
    struct err err;
    int rc = 0;
    kube_items_init(&items, MAX_PIECE_BYTES);
    for (size_t i = 0; i < bytes.n && rc == 0; i += cut) {
        rc = kube_items_feed(&items, str_sub(bytes, i, i + cut), on_piece, out, &err);
    }
    if (rc == 0) {
        rc = kube_items_finish(&items, &envelope, &err);
    }
    if (rc == 0) {
        buf_put(out, envelope);
    }
    kube_items_done(&items);
    return rc;
}

static void compare(int (*feed)(struct str, size_t, struct buf *), struct str bytes, size_t cut)
{
    AUTO(buf) struct buf whole;
    AUTO(buf) struct buf pieces;
    buf_init(&whole, MAX_OUT_BYTES);
    buf_init(&pieces, MAX_OUT_BYTES);
    int rc_whole = feed(bytes, bytes.n + 1, &whole);
    int rc_pieces = feed(bytes, cut, &pieces);
    FUZZ_CHECK((rc_whole == 0) == (rc_pieces == 0));
    FUZZ_CHECK(str_eq(buf_str(&whole), buf_str(&pieces)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    struct str bytes = str_of((const char *)data + 1, size - 1);
    size_t cut = (size_t)data[0] + 1;
    compare(feed_lines, bytes, cut);
    compare(feed_items, bytes, cut);
    return 0;
}
