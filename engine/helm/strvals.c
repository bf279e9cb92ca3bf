/* A reader with one position in the text that goes down keys and indexes recursively and sets the value at
 * the end of each path.  The end of the text is no error in most places, also in ones where it should be:
 * "a[0" sets nothing and says nothing, as in Helm. */
#include "engine/helm/strvals.h"

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/num.h"
#include "common/base/utf8.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_json.h"
#include "engine/helm/values.h"

struct reader {
    struct arena *arena;
    struct str text;
    size_t at;
    const struct strvals_options *options;
    size_t items_left; /* of LIMIT_SET_ITEMS */
};

/* Results of the functions below, besides errors. */
enum { READ = 0, AT_END = 1 };

enum { NO_STOP = 0 };

/* ---- text ---- */

static bool at_end(const struct reader *r)
{
    return r->at >= r->text.n;
}

/* The text up to one of the stops, which is skipped; AT_END when none came. Backslashes take the next
 * character as it is, except in literals. */
static int read_until(struct reader *r, const char *stops, struct str *ret, char *ret_stop)
{
    AUTO(buf) struct buf out;
    buf_init(&out, (r->text.n - r->at) * 3 + 1);
    *ret_stop = NO_STOP;
    while (!at_end(r) && *ret_stop == NO_STOP) {
        uint32_t c = utf8_next(r->text, &r->at);
        if (c < 0x80 && c != 0 && strchr(stops, (int)c) != NULL) {
            *ret_stop = (char)c;
        } else if (c != '\\' || r->options->kind == STRVALS_LITERAL) {
            utf8_put(&out, c);
        } else if (!at_end(r)) {
            utf8_put(&out, utf8_next(r->text, &r->at));
        }
    }
    *ret = buf_to_arena(&out, r->arena);
    return *ret_stop == NO_STOP ? AT_END : READ;
}

/* "3]" after '['. */
static int read_index(struct reader *r, int64_t *ret, struct err *err)
{
    struct str digits;
    char stop;
    if (read_until(r, "]", &digits, &stop) == AT_END) {
        return AT_END;
    }
    TRY_IN(num_parse_int(digits, ret, err), err, "error parsing index");
    if (*ret < 0) {
        return err_set(err, ERR_INVALID, "negative %lld index not allowed", (long long)*ret);
    }
    if (*ret > LIMIT_SET_INDEX) {
        return err_set(err, ERR_INVALID,
                       "index of %lld is greater than maximum supported index of %d",
                       (long long)*ret, LIMIT_SET_INDEX);
    }
    return READ;
}

/* ---- values ---- */

static bool starts_as_int(struct str s)
{
    return s.n > 0 && s.p[0] != '0';
}

static struct tval typed(struct str s)
{
    struct err ignored;
    int64_t i;
    if (str_eq_nocase(s, STR("true")) || str_eq_nocase(s, STR("false"))) {
        return tval_bool(s.n == 4);
    }
    if (str_eq_nocase(s, STR("null"))) {
        return tval_nil();
    }
    if (str_eq_c(s, "0")) {
        return tval_int64(0);
    }
    if (starts_as_int(s) && num_parse_int(s, &i, &ignored) == 0) {
        return tval_int64(i);
    }
    return tval_str(s);
}

static int value_from_text(struct reader *r, struct str s, struct tval *ret, struct err *err)
{
    const struct values_reader *files = r->options->reader;
    struct str content;
    if (r->options->kind != STRVALS_FILE) {
        *ret = r->options->kind == STRVALS_TYPED ? typed(s) : tval_str(s);
        return READ;
    }
    if (files == NULL) {
        return err_set(err, ERR_UNSUPPORTED, "no files can be read here");
    }
    TRY(files->read(files->data, r->arena, s, &content, err));
    *ret = tval_str(content);
    return READ;
}

struct items {
    VEC(struct tval) list;
};

static int take_items(struct reader *r, size_t n, struct err *err)
{
    if (n > r->items_left) {
        return err_set(err, ERR_LIMIT, "more than %zu list items", (size_t)LIMIT_SET_ITEMS);
    }
    r->items_left -= n;
    return READ;
}

static int push_item(struct reader *r, struct items *items, struct str s, struct err *err)
{
    struct tval v;
    TRY(take_items(r, 1, err));
    TRY(value_from_text(r, s, &v, err));
    vec_push_in(r->arena, &items->list, v);
    return READ;
}

/* "a,b}" after '{'. */
static int read_list(struct reader *r, struct tval *ret, struct err *err)
{
    struct items items = {0};
    char stop;
    do {
        struct str s;
        if (read_until(r, ",}", &s, &stop) == AT_END) {
            return err_set(err, ERR_INVALID, "list must terminate with '}'");
        }
        TRY(push_item(r, &items, s, err));
    } while (stop != '}');
    if (!at_end(r) && r->text.p[r->at] == ',') {
        r->at++;
    }
    *ret = tval_list_new(r->arena, TVAL_OF_ANY, items.list.n);
    memcpy(ret->list->items, items.list.items, items.list.n * sizeof(struct tval));
    return READ;
}

