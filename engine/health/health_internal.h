/* Rows of the health tables and helpers of the checks. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/macro.h"
#include "common/base/str.h"
#include "common/value/value.h"
#include "engine/health/health.h"
#include "engine/health/health_rules.h"

enum {
    HEALTH_MESSAGE_MAX_BYTES = 4096, /* what is longer is cut */
    HEALTH_DETAILS_MAX = 64,         /* entries of a map that a message goes through in order */
};

/* The check of one kind; the version is one the row lists. */
typedef struct health (*health_fn)(struct arena *arena, const struct value *live);

struct health_row {
    const char *group;
    const char *kind;
    const char *versions; /* space separated; NULL = any */
    health_fn fn;
};

struct health_table {
    const struct health_row *rows;
    size_t n;
};

extern const struct health_table HEALTH_APPS;
extern const struct health_table HEALTH_BATCH;
extern const struct health_table HEALTH_CORE;
extern const struct health_table HEALTH_NETWORKING;
extern const struct health_table HEALTH_AUTOSCALING;
extern const struct health_table HEALTH_APIREGISTRATION;
extern const struct health_table HEALTH_ARGO;

extern const struct health_family HEALTH_CRD_ARGO;
extern const struct health_family HEALTH_CRD_CLOUD;
extern const struct health_family HEALTH_CRD_CLUSTER;
extern const struct health_family HEALTH_CRD_DATA;
extern const struct health_family HEALTH_CRD_FLUX;
extern const struct health_family HEALTH_CRD_KAFKA;
extern const struct health_family HEALTH_CRD_MESH;
extern const struct health_family HEALTH_CRD_MISC;
extern const struct health_family HEALTH_CRD_NUMA;
extern const struct health_family HEALTH_CRD_OPS;
extern const struct health_family HEALTH_CRD_PROMOTER;

#define HEALTH_INVALID_STATUS "Lua returned an invalid health status"

struct health health_make(enum health_status status, struct str message);
PRINTF(3, 4)
struct health health_printf(struct arena *arena, enum health_status status, const char *fmt, ...);

/* status.<name> or spec.<name> as a number; 0 when missing. */
int64_t health_status_int(const struct value *live, const char *name);
/* The first of status.conditions with this type, or NULL. */
const struct value *health_condition(const struct value *live, const char *type);
