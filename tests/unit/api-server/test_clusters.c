/* Connections to destination clusters: made once, dropped with what described them. */
#include "api-server/clusters.h"
#include "common/model/application.h"
#include "tests/lib/api_fixture.h"

#define SECRET(token)                                                                         \
    "{apiVersion: v1, kind: Secret, metadata: {name: far, namespace: argocd,"                 \
    " labels: {argocd.argoproj.io/secret-type: cluster}},"                                    \
    " stringData: {}, data: {name: '" FAR_NAME "', server: '" FAR_SERVER "', config: '" token \
    "'}}"
#define FAR_NAME   "ZmFy"                         /* far */
#define FAR_SERVER "aHR0cHM6Ly9mYXIuZXhhbXBsZQ==" /* https://far.example */
#define TOKEN_A    "eyJiZWFyZXJUb2tlbiI6ImEifQ==" /* {"bearerToken":"a"} */
#define TOKEN_B    "eyJiZWFyZXJUb2tlbiI6ImIifQ=="
#define BROKEN     "ew=="

static const struct app_destination FAR = {.name = {"far", 3}};

struct wanted {
    struct api_fixture *f;
    enum err_code code;
};

static bool answers(void *data)
{
    const struct wanted *w = data;
    struct kube_client *client = NULL;
    struct err err;
    int rc = clusters_client(w->f->server, &FAR, &client, &err);
    return rc == -(int)w->code;
}

static void wait_answer(struct api_fixture *f, enum err_code code)
{
    struct wanted w = {f, code};
    api_fixture_wait(f, answers, &w);
}

static void connections(struct api_fixture *f)
{
    struct kube_client *first = NULL;
    struct kube_client *again = NULL;
    struct err err;
    ASSERT_ERR(clusters_client(f->server, &FAR, &first, &err), ERR_NOT_FOUND, "far");
    fake_cluster_put(f->cluster, SECRET(TOKEN_A));
    wait_answer(f, ERR_OK);
    ASSERT_OK(clusters_client(f->server, &FAR, &first, &err));
    ASSERT_OK(clusters_client(f->server, &FAR, &again, &err));
    assert_ptr_equal(first, again);
    fake_cluster_put(f->cluster, SECRET(BROKEN));
    wait_answer(f, ERR_INVALID);
    fake_cluster_put(f->cluster, SECRET(TOKEN_B));
    wait_answer(f, ERR_OK);
    fake_cluster_remove(f->cluster, "Secret", "argocd", "far");
    wait_answer(f, ERR_NOT_FOUND);
}

static void follow_the_settings(void **state UNUSED)
{
    API_TEST(connections);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follow_the_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
