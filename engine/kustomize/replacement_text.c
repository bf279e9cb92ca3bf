/* Printing YAML and JSON that stands in a string after it was edited.
 *
 * kustomize keeps the nodes of go-yaml, which know their styles. Here a style is seen in the original text, at the
 * position of the node: quotes, a block, a flow list or map. Nodes that were added have none. */
#include <string.h>

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/value/value_json.h"
#include "common/value/value_yaml.h"
#include "engine/engine_env.h"
#include "engine/kustomize/replacement.h"

enum { INDENT = 2 };

struct lines {
    const struct str *items;
    size_t n;
};

struct printer {
    struct engine_env *env;
    struct buf *b;
    struct lines lines; /* of the original */
    bool flow;
};

/* ---- styles ---- */

/* The character a node begins with in the original; 0 = unknown. */
static char first_char(const struct printer *p, const struct value *v)
{
    if (v->line == 0 || v->line > p->lines.n || v->column == 0) {
        return '\0';
    }
    struct str line = p->lines.items[v->line - 1];
    return v->column <= line.n ? line.p[v->column - 1] : '\0';
}

static bool is_flow(const struct printer *p, const struct value *v)
{
    char c = first_char(p, v);
    return p->flow || v->n == 0 || c == '[' || c == '{';
}

static void put_quoted(struct printer *p, struct str text, char quote)
{
    if (quote == '"') {
        value_json_put_string(p->b, text, false);
        return;
    }
    buf_put_char(p->b, '\'');
    for (size_t i = 0; i < text.n; i++) {
        buf_put_char(p->b, text.p[i]);
        if (text.p[i] == '\'') {
            buf_put_char(p->b, '\'');
        }
    }
    buf_put_char(p->b, '\'');
}

/* "|" with its lines, below an indentation. */
static void put_block(struct printer *p, struct str text, size_t indent)
{
    size_t end = text.n;
    while (end > 0 && text.p[end - 1] == '\n') {
        end--;
    }
    size_t n_breaks = text.n - end;
    buf_put_char(p->b, '|');
    buf_put_c(p->b, n_breaks == 0 ? "-" : n_breaks == 1 ? "" : "+");
    struct str rest = n_breaks > 0 ? str_sub(text, 0, text.n - 1) : text;
    struct str line;
    while (str_next(&rest, '\n', &line)) {
        buf_put_char(p->b, '\n');
        buf_put_fill(p->b, ' ', line.n > 0 ? indent : 0);
        buf_put(p->b, line);
    }
}

/* Text, numbers and words as YAML writes them by themselves. */
static int put_plain(struct printer *p, const struct value *v, struct err *err)
{
    static const struct value_yaml_write STYLE = {.style = VALUE_YAML_GO3};
    struct str text;
    TRY(value_to_yaml_in(p->env->arena, v, &STYLE, &text, err));
    (void)str_cut_suffix(&text, STR("\n"));
    buf_put(p->b, text);
    return 0;
}

static bool fits_block(struct str text)
{
    return str_find_char(text, '\n') != STR_NONE && text.p[0] != ' ' && text.p[0] != '\n' &&
           str_find(text, STR(" \n")) == STR_NONE && text.p[text.n - 1] != ' ';
}

static int put_scalar(struct printer *p, const struct value *v, size_t indent, struct err *err)
{
    char c = first_char(p, v);
    struct str text = value_str(v);
    bool quoted = value_is(v, VALUE_STRING) && (v->flags & VALUE_QUOTED) != 0;
    if (quoted && (c == '"' || (c == '\'' && str_find_char(text, '\n') == STR_NONE))) {
        put_quoted(p, text, c);
        return 0;
    }
    if (value_is(v, VALUE_STRING) && !p->flow && text.n > 0 && fits_block(text)) {
        put_block(p, text, indent);
        return 0;
    }
    if (value_is(v, VALUE_STRING) && str_find_char(text, '\n') != STR_NONE) {
        put_quoted(p, text, '"');
        return 0;
    }
    return put_plain(p, v, err);
}

/* ---- trees ---- */

static int put_node(struct printer *p, const struct value *v, size_t indent, struct err *err);

static int put_key(struct printer *p, struct str key, struct err *err)
{
    struct value v = {.type = VALUE_STRING, .n = (uint32_t)key.n, .s = key.p};
    TRY(put_plain(p, &v, err));
    buf_put_char(p->b, ':');
    return 0;
}

