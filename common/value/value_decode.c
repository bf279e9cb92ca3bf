/* Table-driven decoding. Each field type is a row with its name for messages and a function. */
#include "common/value/value_decode.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/num.h"

enum {
    PATH_BYTES = 256, /* longer paths are cut at the front */
};

/* Where the decoder is: a chain of frames on the C stack, outermost last. */
struct path {
    const struct path *parent;
    struct str name; /* p NULL: a list item */
    size_t item;
};

struct decoder {
    struct arena *arena;
    enum value_decode_mode mode;
    struct err *err;
};

/* ---- errors ---- */

static void put_path(struct buf *b, const struct path *path)
{
    if (path == NULL) {
        return;
    }
    put_path(b, path->parent);
    if (path->name.p == NULL) {
        buf_printf(b, "[%zu]", path->item);
        return;
    }
    if (b->n > 0) {
        buf_put_char(b, '.');
    }
    buf_put(b, path->name);
}

PRINTF(4, 5)
static int
fail(struct decoder *d, const struct path *path, const struct value *v, const char *fmt, ...)
{
    AUTO(buf) struct buf text;
    AUTO(buf) struct buf message;
    buf_init(&text, PATH_BYTES);
    buf_init(&message, ERR_MESSAGE_BYTES);
    put_path(&text, path);
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&message, fmt, ap);
    va_end(ap);
    if (text.n == 0) {
        buf_put_c(&text, "the document");
    }
    (void)err_set(d->err, ERR_INVALID, "%s %s", text.p, message.p);
    return v != NULL ? err_at(d->err, STR_EMPTY, v->line, v->column) : -ERR_INVALID;
}

/* ---- types ---- */

struct slot {
    const struct value_field *field;
    const struct value *v; /* neither NULL nor null */
    void *dst;
    const struct path *path;
};

static int wrong_type(struct decoder *d, const struct slot *slot);

static int decode_str(struct decoder *d, const struct slot *slot)
{
    if (slot->v->type != VALUE_STRING) {
        return wrong_type(d, slot);
    }
    *(struct str *)slot->dst = value_str(slot->v);
    return 0;
}

static int decode_text(struct decoder *d, const struct slot *slot)
{
    struct str *dst = slot->dst;
    char number[NUM_FLOAT_BYTES];
    if (slot->v->type == VALUE_BOOL) {
        *dst = slot->v->b ? STR("true") : STR("false");
        return 0;
    }
    if (slot->v->type == VALUE_INT) {
        *dst = arena_printf(d->arena, "%lld", (long long)slot->v->i);
        return 0;
    }
    if (slot->v->type == VALUE_FLOAT) {
        *dst = arena_str(d->arena, str_of(number, num_format_json(slot->v->f, number)));
        return 0;
    }
    return decode_str(d, slot);
}

static int decode_bool(struct decoder *d, const struct slot *slot)
{
    if (slot->v->type != VALUE_BOOL) {
        return wrong_type(d, slot);
    }
    *(bool *)slot->dst = slot->v->b;
    return 0;
}

static int decode_int(struct decoder *d, const struct slot *slot)
{
    int64_t i = value_int(slot->v, INT64_MIN);
    if (i == INT64_MIN && value_int(slot->v, 0) != INT64_MIN) {
        return wrong_type(d, slot);
    }
    *(int64_t *)slot->dst = i;
    return 0;
}

static int decode_float(struct decoder *d, const struct slot *slot)
{
    if (slot->v->type != VALUE_INT && slot->v->type != VALUE_FLOAT) {
        return wrong_type(d, slot);
    }
    *(double *)slot->dst = value_float(slot->v, 0);
    return 0;
}

static int decode_value(struct decoder *d, const struct slot *slot)
{
    if (slot->field->type == FIELD_MAP && slot->v->type != VALUE_MAP) {
        return wrong_type(d, slot);
    }
    *(const struct value **)slot->dst = slot->v;
    return 0;
}

static int decode_set(struct decoder *d UNUSED, const struct slot *slot)
{
    *(bool *)slot->dst = true;
    return 0;
}

/* The inner error says what is wrong with the text; ours says where. */
static int bad_text(struct decoder *d, const struct slot *slot)
{
    char reason[ERR_MESSAGE_BYTES];
    (void)snprintf(reason, sizeof(reason), "%s", d->err->message);
    return fail(d, slot->path, slot->v, "is not valid: %s", reason);
}

