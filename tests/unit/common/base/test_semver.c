/* Versions and constraints: tables of texts and what they mean. */
#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/semver.h"
#include "tests/lib/check.h"

static struct semver version_of(const char *text)
{
    struct err err;
    struct semver v;
    ASSERT_OK(semver_parse(str_from(text), &v, &err));
    return v;
}

static void reads_lenient_versions(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *want;
    } CASES[] = {
        {"1.2.3", "1.2.3"},       {"v1", "1.0.0"},
        {"1.2", "1.2.0"},         {"01.2", "1.2.0"},
        {"7-rc.1", "7.0.0-rc.1"}, {"v1.29.3-gke.1282001+a.b", "1.29.3-gke.1282001+a.b"},
        {"1.0+x-1", "1.0.0+x-1"}, {"18446744073709551615.0.0", "18446744073709551615.0.0"},
        {"1.2.3--", "1.2.3--"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct semver v = version_of(CASES[i].text);
        struct buf out;
        buf_init(&out, 512);
        semver_format(&v, &out);
        ASSERT_STR(buf_str(&out), CASES[i].want);
        ASSERT_STR(v.original, CASES[i].text);
        buf_done(&out);
    }
}

static void refuses_what_is_no_version(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *why;
    } CASES[] = {
        {"", "invalid semantic version"},
        {"v", "invalid semantic version"},
        {"latest", "invalid semantic version"},
        {"1.2.3.4", "invalid semantic version"},
        {"1..3", "invalid semantic version"},
        {"1.2.3-", "invalid semantic version"},
        {"1.2.3-a..b", "invalid semantic version"},
        {"1.2.3-a.", "invalid semantic version"},
        {"1.2.3+", "invalid semantic version"},
        {" 1.2.3", "invalid semantic version"},
        {"V1.2.3", "invalid semantic version"},
        {"1.2.3-01", "version segment starts with 0"},
        {"1.18446744073709551616", "value out of range"},
    };
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct semver v;
        ASSERT_ERR(semver_parse(str_from(CASES[i].text), &v, &err), ERR_INVALID, CASES[i].why);
    }
    char digits[257];
    memset(digits, '1', sizeof(digits));
    struct semver v;
    ASSERT_ERR(semver_parse(str_of(digits, sizeof(digits)), &v, &err), ERR_INVALID, "too long");
}

/* Each comes before the next. */
static const char *const ASCENDING[] = {
    "0.9",          "1.0.0-1",  "1.0.0-9", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta",
    "1.0.0-beta.a", "1.0.0-rc", "1",       "1.0.1",    "1.10",        "2-0",           "2",
};

static void orders_versions(void **state UNUSED)
{
    struct semver items[ARRAY_LEN(ASCENDING)];
    for (size_t i = 0; i < ARRAY_LEN(ASCENDING); i++) {
        items[i] = version_of(ASCENDING[ARRAY_LEN(ASCENDING) - 1 - i]);
    }
    semver_sort(items, ARRAY_LEN(ASCENDING));
    for (size_t i = 0; i < ARRAY_LEN(ASCENDING); i++) {
        ASSERT_STR(items[i].original, ASCENDING[i]);
        for (size_t k = 0; k < ARRAY_LEN(ASCENDING); k++) {
            int order = semver_cmp(&items[i], &items[k]);
            assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
        }
    }
    struct semver a = version_of("1.2.3+a");
    struct semver b = version_of("v1.2.3+b");
    assert_int_equal(semver_cmp(&a, &b), 0);
    semver_sort(NULL, 0);
}

