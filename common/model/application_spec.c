/* Decoding of spec and operation.
 *
 * Each part is a table. Blocks whose fields belong to the struct around them have tables with offsets in
 * that struct and stand at offset 0. Durations are read as text, as an empty one means the default. */
#include "common/model/application_spec.h"

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/model/model_table.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"

/* ---- sources ---- */

static const struct value_field DIRECTORY_FIELDS[] = {
    MODEL_FIELD("recurse", FIELD_BOOL, app_directory, recurse),
    MODEL_FIELD("disableExtensionFilter", FIELD_BOOL, app_directory, disable_extension_filter),
    MODEL_FIELD("include", FIELD_STR, app_directory, include),
    MODEL_FIELD("exclude", FIELD_STR, app_directory, exclude),
    MODEL_FIELD("jsonnet", FIELD_MAP, app_directory, jsonnet),
};
static const struct value_table DIRECTORY = VALUE_TABLE(struct app_directory, DIRECTORY_FIELDS);

static const struct value_field SOURCE_FIELDS[] = {
    MODEL_FIELD("repoURL", FIELD_STR, app_source, repo_url),
    MODEL_FIELD("path", FIELD_STR, app_source, path),
    MODEL_FIELD("targetRevision", FIELD_STR, app_source, target_revision),
    MODEL_FIELD("chart", FIELD_STR, app_source, chart),
    MODEL_FIELD("ref", FIELD_STR, app_source, ref),
    MODEL_FIELD("name", FIELD_STR, app_source, name),
    MODEL_FIELD("tagPrefix", FIELD_STR, app_source, tag_prefix),
    MODEL_NESTED("directory", FIELD_STRUCT, app_source, directory, DIRECTORY),
    MODEL_FIELD("directory", FIELD_MAP, app_source, directory_tree),
    MODEL_FIELD("helm", FIELD_MAP, app_source, helm),
    MODEL_FIELD("kustomize", FIELD_MAP, app_source, kustomize),
    MODEL_FIELD("plugin", FIELD_MAP, app_source, plugin),
};
static const struct value_table SOURCE = VALUE_TABLE(struct app_source, SOURCE_FIELDS);

static int decode_source(struct arena *arena,
                         const struct value *tree,
                         struct str path,
                         struct app_source *ret,
                         struct err *err)
{
    TRY(value_decode_at(arena, tree, path.p, &SOURCE, VALUE_DECODE_LAX, ret, err));
    ret->tree = tree;
    return 0;
}

int app_sources_decode(struct arena *arena,
                       const struct value *map,
                       const char *path,
                       struct app_sources *ret,
                       bool *ret_multi_source,
                       struct err *err)
{
    const struct value *one = value_dig(map, "source");
    const struct value *several = value_dig(map, "sources");
    bool multi = value_len(several) > 0;
    if (multi && !value_is(several, VALUE_LIST)) {
        return err_set(err, ERR_INVALID, "%s.sources must be a list, not a %s", path,
                       value_type_name(value_type(several)));
    }
    size_t n = multi ? value_len(several) : 0;
    if (!multi && one != NULL && !value_is(one, VALUE_NULL)) {
        n = 1;
    }
    struct app_source *items = arena_calloc(arena, n + 1, sizeof(*items));
    for (size_t i = 0; i < n; i++) {
        struct str where = multi ? arena_printf(arena, "%s.sources[%zu]", path, i)
                                 : arena_printf(arena, "%s.source", path);
        TRY(decode_source(arena, multi ? value_at(several, i) : one, where, &items[i], err));
    }
    *ret = (struct app_sources){items, n};
    *ret_multi_source = multi;
    return 0;
}

const struct value *app_sources_with(struct arena *arena,
                                     const struct value *map,
                                     const struct app_sources *sources,
                                     bool multi_source)
{
    if (sources->n == 0) {
        return map;
    }
    if (!multi_source) {
        return value_map_set(arena, map, STR("source"), sources->items[0].tree);
    }
    struct value *items = arena_calloc(arena, sources->n, sizeof(*items));
    for (size_t i = 0; i < sources->n; i++) {
        items[i] = *sources->items[i].tree;
    }
    return value_map_set(arena, map, STR("sources"), value_new_list(arena, items, sources->n));
}

