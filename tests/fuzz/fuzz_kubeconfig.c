/* kubeconfig files and the config of cluster secrets: any bytes are read or refused, and a configuration
 * that was accepted holds together. */
#include "common/kube/kube_config.h"
#include "tests/fuzz/fuzz.h"

static void check(const struct kube_config *config)
{
    FUZZ_CHECK(config->server.n > 0);
    FUZZ_CHECK((config->cert_pem.n == 0) == (config->key_pem.n == 0));
    FUZZ_CHECK(!config->insecure || config->ca_pem.n == 0);
    FUZZ_CHECK(config->exec == NULL || config->exec->command.n > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_of((const char *)data, size);
    struct kube_config *config = NULL;
    struct err err;
    /* files it names are looked for where there are none */
    if (kube_config_parse(text, STR("/nonexistent/config"), STR_EMPTY, &config, &err) == 0) {
        check(config);
        kube_config_free(TAKE(config));
    }
    if (kube_config_from_secret(STR("https://host"), text, &config, &err) == 0) {
        check(config);
        kube_config_free(TAKE(config));
    }
    return 0;
}
