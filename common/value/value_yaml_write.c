/* YAML writer: the bytes go-yaml would produce. Maps, lists, numbers and the order of keys; strings are written
 * by value_yaml_emit.c. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/limits.h"
#include "common/base/mem.h"
#include "common/base/num.h"
#include "common/base/utf8.h"
#include "common/value/value_internal.h"
#include "common/value/value_json.h"
#include "common/value/value_yaml_internal.h"

enum {
    BEST_WIDTH = 80,
};

/* Where a node stands; decides about indentation. */
enum place { PLACE_ROOT, PLACE_ITEM, PLACE_VALUE };

/* ---- numbers ---- */

/* Through JSON, as sigs.k8s.io/yaml goes: whole numbers of up to 64 bits print plainly, all others in
 * Go's 'g' form. */
static size_t format_float_go2(const struct value *v, char dst[NUM_FLOAT_BYTES])
{
    size_t n = num_format_json(v->f, dst);
    if (strpbrk(dst, ".e") != NULL) {
        return num_format_g(v->f, dst);
    }
    struct str lexeme = str_of(v->lexeme, v->lexeme_n);
    uint64_t u = 0;
    if (num_digits(lexeme, 10, &u) && lexeme.n < NUM_FLOAT_BYTES) {
        memcpy(dst, lexeme.p, lexeme.n);
        dst[lexeme.n] = '\0';
        return lexeme.n;
    }
    if (v->f == 0) {
        dst[0] = '0';
        return 1;
    }
    bool fits = v->f >= -0x1p63 && v->f < 0x1p64;
    return fits ? n : num_format_g(v->f, dst);
}

static int put_float(struct value_yaml_emitter *e, const struct value *v, struct err *err)
{
    char text[NUM_FLOAT_BYTES];
    if (!isfinite(v->f)) {
        (void)num_format_g(v->f, text);
        return err_set(err, ERR_INVALID, "json: unsupported value: %s", text);
    }
    bool go2 = e->opts->style == VALUE_YAML_GO2;
    size_t n = go2 ? format_float_go2(v, text) : num_format_g(v->f, text);
    value_yaml_put_word(e, str_of(text, n));
    return 0;
}

static void put_int(struct value_yaml_emitter *e, int64_t i)
{
    char text[24];
    int n = snprintf(text, sizeof(text), "%lld", (long long)i);
    value_yaml_put_word(e, str_of(text, (size_t)n));
}

/* ---- order of keys ---- */

static uint32_t rune_at(struct str s, size_t at)
{
    return at < s.n ? utf8_next(s, &at) : 0;
}

/* The digits from at on as Go's sorter counts them (overflow wraps there as well); the position behind
 * them in characters. */
static size_t take_digits(struct str s, size_t at, uint64_t *number)
{
    size_t n = 0;
    while (at < s.n) {
        uint32_t rune = utf8_next(s, &at);
        if (!utf8_is_digit(rune)) {
            break;
        }
        *number = *number * 10 + (rune - '0');
        n++;
    }
    return n;
}

/* Both differ at `at`; a zero behind other digits counts as part of their number. */
static int cmp_numbers(struct str a, struct str b, size_t at)
{
    uint64_t na = 0;
    uint64_t nb = 0;
    if (a.p[at] == '0' || b.p[at] == '0') {
        for (size_t i = at; i > 0 && a.p[i - 1] >= '0' && a.p[i - 1] <= '9'; i--) {
            if (a.p[i - 1] != '0') {
                na = 1;
                nb = 1;
                break;
            }
        }
    }
    size_t da = take_digits(a, at, &na);
    size_t db = take_digits(b, at, &nb);
    if (na != nb) {
        return (int64_t)na < (int64_t)nb ? -1 : 1;
    }
    return (da > db) - (da < db);
}

/* Where the first characters differ, or the end of the shorter key. */
static size_t first_difference(struct str a, struct str b)
{
    size_t at = 0;
    while (at < a.n && at < b.n && a.p[at] == b.p[at]) {
        at++;
    }
    while (at > 0 && at < a.n && at < b.n && ((unsigned char)a.p[at] & 0xc0) == 0x80) {
        at--; /* to the start of the characters */
    }
    return at;
}

int value_yaml_key_cmp(struct str a, struct str b, enum value_yaml_style style)
{
    size_t at = first_difference(a, b);
    if (at == a.n || at == b.n) {
        return (a.n > b.n) - (a.n < b.n);
    }
    uint32_t ra = rune_at(a, at);
    uint32_t rb = rune_at(b, at);
    bool la = utf8_is_letter(ra);
    bool lb = utf8_is_letter(rb);
    if (la != lb) {
        bool after_digit = at > 0 && a.p[at - 1] >= '0' && a.p[at - 1] <= '9';
        bool letter_first = style == VALUE_YAML_GO3 && after_digit;
        return la == letter_first ? -1 : 1;
    }
    int c = la ? 0 : cmp_numbers(a, b, at);
    return c != 0 ? c : (ra > rb) - (ra < rb);
}

static int cmp_go2(const void *a, const void *b)
{
    const struct value_entry *const *ea = a;
    const struct value_entry *const *eb = b;
    return value_yaml_key_cmp((*ea)->key, (*eb)->key, VALUE_YAML_GO2);
}

static int cmp_go3(const void *a, const void *b)
{
    const struct value_entry *const *ea = a;
    const struct value_entry *const *eb = b;
    return value_yaml_key_cmp((*ea)->key, (*eb)->key, VALUE_YAML_GO3);
}

