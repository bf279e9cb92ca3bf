/* What an OpenPGP public key says of itself: id, fingerprint, algorithm, owner.
 *
 * For lists and for naming keys. Signatures, expiry and revocation are not looked at: what a key is good for is gpgv's
 * business. Keys come from people; pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

enum {
    PGP_KEY_ID_DIGITS = 16,
    PGP_FINGERPRINT_DIGITS = 40,
    PGP_KEY_TYPE_BYTES = 24,
};

struct pgp_key {
    char id[PGP_KEY_ID_DIGITS + 1]; /* in capitals, as the next one */
    char fingerprint[PGP_FINGERPRINT_DIGITS + 1];
    char type[PGP_KEY_TYPE_BYTES]; /* "rsa4096", "ed25519": as GnuPG lists it */
    struct str owner;              /* the user id GnuPG lists first */
    struct str packets;
};

struct pgp_keys {
    const struct pgp_key *items;
    size_t n;
};

/* Of armor_decode()'s packets, which are borrowed. ERR_INVALID: a key is broken, of another version than 4, or nobody's. */
MUST_CHECK int
pgp_keys_read(struct arena *arena, struct str packets, struct pgp_keys *ret, struct err *err);

/* The 16 digits, in capitals, of a key id or of a fingerprint. False: it is neither. */
bool pgp_key_id(struct str text, char ret[PGP_KEY_ID_DIGITS + 1]);
