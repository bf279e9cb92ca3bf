/* Reading Kubernetes secrets by tables: base64 `data`, or `stringData` of one not stored yet.
 *
 * Values are decoded into the arena and erased when it is freed. Pure, any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct value;

enum secret_field_type {
    SECRET_STR,  /* struct str */
    SECRET_BOOL, /* bool, as Go's strconv.ParseBool */
    SECRET_INT,  /* int64_t */
};

struct secret_field {
    const char *key;
    enum secret_field_type type;
    size_t offset;
};

/* The bytes under a key; empty when it is missing. ERR_INVALID when they are not base64. */
MUST_CHECK int secret_text(struct arena *arena,
                           const struct value *secret,
                           const char *key,
                           struct str *ret,
                           struct err *err);

/* Every field whose key is there and not empty; others keep what they were. ERR_INVALID names the
 * secret and the key, never the value. */
MUST_CHECK int secret_decode(struct arena *arena,
                             const struct value *secret,
                             const struct secret_field *fields,
                             size_t n_fields,
                             void *ret,
                             struct err *err);
