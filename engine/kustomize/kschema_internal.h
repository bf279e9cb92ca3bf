/* The built-in schema as a graph: kinds, the types they have, and the fields from which a merged list is reached. */
#pragma once

#include <stddef.h>

#include "engine/kustomize/kschema.h"

struct ktype;

/* A field of a type, or the root of one. */
struct kplace {
    const char *name;
    const struct ktype *type; /* of the value, or of a list's items; NULL = nothing below matters */
    enum kmerge merge;        /* of a list */
    const char *keys[KMERGE_KEYS_MAX]; /* NULL after the last */
};

struct ktype {
    struct kplace root; /* the type by itself: a kind, an item of a list */
    const struct kplace *fields;
    size_t n;
};

struct kkind {
    const char *kind;
    const char *group;
    const char *versions; /* between blanks */
    enum kscope scope;
    const struct ktype *type; /* NULL = none of its lists are merged */
};

/* Rows are sorted by kind. */
const struct kkind *kschema_kinds(size_t *ret_n);
