/* What the controller keeps of one Application. */
#include "app-controller/app.h"
#include "app-controller/cluster.h"
#include "app-controller/targets.h"
#include "common/base/map.h"
#include "common/rt/work.h"
#include "tests/lib/controller_apps.h"

#define ONE_MAP "[" CONFIG_MAP("a", "one") "]"

static void names_body(struct controller_fixture *f)
{
    struct doc *doc = doc_copy_of(
        parse_yaml(f->arena, "{metadata: {name: web, namespace: team, uid: u}, spec: {}}"));
    struct doc *newer = doc_copy_of(parse_yaml(f->arena, "{metadata: {name: web}}"));
    struct app *app = app_new(f->ctl, doc);
    ASSERT_STR(app->key, "team/web");
    ASSERT_STR(app->namespace, "team");
    ASSERT_STR(app->name, "web");
    assert_string_equal(app->instance, "team_web"); /* not in the controller's own namespace */
    app_set_object(app, newer);
    assert_ptr_equal(app->object, newer);
    doc_unref(doc);
    doc_unref(newer);
    app_free(app);
    app_free(NULL);
}

static void names_follow_the_namespace(void **state UNUSED)
{
    CONTROLLER_TEST(names_body);
}

static void interests_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, ONE_MAP, "");
    struct app *app = controller_fixture_of(f, "web");
    assert_int_equal(app->interests.n, 2); /* the map and the namespace */
    assert_ptr_equal(app->interests.cache, app->cache);
    bool waits = true;
    struct err err;
    ASSERT_OK(app_interests_update(&app->op_interests, app, app->cache, app->targets, STR("ns"),
                                   &waits, &err));
    assert_false(waits);
    assert_int_equal(app->op_interests.n, 2);
    app_op_reset(app);
    assert_int_equal(app->op_interests.n, 0);
    app_forget_cache(app, NULL); /* another one than its own: nothing */
    assert_int_equal(app->interests.n, 2);
    app_forget_cache(app, app->cache);
    assert_int_equal(app->interests.n, 0);
    assert_null(app->cache);
    assert_false(app->was_compared);
}

static void interests_are_held_and_let_go(void **state UNUSED)
{
    CONTROLLER_TEST(interests_body);
}

static unsigned n_caches_freed;

static void note_freed(void *data UNUSED)
{
    n_caches_freed++;
}

static bool are_caches_freed(void *data UNUSED)
{
    return n_caches_freed > 0;
}

static void outlives_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, ONE_MAP, "");
    struct app *app =
        map_take(f->ctl->apps, STR("argocd/web")); /* deleted, and a pass still has it */
    n_caches_freed = 0;
    assert_int_equal(cluster_stop_all(f->ctl, note_freed), 1);
    assert_false(loop_run_until(f->loop, are_caches_freed, NULL, 50));
    app_free(app);
    assert_true(loop_run_until(f->loop, are_caches_freed, NULL, CONTROLLER_WAIT_MS));
}

static void an_application_outlives_its_cluster(void **state UNUSED)
{
    CONTROLLER_TEST(outlives_body);
}

enum { BLOCKERS = 16 };

/* Keeps comparisons waiting until it may end. */
struct blocker {
    struct job job;
    uv_sem_t *may_end;
};

static int block(struct job *job, struct err *err UNUSED)
{
    uv_sem_wait(CONTAINER_OF(job, struct blocker, job)->may_end);
    return 0;
}

static void on_unblocked(struct job *job UNUSED, const struct err *err UNUSED)
{
}

static size_t comparisons(const struct controller_fixture *f)
{
    struct work_stats stats = work_stats(f->ctl->work, WORK_DIFF);
    return stats.n_queued + stats.n_running;
}

static bool is_comparing(void *data)
{
    return comparisons(data) > BLOCKERS;
}

static bool was_compared(void *data)
{
    return ((const struct app *)data)->was_compared;
}

static void lost_body(struct controller_fixture *f)
{
    struct blocker blockers[BLOCKERS] = {0};
    uv_sem_t may_end;
    struct err err;
    assert_int_equal(uv_sem_init(&may_end, 0), 0);
    controller_fixture_synced(f, ONE_MAP, "");
    struct app *app = controller_fixture_of(f, "web");
    for (size_t i = 0; i < BLOCKERS; i++) {
        blockers[i] = (struct blocker){{.run = block, .done = on_unblocked}, &may_end};
        ASSERT_OK(work_submit(f->ctl->work, WORK_DIFF, &blockers[i].job, &err));
    }
    controller_request(f->ctl, app, REFRESH_RECENT);
    controller_fixture_wait(f, is_comparing, f);
    app_forget_cache(app, app->cache);
    for (size_t i = 0; i < BLOCKERS; i++) {
        uv_sem_post(&may_end);
    }
    controller_fixture_wait(f, was_compared, app);
    controller_fixture_idle(f);
    assert_non_null(app->cache);
    assert_int_equal(app->interests.n, 2);
    uv_sem_destroy(&may_end);
}

static void a_cluster_may_go_during_a_comparison(void **state UNUSED)
{
    CONTROLLER_TEST(lost_body);
}

static void forbidden_body(struct controller_fixture *f)
{
    fake_cluster_fail(f->cluster, "GET /api/v1/configmaps?", 100000, 403, "Forbidden");
    fake_repo_set(f->repo, "r1", ONE_MAP);
    controller_fixture_app(f, "web", "", "");
    controller_fixture_until_condition(f, "web", "ComparisonError", "reading ConfigMap objects");
}

static void a_kind_that_cannot_be_read_is_told(void **state UNUSED)
{
    CONTROLLER_TEST(forbidden_body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_follow_the_namespace),
        cmocka_unit_test(interests_are_held_and_let_go),
        cmocka_unit_test(an_application_outlives_its_cluster),
        cmocka_unit_test(a_cluster_may_go_during_a_comparison),
        cmocka_unit_test(a_kind_that_cannot_be_read_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
