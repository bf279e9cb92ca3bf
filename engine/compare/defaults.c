/* Defaults of built-in kinds.
 *
 * A row counts when the field is missing and, if it has a condition, when the other field has that
 * value; rows of a type are tried in order, so that a condition may ask for a field defaulted above.
 * Defaults that are computed are in FUNCTIONS. */
#include "engine/compare/defaults.h"

#include <assert.h>
#include <ctype.h>
#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/macro.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"

struct default_row {
    enum schema_type type;
    const char *field;
    struct value value;
    const char *when_field; /* NULL = always */
    const char *when_value;
};

/* clang-format off */
#define TEXT(t)   {.type = VALUE_STRING, .n = sizeof(t) - 1, .s = (t)}
#define NUMBER(x) {.type = VALUE_INT, .i = (x)}
#define TRUTH(x)  {.type = VALUE_BOOL, .b = (x)}
#define STRUCTURE {.type = VALUE_MAP}
#define ALWAYS    NULL, NULL

#define ROW(t, name, def, ...) {SCHEMA_TYPE_##t, name, def, __VA_ARGS__}

static const struct default_row ROWS[] = {
    ROW(POD_SPEC, "restartPolicy", TEXT("Always"), ALWAYS),
    ROW(POD_SPEC, "dnsPolicy", TEXT("ClusterFirst"), ALWAYS),
    ROW(POD_SPEC, "schedulerName", TEXT("default-scheduler"), ALWAYS),
    ROW(POD_SPEC, "terminationGracePeriodSeconds", NUMBER(30), ALWAYS),
    ROW(POD_SPEC, "enableServiceLinks", TRUTH(true), ALWAYS),

    ROW(CONTAINER, "terminationMessagePath", TEXT("/dev/termination-log"), ALWAYS),
    ROW(CONTAINER, "terminationMessagePolicy", TEXT("File"), ALWAYS),
    ROW(CONTAINER_PORT, "protocol", TEXT("TCP"), ALWAYS),
    ROW(FIELD_REF, "apiVersion", TEXT("v1"), ALWAYS),
    ROW(RESOURCE_FIELD_REF, "divisor", TEXT("0"), ALWAYS),

    ROW(PROBE, "timeoutSeconds", NUMBER(1), ALWAYS),
    ROW(PROBE, "periodSeconds", NUMBER(10), ALWAYS),
    ROW(PROBE, "successThreshold", NUMBER(1), ALWAYS),
    ROW(PROBE, "failureThreshold", NUMBER(3), ALWAYS),
    ROW(HTTP_GET, "path", TEXT("/"), ALWAYS),
    ROW(HTTP_GET, "scheme", TEXT("HTTP"), ALWAYS),

    ROW(MODE_SOURCE, "defaultMode", NUMBER(0644), ALWAYS),
    ROW(DOWNWARD_SOURCE, "defaultMode", NUMBER(0644), ALWAYS),
    ROW(PROJECTED_SOURCE, "defaultMode", NUMBER(0644), ALWAYS),
    ROW(TOKEN_PROJECTION, "expirationSeconds", NUMBER(3600), ALWAYS),
    ROW(ISCSI, "iscsiInterface", TEXT("default"), ALWAYS),
    ROW(RBD, "pool", TEXT("rbd"), ALWAYS),
    ROW(RBD, "user", TEXT("admin"), ALWAYS),
    ROW(RBD, "keyring", TEXT("/etc/ceph/keyring"), ALWAYS),
    ROW(AZURE_DISK, "cachingMode", TEXT("ReadWrite"), ALWAYS),
    ROW(AZURE_DISK, "fsType", TEXT("ext4"), ALWAYS),
    ROW(AZURE_DISK, "kind", TEXT("Shared"), ALWAYS),
    ROW(AZURE_DISK, "readOnly", TRUTH(false), ALWAYS),
    ROW(SCALE_IO, "storageMode", TEXT("ThinProvisioned"), ALWAYS),
    ROW(SCALE_IO, "fsType", TEXT("xfs"), ALWAYS),

    ROW(DEPLOYMENT_SPEC, "replicas", NUMBER(1), ALWAYS),
    ROW(DEPLOYMENT_SPEC, "revisionHistoryLimit", NUMBER(10), ALWAYS),
    ROW(DEPLOYMENT_SPEC, "progressDeadlineSeconds", NUMBER(600), ALWAYS),
    ROW(DEPLOYMENT_SPEC, "strategy", STRUCTURE, ALWAYS),
    ROW(DEPLOYMENT_STRATEGY, "type", TEXT("RollingUpdate"), ALWAYS),
    ROW(DEPLOYMENT_STRATEGY, "rollingUpdate", STRUCTURE, "type", "RollingUpdate"),
    ROW(DEPLOYMENT_ROLLING, "maxUnavailable", TEXT("25%"), ALWAYS),
    ROW(DEPLOYMENT_ROLLING, "maxSurge", TEXT("25%"), ALWAYS),
    ROW(REPLICA_SET_SPEC, "replicas", NUMBER(1), ALWAYS),

    ROW(STATEFUL_SET_SPEC, "replicas", NUMBER(1), ALWAYS),
    ROW(STATEFUL_SET_SPEC, "revisionHistoryLimit", NUMBER(10), ALWAYS),
    ROW(STATEFUL_SET_SPEC, "podManagementPolicy", TEXT("OrderedReady"), ALWAYS),
    ROW(STATEFUL_SET_SPEC, "updateStrategy", STRUCTURE, ALWAYS),
    ROW(STATEFUL_SET_SPEC, "persistentVolumeClaimRetentionPolicy", STRUCTURE, ALWAYS),
    ROW(STATEFUL_SET_STRATEGY, "type", TEXT("RollingUpdate"), ALWAYS),
    ROW(STATEFUL_SET_STRATEGY, "rollingUpdate", STRUCTURE, "type", "RollingUpdate"),
    ROW(STATEFUL_SET_ROLLING, "partition", NUMBER(0), ALWAYS),
    ROW(STATEFUL_SET_RETENTION, "whenDeleted", TEXT("Retain"), ALWAYS),
    ROW(STATEFUL_SET_RETENTION, "whenScaled", TEXT("Retain"), ALWAYS),

    ROW(DAEMON_SET_SPEC, "revisionHistoryLimit", NUMBER(10), ALWAYS),
    ROW(DAEMON_SET_SPEC, "updateStrategy", STRUCTURE, ALWAYS),
    ROW(DAEMON_SET_STRATEGY, "type", TEXT("RollingUpdate"), ALWAYS),
    ROW(DAEMON_SET_STRATEGY, "rollingUpdate", STRUCTURE, "type", "RollingUpdate"),
    ROW(DAEMON_SET_ROLLING, "maxUnavailable", NUMBER(1), ALWAYS),
    ROW(DAEMON_SET_ROLLING, "maxSurge", NUMBER(0), ALWAYS),

    ROW(JOB_SPEC, "backoffLimit", NUMBER(6), ALWAYS),
    ROW(JOB_SPEC, "completionMode", TEXT("NonIndexed"), ALWAYS),
    ROW(JOB_SPEC, "suspend", TRUTH(false), ALWAYS),
    ROW(JOB_SPEC, "podReplacementPolicy", TEXT("TerminatingOrFailed"), ALWAYS),
    ROW(JOB_SPEC, "manualSelector", TRUTH(false), ALWAYS),
    ROW(CRON_JOB_SPEC, "concurrencyPolicy", TEXT("Allow"), ALWAYS),
    ROW(CRON_JOB_SPEC, "suspend", TRUTH(false), ALWAYS),
    ROW(CRON_JOB_SPEC, "successfulJobsHistoryLimit", NUMBER(3), ALWAYS),
    ROW(CRON_JOB_SPEC, "failedJobsHistoryLimit", NUMBER(1), ALWAYS),

    ROW(SERVICE_SPEC, "type", TEXT("ClusterIP"), ALWAYS),
    ROW(SERVICE_SPEC, "sessionAffinity", TEXT("None"), ALWAYS),
    ROW(SERVICE_SPEC, "internalTrafficPolicy", TEXT("Cluster"), "type", "ClusterIP"),
    ROW(SERVICE_SPEC, "internalTrafficPolicy", TEXT("Cluster"), "type", "NodePort"),
    ROW(SERVICE_SPEC, "internalTrafficPolicy", TEXT("Cluster"), "type", "LoadBalancer"),
    ROW(SERVICE_SPEC, "externalTrafficPolicy", TEXT("Cluster"), "type", "NodePort"),
    ROW(SERVICE_SPEC, "externalTrafficPolicy", TEXT("Cluster"), "type", "LoadBalancer"),
    ROW(SERVICE_SPEC, "allocateLoadBalancerNodePorts", TRUTH(true), "type", "LoadBalancer"),
    ROW(SERVICE_PORT, "protocol", TEXT("TCP"), ALWAYS),
    ROW(NETWORK_PORT, "protocol", TEXT("TCP"), ALWAYS),
    ROW(ENDPOINT_PORT, "protocol", TEXT("TCP"), ALWAYS),
    ROW(INGRESS_CLASS_PARAMS, "scope", TEXT("Cluster"), ALWAYS),

    ROW(CLAIM_SPEC, "volumeMode", TEXT("Filesystem"), ALWAYS),
    ROW(VOLUME_SPEC, "volumeMode", TEXT("Filesystem"), ALWAYS),
    ROW(VOLUME_SPEC, "persistentVolumeReclaimPolicy", TEXT("Retain"), ALWAYS),
    ROW(STORAGE_CLASS, "reclaimPolicy", TEXT("Delete"), ALWAYS),
    ROW(STORAGE_CLASS, "volumeBindingMode", TEXT("Immediate"), ALWAYS),
    ROW(CSI_DRIVER_SPEC, "attachRequired", TRUTH(true), ALWAYS),
    ROW(CSI_DRIVER_SPEC, "podInfoOnMount", TRUTH(false), ALWAYS),
    ROW(CSI_DRIVER_SPEC, "storageCapacity", TRUTH(false), ALWAYS),
    ROW(CSI_DRIVER_SPEC, "requiresRepublish", TRUTH(false), ALWAYS),
    ROW(CSI_DRIVER_SPEC, "seLinuxMount", TRUTH(false), ALWAYS),
    ROW(CSI_DRIVER_SPEC, "fsGroupPolicy", TEXT("ReadWriteOnceWithFSType"), ALWAYS),

    ROW(AUTOSCALER_SPEC, "minReplicas", NUMBER(1), ALWAYS),
    ROW(SCALE_UP, "stabilizationWindowSeconds", NUMBER(0), ALWAYS),
    ROW(SCALE_UP, "selectPolicy", TEXT("Max"), ALWAYS),
    ROW(SCALE_DOWN, "selectPolicy", TEXT("Max"), ALWAYS),

    ROW(ROLE_REF, "apiGroup", TEXT("rbac.authorization.k8s.io"), ALWAYS),
    ROW(SUBJECT, "apiGroup", TEXT("rbac.authorization.k8s.io"), "kind", "User"),
    ROW(SUBJECT, "apiGroup", TEXT("rbac.authorization.k8s.io"), "kind", "Group"),
    ROW(SECRET, "type", TEXT("Opaque"), ALWAYS),
    ROW(PRIORITY_CLASS, "preemptionPolicy", TEXT("PreemptLowerPriority"), ALWAYS),

    ROW(MUTATING_WEBHOOK, "failurePolicy", TEXT("Fail"), ALWAYS),
    ROW(MUTATING_WEBHOOK, "matchPolicy", TEXT("Equivalent"), ALWAYS),
    ROW(MUTATING_WEBHOOK, "reinvocationPolicy", TEXT("Never"), ALWAYS),
    ROW(MUTATING_WEBHOOK, "timeoutSeconds", NUMBER(10), ALWAYS),
    ROW(VALIDATING_WEBHOOK, "failurePolicy", TEXT("Fail"), ALWAYS),
    ROW(VALIDATING_WEBHOOK, "matchPolicy", TEXT("Equivalent"), ALWAYS),
    ROW(VALIDATING_WEBHOOK, "timeoutSeconds", NUMBER(10), ALWAYS),
    ROW(WEBHOOK_RULE, "scope", TEXT("*"), ALWAYS),
    ROW(SERVICE_REF, "port", NUMBER(443), ALWAYS),
    ROW(CRD_SPEC, "conversion", STRUCTURE, ALWAYS),
    ROW(CRD_CONVERSION, "strategy", TEXT("None"), ALWAYS),
};
/* clang-format on */

