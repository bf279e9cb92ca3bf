/* Asking compiled policies.
 *
 * Rules stand under the name they are for. A question walks the names a subject has, itself first, then its roles
 * breadth first, in the policy and in that of the project at once: a group of one may be a member in the other. */
#include "common/rbac/rbac.h"

#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/model/project.h"
#include "common/rbac/rbac_builtin.h"
#include "common/rbac/rbac_internal.h"

/* ---- making ---- */

struct rbac_policy *rbac_policy_ref(struct rbac_policy *policy)
{
    (void)atomic_fetch_add_explicit(&policy->refs, 1, memory_order_relaxed);
    return policy;
}

void rbac_policy_unref(struct rbac_policy *policy)
{
    if (policy != NULL && atomic_fetch_sub_explicit(&policy->refs, 1, memory_order_acq_rel) == 1) {
        map_free(policy->subjects);
        arena_free(policy->arena);
    }
}

struct app_strs rbac_policy_problems(const struct rbac_policy *policy)
{
    return (struct app_strs){policy->problems.items, policy->problems.n};
}

static int read_texts(struct rbac_policy *policy, const struct rbac_opts *opts, struct err *err)
{
    for (size_t i = 0; i < opts->n_texts; i++) {
        const struct rbac_text *text = &opts->texts[i];
        if (text->text.n > LIMIT_RBAC_POLICY_BYTES) {
            return err_set(err, ERR_LIMIT, STR_FMT " has more than %zu bytes", STR_ARG(text->name),
                           LIMIT_RBAC_POLICY_BYTES);
        }
        struct rbac_text own = {arena_str(policy->arena, text->name),
                                arena_str(policy->arena, text->text)};
        TRY(rbac_read_text(policy, &own, err));
    }
    return 0;
}

int rbac_policy_new(const struct rbac_opts *opts, struct rbac_policy **ret, struct err *err)
{
    AUTO(rbac_policy) struct rbac_policy *policy = rbac_read_begin(opts->mode);
    policy->default_role = arena_str(policy->arena, opts->default_role);
    if (!opts->no_builtin) {
        rbac_builtin_add(policy);
    }
    TRY(read_texts(policy, opts, err));
    *ret = TAKE(policy);
    return 0;
}

/* Every role may see its own project. */
static void add_own_rule(struct rbac_policy *policy, struct str source, struct str subject)
{
    struct arena *arena = policy->arena;
    struct rbac_rule rule = {
        .place = {source, 0,
                  arena_printf(arena, "p, " STR_FMT ", projects, get, " STR_FMT ", allow",
                               STR_ARG(subject), STR_ARG(policy->project))},
        .resource = {RBAC_PATTERN_EXACT, STR("projects"), NULL},
        .action = {RBAC_PATTERN_EXACT, STR("get"), NULL},
        .object = {RBAC_PATTERN_EXACT, policy->project, NULL},
    };
    rbac_read_rule(policy, subject, &rule);
}

static int read_role(struct rbac_policy *policy,
                     struct str source,
                     const struct project_role *role,
                     struct err *err)
{
    struct arena *arena = policy->arena;
    struct str subject = arena_printf(arena, "proj:" STR_FMT ":" STR_FMT, STR_ARG(policy->project),
                                      STR_ARG(role->name));
    add_own_rule(policy, source, subject);
    for (size_t i = 0; i < role->policies.n; i++) {
        struct rbac_place place = {source, 0, arena_str(arena, str_trim(role->policies.items[i]))};
        if (place.text.n > 0 && place.text.p[0] != '#') {
            TRY_IN(rbac_read_line(policy, &place, err), err, "role '" STR_FMT "': '" STR_FMT "'",
                   STR_ARG(role->name), STR_ARG(place.text));
        }
    }
    for (size_t i = 0; i < role->groups.n; i++) {
        rbac_read_member(policy, role->groups.items[i], subject);
    }
    return 0;
}

