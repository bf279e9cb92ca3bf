/* What a new installation gets, and what is left alone. */
#include "common/base/b64.h"
#include "common/base/password.h"
#include "tests/lib/api_fixture.h"

static struct str secret(struct api_fixture *f, const char *name, const char *key)
{
    const struct value *obj = fake_cluster_get(f->cluster, "Secret", "argocd", name);
    struct str out = STR_EMPTY;
    struct err err;
    ASSERT_OK(b64_decode(f->arena, value_dig_str(obj, "data", key), B64_STANDARD, &out, &err));
    return out;
}

static void fresh(struct api_fixture *f)
{
    struct str password = secret(f, "argocd-initial-admin-secret", "password");
    assert_int_equal(password.n, 16);
    assert_true(password_matches(password, secret(f, "argocd-secret", "admin.password")));
    assert_true(secret(f, "argocd-secret", "admin.passwordMtime").n > 0);
    assert_int_equal(secret(f, "argocd-secret", "server.secretkey").n, 44);
    const struct value *project = fake_cluster_get(f->cluster, "AppProject", "argocd", "default");
    assert_yaml(f->arena, value_dig(project, "spec"),
                "{sourceRepos: ['*'], destinations: [{server: '*', namespace: '*'}],"
                " clusterResourceWhitelist: [{group: '*', kind: '*'}]}");
}

static void makes_what_is_missing(void **state UNUSED)
{
    static const char *const ARGS[] = {"--namespace=argocd", NULL};
    api_fixture_empty = true;
    assert_int_equal(api_fixture_run(fresh, ARGS), 0);
    api_fixture_empty = false;
}

static void complete(struct api_fixture *f)
{
    assert_null(fake_cluster_get(f->cluster, "Secret", "argocd", "argocd-initial-admin-secret"));
    assert_int_equal(fake_cluster_count(f->cluster, "POST", ""), 0);
    assert_int_equal(fake_cluster_count(f->cluster, "PATCH", ""), 0);
    assert_int_equal(secret(f, "argocd-secret", "admin.password").n, 60);
}

static void leaves_alone_what_is_there(void **state UNUSED)
{
    API_TEST(complete);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_what_is_missing),
        cmocka_unit_test(leaves_alone_what_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
