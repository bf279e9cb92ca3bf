/* kubeconfig files, several merged.
 *
 * As kubectl merges them: of a named cluster, user or context, and of current-context, the first file
 * that has it wins; relative paths are relative to the file they stand in. The trees live in the
 * configuration's arena, so that strings may be kept without copies. */
#include "common/base/arena.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/base/path.h"
#include "common/base/vec.h"
#include "common/kube/kube_config.h"
#include "common/kube/kube_config_internal.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"

#define EXEC_EXTENSION "client.authentication.k8s.io/exec"

struct source {
    struct str path;
    const struct value *root;
};

struct sources {
    struct source *items;
    size_t n;
    size_t cap;
};

/* A named entry and the file it stands in. */
struct entry {
    const struct value *body;
    const struct source *source;
};

/* ---- reading ---- */

static int add_source(struct kube_config *config,
                      struct sources *sources,
                      struct str text,
                      struct str path,
                      struct err *err)
{
    const struct value_yaml_opts opts = {.max_bytes = LIMIT_KUBE_CONFIG_BYTES};
    struct source source = {.path = arena_str(config->arena, path)};
    if (value_from_yaml(config->arena, text, &opts, &source.root, err) < 0) {
        return err_at(err, path, err->pos.line, err->pos.column);
    }
    if (!value_is(source.root, VALUE_MAP) && !value_is(source.root, VALUE_NULL)) {
        return err_set(err, ERR_INVALID, "'" STR_FMT "' is not a kubeconfig", STR_ARG(path));
    }
    vec_push_in(config->arena, sources, source);
    return 0;
}

static int
load_sources(struct kube_config *config, struct sources *sources, struct str paths, struct err *err)
{
    struct str rest = paths;
    struct str path;
    while (str_next(&rest, ':', &path)) {
        AUTO(arena) struct arena *scratch = arena_new();
        struct str text;
        if (path.n == 0) {
            continue;
        }
        const char *terminated = arena_str(scratch, path).p;
        int rc = fs_read_file(scratch, terminated, LIMIT_KUBE_CONFIG_BYTES, &text, err);
        if (rc == -ERR_NOT_FOUND) {
            continue; /* one of several may be missing */
        }
        TRY(rc);
        TRY(add_source(config, sources, text, path, err));
    }
    if (sources->n == 0) {
        return err_set(err, ERR_NOT_FOUND, "no kubeconfig at '" STR_FMT "'", STR_ARG(paths));
    }
    return 0;
}

/* ---- looking up ---- */

static int find_entry(const struct sources *sources,
                      const char *list_name,
                      const char *body_name,
                      struct str name,
                      struct entry *ret,
                      struct err *err)
{
    for (size_t i = 0; i < sources->n; i++) {
        const struct source *source = &sources->items[i];
        VALUE_FOREACH(value_dig(source->root, list_name), item) {
            if (str_eq(value_dig_str(item, "name"), name)) {
                *ret = (struct entry){value_dig(item, body_name), source};
                return 0;
            }
        }
    }
    return err_set(err, ERR_NOT_FOUND, "kubeconfig has no %s '" STR_FMT "'", body_name,
                   STR_ARG(name));
}

static int
choose_context(const struct sources *sources, struct str wanted, struct str *ret, struct err *err)
{
    *ret = wanted;
    for (size_t i = 0; i < sources->n && ret->n == 0; i++) {
        TRY(kube_config_field_str(sources->items[i].root, "current-context", ret, err));
    }
    if (ret->n == 0) {
        return err_set(err, ERR_NOT_FOUND, "no context is chosen: current-context is not set");
    }
    return 0;
}

/* ---- files named in it ---- */

static struct str
resolve_path(struct kube_config *config, const struct entry *entry, struct str path)
{
    if (str_starts_with(path, STR("/"))) {
        return arena_str(config->arena, path);
    }
    struct str dir = path_dir(entry->source->path);
    if (dir.n == 0 && str_starts_with(entry->source->path, STR("/"))) {
        dir = STR("/.");
    }
    return path_append(config->arena, dir, path);
}

/* PEM from "<name>-data", which wins, or from the file "<name>". */
static int read_pem(struct kube_config *config,
                    const struct entry *entry,
                    const char *name,
                    struct str *ret,
                    struct err *err)
{
    AUTO(arena) struct arena *scratch = arena_new();
    struct str data_name = arena_printf(scratch, "%s-data", name);
    struct str path = STR_EMPTY;
    TRY(kube_config_field_b64(config, entry->body, data_name.p, ret, err));
    TRY(kube_config_field_str(entry->body, name, &path, err));
    if (ret->n > 0 || path.n == 0) {
        return 0;
    }
    struct str text;
    path = resolve_path(config, entry, path);
    TRY_IN(fs_read_file(scratch, path.p, LIMIT_KUBE_CONFIG_BYTES, &text, err), err, "%s", name);
    *ret = kube_config_keep_secret(config, text);
    return 0;
}

/* ---- clusters ---- */

static int read_cluster(struct kube_config *config, const struct entry *entry, struct err *err)
{
    const struct value *body = entry->body;
    TRY(kube_config_field_str(body, "server", &config->server, err));
    TRY(kube_config_field_str(body, "tls-server-name", &config->tls_server_name, err));
    TRY(kube_config_field_str(body, "proxy-url", &config->proxy_url, err));
    TRY(kube_config_field_bool(body, "disable-compression", &config->disable_compression, err));
    TRY(kube_config_field_bool(body, "insecure-skip-tls-verify", &config->insecure, err));
    return read_pem(config, entry, "certificate-authority", &config->ca_pem, err);
}

