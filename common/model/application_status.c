/* Status: decoding and the tree to store.
 *
 * Enumerations are read as text into a struct that begins with the public one (struct raw_...), then
 * converted; the tree is written in the shape of the CRD, leaving out what Argo CD leaves out. */
#include "common/model/application_status.h"

#include "common/base/arena.h"
#include "common/model/model_table.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_decode.h"
#include "common/value/value_edit.h"

/* ---- source types ---- */

static const char *const SOURCE_TYPES[SOURCE_TYPE_COUNT] = {
    [SOURCE_TYPE_NONE] = "",         [SOURCE_TYPE_DIRECTORY] = "Directory",
    [SOURCE_TYPE_HELM] = "Helm",     [SOURCE_TYPE_KUSTOMIZE] = "Kustomize",
    [SOURCE_TYPE_PLUGIN] = "Plugin",
};

const char *source_type_name(enum source_type type)
{
    return SOURCE_TYPES[type];
}

enum source_type source_type_parse(struct str text)
{
    for (size_t i = 1; i < SOURCE_TYPE_COUNT; i++) {
        if (str_eq_c(text, SOURCE_TYPES[i])) {
            return (enum source_type)i;
        }
    }
    return SOURCE_TYPE_NONE;
}

/* ---- health ---- */

struct raw_health {
    struct app_health health;
    struct str status;
};

static const struct value_field HEALTH_FIELDS[] = {
    MODEL_FIELD("status", FIELD_STR, raw_health, status),
    MODEL_FIELD("message", FIELD_STR, raw_health, health.message),
    MODEL_FIELD("lastTransitionTime", FIELD_STR, raw_health, health.last_transition_time),
};
static const struct value_table HEALTH = VALUE_TABLE(struct raw_health, HEALTH_FIELDS);

static struct app_health cook_health(const struct raw_health *raw)
{
    struct app_health health = raw->health;
    health.status = status_health_parse(raw->status);
    return health;
}

/* ---- resources ---- */

struct raw_resource {
    struct app_resource resource;
    struct raw_health health;
    struct str status;
};

static const struct value_field RESOURCE_FIELDS[] = {
    MODEL_FIELD("group", FIELD_STR, raw_resource, resource.group),
    MODEL_FIELD("version", FIELD_STR, raw_resource, resource.version),
    MODEL_FIELD("kind", FIELD_STR, raw_resource, resource.kind),
    MODEL_FIELD("namespace", FIELD_STR, raw_resource, resource.namespace),
    MODEL_FIELD("name", FIELD_STR, raw_resource, resource.name),
    MODEL_FIELD("status", FIELD_STR, raw_resource, status),
    MODEL_NESTED("health", FIELD_STRUCT, raw_resource, health, HEALTH),
    MODEL_FIELD("hook", FIELD_BOOL, raw_resource, resource.hook),
    MODEL_FIELD("requiresPruning", FIELD_BOOL, raw_resource, resource.requires_pruning),
    MODEL_FIELD("requiresDeletionConfirmation",
                FIELD_BOOL,
                raw_resource,
                resource.requires_deletion_confirmation),
    MODEL_FIELD("syncWave", FIELD_INT, raw_resource, resource.sync_wave),
};
static const struct value_table RESOURCE = VALUE_TABLE(struct raw_resource, RESOURCE_FIELDS);

struct raw_resources {
    const struct raw_resource *items;
    size_t n;
};

static struct app_resources cook_resources(struct arena *arena, const struct raw_resources *raw)
{
    struct app_resource *items = arena_calloc(arena, raw->n + 1, sizeof(*items));
    for (size_t i = 0; i < raw->n; i++) {
        items[i] = raw->items[i].resource;
        items[i].status = status_sync_parse(raw->items[i].status);
        items[i].health = cook_health(&raw->items[i].health);
    }
    return (struct app_resources){items, raw->n};
}

/* ---- sync result ---- */

struct raw_result {
    struct app_resource_result result;
    struct str status;
    struct str hook_phase;
    struct str sync_phase;
};

static const struct value_field RESULT_FIELDS[] = {
    MODEL_FIELD("group", FIELD_STR, raw_result, result.group),
    MODEL_FIELD("version", FIELD_STR, raw_result, result.version),
    MODEL_FIELD("kind", FIELD_STR, raw_result, result.kind),
    MODEL_FIELD("namespace", FIELD_STR, raw_result, result.namespace),
    MODEL_FIELD("name", FIELD_STR, raw_result, result.name),
    MODEL_FIELD("status", FIELD_STR, raw_result, status),
    MODEL_FIELD("message", FIELD_STR, raw_result, result.message),
    MODEL_FIELD("hookType", FIELD_STR, raw_result, result.hook_type),
    MODEL_FIELD("hookPhase", FIELD_STR, raw_result, hook_phase),
    MODEL_FIELD("syncPhase", FIELD_STR, raw_result, sync_phase),
    MODEL_FIELD("images", FIELD_STR_LIST, raw_result, result.images),
};
static const struct value_table RESULT = VALUE_TABLE(struct raw_result, RESULT_FIELDS);