/* ---- retry ---- */

struct retry_texts {
    int64_t limit;
    bool refresh;
    struct str duration;
    struct str max_duration;
    int64_t factor;
};

static const struct value_field BACKOFF_FIELDS[] = {
    MODEL_FIELD("duration", FIELD_TEXT, retry_texts, duration),
    MODEL_FIELD("maxDuration", FIELD_TEXT, retry_texts, max_duration),
    MODEL_FIELD("factor", FIELD_INT, retry_texts, factor),
};
static const struct value_table BACKOFF = VALUE_TABLE(struct retry_texts, BACKOFF_FIELDS);

static const struct value_field RETRY_FIELDS[] = {
    MODEL_FIELD("limit", FIELD_INT, retry_texts, limit),
    MODEL_FIELD("refresh", FIELD_BOOL, retry_texts, refresh),
    MODEL_BLOCK("backoff", BACKOFF),
};
static const struct value_table RETRY = VALUE_TABLE(struct retry_texts, RETRY_FIELDS);

static int decode_duration(struct str text, const char *path, int64_t *ret_ms, struct err *err)
{
    if (text.n > 0) {
        TRY_IN(clock_parse_duration(text, ret_ms, err), err, "%s", path);
    }
    return 0;
}

static int decode_retry(struct arena *arena,
                        const struct value *tree,
                        const char *path,
                        struct app_retry *ret,
                        struct err *err)
{
    struct retry_texts texts = {.factor = APP_BACKOFF_FACTOR_DEFAULT};
    struct app_retry retry = {
        .set = value_is(tree, VALUE_MAP),
        .tree = tree,
        .backoff_ms = APP_BACKOFF_DEFAULT_MS,
        .backoff_max_ms = APP_BACKOFF_MAX_DEFAULT_MS,
    };
    TRY(value_decode_at(arena, tree, path, &RETRY, VALUE_DECODE_LAX, &texts, err));
    TRY(decode_duration(texts.duration, path, &retry.backoff_ms, err));
    TRY(decode_duration(texts.max_duration, path, &retry.backoff_max_ms, err));
    retry.limit = texts.limit;
    retry.refresh = texts.refresh;
    retry.factor = texts.factor;
    *ret = retry;
    return 0;
}

int64_t app_retry_wait_ms(const struct app_retry *retry, int64_t retry_count)
{
    int64_t wait_ms = retry->backoff_ms;
    for (int64_t i = 0; i < retry_count && retry->factor > 1; i++) {
        if (wait_ms > retry->backoff_max_ms / retry->factor) {
            return retry->backoff_max_ms;
        }
        wait_ms *= retry->factor;
    }
    return MIN(wait_ms, retry->backoff_max_ms);
}

/* ---- spec ---- */

static const struct value_field DESTINATION_FIELDS[] = {
    MODEL_FIELD("server", FIELD_STR, app_destination, server),
    MODEL_FIELD("name", FIELD_STR, app_destination, name),
    MODEL_FIELD("namespace", FIELD_STR, app_destination, namespace),
};
static const struct value_table DESTINATION =
    VALUE_TABLE(struct app_destination, DESTINATION_FIELDS);

static const struct value_field AUTOMATED_FIELDS[] = {
    MODEL_FIELD("enabled", FIELD_BOOL, app_sync_policy, enabled),
    MODEL_FIELD("prune", FIELD_BOOL, app_sync_policy, prune),
    MODEL_FIELD("selfHeal", FIELD_BOOL, app_sync_policy, self_heal),
    MODEL_FIELD("allowEmpty", FIELD_BOOL, app_sync_policy, allow_empty),
};
static const struct value_table AUTOMATED = VALUE_TABLE(struct app_sync_policy, AUTOMATED_FIELDS);

static const struct value_field SYNC_POLICY_FIELDS[] = {
    MODEL_FIELD("automated", FIELD_SET, app_sync_policy, has_automated),
    MODEL_BLOCK("automated", AUTOMATED),
    MODEL_FIELD("syncOptions", FIELD_STR_LIST, app_sync_policy, sync_options),
    MODEL_FIELD("managedNamespaceMetadata", FIELD_MAP, app_sync_policy, managed_namespace_metadata),
};
static const struct value_table SYNC_POLICY =
    VALUE_TABLE(struct app_sync_policy, SYNC_POLICY_FIELDS);

