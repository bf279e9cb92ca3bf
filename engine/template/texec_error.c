/* Errors of templates: Go's texts, and the form Helm gives them. */
#include <stdarg.h>
#include <stdio.h>

#include "common/base/limits.h"
#include "engine/template/texec.h"

#define TEMPLATE_PREFIX STR("template: ")

static struct tpos pos_of(struct texec_at at)
{
    switch (at.type) {
    case TEXEC_AT_NODE:
        return at.node->pos;
    case TEXEC_AT_PIPE:
        return at.pipe->pos;
    case TEXEC_AT_CMD:
        return at.cmd->pos;
    case TEXEC_AT_TERM:
        break;
    }
    return at.term->pos;
}

static void format_node(struct texec_at at, struct buf *out)
{
    switch (at.type) {
    case TEXEC_AT_NODE:
        tnode_format(at.node, out);
        break;
    case TEXEC_AT_PIPE:
        tpipe_format(at.pipe, out);
        break;
    case TEXEC_AT_CMD:
        tcmd_format(at.cmd, out);
        break;
    case TEXEC_AT_TERM:
        tterm_format(at.term, out);
        break;
    }
}

bool texec_is_outside(const struct err *err)
{
    return err->code == ERR_LIMIT || err->code == ERR_TIMEOUT || err->code == ERR_CANCELED ||
           err->code == ERR_INTERNAL;
}

/* "template: FILE:LINE:COLUMN: executing "NAME" at <NODE>: " */
static void put_location(const struct texec_state *s, struct buf *text)
{
    struct tplace pos = tpos_place(s->def->text, pos_of(s->at));
    buf_printf(text, "template: " STR_FMT ":%u:%u: executing ", STR_ARG(s->def->file), pos.line,
               pos.column);
    tval_quote(text, s->def->name);
    buf_put_c(text, " at <");
    format_node(s->at, text);
    buf_put_c(text, ">: ");
}

static int set_failure(struct texec_state *s,
                       const struct buf *text,
                       const struct texec_failure *cause,
                       struct err *err)
{
    struct template_exec *exec = s->exec;
    struct texec_failure *failure = ARENA_NEW(exec->arena, struct texec_failure);
    struct tplace pos = tpos_place(s->def->text, pos_of(s->at));
    failure->text = buf_to_arena(text, exec->arena);
    failure->cause = cause;
    failure->is_exec = true;
    failure->pos.line = pos.line;
    failure->pos.column = pos.column + 1;
    (void)snprintf(failure->pos.file, sizeof(failure->pos.file), STR_FMT, STR_ARG(s->def->file));
    exec->failure = failure;
    return err_set(err, ERR_INVALID, "%s", text->p);
}

int texec_fail(struct texec_state *s, struct err *err, const char *fmt, ...)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_MIB);
    put_location(s, &text);
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&text, fmt, ap);
    va_end(ap);
    return set_failure(s, &text, NULL, err);
}

int texec_failed(struct template_exec *exec,
                 struct str text,
                 const struct texec_failure *cause,
                 struct err *err)
{
    struct texec_failure *failure = ARENA_NEW(exec->arena, struct texec_failure);
    failure->text = arena_str(exec->arena, text);
    failure->cause = cause;
    exec->failure = failure;
    return err_set(err, ERR_INVALID, STR_FMT, STR_ARG(failure->text));
}

int texec_fail_call(struct texec_state *s, struct texec_at node, const char *name, struct err *err)
{
    if (texec_is_outside(err)) {
        return -(int)err->code;
    }
    if (s->exec->failure == NULL) {
        (void)texec_failed(s->exec, str_from(err->message), NULL, err);
    }
    s->at = node;
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_MIB);
    put_location(s, &text);
    buf_printf(&text, "error calling %s: ", name);
    return set_failure(s, &text, s->exec->failure, err);
}

/* ---- Helm's form ---- */

/* Behind the second ": "; the location is between the two. False: there are not that many. */
static bool split_message(struct str text, struct str *ret_location, struct str *ret_rest)
{
    size_t first = str_find(text, STR(": "));
    if (first == STR_NONE) {
        return false;
    }
    struct str rest = str_sub(text, first + 2, text.n);
    size_t second = str_find(rest, STR(": "));
    if (second == STR_NONE) {
        return false;
    }
    *ret_location = str_sub(rest, 0, second);
    *ret_rest = str_sub(rest, second + 2, rest.n);
    return true;
}

static size_t find_last(struct str s, struct str needle)
{
    for (size_t at = s.n; at + 1 > needle.n; at--) {
        if (str_eq(str_sub(s, at - needle.n, at), needle)) {
            return at - needle.n;
        }
    }
    return STR_NONE;
}