static int decode_duration(struct decoder *d, const struct slot *slot)
{
    int64_t *dst = slot->dst;
    if (slot->v->type == VALUE_INT && slot->v->i < INT64_MAX / 1000 &&
        slot->v->i > INT64_MIN / 1000) {
        *dst = slot->v->i * 1000;
        return 0;
    }
    if (slot->v->type != VALUE_STRING) {
        return wrong_type(d, slot);
    }
    return clock_parse_duration(value_str(slot->v), dst, d->err) < 0 ? bad_text(d, slot) : 0;
}

static int decode_time(struct decoder *d, const struct slot *slot)
{
    if (slot->v->type != VALUE_STRING) {
        return wrong_type(d, slot);
    }
    int rc = clock_parse_rfc3339(value_str(slot->v), slot->dst, d->err);
    return rc < 0 ? bad_text(d, slot) : 0;
}

static int decode_fields(struct decoder *d,
                         const struct path *path,
                         const struct value *v,
                         const struct value_table *table,
                         void *dst);

static int decode_struct(struct decoder *d, const struct slot *slot)
{
    return decode_fields(d, slot->path, slot->v, slot->field->table, slot->dst);
}

/* dst begins with a pointer and a count, whatever its type. */
static void set_slice(void *dst, const void *items, size_t n)
{
    struct value_slice slice = {items, n};
    memcpy(dst, &slice, sizeof(slice));
}

static int decode_str_list(struct decoder *d, const struct slot *slot)
{
    if (slot->v->type != VALUE_LIST) {
        return wrong_type(d, slot);
    }
    struct str *items = arena_calloc(d->arena, slot->v->n, sizeof(*items));
    VALUE_FOREACH(slot->v, it) {
        size_t i = (size_t)(it - slot->v->items);
        if (it->type != VALUE_STRING) {
            struct path path = {.parent = slot->path, .item = i};
            return fail(d, &path, it, "must be a string, not %s", value_type_noun(it->type));
        }
        items[i] = value_str(it);
    }
    set_slice(slot->dst, items, slot->v->n);
    return 0;
}

static int decode_list(struct decoder *d, const struct slot *slot)
{
    const struct value_table *table = slot->field->table;
    if (slot->v->type != VALUE_LIST) {
        return wrong_type(d, slot);
    }
    char *items = arena_calloc(d->arena, slot->v->n, table->size_bytes);
    VALUE_FOREACH(slot->v, it) {
        size_t i = (size_t)(it - slot->v->items);
        struct path path = {.parent = slot->path, .item = i};
        TRY(decode_fields(d, &path, it, table, items + i * table->size_bytes));
    }
    set_slice(slot->dst, items, slot->v->n);
    return 0;
}

static int decode_str_map(struct decoder *d, const struct slot *slot)
{
    if (slot->v->type != VALUE_MAP) {
        return wrong_type(d, slot);
    }
    struct value_str_pair *items = arena_calloc(d->arena, slot->v->n, sizeof(*items));
    VALUE_MAP_FOREACH(slot->v, e)
    {
        size_t i = (size_t)(e - slot->v->entries);
        if (e->value.type != VALUE_STRING) {
            struct path path = {.parent = slot->path, .name = e->key};
            return fail(d, &path, &e->value, "must be a string, not %s",
                        value_type_noun(e->value.type));
        }
        items[i] = (struct value_str_pair){e->key, value_str(&e->value)};
    }
    set_slice(slot->dst, items, slot->v->n);
    return 0;
}

static const struct {
    const char *noun; /* in messages */
    const char *doc;  /* in tables */
    int (*decode)(struct decoder *d, const struct slot *slot);
} TYPES[FIELD_TYPE_COUNT] = {
    [FIELD_STR] = {"a string", "string", decode_str},
    [FIELD_TEXT] = {"a string or number", "string or number", decode_text},
    [FIELD_BOOL] = {"a boolean", "boolean", decode_bool},
    [FIELD_INT] = {"an integer", "integer", decode_int},
    [FIELD_FLOAT] = {"a number", "number", decode_float},
    [FIELD_VALUE] = {"a value", "any", decode_value},
    [FIELD_MAP] = {"a map", "map", decode_value},
    [FIELD_SET] = {"a value", "any", decode_set},
    [FIELD_DURATION] = {"a duration", "duration", decode_duration},
    [FIELD_TIME] = {"a time", "time", decode_time},
    [FIELD_STRUCT] = {"a map", "map", decode_struct},
    [FIELD_STR_LIST] = {"a list", "list of strings", decode_str_list},
    [FIELD_LIST] = {"a list", "list of maps", decode_list},
    [FIELD_STR_MAP] = {"a map", "map of strings", decode_str_map},
};