static const struct value *find(const struct defaults_map *map, const char *name)
{
    for (size_t i = 0; i < map->n; i++) {
        if (str_eq_c(map->entries[i].key, name)) {
            return &map->entries[i].value;
        }
    }
    return NULL;
}

static void add(struct defaults_map *map, const char *name, struct value value)
{
    assert(map->n < map->cap);
    map->entries[map->n++] = (struct value_entry){str_from(name), value};
    map->changed = true;
}

/* Replace or append; nothing for NULL and for the value that is there. */
static void set(struct defaults_map *map, const char *name, const struct value *value)
{
    for (size_t i = 0; i < map->n; i++) {
        if (str_eq_c(map->entries[i].key, name)) {
            map->changed = map->changed || value != &map->entries[i].value;
            map->entries[i].value = *value;
            return;
        }
    }
    if (value != NULL) {
        add(map, name, *value);
    }
}

/* "name", "host:5000/name:1.2@sha256:..": the tag, "latest" when there is neither tag nor digest. */
static struct str image_tag(struct str image)
{
    if (str_find_char(image, '@') != STR_NONE) {
        return STR_EMPTY;
    }
    size_t slash = str_rfind_char(image, '/');
    struct str name = slash == STR_NONE ? image : str_sub(image, slash + 1, image.n);
    size_t colon = str_rfind_char(name, ':');
    return colon == STR_NONE ? STR("latest") : str_sub(name, colon + 1, name.n);
}

