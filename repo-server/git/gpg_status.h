/* What gpgv says of one signature, from its status lines (--status-fd; doc/DETAILS of GnuPG).
 *
 * Strict: a signature is good only when it is the only one, and both GOODSIG and VALIDSIG name its key. Pure. */
#pragma once

#include <stdbool.h>

#include "common/base/pgp_key.h"
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

struct gpg_verdict {
    enum gpg_result result;
    char key[PGP_KEY_ID_DIGITS + 1]; /* that has signed; "" = unknown */
    char primary[PGP_KEY_ID_DIGITS +
                 1]; /* which it is a subkey of, or the same; only when the key is known */
};

/* "signed with expired key": as it is told of a commit. */
const char *gpg_result_text(enum gpg_result result);

struct gpg_verdict gpg_status_parse(struct str lines);
