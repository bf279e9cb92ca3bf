/* Policies of files. The rules are tested in tests/unit/common/rbac. */
#include <unistd.h>

#include "cli/cmd_admin_rbac.h"
#include "common/base/fs.h"
#include "tests/lib/cli_fixture.h"

#define POLICY  "/tmp/belay-test-rbac.csv"
#define PROJECT "/tmp/belay-test-rbac-project.yaml"

static struct cli_answer ANSWERS[] = {{NULL, 0, NULL, false}};

static int run(struct cli_fixture *f, const char *path, const char *line)
{
    const char *words[32] = {NULL};
    struct str rest = str_from(line);
    struct str word;
    for (size_t n = 0; n + 1 < ARRAY_LEN(words) && str_next(&rest, ' ', &word); n++) {
        words[n] = arena_str(f->arena, word).p;
    }
    return cli_fixture_run(f, path, words);
}

static void
check(struct cli_fixture *f, const char *want, int exit, const char *path, const char *line)
{
    int rc = run(f, path, line);
    struct err err = f->err;
    ASSERT_OK(rc);
    assert_string_equal(f->cli.out.p, want);
    assert_int_equal(rc, exit);
}

static void check_refused(struct cli_fixture *f, const char *part, const char *line)
{
    int rc = run(f, "admin rbac can", line);
    struct err err = f->err;
    ASSERT_ERR(rc, ERR_INVALID, part);
}

static struct cli_fixture *with_file(const char *path, const char *text)
{
    struct err err;
    ASSERT_OK(fs_write_atomic(path, str_from(text), 0600, &err));
    return cli_fixture_new(ANSWERS);
}

static void says_yes_or_no(void **state UNUSED)
{
    struct cli_fixture *f = with_file(POLICY, "p, role:dev, applications, sync, team/*, allow\n"
                                              "g, crew, role:dev\n");
    check(f, "Yes\n", CLI_EXIT_OK, "admin rbac can",
          "role:dev sync app team/web --policy-file " POLICY);
    check(f, "Yes\n", CLI_EXIT_OK, "admin rbac can",
          "role:readonly get projects --policy-file " POLICY);
    check(f,
          "Yes\nallowed to crew by " POLICY ":1: p, role:dev, applications, sync, team/*, allow\n",
          CLI_EXIT_OK, "admin rbac can",
          "ann sync app team/web --explain --group crew --policy-file " POLICY);
    check(f, "", CLI_EXIT_OK, "admin rbac can",
          "role:dev sync app team/web -q --policy-file " POLICY);
    check(f, "No\n", CLI_EXIT_NO, "admin rbac can", "role:dev get app --policy-file " POLICY);
    check(f, "No\n", CLI_EXIT_NO, "admin rbac can",
          "role:readonly get projects --no-builtin --policy-file " POLICY);
    cli_fixture_free(f);
}

static void reads_config_maps_and_projects(void **state UNUSED)
{
    struct cli_fixture *f =
        with_file(POLICY, "data: {policy.default: 'role:readonly', policy.matchMode: regex, "
                          "policy.csv: 'p, ann, applications, sync, ^team/w, allow'}\n");
    struct err err;
    ASSERT_OK(fs_write_atomic(
        PROJECT,
        STR("metadata: {name: team}\nspec: {roles: [{name: ci, groups: [crew], policies: ['p, "
            "proj:team:ci, applications, delete, team/.*, allow']}]}\n"),
        0600, &err));
    check(f, "Yes\n", CLI_EXIT_OK, "admin rbac can", "ann sync app team/web --policy-file " POLICY);
    check(f, "Yes\n", CLI_EXIT_OK, "admin rbac can", "bob get app team/web --policy-file " POLICY);
    check(f, "No\n", CLI_EXIT_NO, "admin rbac can", "ann sync app team/db --policy-file " POLICY);
    check(f, "No\n", CLI_EXIT_NO, "admin rbac can",
          "ann sync app team/web --match-mode glob --policy-file " POLICY);
    check(f, "Yes\n", CLI_EXIT_OK, "admin rbac can",
          "bob delete app team/web --group crew --project " PROJECT " --policy-file " POLICY);
    check(f, "No\n", CLI_EXIT_NO, "admin rbac can",
          "bob delete app other/web --group crew --project " PROJECT " --policy-file " POLICY);
    assert_int_equal(unlink(PROJECT), 0);
    cli_fixture_free(f);
}

static void refuses_words_there_are_not(void **state UNUSED)
{
    struct cli_fixture *f = with_file(POLICY, "p, a, anything, invent, x, allow\n");
    check_refused(f, "no resource 'anything'", "a invent anything x --policy-file " POLICY);
    check_refused(f, "no action 'sync/x' on applications", "a sync/x apps x --policy-file " POLICY);
    check(f, "Yes\n", CLI_EXIT_OK, "admin rbac can",
          "a invent anything x --strict=false --policy-file " POLICY);
    check_refused(f, "--policy-file is needed", "a get apps");
    cli_fixture_free(f);
}

static void validates(void **state UNUSED)
{
    struct cli_fixture *f = with_file(POLICY, "p, a, applications, get, */*, Allow\n");
    check(f,
          "warning: " POLICY
          ":1: the effect 'Allow' is neither allow nor deny: the line does nothing\n"
          "Policy is valid.\n",
          CLI_EXIT_OK, "admin rbac validate", "--policy-file " POLICY);
    cli_fixture_free(f);
    f = with_file(POLICY, "p, a, applications\n");
    check(f,
          "Policy is invalid: " POLICY ":1: 'p, subject, resource, action, object, "
          "allow|deny' is expected, there are 3 fields\n",
          CLI_EXIT_NO, "admin rbac validate", "--policy-file " POLICY);
    assert_int_equal(unlink(POLICY), 0);
    cli_fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_yes_or_no),
        cmocka_unit_test(reads_config_maps_and_projects),
        cmocka_unit_test(refuses_words_there_are_not),
        cmocka_unit_test(validates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
