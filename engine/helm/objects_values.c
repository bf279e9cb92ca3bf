/* A map that is `map[string]interface {}` as well, but not to functions that ask for exactly this type: charts
 * write `dig ... .Values.AsMap` for that reason. */
#include "engine/helm/objects_values.h"

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/value/value.h"
#include "common/value/value_yaml.h"
#include "engine/template/func.h"

static const struct tclass VALUES;

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

static int expect_args(struct tcall *call,
                       struct str name,
                       const struct tval *args,
                       size_t n_args,
                       size_t want,
                       struct err *err)
{
    if (n_args != want) {
        return err_set(err, ERR_INVALID, "wrong number of args for " STR_FMT ": want %zu got %zu",
                       STR_ARG(name), want, n_args);
    }
    if (want > 0 && args[0].kind != TVAL_STRING) {
        return err_set(err, ERR_INVALID, "wrong type for value; expected string; got " STR_FMT,
                       STR_ARG(tval_type_name(call->arena, args[0])));
    }
    return 0;
}

static int on_method(struct tcall *call,
                     void *data,
                     struct str name,
                     const struct tval *args,
                     size_t n_args,
                     struct tval *ret,
                     struct err *err)
{
    struct tmap *map = data;
    if (str_eq_c(name, "AsMap")) {
        TRY(expect_args(call, name, args, n_args, 0, err));
        *ret = tval_map(map);
    } else if (str_eq_c(name, "YAML")) {
        TRY(expect_args(call, name, args, n_args, 0, err));
        TRY(to_yaml(call, map, ret, err));
    } else if (str_eq_c(name, "Table")) {
        struct tmap *found;
        TRY(expect_args(call, name, args, n_args, 1, err));
        TRY(table(map, args[0].s, &found, err));
        *ret = objects_values(call->arena, found);
    } else {
        TRY(expect_args(call, name, args, n_args, 1, err));
        TRY(path_value(map, args[0].s, ret, err));
    }
    return 1;
}

static const char *const METHODS[] = {"AsMap", "YAML", "Table", "PathValue", NULL};

static const struct tclass VALUES = {
    .type = "common.Values",
    .kind = "map",
    .methods = METHODS,
    .method = on_method,
};

struct tval objects_values(struct arena *arena, struct tmap *map)
{
    return tval_map(tmap_as(arena, map, &VALUES));
}
