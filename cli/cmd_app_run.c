/* Start an operation, follow it to its end, say how it went. */
#include "cli/cmd_app_run.h"

#include "cli/app_ref.h"
#include "cli/app_view.h"
#include "cli/cli.h"
#include "cli/follow.h"
#include "cli/local_manifests.h"
#include "cli/output.h"
#include "cli/sync_body.h"
#include "cli/sync_select.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/num.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"

/* ---- showing how it is ---- */

enum show { SHOW_SUMMARY, SHOW_OPERATION };

enum fetch { FETCH_AS_IT_IS, FETCH_REFRESHED };

static int fetch_app(struct cli *cli,
                     const struct app_ref *ref,
                     enum fetch how,
                     const struct value **ret,
                     struct err *err)
{
    const struct app_param params[] = {
        {"refresh", how == FETCH_REFRESHED ? STR("normal") : STR_EMPTY}, {NULL, STR_EMPTY}};
    struct client_request request = {.path = app_ref_path(cli->arena, ref, NULL, params)};
    return client_call(cli->client, cli->arena, &request, ret, err);
}

static int show_app(struct cli *cli,
                    const struct value *app,
                    enum output_format format,
                    enum show what,
                    struct err *err)
{
    if (output_is_structured(format)) {
        TRY(output_value(&cli->out, app, format, err));
    } else if (format == OUTPUT_NAME) {
        output_text(&cli->out, app_view_name(cli->arena, app));
        buf_put_char(&cli->out, '\n');
    } else {
        app_view_summary(cli->arena, app, client_url(cli->client), &cli->out);
        if (what == SHOW_OPERATION) {
            buf_put_char(&cli->out, '\n');
            app_view_operation(app, clock_wall_ms(clock_system()), &cli->out);
        }
        buf_put_char(&cli->out, '\n');
        app_view_resources(cli->arena, app, &cli->out);
    }
    return cli_flush(cli, err);
}

/* The first status that is not OK counts. */
static int worse(int a, int b)
{
    return a != CLI_EXIT_OK ? a : b;
}

/* ---- operations ---- */

struct run_flags {
    const char *output;
    int64_t timeout_ms;
    bool async;
    bool health;
    bool progress;
};

#define RUN_ROWS(type)                                                                             \
    {"output", 'o', FLAG_STR, offsetof(type, run.output), OUTPUT_CHOICES, "table", "format"},      \
        {"timeout",                                                                                \
         0,                                                                                        \
         FLAG_DURATION,                                                                            \
         offsetof(type, run.timeout_ms),                                                           \
         "DURATION",                                                                               \
         "0",                                                                                      \
         "give up waiting after this time; 0: never"},                                             \
        {"async", 0, FLAG_BOOL, offsetof(type, run.async), NULL, NULL, "do not wait for its end"}, \
        {"health",                                                                                 \
         0,                                                                                        \
         FLAG_BOOL,                                                                                \
         offsetof(type, run.health),                                                               \
         NULL,                                                                                     \
         NULL,                                                                                     \
         "wait until the application is healthy, too"},                                            \
    {                                                                                              \
        "progress", 0, FLAG_BOOL, offsetof(type, run.progress), NULL, NULL,                        \
            "show what happens, though standard error is no terminal"                              \
    }

enum scope { SCOPE_WHOLE, SCOPE_PART };

