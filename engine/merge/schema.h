/* The shape of Kubernetes' built-in kinds, as far as merging and comparing needs it: which lists are
 * merged by which keys, which values mean the same as absence, where quantities are.
 *
 * Facts of the Kubernetes API (up to 1.34), as tables; a field that is not listed is taken as it is.
 * Pure; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/str.h"

/* Every type that has fields of interest. */
#define SCHEMA_TYPES(X)       \
    X(NONE)                   \
    X(OBJECT)                 \
    X(OBJECT_META)            \
    X(OWNER_REFERENCE)        \
    X(LABEL_SELECTOR)         \
    X(POD)                    \
    X(POD_TEMPLATE)           \
    X(POD_SPEC)               \
    X(CONTAINER)              \
    X(CONTAINER_PORT)         \
    X(ENV_VAR)                \
    X(ENV_SOURCE)             \
    X(FIELD_REF)              \
    X(RESOURCE_FIELD_REF)     \
    X(RESOURCES)              \
    X(VOLUME_MOUNT)           \
    X(PROBE)                  \
    X(HTTP_GET)               \
    X(LIFECYCLE)              \
    X(LIFECYCLE_HANDLER)      \
    X(POD_SECURITY_CONTEXT)   \
    X(SECURITY_CONTEXT)       \
    X(VOLUME)                 \
    X(MODE_SOURCE)            \
    X(DOWNWARD_SOURCE)        \
    X(DOWNWARD_FILE)          \
    X(PROJECTED_SOURCE)       \
    X(PROJECTION)             \
    X(TOKEN_PROJECTION)       \
    X(EMPTY_DIR)              \
    X(HOST_PATH)              \
    X(ISCSI)                  \
    X(RBD)                    \
    X(AZURE_DISK)             \
    X(SCALE_IO)               \
    X(READ_ONLY_SOURCE)       \
    X(EPHEMERAL_SOURCE)       \
    X(DEPLOYMENT)             \
    X(DEPLOYMENT_SPEC)        \
    X(DEPLOYMENT_STRATEGY)    \
    X(DEPLOYMENT_ROLLING)     \
    X(REPLICA_SET)            \
    X(REPLICA_SET_SPEC)       \
    X(STATEFUL_SET)           \
    X(STATEFUL_SET_SPEC)      \
    X(STATEFUL_SET_STRATEGY)  \
    X(STATEFUL_SET_ROLLING)   \
    X(STATEFUL_SET_RETENTION) \
    X(CLAIM_TEMPLATE)         \
    X(DAEMON_SET)             \
    X(DAEMON_SET_SPEC)        \
    X(DAEMON_SET_STRATEGY)    \
    X(DAEMON_SET_ROLLING)     \
    X(JOB)                    \
    X(JOB_SPEC)               \
    X(JOB_TEMPLATE)           \
    X(CRON_JOB)               \
    X(CRON_JOB_SPEC)          \
    X(SERVICE)                \
    X(SERVICE_SPEC)           \
    X(SERVICE_PORT)           \
    X(INGRESS)                \
    X(INGRESS_SPEC)           \
    X(INGRESS_RULE)           \
    X(INGRESS_HTTP)           \
    X(INGRESS_PATH)           \
    X(INGRESS_BACKEND)        \
    X(INGRESS_SERVICE)        \
    X(INGRESS_PORT)           \
    X(CLAIM)                  \
    X(CLAIM_SPEC)             \
    X(VOLUME_OBJECT)          \
    X(VOLUME_SPEC)            \
    X(AUTOSCALER)             \
    X(AUTOSCALER_SPEC)        \
    X(METRIC)                 \
    X(METRIC_SOURCE)          \
    X(METRIC_TARGET)          \
    X(SCALING_BEHAVIOR)       \
    X(SCALE_UP)               \
    X(SCALE_DOWN)             \
    X(NETWORK_POLICY)         \
    X(NETWORK_POLICY_SPEC)    \
    X(NETWORK_RULE)           \
    X(NETWORK_PORT)           \
    X(NETWORK_PEER)           \
    X(ROLE)                   \
    X(BINDING)                \
    X(ROLE_REF)               \
    X(SUBJECT)                \
    X(SERVICE_ACCOUNT)        \
    X(CONFIG_MAP)             \
    X(SECRET)                 \
    X(DISRUPTION_BUDGET)      \
    X(DISRUPTION_BUDGET_SPEC) \
    X(PRIORITY_CLASS)         \
    X(STORAGE_CLASS)          \
    X(CSI_DRIVER)             \
    X(CSI_DRIVER_SPEC)        \
    X(MUTATING_WEBHOOKS)      \
    X(VALIDATING_WEBHOOKS)    \
    X(MUTATING_WEBHOOK)       \
    X(VALIDATING_WEBHOOK)     \
    X(WEBHOOK_RULE)           \
    X(WEBHOOK_CLIENT)         \
    X(SERVICE_REF)            \
    X(CRD)                    \
    X(CRD_SPEC)               \
    X(CRD_NAMES)              \
    X(CRD_CONVERSION)         \
    X(CRD_VERSION)            \
    X(CRD_COLUMN)             \
    X(API_SERVICE)            \
    X(API_SERVICE_SPEC)       \
    X(RESOURCE_QUOTA)         \
    X(RESOURCE_QUOTA_SPEC)    \
    X(LIMIT_RANGE)            \
    X(LIMIT_RANGE_SPEC)       \
    X(LIMIT_RANGE_ITEM)       \
    X(INGRESS_CLASS)          \
    X(INGRESS_CLASS_SPEC)     \
    X(INGRESS_CLASS_PARAMS)   \
    X(RUNTIME_CLASS)          \
    X(RUNTIME_OVERHEAD)       \
    X(ENDPOINT_SLICE)         \
    X(ENDPOINT_PORT)          \
    X(ENDPOINT)               \
    X(ROLLOUT)                \
    X(ROLLOUT_SPEC)

