/* ASCII-armoured OpenPGP public keys, as config maps hold them, to the packets gpgv reads.
 *
 * Only the frame is looked at: text, base64, checksum, and that the packets are those of public keys and end where
 * they say. What is in the packets is gpgv's business; a broken key must not make it refuse the others. Pure. */
#pragma once

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

/* All blocks of the text, one after the other. ERR_INVALID when there is none or one is broken. */
MUST_CHECK int armor_decode(struct arena *arena, struct str text, struct str *ret, struct err *err);
