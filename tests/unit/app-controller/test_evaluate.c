/* Evaluation of an application: comparison and health. */
#include "app-controller/evaluate.h"
#include "app-controller/targets.h"
#include "tests/lib/controller_apps.h"

#define POD_SPEC(image) \
    "spec: {replicas: 1, template: {spec: {containers: [{name: c, image: " image "}]}}}"
#define DEPLOYMENT \
    "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, " POD_SPEC("'img:1'") "}"

static void begin(struct controller_fixture *f, struct evaluation **ret)
{
    struct err err;
    struct app *app = controller_fixture_of(f, "web");
    const struct evaluation_input in = {.object = app->object,
                                        .targets = app->targets,
                                        .cache = app->cache,
                                        .instance = str_from(app->instance),
                                        .tracking = f->ctl->tracking};
    ASSERT_OK(evaluation_new(&in, ret, &err));
}

static void synced_body(struct controller_fixture *f)
{
    AUTO(evaluation) struct evaluation *ev = NULL;
    struct err err;
    controller_fixture_synced(f, "[" CONFIG_MAP("a", "one") "," DEPLOYMENT "]", "");
    begin(f, &ev);
    ASSERT_OK(evaluation_run(ev, &err));
    assert_int_equal(ev->compare.status, SYNC_STATUS_SYNCED);
    assert_int_equal(ev->compare.n_resources, 2);
    assert_int_equal(ev->health.status, HEALTH_STATUS_PROGRESSING);
    ASSERT_STR(kube_name(ev->namespace_live), "ns");
}

static void a_synced_application_is_judged_whole(void **state UNUSED)
{
    CONTROLLER_TEST(synced_body);
}

static void missing_body(struct controller_fixture *f)
{
    AUTO(evaluation) struct evaluation *ev = NULL;
    struct err err;
    controller_fixture_begin(f,
                             "[{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: "
                             "{name: child, namespace: argocd}, spec: {}}]",
                             "");
    controller_fixture_idle(f);
    begin(f, &ev);
    ASSERT_OK(evaluation_run(ev, &err));
    assert_int_equal(ev->compare.status, SYNC_STATUS_OUT_OF_SYNC);
    assert_int_equal(ev->healths[0].status, HEALTH_STATUS_MISSING);
}

static void what_is_missing_is_told(void **state UNUSED)
{
    CONTROLLER_TEST(missing_body);
}

struct job_seen {
    unsigned n_done;
    bool ok;
};

static void on_done(struct evaluation *ev, const struct err *err)
{
    struct job_seen *seen = ev->data;
    seen->n_done++;
    seen->ok = err == NULL;
}

static bool is_done(void *data)
{
    return ((struct job_seen *)data)->n_done > 0;
}

/* The inputs are the job's own: nothing of the application has to stay. */
static void job_body(struct controller_fixture *f)
{
    AUTO(evaluation) struct evaluation *ev = NULL;
    struct job_seen seen = {0};
    struct err err;
    controller_fixture_synced(f, "[" CONFIG_MAP("a", "one") "]", "");
    begin(f, &ev);
    fake_cluster_remove(f->cluster, "Application", "argocd", "web");
    controller_fixture_until_unknown(f, "web");
    ASSERT_OK(evaluation_start(ev, f->ctl->work, on_done, &seen, &err));
    assert_int_equal(seen.n_done, 0);
    controller_fixture_wait(f, is_done, &seen);
    assert_true(seen.ok);
    assert_int_equal(ev->compare.n_resources, 1);
}

static void it_runs_on_the_pool_with_inputs_of_its_own(void **state UNUSED)
{
    CONTROLLER_TEST(job_body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_synced_application_is_judged_whole),
        cmocka_unit_test(what_is_missing_is_told),
        cmocka_unit_test(it_runs_on_the_pool_with_inputs_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
