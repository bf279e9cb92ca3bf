/* What a peer may send: the envelopes, and the bytes as each of the larger messages. What unpacks is
 * packed again; that may fail to unpack, as protobuf-c takes overlong tags of unknown fields and
 * shortens them. */
#include "common/base/arena.h"
#include "common/ipc/ipc_convert.h"
#include "proto/controller.pb-c.h"
#include "proto/events.pb-c.h"
#include "proto/repo.pb-c.h"
#include "tests/fuzz/fuzz.h"

static const ProtobufCMessageDescriptor *const TYPES[] = {
    &belay__call__descriptor,
    &belay__reply__descriptor,
    &belay__event__descriptor,
    &belay__status__descriptor,
    &belay__app_event__descriptor,
    &belay__generate_manifests_request__descriptor,
    &belay__get_resource_request__descriptor,
};

static void check(struct arena *arena, const ProtobufCMessageDescriptor *type, struct str bytes)
{
    struct err err;
    ProtobufCMessage *message;
    ProtobufCMessage *again;
    if (ipc_unpack(arena, type, bytes, &message, &err) == 0) {
        /* protobuf-c takes encodings it would not write itself, so this may fail */
        int rc = ipc_unpack(arena, type, ipc_pack(arena, message), &again, &err);
        (void)rc;
    }
}

/* A status that arrives becomes an error, which is formatted and sent on. */
static void check_status(struct arena *arena, struct str bytes)
{
    struct err err;
    ProtobufCMessage *message;
    char text[4096];
    if (ipc_unpack(arena, &belay__status__descriptor, bytes, &message, &err) < 0 ||
        ((const Belay__Status *)(void *)message)->code == 0) {
        return;
    }
    ipc_status_to_err((const Belay__Status *)(void *)message, &err);
    FUZZ_CHECK(err.code > ERR_OK && err.code < ERR_CODE_COUNT && err.n_frames <= ERR_FRAMES);
    err_format(&err, text, sizeof(text));
    (void)ipc_pack(arena, &ipc_status_from_err(arena, &err)->base);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = str_of((const char *)data, size);
    for (size_t i = 0; i < ARRAY_LEN(TYPES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        check(arena, TYPES[i], bytes);
    }
    AUTO(arena) struct arena *arena = arena_new();
    check_status(arena, bytes);
    return 0;
}
