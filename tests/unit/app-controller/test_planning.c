/* Plans asked of a whole controller: nothing is written. */
#include "app-controller/planning.h"
#include "tests/lib/controller_call.h"

static char WEB[] = "web";

static struct controller_call plan(struct controller_fixture *f, const char *operation)
{
    Belay__AppRef app = controller_call_app(WEB);
    Belay__GetPlanRequest req;
    belay__get_plan_request__init(&req);
    req.app = &app;
    req.operation = ipc_bytes_of(str_from(operation));
    return controller_call(f, BELAY__CONTROLLER_METHOD__CONTROLLER_GET_PLAN, &req.base);
}

static const struct value *task_of(const struct value *plan, const char *name)
{
    VALUE_FOREACH(value_dig(plan, "tasks"), task) {
        if (str_eq_c(value_dig_str(task, "name"), name)) {
            return task;
        }
    }
    fail_msg("no task %s", name);
    return NULL;
}

#define TWO "[" CONFIG_MAP("a", "one") "," CONFIG_MAP("b", "one") "]"

static void changes_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, TWO, "");
    controller_fixture_move(f, "[" CONFIG_MAP("a", "two") "," CONFIG_MAP("c", "one") "]");
    controller_fixture_idle(f);
    fake_cluster_forget_log(f->cluster);
    struct controller_call c = plan(f, "{\"sync\":{\"prune\":true}}");
    assert_int_equal(c.code, ERR_OK);
    assert_yaml(f->arena, value_dig(c.json, "counts"), "{create: 1, update: 1, prune: 1}");
    assert_yaml(f->arena, value_dig(c.json, "revisions"), "[r2]");
    const struct value *change = value_at(value_dig(task_of(c.json, "a"), "changes"), 0);
    ASSERT_STR(value_dig_str(change, "path"), "/data/text");
    ASSERT_STR(value_dig_str(change, "live"), "one");
    ASSERT_STR(value_dig_str(change, "wanted"), "two");
    assert_int_equal(fake_cluster_count(f->cluster, "PATCH ", ""), 0);
    assert_int_equal(fake_cluster_count(f->cluster, "POST ", ""), 0);
    assert_int_equal(fake_cluster_count(f->cluster, "DELETE ", ""), 0);
    c = plan(f, "{\"sync\":{\"resources\":[{\"kind\":\"ConfigMap\",\"name\":\"c\"}]}}");
    assert_yaml(f->arena, value_dig(c.json, "counts"), "{create: 1}");
}

static void a_plan_shows_what_changes(void **state UNUSED)
{
    CONTROLLER_TEST(changes_body);
}

static void revision_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, TWO, "");
    fake_repo_set(f->repo, "r9", "[" CONFIG_MAP("a", "one") "]");
    struct controller_call c = plan(f, "{\"sync\":{\"revision\":\"r9\"}}");
    assert_int_equal(c.code, ERR_OK);
    assert_yaml(f->arena, value_dig(c.json, "revisions"), "[r9]");
    assert_yaml(f->arena, value_dig(c.json, "counts"), "{unchanged: 1, skip-prune: 1}");
    c = plan(f, "{\"sync\":{\"manifests\":[\"{\\\"apiVersion\\\":\\\"v1\\\",\\\"kind\\\":"
                "\\\"ConfigMap\\\",\\\"metadata\\\":{\\\"name\\\":\\\"z\\\"}}\"]}}");
    assert_int_equal(c.code, ERR_OK);
    assert_yaml(f->arena, value_dig(c.json, "counts"), "{create: 1, skip-prune: 2}");
    assert_int_equal(controller_fixture_of(f, "web")->n_plans, 0);
}

static void other_revisions_and_local_objects_can_be_planned(void **state UNUSED)
{
    CONTROLLER_TEST(revision_body);
}

static void wrong_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, TWO, "");
    assert_int_equal(plan(f, "{").code, ERR_INVALID);
    assert_int_equal(plan(f, "{\"sync\":{\"prune\":\"perhaps\"}}").code, ERR_INVALID);
    assert_int_equal(plan(f, "{\"sync\":{\"manifests\":[\"{}\"]}}").code, ERR_INVALID);
    assert_int_equal(controller_fixture_of(f, "web")->n_plans, 0);
}

static void mistakes_are_told(void **state UNUSED)
{
    CONTROLLER_TEST(wrong_body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_shows_what_changes),
        cmocka_unit_test(other_revisions_and_local_objects_can_be_planned),
        cmocka_unit_test(mistakes_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
