/* Questions to policies, as tables: subject, action, resource, object, and the line that decides. */
#include <pthread.h>

#include "common/base/buf.h"
#include "common/model/project.h"
#include "common/rbac/rbac.h"
#include "tests/lib/parse.h"

static struct rbac_policy *policy_of(const char *text, struct rbac_opts opts)
{
    struct rbac_policy *policy = NULL;
    struct err err;
    struct rbac_text one = {STR("policy.csv"), str_from(text)};
    opts.texts = &one;
    opts.n_texts = 1;
    ASSERT_OK(rbac_policy_new(&opts, &policy, &err));
    return policy;
}

static struct rbac_policy *
project_policy(struct arena *arena, const char *roles, enum rbac_mode mode)
{
    struct project project;
    struct err err;
    struct str text = arena_printf(arena, "{metadata: {name: team}, spec: {roles: %s}}", roles);
    ASSERT_OK(project_decode(arena, parse_yaml(arena, text.p), &project, &err));
    return rbac_policy_of_project(&project, mode);
}

struct case_row {
    const char *user;
    const char *groups; /* separated by spaces */
    const char *action;
    const char *resource;
    const char *object;
    const char *want; /* rbac_explain() */
};

static struct rbac_decision
ask(struct arena *arena, struct rbac_question base, const struct case_row *row)
{
    struct str groups[8];
    struct str rest = str_from(row->groups);
    struct rbac_question q = base;
    q.groups = groups;
    while (row->groups[0] != '\0' && str_next(&rest, ' ', &groups[q.n_groups])) {
        q.n_groups++;
    }
    q.user = str_from(row->user);
    q.action = str_from(row->action);
    q.resource = str_from(row->resource);
    q.object = str_from(row->object);
    return rbac_decide(arena, &q);
}

static void check_rows(struct rbac_question base, const struct case_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct rbac_decision decision = ask(arena, base, &rows[i]);
        ASSERT_STR(rbac_explain(arena, &decision), rows[i].want);
    }
}

static const char POLICY[] = "# people\n"
                             "g, bob, role:dev\n"
                             "g, crew, role:ops\n"
                             "g, role:ops, role:dev\n"
                             "\n"
                             "p, role:dev, applications, get, team/*, allow\n"
                             "p, role:dev, applications, \"{sync,action/*}\", team/w*, allow\n"
                             "p, role:ops, applications, *, */*, allow\n"
                             "p, role:ops, applications, delete, team/keep, deny\n"
                             "p, eve, *, *, *, deny\n"
                             "p, loner, clusters, get, *, allow\n";

static const struct case_row ROWS[] = {
    {"bob", "", "get", "applications", "team/x",
     "allowed to bob by policy.csv:6: p, role:dev, applications, get, team/*, allow"},
    {"bob", "", "get", "applications", "other/x", "denied to bob: no line allows it"},
    {"bob", "", "sync", "applications", "team/web",
     "allowed to bob by policy.csv:7: p, role:dev, applications, \"{sync,action/*}\", team/w*, "
     "allow"},
    {"bob", "", "sync", "applications", "team/db", "denied to bob: no line allows it"},
    {"role:dev", "", "get", "applications", "team/x",
     "allowed to role:dev by policy.csv:6: p, role:dev, applications, get, team/*, allow"},
    {"ann", "crew", "delete", "applications", "team/x",
     "allowed to crew by policy.csv:8: p, role:ops, applications, *, */*, allow"},
    {"ann", "crew", "delete", "applications", "team/keep",
     "denied to crew by policy.csv:9: p, role:ops, applications, delete, team/keep, deny"},
    {"ann", "crew", "get", "clusters", "c", "denied to ann: no line allows it"},
    /* a group may do what its user may not */
    {"eve", "crew", "get", "applications", "team/x",
     "allowed to crew by policy.csv:8: p, role:ops, applications, *, */*, allow"},
    {"eve", "other", "get", "applications", "team/x",
     "denied to eve by policy.csv:10: p, eve, *, *, *, deny"},
    /* a group that is nobody's member counts for nothing */
    {"ann", "loner", "get", "clusters", "c", "denied to ann: no line allows it"},
    {"loner", "", "get", "clusters", "c",
     "allowed to loner by policy.csv:11: p, loner, clusters, get, *, allow"},
    {"admin", "", "sync", "applications", "team/x",
     "allowed to admin by built-in policy: p, role:admin, applications, sync, */*, allow"},
};

