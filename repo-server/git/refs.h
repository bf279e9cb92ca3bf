/* The references of a remote repository and what a targetRevision means among them.
 *
 * Immutable once built; pure; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

enum {
    REFS_OID_BYTES = 41, /* 40 hexadecimal digits and the terminator */
};

struct ref {
    struct str name;   /* "refs/heads/main", "HEAD" */
    struct str oid;    /* 40 lower-case digits: the commit, annotated tags are peeled */
    struct str target; /* of a symbolic reference: "refs/heads/main"; "" = none */
    struct str tag;    /* 40 digits: the annotated tag itself; "" = it names the commit */
};

struct refs {
    const struct ref *items; /* by name */
    size_t n;
};

/* One line of what a server advertises. "name^{}" carries the commit of the annotated tag before it. */
struct refs_advert {
    struct str name;
    struct str oid;
    struct str target;
};

/* Sort, and fold peeled tags into their tag. Strings are shared. */
struct refs refs_build(struct arena *arena, const struct refs_advert *adverts, size_t n);

const struct ref *refs_find(const struct refs *refs, struct str name);

enum refs_kind {
    REFS_COMMIT, /* oid is the commit, ref where it was found (NULL for a full SHA) */
    REFS_PREFIX, /* a short SHA: to be looked up in the mirror */
};

struct refs_resolved {
    enum refs_kind kind;
    struct str oid; /* full or short */
    const struct ref *ref;
};

struct refs_wanted {
    struct str revision; /* "" = HEAD */
    struct str
        tag_prefix; /* of the tags versions are looked for among; what follows it is the version */
};

/* As Argo CD resolves: "" and HEAD; a full SHA as it is; for a constraint on versions ("1.2.*", ">=2")
 * the newest tag that satisfies it; then a reference by its full name or by its short one, branches before
 * tags; then seven and more hexadecimal digits as a short SHA. With a prefix, a version means the tag that
 * has the prefix before it.
 * ERR_NOT_FOUND "unable to resolve 'x' to a commit SHA". */
MUST_CHECK int refs_resolve(const struct refs *refs,
                            const struct refs_wanted *wanted,
                            struct refs_resolved *ret,
                            struct err *err);

/* 40 hexadecimal digits. */
bool refs_is_sha(struct str revision);
