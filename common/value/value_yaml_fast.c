/* A reader for the plain part of YAML, about five times as fast as libyaml.
 *
 * Manifests are block maps and lists of plain, quoted and literal scalars, one to a line. This reads just
 * that, by recursive descent over the lines of a private copy, in which strings end where they stand.
 * Anything else - anchors, tags, tabs between tokens, flow collections of several lines, folded quotes,
 * every error - makes it give up, and libyaml reads the document instead. What it does read is what
 * libyaml would have read, positions included: a fuzz target compares the two.
 *
 * Functions return 0 or GIVE_UP. They begin at the first character of what they read and end on the first
 * character of the next line that has content, f->col telling its indentation. */
#include <assert.h>
#include <string.h>

#include "common/base/num.h"
#include "common/base/utf8.h"
#include "common/value/value_yaml_internal.h"

enum {
    GIVE_UP = -1,
    KEY_MAX_BYTES = 1000, /* libyaml takes keys of up to 1024 characters */
    WORD = 8,
    ROOT_COL = -1,
};

#define ONES  0x0101010101010101U
#define HIGHS 0x8080808080808080U

struct fast {
    struct value_yaml_tree *tree; /* borrowed */
    const char *source;           /* borrowed: the text as it was, for counting columns */
    char *text;                   /* the copy, with NULs behind its end */
    char *p;
    char *line_start;
    uint32_t line;
    int col;   /* of p, on the first character of a line or of an entry's content */
    bool wide; /* there are characters of several bytes: columns must be counted */
};

/* ---- is the text fit at all? ---- */

/* Go's rule for what stays in a text is libyaml's; what it breaks lines at must not occur here. */
static bool fit_rune(uint32_t rune)
{
    return rune >= 0xa0 && rune != 0x2028 && rune != 0x2029 && rune != 0xfeff && rune != 0xfffe &&
           rune != 0xffff;
}

static bool fit_wide(struct str text, size_t *at)
{
    if (utf8_len(text.p + *at, text.n - *at) == 0) {
        return false;
    }
    return fit_rune(utf8_next(text, at));
}

/* True when none of the eight bytes is a control character, DEL or not ASCII. */
static bool fit_word(const char *p)
{
    uint64_t w;
    memcpy(&w, p, WORD);
    uint64_t control = (w - 0x20 * ONES) & ~w;
    uint64_t del = ((w ^ 0x7f * ONES) - ONES) & ~(w ^ 0x7f * ONES);
    return ((control | del | w) & HIGHS) == 0;
}

/* Directives and document end marks change what follows them. */
static bool fit_line_start(struct str text, size_t at)
{
    return at >= text.n ||
           (text.p[at] != '%' && !str_starts_with(str_sub(text, at, at + 3), STR("...")));
}

static bool is_fit(struct str text, bool *ret_wide)
{
    bool fit = fit_line_start(text, 0);
    for (size_t at = 0; at < text.n && fit;) {
        while (at + WORD <= text.n && fit_word(text.p + at)) {
            at += WORD;
        }
        if (at == text.n) {
            break;
        }
        unsigned char c = (unsigned char)text.p[at];
        if (c >= 0x80) {
            *ret_wide = true;
            fit = fit_wide(text, &at);
            continue;
        }
        at++;
        fit = c == '\n' ? fit_line_start(text, at) : c == '\t' || (c >= 0x20 && c != 0x7f);
    }
    return fit;
}

/* ---- lines ---- */

static bool is_end(char c)
{
    return c == '\n' || c == '\0';
}

static bool is_blank_or_end(char c)
{
    return c == ' ' || c == '\t' || is_end(c);
}

static void skip_spaces(struct fast *f)
{
    while (*f->p == ' ') {
        f->p++;
    }
}

static void skip_to_end(struct fast *f)
{
    while (!is_end(*f->p)) {
        f->p++;
    }
}

static void enter_line(struct fast *f)
{
    f->p++;
    f->line++;
    f->line_start = f->p;
}

