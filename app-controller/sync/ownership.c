/* managedFields, edited as kubectl's upgrade to server-side apply does. */
#include "app-controller/sync/ownership.h"

#include "common/base/arena.h"
#include "common/base/vec.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_patch.h"

#define LAST_APPLIED_FIELD "f:kubectl.kubernetes.io/last-applied-configuration"

static bool is_entry(const struct value *entry, struct str manager, const char *operation)
{
    return str_eq(value_dig_str(entry, "manager"), manager) &&
           str_eq_c(value_dig_str(entry, "operation"), operation) &&
           value_dig_str(entry, "subresource").n == 0;
}

static bool wrote_last_applied(const struct value *entry)
{
    return str_eq_c(value_dig_str(entry, "operation"), "Update") &&
           value_dig_str(entry, "subresource").n == 0 &&
           value_dig(entry, "fieldsV1", "f:metadata", "f:annotations", LAST_APPLIED_FIELD) != NULL;
}

static bool is_handed_over(const struct value *entry, struct str manager)
{
    return (manager.n > 0 && is_entry(entry, manager, "Update")) || wrote_last_applied(entry);
}

/* The union of two sets of fields: sets are nested maps with empty ones as leaves. */
static const struct value *
fields_with(struct arena *arena, const struct value *fields, const struct value *more)
{
    return fields == NULL ? more : value_merge_patch(arena, fields, more);
}

static const struct value *
handover_patch(struct arena *arena, const struct value *live, const struct value *entries)
{
    static const char *const PATHS[] = {"/metadata/managedFields", "/metadata/resourceVersion"};
    const struct value *const values[] = {entries,
                                          value_new_str(arena, kube_resource_version(live))};
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_list(&b);
    for (size_t i = 0; i < ARRAY_LEN(PATHS); i++) {
        value_build_map(&b);
        value_build_field_str(&b, "op", STR("replace"));
        value_build_field_str(&b, "path", str_from(PATHS[i]));
        value_build_field(&b, "value", values[i]);
        value_build_end(&b);
    }
    value_build_end(&b);
    return value_build_finish(&b);
}

const struct value *ownership_patch(struct arena *arena,
                                    const struct value *live,
                                    struct str manager,
                                    struct str new_manager)
{
    const struct value *fields = NULL; /* all that is to be the new manager's */
    const struct value *first = NULL;  /* that was handed over */
    const struct value *own = NULL;
    const struct value *kept = &VALUE_EMPTY_LIST;
    VALUE_FOREACH(value_dig(live, "metadata", "managedFields"), entry) {
        if (is_handed_over(entry, manager)) {
            first = first != NULL ? first : entry;
            fields = fields_with(arena, fields, value_dig(entry, "fieldsV1"));
        } else if (is_entry(entry, new_manager, "Apply")) {
            own = entry;
        } else {
            kept = value_list_append(arena, kept, entry);
        }
    }
    if (first == NULL) {
        return NULL;
    }
    const struct value *entry = own != NULL ? own : first;
    const struct value *old = own != NULL ? value_dig(own, "fieldsV1") : NULL;
    entry = value_with(arena, entry, value_new_str(arena, new_manager), "manager");
    entry = value_with(arena, entry, value_new_str(arena, STR("Apply")), "operation");
    entry = value_with(arena, entry, fields_with(arena, old, fields), "fieldsV1");
    return handover_patch(arena, live, value_list_append(arena, kept, entry));
}
