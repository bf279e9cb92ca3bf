/* Builds operations; the controller runs them. */
#include "api-server/rest/operations.h"

#include "api-server/api_server.h"
#include "api-server/rest/app_write.h"
#include "api-server/rest/applications.h"
#include "api-server/rest/call.h"
#include "api-server/rest/windows.h"
#include "common/base/arena.h"
#include "common/kube/kube_object.h"
#include "common/model/application.h"
#include "common/settings/settings.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"

static void reply_app(struct rest_call *call, struct doc *doc)
{
    rest_reply(call, kube_without_fields(call->arena, doc_root(doc), KUBE_MANAGED_FIELDS));
}

static bool is_automated(const struct value *app)
{
    const struct value *automated = value_dig(app, "spec", "syncPolicy", "automated");
    return value_is(automated, VALUE_MAP) && value_bool(value_dig(automated, "enabled"), true);
}

static bool is_set(const struct value *v)
{
    return v != NULL && !value_is(v, VALUE_NULL);
}

static int check_idle(const struct value *app, struct err *err)
{
    if (is_set(value_dig(app, "operation"))) {
        return err_set(err, ERR_INVALID, "another operation is already in progress");
    }
    if (kube_is_deleting(app)) {
        return err_set(err, ERR_INVALID, "application is deleting");
    }
    return 0;
}

static const struct value *with_user(struct rest_call *call, const struct value *operation)
{
    return value_with(call->arena, operation, value_new_str(call->arena, call->who.username),
                      "initiatedBy", "username");
}

/* Fields of the request's body that go into operation.sync as they are. */
static const char *const SYNC_FIELDS[] = {"revision", "revisions", "dryRun",
                                          "prune",    "resources", "manifests"};

static const struct value *strategy_of(struct rest_call *call)
{
    const struct value *strategy = rest_body(call, "strategy");
    if (value_len(strategy) == 0) { /* hooks are run unless apply is asked for */
        return value_with(call->arena, NULL, &VALUE_EMPTY_MAP, "hook");
    }
    return strategy;
}

static const struct value *options_of(struct rest_call *call, const struct value *app)
{
    const struct value *given = rest_body(call, "syncOptions");
    if (given != NULL) {
        return value_dig(given, "items");
    }
    return value_dig(app, "spec", "syncPolicy", "syncOptions");
}

static const struct value *sync_operation(struct rest_call *call, const struct value *app)
{
    struct arena *arena = call->arena;
    const struct value *sync = value_with(arena, NULL, strategy_of(call), "syncStrategy");
    for (size_t i = 0; i < ARRAY_LEN(SYNC_FIELDS); i++) {
        const struct value *v = rest_body(call, SYNC_FIELDS[i]);
        if (v != NULL) {
            sync = value_map_set(arena, sync, str_from(SYNC_FIELDS[i]), v);
        }
    }
    const struct value *options = options_of(call, app);
    if (value_len(options) > 0) {
        sync = value_map_set(arena, sync, STR("syncOptions"), options);
    }
    const struct value *op = value_with(arena, NULL, sync, "sync");
    const struct value *retry = rest_body(call, "retryStrategy");
    if (retry == NULL) {
        retry = value_dig(app, "spec", "syncPolicy", "retry");
    }
    if (retry != NULL) {
        op = value_map_set(arena, op, STR("retry"), retry);
    }
    if (rest_body(call, "infos") != NULL) {
        op = value_map_set(arena, op, STR("info"), rest_body(call, "infos"));
    }
    return with_user(call, op);
}

static bool is_verified(struct rest_call *call, const struct value *app)
{
    struct application model;
    struct err err;
    if (application_decode(call->arena, app, &model, &err) < 0) {
        return false; /* the controller says what is wrong with it */
    }
    return settings_verifies(call->server->settings, &model.spec.sources, model.spec.project);
}

/* What can never be applied need not begin an operation. */
static int check_manifests(struct rest_call *call, struct err *err)
{
    size_t n = 0;
    VALUE_FOREACH(rest_body(call, "manifests"), manifest) {
        const struct value *obj = NULL;
        n++;
        TRY_IN(value_from_json(call->arena, value_str(manifest), NULL, &obj, err), err,
               "manifest %zu", n);
        TRY_IN(kube_object_check(obj, err), err, "manifest %zu", n);
    }
    return 0;
}

