/* Fields are visited in the order of their names, as Go does after it has gone through JSON: the first error is the same. */
#include "engine/kustomize/kdecode.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/base/num.h"
#include "common/value/value.h"

enum { PATH_DEPTH_MAX = 8 };

struct decoder {
    struct arena *arena;
    enum kdecode_mode mode;
    const struct kfield *path[PATH_DEPTH_MAX];
    size_t depth;
};

static const char *type_in_json(const struct value *v)
{
    switch (value_type(v)) {
    case VALUE_NULL:
        return "null";
    case VALUE_BOOL:
        return "bool";
    case VALUE_INT:
    case VALUE_FLOAT:
        return "number";
    case VALUE_STRING:
        return "string";
    case VALUE_LIST:
        return "array";
    case VALUE_MAP:
    case VALUE_TYPE_COUNT:
        break;
    }
    return "object";
}

/* owner: the struct that has the innermost field. go_type: what was wanted. */
static int mismatch(const struct decoder *d,
                    const struct ktable *owner,
                    const struct value *v,
                    struct str go_type,
                    struct err *err)
{
    struct str path = STR_EMPTY;
    for (size_t i = 0; i < d->depth; i++) {
        path = arena_printf(d->arena, STR_FMT "%s%s%s", STR_ARG(path), i > 0 ? "." : "",
                            d->path[i]->via != NULL ? d->path[i]->via : "", d->path[i]->name);
    }
    struct str number = STR_EMPTY;
    if (value_is(v, VALUE_FLOAT) && str_eq_c(go_type, "int64")) {
        number = arena_printf(d->arena, " " STR_FMT, STR_ARG(str_of(v->lexeme, v->lexeme_n)));
    }
    if (d->depth == 0) {
        (void)err_set(err, ERR_INVALID, "json: cannot unmarshal %s into Go value of type " STR_FMT,
                      type_in_json(v), STR_ARG(go_type));
    } else {
        (void)err_set(err, ERR_INVALID,
                      "json: cannot unmarshal %s" STR_FMT " into Go struct field %s." STR_FMT
                      " of type " STR_FMT,
                      type_in_json(v), STR_ARG(number), owner->go_name, STR_ARG(path),
                      STR_ARG(go_type));
    }
    return err_at(err, STR_EMPTY, v->line, v->column);
}

static struct str struct_type(const struct decoder *d, const char *prefix, const struct ktable *t)
{
    return arena_printf(d->arena, "%stypes.%s", prefix, t->go_name);
}

static const char *string_type(const struct kfield *field)
{
    return field->go_type != NULL ? field->go_type : "string";
}

static int decode_struct(struct decoder *d,
                         const struct value *v,
                         const struct ktable *table,
                         void *ret,
                         struct err *err);

/* Go's YAML reader turns scalars into text where that is wanted, its JSON reader does not: plugin configs take "true: true". */
static bool text_of(const struct decoder *d, const struct value *v, struct str *ret)
{
    if (v->type == VALUE_STRING || v->type == VALUE_NULL) {
        *ret = value_str(v);
        return true;
    }
    if (d->mode == KDECODE_STRICT || v->type == VALUE_LIST || v->type == VALUE_MAP) {
        return false;
    }
    if (v->type == VALUE_BOOL) {
        *ret = v->b ? STR("true") : STR("false");
    } else if (v->type == VALUE_INT) {
        *ret = arena_printf(d->arena, "%lld", (long long)v->i);
    } else {
        char text[NUM_FLOAT_BYTES];
        *ret = arena_str(d->arena, str_of(text, num_format_g(v->f, text)));
    }
    return true;
}

static int decode_str_list(const struct decoder *d,
                           const struct ktable *owner,
                           const struct kfield *field,
                           const struct value *v,
                           struct value_strs *ret,
                           struct err *err)
{
    if (v->type != VALUE_LIST) {
        return mismatch(d, owner, v, arena_printf(d->arena, "[]%s", string_type(field)), err);
    }
    struct str *items = arena_calloc(d->arena, value_len(v) + 1, sizeof(*items));
    size_t n = 0;
    VALUE_FOREACH(v, item) {
        if (!text_of(d, item, &items[n++])) {
            return mismatch(d, owner, item, str_from(string_type(field)), err);
        }
    }
    *ret = (struct value_strs){items, n};
    return 0;
}

static int decode_str_map(const struct decoder *d,
                          const struct ktable *owner,
                          const struct value *v,
                          struct value_str_pairs *ret,
                          struct err *err)
{
    if (v->type != VALUE_MAP) {
        return mismatch(d, owner, v, STR("map[string]string"), err);
    }
    struct value_str_pair *items = arena_calloc(d->arena, value_len(v) + 1, sizeof(*items));
    size_t n = 0;
    VALUE_MAP_FOREACH(v, e)
    {
        items[n].key = e->key;
        if (!text_of(d, &e->value, &items[n++].value)) {
            return mismatch(d, owner, &e->value, STR("string"), err);
        }
    }
    *ret = (struct value_str_pairs){items, n};
    return 0;
}

