/* JSON Patch and JSON Merge Patch.
 *
 * A JSON Patch can make a small document large: each `copy` of a map into itself doubles it.  Copies
 * share memory here, but whoever walks the result pays, so nodes and depth are checked as they come. */
#include "common/value/value_patch.h"

#include <stdbool.h>
#include <string.h>

#include "common/base/limits.h"
#include "common/value/value_build.h"
#include "common/value/value_edit.h"
#include "common/value/value_path.h"

/* ---- limits ---- */

bool value_patch_fits(const struct value *v, size_t depth, size_t *n)
{
    if (++*n > LIMIT_DOC_NODES || depth > LIMIT_DOC_DEPTH) {
        return false;
    }
    VALUE_FOREACH(v, item) {
        if (!value_patch_fits(item, depth + 1, n)) {
            return false;
        }
    }
    VALUE_MAP_FOREACH(v, e)
    {
        if (!value_patch_fits(&e->value, depth + 1, n)) {
            return false;
        }
    }
    return true;
}

static size_t n_steps(struct str pointer)
{
    size_t n = 0;
    for (size_t i = 0; i < pointer.n; i++) {
        n += pointer.p[i] == '/' ? 1 : 0;
    }
    return n;
}

/* ---- JSON Patch ---- */

struct patch_run {
    struct arena *arena;
    const struct value *v; /* so far */
    size_t n_added;        /* nodes */
};

struct patch_op {
    struct str path;
    struct str from;
    const struct value *value; /* NULL = no such member */
};

static int
check_added(struct patch_run *run, const struct value *item, struct str path, struct err *err)
{
    if (!value_patch_fits(item, n_steps(path), &run->n_added)) {
        return err_set(err, ERR_LIMIT, "the result has more than %zu values or %d levels",
                       LIMIT_DOC_NODES, LIMIT_DOC_DEPTH);
    }
    return 0;
}

static int need_value(const struct patch_op *op, struct err *err)
{
    return op->value != NULL ? 0 : err_set(err, ERR_INVALID, "'value' is missing");
}

static int op_add(struct patch_run *run, const struct patch_op *op, struct err *err)
{
    TRY(need_value(op, err));
    TRY(check_added(run, op->value, op->path, err));
    return value_pointer_set(run->arena, run->v, op->path, VALUE_POINTER_ADD, op->value, &run->v,
                             err);
}

static int op_replace(struct patch_run *run, const struct patch_op *op, struct err *err)
{
    TRY(need_value(op, err));
    TRY(check_added(run, op->value, op->path, err));
    return value_pointer_set(run->arena, run->v, op->path, VALUE_POINTER_REPLACE, op->value,
                             &run->v, err);
}

static int op_remove(struct patch_run *run, const struct patch_op *op, struct err *err)
{
    return value_pointer_remove(run->arena, run->v, op->path, &run->v, err);
}

static int op_copy(struct patch_run *run, const struct patch_op *op, struct err *err)
{
    const struct value *item = NULL;
    TRY(value_pointer_find(run->v, op->from, &item, err));
    TRY(check_added(run, item, op->path, err));
    return value_pointer_set(run->arena, run->v, op->path, VALUE_POINTER_ADD, item, &run->v, err);
}

static int op_move(struct patch_run *run, const struct patch_op *op, struct err *err)
{
    const struct value *item = NULL;
    TRY(value_pointer_find(run->v, op->from, &item, err));
    if (str_eq(op->from, op->path)) {
        return 0;
    }
    if (str_starts_with(op->path, op->from) && op->path.p[op->from.n] == '/') {
        return err_set(err, ERR_INVALID, "'" STR_FMT "' cannot be moved into itself",
                       STR_ARG(op->from));
    }
    TRY(check_added(run, item, op->path, err));
    TRY(value_pointer_remove(run->arena, run->v, op->from, &run->v, err));
    return value_pointer_set(run->arena, run->v, op->path, VALUE_POINTER_ADD, item, &run->v, err);
}

static int op_test(struct patch_run *run, const struct patch_op *op, struct err *err)
{
    const struct value *found = NULL;
    TRY(need_value(op, err));
    TRY(value_pointer_find(run->v, op->path, &found, err));
    if (!value_equal(found, op->value)) {
        return err_set(err, ERR_INVALID, "testing value '" STR_FMT "' failed", STR_ARG(op->path));
    }
    return 0;
}

static const struct {
    const char *name;
    int (*apply)(struct patch_run *run, const struct patch_op *op, struct err *err);
    bool from;
} OPS[] = {
    {"add", op_add, false},  {"remove", op_remove, false}, {"replace", op_replace, false},
    {"move", op_move, true}, {"copy", op_copy, true},      {"test", op_test, false},
};

