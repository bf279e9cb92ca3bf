/* Configurations: the object, and those that come from a pod's files or a cluster secret.
 *
 * kubeconfig files are read in kubeconfig.c. */
#include "common/kube/kube_config.h"

#include "common/base/arena.h"
#include "common/base/b64.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/vec.h"
#include "common/kube/kube_config_internal.h"
#include "common/rt/config.h"
#include "common/value/value.h"
#include "common/value/value_json.h"

#define SERVICE_ACCOUNT_DIR "/var/run/secrets/kubernetes.io/serviceaccount"

/* ---- the object ---- */

struct kube_config *kube_config_new(void)
{
    struct kube_config *config = MEM_NEW(struct kube_config);
    config->arena = arena_new();
    return config;
}

void kube_config_free(struct kube_config *config)
{
    if (config != NULL) {
        arena_free(config->arena);
        mem_free(config);
    }
}

struct secret {
    char *p;
    size_t n;
};

static void erase_secret(void *p)
{
    struct secret *secret = p;
    mem_erase(secret->p, secret->n);
}

struct str kube_config_keep_secret(struct kube_config *config, struct str text)
{
    if (text.n == 0) {
        return STR_EMPTY;
    }
    struct secret *secret = ARENA_NEW(config->arena, struct secret);
    secret->n = text.n;
    secret->p = arena_bytes(config->arena, text.n + 1);
    memcpy(secret->p, text.p, text.n);
    secret->p[text.n] = '\0';
    arena_defer(config->arena, erase_secret, secret);
    return str_of(secret->p, secret->n);
}

/* ---- fields ---- */

/* The field, or NULL when missing or null. ERR_INVALID for another type. */
static int typed_field(const struct value *map,
                       const char *name,
                       enum value_type type,
                       const struct value **ret,
                       struct err *err)
{
    const struct value *v = value_dig(map, name);
    *ret = value_is(v, VALUE_NULL) ? NULL : v;
    if (*ret != NULL && !value_is(v, type)) {
        (void)err_set(err, ERR_INVALID, "%s is a %s, not a %s", name,
                      value_type_name(value_type(v)), value_type_name(type));
        return v->line > 0 ? err_at(err, STR_EMPTY, v->line, v->column) : -ERR_INVALID;
    }
    return 0;
}

int kube_config_field_str(const struct value *map,
                          const char *name,
                          struct str *ret,
                          struct err *err)
{
    const struct value *v;
    TRY(typed_field(map, name, VALUE_STRING, &v, err));
    if (v != NULL) {
        *ret = value_str(v);
    }
    return 0;
}

int kube_config_field_bool(const struct value *map, const char *name, bool *ret, struct err *err)
{
    const struct value *v;
    TRY(typed_field(map, name, VALUE_BOOL, &v, err));
    if (v != NULL) {
        *ret = v->b;
    }
    return 0;
}

int kube_config_field_b64(struct kube_config *config,
                          const struct value *map,
                          const char *name,
                          struct str *ret,
                          struct err *err)
{
    struct str text = STR_EMPTY;
    TRY(kube_config_field_str(map, name, &text, err));
    if (text.n == 0) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    struct str bytes;
    TRY_IN(b64_decode(arena, text, B64_STANDARD, &bytes, err), err, "%s", name);
    *ret = kube_config_keep_secret(config, bytes);
    return 0;
}

int kube_config_field_strs(struct kube_config *config,
                           const struct value *map,
                           const char *name,
                           const struct str **ret_items,
                           size_t *ret_n,
                           struct err *err)
{
    const struct value *list;
    TRY(typed_field(map, name, VALUE_LIST, &list, err));
    size_t n = value_len(list);
    struct str *items = arena_calloc(config->arena, n + 1, sizeof(*items));
    for (size_t i = 0; i < n; i++) {
        if (!value_is(value_at(list, i), VALUE_STRING)) {
            return err_set(err, ERR_INVALID, "%s[%zu] is not a string", name, i);
        }
        items[i] = arena_str(config->arena, value_str(value_at(list, i)));
    }
    *ret_items = items;
    *ret_n = n;
    return 0;
}

