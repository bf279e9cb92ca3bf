/* Applications come from flags, or from the YAML documents of a file; flags then change the one in it. */
#include "cli/cmd_app_create.h"

#include <string.h>
#include <unistd.h>

#include "cli/app_ref.h"
#include "cli/app_spec.h"
#include "cli/app_view.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "common/base/arena.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_yaml.h"

struct create_flags {
    struct app_spec_flags spec;
    const char *file;
    const char *output;
    bool upsert;
    bool validate;
};

#define AT(field) offsetof(struct create_flags, field)

static const struct flag_row ROWS[] = {
    {"file", 'f', FLAG_STR, AT(file), "FILE", NULL, "YAML with Applications; -: standard input"},
    {"name", 0, FLAG_STR, AT(spec.name), "NAME", NULL, "instead of the argument"},
    {"app-namespace", 'N', FLAG_STR, AT(spec.namespace), "NAMESPACE", NULL,
     "of the Application itself"},
    {"repo", 0, FLAG_STR, AT(spec.repo), "URL", NULL, "repository"},
    {"path", 0, FLAG_STR, AT(spec.path), "PATH", NULL, "directory in the repository"},
    {"helm-chart", 0, FLAG_STR, AT(spec.chart), "NAME", NULL, "chart, in a Helm repository"},
    {"revision", 0, FLAG_STR, AT(spec.revision), "REVISION", NULL,
     "branch, tag, commit or chart version"},
    {"directory-recurse", 0, FLAG_BOOL, AT(spec.directory_recurse), NULL, NULL,
     "directories below, too"},
    {"directory-include", 0, FLAG_STR, AT(spec.directory_include), "GLOB", NULL,
     "only these files"},
    {"directory-exclude", 0, FLAG_STR, AT(spec.directory_exclude), "GLOB", NULL,
     "all but these files"},
    {"project", 0, FLAG_STR, AT(spec.project), "NAME", NULL, "project; without it: default"},
    {"dest-server", 0, FLAG_STR, AT(spec.dest_server), "URL", NULL, "cluster, by its URL"},
    {"dest-name", 0, FLAG_STR, AT(spec.dest_name), "NAME", NULL, "cluster, by its name"},
    {"dest-namespace", 0, FLAG_STR, AT(spec.dest_namespace), "NAMESPACE", NULL,
     "for objects that name none"},
    {"sync-policy", 0, FLAG_STR, AT(spec.sync_policy), "none|manual|automated|automatic|auto", NULL,
     "who starts syncs"},
    {"auto-prune", 0, FLAG_BOOL, AT(spec.auto_prune), NULL, NULL,
     "automated syncs delete what Git does not have any more"},
    {"self-heal", 0, FLAG_BOOL, AT(spec.self_heal), NULL, NULL,
     "changes in the cluster are undone"},
    {"allow-empty", 0, FLAG_BOOL, AT(spec.allow_empty), NULL, NULL,
     "automated syncs may delete everything"},
    {"sync-option", 0, FLAG_LIST, AT(spec.sync_options), "OPTION", NULL,
     "such as CreateNamespace=true; may be repeated"},
    {"revision-history-limit", 0, FLAG_INT, AT(spec.history_limit), "N", "-1",
     "entries of the history that are kept; -1: the server's default"},
    {"label", 'l', FLAG_LIST, AT(spec.labels), "KEY=VALUE", NULL, "may be repeated"},
    {"annotations", 0, FLAG_LIST, AT(spec.annotations), "KEY=VALUE", NULL, "may be repeated"},
    {"set-finalizer", 0, FLAG_BOOL, AT(spec.set_finalizer), NULL, NULL,
     "its resources go when it is deleted, by whomever"},
    {"upsert", 0, FLAG_BOOL, AT(upsert), NULL, NULL, "change it when there is a different one"},
    {"validate", 0, FLAG_BOOL, AT(validate), NULL, "true",
     "the server checks repository, path and destination"},
    {"output", 'o', FLAG_STR, AT(output), OUTPUT_CHOICES, "name", "format of what was made"},
};
const struct flag_set CMD_APP_CREATE_FLAGS = FLAG_SET(struct create_flags, ROWS);

/* ---- what to create ---- */

static int read_text(struct arena *arena, const char *file, struct str *ret, struct err *err)
{
    if (strcmp(file, "-") == 0) {
        TRY_IN(fs_read_fd(arena, STDIN_FILENO, LIMIT_DOC_BYTES, ret, err), err, "standard input");
        return 0;
    }
    return fs_read_file(arena, file, LIMIT_DOC_BYTES, ret, err);
}