/* How an operation ended: its phase decides, and what a whole sync should have pruned. */
static int
judge(struct cli *cli, const struct app_ref *ref, const struct value *app, enum scope scope)
{
    const struct value *state = value_dig(app, "status", "operationState");
    struct str phase = value_dig_str(state, "phase");
    size_t n = 0;
    if (!str_eq(phase, STR("Succeeded"))) {
        cli_say(cli,
                "belay: application '" STR_FMT "': operation has completed with phase: " STR_FMT,
                STR_ARG(ref->name), STR_ARG(phase));
        return CLI_EXIT_NO;
    }
    bool dry_run = value_bool(value_dig(state, "operation", "sync", "dryRun"), false);
    if (scope == SCOPE_PART || dry_run ||
        str_eq(value_dig_str(app, "status", "sync", "status"), STR("Synced"))) {
        return CLI_EXIT_OK;
    }
    VALUE_FOREACH(value_dig(state, "syncResult", "resources"), r) {
        n += str_eq(value_dig_str(r, "status"), STR("PruneSkipped"));
    }
    if (n > 0) {
        cli_say(cli, "belay: application '" STR_FMT "': %zu resources require pruning",
                STR_ARG(ref->name), n);
    }
    return n > 0 ? CLI_EXIT_NO : CLI_EXIT_OK;
}

/* From the accepted request to the exit status. */
static int see_through(struct cli *cli,
                       const struct app_ref *ref,
                       const struct run_flags *run,
                       enum scope scope,
                       struct err *err)
{
    const struct value *app = NULL;
    struct follow follow = {
        .ref = *ref,
        .wait = {.operation = true},
        .timeout_ms = run->timeout_ms,
        .progress = run->progress || cli->err_is_terminal,
    };
    int64_t start_ms = clock_now_ms(clock_system());
    int status = follow_app(cli, &follow, err);
    if (status < 0) {
        return status;
    }
    /* refreshed, so that the status is the one after the operation; it may take a while */
    enum fetch how = status == CLI_EXIT_OK ? FETCH_REFRESHED : FETCH_AS_IT_IS;
    TRY(fetch_app(cli, ref, how, &app, err));
    status = worse(status, status == CLI_EXIT_OK ? judge(cli, ref, app, scope) : CLI_EXIT_OK);
    if (status == CLI_EXIT_OK && run->health) {
        int64_t used_ms = clock_now_ms(clock_system()) - start_ms;
        follow.wait = (struct wait){.health = true};
        follow.timeout_ms = run->timeout_ms > 0 ? MAX(run->timeout_ms - used_ms, (int64_t)1) : 0;
        status = follow_app(cli, &follow, err);
        if (status < 0) {
            return status;
        }
        TRY(fetch_app(cli, ref, FETCH_AS_IT_IS, &app, err));
    }
    TRY(show_app(cli, app, output_format_of(run->output), SHOW_OPERATION, err));
    return status;
}

static int start_operation(struct cli *cli,
                           const struct app_ref *ref,
                           const char *below,
                           const struct value *body,
                           struct err *err)
{
    struct client_request request = {
        .method = "POST", .path = app_ref_path(cli->arena, ref, below, NULL), .body = body};
    return client_call(cli->client, cli->arena, &request, NULL, err);
}

/* ---- sync ---- */

struct sync_flags {
    struct run_flags run;
    struct sync_body_opts body;
    struct flag_list resources;
    const char *local;
    const char *local_root;
};