static void users_roles_and_groups(void **state UNUSED)
{
    AUTO(rbac_policy) struct rbac_policy *policy = policy_of(POLICY, (struct rbac_opts){0});
    assert_int_equal(rbac_policy_problems(policy).n, 0);
    check_rows((struct rbac_question){.policy = policy}, ROWS, ARRAY_LEN(ROWS));
}

static void default_role_cannot_be_denied(void **state UNUSED)
{
    static const struct case_row DEFAULTS[] = {
        {"eve", "", "get", "applications", "team/x",
         "allowed to role:readonly by built-in policy: p, role:readonly, applications, get, */*, "
         "allow"},
        {"eve", "", "sync", "applications", "team/x",
         "denied to eve by policy.csv:10: p, eve, *, *, *, deny"},
    };
    AUTO(rbac_policy)
    struct rbac_policy *policy =
        policy_of(POLICY, (struct rbac_opts){.default_role = STR("role:readonly")});
    check_rows((struct rbac_question){.policy = policy}, DEFAULTS, ARRAY_LEN(DEFAULTS));
}

static const char ROLES[] =
    "[{name: ci, policies: ['p, proj:team:ci, applications, sync, team/*, allow', "
    "'p, proj:team:ci, applications, sync, team/keep, deny'], groups: [builders, 'role:ops']}]";

static const struct case_row PROJECT_ROWS[] = {
    {"proj:team:ci", "", "sync", "applications", "team/web",
     "allowed to proj:team:ci by project team: p, proj:team:ci, applications, sync, team/*, allow"},
    {"proj:team:ci", "", "sync", "applications", "team/keep",
     "denied to proj:team:ci by project team: p, proj:team:ci, applications, sync, team/keep, "
     "deny"},
    {"proj:team:ci", "", "get", "projects", "team",
     "allowed to proj:team:ci by project team: p, proj:team:ci, projects, get, team, allow"},
    {"proj:team:ci", "", "get", "projects", "other", "denied to proj:team:ci: no line allows it"},
    /* what its claims say of groups does not count for a token */
    {"proj:team:ci", "crew", "delete", "applications", "team/web",
     "denied to proj:team:ci: no line allows it"},
    {"proj:other:ci", "", "sync", "applications", "team/web",
     "denied to proj:other:ci: no line allows it"},
    {"ann", "builders", "sync", "applications", "team/web",
     "allowed to builders by project team: p, proj:team:ci, applications, sync, team/*, allow"},
    /* a role of everybody's policy is a group of the project's: its denials count */
    {"ann", "crew", "sync", "applications", "team/keep",
     "denied to crew by project team: p, proj:team:ci, applications, sync, team/keep, deny"},
};

static void projects_add_their_roles(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(rbac_policy) struct rbac_policy *policy = policy_of(POLICY, (struct rbac_opts){0});
    AUTO(rbac_policy) struct rbac_policy *project = project_policy(arena, ROLES, RBAC_GLOB);
    check_rows((struct rbac_question){.policy = policy, .project = project}, PROJECT_ROWS,
               ARRAY_LEN(PROJECT_ROWS));
}

