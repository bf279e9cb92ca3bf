/* A reader for the plain part of YAML, about five times as fast as libyaml.
 *
 * Manifests are block maps and lists of plain, quoted and literal scalars, one to a line. This reads just
 * that, by recursive descent over the lines of a private copy, in which strings end where they stand.
 * Anything else - anchors, tags, tabs between tokens, flow collections of several lines, folded quotes,
 * every error - makes it give up, and libyaml reads the document instead. What it does read is what
 * libyaml would have read, positions included: a fuzz target compares the two.
 *
 * Here are documents and collections; value_yaml_fast_scalar.c has lines and scalars, and
 * value_yaml_fast_internal.h what all functions have in common. */
#include <string.h>

#include "common/base/utf8.h"
#include "common/value/value_yaml_fast_internal.h"

enum {
    KEY_MAX_BYTES = 1000, /* libyaml takes keys of up to 1024 characters */
    WORD = 8,
    ROOT_COL = -1,
};

#define ONES  0x0101010101010101U
#define HIGHS 0x8080808080808080U

/* ---- is the text fit at all? ---- */

/* Neither refused by libyaml nor a line break to it. */
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

/* Directives and document end marks change what follows them. */
static bool fit_line_start(struct str text, size_t at)
{
    return at >= text.n ||
           (text.p[at] != '%' &&
            (text.p[at] != '.' || !str_starts_with(str_sub(text, at, at + 3), STR("..."))));
}

/* The high bit of each byte that is a line feed. */
static uint64_t line_feeds(uint64_t w)
{
    uint64_t x = w ^ '\n' * ONES;
    return ~((((x & ~HIGHS) + ~HIGHS) | x) | ~HIGHS);
}

static bool fit_line_starts(struct str text, size_t at, uint64_t feeds)
{
    for (; feeds != 0; feeds &= feeds - 1) {
        if (!fit_line_start(text, at + (size_t)__builtin_ctzll(feeds) / 8 + 1)) {
            return false;
        }
    }
    return true;
}

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#    define LITTLE_ENDIAN_WORD(w) __builtin_bswap64(w)
#else
#    define LITTLE_ENDIAN_WORD(w) (w)
#endif

/* True when none of the eight bytes is a control character but a line feed, DEL or not ASCII. */
static bool fit_word(struct str text, size_t at)
{
    uint64_t w;
    memcpy(&w, text.p + at, WORD);
    w = LITTLE_ENDIAN_WORD(w);
    uint64_t feeds = line_feeds(w);
    w += (feeds >> 7) * (' ' - '\n');
    uint64_t control = (w - 0x20 * ONES) & ~w;
    uint64_t del = ((w ^ 0x7f * ONES) - ONES) & ~(w ^ 0x7f * ONES);
    return ((control | del | w) & HIGHS) == 0 && fit_line_starts(text, at, feeds);
}

