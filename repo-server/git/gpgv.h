/* struct gpgv: signatures checked by GnuPG's gpgv program, one run for each.
 *
 * For the helper process: blocking. The program reads three files in a directory of ours and writes status lines to a
 * pipe; it knows no keys but those of the keyring, and has no configuration. */
#pragma once

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "repo-server/git/gpg_status.h"

struct gpgv {
    const char *program; /* path */
    const char *dir;     /* an empty directory of ours */
    int64_t timeout_ms;  /* of one run */
};

/* Write the keyring: OpenPGP packets. */
MUST_CHECK int gpgv_init(const struct gpgv *g, struct str keyring, struct err *err);
/* Errors: of running the program; whatever it says of the signature is a verdict. */
MUST_CHECK int gpgv_check(const struct gpgv *g,
                          struct str payload,
                          struct str signature,
                          struct gpg_verdict *ret,
                          struct err *err);