static void unreadable_project_counts_for_nothing(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    AUTO(rbac_policy) struct rbac_policy *policy = policy_of(POLICY, (struct rbac_opts){0});
    AUTO(rbac_policy)
    struct rbac_policy *project = project_policy(
        arena,
        "[{name: ok, policies: ['p, proj:team:ok, applications, get, team/*, allow']}, {name: "
        "bad, policies: ['p, proj:team:bad, applications']}]",
        RBAC_GLOB);
    static const struct case_row BROKEN[] = {
        {"proj:team:ok", "", "get", "applications", "team/x",
         "denied to proj:team:ok: no line allows it"},
    };
    check_rows((struct rbac_question){.policy = policy, .project = project}, BROKEN, 1);
    struct app_strs problems = rbac_policy_problems(project);
    assert_int_equal(problems.n, 1);
    assert_true(str_find(problems.items[0], STR("role 'bad'")) != STR_NONE);
}

static const char EXPRESSIONS[] = "p, ann, applications, ^(get|sync)$, ^team/[a-z]+$, allow\n"
                                  "p, ann, applications, get, '^team/secret$', deny\n"
                                  "p, bob, applications, get, *, deny\n"
                                  "p, bob, applications, get, .*, allow\n";

static void regular_expressions(void **state UNUSED)
{
    static const struct case_row REGEX[] = {
        {"ann", "", "sync", "applications", "team/web",
         "allowed to ann by policy.csv:1: p, ann, applications, ^(get|sync)$, ^team/[a-z]+$, "
         "allow"},
        {"ann", "", "sync", "applications", "team/Web", "denied to ann: no line allows it"},
        /* what cannot be answered is denied */
        {"bob", "", "get", "applications", "team/web",
         "denied to bob by policy.csv:3: p, bob, applications, get, *, deny"},
        {"bob", "", "sync", "applications", "team/web", "denied to bob: no line allows it"},
    };
    AUTO(rbac_policy)
    struct rbac_policy *policy = policy_of(EXPRESSIONS, (struct rbac_opts){.mode = RBAC_REGEX});
    check_rows((struct rbac_question){.policy = policy}, REGEX, ARRAY_LEN(REGEX));
    struct app_strs problems = rbac_policy_problems(policy);
    assert_int_equal(problems.n, 1);
    ASSERT_STR(problems.items[0],
               "policy.csv:3: error parsing regexp: missing argument to repetition operator: `*`: "
               "the line denies what it is asked for");
}

static void cycles_and_long_chains(void **state UNUSED)
{
    AUTO(buf) struct buf text;
    buf_init(&text, 1 << 20);
    buf_put_c(&text, "p, r0, x, y, z, allow\ng, r0, r999\n");
    for (int i = 1; i < 1000; i++) {
        buf_printf(&text, "g, r%d, r%d\ng, r%d, r%d\n", i, i - 1, i - 1, i);
    }
    static const struct case_row CHAIN[] = {
        {"r999", "", "y", "x", "z", "allowed to r999 by policy.csv:1: p, r0, x, y, z, allow"},
        {"r500", "", "y", "x", "q", "denied to r500: no line allows it"},
    };
    AUTO(rbac_policy)
    struct rbac_policy *policy = policy_of(text.p, (struct rbac_opts){.no_builtin = true});
    check_rows((struct rbac_question){.policy = policy}, CHAIN, ARRAY_LEN(CHAIN));
}

static const struct {
    const char *text;
    const char *error;
} REFUSED[] = {
    {"p, a, b, c, d, allow\nq, x, y\n", "policy.csv:2: a line begins with p or g, not with 'q'"},
    {"p, a, b, c, d", "policy.csv:1: 'p, subject, resource, action, object, allow|deny' is "
                      "expected, there are 5 fields"},
    {"p, a, b, c, d, allow, more", "there are 7 fields"},
    {"\n\ng, a", "policy.csv:3: 'g, member, role' is expected, there are 2 fields"},
    {"p, a, \"b", "policy.csv:1: a field in quotes does not end"},
    {"g2, a, b", "not with 'g2'"},
};