struct raw_results {
    const struct raw_result *items;
    size_t n;
};

static struct app_resource_results cook_results(struct arena *arena, const struct raw_results *raw)
{
    struct app_resource_result *items = arena_calloc(arena, raw->n + 1, sizeof(*items));
    for (size_t i = 0; i < raw->n; i++) {
        items[i] = raw->items[i].result;
        items[i].status = status_result_parse(raw->items[i].status);
        items[i].hook_phase = status_operation_parse(raw->items[i].hook_phase);
        items[i].sync_phase = status_phase_parse(raw->items[i].sync_phase);
    }
    return (struct app_resource_results){items, raw->n};
}

struct raw_sync_result {
    struct app_sync_result result;
    struct raw_results resources;
};

static const struct value_field SYNC_RESULT_FIELDS[] = {
    MODEL_FIELD("revision", FIELD_STR, raw_sync_result, result.revision),
    MODEL_FIELD("revisions", FIELD_STR_LIST, raw_sync_result, result.revisions),
    MODEL_NESTED("resources", FIELD_LIST, raw_sync_result, resources, RESULT),
    MODEL_FIELD(
        "managedNamespaceMetadata", FIELD_MAP, raw_sync_result, result.managed_namespace_metadata),
};
static const struct value_table SYNC_RESULT =
    VALUE_TABLE(struct raw_sync_result, SYNC_RESULT_FIELDS);

/* ---- operation state ---- */

struct raw_state {
    struct app_operation_state state;
    struct str phase;
    struct raw_sync_result result;
};

static const struct value_field STATE_FIELDS[] = {
    MODEL_FIELD("phase", FIELD_STR, raw_state, phase),
    MODEL_FIELD("message", FIELD_STR, raw_state, state.message),
    MODEL_FIELD("startedAt", FIELD_STR, raw_state, state.started_at),
    MODEL_FIELD("finishedAt", FIELD_STR, raw_state, state.finished_at),
    MODEL_FIELD("retryCount", FIELD_INT, raw_state, state.retry_count),
    MODEL_FIELD("syncResult", FIELD_SET, raw_state, state.has_result),
    MODEL_NESTED("syncResult", FIELD_STRUCT, raw_state, result, SYNC_RESULT),
};
static const struct value_table STATE = VALUE_TABLE(struct raw_state, STATE_FIELDS);

static int decode_state(struct arena *arena,
                        const struct value *tree,
                        struct app_operation_state *ret,
                        struct err *err)
{
    static const char PATH[] = "status.operationState";
    struct raw_state raw = {0};
    TRY(value_decode_at(arena, tree, PATH, &STATE, VALUE_DECODE_LAX, &raw, err));
    struct app_operation_state state = raw.state;
    state.phase = status_operation_parse(raw.phase);
    state.result = raw.result.result;
    state.result.resources = cook_results(arena, &raw.result.resources);
    TRY(app_sources_decode(arena, value_dig(tree, "syncResult"), "status.operationState.syncResult",
                           &state.result.sources, &state.result.multi_source, err));
    TRY_IN(app_operation_decode(arena, value_dig(tree, "operation"), &state.operation, err), err,
           "%s", PATH);
    *ret = state;
    return 0;
}

/* ---- history ---- */

static const struct value_field INITIATOR_FIELDS[] = {
    MODEL_FIELD("username", FIELD_STR, app_history, initiated_by),
    MODEL_FIELD("automated", FIELD_BOOL, app_history, initiated_automated),
};
static const struct value_table INITIATOR = VALUE_TABLE(struct app_history, INITIATOR_FIELDS);

static const struct value_field HISTORY_FIELDS[] = {
    MODEL_FIELD("id", FIELD_INT, app_history, id),
    MODEL_FIELD("revision", FIELD_STR, app_history, revision),
    MODEL_FIELD("revisions", FIELD_STR_LIST, app_history, revisions),
    MODEL_FIELD("deployStartedAt", FIELD_STR, app_history, deploy_started_at),
    MODEL_FIELD("deployedAt", FIELD_STR, app_history, deployed_at),
    MODEL_BLOCK("initiatedBy", INITIATOR),
};
static const struct value_table HISTORY = VALUE_TABLE(struct app_history, HISTORY_FIELDS);