/* The message of `fail` or `required`, wherever in the chain. */
static bool find_warning(struct str text, struct str *ret)
{
    const struct str start = STR(TEMPLATE_WARNING_START);
    size_t from = str_find(text, start);
    size_t to = find_last(text, STR(TEMPLATE_WARNING_END));
    if (from == STR_NONE || to == STR_NONE || to < from + start.n) {
        return false;
    }
    *ret = str_sub(text, from + start.n, to);
    return true;
}

/* What Helm reads from the text of one error. */
struct trace {
    struct str location;
    struct str function;
    struct str message;
};

static struct str cut_next_error(struct str message)
{
    size_t next = str_find(message, STR(" template:"));
    return next != STR_NONE ? str_sub(message, 0, next) : message;
}

static bool parse_executing(struct str text, struct trace *ret)
{
    const struct str executing = STR(": executing ");
    size_t at = str_find(text, executing);
    if (at == STR_NONE) {
        return false;
    }
    struct str after = str_sub(text, at + executing.n, text.n);
    size_t quote = str_find_char(str_sub(after, 1, after.n), '"');
    if (after.n == 0 || after.p[0] != '"' || quote == STR_NONE) {
        return false;
    }
    struct str rest = str_sub(after, quote + 2, after.n);
    size_t end = str_find(rest, STR(">: "));
    if (!str_starts_with(rest, STR(" at <")) || end == STR_NONE) {
        return false;
    }
    ret->location = str_sub(text, 0, at);
    ret->function = str_sub(after, 0, quote + 2 + end + 1);
    ret->message = cut_next_error(str_sub(rest, end + 3, rest.n));
    return true;
}

static bool parse_simple(struct str text, struct trace *ret)
{
    size_t at = find_last(text, STR(": "));
    if (at == STR_NONE) {
        return false;
    }
    ret->location = str_sub(text, 0, at);
    ret->message = cut_next_error(str_sub(text, at + 2, text.n));
    return true;
}

static bool parse_trace(struct str text, struct trace *ret)
{
    struct str rest = text;
    *ret = (struct trace){STR_EMPTY, STR_EMPTY, STR_EMPTY};
    if (!str_cut_prefix(&rest, TEMPLATE_PREFIX)) {
        return false;
    }
    if (str_starts_with(rest, STR("no template "))) {
        ret->message = text;
        return true;
    }
    return parse_executing(rest, ret) || parse_simple(rest, ret);
}

static void put_trace(const struct trace *trace, struct buf *out)
{
    if (trace->location.n > 0) {
        buf_put(out, trace->location);
        buf_put_c(out, "\n  ");
    }
    if (trace->function.n > 0) {
        buf_put_c(out, "executing ");
        buf_put(out, trace->function);
        buf_put_c(out, ":\n    ");
    }
    if (trace->message.n > 0) {
        buf_put(out, trace->message);
        buf_put_char(out, '\n');
    }
}

static void put_whole(const struct texec_failure *failure, struct buf *out)
{
    for (; failure != NULL; failure = failure->cause) {
        buf_put(out, failure->text);
    }
}

/* One block for each error of the chain, equal ones together; false: some error in it is not a template's. */
static bool put_traces(const struct texec_failure *failure, struct buf *out)
{
    size_t last_n = 0;
    for (; failure != NULL; failure = failure->cause) {
        AUTO(buf) struct buf text;
        struct trace trace;
        buf_init(&text, LIMIT_MIB);
        buf_put(&text, failure->text);
        if (failure->cause != NULL) { /* its text is cut off again, but ends this one */
            buf_put(&text, failure->cause->text);
        }
        if (!parse_trace(buf_str(&text), &trace)) {
            return false;
        }
        size_t start = out->n;
        put_trace(&trace, out);
        struct str block = str_sub(buf_str(out), start, out->n);
        if (str_eq(block, str_sub(buf_str(out), start - last_n, start))) {
            buf_truncate(out, start);
        } else {
            last_n = block.n;
        }
    }
    return true;
}

void texec_format_failure(const struct texec_failure *failure, struct buf *chain)
{
    AUTO(buf) struct buf whole;
    AUTO(buf) struct buf traces;
    struct str location;
    struct str rest;
    struct str warning;
    buf_init(&whole, LIMIT_MIB);
    buf_init(&traces, LIMIT_MIB);
    put_whole(failure, &whole);
    if (failure->is_exec && split_message(buf_str(&whole), &location, &rest) &&
        find_warning(rest, &warning)) {
        buf_printf(chain, "execution error at (" STR_FMT "): ", STR_ARG(location));
        buf_put(chain, warning);
        return;
    }
    buf_put(chain, put_traces(failure, &traces) ? str_trim(buf_str(&traces)) : buf_str(&whole));
}