/* Versions that satisfy the constraint; then those that do not. */
static const struct constraint_case {
    const char *constraint;
    const char *yes;
    const char *no;
} CONSTRAINTS[] = {
    {"1.2.3", "1.2.3 v1.2.3 1.2.3+m", "1.2.4 1.2.3-a"},
    {"=1.2", "1.2.0 1.2.9", "1.3.0 1.1.9"},
    {"1.2.x", "1.2.0 1.2.9", "1.3.0"},
    {"1.X", "1.0.0 1.9.0", "2.0.0 0.9.0"},
    {"*", "0.0.0 9.9.9", "1.0.0-a"},
    {"*-0", "1.0.0 1.0.0-a", ""},
    {"!=1.2.3", "1.2.4 1.2.2", "1.2.3"},
    {"!=1.2", "1.3.0 2.2.0", "1.2.0 1.2.7"},
    {"!=1", "2.0.0", "1.0.0 1.5.0"},
    {"!=1.2.x-a", "1.2.5-b 1.2.5", "1.2.5-a"},
    {"!=*", "1.0.0", "0.0.0"},
    {">1.2", "1.3.0 2.0.0", "1.2.9 1.1.0 0.5.0"},
    {">1", "2.0.0", "1.9.9"},
    {">1.2.3", "1.2.4", "1.2.3 1.2.2"},
    {">=1.2 <1.4 || 2", "1.2.0 1.3.9 2.7.0", "1.4.0 3.0.0"},
    {"=>1.2,=<1.4", "1.2.0 1.4.9", "1.5.0 2.0.0"},
    {"<=1.2.3", "1.2.3", "1.2.4"},
    {"<=1", "1.9.0 0.1.0", "2.0.0"},
    {"<1.2", "1.1.9", "1.2.0"},
    {"~1", "1.0.0 1.9.0", "2.0.0 0.9.0"},
    {"~0", "0.0.1 0.9.0", "1.0.0"},
    {"~1.2", "1.2.9", "1.3.0 2.2.0"},
    {"~>1.2.3", "1.2.3 1.2.9", "1.2.2 1.3.0"},
    {"~0.0.0", "5.0.0", ""},
    {"^1.2", "1.2.0 1.9.0", "2.0.0 1.1.0"},
    {"^0.2.3", "0.2.3 0.2.9", "0.3.0 1.0.0"},
    {"^0.2", "0.2.0 0.2.9", "0.3.0"},
    {"^0.0.3", "0.0.3", "0.0.4 0.1.0"},
    {"^0.0", "0.0.0 0.0.9", "0.1.0"},
    {"^0", "0.0.1 0.9.0", "1.0.0"},
    {"^*", "0.0.0", "1.0.0"},
    {"1.2 - 1.4", "1.2.0 1.4.9", "1.5.0 1.1.0"},
    {"1.2.3 - 1.4.5 || 3 - 4", "1.2.3 1.4.5 4.9.9", "1.4.6 5.0.0"},
    {">=1.19-0", "1.19.0 1.20.3-gke.1 1.19.0-alpha", "1.18.0-x"},
    {">=1.16.0", "1.16.0", "1.16.3-gke.100"},
    {">=1.2-0, <2", "1.5.0-rc", "2.0.0"},
    {"  ^ 1.2  ,  <1.5 ", "1.4.0", "1.6.0"},
};

static void check_list(const struct constraint_case *c,
                       const struct semver_constraint *constraint,
                       const char *versions,
                       bool want)
{
    struct str rest = str_from(versions);
    struct str text;
    while (str_next(&rest, ' ', &text)) {
        struct err err;
        struct semver v;
        if (text.n == 0) {
            continue;
        }
        ASSERT_OK(semver_parse(text, &v, &err));
        if (semver_constraint_check(constraint, &v) != want) {
            fail_msg("'%s' and " STR_FMT ": wanted %d", c->constraint, STR_ARG(text), want);
        }
    }
}

static void checks_constraints(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(CONSTRAINTS); i++) {
        const struct semver_constraint *c = NULL;
        ASSERT_OK(semver_constraint_parse(arena, str_from(CONSTRAINTS[i].constraint), &c, &err));
        check_list(&CONSTRAINTS[i], c, CONSTRAINTS[i].yes, true);
        check_list(&CONSTRAINTS[i], c, CONSTRAINTS[i].no, false);
    }
}