/* ---- containers ---- */

static int
put_value(struct value_yaml_emitter *e, const struct value *v, enum place place, struct err *err);

static int
put_list(struct value_yaml_emitter *e, const struct value *v, enum place place, struct err *err)
{
    int indent = e->indent;
    bool indentless = place == PLACE_VALUE && !e->indention && e->opts->style == VALUE_YAML_GO2;
    if (!indentless) {
        e->indent = indent < 0 ? 0 : indent + VALUE_YAML_INDENT;
    }
    VALUE_FOREACH(v, item) {
        value_yaml_put_indent(e);
        value_yaml_put_indicator(e, "-", VALUE_YAML_KEEPS_INDENTION);
        TRY(put_value(e, item, PLACE_ITEM, err));
    }
    e->indent = indent;
    return 0;
}

static int put_entry(struct value_yaml_emitter *e, const struct value_entry *entry, struct err *err)
{
    value_yaml_put_indent(e);
    if (value_yaml_is_simple_key(entry->key)) {
        value_yaml_put_string(e, entry->key, true);
        value_yaml_put_close(e, ':');
    } else {
        value_yaml_put_indicator(e, "?", VALUE_YAML_KEEPS_INDENTION);
        value_yaml_put_string(e, entry->key, false);
        value_yaml_put_indent(e);
        value_yaml_put_indicator(e, ":", VALUE_YAML_KEEPS_INDENTION);
    }
    return put_value(e, &entry->value, PLACE_VALUE, err);
}

static int put_entries_sorted(struct value_yaml_emitter *e, const struct value *v, struct err *err)
{
    bool go2 = e->opts->style == VALUE_YAML_GO2;
    const struct value_entry **sorted = mem_calloc(v->n, sizeof(struct value_entry *));
    for (size_t i = 0; i < v->n; i++) {
        sorted[i] = &v->entries[i];
    }
    qsort(sorted, v->n, sizeof(struct value_entry *), go2 ? cmp_go2 : cmp_go3);
    int rc = 0;
    for (size_t i = 0; i < v->n && rc == 0; i++) {
        rc = put_entry(e, sorted[i], err);
    }
    mem_free((void *)sorted);
    return rc;
}

static bool is_sorted(const struct value_yaml_emitter *e, const struct value *v)
{
    for (size_t i = 1; i < v->n; i++) {
        if (value_yaml_key_cmp(v->entries[i - 1].key, v->entries[i].key, e->opts->style) > 0) {
            return false;
        }
    }
    return true;
}

static int put_map(struct value_yaml_emitter *e, const struct value *v, struct err *err)
{
    int indent = e->indent;
    e->indent = indent < 0 ? 0 : indent + VALUE_YAML_INDENT;
    if (e->opts->insertion_order || is_sorted(e, v)) {
        VALUE_MAP_FOREACH(v, entry)
        {
            TRY(put_entry(e, entry, err));
        }
    } else {
        TRY(put_entries_sorted(e, v, err));
    }
    e->indent = indent;
    return 0;
}

static int
put_value(struct value_yaml_emitter *e, const struct value *v, enum place place, struct err *err)
{
    if (e->opts->mask_sensitive && v != NULL && (v->flags & VALUE_SENSITIVE) != 0) {
        value_yaml_put_string(e, STR(VALUE_MASK_TEXT), false);
        return 0;
    }
    switch (value_type(v)) {
    case VALUE_BOOL:
        value_yaml_put_word(e, v->b ? STR("true") : STR("false"));
        return 0;
    case VALUE_INT:
        put_int(e, v->i);
        return 0;
    case VALUE_FLOAT:
        return put_float(e, v, err);
    case VALUE_STRING:
        value_yaml_put_string(e, str_of(v->s, v->n), false);
        return 0;
    case VALUE_LIST:
        if (v->n > 0) {
            return put_list(e, v, place, err);
        }
        value_yaml_put_word(e, STR("[]"));
        return 0;
    case VALUE_MAP:
        if (v->n > 0) {
            return put_map(e, v, err);
        }
        value_yaml_put_word(e, STR("{}"));
        return 0;
    case VALUE_NULL:
    case VALUE_TYPE_COUNT:
        break;
    }
    value_yaml_put_word(e, STR("null"));
    return 0;
}

/* ---- entry points ---- */

int value_to_yaml(struct buf *b,
                  const struct value *v,
                  const struct value_yaml_write *opts,
                  struct err *err)
{
    static const struct value_yaml_write DEFAULTS = {0};
    struct value_yaml_emitter e = {
        .b = b,
        .opts = opts != NULL ? opts : &DEFAULTS,
        .indent = -1,
        .whitespace = true,
        .indention = true,
    };
    e.width = e.opts->style == VALUE_YAML_GO2 ? (size_t)BEST_WIDTH : SIZE_MAX;
    TRY(put_value(&e, v, PLACE_ROOT, err));
    value_yaml_put_indent(&e);
    return buf_check(b, "YAML text", err);
}

int value_to_yaml_in(struct arena *arena,
                     const struct value *v,
                     const struct value_yaml_write *opts,
                     struct str *ret,
                     struct err *err)
{
    AUTO(buf) struct buf b;
    buf_init(&b, LIMIT_DOC_BYTES);
    TRY(value_to_yaml(&b, v, opts, err));
    *ret = buf_to_arena(&b, arena);
    return 0;
}
