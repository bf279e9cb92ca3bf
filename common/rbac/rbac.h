/* Who may do what: policies of argocd-rbac-cm, built-in roles and roles of projects, in one answer.
 *
 *     p, SUBJECT, RESOURCE, ACTION, OBJECT, allow|deny
 *     g, MEMBER, ROLE
 *
 * A struct rbac_policy is compiled once and never changes: it may be asked from any thread, also while a newer
 * one takes its place, and lives as long as somebody holds a reference. The policies of one project are a
 * struct rbac_policy of their own, given with the question when its object is of that project.
 *
 * A subject is allowed what a line for it, or for a role it has through any number of g lines, allows and no such
 * line denies. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/model/application_spec.h"
#include "common/rbac/rbac_pattern.h"

struct arena;
struct project;
struct rbac_policy;

struct rbac_text {
    struct str name; /* for messages: "policy.csv" */
    struct str text;
};

struct rbac_opts {
    enum rbac_mode mode;
    bool no_builtin;         /* without role:readonly, role:admin and admin's */
    struct str default_role; /* of everybody; "" = none */
    const struct rbac_text *texts;
    size_t n_texts;
};

/* A new reference; everything is copied. ERR_INVALID with file and line for what is no policy, ERR_LIMIT. */
MUST_CHECK int
rbac_policy_new(const struct rbac_opts *opts, struct rbac_policy **ret, struct err *err);
/* Policies and groups of a project's roles, which may all get the project. When one cannot be read none counts, and
 * rbac_policy_problems() says why. A new reference. */
struct rbac_policy *rbac_policy_of_project(const struct project *project, enum rbac_mode mode);
struct rbac_policy *rbac_policy_ref(struct rbac_policy *policy);
void rbac_policy_unref(struct rbac_policy *policy);
DEFINE_CLEANUP(rbac_policy, struct rbac_policy, rbac_policy_unref);

/* "policy.csv:3: ..." of lines that are read but do not do what they seem to; lives as long as the policy. */
struct app_strs rbac_policy_problems(const struct rbac_policy *policy);

/* Where a line of policy stands. */
struct rbac_place {
    struct str source; /* "policy.csv", "project team", "built-in policy" */
    uint32_t line;     /* 0 = the source has no lines */
    struct str text;
};

struct rbac_question {
    const struct rbac_policy *policy;
    const struct rbac_policy
        *project; /* of rbac_project_of_object(); NULL = there is no such project */
    struct str user;
    const struct str *groups; /* count when some g line names them as a member */
    size_t n_groups;
    struct str resource;
    struct str action;
    struct str object;
};

struct rbac_decision {
    bool allowed;
    struct str subject; /* whose rights decided: the default role, the user or a group */
    const struct rbac_place *place; /* the line that did; NULL = none speaks of it */
};

/* The default role counts first and cannot be denied, then the user, then each group. The subject of a project's
 * token has the rights of its role in that project only. What is returned lives as long as the policies; the arena
 * is worked in. */
struct rbac_decision rbac_decide(struct arena *arena, const struct rbac_question *question);

/* "allowed to bob by policy.csv:3: p, role:dev, ..." */
struct str rbac_explain(struct arena *arena, const struct rbac_decision *decision);

/* The project whose policies count for an object: "team" of "team/web"; "" = none. */
struct str rbac_project_of_object(struct str resource, struct str object);
/* "proj:team:ci" is the role ci of project team; false for any other subject. */
bool rbac_is_project_role(struct str subject, struct str *ret_project);
