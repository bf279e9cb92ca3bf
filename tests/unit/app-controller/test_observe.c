/* Metrics of a controller, with the names dashboards know. */
#include "common/base/limits.h"
#include "common/rt/metrics.h"
#include "tests/lib/controller_apps.h"

static void metrics_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, "[" CONFIG_MAP("a", "one") "]", "");
    fake_cluster_put(f->cluster, "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: ns}}");
    controller_fixture_patch(f, "web", "spec: {project: nope}");
    controller_fixture_until_condition(f, "web", "InvalidSpecError", "nope");
    controller_fixture_idle(f);
    AUTO(buf) struct buf page;
    buf_init(&page, LIMIT_MIB);
    metrics_format(daemon_metrics(f->daemon), &page);
    static const char *const PARTS[] = {
        "argocd_app_info{",
        "name=\"web\"",
        "repo=\"https://git.test/repo\"",
        "argocd_app_condition{",
        "condition=\"InvalidSpecError\"",
        "argocd_app_sync_total{",
        "argocd_app_reconcile_",
        "argocd_app_k8s_request_total{",
        "argocd_cluster_info{",
        "argocd_cluster_connection_status{",
        "argocd_cluster_events_total{",
        "argocd_cluster_api_resources{",
        "argocd_cluster_api_resource_objects{",
        "app_reconciliation_queue",
    };
    for (size_t i = 0; i < ARRAY_LEN(PARTS); i++) {
        if (strstr(page.p, PARTS[i]) == NULL) {
            fail_msg("'%s' is not among\n%s", PARTS[i], page.p);
        }
    }
}

static void metrics_have_the_names_dashboards_know(void **state UNUSED)
{
    CONTROLLER_TEST(metrics_body);
}

static void gone_body(struct controller_fixture *f)
{
    controller_fixture_synced(f, "[]", "");
    fake_cluster_remove(f->cluster, "Application", "argocd", "web");
    controller_fixture_until_unknown(f, "web");
    AUTO(buf) struct buf page;
    buf_init(&page, LIMIT_MIB);
    metrics_format(daemon_metrics(f->daemon), &page);
    assert_null(strstr(page.p, "argocd_app_info{"));
}

static void an_application_that_is_gone_leaves_the_page(void **state UNUSED)
{
    CONTROLLER_TEST(gone_body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_have_the_names_dashboards_know),
        cmocka_unit_test(an_application_that_is_gone_leaves_the_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
