/* One pattern of a policy, prepared: a glob whose '*' crosses everything, or a regular expression that may match
 * anywhere. What most policies have, as "*", "get" or "team/" and a '*', costs one comparison. Any thread. */
#pragma once

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct regex;

enum rbac_mode {
    RBAC_GLOB,
    RBAC_REGEX,
};

enum rbac_pattern_kind {
    RBAC_PATTERN_ANY,
    RBAC_PATTERN_EXACT,
    RBAC_PATTERN_PREFIX,
    RBAC_PATTERN_GLOB,
    RBAC_PATTERN_REGEX,
    RBAC_PATTERN_NEVER,  /* a malformed glob matches nothing */
    RBAC_PATTERN_BROKEN, /* a malformed regular expression cannot be answered */
};

struct rbac_pattern {
    enum rbac_pattern_kind kind;
    struct str text; /* of a prefix without its '*' */
    struct regex *regex;
};

enum rbac_match {
    RBAC_MATCH_NO,
    RBAC_MATCH_YES,
    RBAC_MATCH_BROKEN, /* nobody knows */
};

/* text lives as long as the arena. A pattern that is malformed is usable too; the error says what is wrong. */
MUST_CHECK int rbac_pattern_init(struct arena *arena,
                                 enum rbac_mode mode,
                                 struct str text,
                                 struct rbac_pattern *ret,
                                 struct err *err);
enum rbac_match rbac_pattern_match(const struct rbac_pattern *pattern, struct str text);
