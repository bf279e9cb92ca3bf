/* Hooks of deletion, through a whole controller: order, failures, restarts, what stays. */
#include "app-controller/delete_hooks.h"
#include "engine/sync/hooks.h"
#include "tests/lib/controller_apps.h"

#define FINALIZERS "finalizers: [resources-finalizer.argocd.argoproj.io]"
#define HOOK(kind, name, annotations) \
    "{apiVersion: " kind ", metadata: {name: " name ", annotations: {" annotations "}}}"
#define JOB         "batch/v1, kind: Job"
#define MAP         "v1, kind: ConfigMap"
#define PRE         "argocd.argoproj.io/hook: PreDelete"
#define POST        "argocd.argoproj.io/hook: PostDelete"
#define WAVE(n)     ", argocd.argoproj.io/sync-wave: '" n "'"
#define POLICY(p)   ", argocd.argoproj.io/hook-delete-policy: " p
#define PLAIN(name) HOOK(MAP, name, "")

static void begin(struct controller_fixture *f, const char *yaml)
{
    controller_fixture_app(f, "web", FINALIZERS, "");
    fake_repo_set(f->repo, "r1", yaml);
    controller_fixture_refresh(f, "web", "normal");
    controller_fixture_sync_until(f, "", "Succeeded");
    UNTIL_SYNC(f, "web", "Synced");
    controller_fixture_idle(f);
}

static void delete_app(struct controller_fixture *f)
{
    controller_fixture_patch(f, "web", "metadata: {deletionTimestamp: '2026-01-02T00:00:00Z'}");
}

static bool is_gone(void *data)
{
    return controller_fixture_get(data, "web") == NULL;
}

static bool is_there(struct controller_fixture *f, const char *kind, const char *name)
{
    return fake_cluster_get(f->cluster, kind, "ns", name) != NULL;
}

static void finish_job(struct controller_fixture *f, const char *name, const char *condition)
{
    fake_cluster_patch(
        f->cluster, "Job", "ns", name,
        arena_printf(f->arena,
                     "{status: {conditions: [{type: %s, status: 'True', message: it is so}]}}",
                     condition)
            .p);
}

static size_t n_finalizers(struct controller_fixture *f)
{
    return kube_finalizer_count(controller_fixture_get(f, "web"));
}

/* ---- finalizers ---- */

static bool has_five(void *data)
{
    return n_finalizers(data) == 5;
}

static bool has_one(void *data)
{
    return n_finalizers(data) == 1;
}

static void finalizers_body(struct controller_fixture *f)
{
    begin(f, "[" PLAIN("a") "," HOOK(JOB, "pre", "helm.sh/hook: pre-delete") "," HOOK(
                 JOB, "post", "helm.sh/hook: 'test,post-delete'") "]");
    controller_fixture_wait(f, has_five, f);
    assert_true(kube_has_finalizer(controller_fixture_get(f, "web"),
                                   STR("pre-delete-finalizer.argocd.argoproj.io/cleanup")));
    assert_false(is_there(f, "Job", "pre"));
    controller_fixture_move(f, "[" PLAIN("a") "]");
    controller_fixture_wait(f, has_one, f);
    assert_true(kube_has_finalizer(controller_fixture_get(f, "web"),
                                   STR("resources-finalizer.argocd.argoproj.io")));
}

static void hooks_of_sources_are_noted_as_finalizers(void **state UNUSED)
{
    CONTROLLER_TEST(finalizers_body);
}

/* ---- order ---- */

static void order_body(struct controller_fixture *f)
{
    begin(f, "[" PLAIN("a") "," HOOK(JOB, "pre", PRE) "," HOOK(JOB, "post", POST) "]");
    fake_cluster_patch(f->cluster, "ConfigMap", "ns", "a",
                       "metadata: {finalizers: [example.org/slow]}");
    delete_app(f);
    controller_fixture_until_there(f, "Job", "pre");
    controller_fixture_idle(f);
    const struct value *a = fake_cluster_get(f->cluster, "ConfigMap", "ns", "a");
    assert_false(kube_is_deleting(a));
    finish_job(f, "pre", "Complete");
    controller_fixture_until_gone(f, "Job", "pre"); /* with the objects: it is tracked too */
    controller_fixture_idle(f);
    assert_false(is_there(f, "Job", "post"));
    fake_cluster_remove(f->cluster, "ConfigMap", "ns", "a");
    controller_fixture_until_there(f, "Job", "post");
    const struct value *post = fake_cluster_get(f->cluster, "Job", "ns", "post");
    assert_true(str_eq(kube_annotation(post, STR(DELETE_HOOKS_ANNOTATION)),
                       kube_uid(controller_fixture_get(f, "web"))));
    ASSERT_STR(kube_annotation(post, STR("argocd.argoproj.io/tracking-id")),
               "web:batch/Job:ns/post");
    controller_fixture_idle(f);
    assert_non_null(controller_fixture_get(f, "web"));
    finish_job(f, "post", "Complete");
    controller_fixture_wait(f, is_gone, f);
    assert_true(
        is_there(f, "Job", "post")); /* BeforeHookCreation: it stays for who wants to look */
    assert_int_equal(fake_cluster_count(f->cluster, "POST ", "/jobs"), 2);
}

