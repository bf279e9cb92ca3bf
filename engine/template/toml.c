/* TOML reader: tables, keys, arrays.
 *
 * One pass over the text that builds the tree as it goes.  Which keys may be written twice follows the library
 * exactly: it remembers paths that were only implied, and puts inline tables into the tree while it reads them,
 * to find their duplicates.  Scalars are read by toml_scalar.c, strings by toml_string.c. */
#include "engine/template/toml.h"

#include <stdarg.h>

#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/base/utf8.h"
#include "engine/template/toml_internal.h"

enum {
    BYTES_PER_STEP = 64, /* of paths looked up */
    LIST_ITEMS_FIRST = 4,
};

static int read_value(struct toml_reader *r, bool in_array, struct tval *ret, struct err *err);

/* ---- errors ---- */

static size_t line_at(const struct toml_reader *r, size_t at)
{
    size_t line = 1;
    for (size_t i = 0; i < at; i++) {
        line += r->text.p[i] == '\n';
    }
    return line;
}

static size_t error_line(const struct toml_reader *r, enum toml_where where)
{
    size_t line = line_at(r, where == TOML_AT_KEY ? r->pos : r->at);
    bool behind_line = r->at_eof && r->at > 0 && r->text.p[r->at - 1] == '\n';
    return line - (where == TOML_PREVIOUS_LINE || (where == TOML_HERE && behind_line) ? 1 : 0);
}

/* The key in scope as the library names it: its last part is not quoted. */
static struct str last_key(const struct toml_reader *r)
{
    AUTO(buf) struct buf b;
    buf_init(&b, ERR_MESSAGE_BYTES);
    toml_put_key(&b, r->context.parts, r->context.n);
    if (r->current_key.n > 0) {
        buf_put_c(&b, r->context.n > 0 ? "." : "");
        buf_put(&b, r->current_key);
    }
    return buf_to_arena(&b, r->arena);
}

int toml_fail(struct toml_reader *r, enum toml_where where, struct err *err, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct str message = arena_vprintf(r->arena, fmt, ap);
    va_end(ap);
    struct str key = last_key(r);
    size_t line = error_line(r, where);
    if (key.n == 0) {
        return err_set(err, ERR_INVALID, "toml: line %zu: " STR_FMT, line, STR_ARG(message));
    }
    return err_set(err, ERR_INVALID, "toml: line %zu (last key " STR_FMT "): " STR_FMT, line,
                   STR_ARG(toml_quote(r, key)), STR_ARG(message));
}

/* ---- characters ---- */

