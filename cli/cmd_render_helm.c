/* Flags of `helm template` become options of helm_render(). Files of values lie anywhere, the chart is read
 * from its directory only. */
#include "cli/cmd_render_helm.h"

#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/local_tree.h"
#include "cli/output.h"
#include "cli/remote_local.h"
#include "common/base/arena.h"
#include "common/base/budget.h"
#include "common/base/clock.h"
#include "common/base/crew.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/base/path.h"
#include "common/base/rand.h"
#include "common/base/tzdata.h"
#include "common/base/utf8.h"
#include "common/base/vec.h"
#include "engine/engine_env.h"
#include "engine/helm/helm_render.h"

struct render_helm_flags {
    struct flag_list values;
    struct flag_list set;
    struct flag_list set_string;
    struct flag_list set_json;
    struct flag_list set_file;
    struct flag_list set_literal;
    struct flag_list api_versions;
    struct flag_list show_only;
    const char *name;
    const char *name_template;
    const char *namespace;
    const char *kube_version;
    int64_t timeout_ms;
    bool include_crds;
    bool skip_tests;
    bool no_hooks;
    bool is_upgrade;
    bool skip_schemas;
};

#define FIELD(name) offsetof(struct render_helm_flags, name)
static const struct flag_row ROWS[] = {
    {"values", 'f', FLAG_LIST, FIELD(values), "FILE", NULL,
     "values; later files win, '-' is standard input"},
    {"set", 0, FLAG_LIST, FIELD(set), "KEY=VALUE", NULL, "values, typed"},
    {"set-string", 0, FLAG_LIST, FIELD(set_string), "KEY=VALUE", NULL, "values, always text"},
    {"set-json", 0, FLAG_LIST, FIELD(set_json), "KEY=JSON", NULL, "values as JSON"},
    {"set-file", 0, FLAG_LIST, FIELD(set_file), "KEY=FILE", NULL, "values from files' contents"},
    {"set-literal", 0, FLAG_LIST, FIELD(set_literal), "KEY=TEXT", NULL,
     "a value without any special characters"},
    {"name", 0, FLAG_STR, FIELD(name), "NAME", "release-name", "of the release"},
    {"name-template", 0, FLAG_STR, FIELD(name_template), "TEMPLATE", NULL, "that makes the name"},
    {"namespace", 'n', FLAG_STR, FIELD(namespace), "NAMESPACE", "default", "of the release"},
    {"kube-version", 0, FLAG_STR, FIELD(kube_version), "VERSION", NULL,
     "of Kubernetes, as the chart sees it"},
    {"api-versions", 'a', FLAG_LIST, FIELD(api_versions), "VERSION", NULL,
     "of the cluster, as the chart sees it"},
    {"include-crds", 0, FLAG_BOOL, FIELD(include_crds), NULL, NULL, "CRDs too"},
    {"skip-tests", 0, FLAG_BOOL, FIELD(skip_tests), NULL, NULL, "no test hooks"},
    {"no-hooks", 0, FLAG_BOOL, FIELD(no_hooks), NULL, NULL, "no hooks at all"},
    {"is-upgrade", 0, FLAG_BOOL, FIELD(is_upgrade), NULL, NULL,
     "an upgrade instead of an installation"},
    {"skip-schema-validation", 0, FLAG_BOOL, FIELD(skip_schemas), NULL, NULL,
     "do not hold values against values.schema.json"},
    {"show-only", 's', FLAG_LIST, FIELD(show_only), "PATTERN", NULL, "only of these templates"},
    {"timeout", 0, FLAG_DURATION, FIELD(timeout_ms), "DURATION", "0",
     "give up after this time; 0: never"},
};
const struct flag_set CMD_RENDER_HELM_FLAGS = FLAG_SET(struct render_helm_flags, ROWS);

/* ---- inputs ---- */

static int
on_read(void *data UNUSED, struct arena *arena, struct str path, struct str *ret, struct err *err)
{
    return fs_read_file(arena, arena_str(arena, path).p, LIMIT_DOC_BYTES, ret, err);
}

struct input_list {
    VEC(struct values_input) items;
};

/* "-": standard input. */
static int read_values(struct arena *arena, const char *path, struct str *ret, struct err *err)
{
    if (str_eq_c(str_trim(str_from(path)), "-")) {
        return fs_read_fd(arena, STDIN_FILENO, LIMIT_DOC_BYTES, ret, err);
    }
    return fs_read_file(arena, path, LIMIT_DOC_BYTES, ret, err);
}

static int
add_files(struct cli *cli, struct flag_list names, struct input_list *to, struct err *err)
{
    for (size_t i = 0; i < names.n; i++) {
        struct values_input in = {.type = VALUES_FILE, .name = str_from(names.items[i])};
        TRY(read_values(cli->arena, names.items[i], &in.text, err));
        vec_push_in(cli->arena, &to->items, in);
    }
    return 0;
}

static void add_sets(struct cli *cli,
                     struct flag_list texts,
                     enum values_input_type type,
                     struct input_list *to)
{
    for (size_t i = 0; i < texts.n; i++) {
        struct values_input in = {.type = type, .text = str_from(texts.items[i])};
        vec_push_in(cli->arena, &to->items, in);
    }
}

