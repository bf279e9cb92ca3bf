/* Manifests are JSON texts inside the answer: parsed, masked, written again. */
#include "api-server/rest/mask.h"

#include "common/base/arena.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"

#define MASK         "++++++++"
#define LAST_APPLIED "kubectl.kubernetes.io/last-applied-configuration"

static const struct value *masked_map(struct arena *arena, const struct value *map)
{
    const struct value *out = map;
    VALUE_MAP_FOREACH(map, e)
    {
        out = value_map_set(arena, out, e->key, value_new_str(arena, STR(MASK)));
    }
    return out;
}

/* annotations: keys with commas between, as in argocd-cm. */
static const struct value *
masked_annotations(struct arena *arena, struct str annotations, const struct value *obj)
{
    struct str key;
    while (annotations.n > 0 && str_next(&annotations, ',', &key)) {
        key = str_trim(key);
        if (key.n > 0 && kube_has_annotation(obj, key)) {
            obj = kube_with_annotation(arena, obj, key, STR(MASK));
        }
    }
    return obj;
}

static const struct value *
masked_fields(struct arena *arena, struct str annotations, const struct value *obj)
{
    static const char *const FIELDS[] = {"data", "stringData"};
    obj = masked_annotations(arena, annotations, obj);
    for (size_t i = 0; i < ARRAY_LEN(FIELDS); i++) {
        const struct value *v = value_dig(obj, FIELDS[i]);
        if (v == NULL || value_is(v, VALUE_NULL)) {
            continue;
        }
        /* whoever wrote something else there by mistake meant it to be secret, too */
        const struct value *shown =
            value_is(v, VALUE_MAP) ? masked_map(arena, v) : value_new_str(arena, STR(MASK));
        obj = value_map_set(arena, obj, str_from(FIELDS[i]), shown);
    }
    return obj;
}

/* kubectl's copy of the object holds the same. */
static const struct value *
masked_last_applied(struct arena *arena, struct str annotations, const struct value *obj)
{
    const struct value *text = value_dig(obj, "metadata", "annotations", LAST_APPLIED);
    const struct value *copy = NULL;
    struct str json = STR(MASK);
    struct err err;
    if (text == NULL) {
        return obj;
    }
    if (value_from_json(arena, value_str(text), NULL, &copy, &err) < 0 ||
        value_to_json_in(arena, masked_fields(arena, annotations, copy), NULL, &json, &err) < 0) {
        json = STR(MASK);
    }
    return value_with(arena, obj, value_new_str(arena, json), "metadata", "annotations",
                      LAST_APPLIED);
}

/* Text that cannot be read is not shown at all. */
static struct str masked_text(struct arena *arena, struct str annotations, struct str json)
{
    const struct value *obj = NULL;
    struct str out = STR("{}");
    struct err err;
    if (value_from_json(arena, json, NULL, &obj, &err) < 0) {
        return out;
    }
    bool secret = kube_group_of(obj).n == 0 && str_eq(kube_kind_of(obj), STR("Secret"));
    if (!secret) {
        return json;
    }
    const struct value *shown =
        masked_last_applied(arena, annotations, masked_fields(arena, annotations, obj));
    return value_to_json_in(arena, shown, NULL, &out, &err) < 0 ? STR("{}") : out;
}

const struct value *
mask_manifests(struct arena *arena, struct str annotations, const struct value *response)
{
    struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_list(&b);
    VALUE_FOREACH(value_dig(response, "manifests"), text) {
        value_build_str(&b, masked_text(arena, annotations, value_str(text)));
    }
    value_build_end(&b);
    const struct value *list = value_build_finish(&b);
    value_builder_done(&b);
    return value_map_set(arena, response, STR("manifests"), list);
}