static int put_flow(struct printer *p, const struct value *v, size_t indent, struct err *err)
{
    bool outer = p->flow;
    bool map = v->type == VALUE_MAP;
    p->flow = true;
    buf_put_char(p->b, map ? '{' : '[');
    for (size_t i = 0; i < v->n; i++) {
        buf_put_c(p->b, i > 0 ? ", " : "");
        if (map) {
            TRY(put_key(p, v->entries[i].key, err));
            buf_put_char(p->b, ' ');
        }
        TRY(put_node(p, map ? &v->entries[i].value : &v->items[i], indent, err));
    }
    buf_put_char(p->b, map ? '}' : ']');
    p->flow = outer;
    return 0;
}

static void new_line(struct printer *p, size_t indent)
{
    buf_put_char(p->b, '\n');
    buf_put_fill(p->b, ' ', indent);
}

static bool is_block(const struct printer *p, const struct value *v)
{
    return (v->type == VALUE_MAP || v->type == VALUE_LIST) && !is_flow(p, v);
}

/* A list under a key is not indented. */
static int put_block_map(struct printer *p, const struct value *v, size_t indent, struct err *err)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct value *item = &v->entries[i].value;
        if (i > 0) {
            new_line(p, indent);
        }
        TRY(put_key(p, v->entries[i].key, err));
        size_t below = indent + (item->type == VALUE_LIST ? 0 : INDENT);
        if (is_block(p, item)) {
            new_line(p, below);
            TRY(put_node(p, item, below, err));
        } else {
            buf_put_char(p->b, ' ');
            TRY(put_node(p, item, indent + INDENT, err));
        }
    }
    return 0;
}

static int put_block_list(struct printer *p, const struct value *v, size_t indent, struct err *err)
{
    for (size_t i = 0; i < v->n; i++) {
        if (i > 0) {
            new_line(p, indent);
        }
        buf_put_c(p->b, "- ");
        TRY(put_node(p, &v->items[i], indent + INDENT, err));
    }
    return 0;
}

static int put_any(struct printer *p, const struct value *v, size_t indent, struct err *err)
{
    if (v->type != VALUE_MAP && v->type != VALUE_LIST) {
        return put_scalar(p, v, indent, err);
    }
    if (is_flow(p, v)) {
        return put_flow(p, v, indent, err);
    }
    return v->type == VALUE_MAP ? put_block_map(p, v, indent, err)
                                : put_block_list(p, v, indent, err);
}

static int put_node(struct printer *p, const struct value *v, size_t indent, struct err *err)
{
    TRY(budget_enter(p->env->budget, err));
    int rc = put_any(p, v, indent, err);
    budget_leave(p->env->budget);
    return rc;
}

/* ---- entry point ---- */

static struct lines split_lines(struct arena *arena, struct str text)
{
    size_t n = 1;
    struct str line;
    for (size_t i = 0; i < text.n; i++) {
        n += text.p[i] == '\n' ? 1 : 0;
    }
    struct str *items = arena_calloc(arena, n, sizeof(*items));
    n = 0;
    while (str_next(&text, '\n', &line)) {
        items[n++] = line;
    }
    return (struct lines){items, n};
}

static int print_json(struct buf *b, const struct value *v, struct str original, struct err *err)
{
    bool pretty =
        str_find_char(original, '\n') != STR_NONE && str_find(original, STR("  ")) != STR_NONE;
    const struct value_json_write style = {.pretty = pretty, .escape_html = true};
    return value_to_json(b, v, &style, err);
}

int replacement_print_text(struct engine_env *env,
                           const struct value *v,
                           struct str original,
                           struct str *ret,
                           struct err *err)
{
    struct str trimmed = str_trim(original);
    AUTO(buf) struct buf b;
    buf_init(&b, LIMIT_DOC_BYTES);
    if (trimmed.n > 0 && (trimmed.p[0] == '{' || trimmed.p[0] == '[')) {
        TRY(print_json(&b, v, original, err));
    } else {
        struct printer p = {env, &b, split_lines(env->arena, original), false};
        TRY(put_node(&p, v, 0, err));
    }
    TRY(buf_check(&b, "text in a string", err));
    *ret = arena_str(env->arena, str_trim(buf_str(&b)));
    return 0;
}
