/* Kubernetes events: which there are, whom they are of, and that nothing waits for them. */
#include "app-controller/events.h"
#include "tests/lib/controller_apps.h"

#define EVENTS  "POST /api/v1/namespaces/argocd/events"
#define ONE_MAP "[" CONFIG_MAP("a", "one") "]"

static const char *const ALL[] = {"--enable-k8s-event=all", NULL};

struct events_want {
    struct controller_fixture *f;
    const char *text;
};

static bool is_told(void *data)
{
    const struct events_want *w = data;
    return fake_cluster_count(w->f->cluster, EVENTS, w->text) > 0;
}

static void until_told(struct controller_fixture *f, const char *text)
{
    struct events_want want = {f, text};
    controller_fixture_wait(f, is_told, &want);
}

static void story_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, ONE_MAP, "syncPolicy: {automated: {}}");
    until_told(f, "\"message\":\"Updated sync status:  -> OutOfSync\"");
    until_told(f, "\"message\":\"Updated health status:  -> Missing\"");
    until_told(f, "\"message\":\"Initiated automated sync to [r1]\"");
    until_told(f, "\"message\":\"Sync operation to r1 succeeded\"");
    until_told(f, "\"message\":\"Updated sync status: OutOfSync -> Synced\"");
    assert_int_equal(fake_cluster_count(f->cluster, EVENTS, "\"reason\":\"OperationStarted\""), 1);
    assert_int_equal(fake_cluster_count(f->cluster, EVENTS, "\"reason\":\"OperationCompleted\""),
                     1);
    assert_int_equal(fake_cluster_count(f->cluster, EVENTS, "\"type\":\"Warning\""), 0);
    struct str uid = kube_uid(controller_fixture_get(f, "web"));
    until_told(f, arena_printf(f->arena, "\"uid\":\"" STR_FMT "\"", STR_ARG(uid)).p);
}

static void what_becomes_of_an_application_is_told(void **state UNUSED)
{
    assert_int_equal(controller_fixture_run(story_body, ALL), 0);
}

static void failure_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, ONE_MAP, "");
    fake_cluster_fail(f->cluster, "POST /api/v1/namespaces/ns/configmaps", 1, 403, "Forbidden");
    controller_fixture_sync_until(f, "resources: [{kind: ConfigMap, name: a}]", "Failed");
    until_told(f, "\"message\":\"Partial sync operation to r1 failed: ");
    until_told(f, "\"type\":\"Warning\"");
    assert_int_equal(fake_cluster_count(f->cluster, EVENTS, "Updated"), 0); /* not asked for */
}

static void only_what_is_asked_for_is_told(void **state UNUSED)
{
    const char *const more[] = {"--enable-k8s-event=OperationCompleted,OperationStarted", NULL};
    assert_int_equal(controller_fixture_run(failure_body, more), 0);
}

/* That they cannot be written changes nothing. */
static void refused_body(struct controller_fixture *f)
{
    fake_cluster_fail(f->cluster, EVENTS, 1000, 403, "Forbidden");
    controller_fixture_begin(f, ONE_MAP, "syncPolicy: {automated: {}}");
    UNTIL_SYNC(f, "web", "Synced");
    UNTIL_PHASE(f, "web", "Succeeded");
}

static void nothing_depends_on_them(void **state UNUSED)
{
    assert_int_equal(controller_fixture_run(refused_body, ALL), 0);
}

static void crowd_body(struct controller_fixture *f)
{
    controller_fixture_begin(f, ONE_MAP, "");
    for (int i = 0; i < 5000; i++) {
        events_tell(f->ctl->kube_events, controller_fixture_get(f, "web"), EVENT_RESOURCE_UPDATED,
                    false, STR("many"));
    }
    until_told(f, "many");
    assert_in_range(fake_cluster_count(f->cluster, EVENTS, "many"), 1, 1000);
}

static void too_many_are_dropped(void **state UNUSED)
{
    assert_int_equal(controller_fixture_run(crowd_body, ALL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_becomes_of_an_application_is_told),
        cmocka_unit_test(only_what_is_asked_for_is_told),
        cmocka_unit_test(nothing_depends_on_them),
        cmocka_unit_test(too_many_are_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