static void fill_container(struct arena *arena UNUSED, struct defaults_map *map)
{
    if (find(map, "imagePullPolicy") == NULL) {
        bool latest = str_eq_c(image_tag(value_str(find(map, "image"))), "latest");
        add(map, "imagePullPolicy", value_of_str(latest ? STR("Always") : STR("IfNotPresent")));
    }
}

/* The deprecated alias is kept in step with serviceAccountName. */
static void fill_pod_spec(struct arena *arena UNUSED, struct defaults_map *map)
{
    const struct value *name = find(map, "serviceAccountName");
    const struct value *alias = find(map, "serviceAccount");
    if (name != NULL && alias == NULL) {
        add(map, "serviceAccount", *name);
    } else if (name == NULL && alias != NULL) {
        add(map, "serviceAccountName", *alias);
    }
}

/* A volume without a source is an emptyDir. */
static void fill_volume(struct arena *arena UNUSED, struct defaults_map *map)
{
    if (map->n == 1 && find(map, "name") != NULL) {
        add(map, "emptyDir", VALUE_EMPTY_MAP);
    }
}

static void fill_job_spec(struct arena *arena UNUSED, struct defaults_map *map)
{
    bool completions = find(map, "completions") != NULL;
    bool parallelism = find(map, "parallelism") != NULL;
    if (!parallelism) {
        add(map, "parallelism", value_of_int(1));
    }
    if (!parallelism && !completions) {
        add(map, "completions", value_of_int(1));
    }
}

