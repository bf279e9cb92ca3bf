/* The status as a tree.
 *
 * Fields are left out where Argo CD's types say omitempty, written where they do not, so that a status
 * written by either reads the same. */
#include "common/base/arena.h"
#include "common/model/application_status.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"

static void put_name(struct value_builder *b, const char *key, const char *name)
{
    value_build_field_str_opt(b, key, str_from(name));
}

static void put_flag(struct value_builder *b, const char *key, bool set)
{
    if (set) {
        value_build_field_bool(b, key, true);
    }
}

static void put_int(struct value_builder *b, const char *key, int64_t number)
{
    if (number != 0) {
        value_build_field_int(b, key, number);
    }
}

static void put_strs(struct value_builder *b, const char *key, struct app_strs strs)
{
    if (strs.n == 0) {
        return;
    }
    value_build_field_list(b, key);
    for (size_t i = 0; i < strs.n; i++) {
        value_build_str(b, strs.items[i]);
    }
    value_build_end(b);
}

static void put_tree(struct value_builder *b, const char *key, const struct value *tree)
{
    if (value_len(tree) > 0) {
        value_build_field(b, key, tree);
    }
}

/* ---- parts ---- */

static const struct value *health_to_value(struct arena *arena, const struct app_health *health)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    put_name(&b, "status", status_health_name(health->status));
    value_build_field_str_opt(&b, "message", health->message);
    value_build_field_str_opt(&b, "lastTransitionTime", health->last_transition_time);
    value_build_end(&b);
    return value_build_finish(&b);
}

static const struct value *compared_to_value(struct arena *arena, const struct app_sync *sync)
{
    const struct value *map =
        value_map_set(arena, NULL, STR("destination"),
                      app_destination_to_value(arena, &sync->compared_destination));
    if (value_len(sync->compared_ignore_differences) > 0) {
        map =
            value_map_set(arena, map, STR("ignoreDifferences"), sync->compared_ignore_differences);
    }
    return app_sources_with(arena, map, &sync->compared_sources, sync->compared_multi_source);
}

static const struct value *sync_to_value(struct arena *arena, const struct app_sync *sync)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str(&b, "status", str_from(status_sync_name(sync->status)));
    if (sync->compared_sources.n > 0) {
        value_build_field(&b, "comparedTo", compared_to_value(arena, sync));
    }
    value_build_field_str_opt(&b, "revision", sync->revision);
    put_strs(&b, "revisions", sync->revisions);
    value_build_end(&b);
    return value_build_finish(&b);
}

static void
put_resource(struct value_builder *b, struct arena *arena, const struct app_resource *resource)
{
    value_build_map(b);
    value_build_field_str_opt(b, "group", resource->group);
    value_build_field_str_opt(b, "version", resource->version);
    value_build_field_str_opt(b, "kind", resource->kind);
    value_build_field_str_opt(b, "namespace", resource->namespace);
    value_build_field_str_opt(b, "name", resource->name);
    put_name(b, "status", status_sync_name(resource->status));
    if (resource->health.status != HEALTH_STATUS_NONE) {
        value_build_field(b, "health", health_to_value(arena, &resource->health));
    }
    put_flag(b, "hook", resource->hook);
    put_flag(b, "requiresPruning", resource->requires_pruning);
    put_flag(b, "requiresDeletionConfirmation", resource->requires_deletion_confirmation);
    put_int(b, "syncWave", resource->sync_wave);
    value_build_end(b);
}

static const struct value *resources_to_value(struct arena *arena,
                                              const struct app_resources *resources)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_list(&b);
    for (size_t i = 0; i < resources->n; i++) {
        put_resource(&b, arena, &resources->items[i]);
    }
    value_build_end(&b);
    return value_build_finish(&b);
}

static const struct value *history_to_value(struct arena *arena, const struct app_history *entry)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_int(&b, "id", entry->id);
    value_build_field_str_opt(&b, "revision", entry->revision);
    put_strs(&b, "revisions", entry->revisions);
    value_build_field_str_opt(&b, "deployStartedAt", entry->deploy_started_at);
    value_build_field_str(&b, "deployedAt", entry->deployed_at);
    value_build_field_map(&b, "initiatedBy");
    value_build_field_str_opt(&b, "username", entry->initiated_by);
    put_flag(&b, "automated", entry->initiated_automated);
    value_build_end(&b);
    value_build_end(&b);
    return app_sources_with(arena, value_build_finish(&b), &entry->sources, entry->multi_source);
}

static const struct value *histories_to_value(struct arena *arena,
                                              const struct app_histories *history)
{
    struct value *items = arena_calloc(arena, history->n + 1, sizeof(*items));
    for (size_t i = 0; i < history->n; i++) {
        items[i] = *history_to_value(arena, &history->items[i]);
    }
    return value_new_list(arena, items, history->n);
}