static int read_roles(const struct project *project, struct rbac_policy *policy, struct err *err)
{
    struct str source = arena_printf(policy->arena, "project " STR_FMT, STR_ARG(policy->project));
    for (size_t i = 0; i < project->roles.n; i++) {
        TRY(read_role(policy, source, &project->roles.items[i], err));
    }
    return 0;
}

static struct rbac_policy *begin_project(const struct project *project, enum rbac_mode mode)
{
    struct rbac_policy *policy = rbac_read_begin(mode);
    policy->project = arena_str(policy->arena, project->name);
    return policy;
}

struct rbac_policy *rbac_policy_of_project(const struct project *project, enum rbac_mode mode)
{
    struct rbac_policy *policy = begin_project(project, mode);
    struct err err;
    if (read_roles(project, policy, &err) < 0) {
        char text[ERR_MESSAGE_BYTES];
        err_format(&err, text, sizeof(text));
        rbac_policy_unref(policy);
        policy = begin_project(project, mode);
        vec_push_in(policy->arena, &policy->problems, arena_str(policy->arena, str_from(text)));
    }
    return policy;
}

/* ---- asking ---- */

enum {
    WALK_LINEAR = 32, /* names that are looked through one by one */
};

/* The names a subject has. */
struct walk {
    struct arena *arena;
    VEC(struct str) names;
    struct map *index; /* of the names, once there are many */
};

static bool walk_has(const struct walk *w, struct str name)
{
    if (w->index != NULL) {
        return map_has(w->index, name);
    }
    for (size_t i = 0; i < w->names.n; i++) {
        if (str_eq(w->names.items[i], name)) {
            return true;
        }
    }
    return false;
}

static void walk_add(struct walk *w, struct str name)
{
    static char present;
    if (walk_has(w, name)) {
        return;
    }
    vec_push_in(w->arena, &w->names, name);
    if (w->names.n == WALK_LINEAR) {
        w->index = map_new(NULL);
        for (size_t i = 0; i < w->names.n; i++) {
            map_set(w->index, w->names.items[i], &present);
        }
    } else if (w->index != NULL) {
        map_set(w->index, name, &present);
    }
}

/* What cannot be answered is denied: it might be what a deny line is for. */
static enum rbac_match rule_match(const struct rbac_rule *rule, const struct rbac_question *q)
{
    enum rbac_match match = rbac_pattern_match(&rule->resource, q->resource);
    if (match == RBAC_MATCH_YES) {
        match = rbac_pattern_match(&rule->action, q->action);
    }
    return match == RBAC_MATCH_YES ? rbac_pattern_match(&rule->object, q->object) : match;
}

/* Returns true when the answer is final: denied. */
static bool ask_rules(const struct rbac_subject *subject,
                      const struct rbac_question *q,
                      struct rbac_decision *ret)
{
    for (size_t i = 0; i < subject->rules.n; i++) {
        const struct rbac_rule *rule = &subject->rules.items[i];
        enum rbac_match match = rule_match(rule, q);
        if (match == RBAC_MATCH_BROKEN || (match == RBAC_MATCH_YES && rule->denies)) {
            ret->allowed = false;
            ret->place = &rule->place;
            return true;
        }
        if (match == RBAC_MATCH_YES && ret->place == NULL) {
            ret->allowed = true;
            ret->place = &rule->place;
        }
    }
    return false;
}

/* What one policy says of a name; the roles it has there are walked, too. */
static bool ask_policy(const struct rbac_policy *policy,
                       struct str name,
                       const struct rbac_question *q,
                       struct walk *w,
                       struct rbac_decision *ret)
{
    const struct rbac_subject *subject = policy != NULL ? map_find(policy->subjects, name) : NULL;
    if (subject == NULL) {
        return false;
    }
    for (size_t i = 0; i < subject->roles.n; i++) {
        walk_add(w, subject->roles.items[i]->name);
    }
    return ask_rules(subject, q, ret);
}

