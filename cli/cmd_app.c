/* Commands that ask for something and print it, and `delete`. */
#include "cli/cmd_app.h"

#include <string.h>

#include "cli/app_ref.h"
#include "cli/app_view.h"
#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/follow.h"
#include "cli/output.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"

static int fetch(struct cli *cli, struct str path, const struct value **ret, struct err *err)
{
    struct client_request request = {.path = path};
    TRY(cli_connect(cli, err));
    return client_call(cli->client, cli->arena, &request, ret, err);
}

static int ref_of(const struct cli *cli, struct app_ref *ret, struct err *err)
{
    return app_ref_parse(cli->args.items[0], ret, err);
}

/* GET /api/v1/applications/NAME[/below]; a failure names the application, which the server's may not. */
static int fetch_app(struct cli *cli,
                     const struct app_ref *ref,
                     const char *below,
                     const struct app_param *params,
                     const struct value **ret,
                     struct err *err)
{
    TRY_IN(fetch(cli, app_ref_path(cli->arena, ref, below, params), ret, err), err,
           "application '" STR_FMT "'", STR_ARG(ref->name));
    return 0;
}

/* ---- list ---- */

struct list_flags {
    const char *output;
    const char *selector;
    const char *repo;
    const char *namespace;
    struct flag_list projects;
};

static const struct flag_row LIST_ROWS[] = {
    {"output", 'o', FLAG_STR, offsetof(struct list_flags, output), OUTPUT_CHOICES, "table",
     "format"},
    {"selector", 'l', FLAG_STR, offsetof(struct list_flags, selector), "LABELS", NULL,
     "only those with these labels"},
    {"project", 'p', FLAG_LIST, offsetof(struct list_flags, projects), "NAME", NULL,
     "only those of this project; may be repeated"},
    {"repo", 'r', FLAG_STR, offsetof(struct list_flags, repo), "URL", NULL,
     "only those of this repository"},
    {"app-namespace", 'N', FLAG_STR, offsetof(struct list_flags, namespace), "NAMESPACE", NULL,
     "only those in this namespace"},
};
const struct flag_set CMD_APP_LIST_FLAGS = FLAG_SET(struct list_flags, LIST_ROWS);

static struct str list_path(struct arena *arena, const struct list_flags *flags)
{
    struct app_param *params = arena_calloc(arena, flags->projects.n + 4, sizeof(*params));
    size_t n = 0;
    params[n++] = (struct app_param){"selector", str_from(flags->selector)};
    params[n++] = (struct app_param){"repo", str_from(flags->repo)};
    params[n++] = (struct app_param){"appNamespace", str_from(flags->namespace)};
    for (size_t i = 0; i < flags->projects.n; i++) {
        params[n++] = (struct app_param){"projects", str_from(flags->projects.items[i])};
    }
    return app_params_path(arena, "/api/v1/applications", params);
}

int cmd_app_list(struct cli *cli, struct err *err)
{
    const struct list_flags *flags = cli->flags;
    enum output_format format = output_format_of(flags->output);
    const struct value *answer = NULL;
    TRY(fetch(cli, list_path(cli->arena, flags), &answer, err));
    const struct value *items = value_dig(answer, "items");
    if (output_is_structured(format)) {
        TRY(output_value(&cli->out, value_is(items, VALUE_LIST) ? items : &VALUE_EMPTY_LIST, format,
                         err));
    } else {
        app_view_list(cli->arena, items, format, &cli->out);
    }
    return CLI_EXIT_OK;
}

/* ---- get ---- */

struct get_flags {
    const char *output;
    bool refresh;
    bool hard_refresh;
    bool show_operation;
};

static const struct flag_row GET_ROWS[] = {
    {"output", 'o', FLAG_STR, offsetof(struct get_flags, output), OUTPUT_CHOICES, "table",
     "format"},
    {"refresh", 0, FLAG_BOOL, offsetof(struct get_flags, refresh), NULL, NULL,
     "compare with Git and the cluster first"},
    {"hard-refresh", 0, FLAG_BOOL, offsetof(struct get_flags, hard_refresh), NULL, NULL,
     "as --refresh, and render the manifests anew"},
    {"show-operation", 0, FLAG_BOOL, offsetof(struct get_flags, show_operation), NULL, NULL,
     "and its operation"},
};
const struct flag_set CMD_APP_GET_FLAGS = FLAG_SET(struct get_flags, GET_ROWS);