static void hooks_run_before_and_after_the_objects_go(void **state UNUSED)
{
    CONTROLLER_TEST(order_body);
}

static void waves_body(struct controller_fixture *f)
{
    begin(f, "[" HOOK(JOB, "late", PRE WAVE("2")) "," HOOK(JOB, "early", PRE) "," HOOK(
                 MAP, "settings", PRE WAVE("-1")) "," HOOK(MAP, "beside", PRE) "]");
    delete_app(f);
    controller_fixture_until_there(f, "Job", "early");
    controller_fixture_until_there(f, "ConfigMap", "beside");
    controller_fixture_idle(f);
    assert_true(is_there(f, "ConfigMap", "settings"));
    assert_false(is_there(f, "Job", "late"));
    finish_job(f, "early", "Complete");
    controller_fixture_until_there(f, "Job", "late");
    finish_job(f, "late", "Complete");
    controller_fixture_wait(f, is_gone, f);
}

static void waves_of_hooks_wait_for_each_other(void **state UNUSED)
{
    CONTROLLER_TEST(waves_body);
}

static bool has_two_jobs(void *data)
{
    const struct controller_fixture *f = data;
    return fake_cluster_count(f->cluster, "POST ", "/jobs") == 2 &&
           fake_cluster_get(f->cluster, "Job", "ns", "pre") != NULL;
}

/* ---- what is in the way ---- */

static bool has_new_job(void *data)
{
    const struct controller_fixture *f = data;
    return fake_cluster_count(f->cluster, "POST ", "/jobs") == 1 &&
           fake_cluster_get(f->cluster, "Job", "ns", "post") != NULL;
}

static void leftover_body(struct controller_fixture *f)
{
    fake_cluster_put(f->cluster,
                     "{apiVersion: batch/v1, kind: Job, metadata: {name: post, namespace: ns, "
                     "annotations: {" POST ", " DELETE_HOOKS_ANNOTATION
                     ": old}}, status: {conditions: [{type: Complete, status: 'True'}]}}");
    begin(f, "[" HOOK(JOB, "post", POST) "]");
    delete_app(f);
    controller_fixture_wait(f, has_new_job, f);
    finish_job(f, "post", "Complete");
    controller_fixture_wait(f, is_gone, f);
}

static void what_an_earlier_deletion_left_makes_room(void **state UNUSED)
{
    CONTROLLER_TEST(leftover_body);
}

static void stranger_body(struct controller_fixture *f)
{
    fake_cluster_put(f->cluster,
                     "{apiVersion: batch/v1, kind: Job, metadata: {name: pre, namespace: ns}}");
    begin(f, "[" HOOK(JOB, "pre", PRE) "]");
    delete_app(f);
    controller_fixture_until_condition(f, "web", "DeletionError", "no hook");
    assert_true(is_there(f, "Job", "pre"));
}

static void an_object_of_its_name_is_not_touched(void **state UNUSED)
{
    CONTROLLER_TEST(stranger_body);
}

static void denied_body(struct controller_fixture *f)
{
    fake_cluster_put(f->cluster, "{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: "
                                 "{name: default, namespace: argocd}, spec: {sourceRepos: ['*'], "
                                 "destinations: [{server: '*', namespace: '*'}], "
                                 "namespaceResourceBlacklist: [{group: batch, kind: Job}]}}");
    begin(f, "[" HOOK(JOB, "pre", PRE) "]");
    delete_app(f);
    controller_fixture_until_condition(
        f, "web", "DeletionError", "PreDelete hook Job/pre is not permitted in project default");
    assert_false(is_there(f, "Job", "pre"));
}

static void a_hook_the_project_forbids_is_not_made(void **state UNUSED)
{
    CONTROLLER_TEST(denied_body);
}

/* ---- failures ---- */

static void failed_body(struct controller_fixture *f)
{
    begin(f, "[" PLAIN("a") "," HOOK(JOB, "pre", PRE) "]");
    delete_app(f);
    controller_fixture_until_there(f, "Job", "pre");
    controller_fixture_idle(f);
    finish_job(f, "pre", "Failed");
    controller_fixture_until_condition(f, "web", "DeletionError",
                                       "PreDelete hook Job/pre failed: it is so");
    controller_fixture_until_gone(f, "Job", "pre");
    controller_fixture_idle(f);
    assert_false(is_there(f, "Job", "pre")); /* not at once again */
    assert_true(is_there(f, "ConfigMap", "a"));
    fake_repo_set(f->repo, "r2", "[" PLAIN("a") "]"); /* fixed: there is no such hook any more */
    controller_fixture_wait(f, is_gone, f);
    assert_false(is_there(f, "ConfigMap", "a"));
}

