/* A map that is `map[string]interface {}` as well, but not to functions that ask for exactly this type: charts
 * write `dig ... .Values.AsMap` for that reason. */
#include "engine/helm/objects_values.h"

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"
#include "engine/template/func.h"

static int fail_named(struct str key, const char *what, struct err *err)
{
    AUTO(buf) struct buf quoted;
    buf_init(&quoted, ERR_MESSAGE_BYTES);
    tval_quote(&quoted, key);
    return err_set(err, ERR_INVALID, "%s is not a %s", quoted.p, what);
}

/* Of "a.b.c"; the key that is no table is named. */
static int table(struct tmap *map, struct str path, struct tmap **ret, struct err *err)
{
    struct str key;
    bool more = true;
    while (more) {
        more = str_cut(path, '.', &key, &path);
        const struct tval *v = tmap_find(map, key);
        if (v == NULL || v->kind != TVAL_MAP || tmap_elem(v->map) != TVAL_OF_ANY) {
            return fail_named(key, "table", err);
        }
        map = v->map;
    }
    *ret = tmap_base(map);
    return 0;
}

static int path_value(struct tmap *map, struct str path, struct tval *ret, struct err *err)
{
    struct err ignored;
    size_t dot = str_rfind_char(path, '.');
    struct str key = dot == STR_NONE ? path : str_sub(path, dot + 1, path.n);
    if (path.n == 0) {
        return err_set(err, ERR_INVALID, "YAML path cannot be empty");
    }
    if (dot != STR_NONE && table(map, str_sub(path, 0, dot), &map, &ignored) < 0) {
        return fail_named(key, "value", err);
    }
    const struct tval *v = tmap_find(map, key);
    if (v == NULL || (v->kind == TVAL_MAP && tmap_class(v->map) == NULL)) {
        return fail_named(key, "value", err);
    }
    *ret = *v;
    return 0;
}

static int to_yaml(struct tcall *call, struct tmap *map, struct tval *ret, struct err *err)
{
    const struct value_yaml_write options = {.style = VALUE_YAML_GO2};
    const struct value *tree = NULL;
    struct str text;
    TRY(tval_to_value(call->arena, tval_map(map), &tree, err));
    TRY(value_to_yaml_in(call->arena, tree, &options, &text, err));
    TRY(budget_steps(call->budget, text.n, err));
    *ret = tval_str(text);
    return 0;
}

static int on_as_map(TMETHOD_PARAMS)
{
    *ret = tval_map(data);
    return 0;
}

static int on_yaml(TMETHOD_PARAMS)
{
    return to_yaml(call, data, ret, err);
}

static int on_table(TMETHOD_PARAMS)
{
    struct tmap *found;
    TRY(table(data, args[0].s, &found, err));
    *ret = objects_values(call->arena, found);
    return 0;
}

static int on_path_value(TMETHOD_PARAMS)
{
    return path_value(data, args[0].s, ret, err);
}

static const struct tmethod METHODS[] = {
    {"AsMap", "", on_as_map},          {"YAML", "", on_yaml}, {"Table", "s", on_table},
    {"PathValue", "s", on_path_value}, {NULL, NULL, NULL},
};

static const struct tclass VALUES = {
    .type = "common.Values",
    .kind = "map",
    .methods = METHODS,
};

struct tval objects_values(struct arena *arena, struct tmap *map)
{
    return tval_map(tmap_as(arena, map, &VALUES));
}
