/* Syntax trees as text, the way text/template/parse prints nodes (Go 1.26). Recursion is as deep as the
 * parser's was. */
#include "engine/template/ast.h"

#include "common/base/utf8.h"

static void put_names(const struct tterm *term, struct buf *out)
{
    for (size_t i = 0; i < term->n_names; i++) {
        if (i > 0 || term->type != TTERM_VARIABLE) {
            buf_put_char(out, '.');
        }
        buf_put(out, term->names[i]);
    }
}

/* Pipelines inside others need their parentheses. */
static void put_nested(const struct tterm *term, struct buf *out)
{
    if (term->type != TTERM_PIPE) {
        tterm_format(term, out);
        return;
    }
    buf_put_char(out, '(');
    tpipe_format(term->pipe, out);
    buf_put_char(out, ')');
}

void tterm_format(const struct tterm *term, struct buf *out)
{
    switch (term->type) {
    case TTERM_DOT:
        buf_put_char(out, '.');
        break;
    case TTERM_NIL:
        buf_put_c(out, "nil");
        break;
    case TTERM_FIELD:
    case TTERM_VARIABLE:
        put_names(term, out);
        break;
    case TTERM_CHAIN:
        put_nested(term->of, out);
        put_names(term, out);
        break;
    case TTERM_PIPE:
        tpipe_format(term->pipe, out);
        break;
    case TTERM_LITERAL:
    case TTERM_IDENTIFIER:
    case TTERM_TYPE_COUNT:
        buf_put(out, term->text);
        break;
    }
}

void tcmd_format(const struct tcmd *cmd, struct buf *out)
{
    for (size_t i = 0; i < cmd->n; i++) {
        if (i > 0) {
            buf_put_char(out, ' ');
        }
        put_nested(&cmd->args[i], out);
    }
}

void tpipe_format(const struct tpipe *pipe, struct buf *out)
{
    for (size_t i = 0; i < pipe->n_vars; i++) {
        buf_put_c(out, i > 0 ? ", " : "");
        buf_put(out, pipe->vars[i]);
    }
    if (pipe->n_vars > 0) {
        buf_put_c(out, pipe->is_assign ? " = " : " := ");
    }
    for (size_t i = 0; i < pipe->n; i++) {
        buf_put_c(out, i > 0 ? " | " : "");
        tcmd_format(&pipe->cmds[i], out);
    }
}

static void put_nodes(const struct tnodes *nodes, struct buf *out)
{
    for (size_t i = 0; i < nodes->n && !out->overflow; i++) {
        tnode_format(&nodes->items[i], out);
    }
}

static void put_control(const char *keyword, const struct tnode *node, struct buf *out)
{
    buf_printf(out, "{{%s ", keyword);
    tpipe_format(node->pipe, out);
    buf_put_c(out, "}}");
    put_nodes(&node->body, out);
    if (node->other.items != NULL) {
        buf_put_c(out, "{{else}}");
        put_nodes(&node->other, out);
    }
    buf_put_c(out, "{{end}}");
}

static void put_template(const struct tnode *node, struct buf *out)
{
    buf_put_c(out, "{{template ");
    tval_quote(out, node->text);
    if (node->pipe != NULL) {
        buf_put_char(out, ' ');
        tpipe_format(node->pipe, out);
    }
    buf_put_c(out, "}}");
}

void tnode_format(const struct tnode *node, struct buf *out)
{
    switch (node->type) {
    case TNODE_TEXT:
        buf_put(out, node->text);
        break;
    case TNODE_ACTION:
        buf_put_c(out, "{{");
        tpipe_format(node->pipe, out);
        buf_put_c(out, "}}");
        break;
    case TNODE_IF:
        put_control("if", node, out);
        break;
    case TNODE_WITH:
        put_control("with", node, out);
        break;
    case TNODE_RANGE:
        put_control("range", node, out);
        break;
    case TNODE_BREAK:
        buf_put_c(out, "{{break}}");
        break;
    case TNODE_CONTINUE:
        buf_put_c(out, "{{continue}}");
        break;
    case TNODE_TEMPLATE:
        put_template(node, out);
        break;
    case TNODE_TYPE_COUNT:
        break;
    }
}

struct tplace tpos_place(struct str text, struct tpos pos)
{
    struct tplace place = {.line = 1};
    size_t line_start = 0;
    size_t end = MIN((size_t)pos.offset, text.n);
    for (size_t i = 0; i < end; i++) {
        if (text.p[i] == '\n') {
            place.line++;
            line_start = i + 1;
        }
    }
    place.column = (uint32_t)(end - line_start);
    return place;
}

/* ---- what is blank ---- */

static bool is_space_rune(uint32_t rune)
{
    return (rune >= '\t' && rune <= '\r') || rune == ' ' || rune == 0x85 || rune == 0xa0 ||
           rune == 0x1680 || (rune >= 0x2000 && rune <= 0x200a) || rune == 0x2028 ||
           rune == 0x2029 || rune == 0x202f || rune == 0x205f || rune == 0x3000;
}

static bool is_blank(struct str text)
{
    for (size_t at = 0; at < text.n;) {
        if (!is_space_rune(utf8_next(text, &at))) {
            return false;
        }
    }
    return true;
}

bool tnodes_blank(const struct tnodes *body)
{
    for (size_t i = 0; i < body->n; i++) {
        if (body->items[i].type != TNODE_TEXT || !is_blank(body->items[i].text)) {
            return false;
        }
    }
    return true;
}