static void fill_service_port(struct arena *arena UNUSED, struct defaults_map *map)
{
    const struct value *port = find(map, "port");
    if (port != NULL && find(map, "targetPort") == NULL) {
        add(map, "targetPort", *port);
    }
}

static void fill_service_spec(struct arena *arena, struct defaults_map *map)
{
    if (str_eq_c(value_str(find(map, "sessionAffinity")), "ClientIP") &&
        find(map, "sessionAffinityConfig") == NULL) {
        const struct value *config =
            value_with(arena, NULL, value_new_int(arena, 10800), "clientIP", "timeoutSeconds");
        add(map, "sessionAffinityConfig", *config);
    }
}

static void fill_network_policy(struct arena *arena, struct defaults_map *map)
{
    if (find(map, "policyTypes") == NULL) {
        const struct str types[] = {STR("Ingress"), STR("Egress")};
        size_t n = value_len(find(map, "egress")) > 0 ? 2 : 1;
        add(map, "policyTypes", *value_new_str_list(arena, types, n));
    }
}

static struct value scaling_policy(struct arena *arena, const char *type, int64_t amount)
{
    const struct value_entry entries[] = {
        {STR("type"), value_of_str(str_from(type))},
        {STR("value"), value_of_int(amount)},
        {STR("periodSeconds"), value_of_int(15)},
    };
    return *value_new_map(arena, entries, ARRAY_LEN(entries));
}

