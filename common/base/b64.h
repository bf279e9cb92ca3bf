/* Base64 (RFC 4648), standard and URL alphabets. Any thread. */
#pragma once

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

enum b64_form {
    B64_STD,       /* + / with padding */
    B64_STD_RAW,   /* without padding */
    B64_URL,       /* - _ with padding */
    B64_URL_RAW,   /* without padding: JSON Web Tokens */
    B64_STD_LINES, /* decoding: B64_STD that skips CR and LF, as Go's decoder does */
    B64_FORM_COUNT
};

/* Append to b. */
void b64_encode(struct buf *b, struct str bytes, enum b64_form form);
/* Append the bytes to b. ERR_INVALID, with what was decoded so far in b; ERR_LIMIT of the buffer.
 * Padding is required where the form has it, and refused where it has none. */
MUST_CHECK int b64_decode(struct buf *b, struct str text, enum b64_form form, struct err *err);
