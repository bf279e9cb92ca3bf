/* Packing of live objects with zlib at its fastest level: about 100 MB/s in, 300 MB/s out. */
#include "app-controller/live/live_pack.h"

#include <assert.h>
#include <string.h>

#include <zlib.h>

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/value/value_json.h"

void live_pack(struct live_ext *ext, const struct value *obj)
{
    struct buf json;
    buf_init(&json, LIMIT_DOC_BYTES);
    struct err err;
    if (value_to_json(&json, obj, NULL, &err) < 0) { /* larger than anything etcd holds */
        buf_reset(&json);
        buf_put_c(&json, "{}");
    }
    uLongf packed_n = compressBound(json.n);
    uint8_t *scratch = mem_alloc(packed_n);
    int rc = compress2(scratch, &packed_n, (const Bytef *)json.p, json.n, Z_BEST_SPEED);
    assert(rc == Z_OK); /* the buffer is large enough and the level valid */
    mem_free(ext->packed);
    ext->packed = mem_realloc(scratch, packed_n);
    ext->packed_n = (uint32_t)packed_n;
    ext->raw_n = (uint32_t)json.n;
    buf_done(&json);
}

struct live_packed live_obj_packed(const struct live_obj *obj, struct arena *arena)
{
    assert(live_obj_is_full(obj));
    uint8_t *copy = arena_alloc(arena, obj->ext->packed_n);
    memcpy(copy, obj->ext->packed, obj->ext->packed_n);
    return (struct live_packed){copy, obj->ext->packed_n, obj->ext->raw_n};
}

int live_packed_get(struct live_packed packed,
                    struct arena *arena,
                    const struct value **ret,
                    struct err *err)
{
    char *raw = arena_bytes(arena, packed.raw_n + 1);
    uLongf raw_n = packed.raw_n;
    if (uncompress((Bytef *)raw, &raw_n, packed.p, packed.n) != Z_OK) {
        return err_set(err, ERR_INTERNAL, "a cached object cannot be unpacked");
    }
    return value_from_json(arena, str_of(raw, raw_n), NULL, ret, err);
}

int live_obj_get(const struct live_obj *obj,
                 struct arena *arena,
                 const struct value **ret,
                 struct err *err)
{
    assert(live_obj_is_full(obj));
    struct live_packed packed = {obj->ext->packed, obj->ext->packed_n, obj->ext->raw_n};
    return live_packed_get(packed, arena, ret, err);
}
