/* What gpgv says of one signature, from its status lines (--status-fd; doc/DETAILS of GnuPG).
 *
 * Strict: a signature is good only when it is the only one, and both GOODSIG and VALIDSIG name its key. Pure. */
#pragma once

#include <stdbool.h>

#include "common/base/str.h"

enum gpg_result {
    GPG_RESULT_GOOD,
    GPG_RESULT_BAD, /* does not fit the data */
    GPG_RESULT_EXPIRED_SIGNATURE,
    GPG_RESULT_EXPIRED_KEY,
    GPG_RESULT_REVOKED_KEY,
    GPG_RESULT_MISSING_KEY,
    GPG_RESULT_UNCHECKABLE, /* no OpenPGP, several signatures, an algorithm that is unknown or not trusted */
    GPG_RESULT_UNSIGNED,
    GPG_RESULT_COUNT
};

enum { GPG_KEY_ID_DIGITS = 16 };

struct gpg_verdict {
    enum gpg_result result;
    char key[GPG_KEY_ID_DIGITS + 1]; /* that has signed; "" = unknown */
    char primary[GPG_KEY_ID_DIGITS +
                 1]; /* which it is a subkey of, or the same; only when the key is known */
};

/* "signed with expired key": as it is told of a commit. */
const char *gpg_result_text(enum gpg_result result);

struct gpg_verdict gpg_status_parse(struct str lines);

/* The 16 digits, in capitals, of a key id or of a fingerprint. False: it is neither. */
bool gpg_key_id(struct str text, char ret[GPG_KEY_ID_DIGITS + 1]);
