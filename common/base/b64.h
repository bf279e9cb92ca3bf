/* Base64 (RFC 4648): text <-> bytes. Any thread. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct buf;

enum b64_alphabet {
    B64_STANDARD, /* "+/", padded */
    B64_URL,      /* "-_", without padding: JWT */
};

/* Append the encoding of bytes. */
void b64_encode(struct buf *dst, struct str bytes, enum b64_alphabet alphabet);
struct str b64_encode_in(struct arena *arena, struct str bytes, enum b64_alphabet alphabet);

/* The bytes, NUL-terminated. Line ends are skipped, as Go does; anything else outside the alphabet
 * and wrong padding are ERR_INVALID. The text never appears in the message. */
MUST_CHECK int b64_decode(struct arena *arena,
                          struct str text,
                          enum b64_alphabet alphabet,
                          struct str *ret,
                          struct err *err);