/* ret_items: NULL when only checked. */
static int decode_list(struct decoder *d,
                       const struct ktable *owner,
                       const struct kfield *field,
                       const struct value *v,
                       struct value_slice *ret,
                       struct err *err)
{
    const struct ktable *table = field->table;
    if (v->type != VALUE_LIST) {
        return mismatch(d, owner, v, struct_type(d, "[]", table), err);
    }
    char *items = arena_calloc(d->arena, value_len(v) + 1, table->size_bytes);
    size_t n = 0;
    VALUE_FOREACH(v, item) {
        if (item->type != VALUE_MAP && item->type != VALUE_NULL) {
            return mismatch(d, owner, item, struct_type(d, "", table), err);
        }
        TRY(decode_struct(d, item, table, items + n++ * table->size_bytes, err));
    }
    *ret = (struct value_slice){items, n};
    return 0;
}

static int decode_scalar(const struct decoder *d,
                         const struct ktable *owner,
                         const struct kfield *field,
                         const struct value *v,
                         void *at,
                         struct err *err)
{
    if (field->type == KFIELD_STR && text_of(d, v, at)) {
        return 0;
    }
    if (field->type == KFIELD_BOOL && v->type == VALUE_BOOL) {
        *(bool *)at = v->b;
        return 0;
    }
    if (field->type == KFIELD_INT && v->type == VALUE_INT) {
        *(int64_t *)at = v->i;
        return 0;
    }
    const char *go_type = field->type == KFIELD_BOOL  ? "bool"
                          : field->type == KFIELD_INT ? "int64"
                                                      : string_type(field);
    return mismatch(d, owner, v, str_from(go_type), err);
}

static int decode_tree(struct decoder *d,
                       const struct ktable *owner,
                       const struct kfield *field,
                       const struct value *v,
                       void *at,
                       struct err *err)
{
    struct value_slice checked;
    if (field->type == KFIELD_TREE_MAP && v->type != VALUE_MAP) {
        return mismatch(d, owner, v, STR("map[string]interface {}"), err);
    }
    if (field->type == KFIELD_CHECKED_LIST) {
        TRY(decode_list(d, owner, field, v, &checked, err));
    }
    *(const struct value **)at = v;
    return 0;
}

static int decode_field(struct decoder *d,
                        const struct ktable *owner,
                        const struct kfield *field,
                        const struct value *v,
                        void *at,
                        struct err *err)
{
    switch (field->type) {
    case KFIELD_STR:
    case KFIELD_BOOL:
    case KFIELD_INT:
        return decode_scalar(d, owner, field, v, at, err);
    case KFIELD_STR_LIST:
        return decode_str_list(d, owner, field, v, at, err);
    case KFIELD_STR_MAP:
        return decode_str_map(d, owner, v, at, err);
    case KFIELD_STRUCT:
        return v->type == VALUE_MAP ? decode_struct(d, v, field->table, at, err)
                                    : mismatch(d, owner, v, struct_type(d, "", field->table), err);
    case KFIELD_LIST:
        return decode_list(d, owner, field, v, at, err);
    case KFIELD_TREE:
    case KFIELD_TREE_MAP:
    case KFIELD_CHECKED_LIST:
        return decode_tree(d, owner, field, v, at, err);
    case KFIELD_SET:
        break;
    }
    *(bool *)at = true;
    return 0;
}

static int decode_entry(struct decoder *d,
                        const struct value_entry *e,
                        const struct ktable *table,
                        char *ret,
                        struct err *err)
{
    bool known = false;
    for (size_t i = 0; i < table->n; i++) {
        const struct kfield *field = &table->fields[i];
        if (!str_eq_nocase(e->key, str_from(field->name))) {
            continue;
        }
        known = true;
        if (e->value.type == VALUE_NULL) {
            continue;
        }
        if (d->depth == PATH_DEPTH_MAX) {
            return err_set(err, ERR_LIMIT, "fields nest deeper than %d", PATH_DEPTH_MAX);
        }
        d->path[d->depth++] = field;
        TRY(decode_field(d, table, field, &e->value, ret + field->offset, err));
        d->depth--;
    }
    if (!known && d->mode == KDECODE_STRICT) {
        (void)err_set(err, ERR_INVALID, "json: unknown field \"" STR_FMT "\"", STR_ARG(e->key));
        return err_at(err, STR_EMPTY, e->value.line, 0);
    }
    return 0;
}

static int compare_keys(const void *a, const void *b)
{
    const struct value_entry *x = *(const struct value_entry *const *)a;
    const struct value_entry *y = *(const struct value_entry *const *)b;
    return str_cmp(x->key, y->key);
}

static int decode_struct(struct decoder *d,
                         const struct value *v,
                         const struct ktable *table,
                         void *ret,
                         struct err *err)
{
    size_t n = value_is(v, VALUE_MAP) ? value_len(v) : 0;
    const struct value_entry **entries = arena_calloc(d->arena, n + 1, sizeof(*entries));
    for (size_t i = 0; i < n; i++) {
        entries[i] = value_entry_at(v, i);
    }
    qsort(entries, n, sizeof(*entries), compare_keys);
    for (size_t i = 0; i < n; i++) {
        TRY(decode_entry(d, entries[i], table, ret, err));
    }
    return 0;
}

int kdecode_map(struct arena *arena,
                const struct value *v,
                const struct ktable *table,
                enum kdecode_mode mode,
                void *ret,
                struct err *err)
{
    struct decoder d = {.arena = arena, .mode = mode};
    if (value_type(v) == VALUE_NULL) {
        return 0;
    }
    if (v->type != VALUE_MAP) {
        return mismatch(&d, table, v, struct_type(&d, "", table), err);
    }
    return decode_struct(&d, v, table, ret, err);
}
