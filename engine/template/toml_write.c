/* TOML writer: the order and blank lines of BurntSushi/toml 1.6. */
#include <math.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/base/num.h"
#include "common/base/vec.h"
#include "engine/template/toml.h"
#include "engine/template/toml_internal.h"

struct writer {
    struct buf *out;
    struct budget *budget;
    struct arena *arena;
    VEC(struct str) key; /* of the table being written, in the arena */
};

enum shape {
    SHAPE_NIL,
    SHAPE_PLAIN,
    SHAPE_TABLE,
    SHAPE_TABLES, /* an array of nothing but tables */
};

static int write_table(struct writer *w, const struct tmap *map, struct err *err);
static int write_inline(struct writer *w, struct tval v, struct err *err);

/* ---- shapes ---- */

static bool is_nil(struct tval v)
{
    return v.kind == TVAL_NIL || (v.kind == TVAL_LIST && (v.list == NULL || v.list->is_nil)) ||
           (v.kind == TVAL_MAP && tmap_is_nil(v.map));
}

static int shape_of(struct writer *w, struct tval v, enum shape *ret, struct err *err);

static int
shape_of_list(struct writer *w, const struct tlist *list, enum shape *ret, struct err *err)
{
    bool tables = list->n > 0;
    TRY(budget_steps(w->budget, list->n + 1, err));
    TRY(budget_enter(w->budget, err));
    for (size_t i = 0; i < list->n; i++) {
        enum shape item = SHAPE_NIL;
        TRY(shape_of(w, list->items[i], &item, err));
        if (item == SHAPE_NIL) {
            return err_set(err, ERR_INVALID, "toml: cannot encode array with nil element");
        }
        tables &= item == SHAPE_TABLE;
    }
    budget_leave(w->budget);
    *ret = tables ? SHAPE_TABLES : SHAPE_PLAIN;
    return 0;
}

/* A struct is a table of its fields; what only prints itself is a string. */
static struct tval plain_of(struct writer *w, struct tval v)
{
    bool is_struct = v.kind == TVAL_OBJECT && v.obj->class->to_json != NULL;
    return is_struct ? v.obj->class->to_json(w->arena, v.obj->data) : v;
}

static int shape_of(struct writer *w, struct tval v, enum shape *ret, struct err *err)
{
    v = plain_of(w, v);
    if (v.kind == TVAL_LIST && v.list != NULL) {
        return shape_of_list(w, v.list, ret, err);
    }
    *ret = is_nil(v) ? SHAPE_NIL : v.kind == TVAL_MAP ? SHAPE_TABLE : SHAPE_PLAIN;
    return 0;
}

/* ---- values on one line ---- */

static void put_float(struct buf *out, double f)
{
    char text[NUM_FLOAT_BYTES];
    if (isnan(f)) {
        buf_put_c(out, signbit(f) ? "-nan" : "nan");
    } else if (isinf(f)) {
        buf_put_c(out, f < 0 ? "-inf" : "inf");
    } else {
        size_t n = num_format_g(f, text);
        buf_put_bytes(out, text, n);
        buf_put_c(out, strpbrk(text, ".e") == NULL ? ".0" : "");
    }
}

/* What %v prints, quoted: durations, versions. */
static void put_printed(struct buf *out, struct tval v)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_KIB);
    tval_print(&text, v);
    toml_put_quoted(out, buf_str(&text));
}

static int put_list(struct writer *w, struct tval v, struct err *err)
{
    size_t n = (size_t)tval_len(v);
    TRY(budget_enter(w->budget, err));
    buf_put_char(w->out, '[');
    for (size_t i = 0; i < n; i++) {
        buf_put_c(w->out, i > 0 ? ", " : "");
        TRY(write_inline(w, tval_at(v, i), err));
    }
    buf_put_char(w->out, ']');
    budget_leave(w->budget);
    return 0;
}

/* A comma follows what is not the last key, even when all behind it are nil, as in the library. */
static int put_inline_keys(struct writer *w,
                           const struct tmap *map,
                           const struct str *keys,
                           size_t n,
                           bool more,
                           struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        struct tval v = tmap_get(map, keys[i]);
        if (is_nil(v)) {
            continue;
        }
        toml_put_key_part(w->out, keys[i]);
        buf_put_c(w->out, " = ");
        TRY(write_inline(w, v, err));
        buf_put_c(w->out, more || i + 1 < n ? ", " : "");
    }
    return 0;
}

/* The keys of a map in the order they are written: plain values before tables. */
struct keys {
    struct str *plain;
    struct str *tables;
    size_t n_plain;
    size_t n_tables;
};

static int keys_of(struct writer *w, const struct tmap *map, struct keys *ret, struct err *err)
{
    size_t n = 0;
    struct str *keys = tmap_keys(map, w->arena, &n);
    struct keys k = {
        .plain = arena_calloc(w->arena, n + 1, sizeof(struct str)),
        .tables = arena_calloc(w->arena, n + 1, sizeof(struct str)),
    };
    TRY(budget_steps(w->budget, n + 1, err));
    for (size_t i = 0; i < n; i++) {
        enum shape shape = SHAPE_NIL;
        TRY(shape_of(w, tmap_get(map, keys[i]), &shape, err));
        if (shape == SHAPE_TABLE || shape == SHAPE_TABLES) {
            k.tables[k.n_tables++] = keys[i];
        } else {
            k.plain[k.n_plain++] = keys[i];
        }
    }
    *ret = k;
    return 0;
}