static const struct value *exec_extension(const struct value *cluster)
{
    VALUE_FOREACH(value_dig(cluster, "extensions"), item) {
        if (str_eq_c(value_dig_str(item, "name"), EXEC_EXTENSION)) {
            return value_dig(item, "extension");
        }
    }
    return NULL;
}

/* ---- users ---- */

static int read_exec_env(struct kube_config *config,
                         struct kube_exec *exec,
                         const struct value *list,
                         struct err *err)
{
    struct kube_env *items = arena_calloc(config->arena, value_len(list) + 1, sizeof(*items));
    size_t n = 0;
    VALUE_FOREACH(list, item) {
        struct str text = STR_EMPTY;
        TRY(kube_config_field_str(item, "name", &items[n].name, err));
        TRY(kube_config_field_str(item, "value", &text, err));
        if (items[n].name.n == 0) {
            return err_set(err, ERR_INVALID, "env has an entry without name");
        }
        items[n++].text = kube_config_keep_secret(config, text);
    }
    exec->env = items;
    exec->n_env = n;
    return 0;
}

static int read_exec(struct kube_config *config,
                     const struct entry *user,
                     const struct entry *cluster,
                     struct err *err)
{
    const struct value *body = value_dig(user->body, "exec");
    struct kube_exec *exec = ARENA_NEW(config->arena, struct kube_exec);
    TRY(kube_config_field_str(body, "command", &exec->command, err));
    TRY(kube_config_field_str(body, "apiVersion", &exec->api_version, err));
    TRY(kube_config_field_str(body, "installHint", &exec->install_hint, err));
    TRY(kube_config_field_bool(body, "provideClusterInfo", &exec->provide_cluster_info, err));
    TRY(kube_config_field_strs(config, body, "args", &exec->args, &exec->n_args, err));
    TRY(read_exec_env(config, exec, value_dig(body, "env"), err));
    if (exec->command.n == 0 || exec->api_version.n == 0) {
        return err_set(err, ERR_INVALID, "command and apiVersion are needed");
    }
    if (str_find_char(exec->command, '/') != STR_NONE) {
        exec->command = resolve_path(config, user, exec->command);
    }
    exec->config = exec_extension(cluster->body);
    config->exec = exec;
    return 0;
}

static int read_user(struct kube_config *config,
                     const struct entry *user,
                     const struct entry *cluster,
                     struct err *err)
{
    const struct value *body = user->body;
    TRY(kube_config_field_str(body, "token", &config->token, err));
    TRY(kube_config_field_str(body, "tokenFile", &config->token_file, err));
    TRY(kube_config_field_str(body, "username", &config->username, err));
    TRY(kube_config_field_str(body, "password", &config->password, err));
    TRY(kube_config_field_str(body, "as", &config->as_user, err));
    TRY(kube_config_field_str(body, "as-uid", &config->as_uid, err));
    TRY(kube_config_field_strs(config, body, "as-groups", &config->as_groups, &config->n_as_groups,
                               err));
    TRY(read_pem(config, user, "client-certificate", &config->cert_pem, err));
    TRY(read_pem(config, user, "client-key", &config->key_pem, err));
    config->token = kube_config_keep_secret(config, config->token);
    config->password = kube_config_keep_secret(config, config->password);
    if (config->token_file.n > 0) {
        config->token_file = resolve_path(config, user, config->token_file);
    }
    if (value_is(value_dig(body, "auth-provider"), VALUE_MAP)) {
        return err_set(err, ERR_UNSUPPORTED,
                       "auth-provider was removed from Kubernetes; use an exec plugin");
    }
    if (value_is(value_dig(body, "exec"), VALUE_MAP)) {
        TRY_IN(read_exec(config, user, cluster, err), err, "exec");
    }
    return 0;
}

/* ---- together ---- */

static int resolve(struct kube_config *config,
                   const struct sources *sources,
                   struct str wanted,
                   struct err *err)
{
    struct entry context;
    struct entry cluster;
    struct str cluster_name = STR_EMPTY;
    struct str user_name = STR_EMPTY;
    TRY(choose_context(sources, wanted, &config->context, err));
    config->context = arena_str(config->arena, config->context);
    TRY(find_entry(sources, "contexts", "context", config->context, &context, err));
    TRY(kube_config_field_str(context.body, "cluster", &cluster_name, err));
    TRY(kube_config_field_str(context.body, "user", &user_name, err));
    TRY(kube_config_field_str(context.body, "namespace", &config->namespace, err));
    TRY(find_entry(sources, "clusters", "cluster", cluster_name, &cluster, err));
    TRY_IN(read_cluster(config, &cluster, err), err, "cluster '" STR_FMT "'",
           STR_ARG(cluster_name));
    if (user_name.n > 0) {
        struct entry user;
        TRY(find_entry(sources, "users", "user", user_name, &user, err));
        TRY_IN(read_user(config, &user, &cluster, err), err, "user '" STR_FMT "'",
               STR_ARG(user_name));
    }
    return kube_config_check(config, err);
}

int kube_config_load(const struct kube_config_opts *opts, struct kube_config **ret, struct err *err)
{
    AUTO(kube_config) struct kube_config *config = kube_config_new();
    struct sources sources = {0};
    TRY(load_sources(config, &sources, opts->paths, err));
    TRY_IN(resolve(config, &sources, opts->context, err), err, "kubeconfig");
    *ret = TAKE(config);
    return 0;
}

int kube_config_parse(
    struct str text, struct str file, struct str context, struct kube_config **ret, struct err *err)
{
    AUTO(kube_config) struct kube_config *config = kube_config_new();
    struct sources sources = {0};
    TRY(add_source(config, &sources, text, file, err));
    TRY_IN(resolve(config, &sources, context, err), err, "kubeconfig");
    *ret = TAKE(config);
    return 0;
}
