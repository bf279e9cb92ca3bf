/* Keys and values of generated ConfigMaps and Secrets: from env files, literals and files, in this order. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/vec.h"
#include "common/value/value_decode.h"

struct arena;
struct klayer;
struct pairs_source;

struct kvpairs {
    VEC(struct value_str_pair) list;
};

/* ERR_INVALID: a source that cannot be read, a key twice. Values may be any bytes. */
MUST_CHECK int kvpairs_load(const struct klayer *layer,
                            const struct pairs_source *source,
                            struct kvpairs *ret,
                            struct err *err);
/* The lines of an env file, added to ret. ERR_INVALID: not UTF-8. */
MUST_CHECK int
kvpairs_parse_env(struct arena *arena, struct str text, struct kvpairs *ret, struct err *err);
