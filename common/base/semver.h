/* Semantic versions and constraints on them, as github.com/Masterminds/semver v3.5 reads and compares them:
 * what Helm uses for charts, their dependencies and semverCompare.
 *
 * Lenient versions: an optional "v", one to three numbers, leading zeros allowed. A constraint is groups
 * joined by "||", of comparators joined by commas or blanks. Pure; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct buf;

struct semver {
    uint64_t major;
    uint64_t minor;
    uint64_t patch;
    struct str pre;      /* without "-" */
    struct str meta;     /* without "+" */
    struct str original; /* the text parsed */
};

/* The result borrows the text. ERR_INVALID "invalid semantic version" and the library's other messages. */
MUST_CHECK int semver_parse(struct str text, struct semver *ret, struct err *err);
/* Metadata does not count; a prerelease comes before its release. */
int semver_cmp(const struct semver *a, const struct semver *b);
/* "1.2.3-pre+meta", without "v". */
void semver_format(const struct semver *v, struct buf *out);
/* Lowest first. */
void semver_sort(struct semver *items, size_t n);

struct semver_constraint;

/* Lives in the arena. ERR_INVALID `improper constraint: "x"`. */
MUST_CHECK int semver_constraint_parse(struct arena *arena,
                                       struct str text,
                                       const struct semver_constraint **ret,
                                       struct err *err);
/* A prerelease satisfies a group only if one of the group's comparators has a prerelease. */
bool semver_constraint_check(const struct semver_constraint *c, const struct semver *v);
/* As above; when it is false, `reasons` gets a line for each comparator that failed. */
bool semver_constraint_explain(const struct semver_constraint *c,
                               const struct semver *v,
                               struct buf *reasons);