int cmd_app_get(struct cli *cli, struct err *err)
{
    const struct get_flags *flags = cli->flags;
    enum output_format format = output_format_of(flags->output);
    struct app_ref ref;
    const struct value *app = NULL;
    const char *refresh = flags->hard_refresh ? "hard" : flags->refresh ? "normal" : "";
    const struct app_param params[] = {{"refresh", str_from(refresh)}, {NULL, STR_EMPTY}};
    TRY(ref_of(cli, &ref, err));
    TRY(fetch_app(cli, &ref, NULL, params, &app, err));
    if (output_is_structured(format)) {
        TRY(output_value(&cli->out, app, format, err));
        return CLI_EXIT_OK;
    }
    if (format == OUTPUT_NAME) {
        buf_printf(&cli->out, STR_FMT "\n", STR_ARG(app_view_name(cli->arena, app)));
        return CLI_EXIT_OK;
    }
    app_view_summary(cli->arena, app, client_url(cli->client), &cli->out);
    if (flags->show_operation || format == OUTPUT_WIDE) {
        buf_put_char(&cli->out, '\n');
        app_view_operation(app, clock_wall_ms(clock_system()), &cli->out);
    }
    if (value_len(value_dig(app, "status", "resources")) > 0) {
        buf_put_char(&cli->out, '\n');
        app_view_resources(cli->arena, app, &cli->out);
    }
    return CLI_EXIT_OK;
}

/* ---- history ---- */

struct format_flags {
    const char *output;
};

static const struct flag_row FORMAT_ROWS[] = {
    {"output", 'o', FLAG_STR, offsetof(struct format_flags, output), OUTPUT_CHOICES, "table",
     "format"},
};
const struct flag_set CMD_APP_HISTORY_FLAGS = FLAG_SET(struct format_flags, FORMAT_ROWS);

int cmd_app_history(struct cli *cli, struct err *err)
{
    const struct format_flags *flags = cli->flags;
    enum output_format format = output_format_of(flags->output);
    struct app_ref ref;
    const struct value *app = NULL;
    TRY(ref_of(cli, &ref, err));
    TRY(fetch_app(cli, &ref, NULL, NULL, &app, err));
    if (output_is_structured(format)) {
        const struct value *history = value_dig(app, "status", "history");
        TRY(output_value(&cli->out, value_is(history, VALUE_LIST) ? history : &VALUE_EMPTY_LIST,
                         format, err));
    } else {
        app_view_history(cli->arena, app, format, &cli->out);
    }
    return CLI_EXIT_OK;
}

/* ---- manifests ---- */

struct manifests_flags {
    const char *output;
    const char *source;
    const char *revision;
};

static const struct flag_row MANIFESTS_ROWS[] = {
    {"output", 'o', FLAG_STR, offsetof(struct manifests_flags, output), "yaml|json", "yaml",
     "format"},
    {"source", 0, FLAG_STR, offsetof(struct manifests_flags, source), "git|live", "git",
     "as rendered, or as they are in the cluster"},
    {"revision", 0, FLAG_STR, offsetof(struct manifests_flags, revision), "REVISION", NULL,
     "render this revision"},
};
const struct flag_set CMD_APP_MANIFESTS_FLAGS = FLAG_SET(struct manifests_flags, MANIFESTS_ROWS);

/* A list of the objects in `texts`, JSON strings or maps that have one under `key`. */
static int parse_objects(struct arena *arena,
                         const struct value *texts,
                         const char *key,
                         const struct value **ret,
                         struct err *err)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_list(&b);
    VALUE_FOREACH(texts, text) {
        const struct value *object = NULL;
        struct str json = key != NULL ? value_dig_str(text, key) : value_str(text);
        if (json.n > 0) {
            TRY_IN(value_from_json(arena, json, NULL, &object, err), err, "manifest");
        }
        if (value_is(object, VALUE_MAP)) {
            value_build_value(&b, object);
        }
    }
    value_build_end(&b);
    *ret = value_build_finish(&b);
    return 0;
}

static int fetch_objects(struct cli *cli, const struct value **ret, struct err *err)
{
    const struct manifests_flags *flags = cli->flags;
    struct app_ref ref;
    const struct value *answer = NULL;
    TRY(ref_of(cli, &ref, err));
    if (strcmp(flags->source, "live") == 0) {
        if (flags->revision != NULL) {
            return err_set(err, ERR_INVALID, "--revision is for --source git");
        }
        TRY(fetch_app(cli, &ref, "managed-resources", NULL, &answer, err));
        return parse_objects(cli->arena, value_dig(answer, "items"), "liveState", ret, err);
    }
    const struct app_param params[] = {{"revision", str_from(flags->revision)}, {NULL, STR_EMPTY}};
    TRY(fetch_app(cli, &ref, "manifests", params, &answer, err));
    return parse_objects(cli->arena, value_dig(answer, "manifests"), NULL, ret, err);
}

int cmd_app_manifests(struct cli *cli, struct err *err)
{
    const struct manifests_flags *flags = cli->flags;
    const struct value *objects = NULL;
    TRY(fetch_objects(cli, &objects, err));
    if (output_format_of(flags->output) == OUTPUT_JSON) {
        TRY(output_value(&cli->out, objects, OUTPUT_JSON, err));
        return CLI_EXIT_OK;
    }
    VALUE_FOREACH(objects, object) {
        buf_put_c(&cli->out, "---\n");
        TRY(output_value(&cli->out, object, OUTPUT_YAML, err));
    }
    return CLI_EXIT_OK;
}