static void refuses_bad_constraints(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *why;
    } CASES[] = {
        {"", "improper constraint: \"\""},
        {"foo", "improper constraint: \"foo\""},
        {">=1.2 ||", "improper constraint: \"\""},
        {"1.2.3.4", "improper constraint: \"1.2.3.4\""},
        {">>1", "improper constraint: \">>1\""},
        {"1,,2", "improper constraint"},
        {"1,", "improper constraint"},
        {"1>2", "improper constraint"},
        {"\"1\\", "improper constraint: \"\\\"1\\\\\""},
        {"1x", "constraint parser error"},
        {"1|2", "constraint parser error"},
        {"1.2.3-01", "constraint parser error"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    const struct semver_constraint *c = NULL;
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ASSERT_ERR(semver_constraint_parse(arena, str_from(CASES[i].text), &c, &err), ERR_INVALID,
                   CASES[i].why);
    }
    char text[513];
    memset(text, ' ', sizeof(text));
    text[0] = '1';
    ASSERT_OK(semver_constraint_parse(arena, str_of(text, sizeof(text) - 1), &c, &err));
    ASSERT_ERR(semver_constraint_parse(arena, str_of(text, sizeof(text)), &c, &err), ERR_INVALID,
               "constraint string is too long (max 512 bytes)");
    struct str groups = STR("1||1||1||1||1||1||1||1||1||1||1||1||1||1||1||1||"
                            "1||1||1||1||1||1||1||1||1||1||1||1||1||1||1||1||1");
    ASSERT_OK(semver_constraint_parse(arena, str_sub(groups, 3, groups.n), &c, &err));
    ASSERT_ERR(semver_constraint_parse(arena, groups, &c, &err), ERR_INVALID, "(max 32)");
}

static void explains_failures(void **state UNUSED)
{
    static const struct {
        const char *constraint;
        const char *version;
        const char *want;
    } CASES[] = {
        {"^1.2", "1.3.0", ""},
        {"^1.2 || ~2.1.0", "v3",
         "\"3.0.0\" does not have same major version as \"1.2\"\n"
         "\"3.0.0\" does not have same major version as \"2.1.0\""},
        {">2, <1", "1.5.0",
         "\"1.5.0\" is less than or equal to \"2\"\n\"1.5.0\" is greater than or equal to \"1\""},
        {">1 || >2", "3.0.0-a",
         "\"3.0.0-a\" is a prerelease version and the constraint is only looking for release "
         "versions"},
        {"^0.1.0", "0.2.0",
         "\"0.2.0\" does not have same minor version as \"0.1.0\". Expected minor versions to "
         "match when "
         "constraint major version is 0"},
        {"~1.2", "1.3.0", "\"1.3.0\" does not have same major and minor version as \"1.2\""},
        {"1.0.0", "1.0.1", "\"1.0.1\" is not equal to \"1.0.0\""},
        {"!=1.0", "1.0.1", "\"1.0.1\" is equal to \"1.0\""},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        const struct semver_constraint *c = NULL;
        struct buf reasons;
        buf_init(&reasons, 4096);
        ASSERT_OK(semver_constraint_parse(arena, str_from(CASES[i].constraint), &c, &err));
        struct semver v = version_of(CASES[i].version);
        assert_int_equal(semver_constraint_explain(c, &v, &reasons), CASES[i].want[0] == '\0');
        ASSERT_STR(buf_str(&reasons), CASES[i].want);
        buf_done(&reasons);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_lenient_versions),  cmocka_unit_test(refuses_what_is_no_version),
        cmocka_unit_test(orders_versions),         cmocka_unit_test(checks_constraints),
        cmocka_unit_test(refuses_bad_constraints), cmocka_unit_test(explains_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
