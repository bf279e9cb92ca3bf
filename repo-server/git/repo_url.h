/* Repository URLs: which transport, which mirror directory, how to show them.
 *
 * Pure; any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/digest.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

enum repo_transport { REPO_HTTP, REPO_HTTPS, REPO_SSH, REPO_FILE };

struct repo_url {
    enum repo_transport transport;
    struct str host;  /* "" for files */
    uint16_t port;    /* the scheme's own when not given; 0 for files */
    struct str user;  /* of the URL; "" = none */
    struct str path;  /* escaped; of files unescaped and absolute */
    struct str text;  /* what libgit2 is given: without password, NUL-terminated */
    struct str shown; /* for messages and labels: without user and password, NUL-terminated */
    /* Two spellings of one repository have the same key: no user, ".git" or "/" at the end. */
    char key[DIGEST_SHA256_HEX_BYTES];
};

enum repo_url_files { REPO_URL_NO_FILES, REPO_URL_FILES };

/* Takes http, https, ssh, "user@host:path", and file URLs when they are allowed; strings live in the
 * arena.  Errors: ERR_INVALID, ERR_UNSUPPORTED (other schemes), ERR_DENIED (files that are not allowed);
 * messages never show credentials. */
MUST_CHECK int repo_url_parse(struct arena *arena,
                              struct str text,
                              enum repo_url_files files,
                              struct repo_url *ret,
                              struct err *err);