/* From the start of a line to the first one with content, or to the end of the text. */
static int find_content(struct fast *f)
{
    for (;;) {
        skip_spaces(f);
        if (*f->p == '\t') {
            return GIVE_UP;
        }
        if (*f->p == '#') {
            skip_to_end(f);
        }
        if (*f->p != '\n') {
            break;
        }
        enter_line(f);
    }
    f->col = *f->p == '\0' ? 0 : (int)(f->p - f->line_start);
    return 0;
}

/* Behind the last token of a line: nothing but a comment may follow. */
static int finish_line(struct fast *f)
{
    bool blank = *f->p == ' ';
    skip_spaces(f);
    if (*f->p == '#' && blank) {
        skip_to_end(f);
    }
    if (!is_end(*f->p)) {
        return GIVE_UP;
    }
    if (*f->p == '\n') {
        enter_line(f);
    }
    return find_content(f);
}

static bool at_marker(const char *p)
{
    return p[0] == '-' && p[1] == '-' && p[2] == '-' && is_blank_or_end(p[3]);
}

/* The document has ended: the text has, or the next one begins. */
static bool at_document_end(const struct fast *f)
{
    return *f->p == '\0' || (f->col == 0 && at_marker(f->p));
}

static bool at_entry(const struct fast *f)
{
    return f->p[0] == '-' && is_blank_or_end(f->p[1]);
}

/* ---- nodes ---- */

static struct value_yaml_node node_at(const struct fast *f, const char *p)
{
    struct str before = str_of(f->source + (f->line_start - f->text), (size_t)(p - f->line_start));
    return (struct value_yaml_node){
        .line = f->line,
        .column = (uint32_t)(f->wide ? utf8_count(before) : before.n) + 1,
    };
}

/* The tree's errors are found again, with libyaml's idea of what comes first. */
static int put_scalar(struct fast *f, const struct value_yaml_node *node)
{
    struct err err;
    return value_yaml_tree_scalar(f->tree, node, &err) < 0 ? GIVE_UP : 0;
}

static int put_null(struct fast *f, struct value_yaml_node node)
{
    node.text = STR_EMPTY;
    node.implicit = true;
    return put_scalar(f, &node);
}

static int open_node(struct fast *f, enum value_type type)
{
    struct err err;
    struct value_yaml_node node = node_at(f, f->p);
    return value_yaml_tree_open(f->tree, type, &node, &err) < 0 ? GIVE_UP : 0;
}

static int close_node(struct fast *f)
{
    struct err err;
    return value_yaml_tree_close(f->tree, &err) < 0 ? GIVE_UP : 0;
}

/* The text of a scalar ends where it stands in the copy: call when what is there has been read. */
static void set_text(struct value_yaml_node *node, char *start, char *end)
{
    *end = '\0';
    node->text = str_of(start, (size_t)(end - start));
}

/* ---- plain scalars ---- */

static bool starts_plain(const char *p)
{
    if (*p == '-') {
        return !is_blank_or_end(p[1]);
    }
    return !is_blank_or_end(*p) && strchr("?:,[]{}#&*!|>'\"%@`", *p) == NULL;
}

/* One line of a plain scalar from f->p on. Ends at ": " (the colon), at a comment's blank or at the end of
 * the line; ret_end is behind the last character that belongs to it. */
static int scan_plain(struct fast *f, char **ret_end)
{
    char *p = f->p;
    char *end = p;
    for (;;) {
        while (((unsigned char)*p > ' ' && *p != ':') || (*p == ':' && !is_blank_or_end(p[1]))) {
            end = ++p;
        }
        if (*p != ' ') {
            break;
        }
        while (*p == ' ') {
            p++;
        }
        if (*p == '#' || is_end(*p) || *p == '\t') {
            break;
        }
    }
    f->p = *p == '#' ? end : p; /* finish_line() wants to see the blank before a comment */
    *ret_end = end;
    return *p == '\t' ? GIVE_UP : 0;
}

/* Does the text go on behind the end of this line? Then f->p is on its first character, and the line breaks
 * between are counted. The continuation of plain text is what is indented more than its parent. */
