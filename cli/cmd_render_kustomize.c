/* Flags of `kustomize build` become options of kustomize_build(). The tree is that of the whole machine, with what the
 * kustomization may reach in it left to the engine: bases may lie anywhere beside it. */
#include "cli/cmd_render_kustomize.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/local_tree.h"
#include "cli/remote_local.h"
#include "common/base/arena.h"
#include "common/base/budget.h"
#include "common/base/clock.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/base/path.h"
#include "common/base/rand.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"
#include "engine/engine_env.h"
#include "engine/kustomize/kustomize.h"

struct render_kustomize_flags {
    const char *load_restrictor;
    const char *reorder;
    const char *output;
    const char *helm_command;
    const char *helm_kube_version;
    struct flag_list helm_api_versions;
    struct flag_list ignored_list;
    const char *ignored_text;
    int64_t timeout_ms;
    bool enable_helm;
    bool enable_plugins;
    bool enable_managed_by;
    bool ignored;
};

#define FIELD(name) offsetof(struct render_kustomize_flags, name)
static const struct flag_row ROWS[] = {
    {"load-restrictor", 0, FLAG_STR, FIELD(load_restrictor),
     "LoadRestrictionsRootOnly|LoadRestrictionsNone|none|rootOnly", "LoadRestrictionsRootOnly",
     "whether files may lie outside the directory that names them"},
    {"reorder", 0, FLAG_STR, FIELD(reorder), "legacy|none", NULL,
     "the order of objects; better sortOptions in the kustomization"},
    {"output", 'o', FLAG_STR, FIELD(output), "PATH", NULL,
     "write to this file, or a file for each object into this directory"},
    {"enable-helm", 0, FLAG_BOOL, FIELD(enable_helm), NULL, NULL, "inflate Helm charts"},
    {"helm-command", 0, FLAG_STR, FIELD(helm_command), "PROGRAM", NULL,
     "of kustomize; ignored: charts are rendered without helm"},
    {"helm-api-versions", 0, FLAG_LIST, FIELD(helm_api_versions), "VERSION", NULL,
     "of the cluster, as charts see it"},
    {"helm-kube-version", 0, FLAG_STR, FIELD(helm_kube_version), "VERSION", NULL,
     "of Kubernetes, as charts see it"},
    {"helm-debug", 0, FLAG_BOOL, FIELD(ignored), NULL, NULL, "of kustomize; ignored"},
    {"enable-managedby-label", 0, FLAG_BOOL, FIELD(enable_managed_by), NULL, NULL,
     "label every object with app.kubernetes.io/managed-by"},
    {"enable-alpha-plugins", 0, FLAG_BOOL, FIELD(enable_plugins), NULL, NULL,
     "of kustomize; refused: there are no external plugins"},
    {"enable-exec", 0, FLAG_BOOL, FIELD(ignored), NULL, NULL, "of kustomize; ignored"},
    {"network", 0, FLAG_BOOL, FIELD(ignored), NULL, NULL, "of kustomize; ignored"},
    {"network-name", 0, FLAG_STR, FIELD(ignored_text), "NAME", NULL, "of kustomize; ignored"},
    {"mount", 0, FLAG_LIST, FIELD(ignored_list), "MOUNT", NULL, "of kustomize; ignored"},
    {"env", 'e', FLAG_LIST, FIELD(ignored_list), "NAME=VALUE", NULL, "of kustomize; ignored"},
    {"as-current-user", 0, FLAG_BOOL, FIELD(ignored), NULL, NULL, "of kustomize; ignored"},
    {"timeout", 0, FLAG_DURATION, FIELD(timeout_ms), "DURATION", "0",
     "give up after this time; 0: never"},
};
const struct flag_set CMD_RENDER_KUSTOMIZE_FLAGS = FLAG_SET(struct render_kustomize_flags, ROWS);

static const struct str *strs_of(struct arena *arena, struct flag_list list)
{
    struct str *out = arena_calloc(arena, list.n + 1, sizeof(*out));
    for (size_t i = 0; i < list.n; i++) {
        out[i] = str_from(list.items[i]);
    }
    return out;
}

static void on_warn(struct str text, void *data)
{
    cli_say(data, STR_FMT, STR_ARG(text));
}

static enum kustomize_order order_of(const char *reorder)
{
    if (reorder == NULL) {
        return KUSTOMIZE_ORDER_UNSPECIFIED;
    }
    return strcmp(reorder, "none") == 0 ? KUSTOMIZE_ORDER_FIFO : KUSTOMIZE_ORDER_LEGACY;
}

static struct kustomize_options
options_of(struct cli *cli, const struct render_kustomize_flags *flags, struct str *error_text)
{
    bool none = str_ends_with(str_from(flags->load_restrictor), STR("one"));
    return (struct kustomize_options){
        .order = order_of(flags->reorder),
        .restriction = none ? KLOAD_NONE : KLOAD_ROOT_ONLY,
        .enable_helm = flags->enable_helm,
        .managed_by_label = flags->enable_managed_by,
        .helm_kube_version = str_from(flags->helm_kube_version),
        .helm_api_versions = strs_of(cli->arena, flags->helm_api_versions),
        .n_helm_api_versions = flags->helm_api_versions.n,
        .error_text = error_text,
        .warn = on_warn,
        .warn_data = cli,
    };
}

