/* How clusters of the settings are reached, and what is wrong with them. */
#include "common/kube/kube_config.h"
#include "common/model/cluster.h"
#include "common/settings/cluster_config.h"
#include "tests/lib/check.h"
#include "tests/lib/tmp_dir.h"

static void secrets_describe_other_clusters(void **state UNUSED)
{
    const struct cluster cluster = {.server = STR("https://far.example:6443"),
                                    .config_json = STR("{\"bearerToken\":\"t\"}")};
    AUTO(kube_config) struct kube_config *config = NULL;
    struct err err;
    ASSERT_OK(cluster_kube_config(&cluster, STR("/nowhere"), &config, &err));
    ASSERT_STR(config->server, "https://far.example:6443");
}

static void the_own_cluster_is_the_kubeconfigs(void **state UNUSED)
{
    const struct cluster own = {.server = STR(CLUSTER_IN_CLUSTER_SERVER)};
    struct kube_config *config = NULL;
    struct err err;
    ASSERT_ERR(cluster_kube_config(&own, STR("/nowhere/kubeconfig"), &config, &err), ERR_NOT_FOUND,
               "cluster " CLUSTER_IN_CLUSTER_SERVER);
}

static void a_bad_secret_names_its_cluster(void **state UNUSED)
{
    const struct cluster cluster = {.server = STR("https://far.example"), .config_json = STR("{")};
    struct kube_config *config = NULL;
    struct err err;
    ASSERT_ERR(cluster_kube_config(&cluster, STR_EMPTY, &config, &err), ERR_INVALID,
               "cluster https://far.example");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_describe_other_clusters),
        cmocka_unit_test(the_own_cluster_is_the_kubeconfigs),
        cmocka_unit_test(a_bad_secret_names_its_cluster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
