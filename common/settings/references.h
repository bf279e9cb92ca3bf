/* References to secrets in settings: "$key" is a key of argocd-secret, "$name:key" one of a Secret labelled as part of
 * argocd. A whole text is a reference or none; one that leads nowhere stays as it is written. Pure. */
#pragma once

#include <stdbool.h>

#include "common/base/str.h"
#include "common/base/vec.h"

struct arena;
struct value;

/* The values of secrets: name is "" for argocd-secret. False: there is none. */
struct references_source {
    bool (*find)(void *data, struct arena *arena, struct str name, struct str key, struct str *ret);
    void *data;
};

typedef VEC(struct str) references_missing;

/* The text, or what it refers to, without the white space around. missing: references that lead nowhere are added,
 * in the arena. */
struct str references_resolve(struct arena *arena,
                              const struct references_source *source,
                              struct str text,
                              references_missing *missing);
/* As above for every text in a tree; what secrets say is marked as sensitive. */
const struct value *references_resolve_tree(struct arena *arena,
                                            const struct references_source *source,
                                            const struct value *tree,
                                            references_missing *missing);