/* Also several in one flag, with commas between. */
static const struct str *split_all(struct arena *arena, struct flag_list list, size_t *ret_n)
{
    VEC(struct str) out = {0};
    for (size_t i = 0; i < list.n; i++) {
        struct str rest = str_from(list.items[i]);
        struct str part;
        while (str_next(&rest, ',', &part)) {
            vec_push_in(arena, &out, part);
        }
    }
    *ret_n = out.n;
    return out.items;
}

static const struct str *strs_of(struct arena *arena, struct flag_list list)
{
    struct str *out = arena_calloc(arena, list.n + 1, sizeof(*out));
    for (size_t i = 0; i < list.n; i++) {
        out[i] = str_from(list.items[i]);
    }
    return out;
}

/* ---- chart ---- */

/* The directory to open, and what the chart is called in it: an archive lies beside other files. */
static void find_chart(struct arena *arena, const char *chart, struct str *ret_dir, struct str *ret)
{
    struct stat st;
    struct str path = str_from(chart);
    size_t slash = str_rfind_char(path, '/');
    *ret_dir = path;
    *ret = STR_EMPTY;
    if (stat(chart, &st) == 0 && S_ISREG(st.st_mode)) {
        *ret_dir = slash == STR_NONE ? STR(".") : arena_str(arena, str_sub(path, 0, slash + 1));
        *ret = slash == STR_NONE ? path : str_sub(path, slash + 1, path.n);
    }
}

static void say_warnings(struct cli *cli, struct str text)
{
    AUTO(buf) struct buf clean;
    buf_init(&clean, text.n * UTF8_MAX_BYTES + 1);
    if (text.n > 0) {
        output_lines(&clean, str_trim(text));
        cli_say(cli, "%s", clean.p);
    }
}

static int render(struct cli *cli, struct helm_options *options, struct err *err)
{
    const struct render_helm_flags *flags = cli->flags;
    AUTO(local_tree) struct local_tree *tree = NULL;
    AUTO(crew) struct crew *crew = crew_new(crew_idle_processors());
    AUTO(remote_local) struct remote_local *remote = remote_local_new();
    struct helm_result result;
    struct str dir;
    find_chart(cli->arena, cli->args.items[0], &dir, &options->chart);
    TRY(local_tree_open(dir.p, &tree, err));
    struct budget budget = budget_unlimited();
    budget.depth = LIMIT_TEMPLATE_DEPTH;
    budget.steps = LIMIT_TEMPLATE_STEPS;
    budget.clock = clock_system();
    if (flags->timeout_ms > 0) {
        budget.deadline_ms = clock_now_ms(budget.clock) + flags->timeout_ms;
    }
    struct engine_env env = {
        .arena = cli->arena,
        .budget = &budget,
        .crew = crew,
        .files = local_tree_files(tree),
        .now_ms = clock_wall_ms(clock_system()),
        .rand = rand_system(),
        .zone = tzdata_read,
    };
    remote_local_attach(remote, &env); /* for schemas that refer to others */
    int rc = helm_render(&env, options, &result, err);
    say_warnings(cli, buf_str(options->warnings));
    TRY(rc);
    for (size_t i = 0; i < result.n_pieces; i++) {
        TRY(cli_put(cli, result.pieces[i], err));
    }
    return 0;
}

int cmd_render_helm(struct cli *cli, struct err *err)
{
    const struct render_helm_flags *flags = cli->flags;
    struct values_reader reader = {.read = on_read};
    struct input_list inputs = {0};
    AUTO(buf) struct buf warnings;
    buf_init(&warnings, LIMIT_MIB);
    TRY(add_files(cli, flags->values, &inputs, err));
    add_sets(cli, flags->set_json, VALUES_SET_JSON, &inputs);
    add_sets(cli, flags->set, VALUES_SET, &inputs);
    add_sets(cli, flags->set_string, VALUES_SET_STRING, &inputs);
    add_sets(cli, flags->set_file, VALUES_SET_FILE, &inputs);
    add_sets(cli, flags->set_literal, VALUES_SET_LITERAL, &inputs);
    struct helm_options options = {
        .want = HELM_WANT_TEXT,
        .release_name = str_from(flags->name_template != NULL ? flags->name_template : flags->name),
        .namespace = str_from(flags->namespace),
        .kube_version = str_from(flags->kube_version),
        .inputs = inputs.items.items,
        .n_inputs = inputs.items.n,
        .reader = &reader,
        .warnings = &warnings,
        .show_only = strs_of(cli->arena, flags->show_only),
        .n_show_only = flags->show_only.n,
        .include_crds = flags->include_crds,
        .skip_tests = flags->skip_tests,
        .no_hooks = flags->no_hooks,
        .is_upgrade = flags->is_upgrade,
        .skip_schemas = flags->skip_schemas,
        .only_vendored = true,
    };
    options.api_versions = split_all(cli->arena, flags->api_versions, &options.n_api_versions);
    TRY(render(cli, &options, err));
    return CLI_EXIT_OK;
}