static void fill_scale_up(struct arena *arena, struct defaults_map *map)
{
    if (find(map, "policies") == NULL) {
        const struct value policies[] = {scaling_policy(arena, "Pods", 4),
                                         scaling_policy(arena, "Percent", 100)};
        add(map, "policies", *value_new_list(arena, policies, ARRAY_LEN(policies)));
    }
}

static void fill_scale_down(struct arena *arena, struct defaults_map *map)
{
    if (find(map, "policies") == NULL) {
        const struct value policy = scaling_policy(arena, "Percent", 100);
        add(map, "policies", *value_new_list(arena, &policy, 1));
    }
}

static void fill_crd_names(struct arena *arena, struct defaults_map *map)
{
    struct str kind = value_str(find(map, "kind"));
    if (kind.n > 0 && find(map, "listKind") == NULL) {
        add(map, "listKind", *value_new_printf(arena, STR_FMT "List", STR_ARG(kind)));
    }
    if (kind.n > 0 && find(map, "singular") == NULL) {
        char *lower = arena_bytes(arena, kind.n + 1);
        for (size_t i = 0; i < kind.n; i++) {
            lower[i] = (char)tolower((unsigned char)kind.p[i]);
        }
        lower[kind.n] = '\0';
        add(map, "singular", value_of_str(str_of(lower, kind.n)));
    }
}

/* The entries of `from` that `to` lacks. */
static const struct value *
merge_missing(struct arena *arena, const struct value *to, const struct value *from)
{
    VALUE_MAP_FOREACH(from, entry)
    {
        if (value_find(to, entry->key) == NULL) {
            to = value_map_set(arena, to, entry->key, &entry->value);
        }
    }
    return to;
}

/* Per resource of a container: default is max, defaultRequest is default, then min. */
static void fill_limit_range(struct arena *arena, struct defaults_map *map)
{
    if (!str_eq_c(value_str(find(map, "type")), "Container")) {
        return;
    }
    const struct value *limit = merge_missing(arena, find(map, "default"), find(map, "max"));
    const struct value *request = merge_missing(arena, find(map, "defaultRequest"), limit);
    request = merge_missing(arena, request, find(map, "min"));
    set(map, "default", limit);
    set(map, "defaultRequest", request);
}

static const struct {
    enum schema_type type;
    size_t room; /* entries it may add */
    void (*fill)(struct arena *arena, struct defaults_map *map);
} FUNCTIONS[] = {
    {SCHEMA_TYPE_POD_SPEC, 1, fill_pod_spec},
    {SCHEMA_TYPE_CONTAINER, 1, fill_container},
    {SCHEMA_TYPE_VOLUME, 1, fill_volume},
    {SCHEMA_TYPE_JOB_SPEC, 2, fill_job_spec},
    {SCHEMA_TYPE_SERVICE_PORT, 1, fill_service_port},
    {SCHEMA_TYPE_SERVICE_SPEC, 1, fill_service_spec},
    {SCHEMA_TYPE_NETWORK_POLICY_SPEC, 1, fill_network_policy},
    {SCHEMA_TYPE_SCALE_UP, 1, fill_scale_up},
    {SCHEMA_TYPE_SCALE_DOWN, 1, fill_scale_down},
    {SCHEMA_TYPE_CRD_NAMES, 2, fill_crd_names},
    {SCHEMA_TYPE_LIMIT_RANGE_ITEM, 2, fill_limit_range},
};

size_t defaults_room(enum schema_type type)
{
    size_t room = 0;
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        room += ROWS[i].type == type;
    }
    for (size_t i = 0; i < ARRAY_LEN(FUNCTIONS); i++) {
        room += FUNCTIONS[i].type == type ? FUNCTIONS[i].room : 0;
    }
    return room;
}

void defaults_fill(struct arena *arena, enum schema_type type, struct defaults_map *map)
{
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        const struct default_row *row = &ROWS[i];
        if (row->type != type || find(map, row->field) != NULL) {
            continue;
        }
        if (row->when_field == NULL ||
            str_eq_c(value_str(find(map, row->when_field)), row->when_value)) {
            add(map, row->field, row->value);
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(FUNCTIONS); i++) {
        if (FUNCTIONS[i].type == type) {
            FUNCTIONS[i].fill(arena, map);
        }
    }
}
