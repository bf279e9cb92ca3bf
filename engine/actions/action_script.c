/* The definitions of a kind, and what its scripts answer. */
#include "engine/actions/action_script.h"

#include <stdlib.h>

#include "common/base/arena.h"
#include "common/base/vec.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_json.h"
#include "common/value/value_yaml.h"
#include "engine/lua/customize.h"
#include "engine/lua/script.h"

/* The actions of one kind in argocd-cm. */
struct definitions {
    const struct customization *custom; /* NULL = there are none */
    const struct value *map;
};

static int read_definitions(struct arena *arena,
                            const struct customizations *scripts,
                            const struct value *live,
                            struct definitions *ret,
                            struct err *err)
{
    struct kube_gvk gvk = kube_gvk_of(live);
    const struct customization *custom = customizations_actions(scripts, gvk.group, gvk.kind);
    *ret = (struct definitions){.custom = custom, .map = &VALUE_EMPTY_MAP};
    if (custom == NULL) {
        return 0;
    }
    TRY_IN(value_from_yaml(arena, custom->actions, NULL, &ret->map, err), err, STR_FMT,
           STR_ARG(custom->actions_key));
    if (!value_is(ret->map, VALUE_MAP)) {
        return err_set(err, ERR_INVALID, STR_FMT ": not a map with discovery.lua and definitions",
                       STR_ARG(custom->actions_key));
    }
    return 0;
}

static int not_a_table(const struct value *answer, struct err *err)
{
    return err_set(err, ERR_INVALID, "expect table output from Lua script, not %s",
                   answer == NULL ? "nil" : value_type_name(value_type(answer)));
}

/* ---- discovery ---- */

/* Of a text or number. */
static struct str text_of(struct arena *arena, const struct value *v)
{
    struct str text = value_str(v);
    struct err err;
    if (v != NULL && !value_is(v, VALUE_STRING) && !value_is(v, VALUE_NULL) &&
        value_to_json_in(arena, v, NULL, &text, &err) < 0) {
        return STR_EMPTY; /* only sizes beyond any script's can fail */
    }
    return text;
}

static struct action read_action(struct arena *arena, const struct value_entry *e)
{
    const struct value *params = value_find(&e->value, STR("params"));
    struct action_param *items = arena_calloc(arena, value_len(params), sizeof(*items));
    size_t n = 0;
    VALUE_FOREACH(params, p) {
        items[n++] = (struct action_param){
            .name = value_dig_str(p, "name"),
            .def = text_of(arena, value_find(p, STR("default"))),
        };
    }
    return (struct action){
        .name = e->key,
        .display_name = value_dig_str(&e->value, "displayName"),
        .icon_class = value_dig_str(&e->value, "iconClass"),
        .disabled = value_bool(value_find(&e->value, STR("disabled")), false),
        .params = items,
        .n_params = n,
    };
}

typedef VEC(struct action) action_vec;

static bool is_listed(const action_vec *list, struct str name)
{
    for (size_t i = 0; i < list->n; i++) {
        if (str_eq(list->items[i].name, name)) {
            return true;
        }
    }
    return false;
}

static int run_discovery(struct arena *arena,
                         const struct clock *clock,
                         struct str source,
                         const struct value *live,
                         action_vec *list,
                         struct err *err)
{
    const struct script_input in = {
        .source = source,
        .name = "discovery.lua",
        .obj = live,
        .clock = clock,
    };
    const struct value *answer = NULL;
    TRY(script_run(arena, &in, &answer, err));
    if (!value_is(answer, VALUE_MAP) && !(value_is(answer, VALUE_LIST) && value_len(answer) == 0)) {
        return not_a_table(answer, err);
    }
    VALUE_MAP_FOREACH(answer, e)
    {
        vec_push_in(arena, list, read_action(arena, e));
    }
    return 0;
}

static int by_name(const void *a, const void *b)
{
    const struct action *x = a;
    const struct action *y = b;
    return str_cmp(x->name, y->name);
}