static const struct flag_row SYNC_ROWS[] = {
    {"revision", 0, FLAG_STR, offsetof(struct sync_flags, body.revision), "REVISION", NULL,
     "deploy this revision once"},
    {"prune", 0, FLAG_BOOL, offsetof(struct sync_flags, body.prune), NULL, NULL,
     "delete what Git does not have any more"},
    {"dry-run", 0, FLAG_BOOL, offsetof(struct sync_flags, body.dry_run), NULL, NULL,
     "change nothing"},
    {"force", 0, FLAG_BOOL, offsetof(struct sync_flags, body.force), NULL, NULL,
     "delete and create again what cannot be changed"},
    {"replace", 0, FLAG_BOOL, offsetof(struct sync_flags, body.replace), NULL, NULL,
     "replace objects instead of applying"},
    {"server-side", 0, FLAG_BOOL, offsetof(struct sync_flags, body.server_side), NULL, NULL,
     "apply on the server's side"},
    {"apply-out-of-sync-only", 0, FLAG_BOOL,
     offsetof(struct sync_flags, body.apply_out_of_sync_only), NULL, NULL,
     "leave alone what is synced"},
    {"strategy", 0, FLAG_STR, offsetof(struct sync_flags, body.strategy), "apply|hook", NULL,
     "without or with hooks"},
    {"resource", 0, FLAG_LIST, offsetof(struct sync_flags, resources), "GROUP:KIND:NAME", NULL,
     "only this one; NAMESPACE/NAME and patterns are possible, \"!\" in front is all but these; "
     "may "
     "be repeated"},
    {"local", 0, FLAG_STR, offsetof(struct sync_flags, local), "DIR", NULL,
     "deploy what this directory holds instead of the source"},
    {"local-repo-root", 0, FLAG_STR, offsetof(struct sync_flags, local_root), "DIR", NULL,
     "links and files of --local, which is below it, may lead to anywhere in it"},
    {"sync-option", 0, FLAG_LIST, offsetof(struct sync_flags, body.options), "OPTION", NULL,
     "instead of the application's own; may be repeated"},
    {"info", 0, FLAG_LIST, offsetof(struct sync_flags, body.infos), "NAME=VALUE", NULL,
     "note about this operation; may be repeated"},
    {"retry-limit", 0, FLAG_INT, offsetof(struct sync_flags, body.retry_limit), "N", NULL,
     "try so often again; negative: without end"},
    RUN_ROWS(struct sync_flags),
};
const struct flag_set CMD_APP_SYNC_FLAGS = FLAG_SET(struct sync_flags, SYNC_ROWS);

/* What this sync is about, when it is not all that the source says. */
static int
narrow(struct cli *cli, const struct app_ref *ref, struct sync_body_opts *body, struct err *err)
{
    const struct sync_flags *flags = cli->flags;
    const struct value *app = NULL;
    if (flags->local != NULL || sync_select_is_pattern(&flags->resources)) {
        TRY(fetch_app(cli, ref, FETCH_AS_IT_IS, &app, err));
    }
    if (flags->resources.n > 0) {
        TRY(sync_select(cli->arena, &flags->resources, app, &body->resources, err));
    }
    if (flags->local != NULL) {
        const struct local_manifests local = {flags->local, flags->local_root, app};
        TRY(local_manifests_render(cli->arena, &local, &body->manifests, err));
    }
    return 0;
}

static int sync_one(struct cli *cli, const char *name, struct err *err)
{
    const struct sync_flags *flags = cli->flags;
    struct app_ref ref;
    struct sync_body_opts opts = flags->body;
    const struct value *body = NULL;
    TRY(app_ref_parse(name, &ref, err));
    TRY(narrow(cli, &ref, &opts, err));
    TRY(sync_body(cli->arena, &ref, &opts, &body, err));
    TRY(start_operation(cli, &ref, "sync", body, err));
    if (flags->run.async) {
        buf_printf(&cli->out, "application '%s' is being synced\n", name);
        return CLI_EXIT_OK;
    }
    enum scope scope = flags->resources.n > 0 ? SCOPE_PART : SCOPE_WHOLE;
    return see_through(cli, &ref, &flags->run, scope, err);
}

int cmd_app_sync(struct cli *cli, struct err *err)
{
    int status = CLI_EXIT_OK;
    TRY(cli_connect(cli, err));
    for (size_t i = 0; i < cli->args.n; i++) {
        int rc = sync_one(cli, cli->args.items[i], err);
        if (rc < 0) {
            return err_wrap(err, "application '%s'", cli->args.items[i]);
        }
        status = worse(status, rc);
    }
    return status;
}

/* ---- rollback ---- */

struct rollback_flags {
    struct run_flags run;
    bool prune;
    bool dry_run;
};

static const struct flag_row ROLLBACK_ROWS[] = {
    {"prune", 0, FLAG_BOOL, offsetof(struct rollback_flags, prune), NULL, NULL,
     "delete what that revision does not have"},
    {"dry-run", 0, FLAG_BOOL, offsetof(struct rollback_flags, dry_run), NULL, NULL,
     "change nothing"},
    RUN_ROWS(struct rollback_flags),
};
const struct flag_set CMD_APP_ROLLBACK_FLAGS = FLAG_SET(struct rollback_flags, ROLLBACK_ROWS);