static bool is_fit(struct str text, bool *ret_wide)
{
    bool fit = fit_line_start(text, 0);
    for (size_t at = 0; at < text.n && fit;) {
        while (at + WORD <= text.n && fit_word(text, at)) {
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

/* ---- flow collections on one line ---- */

static int read_flow(struct value_yaml_lines *l);

/* Text that means the same inside and outside of brackets, without blanks. */
static bool is_flow_plain(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("_./-+=$~^", c) != NULL);
}

/* A scalar without what follows it; the node is complete but for the terminator, to be set at *ret_end. */
static int
scan_flow_scalar(struct value_yaml_lines *l, struct value_yaml_node *node, char **ret_end)
{
    char *start = l->p;
    *node = value_yaml_fast_node_at(l, l->p);
    if (*l->p == '"' || *l->p == '\'') {
        node->quoted = true;
        if (value_yaml_fast_scan_quoted(l, &start, ret_end) != 1) {
            return VALUE_YAML_GIVE_UP;
        }
    } else {
        if (*l->p == '-' && !is_flow_plain((unsigned char)l->p[1])) {
            return VALUE_YAML_GIVE_UP;
        }
        while (is_flow_plain((unsigned char)*l->p)) {
            l->p++;
        }
        node->implicit = true;
        *ret_end = l->p;
    }
    node->text = str_of(start, (size_t)(*ret_end - start));
    return *ret_end > start || node->quoted ? 0 : VALUE_YAML_GIVE_UP;
}

/* The blanks behind an item or key, and the character there. */
static char next_flow_char(struct value_yaml_lines *l)
{
    value_yaml_fast_skip_spaces(l);
    return *l->p;
}

static int read_flow_key(struct value_yaml_lines *l)
{
    struct value_yaml_node node;
    char *end = NULL;
    if (scan_flow_scalar(l, &node, &end) < 0 || node.text.n > KEY_MAX_BYTES || l->p[0] != ':' ||
        l->p[1] != ' ') {
        return VALUE_YAML_GIVE_UP;
    }
    l->p += 2;
    *end = '\0';
    return value_yaml_fast_put_scalar(l, &node);
}

static int read_flow_item(struct value_yaml_lines *l)
{
    struct value_yaml_node node;
    char *end = NULL;
    if (*l->p == '[' || *l->p == '{') {
        return read_flow(l);
    }
    if (scan_flow_scalar(l, &node, &end) < 0) {
        return VALUE_YAML_GIVE_UP;
    }
    char c = next_flow_char(l);
    if (c != ',' && c != ']' && c != '}') {
        return VALUE_YAML_GIVE_UP;
    }
    /* the terminator may take the place of the comma or bracket, which is still to be read */
    if (end == l->p) {
        node.text = value_yaml_tree_keep(l->tree, node.text);
    } else {
        *end = '\0';
    }
    return value_yaml_fast_put_scalar(l, &node);
}

static int read_flow(struct value_yaml_lines *l)
{
    bool map = *l->p == '{';
    char close = map ? '}' : ']';
    if (value_yaml_fast_open_node(l, map ? VALUE_MAP : VALUE_LIST) < 0) {
        return VALUE_YAML_GIVE_UP;
    }
    l->p++;
    bool more = next_flow_char(l) != close;
    while (more) {
        if (map && (read_flow_key(l) < 0 || next_flow_char(l) == '\0')) {
            return VALUE_YAML_GIVE_UP;
        }
        if (read_flow_item(l) < 0) {
            return VALUE_YAML_GIVE_UP;
        }
        char c = next_flow_char(l);
        if (c != ',' && c != close) {
            return VALUE_YAML_GIVE_UP;
        }
        more = c == ',';
        if (more) {
            l->p++;
            (void)next_flow_char(l);
        }
    }
    l->p++;
    return value_yaml_fast_close_node(l);
}

/* ---- block collections ---- */

static int read_node(struct value_yaml_lines *l, int parent);
static int read_sequence(struct value_yaml_lines *l);

/* A scalar that may be a key. */
struct key {
    struct value_yaml_node node;
    char *start;
    char *end;
};

/* Scan the scalar at l->p on its line; 1 = it is a key, and l->p is behind the colon. */
static int scan_key(struct value_yaml_lines *l, struct key *key)
{
    int n_lines = 1;
    key->node = value_yaml_fast_node_at(l, l->p);
    key->start = l->p;
    if (*l->p == '"' || *l->p == '\'') {
        key->node.quoted = true;
        n_lines = value_yaml_fast_scan_quoted(l, &key->start, &key->end);
        if (n_lines < 0) {
            return VALUE_YAML_GIVE_UP;
        }
    } else {
        key->node.implicit = true;
        if (!value_yaml_fast_starts_plain(l->p) || value_yaml_fast_scan_plain(l, &key->end) < 0) {
            return VALUE_YAML_GIVE_UP;
        }
    }
    char *at = l->p;
    while (*at == ' ' && key->node.quoted) {
        at++;
    }
    if (*at != ':' || !value_yaml_fast_is_blank_or_end(at[1])) {
        return 0;
    }
    l->p = at + 1;
    return n_lines == 1 && at - key->start <= KEY_MAX_BYTES ? 1 : VALUE_YAML_GIVE_UP;
}

static int read_inline_value(struct value_yaml_lines *l, int col)
{
    if (*l->p == '|' || *l->p == '>') {
        return value_yaml_fast_read_block(l, col);
    }
    if (*l->p == '"' || *l->p == '\'') {
        return value_yaml_fast_read_quoted(l);
    }
    if (*l->p == '[' || *l->p == '{') {
        return read_flow(l) < 0 ? VALUE_YAML_GIVE_UP : value_yaml_fast_finish_line(l);
    }
    struct value_yaml_node node = value_yaml_fast_node_at(l, l->p);
    char *start = l->p;
    char *end = NULL;
    if (!value_yaml_fast_starts_plain(l->p) || value_yaml_fast_scan_plain(l, &end) < 0) {
        return VALUE_YAML_GIVE_UP;
    }
    return value_yaml_fast_finish_plain(l, node, start, end, col);
}

/* Is there nothing but a comment on the rest of the line? */
static bool rest_is_empty(const struct value_yaml_lines *l)
{
    const char *p = l->p;
    while (*p == ' ') {
        p++;
    }
    return value_yaml_fast_is_end(*p) || (*p == '#' && p > l->p);
}

/* Behind the colon of a key in a map at column col. */
static int read_value(struct value_yaml_lines *l, int col)
{
    struct value_yaml_node empty = value_yaml_fast_node_at(l, l->p);
    if (!rest_is_empty(l)) {
        value_yaml_fast_skip_spaces(l);
        return read_inline_value(l, col);
    }
    if (value_yaml_fast_finish_line(l) < 0) {
        return VALUE_YAML_GIVE_UP;
    }
    bool ended = value_yaml_fast_at_document_end(l);
    if (!ended && l->col > col) {
        return read_node(l, col);
    }
    if (!ended && l->col == col && value_yaml_fast_at_entry(l)) {
        return read_sequence(l);
    }
    return value_yaml_fast_put_null(l, empty);
}

/* A map at column col, its first key scanned. */
static int read_mapping(struct value_yaml_lines *l, int col, struct key *key)
{
    struct err err;
    if (value_yaml_tree_open(l->tree, VALUE_MAP, &key->node, &err) < 0) {
        return VALUE_YAML_GIVE_UP;
    }
    for (;;) {
        value_yaml_fast_set_text(&key->node, key->start, key->end);
        if (value_yaml_fast_put_scalar(l, &key->node) < 0 || read_value(l, col) < 0) {
            return VALUE_YAML_GIVE_UP;
        }
        if (value_yaml_fast_at_document_end(l) || l->col < col) {
            return value_yaml_fast_close_node(l);
        }
        if (l->col > col || value_yaml_fast_at_entry(l) || scan_key(l, key) != 1) {
            return VALUE_YAML_GIVE_UP;
        }
    }
}

/* Behind the dash of an entry at column col. */
static int read_entry(struct value_yaml_lines *l, int col)
{
    struct value_yaml_node empty = value_yaml_fast_node_at(l, l->p);
    if (!rest_is_empty(l)) {
        value_yaml_fast_skip_spaces(l);
        l->col = (int)(l->p - l->line_start);
        return read_node(l, col);
    }
    if (value_yaml_fast_finish_line(l) < 0) {
        return VALUE_YAML_GIVE_UP;
    }
    if (!value_yaml_fast_at_document_end(l) && l->col > col) {
        return read_node(l, col);
    }
    return value_yaml_fast_put_null(l, empty);
}

/* A list at column l->col. The map around it may stand at the same column and goes on after it. */
static int read_sequence(struct value_yaml_lines *l)
{
    int col = l->col;
    if (value_yaml_fast_open_node(l, VALUE_LIST) < 0) {
        return VALUE_YAML_GIVE_UP;
    }
    do {
        l->p++;
        if (read_entry(l, col) < 0) {
            return VALUE_YAML_GIVE_UP;
        }
        if (!value_yaml_fast_at_document_end(l) && l->col > col) {
            return VALUE_YAML_GIVE_UP;
        }
    } while (!value_yaml_fast_at_document_end(l) && l->col == col && value_yaml_fast_at_entry(l));
    return value_yaml_fast_close_node(l);
}

/* The node at l->p, which is indented more than its parent: columns tell where it ends. */
static int read_node(struct value_yaml_lines *l, int parent)
{
    int col = l->col;
    if (value_yaml_fast_at_entry(l)) {
        if (read_sequence(l) < 0) {
            return VALUE_YAML_GIVE_UP;
        }
        return value_yaml_fast_at_document_end(l) || l->col < col ? 0 : VALUE_YAML_GIVE_UP;
    }
    if (strchr("|>[{", *l->p) != NULL) {
        return read_inline_value(l, parent);
    }
    struct key key = {0};
    int rc = scan_key(l, &key);
    if (rc == 1) {
        return read_mapping(l, col, &key);
    }
    if (rc < 0 || !key.node.quoted) {
        return rc < 0 ? rc : value_yaml_fast_finish_plain(l, key.node, key.start, key.end, parent);
    }
    if (value_yaml_fast_finish_line(l) < 0) {
        return VALUE_YAML_GIVE_UP;
    }
    value_yaml_fast_set_text(&key.node, key.start, key.end);
    return value_yaml_fast_put_scalar(l, &key.node);
}

/* ---- documents ---- */

struct value_yaml_fast {
    struct value_yaml_lines lines;
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
    fast->lines = (struct value_yaml_lines){
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
    struct value_yaml_lines *l = &fast->lines;
    if (value_yaml_fast_find_content(l) < 0) {
        return VALUE_YAML_GIVE_UP;
    }
    fast->place.content = (size_t)(l->p - l->text);
    if (l->col == 0 && value_yaml_fast_at_marker(l->p)) {
        l->p += 3;
        fast->place.content += 3;
        return value_yaml_fast_finish_line(l) < 0 ? VALUE_YAML_GIVE_UP : 1;
    }
    return 0;
}

enum value_yaml_fast_result
value_yaml_fast_read(struct value_yaml_fast *fast, bool *ret_content, uint32_t *ret_line)
{
    struct value_yaml_lines *l = &fast->lines;
    fast->place = (struct value_yaml_fast_place){
        .start = (size_t)(l->p - l->text),
        .content = (size_t)(l->p - l->text),
        .line = l->line,
    };
    int marker = begin_document(fast);
    if (marker < 0) {
        return VALUE_YAML_FAST_GIVE_UP;
    }
    if (*l->p == '\0' && marker == 0) {
        return VALUE_YAML_FAST_END;
    }
    struct value_yaml_node empty = value_yaml_fast_node_at(l, l->p);
    if (*l->p == '\0' && l->p > l->line_start) { /* libyaml ends the last line */
        empty.line++;
        empty.column = 1;
    }
    *ret_content = !value_yaml_fast_at_document_end(l);
    *ret_line = empty.line;
    int rc = *ret_content ? read_node(l, ROOT_COL) : value_yaml_fast_put_null(l, empty);
    return rc == 0 && value_yaml_fast_at_document_end(l) ? VALUE_YAML_FAST_DOCUMENT
                                                         : VALUE_YAML_FAST_GIVE_UP;
}

struct value_yaml_fast_place value_yaml_fast_place(const struct value_yaml_fast *fast)
{
    return fast->place;
}

void value_yaml_fast_seek(struct value_yaml_fast *fast, size_t offset, uint32_t line)
{
    fast->lines.p = fast->lines.text + offset;
    fast->lines.line_start = fast->lines.p;
    fast->lines.line = line;
}
