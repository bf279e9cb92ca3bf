/* Objects against the types of an OpenAPI v2 document.
 *
 * Object and schema are walked together. A place knows the place it is in, so that the two names a message has are
 * made only when there is a message: that of the value ("Deployment.spec.ports[0]") and that of its schema
 * ("io.k8s.api.core.v1.ServicePort": the last one referred to, and the members from there). What is an error and what
 * is not is kubectl's: null members of a structure count as missing, any scalar is a string, and numbers are
 * integers. */
#include "engine/compare/validate.h"

#include <stdlib.h>

#include "common/base/arena.h"
#include "common/base/budget.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/vec.h"
#include "common/kube/kube_object.h"
#include "common/value/value.h"
#include "engine/compare/shape.h"

enum {
    PROBLEM_BYTES = 2 * 1024,
};

struct checker {
    struct arena *arena;
    const struct value *api;
    struct budget budget;
    VEC(struct str) problems;
};

enum place_kind {
    PLACE_ROOT,
    PLACE_FIELD, /* of a structure: its schema is named after it */
    PLACE_KEY,   /* of a map */
    PLACE_ITEM,  /* of a list */
};

struct place {
    const struct place *up;
    enum place_kind kind;
    struct str name; /* of the kind, a field or a key */
    size_t index;
    struct str schema; /* of the schema referred to here; "" = it stands in the one above */
};

static void
check(struct checker *c, struct place *at, const struct value *schema, const struct value *v);

/* ---- names ---- */

static void put_path(struct buf *out, const struct place *at)
{
    if (at->up != NULL) {
        put_path(out, at->up);
    }
    if (at->kind == PLACE_ITEM) {
        buf_put_char(out, '[');
        buf_put_uint(out, at->index);
        buf_put_char(out, ']');
        return;
    }
    buf_put_c(out, at->kind == PLACE_ROOT ? "" : ".");
    buf_put(out, at->name);
}

static void put_schema(struct buf *out, const struct place *at)
{
    if (at->schema.n > 0) {
        buf_put(out, at->schema);
        return;
    }
    put_schema(out, at->up);
    if (at->kind == PLACE_FIELD) {
        buf_put_char(out, '.');
        buf_put(out, at->name);
    }
}

static struct str path_of(struct checker *c, const struct place *at)
{
    AUTO(buf) struct buf out;
    buf_init(&out, PROBLEM_BYTES);
    put_path(&out, at);
    return buf_to_arena(&out, c->arena);
}

static struct str schema_of(struct checker *c, const struct place *at)
{
    AUTO(buf) struct buf out;
    buf_init(&out, PROBLEM_BYTES);
    put_schema(&out, at);
    return buf_to_arena(&out, c->arena);
}

/* ---- problems ---- */

static void tell(struct checker *c, struct str problem)
{
    vec_push_in(c->arena, &c->problems, problem);
}

static bool is_enough(const struct checker *c)
{
    return c->problems.n > LIMIT_VALIDATION_PROBLEMS;
}

static void tell_at(struct checker *c, const struct place *at, struct str problem)
{
    struct str path = path_of(c, at);
    tell(c, arena_printf(c->arena, "ValidationError(" STR_FMT "): " STR_FMT, STR_ARG(path),
                         STR_ARG(problem)));
}

static void
tell_type(struct checker *c, const struct place *at, const char *got, struct str expected)
{
    struct str schema = schema_of(c, at);
    tell_at(c, at,
            arena_printf(c->arena,
                         "invalid type for " STR_FMT ": got \"%s\", expected \"" STR_FMT "\"",
                         STR_ARG(schema), got, STR_ARG(expected)));
}

static void
tell_field(struct checker *c, const struct place *at, const char *what, struct str field)
{
    struct str schema = schema_of(c, at);
    tell_at(c, at,
            arena_printf(c->arena, "%s field \"" STR_FMT "\" in " STR_FMT, what, STR_ARG(field),
                         STR_ARG(schema)));
}

static struct str nothing_at(struct checker *c, const struct place *at)
{
    struct str path = path_of(c, at);
    return arena_printf(c->arena, "unknown object type \"nil\" in " STR_FMT, STR_ARG(path));
}

/* ---- values ---- */

static const char *type_of(const struct value *v)
{
    static const char *const NAMES[VALUE_TYPE_COUNT] = {
        [VALUE_NULL] = "nil",     [VALUE_BOOL] = "boolean",  [VALUE_INT] = "integer",
        [VALUE_FLOAT] = "number", [VALUE_STRING] = "string", [VALUE_LIST] = "array",
        [VALUE_MAP] = "map",
    };
    return NAMES[value_type(v)];
}

static int by_key(const void *a, const void *b)
{
    const struct value_entry *const *x = a;
    const struct value_entry *const *y = b;
    return str_cmp((*x)->key, (*y)->key);
}

static const struct value_entry **sorted(struct checker *c, const struct value *map)
{
    size_t n = value_len(map);
    const struct value_entry **entries =
        arena_calloc(c->arena, n + 1, sizeof(struct value_entry *));
    for (size_t i = 0; i < n; i++) {
        entries[i] = value_entry_at(map, i);
    }
    qsort(entries, n, sizeof(*entries), by_key);
    return entries;
}

static void check_required(struct checker *c,
                           const struct place *at,
                           const struct value *schema,
                           const struct value *v)
{
    VALUE_FOREACH(value_dig(schema, "required"), name) {
        if (value_type(value_find(v, value_str(name))) == VALUE_NULL) {
            tell_field(c, at, "missing required", value_str(name));
        }
    }
}

