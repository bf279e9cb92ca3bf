/* JSON patches. A pointer is split at its slashes and what stands before the first one is not looked at; the steps
 * but the last lead to a map or list, which the operation changes. */
#include "engine/kustomize/kjson_patch.h"

#include "common/base/limits.h"
#include "common/base/num.h"
#include "common/base/vec.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"
#include "common/value/value_patch.h"
#include "common/value/value_yaml.h"
#include "engine/engine_env.h"

struct steps {
    const struct str *items; /* at least one */
    size_t n;
};

enum change_type { CHANGE_ADD, CHANGE_SET, CHANGE_REMOVE };

struct change {
    struct engine_env *env;
    const char *op; /* for messages */
    struct str path;
    enum change_type type;
    const struct value *item;
};

struct run {
    struct engine_env *env;
    const struct value *v; /* so far */
    const struct value *op;
    size_t n_added; /* nodes */
};

/* ---- pointers ---- */

/* "~1" is a slash, "~0" a tilde. */
static struct str unescape(struct arena *arena, struct str step)
{
    if (str_find_char(step, '~') == STR_NONE) {
        return step;
    }
    char *text = arena_bytes(arena, step.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < step.n; i++) {
        char next = i + 1 < step.n ? step.p[i + 1] : '\0';
        bool escape = step.p[i] == '~' && (next == '0' || next == '1');
        text[n++] = !escape ? step.p[i] : next == '1' ? '/' : '~';
        i += escape ? 1 : 0;
    }
    text[n] = '\0';
    return str_of(text, n);
}

/* False when there is no slash in it. */
static bool split(struct arena *arena, struct str path, struct steps *ret)
{
    VEC(struct str) steps = {0};
    struct str step;
    (void)str_next(&path, '/', &step);
    while (str_next(&path, '/', &step)) {
        vec_push_in(arena, &steps, unescape(arena, step));
    }
    *ret = (struct steps){steps.items, steps.n};
    return steps.n > 0 && steps.n <= LIMIT_DOC_DEPTH;
}

/* A position in a list of n, or one behind it; negative ones count from there. */
static int position(struct str step, size_t n, size_t *ret, struct err *err)
{
    int64_t at = 0;
    if (num_parse_int(step, &at, err) < 0) {
        return err_set(err, ERR_INVALID, "value was not a proper array index: '" STR_FMT "'",
                       STR_ARG(step));
    }
    if (at >= (int64_t)n || at < -(int64_t)n) {
        return err_set(err, ERR_INVALID,
                       "Unable to access invalid index: %lld: invalid index referenced",
                       (long long)at);
    }
    *ret = (size_t)(at < 0 ? at + (int64_t)n : at);
    return 0;
}

/* What a map or list has there; a map has NULL for a missing key. */
static int
child(const struct value *container, struct str step, const struct value **ret, struct err *err)
{
    size_t at = 0;
    if (value_is(container, VALUE_LIST)) {
        TRY(position(step, container->n, &at, err));
        *ret = &container->items[at];
        return 0;
    }
    *ret = value_find(container, step);
    return 0;
}

static bool is_container(const struct value *v)
{
    return value_is(v, VALUE_MAP) || value_is(v, VALUE_LIST);
}

/* The map or list the last step is of, or NULL. */
static const struct value *container_of(const struct value *v, struct steps steps)
{
    struct err err;
    for (size_t i = 0; i + 1 < steps.n && is_container(v); i++) {
        if (child(v, steps.items[i], &v, &err) < 0) {
            return NULL;
        }
    }
    return is_container(v) ? v : NULL;
}

/* ---- changing ---- */

static int change_list(const struct change *c,
                       const struct value *list,
                       struct str step,
                       const struct value **ret,
                       struct err *err)
{
    struct arena *arena = c->env->arena;
    size_t at = list->n;
    if (c->type == CHANGE_ADD) {
        if (!str_eq(step, STR("-"))) {
            TRY(position(step, (size_t)list->n + 1, &at, err));
        }
        *ret = value_list_insert(arena, list, at, c->item);
        return 0;
    }
    TRY(position(step, list->n, &at, err));
    *ret = c->type == CHANGE_SET ? value_list_set(arena, list, at, c->item)
                                 : value_list_remove(arena, list, at);
    return 0;
}

