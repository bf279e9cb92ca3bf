/* What commands print: aligned tables, JSON and YAML; for terminals and for pipes. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct value;

enum output_format {
    OUTPUT_TABLE,
    OUTPUT_WIDE, /* the table with more columns */
    OUTPUT_NAME, /* one name a line */
    OUTPUT_JSON,
    OUTPUT_YAML,
    OUTPUT_FORMAT_COUNT
};

/* The words of --output, as choices of a flag. */
#define OUTPUT_CHOICES "table|wide|name|json|yaml"
/* One of those words; asserts. */
enum output_format output_format_of(const char *word);
bool output_is_structured(enum output_format format);

/* JSON, indented, or YAML, with a final line feed. ERR_INVALID, ERR_LIMIT. */
MUST_CHECK int
output_value(struct buf *out, const struct value *v, enum output_format format, struct err *err);

/* Columns the text takes on a terminal: wide characters count twice, combining ones not at all. */
size_t output_width(struct str s);
/* Append text from elsewhere: control characters, which could steer a terminal, become blanks. */
void output_text(struct buf *out, struct str s);
/* As output_text(), but lines stay lines. */
void output_lines(struct buf *out, struct str s);
/* As output_text() with ASCII letters in lower case. */
void output_lower(struct buf *out, struct str s);

/* ---- tables ---- */

struct output_table;

/* headers: NULL at the end. The table lives in the arena; cells are copied. */
struct output_table *output_table_new(struct arena *arena, const char *const *headers);
/* As many cells as there are headers. */
void output_table_row(struct output_table *table, const struct str *cells);
size_t output_table_len(const struct output_table *table);
/* Columns are two blanks apart; lines have no blanks at their end. */
void output_table_print(const struct output_table *table, struct buf *out);