static int
rollback_body(struct cli *cli, const struct app_ref *ref, const struct value **ret, struct err *err)
{
    const struct rollback_flags *flags = cli->flags;
    struct arena *arena = cli->arena;
    int64_t id = 0; /* the server's word for the one before the last */
    if (cli->args.n > 1) {
        TRY_IN(num_parse_int(str_from(cli->args.items[1]), &id, err), err, "ID");
    }
    const struct value *body = value_with(arena, NULL, value_new_str(arena, ref->name), "name");
    if (ref->namespace.n > 0) {
        body = value_with(arena, body, value_new_str(arena, ref->namespace), "appNamespace");
    }
    body = value_with(arena, body, value_new_int(arena, id), "id");
    body = value_with(arena, body, value_new_bool(arena, flags->prune), "prune");
    *ret = value_with(arena, body, value_new_bool(arena, flags->dry_run), "dryRun");
    return 0;
}

int cmd_app_rollback(struct cli *cli, struct err *err)
{
    const struct rollback_flags *flags = cli->flags;
    struct app_ref ref;
    const struct value *body = NULL;
    TRY(app_ref_parse(cli->args.items[0], &ref, err));
    TRY(rollback_body(cli, &ref, &body, err));
    TRY(cli_connect(cli, err));
    TRY(start_operation(cli, &ref, "rollback", body, err));
    if (flags->run.async) {
        buf_printf(&cli->out, "application '%s' is being rolled back\n", cli->args.items[0]);
        return CLI_EXIT_OK;
    }
    /* what is newer than the old revision is out of sync: no reason to complain */
    return see_through(cli, &ref, &flags->run, SCOPE_PART, err);
}

/* ---- wait ---- */

struct wait_flags {
    struct wait wait;
    const char *output;
    int64_t timeout_ms;
    bool progress;
};

static const struct flag_row WAIT_ROWS[] = {
    {"sync", 0, FLAG_BOOL, offsetof(struct wait_flags, wait.sync), NULL, NULL, "for Synced"},
    {"health", 0, FLAG_BOOL, offsetof(struct wait_flags, wait.health), NULL, NULL, "for Healthy"},
    {"suspended", 0, FLAG_BOOL, offsetof(struct wait_flags, wait.suspended), NULL, NULL,
     "for Suspended; with --health for either"},
    {"degraded", 0, FLAG_BOOL, offsetof(struct wait_flags, wait.degraded), NULL, NULL,
     "for Degraded; with --health for either"},
    {"operation", 0, FLAG_BOOL, offsetof(struct wait_flags, wait.operation), NULL, NULL,
     "for the end of the operation"},
    {"delete", 0, FLAG_BOOL, offsetof(struct wait_flags, wait.deleted), NULL, NULL,
     "until it is gone"},
    {"timeout", 0, FLAG_DURATION, offsetof(struct wait_flags, timeout_ms), "DURATION", "0",
     "give up after this time; 0: never"},
    {"progress", 0, FLAG_BOOL, offsetof(struct wait_flags, progress), NULL, NULL,
     "show what happens, though standard error is no terminal"},
    {"output", 'o', FLAG_STR, offsetof(struct wait_flags, output), OUTPUT_CHOICES, "table",
     "format"},
};
const struct flag_set CMD_APP_WAIT_FLAGS = FLAG_SET(struct wait_flags, WAIT_ROWS);