static int change_container(const struct change *c,
                            const struct value *container,
                            struct str step,
                            const struct value **ret,
                            struct err *err)
{
    if (container->type == VALUE_LIST) {
        return change_list(c, container, step, ret, err);
    }
    if (c->type != CHANGE_REMOVE) {
        *ret = value_map_set(c->env->arena, container, step, c->item);
        return 0;
    }
    if (value_find(container, step) == NULL) {
        return err_set(err, ERR_INVALID,
                       "Unable to remove nonexistent key: " STR_FMT ": missing value",
                       STR_ARG(step));
    }
    *ret = value_map_remove(c->env->arena, container, step);
    return 0;
}

/* The containers on the way exist: container_of() was there. */
static int change_below(const struct change *c,
                        const struct value *v,
                        struct steps steps,
                        const struct value **ret,
                        struct err *err)
{
    const struct value *below = NULL;
    const struct value *changed = NULL;
    if (steps.n == 1) {
        return change_container(c, v, steps.items[0], ret, err);
    }
    TRY(child(v, steps.items[0], &below, err));
    TRY(change_below(c, below, (struct steps){steps.items + 1, steps.n - 1}, &changed, err));
    struct change set = {.env = c->env, .type = CHANGE_SET, .item = changed};
    return change_container(&set, v, steps.items[0], ret, err);
}

static int change_at(struct run *run, const struct change *c, struct err *err)
{
    struct steps steps;
    if (!split(c->env->arena, c->path, &steps) || container_of(run->v, steps) == NULL) {
        return err_set(err, ERR_INVALID,
                       "%s operation does not apply: doc is missing path: \"" STR_FMT
                       "\": missing value",
                       c->op, STR_ARG(c->path));
    }
    if (c->type != CHANGE_REMOVE && !value_patch_fits(c->item, steps.n, &run->n_added)) {
        return err_set(err, ERR_LIMIT,
                       "the result of a JSON patch has more than %zu values or %d levels",
                       LIMIT_DOC_NODES, LIMIT_DOC_DEPTH);
    }
    TRY_IN(change_below(c, run->v, steps, &run->v, err), err, "error in %s for path: '" STR_FMT "'",
           c->op, STR_ARG(c->path));
    return 0;
}

/* ---- operations ---- */

static int
text_member(struct run *run, const char *op, const char *key, struct str *ret, struct err *err)
{
    const struct value *v = value_find(run->op, str_from(key));
    if (!value_is(v, VALUE_STRING)) {
        return err_set(err, ERR_INVALID, "%s operation failed to decode %s: missing value", op,
                       key);
    }
    *ret = value_str(v);
    return 0;
}

static const struct value *value_member(const struct run *run)
{
    const struct value *v = value_find(run->op, STR("value"));
    return v != NULL ? v : &VALUE_NULL_VALUE;
}

static int change_member(struct run *run,
                         const char *op,
                         enum change_type type,
                         const struct value *item,
                         struct err *err)
{
    struct change c = {.env = run->env, .op = op, .type = type, .item = item};
    TRY(text_member(run, op, "path", &c.path, err));
    return change_at(run, &c, err);
}

static int op_add(struct run *run, struct err *err)
{
    return change_member(run, "add", CHANGE_ADD, value_member(run), err);
}

static int op_remove(struct run *run, struct err *err)
{
    return change_member(run, "remove", CHANGE_REMOVE, NULL, err);
}

static int op_replace(struct run *run, struct err *err)
{
    struct str path;
    TRY(text_member(run, "replace", "path", &path, err));
    if (path.n > 0) {
        return change_member(run, "replace", CHANGE_SET, value_member(run), err);
    }
    if (!is_container(value_member(run))) {
        return err_set(err, ERR_INVALID, "replace operation value must be object or array");
    }
    run->v = value_member(run);
    return 0;
}

/* What is at a pointer; NULL for a missing key. */
static int
look_up(struct run *run, const char *op, struct str path, const struct value **ret, struct err *err)
{
    struct steps steps;
    const struct value *container = NULL;
    if (split(run->env->arena, path, &steps)) {
        container = container_of(run->v, steps);
    }
    if (container == NULL) {
        return err_set(err, ERR_INVALID,
                       "%s operation does not apply: doc is missing path: " STR_FMT
                       ": missing value",
                       op, STR_ARG(path));
    }
    TRY_IN(child(container, steps.items[steps.n - 1], ret, err), err,
           "error in %s for path: '" STR_FMT "'", op, STR_ARG(path));
    return 0;
}

