/* Running credential plugins.
 *
 * The protocol is small: what the plugin must know goes in by an environment variable, one JSON object
 * comes out on standard output. */
#include "common/kube/kube_exec.h"

#include <unistd.h>

#include "common/base/arena.h"
#include "common/base/b64.h"
#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/vec.h"
#include "common/kube/kube_config.h"
#include "common/rt/loop.h"
#include "common/rt/op.h"
#include "common/rt/subproc.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_json.h"

#define INFO_NAME "KUBERNETES_EXEC_INFO"

/* ---- pure ---- */

static int parse_expiry(const struct value *status, int64_t *ret_ms, struct err *err)
{
    struct str text = value_dig_str(status, "expirationTimestamp");
    if (text.n == 0) {
        *ret_ms = 0;
        return 0;
    }
    return clock_parse_rfc3339(text, ret_ms, err);
}

int kube_exec_parse(struct arena *arena,
                    struct str output,
                    struct str api_version,
                    struct kube_credential *ret,
                    struct err *err)
{
    const struct value *root;
    struct err syntax;
    if (value_from_json(arena, output, NULL, &root, &syntax) < 0) {
        return err_set(err, ERR_INVALID, "the plugin did not print JSON");
    }
    if (!str_eq_c(value_dig_str(root, "kind"), "ExecCredential") ||
        !str_eq(value_dig_str(root, "apiVersion"), api_version)) {
        return err_set(err, ERR_INVALID, "the plugin did not print an ExecCredential of " STR_FMT,
                       STR_ARG(api_version));
    }
    const struct value *status = value_dig(root, "status");
    struct kube_credential credential = {
        .token = value_dig_str(status, "token"),
        .cert_pem = value_dig_str(status, "clientCertificateData"),
        .key_pem = value_dig_str(status, "clientKeyData"),
    };
    TRY_IN(parse_expiry(status, &credential.expires_ms, err), err, "expirationTimestamp");
    if (credential.token.n == 0 && credential.cert_pem.n == 0) {
        return err_set(err, ERR_INVALID, "the plugin printed neither a token nor a certificate");
    }
    if ((credential.cert_pem.n == 0) != (credential.key_pem.n == 0)) {
        return err_set(err, ERR_INVALID, "the plugin printed only one of certificate and key");
    }
    *ret = credential;
    return 0;
}

static void
put_cluster(struct value_builder *b, struct arena *arena, const struct kube_config *config)
{
    value_build_field_map(b, "cluster");
    value_build_field_str(b, "server", config->server);
    value_build_field_str_opt(b, "tls-server-name", config->tls_server_name);
    if (config->insecure) {
        value_build_field_bool(b, "insecure-skip-tls-verify", true);
    }
    if (config->ca_pem.n > 0) {
        value_build_field_str(b, "certificate-authority-data",
                              b64_encode_in(arena, config->ca_pem, B64_STANDARD));
    }
    value_build_field_str_opt(b, "proxy-url", config->proxy_url);
    if (config->exec->config != NULL) {
        value_build_field(b, "config", config->exec->config);
    }
    value_build_end(b);
}

int kube_exec_info(struct arena *arena,
                   const struct kube_config *config,
                   struct str *ret,
                   struct err *err)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str(&b, "kind", STR("ExecCredential"));
    value_build_field_str(&b, "apiVersion", config->exec->api_version);
    value_build_field_map(&b, "spec");
    value_build_field_bool(&b, "interactive", false);
    if (config->exec->provide_cluster_info) {
        put_cluster(&b, arena, config);
    }
    value_build_end(&b);
    value_build_end(&b);
    return value_to_json_in(arena, value_build_finish(&b), NULL, ret, err);
}

struct variables {
    const char **items;
    size_t n;
    size_t cap;
};

static struct str variable_name(const char *variable)
{
    struct str name;
    struct str text;
    (void)str_cut(str_from(variable), '=', &name, &text); /* without "=" it is all name */
    return name;
}

static void
set_variable(struct arena *arena, struct variables *list, struct str name, struct str text)
{
    const char *variable = arena_printf(arena, STR_FMT "=" STR_FMT, STR_ARG(name), STR_ARG(text)).p;
    VEC_FOREACH(list, it) {
        if (str_eq(variable_name(*it), name)) {
            *it = variable;
            return;
        }
    }
    vec_push_in(arena, list, variable);
}

const char *const *kube_exec_environ(struct arena *arena,
                                     const struct kube_exec *exec,
                                     const char *const *base,
                                     struct str info)
{
    struct variables list = {0};
    for (; base != NULL && *base != NULL; base++) {
        vec_push_in(arena, &list, *base);
    }
    for (size_t i = 0; i < exec->n_env; i++) {
        set_variable(arena, &list, exec->env[i].name, exec->env[i].text);
    }
    set_variable(arena, &list, STR(INFO_NAME), info);
    vec_push_in(arena, &list, NULL);
    return list.items;
}

static struct str find_variable(const char *const *environ, struct str name)
{
    for (; environ != NULL && *environ != NULL; environ++) {
        struct str before;
        struct str after;
        if (str_cut(str_from(*environ), '=', &before, &after) && str_eq(before, name)) {
            return after;
        }
    }
    return STR_EMPTY;
}