/* ---- JSON ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

/* Skip blanks and one comma; was there nothing else? */
static bool skip_to_next(struct reader *r)
{
    while (!at_end(r) && is_blank(r->text.p[r->at])) {
        r->at++;
    }
    if (at_end(r)) {
        return true;
    }
    bool comma = r->text.p[r->at] == ',';
    r->at += comma ? 1 : 0;
    return comma;
}

/* Behind the string that begins at `at`. */
static size_t string_end(struct str s, size_t at)
{
    for (at++; at < s.n && s.p[at] != '"'; at++) {
        at += s.p[at] == '\\' ? 1 : 0;
    }
    return MIN(at + 1, s.n);
}

static bool ends_scalar(char c)
{
    return is_blank(c) || strchr(",:[]{}\"", c) != NULL;
}

/* Behind the JSON value at the position; what is inside is not looked at. */
static size_t end_of_json(struct str s, size_t at)
{
    size_t depth = 0;
    while (at < s.n) {
        char c = s.p[at];
        if (c == '"') {
            at = string_end(s, at);
        } else if (c == '[' || c == '{') {
            depth++;
            at++;
        } else if (c == ']' || c == '}') {
            depth -= depth > 0 ? 1 : 0;
            at++;
        } else if (depth == 0) {
            while (at < s.n && (s.p[at] == '\0' || !ends_scalar(s.p[at]))) {
                at++;
            }
        } else {
            at++;
            continue;
        }
        if (depth == 0) {
            break;
        }
    }
    return at;
}

static int read_json(struct reader *r, struct tval *ret, struct err *err)
{
    const struct value *v;
    if (skip_to_next(r)) {
        *ret = tval_nil();
        return READ;
    }
    size_t end = end_of_json(r->text, r->at);
    TRY(value_from_json(r->arena, str_sub(r->text, r->at, end), NULL, &v, err));
    *ret = tval_from_value(r->arena, v, false);
    r->at = end;
    (void)skip_to_next(r); /* what follows is the next key's matter */
    return READ;
}

/* ---- paths ---- */

/* The value after '='. AT_END: there was none, and ret is the empty string. */
static int read_value(struct reader *r, struct tval *ret, struct err *err)
{
    struct str s;
    char stop;
    bool is_literal = r->options->kind == STRVALS_LITERAL;
    if (r->options->kind == STRVALS_JSON) {
        return read_json(r, ret, err);
    }
    if (at_end(r) && !is_literal) {
        *ret = tval_str(STR_EMPTY);
        return AT_END;
    }
    if (!is_literal && r->text.p[r->at] == '{') {
        r->at++;
        return read_list(r, ret, err);
    }
    (void)read_until(r, is_literal ? "" : ",", &s, &stop); /* ends the value as the comma does */
    return value_from_text(r, s, ret, err);
}

static int not_a(struct err *err, struct str key, const char *what)
{
    return err_set(err, ERR_INVALID, "unable to parse key: '" STR_FMT "' is there and no %s",
                   STR_ARG(key), what);
}

static void set(struct tmap *map, struct str key, struct tval v)
{
    if (key.n > 0) {
        tmap_set(map, key, v);
    }
}

static int set_index(struct reader *r, struct tval *list, size_t i, struct tval v, struct err *err)
{
    size_t n = list->list != NULL ? list->list->n : 0;
    if (i >= n) {
        TRY(take_items(r, i + 1, err)); /* all of them are copied */
        struct tval longer = tval_list_new(r->arena, TVAL_OF_ANY, i + 1);
        for (size_t k = 0; k < n; k++) {
            longer.list->items[k] = list->list->items[k];
        }
        *list = longer;
    }
    list->list->items[i] = v;
    return READ;
}

static int
read_key(struct reader *r, struct tmap *map, unsigned names, unsigned depth, struct err *err);
static int read_item(
    struct reader *r, struct tval *list, size_t i, unsigned names, unsigned depth, struct err *err);

static struct tval *item_at(const struct tval *list, size_t i)
{
    return list->list != NULL && i < list->list->n ? &list->list->items[i] : NULL;
}

/* "[j]..." after an index: a list inside the list. */
static int read_nested(
    struct reader *r, struct tval *list, size_t i, unsigned names, unsigned depth, struct err *err)
{
    int64_t j;
    struct tval inner = tval_list_new(r->arena, TVAL_OF_ANY, 0);
    const struct tval *there = item_at(list, i);
    int rc = read_index(r, &j, err);
    if (rc != READ) {
        return rc;
    }
    if (there != NULL && there->kind != TVAL_NIL) {
        if (there->kind != TVAL_LIST) {
            return not_a(err, STR("[]"), "list");
        }
        inner = *there;
    }
    rc = read_item(r, &inner, (size_t)j, names, depth, err);
    return rc != READ ? rc : set_index(r, list, i, inner, err);
}