/* ---- output ---- */

/* As kustomize names them: namespace_group_version_kind_name.yaml, in lower case, without what is empty. */
static struct str file_name(struct arena *arena, const struct value *object)
{
    struct str version = value_dig_str(object, "apiVersion");
    const struct str parts[] = {
        value_dig_str(object, "metadata", "namespace"),
        version,
        value_dig_str(object, "kind"),
        value_dig_str(object, "metadata", "name"),
    };
    struct str name = STR_EMPTY;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (parts[i].n > 0) {
            name = arena_printf(arena, STR_FMT "%s" STR_FMT, STR_ARG(name), name.n > 0 ? "_" : "",
                                STR_ARG(parts[i]));
        }
    }
    char *text = arena_strdup(arena, name.p);
    for (size_t i = 0; text[i] != '\0'; i++) {
        text[i] = text[i] == '/' || text[i] == ':' ? '_' : text[i];
        text[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
    }
    return arena_printf(arena, "%s.yaml", text);
}

static int
write_each(struct cli *cli, const struct kustomize_result *result, const char *dir, struct err *err)
{
    for (size_t i = 0; i < result->n; i++) {
        struct str text;
        struct str path = arena_printf(cli->arena, "%s/" STR_FMT, dir,
                                       STR_ARG(file_name(cli->arena, result->objects[i].object)));
        TRY(value_to_yaml_in(cli->arena, result->objects[i].object, NULL, &text, err));
        TRY(fs_write_atomic(path.p, text, 0644, err));
    }
    return 0;
}

static int on_put(void *cli, struct str text, struct err *err)
{
    return cli_put(cli, text, err);
}

static int write_result(struct cli *cli,
                        struct engine_env *env,
                        const struct kustomize_result *result,
                        const char *output,
                        struct err *err)
{
    struct stat st;
    struct str text;
    if (output != NULL && stat(output, &st) == 0 && S_ISDIR(st.st_mode)) {
        return write_each(cli, result, output, err);
    }
    if (output == NULL) {
        return kustomize_write(result, on_put, cli, err);
    }
    TRY(kustomize_print(env, result, &text, err));
    return fs_write_atomic(output, text, 0644, err);
}

/* ---- input ---- */

/* The directory below "/", links resolved; one that does not exist stays for the engine to complain about. */
static int find_dir(struct cli *cli, const char *dir, struct str *ret, struct err *err)
{
    char here[PATH_MAX];
    char real[PATH_MAX];
    if (realpath(dir, real) != NULL) {
        *ret = arena_str(cli->arena, str_from(real + 1));
        return 0;
    }
    if (realpath(".", here) == NULL) {
        return err_set(err, ERR_NOT_FOUND, "there is no working directory");
    }
    return path_join_safe(cli->arena, str_from(here + 1), str_from(dir), ret, err);
}

static int render(struct cli *cli, struct str *error_text, struct err *err)
{
    const struct render_kustomize_flags *flags = cli->flags;
    AUTO(local_tree) struct local_tree *tree = NULL;
    AUTO(remote_local) struct remote_local *remote = remote_local_new();
    struct str dir;
    struct kustomize_result result;
    struct budget budget = budget_unlimited();
    budget.depth = LIMIT_DOC_DEPTH;
    budget.steps = LIMIT_TEMPLATE_STEPS;
    budget.clock = clock_system();
    if (flags->timeout_ms > 0) {
        budget.deadline_ms = clock_now_ms(budget.clock) + flags->timeout_ms;
    }
    TRY(find_dir(cli, cli->args.n > 0 ? cli->args.items[0] : ".", &dir, err));
    TRY(local_tree_open("/", &tree, err));
    struct engine_env env = {
        .arena = cli->arena,
        .budget = &budget,
        .files = local_tree_files(tree),
        .now_ms = clock_wall_ms(clock_system()),
        .rand = rand_system(),
    };
    struct kustomize_options options = options_of(cli, flags, error_text);
    remote_local_attach(remote, &env);
    TRY(kustomize_build(&env, dir, &options, &result, err));
    return write_result(cli, &env, &result, flags->output, err);
}

/* Prints what kustomize prints, errors too. */
int cmd_render_kustomize(struct cli *cli, struct err *err)
{
    const struct render_kustomize_flags *flags = cli->flags;
    struct str error_text = STR_EMPTY;
    if (flags->enable_plugins) {
        return err_set(err, ERR_UNSUPPORTED,
                       "--enable-alpha-plugins: external plugins are not supported");
    }
    if (flags->reorder != NULL) {
        cli_say(cli, "Flag --reorder has been deprecated, use the new 'sortOptions' field in "
                     "kustomization.yaml instead.");
    }
    if (render(cli, &error_text, err) < 0) {
        char text[sizeof(*err)];
        err_format(err, text, sizeof(text));
        cli_say(cli, "Error: " STR_FMT, STR_ARG(error_text.n > 0 ? error_text : str_from(text)));
        return CLI_EXIT_NO;
    }
    return CLI_EXIT_OK;
}
