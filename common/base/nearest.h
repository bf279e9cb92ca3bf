/* The known name most like a wrong one: for "did you mean". Any thread. */
#pragma once

#include "common/base/str.h"

struct nearest {
    struct str name;  /* what was written */
    const char *best; /* NULL = nothing offered is near enough */
    unsigned limit;   /* a better one has at most so many edits */
};

/* Names that differ by more than about a third are not worth proposing. */
struct nearest nearest_to(struct str name);
/* A known name ("" is passed over), borrowed; of equally near ones the first stays. */
void nearest_offer(struct nearest *nearest, const char *candidate);

/* Edits (insert, delete, replace, swap neighbours) between two names. */
unsigned nearest_distance(struct str a, struct str b);
