/* Walking to the fields; the forms are canonical.h's and quantity.h's. */
#include "engine/compare/known_types.h"

#include <stdbool.h>

#include "common/base/arena.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_edit.h"
#include "engine/compare/canonical_internal.h"
#include "engine/merge/schema.h"

static const struct {
    const char *name;
    struct schema_field field;
} TYPES[] = {
    {"core/Quantity", {.name = "*", .shape = SCHEMA_SHAPE_QUANTITY}},
    {"core/v1/ResourceList", {.name = "*", .shape = SCHEMA_SHAPE_QUANTITIES}},
#define STRUCT(t)                                                          \
    {                                                                      \
        .name = "*", .shape = SCHEMA_SHAPE_STRUCT, .type = SCHEMA_TYPE_##t \
    }
    {"core/v1/PodSpec", STRUCT(POD_SPEC)},
    {"core/v1/PodTemplateSpec", STRUCT(POD_TEMPLATE)},
    {"core/v1/Container", STRUCT(CONTAINER)},
    {"core/v1/EphemeralContainer", STRUCT(CONTAINER)},
    {"core/v1/ContainerPort", STRUCT(CONTAINER_PORT)},
    {"core/v1/EnvVar", STRUCT(ENV_VAR)},
    {"core/v1/EnvVarSource", STRUCT(ENV_SOURCE)},
    {"core/v1/ResourceRequirements", STRUCT(RESOURCES)},
    {"core/v1/VolumeResourceRequirements", STRUCT(RESOURCES)},
    {"core/v1/Probe", STRUCT(PROBE)},
    {"core/v1/HTTPGetAction", STRUCT(HTTP_GET)},
    {"core/v1/Lifecycle", STRUCT(LIFECYCLE)},
    {"core/v1/LifecycleHandler", STRUCT(LIFECYCLE_HANDLER)},
    {"core/v1/SecurityContext", STRUCT(SECURITY_CONTEXT)},
    {"core/v1/PodSecurityContext", STRUCT(POD_SECURITY_CONTEXT)},
    {"core/v1/Volume", STRUCT(VOLUME)},
    {"core/v1/VolumeMount", STRUCT(VOLUME_MOUNT)},
    {"core/v1/EmptyDirVolumeSource", STRUCT(EMPTY_DIR)},
    {"core/v1/PersistentVolumeClaimSpec", STRUCT(CLAIM_SPEC)},
    {"core/v1/PersistentVolumeSpec", STRUCT(VOLUME_SPEC)},
    {"core/v1/ServiceSpec", STRUCT(SERVICE_SPEC)},
    {"core/v1/ServicePort", STRUCT(SERVICE_PORT)},
    {"core/v1/ResourceQuotaSpec", STRUCT(RESOURCE_QUOTA_SPEC)},
    {"core/v1/LimitRangeSpec", STRUCT(LIMIT_RANGE_SPEC)},
    {"core/v1/LimitRangeItem", STRUCT(LIMIT_RANGE_ITEM)},
#undef STRUCT
};

static const struct schema_field *find_type(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(TYPES); i++) {
        if (str_eq_c(name, TYPES[i].name)) {
            return &TYPES[i].field;
        }
    }
    return NULL;
}

/* A list of them is as well one of that type. */
static const struct value *
form_of(struct arena *arena, const struct schema_field *type, const struct value *v)
{
    if (!value_is(v, VALUE_LIST)) {
        const struct value *form = canonical_field(arena, type, v);
        return form != NULL ? form : v;
    }
    for (size_t i = 0; i < value_len(v); i++) {
        const struct value *old = value_at(v, i);
        const struct value *form = canonical_field(arena, type, old);
        v = form != NULL && form != old ? value_list_set(arena, v, i, form) : v;
    }
    return v;
}

/* Depth is that of the path. */
static const struct value *apply_at(struct arena *arena,
                                    const struct schema_field *type,
                                    struct str path,
                                    const struct value *v)
{
    struct str step;
    struct str rest;
    if (v == NULL || path.n == 0) {
        return v != NULL ? form_of(arena, type, v) : NULL;
    }
    if (value_is(v, VALUE_LIST)) {
        for (size_t i = 0; i < value_len(v); i++) {
            const struct value *old = value_at(v, i);
            const struct value *form =
                value_is(old, VALUE_MAP) ? apply_at(arena, type, path, old) : old;
            v = form != old ? value_list_set(arena, v, i, form) : v;
        }
        return v;
    }
    (void)str_cut(path, '.', &step, &rest);
    rest = step.n == path.n ? STR_EMPTY : rest;
    const struct value *old = value_find(v, step);
    const struct value *form = apply_at(arena, type, rest, old);
    return form != old ? value_map_set(arena, v, step, form) : v;
}

const struct value *
known_types_apply(struct arena *arena, struct known_fields known, const struct value *obj)
{
    struct kube_gvk gvk = kube_gvk_of(obj);
    for (size_t i = 0; obj != NULL && i < known.n; i++) {
        const struct known_field *field = &known.items[i];
        const struct schema_field *type = find_type(field->type);
        if (type != NULL && field->path.n > 0 && str_eq(field->group, gvk.group) &&
            str_eq(field->kind, gvk.kind)) {
            obj = apply_at(arena, type, field->path, obj);
        }
    }
    return obj;
}
