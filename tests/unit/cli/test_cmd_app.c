/* Commands that ask for something and print it. */
#include "cli/cmd_app.h"
#include "tests/lib/cli_app.h"
#include "tests/lib/cli_fixture.h"

#define APP CLI_APP("Succeeded", "Synced", "")

static struct cli_answer ANSWERS[] = {
    {"GET /api/v1/applications?selector=none", 0, "{\"items\":null}", false},
    {"GET /api/v1/applications/shop/resource-tree", 0,
     "{\"nodes\":[{\"group\":\"apps\",\"kind\":\"Deployment\",\"namespace\":\"ns\",\"name\":"
     "\"web\","
     "\"health\":{\"status\":\"Healthy\"}}],\"orphanedNodes\":[{\"kind\":\"Pod\",\"namespace\":"
     "\"ns\","
     "\"name\":\"stray\"}]}",
     false},
    {"GET /api/v1/applications/shop/manifests", 0,
     "{\"manifests\":[\"{\\\"kind\\\":\\\"Service\\\"}\"]}", false},
    {"GET /api/v1/applications/shop/managed-resources", 0,
     "{\"items\":[{\"liveState\":\"{\\\"kind\\\":\\\"Pod\\\"}\"},{\"liveState\":\"null\"},{}]}",
     false},
    {"GET /api/v1/applications/shop", 0, APP, false},
    {"GET /api/v1/applications/", 404, "{\"message\":\"nothing here\"}", false},
    {"GET /api/v1/applications", 0, "{\"items\":[" APP "]}", false},
    {"DELETE /api/v1/applications/shop", 0, "{}", false},
    {NULL, 0, NULL, false},
};

static int set_up(void **state)
{
    *state = cli_fixture_new(ANSWERS);
    return 0;
}

static int tear_down(void **state)
{
    cli_fixture_free(*state);
    return 0;
}

static void lists(void **state)
{
    struct cli_fixture *f = *state;
    ASSERT_PRINTS(
        f,
        "NAME         CLUSTER    NAMESPACE  PROJECT  STATUS  HEALTH   SYNCPOLICY  CONDITIONS\n"
        "argocd/shop  https://k  ns         default  Synced  Healthy  Manual      <none>\n",
        "app list", NULL);
    ASSERT_PRINTS(f, "argocd/shop\n", "app list", "-o", "name");
    assert_string_equal(f->asked.p, "GET /api/v1/applications \n");
    ASSERT_PRINTS(f, "[]\n", "app list", "-o", "json", "-l", "none");
    ASSERT_PRINTS(f, "argocd/shop\n", "app list", "-o", "name", "-p", "a", "-p", "b", "--repo",
                  "https://git");
    assert_string_equal(f->asked.p,
                        "GET /api/v1/applications?repo=https%3A%2F%2Fgit&projects=a&projects=b \n");
}

static void gets(void **state)
{
    struct cli_fixture *f = *state;
    assert_int_equal(CLI_RUN(f, "app get", "argocd/shop", "--hard-refresh"), 0);
    assert_non_null(strstr(f->cli.out.p, "Sync Status:        Synced to main (0123456)\n"));
    assert_non_null(strstr(f->cli.out.p, "service/web created"));
    assert_null(strstr(f->cli.out.p, "Phase:"));
    assert_string_equal(f->asked.p,
                        "GET /api/v1/applications/shop?appNamespace=argocd&refresh=hard \n");
    assert_int_equal(CLI_RUN(f, "app get", "shop", "--show-operation"), 0);
    assert_non_null(strstr(f->cli.out.p, "Phase:              Succeeded\n"));
    ASSERT_PRINTS(f, "argocd/shop\n", "app get", "shop", "-o", "name");
    ASSERT_REFUSES(f, ERR_NOT_FOUND, "nothing here", "app get", "other");
    ASSERT_REFUSES(f, ERR_INVALID, "not the name", "app get", "a/b/c");
}

static void shows_the_history(void **state)
{
    struct cli_fixture *f = *state;
    ASSERT_PRINTS(f,
                  "ID  DATE                  REVISION\n4   2026-01-02T03:05:06Z  main (0123456)\n",
                  "app history", "shop");
    ASSERT_PRINTS(f, "4\n", "app history", "shop", "-o", "name");
}

static void prints_manifests(void **state)
{
    struct cli_fixture *f = *state;
    ASSERT_PRINTS(f, "---\nkind: Service\n", "app manifests", "shop", "--revision", "v1");
    assert_string_equal(f->asked.p, "GET /api/v1/applications/shop/manifests?revision=v1 \n");
    ASSERT_PRINTS(f, "---\nkind: Pod\n", "app manifests", "shop", "--source", "live");
    ASSERT_REFUSES(f, ERR_INVALID, "--source git", "app manifests", "shop", "--source", "live",
                   "--revision", "v1");
}

static void lists_resources(void **state)
{
    struct cli_fixture *f = *state;
    ASSERT_PRINTS(f,
                  "GROUP  KIND        NAMESPACE  NAME   ORPHANED\n"
                  "apps   Deployment  ns         web    No\n"
                  "       Pod         ns         stray  Yes\n",
                  "app resources", "shop");
    ASSERT_PRINTS(f, "pod/stray\n", "app resources", "shop", "--orphaned", "-o", "name");
}

static void deletes(void **state)
{
    struct cli_fixture *f = *state;
    ASSERT_PRINTS(f, "application 'shop' is being deleted\n", "app delete", "shop", "-y");
    assert_string_equal(f->asked.p, "DELETE /api/v1/applications/shop?cascade=true \n");
    ASSERT_PRINTS(f, "application 'shop' is being deleted\n", "app delete", "shop", "-y",
                  "--cascade=false", "-p", "foreground");
    assert_string_equal(f->asked.p, "DELETE /api/v1/applications/shop?cascade=false \n");
    ASSERT_REFUSES(f, ERR_NOT_FOUND, "application 'other': nothing here", "app delete", "-y",
                   "shop", "other");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lists, set_up, tear_down),
        cmocka_unit_test_setup_teardown(gets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(shows_the_history, set_up, tear_down),
        cmocka_unit_test_setup_teardown(prints_manifests, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists_resources, set_up, tear_down),
        cmocka_unit_test_setup_teardown(deletes, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
