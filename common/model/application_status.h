/* The status of an Application: decoding, and the tree to store.
 *
 * Borrowing as in application_spec.h. Pure, any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/model/application_spec.h"
#include "common/model/conditions.h"
#include "common/model/status.h"

struct arena;
struct value;

/* What a source turned out to be. */
enum source_type {
    SOURCE_TYPE_NONE, /* "" */
    SOURCE_TYPE_DIRECTORY,
    SOURCE_TYPE_HELM,
    SOURCE_TYPE_KUSTOMIZE,
    SOURCE_TYPE_PLUGIN,
    SOURCE_TYPE_COUNT
};

const char *source_type_name(enum source_type type);
enum source_type source_type_parse(struct str text);

struct app_health {
    enum health_status status;
    struct str message;
    struct str last_transition_time;
};

struct app_resource {
    struct str group;
    struct str version;
    struct str kind;
    struct str namespace;
    struct str name;
    enum sync_status status;
    struct app_health health; /* status NONE = absent */
    bool hook;
    bool requires_pruning;
    bool requires_deletion_confirmation;
    int64_t sync_wave;
};

struct app_resources {
    const struct app_resource *items;
    size_t n;
};

struct app_resource_result {
    struct str group;
    struct str version;
    struct str kind;
    struct str namespace;
    struct str name;
    enum sync_result status;
    struct str message;
    struct str hook_type; /* "" for ordinary resources */
    enum operation_phase hook_phase;
    enum sync_phase sync_phase; /* SYNC_PHASE_COUNT = none */
    struct app_strs images;
};

struct app_resource_results {
    const struct app_resource_result *items;
    size_t n;
};

struct app_sync_result {
    struct str revision;
    struct app_strs revisions;
    struct app_sources sources;
    bool multi_source;
    struct app_resource_results resources;
    const struct value *managed_namespace_metadata;
};

struct app_operation_state {
    struct app_operation operation;
    enum operation_phase phase; /* NONE = there is no operationState */
    struct str message;
    struct str started_at;
    struct str finished_at;
    int64_t retry_count;
    bool has_result;
    struct app_sync_result result;
};

struct app_history {
    int64_t id;
    struct str revision;
    struct app_strs revisions;
    struct app_sources sources;
    bool multi_source;
    struct str deploy_started_at;
    struct str deployed_at;
    struct str initiated_by; /* username */
    bool initiated_automated;
};

struct app_histories {
    const struct app_history *items;
    size_t n;
};

struct app_sync {
    enum sync_status status;
    struct str revision;
    struct app_strs revisions;
    struct app_sources compared_sources; /* comparedTo */
    bool compared_multi_source;
    struct app_destination compared_destination;
    const struct value *compared_ignore_differences;
};

struct app_status {
    struct app_sync sync;
    struct app_health health;
    struct app_resources resources;
    struct conditions conditions;
    struct app_histories history;
    struct app_operation_state operation_state;
    struct str reconciled_at;
    enum source_type source_type;
    struct app_strs source_types;
    struct app_strs images;
    struct app_strs external_urls;
    bool is_app_of_apps;
    struct str controller_namespace;
    struct str resource_health_source;
};
MUST_CHECK int app_status_decode(struct arena *arena,
                                 const struct value *status,
                                 struct app_status *ret,
                                 struct err *err);

/* The whole status as a tree to diff with the one stored: what app_status does not know is taken over
 * from old (may be NULL). Fields that are empty are left out as Argo CD does. */
const struct value *
app_status_to_value(struct arena *arena, const struct app_status *status, const struct value *old);
/* NULL when there is none (phase NONE). */
const struct value *app_operation_state_to_value(struct arena *arena,
                                                 const struct app_operation_state *state);