int kube_config_check(struct kube_config *config, struct err *err)
{
    struct str server = str_trim(config->server);
    while (str_cut_suffix(&server, STR("/"))) {
    }
    if (server.n == 0) {
        return err_set(err, ERR_INVALID, "the cluster has no server");
    }
    bool tls = config->insecure || config->ca_pem.n > 0 || config->cert_pem.n > 0;
    const char *scheme = tls ? "https://" : "http://";
    if (str_find(server, STR("://")) != STR_NONE) {
        scheme = "";
    }
    config->server = arena_printf(config->arena, "%s" STR_FMT, scheme, STR_ARG(server));
    if (config->insecure && config->ca_pem.n > 0) {
        return err_set(err, ERR_INVALID,
                       "a certificate authority and skipping its check exclude each other");
    }
    if ((config->cert_pem.n == 0) != (config->key_pem.n == 0)) {
        return err_set(err, ERR_INVALID, "a client certificate and its key belong together");
    }
    return 0;
}

/* ---- in a pod ---- */

int kube_config_in_cluster(const struct kube_in_cluster_opts *opts,
                           struct kube_config **ret,
                           struct err *err)
{
    if (opts->host.n == 0 || opts->port.n == 0) {
        return err_set(err, ERR_NOT_FOUND,
                       "not in a pod: KUBERNETES_SERVICE_HOST and _PORT are not set");
    }
    AUTO(kube_config) struct kube_config *config = kube_config_new();
    struct arena *arena = config->arena;
    struct str dir = opts->dir.n > 0 ? opts->dir : STR(SERVICE_ACCOUNT_DIR);
    bool ipv6 = str_find_char(opts->host, ':') != STR_NONE;
    config->server = arena_printf(
        arena, ipv6 ? "https://[" STR_FMT "]:" STR_FMT : "https://" STR_FMT ":" STR_FMT,
        STR_ARG(opts->host), STR_ARG(opts->port));
    config->context = STR("in-cluster");
    config->token_file = arena_printf(arena, STR_FMT "/token", STR_ARG(dir));
    struct str ca_path = arena_printf(arena, STR_FMT "/ca.crt", STR_ARG(dir));
    TRY_IN(fs_read_file(arena, ca_path.p, LIMIT_KUBE_CONFIG_BYTES, &config->ca_pem, err), err,
           "service account");
    struct str namespace_path = arena_printf(arena, STR_FMT "/namespace", STR_ARG(dir));
    struct err ignored; /* the namespace is only a default */
    if (fs_read_file(arena, namespace_path.p, LIMIT_KIB, &config->namespace, &ignored) == 0) {
        config->namespace = str_trim(config->namespace);
    }
    *ret = TAKE(config);
    return 0;
}

/* ---- a daemon's own cluster ---- */

int kube_config_own(struct str paths, struct kube_config **ret, struct err *err)
{
    if (paths.n > 0) {
        return kube_config_load(&(struct kube_config_opts){.paths = paths}, ret, err);
    }
    const struct kube_in_cluster_opts opts = {
        .host = str_from(config_env("KUBERNETES_SERVICE_HOST")),
        .port = str_from(config_env("KUBERNETES_SERVICE_PORT")),
    };
    TRY_IN(kube_config_in_cluster(&opts, ret, err), err,
           "no --kubeconfig is given and this is no pod");
    return 0;
}

/* ---- Argo CD cluster secrets ---- */

static int read_tls(struct kube_config *config, const struct value *tls, struct err *err)
{
    TRY(kube_config_field_bool(tls, "insecure", &config->insecure, err));
    TRY(kube_config_field_str(tls, "serverName", &config->tls_server_name, err));
    TRY(kube_config_field_b64(config, tls, "caData", &config->ca_pem, err));
    TRY(kube_config_field_b64(config, tls, "certData", &config->cert_pem, err));
    return kube_config_field_b64(config, tls, "keyData", &config->key_pem, err);
}

/* Map of strings to variables. */
static int read_env(struct kube_config *config,
                    struct kube_exec *exec,
                    const struct value *env,
                    struct err *err)
{
    struct kube_env *items = arena_calloc(config->arena, value_len(env) + 1, sizeof(*items));
    size_t n = 0;
    VALUE_MAP_FOREACH(env, entry)
    {
        if (!value_is(&entry->value, VALUE_STRING)) {
            return err_set(err, ERR_INVALID, "env." STR_FMT " is not a string",
                           STR_ARG(entry->key));
        }
        items[n].name = arena_str(config->arena, entry->key);
        items[n++].text = kube_config_keep_secret(config, value_str(&entry->value));
    }
    exec->env = items;
    exec->n_env = n;
    return 0;
}