static int find_continuation(struct fast *f, int parent, size_t *ret_breaks)
{
    struct fast at = *f;
    size_t n_breaks = 0;
    while (*at.p == '\n') {
        enter_line(&at);
        n_breaks++;
        skip_spaces(&at);
    }
    if (*at.p == '\t') {
        return GIVE_UP;
    }
    int col = (int)(at.p - at.line_start);
    bool ends = *at.p == '\0' || *at.p == '#' || col <= parent || (col == 0 && at_marker(at.p));
    if (ends || n_breaks == 0) {
        *ret_breaks = 0;
        return 0;
    }
    *f = at;
    *ret_breaks = n_breaks;
    return 0;
}

/* Join the lines of a plain scalar in place, the first of which ends at `end`. */
static int fold_plain(struct fast *f, int parent, char **end)
{
    for (;;) {
        size_t n_breaks = 0;
        char *line_end = NULL;
        if (*f->p != '\n') { /* a comment ends the scalar */
            return 0;
        }
        if (find_continuation(f, parent, &n_breaks) < 0) {
            return GIVE_UP;
        }
        if (n_breaks == 0) {
            return 0;
        }
        char *start = f->p;
        if (scan_plain(f, &line_end) < 0 || *f->p == ':') {
            return GIVE_UP;
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
static int
finish_plain(struct fast *f, struct value_yaml_node node, char *start, char *end, int parent)
{
    if (*f->p == ':' || fold_plain(f, parent, &end) < 0 || finish_line(f) < 0) {
        return GIVE_UP;
    }
    set_text(&node, start, end);
    node.implicit = true;
    return put_scalar(f, &node);
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
        return GIVE_UP;
    }
    *p += 2 + n_digits;
    *dst += utf8_encode((uint32_t)rune, *dst);
    return 0;
}

/* The text between quotes on one line, decoded in place; f->p goes behind the closing quote. */
static int scan_quoted(struct fast *f, char **ret_start, char **ret_end)
{
    char quote = *f->p;
    char *p = f->p + 1;
    char *dst = p;
    *ret_start = p;
    for (;;) {
        if (is_end(*p)) {
            return GIVE_UP;
        }
        if (*p == '\\' && quote == '"') {
            if (unescape(&p, &dst) < 0) {
                return GIVE_UP;
            }
            continue;
        }
        if (*p == quote && quote == '\'' && p[1] == '\'') {
            p++;
        } else if (*p == quote) {
            break;
        }
        *dst++ = *p++;
    }
    f->p = p + 1;
    *ret_end = dst;
    return 0;
}

static int read_quoted(struct fast *f)
{
    char *start = NULL;
    char *end = NULL;
    struct value_yaml_node node = node_at(f, f->p);
    if (scan_quoted(f, &start, &end) < 0 || finish_line(f) < 0) {
        return GIVE_UP;
    }
    set_text(&node, start, end);
    node.quoted = true;
    return put_scalar(f, &node);
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
static int read_block_header(struct fast *f, struct block *b)
{
    b->folded = *f->p++ == '>';
    b->chomp = *f->p == '-' ? CHOMP_STRIP : *f->p == '+' ? CHOMP_KEEP : CHOMP_CLIP;
    f->p += b->chomp != CHOMP_CLIP;
    skip_spaces(f);
    if (*f->p != '\n') {
        return GIVE_UP;
    }
    enter_line(f);
    return 0;
}

/* Step over lines without content; f->p ends on the first line that has some, behind its spaces. */
static int skip_empty_lines(struct fast *f, struct block *b, int *ret_deepest)
{
    *ret_deepest = 0;
    for (;;) {
        skip_spaces(f);
        int col = (int)(f->p - f->line_start);
        if (*f->p != '\n') {
            return *f->p == '\t' ? GIVE_UP : 0;
        }
        *ret_deepest = MAX(*ret_deepest, col);
        b->n_breaks++;
        enter_line(f);
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

/* Lines up to the first that is indented less; f->p is at column b->indent of the first one. */
static void read_block_lines(struct fast *f, struct block *b)
{
    while (f->p - f->line_start == b->indent && *f->p != '\0') {
        bool blank = *f->p == ' ' || *f->p == '\t';
        char *start = f->p;
        skip_to_end(f);
        size_t n = (size_t)(f->p - start);
        put_breaks(b, blank);
        memmove(b->dst, start, n);
        b->dst += n;
        b->first = false;
        b->blank = blank;
        while (*f->p == '\n') {
            b->n_breaks++;
            enter_line(f);
            while (*f->p == ' ' && f->p - f->line_start < b->indent) {
                f->p++;
            }
        }
    }
}

static int read_block(struct fast *f, int parent)
{
    struct block b = {.first = true};
    int deepest = 0;
    struct value_yaml_node node = node_at(f, f->p);
    if (read_block_header(f, &b) < 0) {
        return GIVE_UP;
    }
    char *start = f->p;
    b.dst = start;
    if (skip_empty_lines(f, &b, &deepest) < 0) {
        return GIVE_UP;
    }
    b.indent = (int)(f->p - f->line_start);
    if (b.indent <= parent || b.indent == 0 || deepest > b.indent || *f->p == '\0') {
        return GIVE_UP; /* empty, or indented in a way that needs thought */
    }
    read_block_lines(f, &b);
    /* of the breaks at the end the first belongs to the last line */
    size_t n_kept = b.chomp == CHOMP_KEEP ? b.n_breaks : b.chomp == CHOMP_CLIP ? b.n_breaks > 0 : 0;
    memset(b.dst, '\n', n_kept);
    b.dst += n_kept;
    f->p = *f->p == '\0' ? f->p : f->line_start;
    if (find_content(f) < 0) {
        return GIVE_UP;
    }
    set_text(&node, start, b.dst);
    node.quoted = true;
    return put_scalar(f, &node);
}

/* ---- flow collections on one line ---- */

static int read_flow(struct fast *f);

/* Text that means the same inside and outside of brackets, without blanks. */
static bool is_flow_plain(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("_./-+=$~^", c) != NULL);
}

/* A scalar without what follows it; the node is complete but for the terminator, to be set at *ret_end. */
static int scan_flow_scalar(struct fast *f, struct value_yaml_node *node, char **ret_end)
{
    char *start = f->p;
    *node = node_at(f, f->p);
    if (*f->p == '"' || *f->p == '\'') {
        node->quoted = true;
        if (scan_quoted(f, &start, ret_end) < 0) {
            return GIVE_UP;
        }
    } else {
        if (*f->p == '-' && !is_flow_plain((unsigned char)f->p[1])) {
            return GIVE_UP;
        }
        while (is_flow_plain((unsigned char)*f->p)) {
            f->p++;
        }
        node->implicit = true;
        *ret_end = f->p;
    }
    node->text = str_of(start, (size_t)(*ret_end - start));
    return *ret_end > start || node->quoted ? 0 : GIVE_UP;
}

/* The blanks behind an item or key, and the character there. */
static char next_flow_char(struct fast *f)
{
    skip_spaces(f);
    return *f->p;
}

static int read_flow_key(struct fast *f)
{
    struct value_yaml_node node;
    char *end = NULL;
    if (scan_flow_scalar(f, &node, &end) < 0 || node.text.n > KEY_MAX_BYTES || f->p[0] != ':' ||
        f->p[1] != ' ') {
        return GIVE_UP;
    }
    f->p += 2;
    *end = '\0';
    return put_scalar(f, &node);
}

static int read_flow_item(struct fast *f)
{
    struct value_yaml_node node;
    char *end = NULL;
    if (*f->p == '[' || *f->p == '{') {
        return read_flow(f);
    }
    if (scan_flow_scalar(f, &node, &end) < 0) {
        return GIVE_UP;
    }
    char c = next_flow_char(f);
    if (c != ',' && c != ']' && c != '}') {
        return GIVE_UP;
    }
    /* the terminator may take the place of the comma or bracket, which is still to be read */
    if (end == f->p) {
        node.text = value_yaml_tree_keep(f->tree, node.text);
    } else {
        *end = '\0';
    }
    return put_scalar(f, &node);
}

static int read_flow(struct fast *f)
{
    bool map = *f->p == '{';
    char close = map ? '}' : ']';
    if (open_node(f, map ? VALUE_MAP : VALUE_LIST) < 0) {
        return GIVE_UP;
    }
    f->p++;
    bool more = next_flow_char(f) != close;
    while (more) {
        if (map && (read_flow_key(f) < 0 || next_flow_char(f) == '\0')) {
            return GIVE_UP;
        }
        if (read_flow_item(f) < 0) {
            return GIVE_UP;
        }
        char c = next_flow_char(f);
        if (c != ',' && c != close) {
            return GIVE_UP;
        }
        more = c == ',';
        if (more) {
            f->p++;
            (void)next_flow_char(f);
        }
    }
    f->p++;
    return close_node(f);
}

/* ---- block collections ---- */

static int read_node(struct fast *f, int parent);
static int read_sequence(struct fast *f);

/* A scalar that may be a key. */
struct key {
    struct value_yaml_node node;
    char *start;
    char *end;
};

/* Scan the scalar at f->p on its line; 1 = it is a key, and f->p is behind the colon. */
static int scan_key(struct fast *f, struct key *key)
{
    key->node = node_at(f, f->p);
    key->start = f->p;
    if (*f->p == '"' || *f->p == '\'') {
        key->node.quoted = true;
        if (scan_quoted(f, &key->start, &key->end) < 0) {
            return GIVE_UP;
        }
    } else {
        key->node.implicit = true;
        if (!starts_plain(f->p) || scan_plain(f, &key->end) < 0) {
            return GIVE_UP;
        }
    }
    char *at = f->p;
    while (*at == ' ' && key->node.quoted) {
        at++;
    }
    if (*at != ':' || !is_blank_or_end(at[1])) {
        return 0;
    }
    f->p = at + 1;
    return at - key->start <= KEY_MAX_BYTES ? 1 : GIVE_UP;
}

static int read_inline_value(struct fast *f, int col)
{
    if (*f->p == '|' || *f->p == '>') {
        return read_block(f, col);
    }
    if (*f->p == '"' || *f->p == '\'') {
        return read_quoted(f);
    }
    if (*f->p == '[' || *f->p == '{') {
        return read_flow(f) < 0 ? GIVE_UP : finish_line(f);
    }
    struct value_yaml_node node = node_at(f, f->p);
    char *start = f->p;
    char *end = NULL;
    if (!starts_plain(f->p) || scan_plain(f, &end) < 0) {
        return GIVE_UP;
    }
    return finish_plain(f, node, start, end, col);
}

/* Is there nothing but a comment on the rest of the line? */
static bool rest_is_empty(const struct fast *f)
{
    const char *p = f->p;
    while (*p == ' ') {
        p++;
    }
    return is_end(*p) || (*p == '#' && p > f->p);
}

/* Behind the colon of a key in a map at column col. */
static int read_value(struct fast *f, int col)
{
    struct value_yaml_node empty = node_at(f, f->p);
    if (!rest_is_empty(f)) {
        skip_spaces(f);
        return read_inline_value(f, col);
    }
    if (finish_line(f) < 0) {
        return GIVE_UP;
    }
    bool ended = at_document_end(f);
    if (!ended && f->col > col) {
        return read_node(f, col);
    }
    if (!ended && f->col == col && at_entry(f)) {
        return read_sequence(f);
    }
    return put_null(f, empty);
}

/* A map at column col, its first key scanned. */
static int read_mapping(struct fast *f, int col, struct key *key)
{
    struct err err;
    if (value_yaml_tree_open(f->tree, VALUE_MAP, &key->node, &err) < 0) {
        return GIVE_UP;
    }
    for (;;) {
        set_text(&key->node, key->start, key->end);
        if (put_scalar(f, &key->node) < 0 || read_value(f, col) < 0) {
            return GIVE_UP;
        }
        if (at_document_end(f) || f->col < col) {
            return close_node(f);
        }
        if (f->col > col || at_entry(f) || scan_key(f, key) != 1) {
            return GIVE_UP;
        }
    }
}

/* Behind the dash of an entry at column col. */
static int read_entry(struct fast *f, int col)
{
    struct value_yaml_node empty = node_at(f, f->p);
    if (!rest_is_empty(f)) {
        skip_spaces(f);
        f->col = (int)(f->p - f->line_start);
        return read_node(f, col);
    }
    if (finish_line(f) < 0) {
        return GIVE_UP;
    }
    if (!at_document_end(f) && f->col > col) {
        return read_node(f, col);
    }
    return put_null(f, empty);
}

/* A list at column f->col. The map around it may stand at the same column and goes on after it. */
static int read_sequence(struct fast *f)
{
    int col = f->col;
    if (open_node(f, VALUE_LIST) < 0) {
        return GIVE_UP;
    }
    do {
        f->p++;
        if (read_entry(f, col) < 0) {
            return GIVE_UP;
        }
        if (!at_document_end(f) && f->col > col) {
            return GIVE_UP;
        }
    } while (!at_document_end(f) && f->col == col && at_entry(f));
    return close_node(f);
}

/* The node at f->p, which is indented more than its parent: columns tell where it ends. */
static int read_node(struct fast *f, int parent)
{
    int col = f->col;
    if (at_entry(f)) {
        if (read_sequence(f) < 0) {
            return GIVE_UP;
        }
        return at_document_end(f) || f->col < col ? 0 : GIVE_UP;
    }
    if (strchr("|>[{", *f->p) != NULL) {
        return read_inline_value(f, parent);
    }
    struct key key = {0};
    int rc = scan_key(f, &key);
    if (rc == 1) {
        return read_mapping(f, col, &key);
    }
    if (rc < 0 || !key.node.quoted) {
        return rc < 0 ? rc : finish_plain(f, key.node, key.start, key.end, parent);
    }
    if (finish_line(f) < 0) {
        return GIVE_UP;
    }
    set_text(&key.node, key.start, key.end);
    return put_scalar(f, &key.node);
}

/* ---- documents ---- */

struct value_yaml_fast {
    struct fast f;
    struct value_yaml_fast_place place;
};

struct value_yaml_fast *
value_yaml_fast_new(struct arena *arena, struct value_yaml_tree *tree, struct str text)
{
    bool wide = false;
    if (!is_fit(text, &wide)) {
        return NULL;
    }
    struct value_yaml_fast *fast = ARENA_NEW(arena, struct value_yaml_fast);
    char *copy = arena_bytes(arena, text.n + WORD);
    if (text.n > 0) {
        memcpy(copy, text.p, text.n);
    }
    memset(copy + text.n, 0, WORD);
    fast->f = (struct fast){
        .tree = tree,
        .source = text.p,
        .text = copy,
        .p = copy,
        .line_start = copy,
        .line = 1,
        .wide = wide,
    };
    return fast;
}

/* The marker, if there is one, and the first line with content. 1 = there was a marker. */
static int begin_document(struct value_yaml_fast *fast)
{
    struct fast *f = &fast->f;
    if (find_content(f) < 0) {
        return GIVE_UP;
    }
    fast->place.content = (size_t)(f->p - f->text);
    if (f->col == 0 && at_marker(f->p)) {
        f->p += 3;
        fast->place.content += 3;
        return finish_line(f) < 0 ? GIVE_UP : 1;
    }
    return 0;
}

enum value_yaml_fast_result
value_yaml_fast_read(struct value_yaml_fast *fast, bool *ret_content, uint32_t *ret_line)
{
    struct fast *f = &fast->f;
    fast->place = (struct value_yaml_fast_place){
        .start = (size_t)(f->p - f->text),
        .content = (size_t)(f->p - f->text),
        .line = f->line,
    };
    int marker = begin_document(fast);
    if (marker < 0) {
        return VALUE_YAML_FAST_GIVE_UP;
    }
    if (*f->p == '\0' && marker == 0) {
        return VALUE_YAML_FAST_END;
    }
    struct value_yaml_node empty = node_at(f, f->p);
    if (*f->p == '\0' && f->p > f->line_start) { /* libyaml ends the last line */
        empty.line++;
        empty.column = 1;
    }
    *ret_content = !at_document_end(f);
    *ret_line = empty.line;
    int rc = *ret_content ? read_node(f, ROOT_COL) : put_null(f, empty);
    return rc == 0 && at_document_end(f) ? VALUE_YAML_FAST_DOCUMENT : VALUE_YAML_FAST_GIVE_UP;
}

struct value_yaml_fast_place value_yaml_fast_place(const struct value_yaml_fast *fast)
{
    return fast->place;
}

void value_yaml_fast_seek(struct value_yaml_fast *fast, size_t offset, uint32_t line)
{
    fast->f.p = fast->f.text + offset;
    fast->f.line_start = fast->f.p;
    fast->f.line = line;
}
