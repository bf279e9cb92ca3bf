/* Which policy a repository falls under, as tables. */
#include "common/base/vec.h"
#include "common/model/project.h"
#include "common/value/value.h"
#include "tests/lib/parse.h"

#define POLICIES(list)    "{sourceIntegrity: {git: {policies: [" list "]}}}"
#define POLICY(urls, gpg) "{repos: [" urls "], gpg: " gpg "}"
#define HEAD              "{mode: head, keys: [A, B]}"
#define STRICT            "{mode: strict, keys: [C]}"
#define NONE              "{mode: none, keys: []}"
#define GROUP             "{url: 'https://h/group/*'}, {url: '!https://h/group/*-old.git'}"

static const struct {
    const char *spec;
    const char *url;
    const char *mode;
    const char *keys;
} CASES[] = {
    {"{}", "https://h/r", "", ""},
    {"{signatureKeys: []}", "https://h/r", "", ""},
    {"{signatureKeys: [{keyID: A}, {keyID: B}]}", "https://h/r", "head", "A B"},
    /* sourceIntegrity replaces the old keys, also when it says nothing of the repository */
    {"{signatureKeys: [{keyID: A}], sourceIntegrity: {git: {policies: []}}}", "https://h/r", "",
     ""},
    {POLICIES(POLICY("{url: '*'}", HEAD)), "https://h/r", "head", "A B"},
    {POLICIES(POLICY("{url: '*'}", STRICT)), "git@h:o/r", "strict", "C"},
    {POLICIES(POLICY("{url: '*'}", NONE)), "https://h/r", "", ""},
    {POLICIES("{repos: [{url: '*'}]}"), "https://h/r", "", ""},
    {POLICIES(POLICY(GROUP, HEAD)), "https://h/group/a.git", "head", "A B"},
    {POLICIES(POLICY(GROUP, HEAD)), "https://h/group/a-old.git", "", ""},
    {POLICIES(POLICY(GROUP, HEAD)), "https://h/other/a.git", "", ""},
    {POLICIES(POLICY(GROUP, HEAD) ", " POLICY("{url: 'https://h/group/*-old.git'}", STRICT)),
     "https://h/group/a-old.git", "strict", "C"},
    {POLICIES(POLICY("{url: '!https://h/x'}", HEAD)), "https://h/r", "", ""},
    /* other spellings of the same repository do not get around it */
    {POLICIES(POLICY("{url: 'https://h/o/r'}", HEAD)), "https://H/o/r.git", "head", "A B"},
    {POLICIES(POLICY("{url: 'https://h/o/r.git'}", HEAD)), "https://me:pw@h/o/r/", "head", "A B"},
    {POLICIES(POLICY("{url: 'ssh://git@h/o/*'}", HEAD)), "git@h:o/r.git", "head", "A B"},
};

static struct project decode(struct arena *arena, const char *spec)
{
    struct err err;
    struct project project = {0};
    struct str text = arena_printf(arena, "{metadata: {name: team}, spec: %s}", spec);
    ASSERT_OK(project_decode(arena, parse_yaml(arena, text.p), &project, &err));
    return project;
}

static void chooses_a_policy(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct project project = decode(arena, CASES[i].spec);
        struct project_integrity got;
        struct str keys = STR_EMPTY;
        struct err err;
        ASSERT_OK(project_integrity(arena, &project, str_from(CASES[i].url), &got, &err));
        for (size_t k = 0; k < got.keys.n; k++) {
            keys = arena_printf(arena, STR_FMT "%s" STR_FMT, STR_ARG(keys), k > 0 ? " " : "",
                                STR_ARG(got.keys.items[k]));
        }
        if (!str_eq_c(got.mode, CASES[i].mode) || !str_eq_c(keys, CASES[i].keys)) {
            fail_msg("row %zu: mode '" STR_FMT "', keys '" STR_FMT "'", i, STR_ARG(got.mode),
                     STR_ARG(keys));
        }
    }
}

static void refuses_what_is_not_clear(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct project project = decode(
        arena, POLICIES(POLICY("{url: '*'}", NONE) ", " POLICY("{url: 'https://h/*'}", HEAD)));
    struct project_integrity got;
    struct err err;
    ASSERT_OK(project_integrity(arena, &project, STR("https://elsewhere/r"), &got, &err));
    ASSERT_ERR(project_integrity(arena, &project, STR("https://h/r"), &got, &err), ERR_INVALID,
               "multiple (2) git source integrity policies found for repo URL: https://h/r");
    project = decode(arena, POLICIES(POLICY("{url: '*'}", "{mode: loose, keys: []}")));
    ASSERT_ERR(project_integrity(arena, &project, STR("https://h/r"), &got, &err), ERR_INVALID,
               "unknown GPG mode \"loose\" configured for GIT source integrity");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chooses_a_policy),
        cmocka_unit_test(refuses_what_is_not_clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
