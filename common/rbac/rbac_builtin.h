/* The roles every installation has: role:readonly and role:admin, and the user admin in the latter. */
#pragma once

struct rbac_policy;

/* Add them to a policy. Their patterns are globs whatever those of the policy are. */
void rbac_builtin_add(struct rbac_policy *policy);