/* ".key..." after an index: a map inside the list. */
static int read_member(
    struct reader *r, struct tval *list, size_t i, unsigned names, unsigned depth, struct err *err)
{
    struct tval *there = item_at(list, i);
    struct tval inner = tval_map(tmap_new(r->arena, TVAL_OF_ANY, NULL, NULL));
    if (there != NULL && there->kind == TVAL_MAP) {
        inner = *there;
    } else if (there != NULL) {
        *there = inner;
    }
    int rc = read_key(r, inner.map, names, depth, err);
    return rc != READ ? rc : set_index(r, list, i, inner, err);
}

/* What follows "key[i]". */
static int read_item(
    struct reader *r, struct tval *list, size_t i, unsigned names, unsigned depth, struct err *err)
{
    struct str between;
    struct tval v;
    char stop;
    if (depth > LIMIT_DOC_DEPTH) {
        return err_set(err, ERR_LIMIT, "more than %d levels", LIMIT_DOC_DEPTH);
    }
    int rc = read_until(r, "[.=", &between, &stop);
    if (between.n > 0) {
        return err_set(err, ERR_INVALID, "unexpected data at end of array index: '" STR_FMT "'",
                       STR_ARG(between));
    }
    if (rc != READ) {
        return rc;
    }
    if (stop == '[') {
        return read_nested(r, list, i, names, depth + 1, err);
    }
    if (stop == '.') {
        return read_member(r, list, i, names, depth + 1, err);
    }
    TRY(read_value(r, &v, err));
    return set_index(r, list, i, v, err);
}

static int read_indexed(struct reader *r,
                        struct tmap *map,
                        struct str key,
                        unsigned names,
                        unsigned depth,
                        struct err *err)
{
    int64_t i;
    struct tval list = tval_list_new(r->arena, TVAL_OF_ANY, 0);
    const struct tval *there = tmap_find(map, key);
    int rc = read_index(r, &i, err);
    if (rc != READ) {
        return rc;
    }
    if (there != NULL) {
        if (there->kind != TVAL_LIST) {
            return not_a(err, key, "list");
        }
        list = *there;
    }
    rc = read_item(r, &list, (size_t)i, names, depth + 1, err);
    if (rc >= 0) {
        set(map, key, list);
    }
    return rc;
}

static int read_below(struct reader *r,
                      struct tmap *map,
                      struct str key,
                      unsigned names,
                      unsigned depth,
                      struct err *err)
{
    struct tmap *inner = NULL;
    const struct tval *there = tmap_find(map, key);
    if (names > LIMIT_SET_DEPTH) {
        return err_set(
            err, ERR_INVALID,
            "value name nested level is greater than maximum supported nested level of %d",
            LIMIT_SET_DEPTH);
    }
    if (there != NULL) {
        if (there->kind != TVAL_MAP) {
            return not_a(err, key, "map");
        }
        inner = there->map;
    } else {
        inner = tmap_new(r->arena, TVAL_OF_ANY, NULL, NULL);
    }
    int rc = read_key(r, inner, names, depth, err);
    if (rc == READ && tmap_len(inner) == 0) {
        return err_set(err, ERR_INVALID, "key map \"" STR_FMT "\" has no value", STR_ARG(key));
    }
    if (rc >= 0 && tmap_len(inner) > 0) {
        set(map, key, tval_map(inner));
    }
    return rc;
}

/* One "key...=value" into the map. AT_END: the text was used up. */
static int
read_key(struct reader *r, struct tmap *map, unsigned names, unsigned depth, struct err *err)
{
    struct str key;
    struct tval v;
    char stop;
    if (depth > LIMIT_DOC_DEPTH) {
        return err_set(err, ERR_LIMIT, "more than %d levels", LIMIT_DOC_DEPTH);
    }
    const char *stops = r->options->kind == STRVALS_LITERAL ? "=[." : "=[,.";
    if (read_until(r, stops, &key, &stop) == AT_END) {
        return key.n == 0
                   ? AT_END
                   : err_set(err, ERR_INVALID, "key \"" STR_FMT "\" has no value", STR_ARG(key));
    }
    if (stop == '[') {
        return read_indexed(r, map, key, names, depth, err);
    }
    if (stop == '.') {
        return read_below(r, map, key, names + 1, depth + 1, err);
    }
    if (stop == ',') {
        return err_set(err, ERR_INVALID, "key \"" STR_FMT "\" has no value (cannot end with ,)",
                       STR_ARG(key));
    }
    int rc = read_value(r, &v, err);
    if (rc >= 0) {
        set(map, key, v);
    }
    return rc;
}

int strvals_parse(struct arena *arena,
                  struct str text,
                  const struct strvals_options *options,
                  struct tmap *dst,
                  struct err *err)
{
    struct reader r = {
        .arena = arena, .text = text, .options = options, .items_left = LIMIT_SET_ITEMS};
    int rc;
    do {
        rc = read_key(&r, dst, 0, 0, err);
    } while (rc == READ);
    return rc < 0 ? rc : 0;
}