int action_script_discover(struct arena *arena,
                           const struct customizations *scripts,
                           const struct clock *clock,
                           const struct value *live,
                           struct action_list *ret,
                           struct err *err)
{
    struct definitions defs;
    action_vec list = {0};
    TRY(read_definitions(arena, scripts, live, &defs, err));
    struct str source = value_str(value_find(defs.map, STR("discovery.lua")));
    if (source.n > 0) {
        TRY_IN(run_discovery(arena, clock, source, live, &list, err), err, STR_FMT,
               STR_ARG(defs.custom->actions_key));
    }
    bool merge = value_bool(value_find(defs.map, STR("mergeBuiltinActions")), false);
    struct action_list builtin = {NULL, 0};
    if (defs.custom == NULL || merge) {
        builtin = action_discover(arena, live);
    }
    for (size_t i = 0; i < builtin.n; i++) {
        if (!is_listed(&list, builtin.items[i].name)) {
            vec_push_in(arena, &list, builtin.items[i]);
        }
    }
    if (list.n > 0) {
        qsort(list.items, list.n, sizeof(*list.items), by_name);
    }
    *ret = (struct action_list){list.items, list.n};
    return 0;
}

/* ---- running ---- */

static struct str find_source(const struct value *definitions, struct str name)
{
    VALUE_FOREACH(definitions, d) {
        if (str_eq(value_dig_str(d, "name"), name)) {
            return value_str(value_find(d, STR("action.lua")));
        }
    }
    return STR_EMPTY;
}

static const struct value *params_of(struct arena *arena, const struct action_run *run)
{
    struct value_entry *entries = arena_calloc(arena, run->n_args, sizeof(*entries));
    for (size_t i = 0; i < run->n_args; i++) {
        entries[i] = (struct value_entry){run->args[i].name, value_of_str(run->args[i].value)};
    }
    return value_new_map(arena, entries, run->n_args);
}

static int read_operation(const struct value *item, struct action_change *ret, struct err *err)
{
    static const struct {
        const char *name;
        enum action_op op;
    } OPERATIONS[] = {{"create", ACTION_CREATE}, {"patch", ACTION_PATCH}};
    struct str name = value_dig_str(item, "operation");
    const struct value *resource = value_find(item, STR("resource"));
    if (kube_kind_of(resource).n == 0) {
        return err_set(err, ERR_INVALID, "operation '" STR_FMT "' without a resource",
                       STR_ARG(name));
    }
    for (size_t i = 0; i < ARRAY_LEN(OPERATIONS); i++) {
        if (str_eq_c(name, OPERATIONS[i].name)) {
            *ret = (struct action_change){OPERATIONS[i].op, resource};
            return 0;
        }
    }
    return err_set(err, ERR_INVALID, "unsupported operation: " STR_FMT, STR_ARG(name));
}

static int read_changes(struct arena *arena,
                        const struct value *answer,
                        const struct value *live,
                        struct action_changes *ret,
                        struct err *err)
{
    bool one = value_is(answer, VALUE_MAP);
    if (!one && !value_is(answer, VALUE_LIST)) {
        return not_a_table(answer, err);
    }
    size_t n = one ? 1 : value_len(answer);
    struct action_change *items = arena_calloc(arena, n, sizeof(*items));
    if (one) {
        items[0] = (struct action_change){ACTION_PATCH, answer};
    }
    for (size_t i = 0; !one && i < n; i++) {
        TRY(read_operation(value_at(answer, i), &items[i], err));
    }
    for (size_t i = 0; i < n; i++) {
        if (items[i].op == ACTION_PATCH) {
            items[i].object = script_restore(arena, live, items[i].object);
        }
    }
    *ret = (struct action_changes){items, n};
    return 0;
}

static int run_script(struct arena *arena,
                      const struct clock *clock,
                      struct str source,
                      const struct action_run *run,
                      struct action_changes *ret,
                      struct err *err)
{
    const struct script_input in = {
        .source = source,
        .name = "action.lua",
        .obj = run->live,
        .params = params_of(arena, run),
        .clock = clock,
    };
    const struct value *answer = NULL;
    TRY(script_run(arena, &in, &answer, err));
    return read_changes(arena, answer, run->live, ret, err);
}

int action_script_run(struct arena *arena,
                      const struct customizations *scripts,
                      const struct clock *clock,
                      const struct action_run *run,
                      struct action_changes *ret,
                      struct err *err)
{
    struct definitions defs;
    TRY(read_definitions(arena, scripts, run->live, &defs, err));
    struct str source = find_source(value_find(defs.map, STR("definitions")), run->name);
    if (source.n == 0) {
        return action_run(arena, run, ret, err);
    }
    TRY_IN(run_script(arena, clock, source, run, ret, err), err, STR_FMT ": " STR_FMT,
           STR_ARG(defs.custom->actions_key), STR_ARG(run->name));
    return 0;
}