static int check_kind(const struct value_yaml_doc *doc, struct err *err)
{
    struct str kind = value_dig_str(doc->value, "kind");
    struct str version = value_dig_str(doc->value, "apiVersion");
    if (!str_eq(kind, STR("Application")) || !str_starts_with(version, STR("argoproj.io/"))) {
        return err_set(err, ERR_INVALID, "not an Application of argoproj.io, but '" STR_FMT "'",
                       STR_ARG(kind));
    }
    return 0;
}

static int
read_file(struct arena *arena, const char *file, struct value_yaml_docs *ret, struct err *err)
{
    struct str text;
    TRY(read_text(arena, file, &text, err));
    if (value_from_yaml_stream(arena, text, NULL, ret, err) < 0) {
        return err_at(err, str_from(file), err->pos.line, err->pos.column);
    }
    for (size_t i = 0; i < ret->n; i++) {
        if (check_kind(&ret->items[i], err) < 0) {
            return err_at(err, str_from(file), ret->items[i].line, 0);
        }
    }
    if (ret->n == 0) {
        return err_set(err, ERR_INVALID, "'%s' has no Application", file);
    }
    return 0;
}

/* The name is an argument, "namespace/name" too, or a flag. */
static int take_name(struct cli *cli, struct app_spec_flags *spec, struct err *err)
{
    struct app_ref ref;
    if (cli->args.n == 0) {
        return 0;
    }
    TRY(app_ref_parse(cli->args.items[0], &ref, err));
    if (spec->name != NULL && !str_eq_c(ref.name, spec->name)) {
        return err_set(err, ERR_INVALID, "--name and the argument differ");
    }
    spec->name = arena_str(cli->arena, ref.name).p;
    if (ref.namespace.n > 0) {
        spec->namespace = arena_str(cli->arena, ref.namespace).p;
    }
    return 0;
}

/* ---- sending ---- */

static int create_one(struct cli *cli, const struct value *app, struct err *err)
{
    const struct create_flags *flags = cli->flags;
    const struct app_param params[] = {
        {"upsert", flags->upsert ? STR("true") : STR("false")},
        {"validate", flags->validate ? STR("true") : STR("false")},
        {NULL, STR_EMPTY},
    };
    struct client_request request = {
        .method = "POST",
        .path = app_params_path(cli->arena, "/api/v1/applications", params),
        .body = app,
    };
    const struct value *made = NULL;
    enum output_format format = output_format_of(flags->output);
    TRY_IN(client_call(cli->client, cli->arena, &request, &made, err), err,
           "application '" STR_FMT "'", STR_ARG(value_dig_str(app, "metadata", "name")));
    if (output_is_structured(format)) {
        return output_value(&cli->out, made, format, err);
    }
    if (format == OUTPUT_NAME) {
        buf_put_c(&cli->out, "application '");
        output_text(&cli->out, value_dig_str(made, "metadata", "name"));
        buf_put_c(&cli->out, "' created\n");
        return 0;
    }
    const struct value *list = value_new_list(cli->arena, made, 1);
    app_view_list(cli->arena, list, format, &cli->out);
    return 0;
}

int cmd_app_create(struct cli *cli, struct err *err)
{
    const struct create_flags *flags = cli->flags;
    struct app_spec_flags spec = flags->spec;
    struct value_yaml_docs docs = {.items = &(struct value_yaml_doc){.value = NULL}, .n = 1};
    TRY(take_name(cli, &spec, err));
    if (flags->file != NULL) {
        TRY(read_file(cli->arena, flags->file, &docs, err));
    } else if (spec.name == NULL) {
        return err_set(err, ERR_INVALID, "a name, or --file, is needed");
    }
    bool changes = spec.name != NULL || spec.namespace != NULL || app_spec_any(&spec);
    if (docs.n > 1 && changes) {
        return err_set(err, ERR_INVALID, "'%s' has %zu Applications: flags are for one",
                       flags->file, docs.n);
    }
    TRY(cli_connect(cli, err));
    for (size_t i = 0; i < docs.n; i++) {
        const struct value *app = NULL;
        TRY(app_spec_apply(cli->arena, docs.items[i].value, &spec, &app, err));
        TRY(create_one(cli, app, err));
    }
    return CLI_EXIT_OK;
}
