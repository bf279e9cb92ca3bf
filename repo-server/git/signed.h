/* Commits and annotated tags as Git stores them, taken apart into what was signed and the signature.
 *
 * The payload is byte for byte what the signer's Git signed: a commit without its gpgsig headers, a tag up to its
 * signature. Objects come from strangers. Pure; results are borrowed from the raw object or live in the arena. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "repo-server/git/objects.h"

struct signed_parts {
    struct str payload;
    struct str signature; /* armoured; "" = not signed */
    bool odd;             /* signed more than once, in one object: nobody's good signature */
    struct str
        who; /* the author, "Name <mail>"; the tagger, 'Name "<mail>"'; "" = a tag without one */
};

struct signed_commit {
    struct signed_parts parts;
    const struct object_id *parents;
    size_t n_parents;
    int64_t date_s; /* of the committer */
    bool seal;      /* its message has a line "Argocd-gpg-seal: ..." */
};

struct signed_tag {
    struct signed_parts parts;
    struct object_id target;
    enum object_type type; /* of the target */
};

/* ERR_INVALID: malformed. */
MUST_CHECK int signed_commit_parse(struct arena *arena,
                                   struct str raw,
                                   struct signed_commit *ret,
                                   struct err *err);
/* ERR_INVALID: malformed, or of something that is no commit. */
MUST_CHECK int
signed_tag_parse(struct arena *arena, struct str raw, struct signed_tag *ret, struct err *err);

/* An OpenPGP signature, not one of another kind (SSH, X.509). */
bool signed_is_openpgp(struct str signature);
