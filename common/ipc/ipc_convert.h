/* Between our types and protobuf-c messages. Pure; any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "proto/common.pb-c.h"

struct arena;

/* In the arena; strings are copied. */
Belay__Status *ipc_status_from_err(struct arena *arena, const struct err *err);
/* Unknown codes of a newer peer become ERR_INTERNAL. A status with code 0 is not an error:
 * assert. */
void ipc_status_to_err(const Belay__Status *status, struct err *ret);

/* Unpack with everything in the arena: nothing to free. ERR_INVALID "<what> ...". */
MUST_CHECK int ipc_unpack(struct arena *arena,
                          const ProtobufCMessageDescriptor *descriptor,
                          struct str bytes,
                          ProtobufCMessage **ret,
                          struct err *err);
/* Packed into the arena. */
struct str ipc_pack(struct arena *arena, const ProtobufCMessage *message);

/* Borrowing views. */
static inline struct str ipc_bytes(ProtobufCBinaryData data)
{
    return str_of((const char *)data.data, data.len);
}
ProtobufCBinaryData ipc_bytes_of(struct str bytes);
/* A copy for a string field, which are `char *`. */
char *ipc_string(struct arena *arena, struct str s);
