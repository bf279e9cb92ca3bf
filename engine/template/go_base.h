/* Base64 and base32 with the errors of Go's encoding packages, which name the byte that is wrong. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;

/* Standard alphabet, padded; line ends are skipped. ERR_INVALID "illegal base64 data at input byte N". */
MUST_CHECK int
go_b64_decode(struct arena *arena, struct str text, struct str *ret, struct err *err);

struct str go_b32_encode(struct arena *arena, struct str bytes);
/* As above; N counts without line ends. ERR_INVALID "illegal base32 data at input byte N". */
MUST_CHECK int
go_b32_decode(struct arena *arena, struct str text, struct str *ret, struct err *err);