static int read_exec(struct kube_config *config, const struct value *provider, struct err *err)
{
    struct kube_exec *exec = ARENA_NEW(config->arena, struct kube_exec);
    TRY(kube_config_field_str(provider, "command", &exec->command, err));
    TRY(kube_config_field_str(provider, "apiVersion", &exec->api_version, err));
    TRY(kube_config_field_str(provider, "installHint", &exec->install_hint, err));
    TRY(kube_config_field_bool(provider, "provideClusterInfo", &exec->provide_cluster_info, err));
    TRY(kube_config_field_strs(config, provider, "args", &exec->args, &exec->n_args, err));
    TRY(read_env(config, exec, value_dig(provider, "env"), err));
    exec->config = value_dig(provider, "config");
    if (exec->command.n == 0) {
        return err_set(err, ERR_INVALID, "command is missing");
    }
    config->exec = exec;
    return 0;
}

/* The plugin Argo CD ships for EKS. */
static int read_aws(struct kube_config *config, const struct value *aws, struct err *err)
{
    static const struct {
        const char *field;
        struct str flag;
    } FLAGS[] = {
        {"clusterName", STR("--cluster-name")},
        {"roleARN", STR("--role-arn")},
        {"profile", STR("--profile")},
    };
    struct kube_exec *exec = ARENA_NEW(config->arena, struct kube_exec);
    struct str *args = arena_calloc(config->arena, 1 + 2 * ARRAY_LEN(FLAGS), sizeof(*args));
    exec->command = STR("argocd-k8s-auth");
    exec->api_version = STR("client.authentication.k8s.io/v1beta1");
    args[exec->n_args++] = STR("aws");
    for (size_t i = 0; i < ARRAY_LEN(FLAGS); i++) {
        struct str text = STR_EMPTY;
        TRY(kube_config_field_str(aws, FLAGS[i].field, &text, err));
        if (text.n > 0) {
            args[exec->n_args++] = FLAGS[i].flag;
            args[exec->n_args++] = text;
        }
    }
    exec->args = args;
    config->exec = exec;
    return 0;
}

/* One that is no map would be passed over, and the cluster asked without credentials. */
static int check_blocks(const struct value *root, struct err *err)
{
    static const char *const BLOCKS[] = {"tlsClientConfig", "awsAuthConfig", "execProviderConfig"};
    for (size_t i = 0; i < ARRAY_LEN(BLOCKS); i++) {
        const struct value *block = value_dig(root, BLOCKS[i]);
        if (block != NULL && !value_is(block, VALUE_MAP) && !value_is(block, VALUE_NULL)) {
            return err_set(err, ERR_INVALID, "%s must be a map", BLOCKS[i]);
        }
    }
    return 0;
}

/* root lives in the configuration's arena: its strings may be kept. */
static int read_secret(struct kube_config *config, const struct value *root, struct err *err)
{
    const struct value *aws = value_dig(root, "awsAuthConfig");
    const struct value *exec = value_dig(root, "execProviderConfig");
    const struct value *tls = value_dig(root, "tlsClientConfig");
    TRY(kube_config_field_str(root, "username", &config->username, err));
    TRY(kube_config_field_str(root, "password", &config->password, err));
    TRY(kube_config_field_str(root, "bearerToken", &config->token, err));
    TRY(kube_config_field_str(root, "proxyUrl", &config->proxy_url, err));
    TRY(kube_config_field_bool(root, "disableCompression", &config->disable_compression, err));
    config->token = kube_config_keep_secret(config, config->token);
    config->password = kube_config_keep_secret(config, config->password);
    TRY(check_blocks(root, err));
    TRY_IN(read_tls(config, tls, err), err, "tlsClientConfig");
    if (value_is(aws, VALUE_MAP)) {
        TRY_IN(read_aws(config, aws, err), err, "awsAuthConfig");
    } else if (value_is(exec, VALUE_MAP)) {
        TRY_IN(read_exec(config, exec, err), err, "execProviderConfig");
    }
    return kube_config_check(config, err);
}

int kube_config_from_secret(struct str server,
                            struct str config_json,
                            struct kube_config **ret,
                            struct err *err)
{
    AUTO(kube_config) struct kube_config *config = kube_config_new();
    const struct value *root = &VALUE_EMPTY_MAP;
    if (str_trim(config_json).n > 0) {
        TRY_IN(value_from_json(config->arena, config_json, NULL, &root, err), err,
               "cluster '" STR_FMT "': config", STR_ARG(server));
    }
    if (!value_is(root, VALUE_MAP)) {
        return err_set(err, ERR_INVALID, "cluster '" STR_FMT "': config is not an object",
                       STR_ARG(server));
    }
    config->server = arena_str(config->arena, server);
    TRY_IN(read_secret(config, root, err), err, "cluster '" STR_FMT "': config", STR_ARG(server));
    *ret = TAKE(config);
    return 0;
}
