/* Lines and scalars of the fast YAML reader: where lines begin and end, plain and quoted text, blocks. */
#include <string.h>

#include "common/base/num.h"
#include "common/base/utf8.h"
#include "common/value/value_yaml_fast_internal.h"

/* ---- lines ---- */

void value_yaml_fast_skip_spaces(struct value_yaml_lines *l)
{
    while (*l->p == ' ') {
        l->p++;
    }
}

static void skip_to_end(struct value_yaml_lines *l)
{
    while (!value_yaml_fast_is_end(*l->p)) {
        l->p++;
    }
}

static void enter_line(struct value_yaml_lines *l)
{
    l->p++;
    l->line++;
    l->line_start = l->p;
}

/* From the start of a line to the first one with content, or to the end of the text. */
int value_yaml_fast_find_content(struct value_yaml_lines *l)
{
    for (;;) {
        value_yaml_fast_skip_spaces(l);
        if (*l->p == '\t') {
            return VALUE_YAML_GIVE_UP;
        }
        if (*l->p == '#') {
            skip_to_end(l);
        }
        if (*l->p != '\n') {
            break;
        }
        enter_line(l);
    }
    l->col = *l->p == '\0' ? 0 : (int)(l->p - l->line_start);
    return 0;
}

/* Behind the last token of a line: nothing but a comment may follow. */
int value_yaml_fast_finish_line(struct value_yaml_lines *l)
{
    bool blank = *l->p == ' ';
    value_yaml_fast_skip_spaces(l);
    if (*l->p == '#' && blank) {
        skip_to_end(l);
    }
    if (!value_yaml_fast_is_end(*l->p)) {
        return VALUE_YAML_GIVE_UP;
    }
    if (*l->p == '\n') {
        enter_line(l);
    }
    return value_yaml_fast_find_content(l);
}

bool value_yaml_fast_at_marker(const char *p)
{
    return p[0] == '-' && p[1] == '-' && p[2] == '-' && value_yaml_fast_is_blank_or_end(p[3]);
}

/* The document has ended: the text has, or the next one begins. */
bool value_yaml_fast_at_document_end(const struct value_yaml_lines *l)
{
    return *l->p == '\0' || (l->col == 0 && value_yaml_fast_at_marker(l->p));
}

bool value_yaml_fast_at_entry(const struct value_yaml_lines *l)
{
    return l->p[0] == '-' && value_yaml_fast_is_blank_or_end(l->p[1]);
}

/* ---- nodes ---- */

struct value_yaml_node value_yaml_fast_node_at(const struct value_yaml_lines *l, const char *p)
{
    struct str before = str_of(l->source + (l->line_start - l->text), (size_t)(p - l->line_start));
    return (struct value_yaml_node){
        .line = l->line,
        .column = (uint32_t)(l->wide ? utf8_count(before) : before.n) + 1,
    };
}

/* The tree's errors are found again, with libyaml's idea of what comes first. */
int value_yaml_fast_put_scalar(struct value_yaml_lines *l, const struct value_yaml_node *node)
{
    struct err err;
    return value_yaml_tree_scalar(l->tree, node, &err) < 0 ? VALUE_YAML_GIVE_UP : 0;
}

int value_yaml_fast_put_null(struct value_yaml_lines *l, struct value_yaml_node node)
{
    node.text = STR_EMPTY;
    node.implicit = true;
    return value_yaml_fast_put_scalar(l, &node);
}

int value_yaml_fast_open_node(struct value_yaml_lines *l, enum value_type type)
{
    struct err err;
    struct value_yaml_node node = value_yaml_fast_node_at(l, l->p);
    return value_yaml_tree_open(l->tree, type, &node, &err) < 0 ? VALUE_YAML_GIVE_UP : 0;
}

int value_yaml_fast_close_node(struct value_yaml_lines *l)
{
    struct err err;
    return value_yaml_tree_close(l->tree, &err) < 0 ? VALUE_YAML_GIVE_UP : 0;
}

/* The text of a scalar ends where it stands in the copy: call when what is there has been read. */
void value_yaml_fast_set_text(struct value_yaml_node *node, char *start, char *end)
{
    *end = '\0';
    node->text = str_of(start, (size_t)(end - start));
}

