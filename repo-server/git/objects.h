/* struct objects: reading commits, trees and blobs of a mirror.
 *
 * Blocking, for pool threads; one thread at a time, any number of them open side by side, also while a
 * fetch writes. Objects come from strangers: sizes are asked before reading, tree entries are checked. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct objects;

enum { OBJECT_ID_BYTES = 20 };

struct object_id {
    uint8_t bytes[OBJECT_ID_BYTES];
};

bool object_id_equal(const struct object_id *a, const struct object_id *b);
/* 40 digits and a terminator. */
void object_id_hex(const struct object_id *id, char dst[2 * OBJECT_ID_BYTES + 1]);
/* 40 hexadecimal digits; false: it is something else. */
bool object_id_parse(struct str hex, struct object_id *ret);

enum object_mode { /* of a tree entry */
                   OBJECT_FILE,
                   OBJECT_DIR,
                   OBJECT_LINK,
                   OBJECT_COMMIT, /* a submodule */
};

struct object_entry {
    struct str name; /* NUL-terminated; never empty, ".", ".." or with "/" */
    enum object_mode mode;
    struct object_id id;
};

struct object_tree {
    const struct object_entry *items; /* bytewise by name */
    size_t n;
};

struct object_commit {
    struct object_id id;
    struct object_id tree;
    struct str author; /* "Name <mail>" */
    int64_t date_ms;   /* of the author */
    struct str message;
};

/* ERR_NOT_FOUND when there is no mirror, ERR_INTERNAL when it is damaged. */
MUST_CHECK int objects_open(const char *mirror, struct objects **ret, struct err *err);
void objects_close(struct objects *o);
DEFINE_CLEANUP(objects, struct objects, objects_close);

/* A full SHA or at least four digits of one; tags are peeled. ERR_NOT_FOUND "unable to resolve ...",
 * ERR_INVALID when several commits begin so. */
MUST_CHECK int objects_commit(struct objects *o,
                              struct arena *arena,
                              struct str sha,
                              struct object_commit *ret,
                              struct err *err);
enum object_type {
    OBJECT_TYPE_COMMIT,
    OBJECT_TYPE_TAG, /* annotated */
};

/* As Git stores it: what signatures are made of; NUL-terminated. ERR_LIMIT above max_bytes, ERR_INVALID when it is of another
 * type, ERR_INTERNAL when it is not there or damaged. */
MUST_CHECK int objects_raw(struct objects *o,
                           struct arena *arena,
                           const struct object_id *id,
                           enum object_type type,
                           size_t max_bytes,
                           struct str *ret,
                           struct err *err);
/* ERR_LIMIT above LIMIT_TREE_FILES entries. */
MUST_CHECK int objects_tree(struct objects *o,
                            struct arena *arena,
                            const struct object_id *id,
                            struct object_tree *ret,
                            struct err *err);
/* NUL-terminated. ERR_LIMIT, told from the object's header, above max_bytes. */
MUST_CHECK int objects_blob(struct objects *o,
                            struct arena *arena,
                            const struct object_id *id,
                            size_t max_bytes,
                            struct str *ret,
                            struct err *err);