static int32_t next_special(struct toml_reader *r, struct err *err)
{
    unsigned char c = (unsigned char)r->text.p[r->at];
    bool lonely = c == '\r' && (r->at + 1 == r->text.n || r->text.p[r->at + 1] != '\n');
    if (lonely || (c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7f) {
        return toml_fail(r, TOML_HERE, err,
                         "TOML files cannot contain control characters: '0x%02x'", c);
    }
    if (c >= 0x80 && utf8_len(r->text.p + r->at, r->text.n - r->at) == 0) {
        return toml_fail(r, TOML_HERE, err, "invalid UTF-8 byte: 0x%02x", c);
    }
    return (int32_t)utf8_next(r->text, &r->at);
}

int32_t toml_next(struct toml_reader *r, struct err *err)
{
    r->at_eof = r->at >= r->text.n;
    if (r->at_eof) {
        return TOML_EOF;
    }
    char c = r->text.p[r->at];
    if (c >= 0x20 && c < 0x7f) {
        r->at++;
        return c;
    }
    return next_special(r, err);
}

int32_t toml_peek(struct toml_reader *r, struct err *err)
{
    size_t at = r->at;
    int32_t c = toml_next(r, err);
    r->at = at;
    r->at_eof = false;
    return c;
}

int toml_accept(struct toml_reader *r, int32_t want, struct err *err)
{
    int32_t c = toml_peek(r, err);
    TRY(c);
    if (c != want) {
        return 0;
    }
    TRY(toml_next(r, err));
    return 1;
}

int32_t toml_skip_blanks(struct toml_reader *r, struct err *err)
{
    int32_t c = toml_peek(r, err);
    while (c == ' ' || c == '\t') {
        r->at++;
        c = toml_peek(r, err);
    }
    return c;
}

static bool is_line_end(int32_t c)
{
    return c == '\n' || c == '\r';
}

/* From the '#', which has been taken, up to the end of the line. */
static int skip_comment(struct toml_reader *r, struct err *err)
{
    int32_t c = toml_peek(r, err);
    while (c > 0 && !is_line_end(c)) {
        TRY(toml_next(r, err));
        c = toml_peek(r, err);
    }
    return c < 0 ? c : 0;
}

/* Blanks, line ends and comments; takes the character behind them. */
static int32_t next_behind_space(struct toml_reader *r, struct err *err)
{
    int32_t c = toml_next(r, err);
    while (c == ' ' || c == '\t' || c == '#' || is_line_end(c)) {
        if (c == '#') {
            TRY(skip_comment(r, err));
        }
        c = toml_next(r, err);
    }
    return c;
}

/* ---- paths ---- */

static void key_push(struct toml_reader *r, struct toml_key *key, struct str part)
{
    if (key->n == key->cap) {
        size_t cap = key->cap == 0 ? 8 : 2 * key->cap;
        struct str *parts = arena_calloc(r->arena, cap, sizeof(struct str));
        for (size_t i = 0; i < key->n; i++) {
            parts[i] = key->parts[i];
        }
        key->parts = parts;
        key->cap = cap;
    }
    key->parts[key->n++] = part;
}

/* The path of n parts and a key below it, which may be NULL; valid until the next call. */
static int path_of(struct toml_reader *r,
                   const struct str *parts,
                   size_t n,
                   const struct str *key,
                   struct str *ret,
                   struct err *err)
{
    buf_reset(&r->path);
    toml_put_key(&r->path, parts, n);
    if (key != NULL) {
        buf_put_c(&r->path, n > 0 ? "." : "");
        toml_put_key_part(&r->path, *key);
    }
    TRY(buf_check(&r->path, "a TOML key", err));
    *ret = buf_str(&r->path);
    return budget_steps(r->budget, ret->n / BYTES_PER_STEP + 1, err);
}

static int add_implicit(struct toml_reader *r, const struct str *parts, size_t n, struct err *err)
{
    struct str path = STR_EMPTY;
    TRY(path_of(r, parts, n, NULL, &path, err));
    map_set(r->implicits, path, r);
    return 0;
}

static int set_type(struct toml_reader *r, struct str key, bool is_array, struct err *err)
{
    struct str path = STR_EMPTY;
    bool named = key.n > 0 || r->context.n == 0;
    TRY(path_of(r, r->context.parts, r->context.n, named ? &key : NULL, &path, err));
    if (is_array) {
        map_set(r->arrays, path, r);
    } else {
        (void)map_remove(r->arrays, path);
    }
    return 0;
}

static bool is_table_list(const struct tval *v)
{
    return v->kind == TVAL_LIST && v->list->elem == TVAL_OF_MAP;
}

/* The table a key stands for: itself, or the last one of an array of tables. NULL: it is something else. */
static struct tmap *table_of(const struct tval *v)
{
    if (is_table_list(v)) {
        return v->list->items[v->list->n - 1].map;
    }
    return v->kind == TVAL_MAP ? v->map : NULL;
}

static struct tval new_table(struct toml_reader *r)
{
    return tval_map(tmap_new(r->arena, TVAL_OF_ANY, NULL, NULL));
}

static void list_push(struct toml_reader *r, struct tlist *list, struct tval v)
{
    bool full = list->n == 0 || (list->n >= LIST_ITEMS_FIRST && (list->n & (list->n - 1)) == 0);
    if (full) {
        size_t cap = list->n == 0 ? LIST_ITEMS_FIRST : 2 * list->n;
        struct tval *items = arena_calloc(r->arena, cap, sizeof(struct tval));
        for (size_t i = 0; i < list->n; i++) {
            items[i] = list->items[i];
        }
        list->items = items;
    }
    list->items[list->n++] = v;
}

static int fail_key(struct toml_reader *r, struct str path, const char *problem, struct err *err)
{
    return toml_fail(r, TOML_AT_KEY, err, "Key '" STR_FMT "' %s", STR_ARG(path), problem);
}

/* The table of the context. */
static int context_table(struct toml_reader *r, struct tmap **ret, struct err *err)
{
    struct tmap *table = r->root;
    for (size_t i = 0; i < r->context.n; i++) {
        const struct tval *v = tmap_find(table, r->context.parts[i]);
        struct tmap *inner = v != NULL ? table_of(v) : NULL;
        if (inner == NULL) {
            struct str path = STR_EMPTY;
            TRY(path_of(r, r->context.parts, i + 1, NULL, &path, err));
            return fail_key(r, path, "has already been defined.", err);
        }
        table = inner;
    }
    *ret = table;
    return budget_steps(r->budget, r->context.n + 1, err);
}

static int set_value(struct toml_reader *r, struct str key, struct tval v, struct err *err)
{
    struct tmap *table = NULL;
    struct str path = STR_EMPTY;
    TRY(budget_nodes(r->budget, 1, err));
    TRY(context_table(r, &table, err));
    if (tmap_find(table, key) == NULL) {
        tmap_set(table, key, v);
        return 0;
    }
    TRY(path_of(r, r->context.parts, r->context.n, &key, &path, err));
    bool was_implicit = map_remove(r->implicits, path);
    if (!was_implicit) {
        return fail_key(r, path, "has already been defined.", err);
    }
    if (map_has(r->arrays, path)) {
        tmap_set(table, key, v);
    }
    return 0;
}

static int append_table(struct toml_reader *r, struct tmap *parent, struct str key, struct err *err)
{
    struct tval *v = tmap_find(parent, key);
    TRY(budget_nodes(r->budget, 1, err));
    if (v == NULL) {
        tmap_set(parent, key, tval_list_new(r->arena, TVAL_OF_MAP, 0));
        v = tmap_find(parent, key);
    }
    if (!is_table_list(v)) {
        struct str path = STR_EMPTY;
        TRY(path_of(r, r->context.parts, r->context.n, &key, &path, err));
        return fail_key(r, path, "was already created and cannot be used as an array.", err);
    }
    list_push(r, v->list, new_table(r));
    return 0;
}

enum table_type { TABLE_SINGLE, TABLE_OF_ARRAY };

/* Makes key the context: its parents are implied where they do not exist. */
static int
add_context(struct toml_reader *r, struct toml_key key, enum table_type type, struct err *err)
{
    struct tmap *table = r->root;
    struct str last = key.parts[key.n - 1];
    for (size_t i = 0; i + 1 < key.n; i++) {
        const struct tval *v = tmap_find(table, key.parts[i]);
        if (v == NULL) {
            TRY(add_implicit(r, key.parts, i + 1, err));
            TRY(budget_nodes(r->budget, 1, err));
            tmap_set(table, key.parts[i], new_table(r));
            v = tmap_find(table, key.parts[i]);
        }
        table = table_of(v);
        if (table == NULL) {
            struct str path = STR_EMPTY;
            TRY(path_of(r, key.parts, i + 1, NULL, &path, err));
            return fail_key(r, path, "was already created as a hash.", err);
        }
    }
    r->context = key;
    r->context.n = key.n - 1;
    if (type == TABLE_OF_ARRAY) {
        TRY(append_table(r, table, last, err));
    } else {
        TRY(set_value(r, last, new_table(r), err));
    }
    r->context.n = key.n;
    return budget_steps(r->budget, key.n, err);
}

/* ---- keys ---- */

static bool is_bare(int32_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

/* c follows and is not taken. A bare name may turn out empty: what comes next then is wrong. */
static int read_key_part(struct toml_reader *r, int32_t c, struct toml_key *key, struct err *err)
{
    struct str part = STR_EMPTY;
    if (c == '"' || c == '\'') {
        r->at++;
        TRY(toml_read_string(r, (char)c, &part, err));
    } else {
        size_t start = r->at;
        while (r->at < r->text.n && is_bare(r->text.p[r->at])) {
            r->at++;
        }
        part = str_sub(r->text, start, r->at);
    }
    if (key->n == LIMIT_DOC_DEPTH) {
        return err_set(err, ERR_LIMIT, "a TOML key has more than %d parts", LIMIT_DOC_DEPTH);
    }
    r->pos = key->n == 0 ? r->at : r->pos;
    key_push(r, key, part);
    return 0;
}

static int fail_key_end(struct toml_reader *r, int32_t c, struct err *err)
{
    if (c == TOML_EOF) {
        return toml_fail(r, TOML_HERE, err, "unexpected EOF; expected key separator '='");
    }
    return toml_fail(r, c == '\n' ? TOML_PREVIOUS_LINE : TOML_HERE, err,
                     "expected '.' or '=', but got " STR_FMT " instead",
                     STR_ARG(toml_quote_rune(r, c)));
}

/* "a.b =" */
static int read_key(struct toml_reader *r, struct toml_key *key, struct err *err)
{
    int32_t c = toml_skip_blanks(r, err);
    TRY(c);
    if (c == '=' || c == TOML_EOF) {
        return toml_fail(r, TOML_HERE, err, "unexpected '=': key name appears blank");
    }
    if (c == '.') {
        return toml_fail(r, TOML_HERE, err, "unexpected '.': keys cannot start with a '.'");
    }
    for (;;) {
        TRY(read_key_part(r, c, key, err));
        TRY(toml_skip_blanks(r, err));
        c = toml_next(r, err);
        TRY(c);
        if (c == '=') {
            return 0;
        }
        if (c != '.') {
            return fail_key_end(r, c, err);
        }
        c = toml_skip_blanks(r, err);
        TRY(c);
        if (c == '=' || c == TOML_EOF) {
            return toml_fail(r, TOML_HERE, err, "unexpected '='");
        }
        if (c == '.') {
            return toml_fail(r, TOML_HERE, err, "unexpected '.'");
        }
    }
}

/* The parts before the last one become tables; the last one is the current key. */
static int enter_key(struct toml_reader *r, const struct toml_key *key, struct err *err)
{
    r->current_key = key->parts[key->n - 1];
    for (size_t i = 0; i + 1 < key->n; i++) {
        struct toml_key inner = {0};
        for (size_t j = 0; j < r->context.n; j++) {
            key_push(r, &inner, r->context.parts[j]);
        }
        key_push(r, &inner, key->parts[i]);
        TRY(add_implicit(r, inner.parts, inner.n, err));
        TRY(add_context(r, inner, TABLE_SINGLE, err));
    }
    return 0;
}

/* "key = value" into the context; key is read here, for inline tables to use. */
static int read_pair(struct toml_reader *r, struct toml_key *key, struct tval *ret, struct err *err)
{
    TRY(read_key(r, key, err));
    TRY(enter_key(r, key, err));
    TRY(read_value(r, false, ret, err));
    TRY(set_value(r, r->current_key, *ret, err));
    return set_type(r, r->current_key, ret->kind == TVAL_LIST, err);
}

/* ---- arrays and inline tables ---- */

static int enter(struct toml_reader *r, struct err *err)
{
    if (r->depth == LIMIT_DOC_DEPTH) {
        return err_set(err, ERR_LIMIT, "TOML is nested deeper than %d levels", LIMIT_DOC_DEPTH);
    }
    TRY(budget_enter(r->budget, err));
    r->depth++;
    return 0;
}

static void leave(struct toml_reader *r)
{
    r->depth--;
    budget_leave(r->budget);
}

/* "'x'", as it stands. */
static struct str name_of(struct toml_reader *r, int32_t c)
{
    char text[UTF8_MAX_BYTES];
    if (c == TOML_EOF) {
        return STR("end of file");
    }
    size_t n = utf8_encode((uint32_t)c, text);
    return arena_printf(r->arena, "'" STR_FMT "'", STR_ARG(str_of(text, n)));
}

/* Behind a value. 1 = another one may follow, 0 = the end. */
static int next_item(struct toml_reader *r, char end, const char *wanted, struct err *err)
{
    int32_t c = next_behind_space(r, err);
    TRY(c);
    if (c == ',' || c == end) {
        return c == ',';
    }
    const char *instead = end == '}' ? " instead" : "";
    return toml_fail(r, TOML_HERE, err, "expected %s, but got " STR_FMT "%s", wanted,
                     STR_ARG(name_of(r, c)), instead);
}

/* Before a value. 1 = it follows, 0 = the end, which is taken. */
static int find_item(struct toml_reader *r, char end, struct err *err)
{
    int32_t c = next_behind_space(r, err);
    TRY(c);
    if (c == ',') {
        return toml_fail(r, TOML_HERE, err, "unexpected comma");
    }
    if (c == end) {
        return 0;
    }
    if (c != TOML_EOF) {
        char bytes[UTF8_MAX_BYTES];
        r->at -= utf8_encode((uint32_t)c, bytes);
    }
    return 1;
}

static int read_array(struct toml_reader *r, struct tval *ret, struct err *err)
{
    struct tval list = tval_list_new(r->arena, TVAL_OF_ANY, 0);
    TRY(set_type(r, r->current_key, true, err));
    int rc = find_item(r, ']', err);
    while (rc > 0) {
        struct tval item = tval_nil();
        TRY(budget_nodes(r->budget, 1, err));
        TRY(read_value(r, true, &item, err));
        list_push(r, list.list, item);
        rc = next_item(r, ']', "a comma (',') or array terminator (']')", err);
        rc = rc > 0 ? find_item(r, ']', err) : rc;
    }
    *ret = list;
    return rc;
}

/* What a key of an inline table says, in the table that is the value (the tree has one of its own). */
static int put_inline(struct toml_reader *r,
                      struct tmap *table,
                      const struct toml_key *key,
                      struct tval v,
                      struct err *err)
{
    for (size_t i = 0; i + 1 < key->n; i++) {
        struct tval *inner = tmap_find(table, key->parts[i]);
        if (inner == NULL) {
            tmap_set(table, key->parts[i], new_table(r));
            inner = tmap_find(table, key->parts[i]);
        }
        if (inner->kind != TVAL_MAP) {
            return toml_fail(r, TOML_AT_KEY, err, STR_FMT " is not a table",
                             STR_ARG(toml_quote(r, key->parts[i])));
        }
        table = inner->map;
    }
    tmap_set(table, key->parts[key->n - 1], v);
    return 0;
}

static int read_inline_pairs(struct toml_reader *r, struct tmap *table, struct err *err)
{
    struct toml_key context = r->context;
    int rc = find_item(r, '}', err);
    while (rc > 0) {
        struct toml_key key = {0};
        struct tval v = tval_nil();
        TRY(read_pair(r, &key, &v, err));
        TRY(put_inline(r, table, &key, v, err));
        r->context = context;
        rc = next_item(r, '}', "a comma or an inline table terminator '}'", err);
        rc = rc > 0 ? find_item(r, '}', err) : rc;
    }
    return rc;
}

static int
read_inline_table(struct toml_reader *r, bool in_array, struct tval *ret, struct err *err)
{
    struct toml_key outer = r->context;
    struct str outer_key = r->current_key;
    struct toml_key inner = {0};
    struct tval table = new_table(r);
    for (size_t i = 0; i < outer.n; i++) {
        key_push(r, &inner, outer.parts[i]);
    }
    key_push(r, &inner, outer_key);
    r->context = inner;
    r->current_key = STR_EMPTY;
    TRY(add_implicit(r, inner.parts, inner.n, err));
    TRY(add_context(r, inner, in_array ? TABLE_OF_ARRAY : TABLE_SINGLE, err));
    TRY(read_inline_pairs(r, table.map, err));
    r->context = outer;
    r->current_key = outer_key;
    *ret = table;
    return 0;
}

static int read_quoted(struct toml_reader *r, char quote, struct tval *ret, struct err *err)
{
    struct str text = STR_EMPTY;
    r->at++;
    int second = toml_accept(r, quote, err);
    TRY(second);
    int third = second ? toml_accept(r, quote, err) : 0;
    TRY(third);
    if (third) {
        TRY(toml_read_long_string(r, quote, &text, err));
    } else {
        r->at -= second ? 1 : 0;
        TRY(toml_read_string(r, quote, &text, err));
    }
    *ret = tval_str(text);
    return 0;
}

static int read_value(struct toml_reader *r, bool in_array, struct tval *ret, struct err *err)
{
    int32_t c = toml_skip_blanks(r, err);
    TRY(c);
    if (c == '"' || c == '\'') {
        return read_quoted(r, (char)c, ret, err);
    }
    if (c != '[' && c != '{') {
        return toml_read_plain(r, ret, err);
    }
    r->at++;
    TRY(enter(r, err));
    int rc = c == '[' ? read_array(r, ret, err) : read_inline_table(r, in_array, ret, err);
    leave(r);
    return rc;
}

/* ---- the top level ---- */

static int read_table_name(struct toml_reader *r, struct toml_key *key, struct err *err)
{
    for (;;) {
        int32_t c = toml_skip_blanks(r, err);
        TRY(c);
        if (c == ']' || c == TOML_EOF) {
            return toml_fail(r, TOML_HERE, err,
                             "unexpected end of table name (table names cannot be empty)");
        }
        if (c == '.') {
            return toml_fail(r, TOML_HERE, err,
                             "unexpected table separator (table names cannot be empty)");
        }
        TRY(read_key_part(r, c, key, err));
        TRY(toml_skip_blanks(r, err));
        c = toml_next(r, err);
        TRY(c);
        if (c == ']') {
            return 0;
        }
        if (c != '.') {
            return toml_fail(r, TOML_HERE, err,
                             "expected '.' or ']' to end table name, but got " STR_FMT " instead",
                             STR_ARG(toml_quote_rune(r, c)));
        }
    }
}

/* The first '[' has been taken. */
static int read_header(struct toml_reader *r, struct err *err)
{
    struct toml_key key = {0};
    int is_array = toml_accept(r, '[', err);
    TRY(is_array);
    TRY(read_table_name(r, &key, err));
    if (is_array) {
        int32_t c = toml_next(r, err);
        TRY(c);
        if (c != ']') {
            return toml_fail(r, TOML_HERE, err,
                             "expected end of table array name delimiter ']', but got " STR_FMT
                             " instead",
                             STR_ARG(toml_quote_rune(r, c)));
        }
    }
    TRY(add_context(r, key, is_array ? TABLE_OF_ARRAY : TABLE_SINGLE, err));
    return set_type(r, STR_EMPTY, false, err);
}

static int read_line_end(struct toml_reader *r, struct err *err)
{
    TRY(toml_skip_blanks(r, err));
    int32_t c = toml_next(r, err);
    TRY(c);
    if (c == '#') {
        return skip_comment(r, err);
    }
    if (c == TOML_EOF || is_line_end(c)) {
        return 0;
    }
    return toml_fail(
        r, TOML_HERE, err,
        "expected a top-level item to end with a newline, comment, or EOF, but got " STR_FMT
        " instead",
        STR_ARG(toml_quote_rune(r, c)));
}

static int read_top_pair(struct toml_reader *r, struct err *err)
{
    struct toml_key context = r->context;
    struct toml_key key = {0};
    struct tval v = tval_nil();
    TRY(read_pair(r, &key, &v, err));
    r->context = context;
    r->current_key = STR_EMPTY;
    return 0;
}

static int read_document(struct toml_reader *r, struct err *err)
{
    for (;;) {
        int32_t c = next_behind_space(r, err);
        TRY(c);
        if (c == TOML_EOF) {
            return 0;
        }
        if (c == '[') {
            TRY(read_header(r, err));
        } else {
            char bytes[UTF8_MAX_BYTES];
            r->at -= utf8_encode((uint32_t)c, bytes);
            TRY(read_top_pair(r, err));
        }
        TRY(read_line_end(r, err));
    }
}

int toml_parse(
    struct arena *arena, struct budget *budget, struct str text, struct tval *ret, struct err *err)
{
    if (!str_cut_prefix(&text, STR("\xff\xfe")) && !str_cut_prefix(&text, STR("\xfe\xff"))) {
        (void)str_cut_prefix(&text, STR("\xef\xbb\xbf"));
    }
    if (str_find_char(str_sub(text, 0, 6), '\0') != STR_NONE) {
        return err_set(err, ERR_INVALID,
                       "toml: line 1: files cannot contain NULL bytes; probably using UTF-16; "
                       "TOML files must be UTF-8");
    }
    AUTO(map) struct map *implicits = map_new(NULL);
    AUTO(map) struct map *arrays = map_new(NULL);
    struct toml_reader r = {.arena = arena,
                            .budget = budget,
                            .text = text,
                            .root = tmap_new(arena, TVAL_OF_ANY, NULL, NULL),
                            .implicits = implicits,
                            .arrays = arrays};
    buf_init(&r.path, LIMIT_MIB);
    int rc = read_document(&r, err);
    buf_done(&r.path);
    if (rc == 0) {
        *ret = tval_map(r.root);
    }
    return rc;
}
