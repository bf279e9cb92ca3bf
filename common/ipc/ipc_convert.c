/* Errors and messages between our types and protobuf-c's. Pure.
 *
 * Unpacked messages live in an arena.  A few bytes on the wire can make a struct of a hundred,
 * so what unpacking may allocate is bounded by the size of the message. */
#include "common/ipc/ipc_convert.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "common/base/arena.h"

enum {
    UNPACK_FACTOR = 16, /* memory a message of many small fields may take, times its size */
    UNPACK_BASE_BYTES = 1 << 20,
};

struct bounded_arena {
    struct arena *arena;
    size_t left;
};

static void *bounded_alloc(void *data, size_t size)
{
    struct bounded_arena *bounded = data;
    if (size > bounded->left) {
        return NULL; /* protobuf-c gives up then */
    }
    bounded->left -= size;
    return arena_alloc(bounded->arena, size > 0 ? size : 1);
}

static void bounded_free(void *data UNUSED, void *p UNUSED)
{
    /* the arena frees as a whole */
}

int ipc_unpack(struct arena *arena,
               const ProtobufCMessageDescriptor *descriptor,
               struct str bytes,
               ProtobufCMessage **ret,
               struct err *err)
{
    struct bounded_arena bounded = {arena, UNPACK_BASE_BYTES};
    if (bytes.n > SIZE_MAX / UNPACK_FACTOR - UNPACK_BASE_BYTES) {
        return err_set(err, ERR_LIMIT, "%s is too large", descriptor->short_name);
    }
    bounded.left += bytes.n * UNPACK_FACTOR;
    ProtobufCAllocator allocator = {bounded_alloc, bounded_free, &bounded};
    ProtobufCMessage *message = protobuf_c_message_unpack(
        descriptor, &allocator, bytes.n, (const uint8_t *)(bytes.n > 0 ? bytes.p : ""));
    if (message == NULL) {
        return err_set(err, ERR_INVALID, "the bytes are not a message of type %s",
                       descriptor->short_name);
    }
    *ret = message;
    return 0;
}

struct str ipc_pack(struct arena *arena, const ProtobufCMessage *message)
{
    size_t n = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = arena_alloc(arena, n > 0 ? n : 1);
    size_t packed = protobuf_c_message_pack(message, bytes);
    assert(packed == n);
    return str_of((const char *)bytes, packed);
}

ProtobufCBinaryData ipc_bytes_of(struct str bytes)
{
    /* the type is not const, though packing does not write */
    return (ProtobufCBinaryData){bytes.n, (uint8_t *)(uintptr_t)bytes.p};
}

char *ipc_string(struct arena *arena, struct str s)
{
    char *copy = arena_bytes(arena, s.n + 1);
    if (s.n > 0) {
        memcpy(copy, s.p, s.n);
    }
    copy[s.n] = '\0';
    return copy;
}

Belay__Status *ipc_status_from_err(struct arena *arena, const struct err *err)
{
    Belay__Status *status = ARENA_NEW(arena, Belay__Status);
    belay__status__init(status);
    status->code = (int32_t)err->code;
    status->message = arena_strdup(arena, err->message);
    status->n_frames = err->n_frames;
    status->frames = arena_calloc(arena, ERR_FRAMES, sizeof(char *));
    for (size_t i = 0; i < err->n_frames; i++) {
        status->frames[i] = arena_strdup(arena, err->frames[i]);
    }
    status->file = arena_strdup(arena, err->pos.file);
    status->line = err->pos.line;
    status->column = err->pos.column;
    status->system_code = err->system_code;
    return status;
}

void ipc_status_to_err(const Belay__Status *status, struct err *ret)
{
    assert(status->code != ERR_OK);
    bool known = status->code > 0 && status->code < ERR_CODE_COUNT;
    (void)err_set(ret, known ? (enum err_code)status->code : ERR_INTERNAL, "%s", status->message);
    ret->origin = NULL; /* it arose in another process */
    for (size_t i = 0; i < status->n_frames; i++) {
        (void)err_wrap(ret, "%s", status->frames[i]);
    }
    if (status->file[0] != '\0' || status->line != 0) {
        (void)err_at(ret, str_from(status->file), status->line, status->column);
    }
    ret->system_code = status->system_code;
}