static const struct value_field IGNORE_FIELDS[] = {
    MODEL_FIELD("group", FIELD_STR, app_ignore_difference, group),
    MODEL_FIELD("kind", FIELD_STR, app_ignore_difference, kind),
    MODEL_FIELD("name", FIELD_STR, app_ignore_difference, name),
    MODEL_FIELD("namespace", FIELD_STR, app_ignore_difference, namespace),
    MODEL_FIELD("jsonPointers", FIELD_STR_LIST, app_ignore_difference, json_pointers),
    MODEL_FIELD("jqPathExpressions", FIELD_STR_LIST, app_ignore_difference, jq_path_expressions),
    MODEL_FIELD(
        "managedFieldsManagers", FIELD_STR_LIST, app_ignore_difference, managed_fields_managers),
};
static const struct value_table IGNORE = VALUE_TABLE(struct app_ignore_difference, IGNORE_FIELDS);

static const struct value_field NAME_VALUE_FIELDS[] = {
    MODEL_FIELD("name", FIELD_STR, app_name_value, name),
    MODEL_FIELD("value", FIELD_STR, app_name_value, value),
};
static const struct value_table NAME_VALUE = VALUE_TABLE(struct app_name_value, NAME_VALUE_FIELDS);

static const struct value_field SPEC_FIELDS[] = {
    MODEL_FIELD("project", FIELD_STR, app_spec, project),
    MODEL_FIELD("sourceHydrator", FIELD_SET, app_spec, has_hydrator),
    MODEL_NESTED("destination", FIELD_STRUCT, app_spec, destination, DESTINATION),
    MODEL_NESTED("syncPolicy", FIELD_STRUCT, app_spec, sync_policy, SYNC_POLICY),
    MODEL_NESTED("ignoreDifferences", FIELD_LIST, app_spec, ignore_differences, IGNORE),
    MODEL_NESTED("info", FIELD_LIST, app_spec, info, NAME_VALUE),
    MODEL_FIELD("revisionHistoryLimit", FIELD_INT, app_spec, revision_history_limit),
};
static const struct value_table SPEC = VALUE_TABLE(struct app_spec, SPEC_FIELDS);

/* What a hydrator renders is deployed from the branch and folder it writes to; `source` and `sources` do not count. */
static const struct value *synced_source(struct arena *arena, const struct value *hydrator)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_map(&b, "source");
    value_build_field_str(&b, "repoURL", value_dig_str(hydrator, "drySource", "repoURL"));
    value_build_field_str_opt(&b, "path", value_dig_str(hydrator, "syncSource", "path"));
    value_build_field_str_opt(&b, "targetRevision",
                              value_dig_str(hydrator, "syncSource", "targetBranch"));
    value_build_end(&b);
    value_build_end(&b);
    return value_build_finish(&b);
}

static int decode_sources(struct arena *arena, struct app_spec *spec, struct err *err)
{
    const struct value *from = spec->tree;
    if (spec->has_hydrator) {
        from = synced_source(arena, value_dig(spec->tree, "sourceHydrator"));
    }
    return app_sources_decode(arena, from, "spec", &spec->sources, &spec->multi_source, err);
}

int app_spec_decode(struct arena *arena,
                    const struct value *tree,
                    struct app_spec *ret,
                    struct err *err)
{
    struct app_spec spec = {
        .revision_history_limit = APP_HISTORY_DEFAULT,
        .sync_policy.enabled = true,
        .tree = tree,
    };
    TRY(value_decode_at(arena, tree, "spec", &SPEC, VALUE_DECODE_LAX, &spec, err));
    TRY(decode_sources(arena, &spec, err));
    TRY(decode_retry(arena, value_dig(tree, "syncPolicy", "retry"), "spec.syncPolicy.retry",
                     &spec.sync_policy.retry, err));
    struct app_sync_policy *policy = &spec.sync_policy;
    policy->automated = policy->has_automated && policy->enabled;
    if (spec.project.n == 0) {
        spec.project = STR(APP_DEFAULT_PROJECT);
    }
    *ret = spec;
    return 0;
}