static struct rbac_decision
ask_subject(struct arena *arena, const struct rbac_question *q, struct str subject)
{
    struct rbac_decision decision = {.subject = subject};
    struct walk walk = {.arena = arena};
    walk_add(&walk, subject);
    for (size_t i = 0; i < walk.names.n; i++) {
        struct str name = walk.names.items[i];
        if (ask_policy(q->policy, name, q, &walk, &decision) ||
            ask_policy(q->project, name, q, &walk, &decision)) {
            break;
        }
    }
    map_free(walk.index);
    return decision;
}

static bool is_member_in(const struct rbac_policy *policy, struct str name)
{
    const struct rbac_subject *subject = policy != NULL ? map_find(policy->subjects, name) : NULL;
    return subject != NULL && subject->roles.n > 0;
}

/* The first group that is allowed; `before` is what the user was told, and what stays when no group knows better. */
static struct rbac_decision
ask_groups(struct arena *arena, const struct rbac_question *q, struct rbac_decision before)
{
    for (size_t i = 0; i < q->n_groups; i++) {
        struct str group = q->groups[i];
        if (!is_member_in(q->policy, group) && !is_member_in(q->project, group)) {
            continue;
        }
        struct rbac_decision decision = ask_subject(arena, q, group);
        if (decision.allowed) {
            return decision;
        }
        before = before.place == NULL && decision.place != NULL ? decision : before;
    }
    return before;
}

struct rbac_decision rbac_decide(struct arena *arena, const struct rbac_question *q)
{
    struct str project;
    if (q->policy->default_role.n > 0) {
        struct rbac_decision decision = ask_subject(arena, q, q->policy->default_role);
        if (decision.allowed) {
            return decision;
        }
    }
    bool token = q->project != NULL && rbac_is_project_role(q->user, &project);
    if (token && !str_eq(project, q->project->project)) {
        return (struct rbac_decision){.subject = q->user};
    }
    struct rbac_decision decision = ask_subject(arena, q, q->user);
    return decision.allowed || token ? decision : ask_groups(arena, q, decision);
}

struct str rbac_explain(struct arena *arena, const struct rbac_decision *decision)
{
    const struct rbac_place *place = decision->place;
    if (place == NULL) {
        return arena_printf(arena, "denied to " STR_FMT ": no line allows it",
                            STR_ARG(decision->subject));
    }
    const char *verb = decision->allowed ? "allowed" : "denied";
    if (place->line == 0) {
        return arena_printf(arena, "%s to " STR_FMT " by " STR_FMT ": " STR_FMT, verb,
                            STR_ARG(decision->subject), STR_ARG(place->source),
                            STR_ARG(place->text));
    }
    return arena_printf(arena, "%s to " STR_FMT " by " STR_FMT ":%u: " STR_FMT, verb,
                        STR_ARG(decision->subject), STR_ARG(place->source), place->line,
                        STR_ARG(place->text));
}

/* ---- names ---- */

struct str rbac_project_of_object(struct str resource, struct str object)
{
    static const char *const IN_PROJECTS[] = {
        "applications", "applicationsets", "repositories", "clusters", "logs", "exec"};
    struct str project;
    struct str rest;
    if (str_eq(resource, STR("projects"))) {
        return object;
    }
    for (size_t i = 0; i < ARRAY_LEN(IN_PROJECTS); i++) {
        if (str_eq_c(resource, IN_PROJECTS[i])) {
            return str_cut(object, '/', &project, &rest) ? project : STR_EMPTY;
        }
    }
    return STR_EMPTY;
}

bool rbac_is_project_role(struct str subject, struct str *ret_project)
{
    struct str project;
    struct str role;
    if (!str_cut_prefix(&subject, STR("proj:")) || !str_cut(subject, ':', &project, &role) ||
        str_find_char(role, ':') != STR_NONE) {
        return false;
    }
    *ret_project = project;
    return true;
}
