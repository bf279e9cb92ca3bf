/* Unpacking gzip into memory. */
#pragma once

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

/* Begins with gzip's magic bytes. */
bool gunzip_is(struct str in);

/* Append what `in` unpacks to; several members one after the other are one text, as in Go and gzip(1).
 * What follows the last member is not looked at.
 *
 * out  its max_bytes is the limit: nothing beyond it is unpacked, however small the input.
 *
 * Errors: ERR_INVALID (not gzip, broken, cut off), ERR_LIMIT. Any thread; O(output). */
MUST_CHECK int gunzip_bytes(struct str in, struct buf *out, struct err *err);
