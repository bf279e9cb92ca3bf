/* What the two files of the fast YAML reader share: its place in the text, and what reads lines and scalars.
 *
 * Functions that return int give 0 or VALUE_YAML_GIVE_UP; a reading one begins at the first character of what
 * it reads and ends on the first character of the next line that has content, l->col telling its
 * indentation. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/value/value_yaml_internal.h"

enum { VALUE_YAML_GIVE_UP = -1 };

struct value_yaml_lines {
    struct value_yaml_tree *tree; /* borrowed */
    const char *source;           /* borrowed: the text as it was, for counting columns */
    char *text;                   /* the copy, with NULs behind its end */
    char *p;
    char *line_start;
    uint32_t line;
    int col;   /* of p, on the first character of a line or of an entry's content */
    bool wide; /* there are characters of several bytes: columns must be counted */
};

static inline bool value_yaml_fast_is_end(char c)
{
    return c == '\n' || c == '\0';
}

static inline bool value_yaml_fast_is_blank_or_end(char c)
{
    return c == ' ' || c == '\t' || value_yaml_fast_is_end(c);
}

/* ---- lines ---- */

void value_yaml_fast_skip_spaces(struct value_yaml_lines *l);
/* From the start of a line to the first one with content, or to the end of the text. */
int value_yaml_fast_find_content(struct value_yaml_lines *l);
/* Behind the last token of a line: nothing but a comment may follow. */
int value_yaml_fast_finish_line(struct value_yaml_lines *l);
/* "---" and a blank or the end of the line. */
bool value_yaml_fast_at_marker(const char *p);
/* The document has ended: the text has, or the next one begins. */
bool value_yaml_fast_at_document_end(const struct value_yaml_lines *l);
/* "-" and a blank or the end of the line. */
bool value_yaml_fast_at_entry(const struct value_yaml_lines *l);

/* ---- nodes ---- */

struct value_yaml_node value_yaml_fast_node_at(const struct value_yaml_lines *l, const char *p);
int value_yaml_fast_put_scalar(struct value_yaml_lines *l, const struct value_yaml_node *node);
int value_yaml_fast_put_null(struct value_yaml_lines *l, struct value_yaml_node node);
int value_yaml_fast_open_node(struct value_yaml_lines *l, enum value_type type);
int value_yaml_fast_close_node(struct value_yaml_lines *l);
/* The text of a scalar ends where it stands in the copy: call when what is there has been read. */
void value_yaml_fast_set_text(struct value_yaml_node *node, char *start, char *end);

/* ---- scalars ---- */

bool value_yaml_fast_starts_plain(const char *p);
/* One line of a plain scalar from l->p on. Ends at ": " (the colon), at a comment's blank or at the end of the
 * line; ret_end is behind the last character that belongs to it. */
int value_yaml_fast_scan_plain(struct value_yaml_lines *l, char **ret_end);
/* The rest of a plain scalar whose first line has been scanned: start to end. */
int value_yaml_fast_finish_plain(
    struct value_yaml_lines *l, struct value_yaml_node node, char *start, char *end, int parent);
/* The text between quotes, decoded and its lines folded in place; l->p goes behind the closing quote. The
 * number of lines it is on. */
int value_yaml_fast_scan_quoted(struct value_yaml_lines *l, char **ret_start, char **ret_end);
int value_yaml_fast_read_quoted(struct value_yaml_lines *l);
/* A literal or folded block below a node at column `parent`. */
int value_yaml_fast_read_block(struct value_yaml_lines *l, int parent);
