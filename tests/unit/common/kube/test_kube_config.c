/* Configurations of pods and of cluster secrets. */
#include <stdlib.h>

#include "common/base/arena.h"
#include "common/kube/kube_config.h"
#include "common/value/value.h"
#include "tests/lib/check.h"
#include "tests/lib/tmp_dir.h"

static struct kube_config *from_secret(const char *server, const char *json)
{
    struct kube_config *config = NULL;
    struct err err;
    ASSERT_OK(kube_config_from_secret(str_from(server), str_from(json), &config, &err));
    return config;
}

static void a_secret_with_tokens_and_certificates(void **state UNUSED)
{
    AUTO(kube_config)
    struct kube_config *config = from_secret(
        "https://host:6443/", "{\"bearerToken\":\"tok\",\"username\":\"u\",\"password\":\"p\","
                              "\"proxyUrl\":\"http://proxy\",\"tlsClientConfig\":{\"serverName\":"
                              "\"name\",\"caData\":\"Y2E=\",\"certData\":\"Y2VydA==\",\"keyData\":"
                              "\"a2V5\"}}");
    ASSERT_STR(config->server, "https://host:6443");
    ASSERT_STR(config->token, "tok");
    ASSERT_STR(config->username, "u");
    ASSERT_STR(config->password, "p");
    ASSERT_STR(config->proxy_url, "http://proxy");
    ASSERT_STR(config->tls_server_name, "name");
    ASSERT_STR(config->ca_pem, "ca");
    ASSERT_STR(config->cert_pem, "cert");
    ASSERT_STR(config->key_pem, "key");
    assert_null(config->exec);
}

static void an_empty_secret_is_enough(void **state UNUSED)
{
    AUTO(kube_config) struct kube_config *config = from_secret("host:8080", "");
    ASSERT_STR(config->server, "http://host:8080");
    assert_false(config->insecure);
}

static void servers_without_a_scheme_follow_tls(void **state UNUSED)
{
    AUTO(kube_config)
    struct kube_config *config = from_secret("host", "{\"tlsClientConfig\":{\"insecure\":true}}");
    ASSERT_STR(config->server, "https://host");
    assert_true(config->insecure);
}

static void plugins_are_read(void **state UNUSED)
{
    AUTO(kube_config)
    struct kube_config *config = from_secret(
        "https://host", "{\"execProviderConfig\":{\"command\":\"tool\",\"args\":[\"a\",\"b\"],"
                        "\"env\":{\"K\":\"v\"},\"apiVersion\":\"client.authentication.k8s.io/v1\","
                        "\"installHint\":\"get it\",\"provideClusterInfo\":true}}");
    assert_non_null(config->exec);
    ASSERT_STR(config->exec->command, "tool");
    assert_int_equal(config->exec->n_args, 2);
    ASSERT_STR(config->exec->args[1], "b");
    ASSERT_STR(config->exec->env[0].name, "K");
    ASSERT_STR(config->exec->env[0].text, "v");
    assert_true(config->exec->provide_cluster_info);
}

static void aws_is_a_plugin(void **state UNUSED)
{
    AUTO(kube_config)
    struct kube_config *config = from_secret(
        "https://host", "{\"awsAuthConfig\":{\"clusterName\":\"c\",\"roleARN\":\"r\"}}");
    static const char *const WANT[] = {"aws", "--cluster-name", "c", "--role-arn", "r"};
    ASSERT_STR(config->exec->command, "argocd-k8s-auth");
    assert_int_equal(config->exec->n_args, ARRAY_LEN(WANT));
    for (size_t i = 0; i < ARRAY_LEN(WANT); i++) {
        ASSERT_STR(config->exec->args[i], WANT[i]);
    }
}

static const struct {
    const char *json;
    const char *message;
} BAD[] = {
    {"{\"tlsClientConfig\":\"x\"}", "tlsClientConfig must be a map"},
    {"{\"execProviderConfig\":[]}", "execProviderConfig must be a map"},
    {"{", "config"},
    {"[]", "config is not an object"},
    {"{\"bearerToken\":1}", "bearerToken is a"},
    {"{\"tlsClientConfig\":{\"caData\":\"?\"}}", "tlsClientConfig: caData: not base64"},
    {"{\"tlsClientConfig\":{\"insecure\":true,\"caData\":\"Y2E=\"}}", "exclude each other"},
    {"{\"tlsClientConfig\":{\"certData\":\"Y2E=\"}}", "belong together"},
    {"{\"execProviderConfig\":{}}", "execProviderConfig: command is missing"},
    {"{\"execProviderConfig\":{\"command\":\"x\",\"args\":[1]}}", "args[0] is not a string"},
};