const struct value *app_destination_to_value(struct arena *arena,
                                             const struct app_destination *destination)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str_opt(&b, "server", destination->server);
    value_build_field_str_opt(&b, "name", destination->name);
    value_build_field_str_opt(&b, "namespace", destination->namespace);
    value_build_end(&b);
    return value_build_finish(&b);
}

struct str app_sync_option(struct app_strs options, struct str name)
{
    for (size_t i = options.n; i-- > 0;) {
        struct str before;
        struct str after;
        if (str_cut(str_trim(options.items[i]), '=', &before, &after) && str_eq(before, name)) {
            return after;
        }
    }
    return STR_EMPTY;
}

/* ---- operation ---- */

static const struct value_field FORCE_FIELDS[] = {
    MODEL_FIELD("force", FIELD_BOOL, app_operation, force),
};
static const struct value_table FORCE = VALUE_TABLE(struct app_operation, FORCE_FIELDS);

static const struct value_field STRATEGY_FIELDS[] = {
    MODEL_BLOCK("hook", FORCE),
    MODEL_FIELD("apply", FIELD_SET, app_operation, apply_only),
    MODEL_BLOCK("apply", FORCE),
};
static const struct value_table STRATEGY = VALUE_TABLE(struct app_operation, STRATEGY_FIELDS);

static const struct value_field SYNC_RESOURCE_FIELDS[] = {
    MODEL_FIELD("group", FIELD_STR, app_sync_resource, group),
    MODEL_FIELD("kind", FIELD_STR, app_sync_resource, kind),
    MODEL_FIELD("name", FIELD_STR, app_sync_resource, name),
    MODEL_FIELD("namespace", FIELD_STR, app_sync_resource, namespace),
};
static const struct value_table SYNC_RESOURCE =
    VALUE_TABLE(struct app_sync_resource, SYNC_RESOURCE_FIELDS);

static const struct value_field SYNC_FIELDS[] = {
    MODEL_FIELD("revision", FIELD_STR, app_operation, revision),
    MODEL_FIELD("revisions", FIELD_STR_LIST, app_operation, revisions),
    MODEL_FIELD("prune", FIELD_BOOL, app_operation, prune),
    MODEL_FIELD("dryRun", FIELD_BOOL, app_operation, dry_run),
    MODEL_BLOCK("syncStrategy", STRATEGY),
    MODEL_NESTED("resources", FIELD_LIST, app_operation, resources, SYNC_RESOURCE),
    MODEL_FIELD("manifests", FIELD_STR_LIST, app_operation, manifests),
    MODEL_FIELD("syncOptions", FIELD_STR_LIST, app_operation, sync_options),
    MODEL_FIELD("autoHealAttemptsCount", FIELD_INT, app_operation, auto_heal_attempts),
};
static const struct value_table SYNC = VALUE_TABLE(struct app_operation, SYNC_FIELDS);

static const struct value_field INITIATOR_FIELDS[] = {
    MODEL_FIELD("username", FIELD_STR, app_operation, username),
    MODEL_FIELD("automated", FIELD_BOOL, app_operation, automated),
};
static const struct value_table INITIATOR = VALUE_TABLE(struct app_operation, INITIATOR_FIELDS);

static const struct value_field OPERATION_FIELDS[] = {
    MODEL_FIELD("sync", FIELD_SET, app_operation, has_sync),
    MODEL_BLOCK("sync", SYNC),
    MODEL_BLOCK("initiatedBy", INITIATOR),
    MODEL_NESTED("info", FIELD_LIST, app_operation, info, NAME_VALUE),
};
static const struct value_table OPERATION = VALUE_TABLE(struct app_operation, OPERATION_FIELDS);