/* ---- plain scalars ---- */

bool value_yaml_fast_starts_plain(const char *p)
{
    if (*p == '-' || *p == '?' || *p == ':') {
        return !value_yaml_fast_is_blank_or_end(p[1]);
    }
    return !value_yaml_fast_is_blank_or_end(*p) && strchr(",[]{}#&*!|>'\"%@`", *p) == NULL;
}

/* One line of a plain scalar from l->p on. Ends at ": " (the colon), at a comment's blank or at the end of
 * the line; ret_end is behind the last character that belongs to it. */
int value_yaml_fast_scan_plain(struct value_yaml_lines *l, char **ret_end)
{
    char *p = l->p;
    char *end = p;
    for (;;) {
        while (((unsigned char)*p > ' ' && *p != ':') ||
               (*p == ':' && !value_yaml_fast_is_blank_or_end(p[1]))) {
            end = ++p;
        }
        if (*p != ' ') {
            break;
        }
        while (*p == ' ') {
            p++;
        }
        if (*p == '#' || value_yaml_fast_is_end(*p) || *p == '\t') {
            break;
        }
    }
    l->p = *p == '#'
               ? end
               : p; /* value_yaml_fast_finish_line() wants to see the blank before a comment */
    *ret_end = end;
    return *p == '\t' ? VALUE_YAML_GIVE_UP : 0;
}

/* Does the text go on behind the end of this line? Then l->p is on its first character, and the line breaks
 * between are counted. The continuation of plain text is what is indented more than its parent. */
static int find_continuation(struct value_yaml_lines *l, int parent, size_t *ret_breaks)
{
    struct value_yaml_lines at = *l;
    size_t n_breaks = 0;
    while (*at.p == '\n') {
        enter_line(&at);
        n_breaks++;
        value_yaml_fast_skip_spaces(&at);
    }
    if (*at.p == '\t') {
        return VALUE_YAML_GIVE_UP;
    }
    int col = (int)(at.p - at.line_start);
    bool ends = *at.p == '\0' || *at.p == '#' || col <= parent ||
                (col == 0 && value_yaml_fast_at_marker(at.p));
    if (ends || n_breaks == 0) {
        *ret_breaks = 0;
        return 0;
    }
    *l = at;
    *ret_breaks = n_breaks;
    return 0;
}

/* Join the lines of a plain scalar in place, the first of which ends at `end`. */
static int fold_plain(struct value_yaml_lines *l, int parent, char **end)
{
    for (;;) {
        size_t n_breaks = 0;
        char *line_end = NULL;
        if (*l->p != '\n') { /* a comment ends the scalar */
            return 0;
        }
        if (find_continuation(l, parent, &n_breaks) < 0) {
            return VALUE_YAML_GIVE_UP;
        }
        if (n_breaks == 0) {
            return 0;
        }
        char *start = l->p;
        if (value_yaml_fast_scan_plain(l, &line_end) < 0 || *l->p == ':') {
            return VALUE_YAML_GIVE_UP;
        }
        /* one break is a space, n are n - 1 breaks; never more than was between the lines */
        memset(*end, n_breaks == 1 ? ' ' : '\n', n_breaks == 1 ? 1 : n_breaks - 1);
        *end += n_breaks == 1 ? 1 : n_breaks - 1;
        size_t n = (size_t)(line_end - start);
        memmove(*end, start, n);
        *end += n;
    }
}

/* The rest of a plain scalar whose first line has been scanned: start to end. */
int value_yaml_fast_finish_plain(
    struct value_yaml_lines *l, struct value_yaml_node node, char *start, char *end, int parent)
{
    if (*l->p == ':' || fold_plain(l, parent, &end) < 0 || value_yaml_fast_finish_line(l) < 0) {
        return VALUE_YAML_GIVE_UP;
    }
    value_yaml_fast_set_text(&node, start, end);
    node.implicit = true;
    return value_yaml_fast_put_scalar(l, &node);
}

/* ---- quoted scalars ---- */