static void a_failed_hook_is_told_and_rendered_again(void **state UNUSED)
{
    CONTROLLER_TEST(failed_body);
}

static void unrendered_body(struct controller_fixture *f)
{
    begin(f, "[" HOOK(JOB, "pre", PRE) "]");
    fake_repo_fail(f->repo, ERR_INVALID);
    delete_app(f);
    controller_fixture_until_condition(f, "web", "DeletionError",
                                       "the PreDelete hooks cannot be rendered");
    fake_repo_fail(f->repo, ERR_OK);
    controller_fixture_until_there(f, "Job", "pre");
    finish_job(f, "pre", "Complete");
    controller_fixture_wait(f, is_gone, f);
}

static void hooks_that_cannot_be_rendered_are_told(void **state UNUSED)
{
    CONTROLLER_TEST(unrendered_body);
}

/* ---- restart ---- */

static void resumed_body(struct controller_fixture *f)
{
    const char *hooks = "[" HOOK(JOB, "post", POST) "," HOOK(JOB, "last", POST WAVE("1")) "]";
    fake_repo_set(f->repo, "r1", hooks);
    controller_fixture_app(
        f, "web",
        "uid: 11111111-2222-3333-4444-555555555555, deletionTimestamp: '2026-01-02T00:00:00Z', "
        "finalizers: [post-delete-finalizer.argocd.argoproj.io, "
        "post-delete-finalizer.argocd.argoproj.io/cleanup]",
        "");
    fake_cluster_put(
        f->cluster,
        "{apiVersion: batch/v1, kind: Job, metadata: {name: post, namespace: ns, annotations: "
        "{" POST ", " DELETE_HOOKS_ANNOTATION
        ": 11111111-2222-3333-4444-555555555555}}, status: {conditions: [{type: Complete, "
        "status: 'True'}]}}");
    controller_fixture_until_there(f, "Job", "last");
    finish_job(f, "last", "Complete");
    controller_fixture_wait(f, is_gone, f);
    assert_int_equal(fake_cluster_count(f->cluster, "POST ", "/jobs"), 1);
    assert_int_equal(fake_cluster_count(f->cluster, "DELETE ", "/jobs"), 0);
}

static void another_process_goes_on_with_them(void **state UNUSED)
{
    CONTROLLER_TEST(resumed_body);
}

#define UID "11111111-2222-3333-4444-555555555555"

/* Its time to live is over, but it is held: a process that knows of nothing still sees that it was done. */
static void expired_body(struct controller_fixture *f)
{
    fake_repo_set(f->repo, "r1",
                  "[" HOOK(JOB, "post", POST) "," HOOK(JOB, "last", POST WAVE("1")) "]");
    controller_fixture_app(f, "web",
                           "uid: " UID ", deletionTimestamp: '2026-01-02T00:00:00Z', finalizers: "
                           "[post-delete-finalizer.argocd.argoproj.io]",
                           "");
    fake_cluster_put(
        f->cluster,
        "{apiVersion: batch/v1, kind: Job, metadata: {name: post, namespace: ns, "
        "deletionTimestamp: '2026-01-02T00:01:00Z', finalizers: [" HOOK_FINALIZER
        "], annotations: {" POST
        ", argocd.argoproj.io/tracking-id: 'web:batch/Job:ns/post', " DELETE_HOOKS_ANNOTATION
        ": " UID "}}, status: {conditions: [{type: Complete, status: "
        "'True'}]}}");
    controller_fixture_until_there(f, "Job", "last");
    assert_true(is_there(f, "Job", "post"));
    const struct value *last = fake_cluster_get(f->cluster, "Job", "ns", "last");
    assert_true(kube_has_finalizer(last, STR(HOOK_FINALIZER)));
    finish_job(f, "last", "Complete");
    controller_fixture_wait(f, is_gone, f); /* after a clean-up, though nobody asked for one */
    assert_false(is_there(f, "Job", "post"));
    last = fake_cluster_get(f->cluster, "Job", "ns", "last");
    assert_false(kube_has_finalizer(last, STR(HOOK_FINALIZER)));
    assert_int_equal(fake_cluster_count(f->cluster, "POST ", "/jobs"), 1);
}

static void a_hook_is_held_until_its_stage_is_over(void **state UNUSED)
{
    CONTROLLER_TEST(expired_body);
}