static int put_inline_table(struct writer *w, const struct tmap *map, struct err *err)
{
    struct keys k;
    TRY(keys_of(w, map, &k, err));
    TRY(budget_enter(w->budget, err));
    buf_put_char(w->out, '{');
    TRY(put_inline_keys(w, map, k.plain, k.n_plain, k.n_tables > 0, err));
    TRY(put_inline_keys(w, map, k.tables, k.n_tables, false, err));
    buf_put_char(w->out, '}');
    budget_leave(w->budget);
    return 0;
}

static int write_inline(struct writer *w, struct tval v, struct err *err)
{
    TRY(budget_steps(w->budget, 1, err));
    v = plain_of(w, v);
    switch (v.kind) {
    case TVAL_STRING:
        toml_put_quoted(w->out, v.s);
        return 0;
    case TVAL_FLOAT64:
        put_float(w->out, v.f);
        return 0;
    case TVAL_LIST:
    case TVAL_BYTES:
        return is_nil(v) ? (buf_put_c(w->out, "[]"), 0) : put_list(w, v, err);
    case TVAL_MAP:
        return put_inline_table(w, v.map, err);
    case TVAL_TIME:
        toml_put_time(w->out, v.time);
        return 0;
    case TVAL_DURATION:
    case TVAL_MONTH:
    case TVAL_WEEKDAY:
    case TVAL_OBJECT:
        put_printed(w->out, v);
        return 0;
    case TVAL_NIL:
    case TVAL_BOOL:
    case TVAL_INT:
    case TVAL_INT64:
    case TVAL_UINT64:
    case TVAL_UINT8:
    case TVAL_KIND_COUNT:
        break;
    }
    tval_print(w->out, v);
    return 0;
}

/* ---- tables ---- */

static void put_line_end(struct writer *w)
{
    if (w->out->n > 0) {
        buf_put_char(w->out, '\n');
    }
}

static void put_indent(struct writer *w)
{
    buf_put_fill(w->out, ' ', 2 * (w->key.n - 1));
}

static void put_header(struct writer *w, const char *open, const char *close)
{
    put_indent(w);
    buf_put_c(w->out, open);
    toml_put_key(w->out, w->key.items, w->key.n);
    buf_put_c(w->out, close);
    buf_put_char(w->out, '\n');
}

static int write_tables(struct writer *w, const struct tlist *list, struct err *err)
{
    for (size_t i = 0; i < list->n; i++) {
        put_line_end(w);
        put_header(w, "[[", "]]");
        TRY(write_table(w, plain_of(w, list->items[i]).map, err));
    }
    return 0;
}

/* One key of the table in w->key. */
static int write_entry(struct writer *w, const struct tmap *map, struct str key, struct err *err)
{
    struct tval v = plain_of(w, tmap_get(map, key));
    enum shape shape = SHAPE_NIL;
    int rc = 0;
    TRY(shape_of(w, v, &shape, err));
    TRY(budget_bytes(w->budget, key.n, err));
    vec_push_in(w->arena, &w->key, key);
    if (shape == SHAPE_PLAIN) {
        put_indent(w);
        toml_put_key_part(w->out, key);
        buf_put_c(w->out, " = ");
        rc = write_inline(w, v, err);
        put_line_end(w);
    } else if (shape == SHAPE_TABLES) {
        rc = write_tables(w, v.list, err);
    } else if (shape == SHAPE_TABLE) {
        if (w->key.n == 1) {
            put_line_end(w);
        }
        put_header(w, "[", "]");
        rc = write_table(w, v.map, err);
    }
    w->key.n--;
    return rc;
}

static int write_table(struct writer *w, const struct tmap *map, struct err *err)
{
    struct keys k;
    TRY(keys_of(w, map, &k, err));
    TRY(budget_enter(w->budget, err));
    for (size_t i = 0; i < k.n_plain; i++) {
        TRY(write_entry(w, map, k.plain[i], err));
    }
    for (size_t i = 0; i < k.n_tables; i++) {
        TRY(write_entry(w, map, k.tables[i], err));
    }
    budget_leave(w->budget);
    return buf_check(w->out, "TOML text", err);
}

static int write_top(struct writer *w, struct tval v, struct err *err)
{
    enum shape shape = SHAPE_NIL;
    v = plain_of(w, v);
    TRY(shape_of(w, v, &shape, err));
    if (shape == SHAPE_TABLE) {
        return write_table(w, v.map, err);
    }
    if (shape == SHAPE_TABLES) {
        return err_set(err, ERR_INVALID, "toml: top-level values must be Go maps or structs");
    }
    if (v.kind == TVAL_NIL) {
        return err_set(err, ERR_INVALID, "reflect: call of reflect.Value.Type on zero Value");
    }
    TRY(is_nil(v) ? 0 : write_inline(w, v, err));
    return buf_check(w->out, "TOML text", err);
}

int toml_format(struct tval v, struct budget *budget, struct buf *out, struct err *err)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct writer w = {.out = out, .budget = budget, .arena = arena};
    uint32_t depth = budget->depth;
    int rc = write_top(&w, v, err);
    budget->depth = depth; /* failures do not leave what they entered */
    return rc;
}