int app_operation_decode(struct arena *arena,
                         const struct value *tree,
                         struct app_operation *ret,
                         struct err *err)
{
    struct app_operation operation = {.tree = tree};
    TRY(value_decode_at(arena, tree, "operation", &OPERATION, VALUE_DECODE_LAX, &operation, err));
    TRY(app_sources_decode(arena, value_dig(tree, "sync"), "operation.sync", &operation.sources,
                           &operation.multi_source, err));
    TRY(decode_retry(arena, value_dig(tree, "retry"), "operation.retry", &operation.retry, err));
    *ret = operation;
    return 0;
}

/* ---- operation to tree ---- */

static void put_flag(struct value_builder *b, const char *name, bool set)
{
    if (set) {
        value_build_field_bool(b, name, true);
    }
}

static void put_int(struct value_builder *b, const char *name, int64_t number)
{
    if (number != 0) {
        value_build_field_int(b, name, number);
    }
}

static void put_strs(struct value_builder *b, const char *name, struct app_strs strs)
{
    if (strs.n == 0) {
        return;
    }
    value_build_field_list(b, name);
    for (size_t i = 0; i < strs.n; i++) {
        value_build_str(b, strs.items[i]);
    }
    value_build_end(b);
}

static void put_strategy(struct value_builder *b, const struct app_operation *operation)
{
    if (!operation->apply_only && !operation->force) {
        return;
    }
    value_build_field_map(b, "syncStrategy");
    value_build_field_map(b, operation->apply_only ? "apply" : "hook");
    put_flag(b, "force", operation->force);
    value_build_end(b);
    value_build_end(b);
}

static void put_resources(struct value_builder *b, const struct app_sync_resources *resources)
{
    if (resources->n == 0) {
        return;
    }
    value_build_field_list(b, "resources");
    for (size_t i = 0; i < resources->n; i++) {
        const struct app_sync_resource *resource = &resources->items[i];
        value_build_map(b);
        value_build_field_str_opt(b, "group", resource->group);
        value_build_field_str(b, "kind", resource->kind);
        value_build_field_str(b, "name", resource->name);
        value_build_field_str_opt(b, "namespace", resource->namespace);
        value_build_end(b);
    }
    value_build_end(b);
}

static const struct value *sync_to_value(struct arena *arena, const struct app_operation *operation)
{
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str_opt(&b, "revision", operation->revision);
    put_strs(&b, "revisions", operation->revisions);
    put_flag(&b, "prune", operation->prune);
    put_flag(&b, "dryRun", operation->dry_run);
    put_strategy(&b, operation);
    put_resources(&b, &operation->resources);
    put_strs(&b, "manifests", operation->manifests);
    put_strs(&b, "syncOptions", operation->sync_options);
    put_int(&b, "autoHealAttemptsCount", operation->auto_heal_attempts);
    value_build_end(&b);
    return app_sources_with(arena, value_build_finish(&b), &operation->sources,
                            operation->multi_source);
}

static void put_info(struct value_builder *b, const struct app_name_values *info)
{
    if (info->n == 0) {
        return;
    }
    value_build_field_list(b, "info");
    for (size_t i = 0; i < info->n; i++) {
        value_build_map(b);
        value_build_field_str(b, "name", info->items[i].name);
        value_build_field_str(b, "value", info->items[i].value);
        value_build_end(b);
    }
    value_build_end(b);
}

/* One that nobody wrote has the default waits. */
static void put_retry(struct value_builder *b, const struct app_retry *retry)
{
    if (!retry->set) {
        return;
    }
    if (retry->tree != NULL) {
        value_build_field(b, "retry", retry->tree);
        return;
    }
    value_build_field_map(b, "retry");
    put_int(b, "limit", retry->limit);
    put_flag(b, "refresh", retry->refresh);
    value_build_end(b);
}

const struct value *app_operation_to_value(struct arena *arena,
                                           const struct app_operation *operation)
{
    if (operation->tree != NULL) {
        return operation->tree;
    }
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    if (operation->has_sync) {
        value_build_field(&b, "sync", sync_to_value(arena, operation));
    }
    value_build_field_map(&b, "initiatedBy");
    value_build_field_str_opt(&b, "username", operation->username);
    put_flag(&b, "automated", operation->automated);
    value_build_end(&b);
    put_info(&b, &operation->info);
    put_retry(&b, &operation->retry);
    value_build_end(&b);
    return value_build_finish(&b);
}