static int string_member(const struct value *map, const char *key, struct str *ret, struct err *err)
{
    const struct value *v = value_find(map, str_from(key));
    if (!value_is(v, VALUE_STRING)) {
        return err_set(err, ERR_INVALID, v == NULL ? "'%s' is missing" : "'%s' is not a string",
                       key);
    }
    *ret = value_str(v);
    return 0;
}

static int apply_op(struct patch_run *run, const struct value *v, struct err *err)
{
    struct patch_op op = {.value = value_find(v, STR("value"))};
    struct str name;
    if (!value_is(v, VALUE_MAP)) {
        return err_set(err, ERR_INVALID, "an operation must be a map, not %s",
                       value_type_noun(value_type(v)));
    }
    TRY(string_member(v, "op", &name, err));
    TRY(string_member(v, "path", &op.path, err));
    for (size_t i = 0; i < ARRAY_LEN(OPS); i++) {
        if (!str_eq_c(name, OPS[i].name)) {
            continue;
        }
        if (OPS[i].from) {
            TRY(string_member(v, "from", &op.from, err));
        }
        TRY_IN(OPS[i].apply(run, &op, err), err, "%s '" STR_FMT "'", OPS[i].name, STR_ARG(op.path));
        return 0;
    }
    return err_set(err, ERR_INVALID, "unexpected kind of operation: '" STR_FMT "'", STR_ARG(name));
}

int value_json_patch(struct arena *arena,
                     const struct value *v,
                     const struct value *patch,
                     const struct value **ret,
                     struct err *err)
{
    struct patch_run run = {.arena = arena, .v = v};
    if (!value_is(patch, VALUE_LIST)) {
        return err_set(err, ERR_INVALID, "a JSON patch must be a list, not %s",
                       value_type_noun(value_type(patch)));
    }
    if (patch->n > LIMIT_PATCH_OPS) {
        return err_set(err, ERR_LIMIT, "a JSON patch may have %d operations, not %zu",
                       LIMIT_PATCH_OPS, (size_t)patch->n);
    }
    VALUE_FOREACH(patch, op) {
        int rc = apply_op(&run, op, err);
        if (rc < 0) {
            (void)err_at(err, STR_EMPTY, op->line, op->column);
            return err_wrap(err, "operation %zu", (size_t)(op - patch->items));
        }
    }
    *ret = run.v;
    return 0;
}

/* ---- merge patch ---- */

/* `patch` alone, as applied to nothing: without the keys it would remove. */
static const struct value *without_nulls(struct arena *arena, const struct value *patch)
{
    return value_merge_patch(arena, &VALUE_EMPTY_MAP, patch);
}

/* All changed entries in one new map: one copy however many keys change. */
static const struct value *
merge_maps(struct arena *arena, const struct value *map, const struct value *patch)
{
    size_t n = 0;
    struct value_entry *entries =
        arena_alloc(arena, ((size_t)map->n + patch->n) * sizeof(*entries));
    VALUE_MAP_FOREACH(map, old)
    {
        const struct value *change = value_find(patch, old->key);
        if (change == NULL) {
            entries[n++] = *old;
        } else if (change->type != VALUE_NULL) {
            entries[n].key = old->key;
            entries[n++].value = *value_merge_patch(arena, &old->value, change);
        }
    }
    VALUE_MAP_FOREACH(patch, e)
    {
        if (e->value.type != VALUE_NULL && value_find(map, e->key) == NULL) {
            entries[n].key = e->key;
            entries[n++].value = *without_nulls(arena, &e->value);
        }
    }
    return value_new_map(arena, entries, n);
}

const struct value *
value_merge_patch(struct arena *arena, const struct value *v, const struct value *patch)
{
    if (!value_is(patch, VALUE_MAP)) {
        return patch;
    }
    return merge_maps(arena, value_is(v, VALUE_MAP) ? v : &VALUE_EMPTY_MAP, patch);
}

const struct value *
value_merge_patch_between(struct arena *arena, const struct value *from, const struct value *to)
{
    if (!value_is(to, VALUE_MAP)) {
        return to != NULL ? to : &VALUE_NULL_VALUE;
    }
    if (!value_is(from, VALUE_MAP)) {
        return to;
    }
    AUTO(value_builder) struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    VALUE_MAP_FOREACH(from, old)
    {
        if (value_find(to, old->key) == NULL) {
            value_build_key_borrowed(&b, old->key);
            value_build_null(&b);
        }
    }
    VALUE_MAP_FOREACH(to, e)
    {
        const struct value *old = value_find(from, e->key);
        if (old == NULL || !value_equal(old, &e->value)) {
            value_build_key_borrowed(&b, e->key);
            value_build_value(&b, value_merge_patch_between(arena, old, &e->value));
        }
    }
    value_build_end(&b);
    return value_build_finish(&b);
}
