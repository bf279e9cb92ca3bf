/* kubeconfig files: contexts, merging, files named in them, plugins, mistakes. */
#include "common/base/arena.h"
#include "common/kube/kube_config.h"
#include "common/value/value.h"
#include "tests/lib/check.h"
#include "tests/lib/tmp_dir.h"

static const char FULL[] =
    "apiVersion: v1\n"
    "kind: Config\n"
    "current-context: main\n"
    "clusters:\n"
    "- name: c1\n"
    "  cluster:\n"
    "    server: https://one:6443\n"
    "    certificate-authority-data: Y2E=\n"
    "    tls-server-name: name\n"
    "    proxy-url: http://proxy\n"
    "    extensions:\n"
    "    - {name: client.authentication.k8s.io/exec, extension: {audience: me}}\n"
    "- name: c2\n"
    "  cluster: {server: https://two, insecure-skip-tls-verify: true}\n"
    "contexts:\n"
    "- {name: main, context: {cluster: c1, user: u1, namespace: shop}}\n"
    "- {name: other, context: {cluster: c2, user: u2}}\n"
    "- {name: plugin, context: {cluster: c1, user: u3}}\n"
    "- {name: nobody, context: {cluster: c2}}\n"
    "- {name: lost, context: {cluster: c9, user: u1}}\n"
    "- {name: stranger, context: {cluster: c1, user: u9}}\n"
    "- {name: past, context: {cluster: c1, user: u4}}\n"
    "users:\n"
    "- name: u1\n"
    "  user: {client-certificate-data: Y2VydA==, client-key-data: a2V5, as: ann, as-groups: [g]}\n"
    "- name: u2\n"
    "  user: {token: tok, username: u, password: p}\n"
    "- name: u3\n"
    "  user:\n"
    "    exec:\n"
    "      apiVersion: client.authentication.k8s.io/v1\n"
    "      command: ./tool\n"
    "      args: [a]\n"
    "      env: [{name: K, value: v}]\n"
    "      provideClusterInfo: true\n"
    "- name: u4\n"
    "  user: {auth-provider: {name: gcp}}\n";

static struct kube_config *parse(const char *context)
{
    struct kube_config *config = NULL;
    struct err err;
    ASSERT_OK(
        kube_config_parse(str_from(FULL), STR("/etc/k/config"), str_from(context), &config, &err));
    return config;
}

static void the_current_context_is_used(void **state UNUSED)
{
    AUTO(kube_config) struct kube_config *config = parse("");
    ASSERT_STR(config->context, "main");
    ASSERT_STR(config->server, "https://one:6443");
    ASSERT_STR(config->namespace, "shop");
    ASSERT_STR(config->ca_pem, "ca");
    ASSERT_STR(config->tls_server_name, "name");
    ASSERT_STR(config->proxy_url, "http://proxy");
    ASSERT_STR(config->cert_pem, "cert");
    ASSERT_STR(config->key_pem, "key");
    ASSERT_STR(config->as_user, "ann");
    ASSERT_STR(config->as_groups[0], "g");
}

static void another_context_can_be_chosen(void **state UNUSED)
{
    AUTO(kube_config) struct kube_config *config = parse("other");
    ASSERT_STR(config->server, "https://two");
    assert_true(config->insecure);
    ASSERT_STR(config->token, "tok");
    ASSERT_STR(config->username, "u");
    AUTO(kube_config) struct kube_config *nobody = parse("nobody");
    ASSERT_STR(nobody->token, "");
}

static void plugins_are_relative_to_the_file(void **state UNUSED)
{
    AUTO(kube_config) struct kube_config *config = parse("plugin");
    ASSERT_STR(config->exec->command, "/etc/k/./tool");
    ASSERT_STR(config->exec->args[0], "a");
    ASSERT_STR(config->exec->env[0].text, "v");
    ASSERT_STR(value_dig_str(config->exec->config, "audience"), "me");
}

static const struct {
    const char *text; /* NULL = FULL */
    const char *context;
    enum err_code code;
    const char *message;
} BAD[] = {
    {NULL, "none", ERR_NOT_FOUND, "no context 'none'"},
    {NULL, "lost", ERR_NOT_FOUND, "no cluster 'c9'"},
    {NULL, "stranger", ERR_NOT_FOUND, "no user 'u9'"},
    {NULL, "past", ERR_UNSUPPORTED, "user 'u4': auth-provider"},
    {"", "", ERR_NOT_FOUND, "current-context is not set"},
    {"[1]", "", ERR_INVALID, "'/etc/k/config' is not a kubeconfig"},
    {"a: [", "", ERR_INVALID, "/etc/k/config"},
    {"current-context: [x]", "", ERR_INVALID, "current-context is a list, not a string"},
    {"{current-context: a, contexts: [{name: a, context: {cluster: c}}],\n"
     " clusters: [{name: c, cluster: {server: ''}}]}",
     "", ERR_INVALID, "no server"},
    {"{current-context: a, contexts: [{name: a, context: {cluster: c}}],\n"
     " clusters: [{name: c, cluster: {server: s, insecure-skip-tls-verify: 'true'}}]}",
     "", ERR_INVALID, "insecure-skip-tls-verify is a string"},
    {"{current-context: a, contexts: [{name: a, context: {cluster: c}}],\n"
     " clusters: [{name: c, cluster: {server: s, certificate-authority: missing.crt}}]}",
     "", ERR_NOT_FOUND, "certificate-authority: cannot open '/etc/k/missing.crt'"},
};

static void mistakes_are_explained(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        struct kube_config *config = NULL;
        struct err err;
        const char *text = BAD[i].text != NULL ? BAD[i].text : FULL;
        ASSERT_ERR(kube_config_parse(str_from(text), STR("/etc/k/config"), str_from(BAD[i].context),
                                     &config, &err),
                   BAD[i].code, BAD[i].message);
        assert_null(config);
    }
}

static void several_files_are_merged_the_first_wins(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    char dir[TMP_DIR_BYTES];
    struct kube_config *config = NULL;
    struct err err;
    tmp_dir_new(dir);
    tmp_dir_put(
        dir, "a",
        "clusters: [{name: c, cluster: {server: https://a, certificate-authority: ca.crt}}]\n"
        "contexts: [{name: x, context: {cluster: c, user: u}}]\n");
    tmp_dir_put(dir, "b",
                "current-context: x\n"
                "clusters: [{name: c, cluster: {server: https://b}}]\n"
                "users: [{name: u, user: {tokenFile: token}}]\n");
    tmp_dir_put(dir, "ca.crt", "pem");
    struct str paths = arena_printf(arena, "%s/none:%s/a::%s/b", dir, dir, dir);
    ASSERT_OK(kube_config_load(&(struct kube_config_opts){.paths = paths}, &config, &err));
    ASSERT_STR(config->server, "https://a");
    ASSERT_STR(config->ca_pem, "pem");
    ASSERT_STR(config->token_file, arena_printf(arena, "%s/token", dir).p);
    kube_config_free(TAKE(config));
    paths = arena_printf(arena, "%s/none", dir);
    ASSERT_ERR(kube_config_load(&(struct kube_config_opts){.paths = paths}, &config, &err),
               ERR_NOT_FOUND, "no kubeconfig at");
    tmp_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_current_context_is_used),
        cmocka_unit_test(another_context_can_be_chosen),
        cmocka_unit_test(plugins_are_relative_to_the_file),
        cmocka_unit_test(mistakes_are_explained),
        cmocka_unit_test(several_files_are_merged_the_first_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
