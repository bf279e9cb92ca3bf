/* Projects with a finalizer go when their last application has. */
#include "app-controller/projects.h"
#include "tests/lib/controller_apps.h"

#define PROJECT(name, finalizers)                                                 \
    "{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: {name: " name \
    ", namespace: argocd, finalizers: [" finalizers                               \
    "]}, spec: {sourceRepos: ['*'], destinations: "                               \
    "[{server: '*', namespace: '*'}]}}"
#define FINALIZER "resources-finalizer.argocd.argoproj.io"
#define DELETED   "metadata: {deletionTimestamp: '2026-01-02T00:00:00Z'}"

static const struct value *team(struct controller_fixture *f)
{
    return fake_cluster_get(f->cluster, "AppProject", "argocd", "team");
}

static bool is_gone(void *data)
{
    return team(data) == NULL;
}

static void delete_team(struct controller_fixture *f)
{
    fake_cluster_patch(f->cluster, "AppProject", "argocd", "team", DELETED);
    controller_fixture_idle(f);
}

static void begin(struct controller_fixture *f, const char *finalizers)
{
    fake_cluster_put(f->cluster, arena_printf(f->arena, PROJECT("team", "%s"), finalizers).p);
    fake_repo_set(f->repo, "r1", "[]");
    controller_fixture_app(f, "web", "", "");
    controller_fixture_patch(f, "web", "spec: {project: team}");
    UNTIL(f, "web", "r1", "status", "sync", "revision");
}

static void held_body(struct controller_fixture *f)
{
    begin(f, FINALIZER);
    delete_team(f);
    assert_non_null(team(f));
    fake_cluster_remove(f->cluster, "Application", "argocd", "web");
    controller_fixture_wait(f, is_gone, f);
}

static void it_waits_for_its_applications(void **state UNUSED)
{
    CONTROLLER_TEST(held_body);
}

static void moved_body(struct controller_fixture *f)
{
    begin(f, FINALIZER);
    delete_team(f);
    assert_non_null(team(f));
    controller_fixture_patch(f, "web", "spec: {project: ''}");
    controller_fixture_wait(f, is_gone, f);
}

static void an_application_may_move_to_another_one(void **state UNUSED)
{
    CONTROLLER_TEST(moved_body);
}

static bool has_one_finalizer(void *data)
{
    return kube_finalizer_count(team(data)) == 1;
}

static void others_body(struct controller_fixture *f)
{
    fake_cluster_put(f->cluster, PROJECT("team", FINALIZER ", example.org/other"));
    delete_team(f);
    controller_fixture_wait(f, has_one_finalizer, f);
    assert_true(kube_has_finalizer(team(f), STR("example.org/other")));
}

static void finalizers_of_others_stay(void **state UNUSED)
{
    CONTROLLER_TEST(others_body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_waits_for_its_applications),
        cmocka_unit_test(an_application_may_move_to_another_one),
        cmocka_unit_test(finalizers_of_others_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