static void unfinished_body(struct controller_fixture *f)
{
    begin(f, "[" HOOK(JOB, "pre", PRE) "]");
    delete_app(f);
    controller_fixture_until_there(f, "Job", "pre");
    fake_cluster_patch(f->cluster, "Job", "ns", "pre",
                       "metadata: {deletionTimestamp: '2026-01-02T00:01:00Z'}");
    controller_fixture_wait(f, has_two_jobs, f);
    finish_job(f, "pre", "Complete");
    controller_fixture_wait(f, is_gone, f);
}

static void a_hook_that_was_deleted_before_it_ended_is_made_again(void **state UNUSED)
{
    CONTROLLER_TEST(unfinished_body);
}

static void sync_hook_body(struct controller_fixture *f)
{
    controller_fixture_app(f, "web", FINALIZERS, "");
    fake_repo_set(f->repo, "r1", "[" HOOK(JOB, "slow", "argocd.argoproj.io/hook: PreSync") "]");
    controller_fixture_sync(f, "web", "");
    controller_fixture_until_there(f, "Job", "slow");
    controller_fixture_idle(f);
    delete_app(f);
    controller_fixture_wait(f, is_gone, f);
    assert_false(is_there(f, "Job", "slow"));
}

static void a_hook_of_a_sync_does_not_hold_up_the_deletion(void **state UNUSED)
{
    CONTROLLER_TEST(sync_hook_body);
}

/* ---- cleaning up ---- */

static void cleanup_body(struct controller_fixture *f)
{
    begin(f,
          "[" HOOK(JOB, "pre", PRE POLICY("HookSucceeded")) "," HOOK(
              JOB, "post", POST POLICY("HookSucceeded")) "," HOOK(JOB, "kept",
                                                                  POST POLICY("HookFailed")) "]");
    controller_fixture_patch(
        f, "web",
        "metadata: {finalizers: [pre-delete-finalizer.argocd.argoproj.io, "
        "pre-delete-finalizer.argocd.argoproj.io/cleanup, "
        "post-delete-finalizer.argocd.argoproj.io, "
        "post-delete-finalizer.argocd.argoproj.io/cleanup]}"); /* not the objects */
    delete_app(f);
    controller_fixture_until_there(f, "Job", "pre");
    finish_job(f, "pre", "Complete");
    controller_fixture_until_there(f, "Job", "post");
    controller_fixture_until_there(f, "Job", "kept");
    finish_job(f, "post", "Complete");
    finish_job(f, "kept", "Complete");
    controller_fixture_wait(f, is_gone, f);
    assert_false(is_there(f, "Job", "pre"));
    assert_false(is_there(f, "Job", "post"));
    assert_true(is_there(f, "Job", "kept"));
}

static void delete_policies_say_what_stays(void **state UNUSED)
{
    CONTROLLER_TEST(cleanup_body);
}

static void generated_body(struct controller_fixture *f)
{
    begin(f, "[{apiVersion: batch/v1, kind: Job, metadata: {generateName: bye-, annotations: "
             "{" POST "}}}]");
    delete_app(f);
    const struct value *app = controller_fixture_get(f, "web");
    const char *name = arena_printf(f->arena, "bye-" STR_FMT "-postdelete-1767312000",
                                    STR_ARG(str_sub(kube_uid(app), 0, 7)))
                           .p;
    controller_fixture_until_there(f, "Job", name);
    finish_job(f, name, "Complete");
    controller_fixture_wait(f, is_gone, f);
    assert_int_equal(fake_cluster_count(f->cluster, "POST ", "/jobs"), 1);
}

static void generated_names_stay_the_same(void **state UNUSED)
{
    CONTROLLER_TEST(generated_body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hooks_of_sources_are_noted_as_finalizers),
        cmocka_unit_test(hooks_run_before_and_after_the_objects_go),
        cmocka_unit_test(waves_of_hooks_wait_for_each_other),
        cmocka_unit_test(what_an_earlier_deletion_left_makes_room),
        cmocka_unit_test(an_object_of_its_name_is_not_touched),
        cmocka_unit_test(a_hook_the_project_forbids_is_not_made),
        cmocka_unit_test(a_failed_hook_is_told_and_rendered_again),
        cmocka_unit_test(hooks_that_cannot_be_rendered_are_told),
        cmocka_unit_test(another_process_goes_on_with_them),
        cmocka_unit_test(a_hook_is_held_until_its_stage_is_over),
        cmocka_unit_test(a_hook_that_was_deleted_before_it_ended_is_made_again),
        cmocka_unit_test(a_hook_of_a_sync_does_not_hold_up_the_deletion),
        cmocka_unit_test(delete_policies_say_what_stays),
        cmocka_unit_test(generated_names_stay_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