static void bad_secrets_are_explained(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        struct kube_config *config = NULL;
        struct err err;
        ASSERT_ERR(
            kube_config_from_secret(STR("https://host"), str_from(BAD[i].json), &config, &err),
            ERR_INVALID, BAD[i].message);
        check_contains(&err, "cluster 'https://host'");
        assert_null(config);
    }
    struct kube_config *config = NULL;
    struct err err;
    ASSERT_ERR(kube_config_from_secret(STR(" "), STR(""), &config, &err), ERR_INVALID, "no server");
}

static void a_pod_has_its_service_account(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    char dir[TMP_DIR_BYTES];
    struct kube_config *config = NULL;
    struct err err;
    tmp_dir_new(dir);
    struct kube_in_cluster_opts opts = {STR("10.0.0.1"), STR("443"), str_from(dir)};
    ASSERT_ERR(kube_config_in_cluster(&opts, &config, &err), ERR_NOT_FOUND, "service account");
    tmp_dir_put(dir, "ca.crt", "pem");
    tmp_dir_put(dir, "namespace", "argocd\n");
    ASSERT_OK(kube_config_in_cluster(&opts, &config, &err));
    ASSERT_STR(config->server, "https://10.0.0.1:443");
    ASSERT_STR(config->namespace, "argocd");
    ASSERT_STR(config->ca_pem, "pem");
    ASSERT_STR(config->token_file, arena_printf(arena, "%s/token", dir).p);
    kube_config_free(TAKE(config));
    opts.host = STR("fd00::1");
    ASSERT_OK(kube_config_in_cluster(&opts, &config, &err));
    ASSERT_STR(config->server, "https://[fd00::1]:443");
    kube_config_free(TAKE(config));
    opts.host = STR("");
    ASSERT_ERR(kube_config_in_cluster(&opts, &config, &err), ERR_NOT_FOUND, "not in a pod");
    tmp_dir_remove(dir);
}

static void the_own_cluster_is_the_kubeconfigs(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    char dir[TMP_DIR_BYTES];
    struct kube_config *config = NULL;
    struct err err;
    tmp_dir_new(dir);
    tmp_dir_put(dir, "config",
                "{current-context: a, contexts: [{name: a, context: {cluster: c}}],\n"
                " clusters: [{name: c, cluster: {server: https://one}}]}");
    ASSERT_OK(kube_config_own(arena_printf(arena, "%s/config", dir), &config, &err));
    ASSERT_STR(config->server, "https://one");
    kube_config_free(TAKE(config));
    ASSERT_ERR(kube_config_own(STR("/nowhere/kubeconfig"), &config, &err), ERR_NOT_FOUND,
               "/nowhere/kubeconfig");
    tmp_dir_remove(dir);
}

static void without_a_kubeconfig_it_is_the_pods(void **state UNUSED)
{
    struct kube_config *config = NULL;
    struct err err;
    (void)unsetenv("KUBERNETES_SERVICE_HOST");
    ASSERT_ERR(kube_config_own(STR(""), &config, &err), ERR_NOT_FOUND,
               "no --kubeconfig is given and this is no pod");
    check_contains(&err, "KUBERNETES_SERVICE_HOST");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_with_tokens_and_certificates),
        cmocka_unit_test(an_empty_secret_is_enough),
        cmocka_unit_test(servers_without_a_scheme_follow_tls),
        cmocka_unit_test(plugins_are_read),
        cmocka_unit_test(aws_is_a_plugin),
        cmocka_unit_test(bad_secrets_are_explained),
        cmocka_unit_test(a_pod_has_its_service_account),
        cmocka_unit_test(the_own_cluster_is_the_kubeconfigs),
        cmocka_unit_test(without_a_kubeconfig_it_is_the_pods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
