/* A whole Application from its object. */
#include "common/model/application.h"

#include "common/base/arena.h"
#include "common/model/model_table.h"
#include "common/value/value.h"

static const struct value_field METADATA_FIELDS[] = {
    MODEL_FIELD("name", FIELD_STR, application, name),
    MODEL_FIELD("namespace", FIELD_STR, application, namespace),
    MODEL_FIELD("uid", FIELD_STR, application, uid),
    MODEL_FIELD("resourceVersion", FIELD_STR, application, resource_version),
    MODEL_FIELD("generation", FIELD_INT, application, generation),
};
static const struct value_table METADATA = VALUE_TABLE(struct application, METADATA_FIELDS);

static const struct value_field APPLICATION_FIELDS[] = {
    MODEL_BLOCK("metadata", METADATA),
    MODEL_FIELD("operation", FIELD_SET, application, has_operation),
};
static const struct value_table APPLICATION = VALUE_TABLE(struct application, APPLICATION_FIELDS);

int application_decode(struct arena *arena,
                       const struct value *obj,
                       struct application *ret,
                       struct err *err)
{
    struct application app = {.tree = obj};
    TRY(value_decode(arena, obj, &APPLICATION, VALUE_DECODE_LAX, &app, err));
    TRY(app_spec_decode(arena, value_dig(obj, "spec"), &app.spec, err));
    TRY(app_operation_decode(arena, value_dig(obj, "operation"), &app.operation, err));
    TRY(app_status_decode(arena, value_dig(obj, "status"), &app.status, err));
    *ret = app;
    return 0;
}

bool application_namespace_changed(const struct application *app)
{
    const struct value *want = app->spec.sync_policy.managed_namespace_metadata;
    const struct app_operation_state *state = &app->status.operation_state;
    return want != NULL && state->has_result &&
           !value_equal(want, state->result.managed_namespace_metadata);
}

struct str application_instance_name(struct arena *arena,
                                     struct str namespace,
                                     struct str name,
                                     struct str controller_namespace)
{
    if (namespace.n == 0 || str_eq(namespace, controller_namespace)) {
        return name;
    }
    return arena_printf(arena, STR_FMT "_" STR_FMT, STR_ARG(namespace), STR_ARG(name));
}
