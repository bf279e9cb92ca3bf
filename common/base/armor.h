/* ASCII-armoured OpenPGP public keys, as config maps hold them, to the packets gpgv reads.
 *
 * Only the frame is looked at: text, base64, checksum, and that the packets are those of public keys and end where
 * they say. What is in the packets is gpgv's business; a broken key must not make it refuse the others. Pure. */
#pragma once

#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

/* Of OpenPGP packets in public keys (RFC 9580, 5). */
enum {
    PGP_TAG_SIGNATURE = 2,
    PGP_TAG_PUBLIC_KEY = 6,
    PGP_TAG_TRUST = 12,
    PGP_TAG_USER_ID = 13,
    PGP_TAG_PUBLIC_SUBKEY = 14,
    PGP_TAG_USER_ATTRIBUTE = 17,
};

struct pgp_packet {
    unsigned tag;
    struct str body;
};

/* The first packet of *rest, which then begins behind it. False: it is broken, or there is none. */
bool pgp_packet_next(struct str *rest, struct pgp_packet *ret);

/* All blocks of the text, one after the other. ERR_INVALID when there is none or one is broken. */
MUST_CHECK int armor_decode(struct arena *arena, struct str text, struct str *ret, struct err *err);
/* One block of these packets. */
struct str armor_encode(struct arena *arena, struct str packets);