static int op_copy(struct run *run, struct err *err)
{
    struct str from;
    const struct value *item = NULL;
    TRY(text_member(run, "copy", "from", &from, err));
    TRY(look_up(run, "copy", from, &item, err));
    return change_member(run, "copy", CHANGE_ADD, item != NULL ? item : &VALUE_NULL_VALUE, err);
}

static int op_move(struct run *run, struct err *err)
{
    struct change remove = {.env = run->env, .op = "move", .type = CHANGE_REMOVE};
    const struct value *item = NULL;
    TRY(text_member(run, "move", "from", &remove.path, err));
    TRY(look_up(run, "move", remove.path, &item, err));
    TRY(change_at(run, &remove, err));
    return change_member(run, "move", CHANGE_ADD, item, err);
}

/* Numbers are compared by their text, as that library does. */
static int same_json(struct run *run, const struct value *a, const struct value *b, struct err *err)
{
    struct str x;
    struct str y;
    TRY(value_to_json_in(run->env->arena, a, NULL, &x, err));
    TRY(value_to_json_in(run->env->arena, b, NULL, &y, err));
    return str_eq(x, y) ? 1 : 0;
}

static int op_test(struct run *run, struct err *err)
{
    struct str path;
    const struct value *found = run->v;
    TRY(text_member(run, "test", "path", &path, err));
    if (path.n > 0) {
        TRY(look_up(run, "test", path, &found, err));
    }
    int same = same_json(run, found, value_member(run), err);
    TRY(same);
    if (same == 0) {
        return err_set(err, ERR_INVALID, "testing value " STR_FMT " failed: test failed",
                       STR_ARG(path));
    }
    return 0;
}

static const struct {
    const char *name;
    int (*apply)(struct run *run, struct err *err);
} OPS[] = {
    {"add", op_add},   {"remove", op_remove}, {"replace", op_replace},
    {"move", op_move}, {"copy", op_copy},     {"test", op_test},
};

static int apply_op(struct run *run, struct err *err)
{
    const struct value *name = value_find(run->op, STR("op"));
    struct str text = value_is(name, VALUE_STRING) ? value_str(name) : STR("unknown");
    for (size_t i = 0; i < ARRAY_LEN(OPS); i++) {
        if (str_eq_c(text, OPS[i].name)) {
            return OPS[i].apply(run, err);
        }
    }
    return err_set(err, ERR_INVALID, "Unexpected kind: " STR_FMT, STR_ARG(text));
}

/* ---- entry points ---- */

static int check_operations(const struct value *v, struct err *err)
{
    if (v->type == VALUE_NULL) {
        return 0;
    }
    if (v->type != VALUE_LIST) {
        return err_set(err, ERR_INVALID,
                       "json: cannot unmarshal %s into Go value of type jsonpatch.Patch",
                       v->type == VALUE_MAP ? "object" : value_type_name(value_type(v)));
    }
    VALUE_FOREACH(v, op) {
        if (op->type != VALUE_MAP && op->type != VALUE_NULL) {
            return err_set(err, ERR_INVALID,
                           "json: cannot unmarshal %s into Go value of type jsonpatch.Operation",
                           value_type_name(value_type(op)));
        }
    }
    if (v->n > LIMIT_PATCH_OPS) {
        return err_set(err, ERR_LIMIT, "a JSON patch may have %d operations, not %zu",
                       LIMIT_PATCH_OPS, (size_t)v->n);
    }
    return 0;
}

int kjson_patch_parse(struct engine_env *env,
                      struct str text,
                      const struct value **ret,
                      struct err *err)
{
    static const struct value_json_opts JSON = {.positions = true};
    const struct value *v = NULL;
    if (text.n > 0 && text.p[0] == '[') {
        TRY(value_from_json(env->arena, text, &JSON, &v, err));
    } else {
        TRY(value_from_yaml(env->arena, text, NULL, &v, err));
    }
    TRY(check_operations(v, err));
    *ret = v->type == VALUE_LIST ? v : &VALUE_EMPTY_LIST;
    return 0;
}

int kjson_patch_apply(struct engine_env *env,
                      const struct value *object,
                      const struct value *patch,
                      const struct value **ret,
                      struct err *err)
{
    struct run run = {.env = env, .v = object};
    TRY(budget_steps(env->budget, value_len(patch), err));
    VALUE_FOREACH(patch, op) {
        run.op = op;
        if (apply_op(&run, err) < 0) {
            return err_at(err, STR_EMPTY, op->line, op->column);
        }
    }
    *ret = run.v;
    return 0;
}
