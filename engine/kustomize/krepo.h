/* Remote repositories as entries of a kustomization name them: URL, directory in the repository, and query. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/str.h"

struct krepo {
    struct str url; /* to fetch from */
    struct str dir; /* in it; "" = the root */
    struct str ref; /* "" = HEAD */
    int64_t timeout_ms;
    bool submodules;
};

/* False when the entry does not have the form of a repository's URL. */
bool krepo_parse(struct arena *arena, struct str entry, struct krepo *ret);