/* ---- operation state ---- */

static void put_result(struct value_builder *b, const struct app_resource_result *result)
{
    value_build_map(b);
    value_build_field_str(b, "group", result->group);
    value_build_field_str(b, "version", result->version);
    value_build_field_str(b, "kind", result->kind);
    value_build_field_str(b, "namespace", result->namespace);
    value_build_field_str(b, "name", result->name);
    put_name(b, "status", status_result_name(result->status));
    value_build_field_str_opt(b, "message", result->message);
    value_build_field_str_opt(b, "hookType", result->hook_type);
    put_name(b, "hookPhase", status_operation_name(result->hook_phase));
    if (result->sync_phase < SYNC_PHASE_COUNT) {
        put_name(b, "syncPhase", status_phase_name(result->sync_phase));
    }
    put_strs(b, "images", result->images);
    value_build_end(b);
}

static const struct value *result_to_value(struct arena *arena,
                                           const struct app_sync_result *result)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str(&b, "revision", result->revision);
    put_strs(&b, "revisions", result->revisions);
    if (result->resources.n > 0) {
        value_build_field_list(&b, "resources");
        for (size_t i = 0; i < result->resources.n; i++) {
            put_result(&b, &result->resources.items[i]);
        }
        value_build_end(&b);
    }
    put_tree(&b, "managedNamespaceMetadata", result->managed_namespace_metadata);
    value_build_end(&b);
    return app_sources_with(arena, value_build_finish(&b), &result->sources, result->multi_source);
}

const struct value *app_operation_state_to_value(struct arena *arena,
                                                 const struct app_operation_state *state)
{
    if (state->phase == OPERATION_PHASE_NONE) {
        return NULL;
    }
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field(&b, "operation", app_operation_to_value(arena, &state->operation));
    value_build_field_str(&b, "phase", str_from(status_operation_name(state->phase)));
    value_build_field_str_opt(&b, "message", state->message);
    value_build_field_str(&b, "startedAt", state->started_at);
    value_build_field_str_opt(&b, "finishedAt", state->finished_at);
    put_int(&b, "retryCount", state->retry_count);
    if (state->has_result) {
        value_build_field(&b, "syncResult", result_to_value(arena, &state->result));
    }
    value_build_end(&b);
    return value_build_finish(&b);
}

/* ---- the whole ---- */

static const struct value *summary_to_value(struct arena *arena, const struct app_status *status)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    put_strs(&b, "externalURLs", status->external_urls);
    put_strs(&b, "images", status->images);
    put_flag(&b, "isAppOfApps", status->is_app_of_apps);
    value_build_end(&b);
    return value_build_finish(&b);
}

/* Set, or removed when there is nothing to say. */
static const struct value *
replace(struct arena *arena, const struct value *map, struct str key, const struct value *v)
{
    bool empty = v == NULL || (value_type(v) != VALUE_BOOL && value_len(v) == 0);
    return empty ? value_map_remove(arena, map, key) : value_map_set(arena, map, key, v);
}

static const struct value *strs_to_value(struct arena *arena, struct app_strs strs)
{
    return value_new_str_list(arena, strs.items, strs.n);
}

const struct value *
app_status_to_value(struct arena *arena, const struct app_status *status, const struct value *old)
{
    bool compared = status->sync.status != SYNC_STATUS_NONE;
    const struct app_operation_state *state = &status->operation_state;
    const struct {
        struct str key;
        const struct value *v;
    } FIELDS[] = {
        {STR("conditions"), conditions_to_value(arena, status->conditions)},
        {STR("controllerNamespace"), value_new_str(arena, status->controller_namespace)},
        {STR("health"), health_to_value(arena, &status->health)},
        {STR("history"), histories_to_value(arena, &status->history)},
        {STR("operationState"), app_operation_state_to_value(arena, state)},
        {STR("reconciledAt"), value_new_str(arena, status->reconciled_at)},
        {STR("resourceHealthSource"), value_new_str(arena, status->resource_health_source)},
        {STR("resources"), resources_to_value(arena, &status->resources)},
        {STR("sourceType"), value_new_str(arena, str_from(source_type_name(status->source_type)))},
        {STR("sourceTypes"), strs_to_value(arena, status->source_types)},
        {STR("summary"), summary_to_value(arena, status)},
        {STR("sync"), compared ? sync_to_value(arena, &status->sync) : NULL},
    };
    const struct value *map = value_is(old, VALUE_MAP) ? old : &VALUE_EMPTY_MAP;
    for (size_t i = 0; i < ARRAY_LEN(FIELDS); i++) {
        map = replace(arena, map, FIELDS[i].key, FIELDS[i].v);
    }
    return map;
}
