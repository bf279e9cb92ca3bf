/* Manifests are JSON texts inside the answer: parsed, masked, written again. */
#include "api-server/rest/mask.h"

#include "common/base/arena.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"

#define MASK "++++++++"

static const struct value *masked_map(struct arena *arena, const struct value *map)
{
    const struct value *out = map;
    VALUE_MAP_FOREACH(map, e)
    {
        out = value_map_set(arena, out, e->key, value_new_str(arena, STR(MASK)));
    }
    return out;
}

static const struct value *masked_secret(struct arena *arena, const struct value *obj)
{
    static const char *const FIELDS[] = {"data", "stringData"};
    for (size_t i = 0; i < ARRAY_LEN(FIELDS); i++) {
        const struct value *map = value_dig(obj, FIELDS[i]);
        if (value_is(map, VALUE_MAP)) {
            obj = value_map_set(arena, obj, str_from(FIELDS[i]), masked_map(arena, map));
        }
    }
    return obj;
}

/* Text that cannot be read is not shown at all. */
static struct str masked_text(struct arena *arena, struct str json)
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
    if (value_to_json_in(arena, masked_secret(arena, obj), NULL, &out, &err) < 0) {
        return STR("{}");
    }
    return out;
}

const struct value *mask_manifests(struct arena *arena, const struct value *response)
{
    struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_list(&b);
    VALUE_FOREACH(value_dig(response, "manifests"), text) {
        value_build_str(&b, masked_text(arena, value_str(text)));
    }
    value_build_end(&b);
    const struct value *list = value_build_finish(&b);
    value_builder_done(&b);
    return value_map_set(arena, response, STR("manifests"), list);
}