/* Decode the escape at *p (a backslash) to *dst; only those that occur in practice. */
static int unescape(char **p, char **dst)
{
    static const char LETTERS[] = "\"\\/ntr";
    static const char MEANINGS[] = "\"\\/\n\t\r";
    char c = (*p)[1];
    const char *known = c != '\0' ? strchr(LETTERS, c) : NULL;
    if (known != NULL) {
        *(*dst)++ = MEANINGS[known - LETTERS];
        *p += 2;
        return 0;
    }
    size_t n_digits = c == 'x' ? 2 : c == 'u' ? 4 : 0;
    uint64_t rune = 0;
    if (n_digits == 0 || strnlen(*p + 2, n_digits) < n_digits ||
        !num_digits(str_of(*p + 2, n_digits), 16, &rune) || (rune >= 0xd800 && rune <= 0xdfff)) {
        return VALUE_YAML_GIVE_UP;
    }
    *p += 2 + n_digits;
    *dst += utf8_encode((uint32_t)rune, *dst);
    return 0;
}

/* From the end of a line inside quotes to the text that goes on; the line breaks between. */
static int next_quoted_line(struct value_yaml_lines *l, size_t *ret_breaks)
{
    *ret_breaks = 0;
    while (*l->p == '\n') {
        enter_line(l);
        (*ret_breaks)++;
        if (value_yaml_fast_at_marker(l->p)) {
            return VALUE_YAML_GIVE_UP;
        }
        while (*l->p == ' ' || *l->p == '\t') {
            l->p++;
        }
    }
    return 0;
}

/* One character or escape at l->p, decoded to *dst; the number of bytes written, 0 at the closing quote. */
static int decode_quoted(struct value_yaml_lines *l, char quote, char **dst)
{
    char *from = *dst;
    if (*l->p == '\\' && quote == '"') {
        return unescape(&l->p, dst) < 0 ? VALUE_YAML_GIVE_UP : (int)(*dst - from);
    }
    if (*l->p == quote) {
        if (quote == '"' || l->p[1] != '\'') {
            return 0;
        }
        l->p++;
    }
    *(*dst)++ = *l->p++;
    return 1;
}

/* The text between quotes, decoded and its lines folded in place; l->p goes behind the closing quote. The
 * number of lines it is on. */
int value_yaml_fast_scan_quoted(struct value_yaml_lines *l, char **ret_start, char **ret_end)
{
    char quote = *l->p++;
    char *dst = l->p;
    char *content = dst; /* behind the last character that is no blank between two lines */
    int n_lines = 1;
    int n = 1;
    *ret_start = dst;
    while (n > 0 && *l->p != '\0') {
        if (*l->p == '\n') {
            size_t n_breaks;
            if (next_quoted_line(l, &n_breaks) < 0) {
                return VALUE_YAML_GIVE_UP;
            }
            /* one break is a space, n are n - 1 breaks */
            size_t n_put = n_breaks == 1 ? 1 : n_breaks - 1;
            memset(content, n_breaks == 1 ? ' ' : '\n', n_put);
            content += n_put;
            dst = content;
            n_lines++;
            continue;
        }
        bool blank = *l->p == ' ' || *l->p == '\t';
        n = decode_quoted(l, quote, &dst);
        content = blank ? content : dst;
    }
    if (n != 0) {
        return VALUE_YAML_GIVE_UP;
    }
    l->p++;
    *ret_end = dst;
    return n_lines;
}

int value_yaml_fast_read_quoted(struct value_yaml_lines *l)
{
    char *start = NULL;
    char *end = NULL;
    struct value_yaml_node node = value_yaml_fast_node_at(l, l->p);
    if (value_yaml_fast_scan_quoted(l, &start, &end) < 0 || value_yaml_fast_finish_line(l) < 0) {
        return VALUE_YAML_GIVE_UP;
    }
    value_yaml_fast_set_text(&node, start, end);
    node.quoted = true;
    return value_yaml_fast_put_scalar(l, &node);
}

/* ---- literal and folded blocks ---- */

enum chomp { CHOMP_STRIP, CHOMP_CLIP, CHOMP_KEEP };