static void check_struct(struct checker *c,
                         const struct place *at,
                         const struct value *schema,
                         const struct value *v)
{
    const struct value *fields = value_dig(schema, "properties");
    bool open = value_bool(value_dig(schema, "x-kubernetes-preserve-unknown-fields"), false);
    const struct value_entry **entries = sorted(c, v);
    for (size_t i = 0; i < value_len(v) && !is_enough(c); i++) {
        const struct value *field = value_find(fields, entries[i]->key);
        if (value_is(&entries[i]->value, VALUE_NULL)) {
            continue;
        }
        if (field == NULL && !open) {
            tell_field(c, at, "unknown", entries[i]->key);
        } else if (field != NULL) {
            struct place member = {.up = at, .kind = PLACE_FIELD, .name = entries[i]->key};
            check(c, &member, field, &entries[i]->value);
        }
    }
    check_required(c, at, schema, v);
}

static void check_map(struct checker *c,
                      const struct place *at,
                      const struct value *schema,
                      const struct value *v)
{
    const struct value *each = value_dig(schema, "additionalProperties");
    const struct value_entry **entries = sorted(c, v);
    for (size_t i = 0; each != NULL && i < value_len(v) && !is_enough(c); i++) {
        struct place member = {.up = at, .kind = PLACE_KEY, .name = entries[i]->key};
        if (value_is(&entries[i]->value, VALUE_NULL)) {
            tell(c, nothing_at(c, &member));
        } else {
            check(c, &member, each, &entries[i]->value);
        }
    }
}

static void check_list(struct checker *c,
                       const struct place *at,
                       const struct value *schema,
                       const struct value *v)
{
    const struct value *each = value_dig(schema, "items");
    for (size_t i = 0; i < value_len(v) && !is_enough(c); i++) {
        struct place item = {.up = at, .kind = PLACE_ITEM, .index = i};
        if (value_is(value_at(v, i), VALUE_NULL)) {
            tell_at(c, at, nothing_at(c, &item));
        } else {
            check(c, &item, each, value_at(v, i));
        }
    }
}

/* kubectl takes any scalar for a string, and fractions for integers. */
static bool is_scalar_of(const struct value *v, struct str type)
{
    bool number = value_is(v, VALUE_INT) || value_is(v, VALUE_FLOAT);
    if (str_eq_c(type, "string")) {
        return !value_is(v, VALUE_LIST) && !value_is(v, VALUE_MAP);
    }
    if (str_eq_c(type, "integer") || str_eq_c(type, "number")) {
        return number;
    }
    return str_eq_c(type, "boolean") ? value_is(v, VALUE_BOOL) : true;
}

/* Without a type and without members it may be anything. */
static bool is_anything(const struct value *schema, struct str type)
{
    return type.n == 0 || value_bool(value_dig(schema, "x-kubernetes-int-or-string"), false);
}

static void check_as(struct checker *c,
                     const struct place *at,
                     const struct value *schema,
                     const struct value *v)
{
    struct str type = value_dig_str(schema, "type");
    bool fields = value_is(value_dig(schema, "properties"), VALUE_MAP);
    if (fields || str_eq_c(type, "object")) {
        if (!value_is(v, VALUE_MAP)) {
            tell_type(c, at, type_of(v), STR("map"));
        } else if (fields) {
            check_struct(c, at, schema, v);
        } else {
            check_map(c, at, schema, v);
        }
    } else if (is_anything(schema, type)) {
        return;
    } else if (str_eq_c(type, "array")) {
        if (!value_is(v, VALUE_LIST)) {
            tell_type(c, at, type_of(v), type);
        } else {
            check_list(c, at, schema, v);
        }
    } else if (!is_scalar_of(v, type)) {
        tell_type(c, at, type_of(v), type);
    }
}

static void
check(struct checker *c, struct place *at, const struct value *schema, const struct value *v)
{
    struct err err;
    const struct value *own = shape_resolve(c->api, schema, &at->schema);
    if (budget_enter(&c->budget, &err) < 0) {
        tell_at(c, at, str_from(err.message));
        return;
    }
    check_as(c, at, own, v);
    budget_leave(&c->budget);
}

/* ---- */

static struct str message_of(struct checker *c)
{
    size_t n = c->problems.n;
    if (n == 0) {
        return STR_EMPTY;
    }
    AUTO(buf) struct buf out;
    buf_init(&out, LIMIT_VALIDATION_PROBLEMS * PROBLEM_BYTES);
    buf_put_c(&out, n > 1 ? "error validating data: [" : "error validating data: ");
    for (size_t i = 0; i < n && i < LIMIT_VALIDATION_PROBLEMS; i++) {
        buf_put_c(&out, i > 0 ? ", " : "");
        buf_put(&out, c->problems.items[i]);
    }
    buf_put_c(&out, n > LIMIT_VALIDATION_PROBLEMS ? ", and more" : "");
    buf_put_c(&out, n > 1 ? "]" : "");
    return buf_to_arena(&out, c->arena);
}

struct str validate_object(struct arena *arena, const struct value *api, const struct value *obj)
{
    struct str name = shape_schema_name(api, obj);
    const struct value *schema = value_find(value_dig(api, "schemas"), name);
    if (name.n == 0 || schema == NULL) {
        return STR_EMPTY;
    }
    struct checker c = {.arena = arena, .api = api, .budget = budget_unlimited()};
    c.budget.depth = LIMIT_DOC_DEPTH;
    struct place root = {.kind = PLACE_ROOT, .name = kube_gvk_of(obj).kind, .schema = name};
    check(&c, &root, schema, obj);
    return message_of(&c);
}