int kube_exec_find(struct arena *arena,
                   const struct kube_exec *exec,
                   const char *const *environ,
                   struct str *ret,
                   struct err *err)
{
    if (str_find_char(exec->command, '/') != STR_NONE) {
        *ret = arena_str(arena, exec->command);
        return 0;
    }
    struct str rest = find_variable(environ, STR("PATH"));
    struct str dir;
    while (str_next(&rest, ':', &dir)) {
        struct str path =
            arena_printf(arena, STR_FMT "/" STR_FMT, STR_ARG(dir), STR_ARG(exec->command));
        if (dir.n > 0 && access(path.p, X_OK) == 0) {
            *ret = path;
            return 0;
        }
    }
    return err_set(err, ERR_NOT_FOUND, "credential plugin '" STR_FMT "' is not installed%s" STR_FMT,
                   STR_ARG(exec->command), exec->install_hint.n > 0 ? ": " : "",
                   STR_ARG(str_trim(exec->install_hint)));
}

/* ---- running ---- */

struct kube_exec_run {
    struct op op;
    struct arena *arena;
    struct str command; /* copies: the configuration may go while a killed process is reaped */
    struct str api_version;
    struct subproc *proc; /* NULL = not running */
    struct buf output;
    struct kube_credential credential;
    kube_exec_fn done;
    void *data;
};

static void run_abort(struct op *op)
{
    struct kube_exec_run *run = CONTAINER_OF(op, struct kube_exec_run, op);
    if (run->proc != NULL) {
        subproc_kill(run->proc);
    }
}

static void run_free(struct op *op)
{
    struct kube_exec_run *run = CONTAINER_OF(op, struct kube_exec_run, op);
    mem_erase(run->output.p, run->output.n);
    buf_done(&run->output);
    arena_free(run->arena);
    mem_free(run);
}

static const struct op_class RUN_CLASS = {
    .name = "credential plugin",
    .abort = run_abort,
    .free = run_free,
};

static void on_run_done(struct op *op, const struct err *err, void *data UNUSED)
{
    struct kube_exec_run *run = CONTAINER_OF(op, struct kube_exec_run, op);
    run->done(run->data, err == NULL ? &run->credential : NULL, err);
}

static void on_output(struct subproc *proc UNUSED, struct str bytes, void *data)
{
    struct kube_exec_run *run = data;
    buf_put(&run->output, bytes);
}

/* What the process left behind. */
static int read_credential(struct kube_exec_run *run, struct err *err)
{
    TRY(buf_check(&run->output, "the plugin's output", err));
    return kube_exec_parse(run->arena, buf_str(&run->output), run->api_version, &run->credential,
                           err);
}

static void finish_with(struct kube_exec_run *run, struct err *err)
{
    /* the code stays in err */
    (void)err_wrap(err, "credential plugin '" STR_FMT "'", STR_ARG(run->command));
    op_finish(&run->op, err);
}

static void on_exit(struct subproc *proc UNUSED, const struct err *exit_err, void *data)
{
    struct kube_exec_run *run = data;
    struct err err;
    run->proc = NULL;
    if (op_settled(&run->op)) {
        op_unref(&run->op);
        return;
    }
    if (exit_err != NULL) {
        err = *exit_err;
        finish_with(run, &err);
    } else if (read_credential(run, &err) < 0) {
        finish_with(run, &err);
    } else {
        op_finish(&run->op, NULL);
    }
    op_unref(&run->op);
}

static const struct subproc_callbacks RUN_CALLBACKS = {
    .on_stdout = on_output,
    .on_exit = on_exit,
};

static int run_plugin(struct kube_exec_run *run,
                      const struct kube_config *config,
                      const char *const *environ,
                      struct err *err)
{
    const struct kube_exec *exec = config->exec;
    struct str path;
    struct str info;
    TRY(kube_exec_info(run->arena, config, &info, err));
    const char *const *variables = kube_exec_environ(run->arena, exec, environ, info);
    TRY(kube_exec_find(run->arena, exec, variables, &path, err));
    const char **argv = arena_calloc(run->arena, exec->n_args + 2, sizeof(*argv));
    argv[0] = path.p;
    for (size_t i = 0; i < exec->n_args; i++) {
        argv[i + 1] = arena_str(run->arena, exec->args[i]).p;
    }
    const struct subproc_options options = {
        .path = path.p,
        .argv = argv,
        .environ = variables,
        .deadline_ms = loop_now_ms(run->op.loop) + KUBE_EXEC_TIMEOUT_MS,
    };
    TRY(subproc_start(run->op.loop, &options, &RUN_CALLBACKS, run, &run->proc, err));
    op_ref(&run->op);
    subproc_close_stdin(run->proc);
    return 0;
}

struct kube_exec_run *kube_exec_start(struct loop *loop,
                                      const struct kube_config *config,
                                      const char *const *environ,
                                      kube_exec_fn done,
                                      void *data)
{
    struct kube_exec_run *run = MEM_NEW(struct kube_exec_run);
    struct err err;
    op_init(&run->op, loop, &RUN_CLASS, on_run_done, NULL);
    run->arena = arena_new();
    run->command = arena_str(run->arena, config->exec->command);
    run->api_version = arena_str(run->arena, config->exec->api_version);
    run->done = done;
    run->data = data;
    buf_init(&run->output, LIMIT_KUBE_CONFIG_BYTES);
    if (run_plugin(run, config, environ, &err) < 0) {
        finish_with(run, &err);
    }
    return run;
}

void kube_exec_cancel(struct kube_exec_run *run)
{
    op_cancel(&run->op);
}