static int decode_history(struct arena *arena,
                          const struct value *list,
                          struct app_histories *ret,
                          struct err *err)
{
    struct app_history *items = arena_calloc(arena, value_len(list) + 1, sizeof(*items));
    size_t n = 0;
    VALUE_FOREACH(list, item) {
        struct str path = arena_printf(arena, "status.history[%zu]", n);
        struct app_history *entry = &items[n++];
        TRY(value_decode_at(arena, item, path.p, &HISTORY, VALUE_DECODE_LAX, entry, err));
        TRY(app_sources_decode(arena, item, path.p, &entry->sources, &entry->multi_source, err));
    }
    *ret = (struct app_histories){items, n};
    return 0;
}

/* ---- the whole ---- */

struct raw_status {
    struct app_status status;
    struct raw_health health;
    struct raw_resources resources;
    struct str sync_status;
    struct str source_type;
};

static const struct value_field DESTINATION_FIELDS[] = {
    MODEL_FIELD("server", FIELD_STR, raw_status, status.sync.compared_destination.server),
    MODEL_FIELD("name", FIELD_STR, raw_status, status.sync.compared_destination.name),
    MODEL_FIELD("namespace", FIELD_STR, raw_status, status.sync.compared_destination.namespace),
};
static const struct value_table DESTINATION = VALUE_TABLE(struct raw_status, DESTINATION_FIELDS);

static const struct value_field COMPARED_FIELDS[] = {
    MODEL_BLOCK("destination", DESTINATION),
    MODEL_FIELD(
        "ignoreDifferences", FIELD_VALUE, raw_status, status.sync.compared_ignore_differences),
};
static const struct value_table COMPARED = VALUE_TABLE(struct raw_status, COMPARED_FIELDS);

static const struct value_field SYNC_FIELDS[] = {
    MODEL_FIELD("status", FIELD_STR, raw_status, sync_status),
    MODEL_FIELD("revision", FIELD_STR, raw_status, status.sync.revision),
    MODEL_FIELD("revisions", FIELD_STR_LIST, raw_status, status.sync.revisions),
    MODEL_BLOCK("comparedTo", COMPARED),
};
static const struct value_table SYNC = VALUE_TABLE(struct raw_status, SYNC_FIELDS);

static const struct value_field SUMMARY_FIELDS[] = {
    MODEL_FIELD("images", FIELD_STR_LIST, raw_status, status.images),
    MODEL_FIELD("externalURLs", FIELD_STR_LIST, raw_status, status.external_urls),
    MODEL_FIELD("isAppOfApps", FIELD_BOOL, raw_status, status.is_app_of_apps),
};
static const struct value_table SUMMARY = VALUE_TABLE(struct raw_status, SUMMARY_FIELDS);

static const struct value_field STATUS_FIELDS[] = {
    MODEL_BLOCK("sync", SYNC),
    MODEL_NESTED("health", FIELD_STRUCT, raw_status, health, HEALTH),
    MODEL_NESTED("resources", FIELD_LIST, raw_status, resources, RESOURCE),
    MODEL_BLOCK("summary", SUMMARY),
    MODEL_FIELD("reconciledAt", FIELD_STR, raw_status, status.reconciled_at),
    MODEL_FIELD("sourceType", FIELD_STR, raw_status, source_type),
    MODEL_FIELD("sourceTypes", FIELD_STR_LIST, raw_status, status.source_types),
    MODEL_FIELD("controllerNamespace", FIELD_STR, raw_status, status.controller_namespace),
    MODEL_FIELD("resourceHealthSource", FIELD_STR, raw_status, status.resource_health_source),
};
static const struct value_table STATUS = VALUE_TABLE(struct raw_status, STATUS_FIELDS);

int app_status_decode(struct arena *arena,
                      const struct value *tree,
                      struct app_status *ret,
                      struct err *err)
{
    struct raw_status raw = {0};
    TRY(value_decode_at(arena, tree, "status", &STATUS, VALUE_DECODE_LAX, &raw, err));
    struct app_status status = raw.status;
    status.sync.status = status_sync_parse(raw.sync_status);
    status.health = cook_health(&raw.health);
    status.resources = cook_resources(arena, &raw.resources);
    status.source_type = source_type_parse(raw.source_type);
    status.conditions = conditions_from_value(arena, value_dig(tree, "conditions"));
    TRY(app_sources_decode(arena, value_dig(tree, "sync", "comparedTo"), "status.sync.comparedTo",
                           &status.sync.compared_sources, &status.sync.compared_multi_source, err));
    TRY(decode_history(arena, value_dig(tree, "history"), &status.history, err));
    TRY(decode_state(arena, value_dig(tree, "operationState"), &status.operation_state, err));
    *ret = status;
    return 0;
}
