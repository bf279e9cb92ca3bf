/* Between rbac.c and rbac_read.c. */
#pragma once

#include <stdatomic.h>

#include "common/base/map.h"
#include "common/base/vec.h"
#include "common/rbac/policy_csv.h"
#include "common/rbac/rbac.h"

/* A p line. */
struct rbac_rule {
    struct rbac_place place;
    struct rbac_pattern resource;
    struct rbac_pattern action;
    struct rbac_pattern object;
    bool denies;
};

/* What the lines say of one name. */
struct rbac_subject {
    struct str name;
    VEC(struct rbac_rule) rules;
    VEC(struct rbac_subject *) roles;
};

struct rbac_policy {
    atomic_uint refs;
    struct arena *arena;
    enum rbac_mode mode;
    struct map *subjects; /* struct rbac_subject, in the arena */
    struct str project;   /* whose policies these are; "" = everybody's */
    struct str default_role;
    VEC(struct str) problems;
};

/* An empty one. */
struct rbac_policy *rbac_read_begin(enum rbac_mode mode);
/* Every line of a text. The policy keeps slices of it: it must live in its arena. */
MUST_CHECK int
rbac_read_text(struct rbac_policy *policy, const struct rbac_text *text, struct err *err);
/* One line, which stands at the place. */
MUST_CHECK int
rbac_read_line(struct rbac_policy *policy, const struct rbac_place *place, struct err *err);
/* A p line without its text. */
void rbac_read_rule(struct rbac_policy *policy, struct str subject, const struct rbac_rule *rule);
/* A g line without its text. */
void rbac_read_member(struct rbac_policy *policy, struct str member, struct str role);
PRINTF(3, 4)
void rbac_read_problem(struct rbac_policy *policy,
                       const struct rbac_place *place,
                       const char *fmt,
                       ...);
