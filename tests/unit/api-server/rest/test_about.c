/* Version, health, settings and the landing page. */
#include "tests/lib/api_fixture.h"

static void pages(struct api_fixture *f)
{
    const struct value *v = api_fixture_get(f, "/api/version");
    assert_int_equal(value_len(v), 1);
    assert_true(str_starts_with(value_dig_str(v, "Version"), STR("v")));
    ASSERT_STR(api_fixture_call(f, "GET", "/healthz", NULL).text, "ok");
    struct api_answer landing = api_fixture_call(f, "GET", "/", NULL);
    assert_int_equal(landing.status, 200);
    assert_true(str_find(landing.text, STR("<title>Belay</title>")) != STR_NONE);
    api_fixture_login(f);
    v = api_fixture_get(f, "/api/version");
    assert_true(value_dig_str(v, "Platform").n > 0);
    assert_true(value_dig_str(v, "Compiler").n > 0);
}

static void for_everybody(void **state UNUSED)
{
    API_TEST(pages);
}

static void settings(struct api_fixture *f)
{
    assert_yaml(f->arena, api_fixture_get(f, "/api/v1/settings"),
                "{url: '', appLabelKey: app.kubernetes.io/instance, trackingMethod: annotation,"
                " userLoginsDisabled: false, execEnabled: false}");
}

static void settings_of_the_logged_in(struct api_fixture *f)
{
    api_fixture_login(f);
    const struct value *v = api_fixture_get(f, "/api/v1/settings");
    ASSERT_STR(value_dig_str(v, "controllerNamespace"), "argocd");
    assert_int_equal(value_len(value_dig(v, "resourceOverrides")), 1); /* status is ignored */
}

static bool has_url(void *data)
{
    return value_dig_str(api_fixture_get(data, "/api/v1/settings"), "url").n > 0;
}

static void changed_settings(struct api_fixture *f)
{
    fake_cluster_put(
        f->cluster,
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: argocd-cm, namespace: argocd,"
        " labels: {app.kubernetes.io/part-of: argocd}},"
        " data: {url: 'https://cd.example', application.instanceLabelKey: l,"
        " application.resourceTrackingMethod: label, admin.enabled: 'false'}}");
    for (int i = 0; i < 1000 && !has_url(f); i++) {
    }
    assert_yaml(f->arena, api_fixture_get(f, "/api/v1/settings"),
                "{url: 'https://cd.example', appLabelKey: l, trackingMethod: label,"
                " userLoginsDisabled: true, execEnabled: false}");
}

static void settings_of_clients(void **state UNUSED)
{
    API_TEST(settings);
    API_TEST(settings_of_the_logged_in);
    API_TEST(changed_settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(for_everybody),
        cmocka_unit_test(settings_of_clients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
