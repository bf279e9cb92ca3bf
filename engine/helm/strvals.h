/* The grammar of --set and its relatives. */
#pragma once

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "engine/template/tval.h"

struct values_reader;

enum strvals_kind {
    STRVALS_TYPED,   /* --set: true, null and 5 have types */
    STRVALS_STRING,  /* --set-string */
    STRVALS_JSON,    /* --set-json: k=JSON, several */
    STRVALS_FILE,    /* --set-file: the value is the name of a file */
    STRVALS_LITERAL, /* --set-literal: the value is all that follows */
};

struct strvals_options {
    enum strvals_kind kind;
    const struct values_reader *reader; /* for STRVALS_FILE */
};

/* Set what the expression says in dst, over what is there.
 *
 * Errors: ERR_INVALID with Helm's wording, ERR_LIMIT (LIMIT_SET_ITEMS, LIMIT_DOC_DEPTH). dst may have been
 * changed by then. O(text + items created). */
MUST_CHECK int strvals_parse(struct arena *arena,
                             struct str text,
                             const struct strvals_options *options,
                             struct tmap *dst,
                             struct err *err);
