/* Sync windows over REST. */
#include "tests/lib/api_fixture.h"

#define A "/api/v1/applications/a"

/* The fixture's applications are in the project default. */
static void set_windows(struct api_fixture *f, const char *windows)
{
    struct str project =
        arena_printf(f->arena,
                     "{apiVersion: argoproj.io/v1alpha1, kind: AppProject,"
                     " metadata: {name: default, namespace: argocd},"
                     " spec: {sourceRepos: ['*'], destinations: [{server: '*', namespace: '*'}],"
                     " syncWindows: [%s]}}",
                     windows);
    fake_cluster_put(f->cluster, project.p);
}

static const struct value *windows_of(struct api_fixture *f)
{
    return api_fixture_get(f, A "/syncwindows");
}

static void until_told(struct api_fixture *f, size_t n_open)
{
    for (int i = 0; i < 2000 && value_len(value_dig(windows_of(f), "activeWindows")) != n_open;
         i++) {
    }
}

static void refused(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    assert_yaml(f->arena, windows_of(f), "{activeWindows: [], assignedWindows: [], canSync: true}");
    set_windows(f, "{kind: deny, schedule: '* * * * *', duration: 1h, namespaces: ['*']},"
                   "{kind: deny, schedule: '0 0 30 2 *', duration: 1h, applications: [a]},"
                   "{kind: deny, schedule: '* * * * *', duration: 1h, applications: [b]}");
    until_told(f, 1);
    assert_yaml(f->arena, windows_of(f),
                "{activeWindows: [{kind: deny, schedule: '* * * * *', duration: 1h, manualSync:"
                " false}], assignedWindows: [{kind: deny, schedule: '* * * * *', duration: 1h,"
                " manualSync: false}, {kind: deny, schedule: '0 0 30 2 *', duration: 1h,"
                " manualSync: false}], canSync: false}");
    assert_yaml(f->arena, api_fixture_get(f, "/api/v1/projects/default/syncwindows"),
                "{windows: [{kind: deny, schedule: '* * * * *', duration: 1h, namespaces: ['*']},"
                " {kind: deny, schedule: '* * * * *', duration: 1h, applications: [b]}]}");
    API_REFUSED(f, "POST", A "/sync", "{}", 403, 7, "deny window '* * * * *' (1h)");
    API_REFUSED(f, "GET", "/api/v1/projects/other/syncwindows", NULL, 404, 5, "not found");
}

static void windows_refuse_syncs(void **state UNUSED)
{
    API_TEST(refused);
}

static void wrong(struct api_fixture *f)
{
    api_fixture_login(f);
    api_fixture_app(f, "a", "");
    set_windows(f, "{kind: deny, schedule: '* * * * *', duration: 1h, namespaces: ['*']}");
    until_told(f, 1);
    set_windows(f, "{kind: deny, schedule: 'x', duration: 1h, namespaces: ['*']}");
    for (int i = 0; i < 2000 && api_fixture_call(f, "GET", A "/syncwindows", NULL).status == 200;
         i++) {
    }
    API_REFUSED(f, "POST", A "/sync", "{}", 400, 3, "cannot parse schedule");
    API_REFUSED(f, "GET", A "/syncwindows", NULL, 400, 3, "cannot parse schedule");
}

static void a_wrong_window_refuses_them_too(void **state UNUSED)
{
    API_TEST(wrong);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_refuse_syncs),
        cmocka_unit_test(a_wrong_window_refuses_them_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