static int wrong_type(struct decoder *d, const struct slot *slot)
{
    return fail(d, slot->path, slot->v, "must be %s, not %s", TYPES[slot->field->type].noun,
                value_type_noun(slot->v->type));
}

/* ---- maps ---- */

static int decode_field(struct decoder *d,
                        const struct path *parent,
                        const struct value *map,
                        const struct value_field *field,
                        void *dst)
{
    const struct value *v = value_find(map, str_from(field->name));
    struct path path = {.parent = parent, .name = str_from(field->name)};
    if (value_type(v) == VALUE_NULL) {
        return (field->flags & FIELD_REQUIRED) != 0 ? fail(d, &path, map, "is required") : 0;
    }
    if ((field->flags & FIELD_NOT_EMPTY) != 0 && v->type >= VALUE_STRING && v->n == 0) {
        return fail(d, &path, v, "must not be empty");
    }
    struct slot slot = {
        .field = field,
        .v = v,
        .dst = (char *)dst + field->offset,
        .path = &path,
    };
    return TYPES[field->type].decode(d, &slot);
}

static bool is_known(const struct value_table *table, struct str key)
{
    for (size_t i = 0; i < table->n; i++) {
        if (str_eq_c(key, table->fields[i].name)) {
            return true;
        }
    }
    return false;
}

static int refuse_unknown(struct decoder *d,
                          const struct path *path,
                          const struct value *map,
                          const struct value_table *table)
{
    VALUE_MAP_FOREACH(map, e)
    {
        if (!is_known(table, e->key)) {
            struct path field = {.parent = path, .name = e->key};
            return fail(d, &field, &e->value, "is not a known field");
        }
    }
    return 0;
}

static int decode_fields(struct decoder *d,
                         const struct path *path,
                         const struct value *v,
                         const struct value_table *table,
                         void *dst)
{
    if (value_type(v) != VALUE_NULL && v->type != VALUE_MAP) {
        return fail(d, path, v, "must be a map, not %s", value_type_noun(v->type));
    }
    if (d->mode == VALUE_DECODE_STRICT) {
        TRY(refuse_unknown(d, path, v, table));
    }
    for (size_t i = 0; i < table->n; i++) {
        TRY(decode_field(d, path, v, &table->fields[i], dst));
    }
    return 0;
}

int value_decode_at(struct arena *arena,
                    const struct value *v,
                    const char *path,
                    const struct value_table *table,
                    enum value_decode_mode mode,
                    void *ret,
                    struct err *err)
{
    struct decoder d = {.arena = arena, .mode = mode, .err = err};
    struct path root = {.name = str_from(path)};
    return decode_fields(&d, path[0] != '\0' ? &root : NULL, v, table, ret);
}

int value_decode(struct arena *arena,
                 const struct value *v,
                 const struct value_table *table,
                 enum value_decode_mode mode,
                 void *ret,
                 struct err *err)
{
    return value_decode_at(arena, v, "", table, mode, ret, err);
}

/* ---- documentation ---- */

void value_table_print(struct buf *b, const struct value_table *table, const char *prefix)
{
    for (size_t i = 0; i < table->n; i++) {
        const struct value_field *field = &table->fields[i];
        if (field->type == FIELD_SET) {
            continue;
        }
        buf_printf(b, "| `%s%s` | %s%s | %s |\n", prefix, field->name, TYPES[field->type].doc,
                   (field->flags & FIELD_REQUIRED) != 0 ? ", required" : "",
                   field->doc != NULL ? field->doc : "");
        if (field->table != NULL) {
            AUTO(buf) struct buf inner;
            buf_init(&inner, PATH_BYTES);
            buf_printf(&inner, "%s%s%s.", prefix, field->name,
                       field->type == FIELD_LIST ? "[]" : "");
            value_table_print(b, field->table, inner.p);
        }
    }
}