static void refuses_what_is_no_policy(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(REFUSED); i++) {
        struct rbac_text text = {STR("policy.csv"), str_from(REFUSED[i].text)};
        struct rbac_opts opts = {.texts = &text, .n_texts = 1};
        struct rbac_policy *policy = NULL;
        struct err err;
        ASSERT_ERR(rbac_policy_new(&opts, &policy, &err), ERR_INVALID, REFUSED[i].error);
        assert_null(policy);
    }
}

static void tells_what_does_nothing(void **state UNUSED)
{
    AUTO(rbac_policy)
    struct rbac_policy *policy = policy_of("p, a, applications, get, team/[, allow\n"
                                           "p, a , applications, get, */*, Allow\n"
                                           "g, a, b, ignored\n"
                                           "g, a, b, c, d, e, f, g, h, i, j, k, l, m\n",
                                           (struct rbac_opts){0});
    struct app_strs problems = rbac_policy_problems(policy);
    assert_int_equal(problems.n, 3);
    ASSERT_STR(problems.items[0],
               "policy.csv:1: pattern 'team/[' has an unclosed '[': the line does nothing");
    ASSERT_STR(problems.items[1], "policy.csv:2: white space is part of 'a '");
    ASSERT_STR(problems.items[2], "policy.csv:2: the effect 'Allow' is neither allow nor deny: the "
                                  "line does nothing");
}

static const struct {
    const char *resource;
    const char *object;
    const char *want;
} OBJECTS[] = {
    {"applications", "team/web", "team"},
    {"applications", "team/ns/web", "team"},
    {"applications", "team", ""},
    {"projects", "team", "team"},
    {"clusters", "team/https://c", "team"},
    {"clusters", "*", ""},
    {"accounts", "a/b", ""},
    {"exec", "team/web", "team"},
};

static void projects_of_objects(void **state UNUSED)
{
    struct str project;
    for (size_t i = 0; i < ARRAY_LEN(OBJECTS); i++) {
        ASSERT_STR(
            rbac_project_of_object(str_from(OBJECTS[i].resource), str_from(OBJECTS[i].object)),
            OBJECTS[i].want);
    }
    assert_true(rbac_is_project_role(STR("proj:team:ci"), &project));
    ASSERT_STR(project, "team");
    assert_false(rbac_is_project_role(STR("proj:team"), &project));
    assert_false(rbac_is_project_role(STR("proj:team:ci:x"), &project));
    assert_false(rbac_is_project_role(STR("role:team:ci"), &project));
}

static void *ask_often(void *data)
{
    size_t n_wrong = 0;
    for (size_t i = 0; i < 200; i++) {
        AUTO(arena) struct arena *arena = arena_new();
        AUTO(rbac_policy) struct rbac_policy *policy = rbac_policy_ref(data);
        struct rbac_question base = {.policy = policy};
        struct case_row row = {"ann", "", "sync", "applications", "team/web", ""};
        n_wrong += !ask(arena, base, &row).allowed;
    }
    return n_wrong == 0 ? data : NULL;
}

static void many_threads_ask_one_policy(void **state UNUSED)
{
    AUTO(rbac_policy)
    struct rbac_policy *policy = policy_of(EXPRESSIONS, (struct rbac_opts){.mode = RBAC_REGEX});
    pthread_t threads[4];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, ask_often, policy), 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        void *result;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_non_null(result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(users_roles_and_groups),
        cmocka_unit_test(default_role_cannot_be_denied),
        cmocka_unit_test(projects_add_their_roles),
        cmocka_unit_test(unreadable_project_counts_for_nothing),
        cmocka_unit_test(regular_expressions),
        cmocka_unit_test(cycles_and_long_chains),
        cmocka_unit_test(refuses_what_is_no_policy),
        cmocka_unit_test(tells_what_does_nothing),
        cmocka_unit_test(projects_of_objects),
        cmocka_unit_test(many_threads_ask_one_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
