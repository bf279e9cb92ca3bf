/* Formatting for people and for programs. */
#include "cli/output.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/base/utf8.h"
#include "common/base/vec.h"
#include "common/value/value_json.h"
#include "common/value/value_yaml.h"

static const char *const FORMATS[OUTPUT_FORMAT_COUNT] = {
    [OUTPUT_TABLE] = "table", [OUTPUT_WIDE] = "wide", [OUTPUT_NAME] = "name",
    [OUTPUT_JSON] = "json",   [OUTPUT_YAML] = "yaml",
};

enum output_format output_format_of(const char *word)
{
    for (int i = 0; i < OUTPUT_FORMAT_COUNT; i++) {
        if (str_eq_c(str_from(word), FORMATS[i])) {
            return (enum output_format)i;
        }
    }
    assert(!"a word the flag does not allow");
    return OUTPUT_TABLE;
}

bool output_is_structured(enum output_format format)
{
    return format == OUTPUT_JSON || format == OUTPUT_YAML;
}

int output_value(struct buf *out, const struct value *v, enum output_format format, struct err *err)
{
    if (format == OUTPUT_YAML) {
        return value_to_yaml(out, v, NULL, err);
    }
    const struct value_json_write opts = {.pretty = true};
    TRY(value_to_json(out, v, &opts, err));
    buf_put_char(out, '\n');
    return 0;
}

/* ---- width ---- */

struct range {
    uint32_t first;
    uint32_t last;
};

/* Blocks of Unicode 15: marks that combine and characters without width. */
static const struct range NO_WIDTH[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489},   {0x0591, 0x05bd},   {0x0610, 0x061a},   {0x064b, 0x065f},
    {0x0900, 0x0902}, {0x093c, 0x093c},   {0x0941, 0x0948},   {0x0e31, 0x0e31},   {0x0e34, 0x0e3a},
    {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff},   {0x1dc0, 0x1dff},   {0x200b, 0x200f},   {0x202a, 0x202e},
    {0x2060, 0x2064}, {0x20d0, 0x20ff},   {0x3099, 0x309a},   {0xfe00, 0xfe0f},   {0xfe20, 0xfe2f},
    {0xfeff, 0xfeff}, {0x1f3fb, 0x1f3ff}, {0xe0001, 0xe007f}, {0xe0100, 0xe01ef},
};

/* East Asian Wide and Fullwidth, and emoji that are shown as such. */
static const struct range WIDE[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec},   {0x2614, 0x2615},
    {0x26a1, 0x26a1},   {0x2705, 0x2705},   {0x274c, 0x274c},   {0x2753, 0x2755},
    {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},   {0x4e00, 0x9fff},
    {0xa000, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
    {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
    {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x1fa70, 0x1faff}, {0x20000, 0x3fffd},
};

static bool is_in(const struct range *ranges, size_t n, uint32_t rune)
{
    for (size_t i = 0; i < n && ranges[i].first <= rune; i++) {
        if (rune <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

size_t output_width(struct str s)
{
    size_t width = 0;
    for (size_t at = 0; at < s.n;) {
        uint32_t rune = utf8_next(s, &at);
        if (!is_in(NO_WIDTH, ARRAY_LEN(NO_WIDTH), rune)) {
            width += is_in(WIDE, ARRAY_LEN(WIDE), rune) ? 2 : 1;
        }
    }
    return width;
}

static bool is_control(uint32_t rune)
{
    return rune < 0x20 || (rune >= 0x7f && rune < 0xa0);
}

void output_text(struct buf *out, struct str s)
{
    for (size_t at = 0; at < s.n;) {
        uint32_t rune = utf8_next(s, &at);
        utf8_put(out, is_control(rune) ? ' ' : rune);
    }
}

void output_lines(struct buf *out, struct str s)
{
    for (size_t at = 0; at < s.n;) {
        uint32_t rune = utf8_next(s, &at);
        utf8_put(out, is_control(rune) && rune != '\n' ? ' ' : rune);
    }
}

void output_lower(struct buf *out, struct str s)
{
    for (size_t at = 0; at < s.n;) {
        uint32_t rune = utf8_next(s, &at);
        bool upper = rune >= 'A' && rune <= 'Z';
        utf8_put(out, is_control(rune) ? ' ' : rune + (upper ? 'a' - 'A' : 0));
    }
}

/* ---- tables ---- */

struct cell {
    struct str text;
    size_t width;
};

struct output_table {
    struct arena *arena;
    size_t n_columns;
    size_t *widths;
    VEC(struct cell *) rows; /* the first one is the header */
};

struct output_table *output_table_new(struct arena *arena, const char *const *headers)
{
    struct output_table *t = ARENA_NEW(arena, struct output_table);
    t->arena = arena;
    while (headers[t->n_columns] != NULL) {
        t->n_columns++;
    }
    t->widths = arena_calloc(arena, t->n_columns, sizeof(*t->widths));
    struct str *cells = arena_calloc(arena, t->n_columns, sizeof(*cells));
    for (size_t i = 0; i < t->n_columns; i++) {
        cells[i] = str_from(headers[i]);
    }
    output_table_row(t, cells);
    return t;
}

static struct str clean(struct arena *arena, struct str text)
{
    AUTO(buf) struct buf b;
    buf_init(&b, text.n * UTF8_MAX_BYTES + 1); /* a bad byte becomes U+FFFD */
    output_text(&b, text);
    return buf_to_arena(&b, arena);
}

void output_table_row(struct output_table *table, const struct str *cells)
{
    struct cell *row = arena_calloc(table->arena, table->n_columns, sizeof(*row));
    for (size_t i = 0; i < table->n_columns; i++) {
        row[i].text = clean(table->arena, cells[i]);
        row[i].width = output_width(row[i].text);
        table->widths[i] = MAX(table->widths[i], row[i].width);
    }
    vec_push_in(table->arena, &table->rows, row);
}

size_t output_table_len(const struct output_table *table)
{
    return table->rows.n - 1;
}

static void print_row(const struct output_table *table, const struct cell *row, struct buf *out)
{
    size_t blanks = 0; /* written only before something that is not blank */
    for (size_t i = 0; i < table->n_columns; i++) {
        if (row[i].text.n > 0) {
            buf_put_fill(out, ' ', blanks);
            buf_put(out, row[i].text);
            blanks = 0;
        }
        blanks += table->widths[i] - row[i].width + 2;
    }
    buf_put_char(out, '\n');
}

void output_table_print(const struct output_table *table, struct buf *out)
{
    for (size_t i = 0; i < table->rows.n; i++) {
        print_row(table, table->rows.items[i], out);
    }
}