static int check_sync(struct rest_call *call, const struct value *app, struct err *err)
{
    TRY(check_idle(app, err));
    TRY(windows_check(call, app, err));
    struct str revision = rest_body_str(call, "revision");
    struct str target = value_dig_str(app, "spec", "source", "targetRevision");
    target = target.n > 0 ? target : STR("HEAD");
    bool dry_run = value_bool(rest_body(call, "dryRun"), false);
    if (is_automated(app) && !dry_run && value_len(rest_body(call, "manifests")) > 0) {
        return err_set(err, ERR_INVALID,
                       "cannot use local sync when Automatic Sync Policy is enabled unless for dry "
                       "run");
    }
    if (value_len(rest_body(call, "manifests")) > 0 && is_verified(call, app)) {
        return err_set(err, ERR_INVALID,
                       "Cannot use local sync when source integrity is enforced.");
    }
    TRY(check_manifests(call, err));
    if (is_automated(app) && !dry_run && revision.n > 0 && !str_eq(revision, target) &&
        !str_eq(revision, value_dig_str(app, "status", "sync", "revision"))) {
        return err_set(err, ERR_INVALID,
                       "Cannot sync to " STR_FMT ": auto-sync currently set to " STR_FMT,
                       STR_ARG(revision), STR_ARG(target));
    }
    return 0;
}

static int sync_patch(struct rest_call *call,
                      const struct value *app,
                      const struct value **ret,
                      struct err *err)
{
    TRY(check_sync(call, app, err));
    *ret = value_with(call->arena, NULL, sync_operation(call, app), "operation");
    return 0;
}

/* Find the Application and change it. */
static int operate(struct rest_call *call, app_patch_fn build, app_written_fn done, struct err *err)
{
    struct doc *doc = NULL;
    TRY(applications_find(call, &doc, err));
    app_write_change(call, doc_root(doc), build, done);
    return 0;
}

int operations_sync(struct rest_call *call, struct err *err)
{
    return operate(call, sync_patch, reply_app, err);
}

/* ---- rollback ---- */

/* The entry with this id; without one (or null) the entry before the present. */
static int find_history(const struct value *app,
                        const struct value *id,
                        const struct value **ret,
                        struct err *err)
{
    const struct value *history = value_dig(app, "status", "history");
    int64_t wanted = value_int(id, -1);
    if (id == NULL && value_len(history) > 1) {
        *ret = value_at(history, value_len(history) - 2);
        return 0;
    }
    VALUE_FOREACH(history, entry) {
        if (wanted >= 0 && value_int(value_dig(entry, "id"), -1) == wanted) {
            *ret = entry;
            return 0;
        }
    }
    return err_set(err, ERR_INVALID,
                   "application " STR_FMT " does not have deployment with id %lld",
                   STR_ARG(kube_name(app)), (long long)wanted);
}

static const struct value *
rollback_operation(struct rest_call *call, const struct value *app, const struct value *entry)
{
    static const char *const FIELDS[] = {"revision", "revisions", "source", "sources"};
    struct arena *arena = call->arena;
    const struct value *sync = value_with(arena, NULL, &VALUE_EMPTY_MAP, "syncStrategy", "apply");
    for (size_t i = 0; i < ARRAY_LEN(FIELDS); i++) {
        const struct value *v = value_dig(entry, FIELDS[i]);
        if (v != NULL) {
            sync = value_map_set(arena, sync, str_from(FIELDS[i]), v);
        }
    }
    bool dry_run = value_bool(rest_body(call, "dryRun"), false);
    bool prune = value_bool(rest_body(call, "prune"), false);
    sync = value_with(arena, sync, value_new_bool(arena, dry_run), "dryRun");
    sync = value_with(arena, sync, value_new_bool(arena, prune), "prune");
    const struct value *options = value_dig(app, "spec", "syncPolicy", "syncOptions");
    if (value_len(options) > 0) {
        sync = value_map_set(arena, sync, STR("syncOptions"), options);
    }
    return with_user(call, value_with(arena, NULL, sync, "sync"));
}

static int rollback_patch(struct rest_call *call,
                          const struct value *app,
                          const struct value **ret,
                          struct err *err)
{
    const struct value *entry = NULL;
    TRY(check_idle(app, err));
    if (is_automated(app)) {
        return err_set(err, ERR_INVALID, "rollback cannot be initiated when auto-sync is enabled");
    }
    TRY(find_history(app, rest_body(call, "id"), &entry, err));
    *ret = value_with(call->arena, NULL, rollback_operation(call, app, entry), "operation");
    return 0;
}

int operations_rollback(struct rest_call *call, struct err *err)
{
    return operate(call, rollback_patch, reply_app, err);
}

/* ---- terminate ---- */

static void reply_nothing(struct rest_call *call, struct doc *doc UNUSED)
{
    rest_reply_empty(call);
}

static int terminate_patch(struct rest_call *call,
                           const struct value *app,
                           const struct value **ret,
                           struct err *err)
{
    if (!is_set(value_dig(app, "operation")) ||
        !is_set(value_dig(app, "status", "operationState"))) {
        return err_set(err, ERR_INVALID,
                       "Unable to terminate operation. No operation is in progress");
    }
    *ret = value_with(call->arena, NULL, value_new_str(call->arena, STR("Terminating")), "status",
                      "operationState", "phase");
    return 0;
}

int operations_terminate(struct rest_call *call, struct err *err)
{
    return operate(call, terminate_patch, reply_nothing, err);
}