struct block {
    bool folded;
    enum chomp chomp;
    int indent;      /* of the content */
    char *dst;       /* behind what has been written */
    size_t n_breaks; /* line breaks not written yet: they may be chomped */
    bool first;      /* no line has been written */
    bool blank;      /* the last line written began with a blank: it is not folded */
};

/* "|", "|-", ">+" and the end of the line. */
static int read_block_header(struct value_yaml_lines *l, struct block *b)
{
    b->folded = *l->p++ == '>';
    b->chomp = *l->p == '-' ? CHOMP_STRIP : *l->p == '+' ? CHOMP_KEEP : CHOMP_CLIP;
    l->p += b->chomp != CHOMP_CLIP;
    value_yaml_fast_skip_spaces(l);
    if (*l->p != '\n') {
        return VALUE_YAML_GIVE_UP;
    }
    enter_line(l);
    return 0;
}

/* Step over lines without content; l->p ends on the first line that has some, behind its spaces. */
static int skip_empty_lines(struct value_yaml_lines *l, struct block *b, int *ret_deepest)
{
    *ret_deepest = 0;
    for (;;) {
        value_yaml_fast_skip_spaces(l);
        int col = (int)(l->p - l->line_start);
        if (*l->p != '\n') {
            return *l->p == '\t' ? VALUE_YAML_GIVE_UP : 0;
        }
        *ret_deepest = MAX(*ret_deepest, col);
        b->n_breaks++;
        enter_line(l);
    }
}

/* The breaks between two lines: kept, or folded to a space where both are ordinary text. */
static void put_breaks(struct block *b, bool blank)
{
    size_t n = b->n_breaks;
    if (b->folded && !b->first && !b->blank && !blank && n > 0) {
        if (n == 1) {
            *b->dst++ = ' ';
        }
        n--;
    }
    memset(b->dst, '\n', n);
    b->dst += n;
    b->n_breaks = 0;
}

/* Lines up to the first that is indented less; l->p is at column b->indent of the first one. */
static void read_block_lines(struct value_yaml_lines *l, struct block *b)
{
    while (l->p - l->line_start == b->indent && *l->p != '\0') {
        bool blank = *l->p == ' ' || *l->p == '\t';
        char *start = l->p;
        skip_to_end(l);
        size_t n = (size_t)(l->p - start);
        put_breaks(b, blank);
        memmove(b->dst, start, n);
        b->dst += n;
        b->first = false;
        b->blank = blank;
        while (*l->p == '\n') {
            b->n_breaks++;
            enter_line(l);
            while (*l->p == ' ' && l->p - l->line_start < b->indent) {
                l->p++;
            }
        }
    }
}

int value_yaml_fast_read_block(struct value_yaml_lines *l, int parent)
{
    struct block b = {.first = true};
    int deepest = 0;
    struct value_yaml_node node = value_yaml_fast_node_at(l, l->p);
    if (read_block_header(l, &b) < 0) {
        return VALUE_YAML_GIVE_UP;
    }
    char *start = l->p;
    b.dst = start;
    if (skip_empty_lines(l, &b, &deepest) < 0) {
        return VALUE_YAML_GIVE_UP;
    }
    b.indent = (int)(l->p - l->line_start);
    if (b.indent <= parent || b.indent == 0 || deepest > b.indent || *l->p == '\0') {
        return VALUE_YAML_GIVE_UP; /* empty, or indented in a way that needs thought */
    }
    read_block_lines(l, &b);
    /* of the breaks at the end the first belongs to the last line */
    size_t n_kept = b.chomp == CHOMP_KEEP ? b.n_breaks : b.chomp == CHOMP_CLIP ? b.n_breaks > 0 : 0;
    memset(b.dst, '\n', n_kept);
    b.dst += n_kept;
    l->p = *l->p == '\0' ? l->p : l->line_start;
    if (value_yaml_fast_find_content(l) < 0) {
        return VALUE_YAML_GIVE_UP;
    }
    value_yaml_fast_set_text(&node, start, b.dst);
    node.quoted = true;
    return value_yaml_fast_put_scalar(l, &node);
}