static int wait_one(struct cli *cli, const char *name, int64_t timeout_ms, struct err *err)
{
    const struct wait_flags *flags = cli->flags;
    const struct value *app = NULL;
    struct follow follow = {
        .wait = flags->wait,
        .timeout_ms = timeout_ms,
        .progress = flags->progress || cli->err_is_terminal,
    };
    wait_default(&follow.wait);
    TRY(app_ref_parse(name, &follow.ref, err));
    int status = follow_app(cli, &follow, err);
    if (status < 0 || flags->wait.deleted) {
        return status;
    }
    TRY(fetch_app(cli, &follow.ref, FETCH_AS_IT_IS, &app, err));
    TRY(show_app(cli, app, output_format_of(flags->output), SHOW_SUMMARY, err));
    return status;
}

/* One after the other, within one time for all. */
int cmd_app_wait(struct cli *cli, struct err *err)
{
    const struct wait_flags *flags = cli->flags;
    int64_t start_ms = clock_now_ms(clock_system());
    int status = CLI_EXIT_OK;
    TRY(cli_connect(cli, err));
    for (size_t i = 0; i < cli->args.n; i++) {
        int64_t left_ms = flags->timeout_ms - (clock_now_ms(clock_system()) - start_ms);
        int64_t timeout_ms = flags->timeout_ms > 0 ? MAX(left_ms, (int64_t)1) : 0;
        int rc = wait_one(cli, cli->args.items[i], timeout_ms, err);
        if (rc < 0) {
            return err_wrap(err, "application '%s'", cli->args.items[i]);
        }
        status = worse(status, rc);
    }
    return status;
}

/* ---- terminate ---- */

struct terminate_flags {
    bool none;
};
const struct flag_set CMD_APP_TERMINATE_FLAGS = {NULL, 0, sizeof(struct terminate_flags)};

int cmd_app_terminate_op(struct cli *cli, struct err *err)
{
    struct app_ref ref;
    TRY(app_ref_parse(cli->args.items[0], &ref, err));
    TRY(cli_connect(cli, err));
    struct client_request request = {.method = "DELETE",
                                     .path = app_ref_path(cli->arena, &ref, "operation", NULL)};
    TRY(client_call(cli->client, cli->arena, &request, NULL, err));
    buf_printf(&cli->out, "application '%s': the operation is being terminated\n",
               cli->args.items[0]);
    return CLI_EXIT_OK;
}

/* ---- confirm ---- */

const struct flag_set CMD_APP_CONFIRM_FLAGS = {NULL, 0, sizeof(struct terminate_flags)};

/* The annotation that says since when deletes are wanted; the operation that asked began before. */
static int
confirmation(struct cli *cli, const struct app_ref *ref, const struct value **ret, struct err *err)
{
    struct arena *arena = cli->arena;
    char now[CLOCK_RFC3339_BYTES];
    struct str json;
    clock_rfc3339(clock_wall_ms(clock_system()), now);
    const struct value *patch =
        value_with(arena, NULL, value_new_str(arena, str_from(now)), "metadata", "annotations",
                   "argocd.argoproj.io/deletion-approved");
    TRY(value_to_json_in(arena, patch, NULL, &json, err));
    const struct value *body = value_with(arena, NULL, value_new_str(arena, ref->name), "name");
    if (ref->namespace.n > 0) {
        body = value_with(arena, body, value_new_str(arena, ref->namespace), "appNamespace");
    }
    body = value_with(arena, body, value_new_str(arena, json), "patch");
    *ret = value_with(arena, body, value_new_str(arena, STR("merge")), "patchType");
    return 0;
}

int cmd_app_confirm_deletion(struct cli *cli, struct err *err)
{
    struct app_ref ref;
    const struct value *body = NULL;
    TRY(app_ref_parse(cli->args.items[0], &ref, err));
    TRY(confirmation(cli, &ref, &body, err));
    TRY(cli_connect(cli, err));
    struct client_request request = {
        .method = "PATCH", .path = app_ref_path(cli->arena, &ref, NULL, NULL), .body = body};
    TRY(client_call(cli->client, cli->arena, &request, NULL, err));
    buf_printf(&cli->out, "application '%s': deletes are confirmed\n", cli->args.items[0]);
    return CLI_EXIT_OK;
}