/* ---- resources ---- */

struct resources_flags {
    const char *output;
    bool orphaned;
};

static const struct flag_row RESOURCES_ROWS[] = {
    {"output", 'o', FLAG_STR, offsetof(struct resources_flags, output), OUTPUT_CHOICES, "table",
     "format"},
    {"orphaned", 0, FLAG_BOOL, offsetof(struct resources_flags, orphaned), NULL, NULL,
     "only objects of the namespace that nobody manages"},
};
const struct flag_set CMD_APP_RESOURCES_FLAGS = FLAG_SET(struct resources_flags, RESOURCES_ROWS);

int cmd_app_resources(struct cli *cli, struct err *err)
{
    const struct resources_flags *flags = cli->flags;
    enum output_format format = output_format_of(flags->output);
    struct app_ref ref;
    const struct value *tree = NULL;
    TRY(ref_of(cli, &ref, err));
    TRY(fetch_app(cli, &ref, "resource-tree", NULL, &tree, err));
    if (flags->orphaned) {
        tree = value_without(cli->arena, tree, "nodes");
    }
    if (output_is_structured(format)) {
        TRY(output_value(&cli->out, tree, format, err));
    } else {
        app_view_tree(cli->arena, tree, format, &cli->out);
    }
    return CLI_EXIT_OK;
}

/* ---- delete ---- */

struct delete_flags {
    const char *policy;
    bool cascade;
    bool yes;
    bool wait;
    int64_t timeout_ms;
};

static const struct flag_row DELETE_ROWS[] = {
    {"cascade", 0, FLAG_BOOL, offsetof(struct delete_flags, cascade), NULL, "true",
     "its resources too"},
    {"propagation-policy", 'p', FLAG_STR, offsetof(struct delete_flags, policy),
     "foreground|background", NULL, "what waits for what its resources own"},
    {"yes", 'y', FLAG_BOOL, offsetof(struct delete_flags, yes), NULL, NULL, "do not ask"},
    {"wait", 0, FLAG_BOOL, offsetof(struct delete_flags, wait), NULL, NULL, "until it is gone"},
    {"timeout", 0, FLAG_DURATION, offsetof(struct delete_flags, timeout_ms), "DURATION", "0",
     "give up waiting after this time; 0: never"},
};
const struct flag_set CMD_APP_DELETE_FLAGS = FLAG_SET(struct delete_flags, DELETE_ROWS);

/* On a terminal a human is asked; scripts know what they do. */
static int confirm(const struct cli *cli, const char *name, bool *ret, struct err *err)
{
    const struct delete_flags *flags = cli->flags;
    *ret = true;
    if (flags->yes || !ask_can()) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    struct str prompt =
        arena_printf(arena, "Delete '%s'%s? [y/N] ", name,
                     flags->cascade ? " and all its resources" : ", but not its resources");
    return ask_yes(prompt.p, ret, err);
}

/* An exit status, or an error. */
static int delete_one(struct cli *cli, const char *name, struct err *err)
{
    const struct delete_flags *flags = cli->flags;
    struct app_ref ref;
    TRY(app_ref_parse(name, &ref, err));
    const struct app_param params[] = {
        {"cascade", flags->cascade ? STR("true") : STR("false")},
        {"propagationPolicy", flags->cascade ? str_from(flags->policy) : STR_EMPTY},
        {NULL, STR_EMPTY},
    };
    struct client_request request = {.method = "DELETE",
                                     .path = app_ref_path(cli->arena, &ref, NULL, params)};
    TRY(client_call(cli->client, cli->arena, &request, NULL, err));
    if (flags->wait) {
        struct follow follow = {
            .ref = ref, .wait = {.deleted = true}, .timeout_ms = flags->timeout_ms};
        int rc = follow_app(cli, &follow, err);
        if (rc != 0) {
            return rc;
        }
    }
    buf_printf(&cli->out, "application '%s' %s\n", name,
               flags->wait ? "deleted" : "is being deleted");
    return CLI_EXIT_OK;
}

int cmd_app_delete(struct cli *cli, struct err *err)
{
    int status = CLI_EXIT_OK;
    TRY(cli_connect(cli, err));
    for (size_t i = 0; i < cli->args.n; i++) {
        bool yes;
        TRY(confirm(cli, cli->args.items[i], &yes, err));
        if (!yes) {
            cli_say(cli, "'%s' stays.", cli->args.items[i]);
            continue;
        }
        int rc = delete_one(cli, cli->args.items[i], err);
        if (rc < 0) {
            return err_wrap(err, "application '%s'", cli->args.items[i]);
        }
        status = MAX(status, rc);
    }
    return status;
}