enum schema_type {
#define SCHEMA_TYPE_ENUM(name) SCHEMA_TYPE_##name,
    SCHEMA_TYPES(SCHEMA_TYPE_ENUM)
#undef SCHEMA_TYPE_ENUM
        SCHEMA_TYPE_COUNT
};

enum schema_shape {
    SCHEMA_SHAPE_UNLISTED, /* a field of a known type, without more to say */
    SCHEMA_SHAPE_SCALAR,
    SCHEMA_SHAPE_QUANTITY,
    SCHEMA_SHAPE_QUANTITIES, /* map of quantities */
    SCHEMA_SHAPE_FREE_MAP,   /* keys are the user's: labels, data */
    SCHEMA_SHAPE_STRUCT,
    SCHEMA_SHAPE_LIST,     /* replaced as a whole */
    SCHEMA_SHAPE_LIST_MAP, /* merged by keys */
    SCHEMA_SHAPE_SET,      /* scalars, merged by value */
};

enum schema_flags {
    SCHEMA_FLAG_ZERO = 1 << 0, /* false and 0 are the same as absent */
    /* an empty map, list or string says something; everywhere else it is the same as absent */
    SCHEMA_FLAG_EMPTY = 1 << 1,
    SCHEMA_FLAG_RETAIN_KEYS = 1 << 2, /* a union: when it changes, members the target lacks go */
    SCHEMA_FLAG_REPLACE = 1 << 3,     /* a map that is replaced as a whole */
    SCHEMA_FLAG_ALLOCATED = 1 << 4,   /* zero or empty asks for what the server allocated */
    SCHEMA_FLAG_DROP = 1 << 5,        /* written by the server alone, never compared */
};

struct schema_key {
    const char *name;
    const char *fallback; /* value of a missing key; NULL = none */
};

struct schema_keys {
    struct schema_key key[2]; /* name NULL = unused */
};

struct schema_field {
    const char *name;
    enum schema_shape shape;
    enum schema_type type; /* of a struct or of the items of a list; NONE = unknown */
    unsigned flags;
    const struct schema_keys *keys; /* of a LIST_MAP */
};

struct schema_kind {
    const char *group;
    const char *kind;
    enum schema_type type;
    bool custom; /* a custom resource: its lists have no merge keys for kubectl */
};

/* NULL for kinds that are not built in. */
const struct schema_kind *schema_kind_find(struct str group, struct str kind);
/* A field with SCHEMA_SHAPE_UNLISTED when the table does not have it; NULL for SCHEMA_TYPE_NONE. */
const struct schema_field *schema_field_find(enum schema_type type, struct str name);
/* All fields of a type; *ret_n may be 0. */
const struct schema_field *schema_fields(enum schema_type type, size_t *ret_n);
/* "POD_SPEC" */
const char *schema_type_name(enum schema_type type);
