/* Normalisation before the comparison, one function per kind that needs it. */
#include "engine/compare/normalize.h"

#include <stddef.h>
#include <stdlib.h>

#include "common/base/arena.h"
#include "common/base/b64.h"
#include "common/base/macro.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"

/* stringData is written, data is stored: fold the one into the other. A null in data is "". */
static const struct value *
secret(struct arena *arena, const struct value *obj, const struct normalize_opts *opts UNUSED)
{
    const struct value *old = value_dig(obj, "data");
    const struct value *data = old;
    VALUE_MAP_FOREACH(old, entry)
    {
        if (value_is(&entry->value, VALUE_NULL)) {
            data = value_map_set(arena, data, entry->key, value_new_str(arena, STR_EMPTY));
        }
    }
    VALUE_MAP_FOREACH(value_dig(obj, "stringData"), entry)
    {
        struct str text = b64_encode_in(arena, value_str(&entry->value), B64_STANDARD);
        data = value_map_set(arena, data, entry->key, value_new_str(arena, text));
    }
    obj = value_without(arena, obj, "stringData");
    return data != old ? value_with(arena, obj, data, "data") : obj;
}

/* No rules, in whatever spelling, are null; those of an aggregated role are made by a controller. */
static const struct value *
role(struct arena *arena, const struct value *obj, const struct normalize_opts *opts)
{
    bool aggregated = value_is(value_dig(obj, "aggregationRule"), VALUE_MAP);
    if (value_len(value_dig(obj, "rules")) == 0 || (aggregated && opts->ignore_aggregated_roles)) {
        return value_with(arena, obj, &VALUE_NULL_VALUE, "rules");
    }
    return obj;
}

static int cmp_values(const void *a, const void *b)
{
    return value_cmp(a, b);
}

static const struct value *sorted(struct arena *arena, const struct value *list)
{
    size_t n = value_len(list);
    if (!value_is(list, VALUE_LIST) || n < 2) {
        return list;
    }
    struct value *items = arena_calloc(arena, n, sizeof(*items));
    for (size_t i = 0; i < n; i++) {
        items[i] = *value_at(list, i);
    }
    qsort(items, n, sizeof(*items), cmp_values);
    return value_new_list(arena, items, n);
}

static const struct value *endpoint_ports(struct arena *arena, const struct value *ports)
{
    for (size_t i = 0; i < value_len(ports); i++) {
        const struct value *port = value_at(ports, i);
        if (value_is(port, VALUE_MAP) && value_find(port, STR("protocol")) == NULL) {
            port = value_with(arena, port, value_new_str(arena, STR("TCP")), "protocol");
            ports = value_list_set(arena, ports, i, port);
        }
    }
    return sorted(arena, ports);
}

/* The endpoints controller sorts what it writes. */
static const struct value *
endpoints(struct arena *arena, const struct value *obj, const struct normalize_opts *opts UNUSED)
{
    static const char *const ADDRESSES[] = {"addresses", "notReadyAddresses"};
    const struct value *subsets = value_dig(obj, "subsets");
    if (!value_is(subsets, VALUE_LIST)) {
        return obj;
    }
    for (size_t i = 0; i < value_len(subsets); i++) {
        const struct value *subset = value_at(subsets, i);
        if (!value_is(subset, VALUE_MAP)) {
            continue;
        }
        for (size_t k = 0; k < ARRAY_LEN(ADDRESSES); k++) {
            struct str key = str_from(ADDRESSES[k]);
            const struct value *list = value_find(subset, key);
            if (list != NULL) {
                subset = value_map_set(arena, subset, key, sorted(arena, list));
            }
        }
        const struct value *ports = value_find(subset, STR("ports"));
        if (value_is(ports, VALUE_LIST)) {
            subset = value_map_set(arena, subset, STR("ports"), endpoint_ports(arena, ports));
        }
        subsets = value_list_set(arena, subsets, i, subset);
    }
    return value_with(arena, obj, sorted(arena, subsets), "subsets");
}

static const struct {
    const char *group;
    const char *kind;
    const struct value *(*fn)(struct arena *arena,
                              const struct value *obj,
                              const struct normalize_opts *opts);
} KINDS[] = {
    {"", "Secret", secret},
    {"", "Endpoints", endpoints},
    {"rbac.authorization.k8s.io", "Role", role},
    {"rbac.authorization.k8s.io", "ClusterRole", role},
};

const struct value *
normalize_object(struct arena *arena, const struct value *obj, const struct normalize_opts *opts)
{
    static const struct normalize_opts DEFAULTS = {0};
    static const char *const SERVER_ONLY[] = {"metadata.creationTimestamp",
                                              "metadata.managedFields", NULL};
    if (obj == NULL) {
        return NULL;
    }
    opts = opts != NULL ? opts : &DEFAULTS;
    obj = kube_without_fields(arena, obj, SERVER_ONLY);
    if (!opts->keep_status) {
        obj = value_without(arena, obj, "status");
    }
    struct kube_gvk gvk = kube_gvk_of(obj);
    for (size_t i = 0; i < ARRAY_LEN(KINDS); i++) {
        if (str_eq_c(gvk.kind, KINDS[i].kind) && str_eq_c(gvk.group, KINDS[i].group)) {
            return KINDS[i].fn(arena, obj, opts);
        }
    }
    return obj;
}
