/* The parser of templates: recursive descent with three tokens of look-ahead, as text/template/parse (Go
 * 1.26) has it, since its error texts and positions are part of what users see.
 *
 * Beyond Go it gives every variable its place on the stack of variables. The rules of names are Go's,
 * which looks variables up twice: a name must have been seen by the parser, then the executor takes the
 * innermost one that it has declared. So `{{$x := $x}}` and an else that uses a variable of the then
 * part are no parse errors; they get TSLOT_UNDEFINED or an outer variable of the name.
 *
 * Lists of unknown length are collected on stacks of the parser, then copied to the arena. */
#include "engine/template/parse.h"

#include <string.h>

#include "common/base/utf8.h"
#include "common/base/vec.h"
#include "engine/template/func.h"
#include "engine/template/lex.h"
#include "engine/template/literal.h"

enum {
    PEEK_TOKENS = 3,
    SCAN_STEP = 64, /* variables compared, or bytes read, for one step of the budget */
};

struct var {
    struct str name;
    uint32_t slot;
    bool is_live; /* the executor has it where the parser is */
};

/* A pipeline whose declarations count when it ends. */
struct pending {
    const struct tpipe *pipe;
    const struct pending *outer;
};

/* What belongs to one define. */
struct scope {
    size_t first_var;
    uint32_t n_slots;
    uint32_t max_slots;
    uint32_t range_depth;
    const struct pending *pending;
};

struct parser {
    const struct parse_input *in;
    struct arena *arena;
    struct lex lex;
    struct lex_token tokens[PEEK_TOKENS]; /* tokens[0] is the one read last */
    unsigned n_peeked;
    struct tpos action; /* of the {{ being parsed, if is_in_action */
    bool is_in_action;
    struct scope scope;
    VEC(struct var) vars;
    VEC(struct tnode) nodes;
    VEC(struct tterm) args;
    VEC(struct tcmd) cmds;
    VEC(struct str) names;
};

/* How a list of nodes, or one step of it, ended. */
enum ended { ENDED_NOT, ENDED_END, ENDED_ELSE };

enum control { CONTROL_IF, CONTROL_WITH, CONTROL_RANGE };

static const char *const CONTROL_NAMES[] = {"if", "with", "range"};

/* An {{else}} without anything in it is not NULL, as formatting shows it. */
static const struct tnode NO_NODES[1];

static int parse_pipeline(
    struct parser *p, const char *context, enum lex_type end, struct tpipe **ret, struct err *err);
static int parse_list(struct parser *p, struct tnodes *ret, enum ended *ret_ended, struct err *err);
static int parse_control(struct parser *p, enum control control, struct err *err);

/* ---- errors ---- */

static uint32_t line_of(const struct parser *p, struct tpos pos)
{
    return tpos_place(p->in->text, pos).line;
}

/* Go names the line of the token that was read last. */
static int located(const struct parser *p, struct err *err)
{
    return err_at(err, p->in->name, line_of(p, p->tokens[0].pos), 0);
}

PRINTF(3, 4)
static int fail(const struct parser *p, struct err *err, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct str message = arena_vprintf(p->arena, fmt, ap);
    va_end(ap);
    (void)err_set(err, ERR_INVALID, STR_FMT, STR_ARG(message));
    return located(p, err);
}

static struct str quoted(const struct parser *p, struct str s)
{
    AUTO(buf) struct buf text;
    buf_init(&text, ERR_MESSAGE_BYTES);
    tval_quote(&text, s);
    return buf_to_arena(&text, p->arena);
}

static int unexpected(const struct parser *p,
                      const struct lex_token *token,
                      const char *context,
                      struct err *err)
{
    struct str shown = lex_token_format(p->arena, token);
    if (token->type != LEX_ERROR) {
        return fail(p, err, "unexpected " STR_FMT " in %s", STR_ARG(shown), context);
    }
    if (!p->is_in_action || line_of(p, p->action) == line_of(p, token->pos)) {
        return fail(p, err, STR_FMT, STR_ARG(shown));
    }
    const char *in_action = str_ends_with(shown, STR(" action")) ? "" : " in action";
    return fail(p, err, STR_FMT "%s started at " STR_FMT ":%u", STR_ARG(shown), in_action,
                STR_ARG(p->in->name), (unsigned)line_of(p, p->action));
}

/* ---- tokens ---- */

/* What these point to changes when another token is read. */
static const struct lex_token *next(struct parser *p)
{
    if (p->n_peeked > 0) {
        p->n_peeked--;
    } else {
        p->tokens[0] = lex_next(&p->lex);
    }
    return &p->tokens[p->n_peeked];
}

static void backup(struct parser *p)
{
    p->n_peeked++;
}

static const struct lex_token *peek(struct parser *p)
{
    const struct lex_token *token = next(p);
    backup(p);
    return token;
}

static const struct lex_token *next_nonspace(struct parser *p)
{
    const struct lex_token *token;
    do {
        token = next(p);
    } while (token->type == LEX_SPACE);
    return token;
}

static const struct lex_token *peek_nonspace(struct parser *p)
{
    const struct lex_token *token = next_nonspace(p);
    backup(p);
    return token;
}

static int expect(struct parser *p, enum lex_type type, const char *context, struct err *err)
{
    const struct lex_token *token = next_nonspace(p);
    return token->type == type ? 0 : unexpected(p, token, context, err);
}

/* ---- budget ---- */

static int enter(struct parser *p, struct err *err)
{
    return budget_enter(p->in->budget, err) < 0 ? located(p, err) : 0;
}

static void leave(struct parser *p)
{
    budget_leave(p->in->budget);
}

/* Copies the items from `from` on to the arena and takes them off the stack. */
#define COMMIT(p, stack, from)                                                                \
    __extension__({                                                                           \
        size_t commit_n_ = (stack)->n - (from);                                               \
        typeof((stack)->items) commit_to_ = NULL;                                             \
        if (commit_n_ > 0) {                                                                  \
            commit_to_ = arena_alloc((p)->arena, commit_n_ * sizeof(*(stack)->items));        \
            memcpy(commit_to_, (stack)->items + (from), commit_n_ * sizeof(*(stack)->items)); \
        }                                                                                     \
        (stack)->n = (from);                                                                  \
        commit_to_;                                                                           \
    })

/* ---- variables ---- */

static bool is_pending(const struct parser *p, struct str name)
{
    for (const struct pending *up = p->scope.pending; up != NULL; up = up->outer) {
        for (size_t i = 0; i < up->pipe->n_vars; i++) {
            if (str_eq(up->pipe->vars[i], name)) {
                return true;
            }
        }
    }
    return false;
}

/* False: the parser has not seen the name. */
static bool find_var(const struct parser *p, struct str name, uint32_t *ret_slot)
{
    bool seen = false;
    for (size_t i = p->vars.n; i > p->scope.first_var; i--) {
        const struct var *var = &p->vars.items[i - 1];
        if (!str_eq(var->name, name)) {
            continue;
        }
        seen = true;
        if (var->is_live) {
            *ret_slot = var->slot;
            return true;
        }
    }
    *ret_slot = TSLOT_UNDEFINED;
    return seen || is_pending(p, name);
}

static int use_var(struct parser *p, struct str name, uint32_t *ret_slot, struct err *err)
{
    size_t n_steps = 1 + (p->vars.n - p->scope.first_var) / SCAN_STEP;
    if (budget_steps(p->in->budget, n_steps, err) < 0) {
        return located(p, err);
    }
    if (!find_var(p, name, ret_slot)) {
        return fail(p, err, "undefined variable " STR_FMT, STR_ARG(quoted(p, name)));
    }
    return 0;
}

static uint32_t declare(struct parser *p, struct str name)
{
    struct scope *scope = &p->scope;
    struct var var = {.name = name, .slot = scope->n_slots++, .is_live = true};
    scope->max_slots = MAX(scope->max_slots, scope->n_slots);
    vec_push(&p->vars, var);
    return var.slot;
}

/* Go sees no error in the assignment to a variable that does not exist, before it runs. */
static uint32_t assign(struct parser *p, struct str name)
{
    uint32_t slot;
    if (!find_var(p, name, &slot)) {
        struct var seen = {.name = name, .slot = TSLOT_UNDEFINED};
        vec_push(&p->vars, seen);
    }
    return slot;
}

static void settle_vars(struct parser *p, struct tpipe *pipe)
{
    for (size_t i = 0; i < pipe->n_vars; i++) {
        pipe->slots[i] = pipe->is_assign ? assign(p, pipe->vars[i]) : declare(p, pipe->vars[i]);
    }
}

static void open_scope(struct parser *p)
{
    p->scope = (struct scope){.first_var = p->vars.n};
    (void)declare(p, STR("$"));
}

/* What was declared since stays known by name, but is not there when it runs. */
static void bury_vars(struct parser *p, size_t from, uint32_t n_slots)
{
    for (size_t i = from; i < p->vars.n; i++) {
        p->vars.items[i].is_live = false;
    }
    p->scope.n_slots = n_slots;
}

static void drop_vars(struct parser *p, size_t from, uint32_t n_slots)
{
    p->vars.n = from;
    p->scope.n_slots = n_slots;
}

/* ---- terms ---- */

static int parse_literal(struct parser *p, struct tterm *term, enum lex_type type, struct err *err)
{
    int rc = 0;
    struct str text = STR_EMPTY;
    term->type = TTERM_LITERAL;
    if (type == LEX_BOOL) {
        term->literal = tval_bool(term->text.p[0] == 't');
    } else if (type == LEX_RUNE) {
        rc = literal_rune(term->text, term, err);
    } else if (type == LEX_COMPLEX) {
        rc = literal_complex(p->arena, term->text, term, err);
    } else if (type == LEX_NUMBER) {
        rc = literal_number(p->arena, term->text, term, err);
    } else {
        rc = literal_unquote(p->arena, term->text, &text, err);
        term->literal = tval_str(text);
    }
    return rc < 0 ? located(p, err) : 0;
}

static int parse_paren(struct parser *p, struct tterm *term, struct err *err)
{
    term->type = TTERM_PIPE;
    TRY(enter(p, err));
    int rc = parse_pipeline(p, "parenthesized pipeline", LEX_RIGHT_PAREN, &term->pipe, err);
    leave(p);
    TRY(rc);
    term->pos = term->pipe->pos;
    return 0;
}

static int bind_func(struct parser *p, struct tterm *term, struct err *err)
{
    term->type = TTERM_IDENTIFIER;
    term->func = p->in->find_func(p->in->data, term->text);
    if (term->func == NULL) {
        return fail(p, err, "function " STR_FMT " not defined", STR_ARG(quoted(p, term->text)));
    }
    return 0;
}

/* 1, or 0 when what follows is none. */
static int parse_term(struct parser *p, struct tterm *ret, struct err *err)
{
    const struct lex_token *token = next_nonspace(p);
    *ret = (struct tterm){.text = token->text, .pos = token->pos};
    if (token->type == LEX_IDENTIFIER) {
        TRY(bind_func(p, ret, err));
    } else if (token->type == LEX_LEFT_PAREN) {
        TRY(parse_paren(p, ret, err));
    } else if (token->type == LEX_DOT) {
        ret->type = TTERM_DOT;
    } else if (token->type == LEX_NIL) {
        ret->type = TTERM_NIL;
    } else if (token->type == LEX_FIELD) {
        ret->type = TTERM_FIELD;
        vec_push(&p->names, str_sub(token->text, 1, token->text.n));
    } else if (token->type == LEX_VARIABLE) {
        ret->type = TTERM_VARIABLE;
        vec_push(&p->names, token->text);
        TRY(use_var(p, token->text, &ret->slot, err));
    } else if (token->type >= LEX_BOOL && token->type <= LEX_RAW_STRING) {
        TRY(parse_literal(p, ret, token->type, err));
    } else {
        backup(p);
        return 0;
    }
    return 1;
}

/* The fields behind a term, which may become part of it. */
static int parse_fields(struct parser *p, struct tterm *term, struct err *err)
{
    struct tpos pos = peek(p)->pos; /* Go has a chain begin at its second part */
    while (peek(p)->type == LEX_FIELD) {
        const struct lex_token *field = next(p);
        vec_push(&p->names, str_sub(field->text, 1, field->text.n));
    }
    if (term->type == TTERM_LITERAL || term->type == TTERM_NIL || term->type == TTERM_DOT) {
        struct str shown = quoted(p, term->text);
        return fail(p, err, "unexpected . after term " STR_FMT, STR_ARG(shown));
    }
    if (term->type != TTERM_FIELD && term->type != TTERM_VARIABLE) {
        struct tterm *of = arena_alloc(p->arena, sizeof(*of));
        *of = *term;
        *term = (struct tterm){.type = TTERM_CHAIN, .of = of};
    }
    term->pos = pos;
    return 0;
}

/* A term with its fields: 1, or 0 when what follows is none. */
static int parse_operand(struct parser *p, struct tterm *ret, struct err *err)
{
    /* a parenthesis has taken its names off the stack again when it ends */
    size_t first_name = p->names.n;
    int rc = parse_term(p, ret, err);
    if (rc <= 0) {
        return rc;
    }
    if (peek(p)->type == LEX_FIELD) {
        TRY(parse_fields(p, ret, err));
    }
    if (p->names.n > first_name) {
        ret->n_names = p->names.n - first_name;
        ret->names = COMMIT(p, &p->names, first_name);
    }
    return 1;
}

/* ---- pipelines ---- */

static int parse_args(struct parser *p, struct err *err)
{
    for (;;) {
        struct tterm term;
        (void)peek_nonspace(p);
        int rc = parse_operand(p, &term, err);
        TRY(rc);
        if (rc > 0) {
            vec_push(&p->args, term);
        }
        const struct lex_token *token = next(p);
        if (token->type == LEX_SPACE) {
            continue;
        }
        if (token->type == LEX_RIGHT || token->type == LEX_RIGHT_PAREN) {
            backup(p);
        } else if (token->type != LEX_PIPE) {
            return unexpected(p, token, "operand", err);
        }
        return 0;
    }
}

static int parse_command(struct parser *p, struct err *err)
{
    struct tcmd cmd = {.pos = peek_nonspace(p)->pos};
    size_t first_arg = p->args.n;
    TRY(parse_args(p, err));
    cmd.n = p->args.n - first_arg;
    if (cmd.n == 0) {
        return fail(p, err, "empty command");
    }
    cmd.args = COMMIT(p, &p->args, first_arg);
    vec_push(&p->cmds, cmd);
    return budget_nodes(p->in->budget, cmd.n, err) < 0 ? located(p, err) : 0;
}

static bool starts_command(enum lex_type type)
{
    return (type >= LEX_BOOL && type <= LEX_VARIABLE) || type == LEX_DOT || type == LEX_NIL ||
           type == LEX_LEFT_PAREN;
}

static int parse_commands(struct parser *p, const char *context, enum lex_type end, struct err *err)
{
    for (;;) {
        const struct lex_token *token = next_nonspace(p);
        if (token->type == end) {
            return 0;
        }
        if (!starts_command(token->type)) {
            return unexpected(p, token, context, err);
        }
        backup(p);
        TRY(parse_command(p, err));
    }
}

/* The second variable of `range $i, $x` may follow; Go takes the end of the pipeline here, too, and finds
 * its value missing. */
static int check_comma(struct parser *p, const char *context, size_t n_vars, struct err *err)
{
    if (strcmp(context, "range") != 0 || n_vars >= 2) {
        return fail(p, err, "too many declarations in %s", context);
    }
    enum lex_type type = peek_nonspace(p)->type;
    if (type != LEX_VARIABLE && type != LEX_RIGHT && type != LEX_RIGHT_PAREN) {
        return fail(p, err, "range can only initialize variables");
    }
    return 0;
}

/* Puts the variable, and the blank behind it, back: it is no declaration. */
static void backup_var(struct parser *p, struct lex_token var, struct lex_token after)
{
    if (after.type == LEX_SPACE) {
        p->tokens[1] = after;
        p->tokens[2] = var;
        p->n_peeked = 3;
    } else {
        p->tokens[1] = var;
        p->n_peeked = 2;
    }
}

static int parse_decls(struct parser *p, const char *context, struct tpipe *pipe, struct err *err)
{
    for (;;) {
        struct lex_token var = *peek_nonspace(p);
        if (var.type != LEX_VARIABLE) {
            return 0;
        }
        (void)next(p);
        struct lex_token after = *peek(p);
        struct lex_token token = *peek_nonspace(p);
        bool is_comma = token.type == LEX_CHAR && token.text.p[0] == ',';
        if (!is_comma && token.type != LEX_ASSIGN && token.type != LEX_DECLARE) {
            backup_var(p, var, after);
            return 0;
        }
        (void)next_nonspace(p);
        pipe->vars[pipe->n_vars++] = var.text;
        if (!is_comma) {
            pipe->is_assign = token.type == LEX_ASSIGN;
            return 0;
        }
        TRY(check_comma(p, context, pipe->n_vars, err));
    }
}

static int check_stages(struct parser *p, const struct tpipe *pipe, struct err *err)
{
    for (size_t i = 1; i < pipe->n; i++) {
        enum tterm_type type = pipe->cmds[i].args[0].type;
        if (type == TTERM_LITERAL || type == TTERM_DOT || type == TTERM_NIL) {
            return fail(p, err, "non executable command in pipeline stage %zu", i + 1);
        }
    }
    return 0;
}

/* Up to and with its end. */
static int parse_pipeline(
    struct parser *p, const char *context, enum lex_type end, struct tpipe **ret, struct err *err)
{
    struct tpipe *pipe = ARENA_NEW(p->arena, struct tpipe);
    struct pending pending = {.pipe = pipe, .outer = p->scope.pending};
    size_t first_cmd = p->cmds.n;
    pipe->pos = peek_nonspace(p)->pos;
    p->scope.pending = &pending;
    int rc = parse_decls(p, context, pipe, err);
    if (rc == 0) {
        rc = parse_commands(p, context, end, err);
    }
    p->scope.pending = pending.outer;
    TRY(rc);
    pipe->n = p->cmds.n - first_cmd;
    if (pipe->n == 0) {
        return fail(p, err, "missing value for %s", context);
    }
    pipe->cmds = COMMIT(p, &p->cmds, first_cmd);
    TRY(check_stages(p, pipe, err));
    settle_vars(p, pipe);
    *ret = pipe;
    return 0;
}

/* ---- definitions ---- */

static int define(
    struct parser *p, struct str name, struct tnodes body, const struct tdef **ret, struct err *err)
{
    struct tdef *def = ARENA_NEW(p->arena, struct tdef);
    *def = (struct tdef){
        .name = name,
        .file = p->in->name,
        .text = p->in->text,
        .body = body,
        .max_slots = p->scope.max_slots,
        .blank = tnodes_blank(&body),
    };
    *ret = def;
    return p->in->define(p->in->data, def, err) < 0 ? located(p, err) : 0;
}

/* The body of a define or block, which knows nothing of what is around it; it may end with an {{else}}. */
static int parse_body(struct parser *p, struct str name, enum ended *ret_ended, struct err *err)
{
    struct scope outer = p->scope;
    struct tnodes body;
    const struct tdef *def;
    open_scope(p);
    p->is_in_action = false;
    TRY(parse_list(p, &body, ret_ended, err));
    if (*ret_ended == ENDED_END) {
        TRY(define(p, name, body, &def, err));
    }
    p->vars.n = p->scope.first_var;
    p->scope = outer;
    return 0;
}

static int parse_name(struct parser *p,
                      const struct lex_token *token,
                      const char *context,
                      struct str *ret,
                      struct err *err)
{
    if (token->type != LEX_STRING && token->type != LEX_RAW_STRING) {
        return unexpected(p, token, context, err);
    }
    return literal_unquote(p->arena, token->text, ret, err) < 0 ? located(p, err) : 0;
}

/* The keyword has been read. */
static int parse_definition(struct parser *p, struct err *err)
{
    static const char CONTEXT[] = "define clause";
    struct str name;
    struct lex_token token = *next_nonspace(p);
    TRY(parse_name(p, &token, CONTEXT, &name, err));
    TRY(expect(p, LEX_RIGHT, CONTEXT, err));
    enum ended ended;
    TRY(parse_body(p, name, &ended, err));
    return ended == ENDED_END ? 0 : fail(p, err, "unexpected {{else}} in %s", CONTEXT);
}

/* ---- actions ---- */

static void add_node(struct parser *p, const struct tnode *node)
{
    vec_push(&p->nodes, *node);
}

static int parse_template(struct parser *p, struct err *err)
{
    static const char CONTEXT[] = "template clause";
    struct lex_token token = *next_nonspace(p);
    struct tnode node = {
        .type = TNODE_TEMPLATE,
        .pos = token.pos,
        .n_slots = p->scope.n_slots,
    };
    TRY(parse_name(p, &token, CONTEXT, &node.text, err));
    if (next_nonspace(p)->type != LEX_RIGHT) {
        backup(p);
        TRY(parse_pipeline(p, CONTEXT, LEX_RIGHT, &node.pipe, err));
    }
    add_node(p, &node);
    return 0;
}

static int parse_block(struct parser *p, struct err *err)
{
    static const char CONTEXT[] = "block clause";
    struct lex_token token = *next_nonspace(p);
    struct tnode node = {
        .type = TNODE_TEMPLATE,
        .pos = token.pos,
        .n_slots = p->scope.n_slots,
    };
    TRY(parse_name(p, &token, CONTEXT, &node.text, err));
    TRY(parse_pipeline(p, CONTEXT, LEX_RIGHT, &node.pipe, err));
    struct lex_token head_end = p->tokens[0];
    enum ended ended;
    TRY(enter(p, err));
    int rc = parse_body(p, node.text, &ended, err);
    leave(p);
    TRY(rc);
    if (ended == ENDED_ELSE) {
        p->tokens[0] = head_end; /* Go names the line of the block here, of the else in a define */
        return fail(p, err, "unexpected {{else}} in %s", CONTEXT);
    }
    add_node(p, &node);
    return 0;
}

static int parse_jump(struct parser *p, const struct lex_token *keyword, struct err *err)
{
    bool is_break = keyword->type == LEX_BREAK;
    const char *shown = is_break ? "{{break}}" : "{{continue}}";
    TRY(expect(p, LEX_RIGHT, shown, err));
    if (p->scope.range_depth == 0) {
        return fail(p, err, "%s outside {{range}}", shown);
    }
    struct tnode node = {
        .type = is_break ? TNODE_BREAK : TNODE_CONTINUE,
        .pos = keyword->pos,
        .n_slots = p->scope.n_slots,
    };
    add_node(p, &node);
    return 0;
}

static int parse_pipe_action(struct parser *p, struct err *err)
{
    struct tnode node = {
        .type = TNODE_ACTION,
        .pos = peek(p)->pos,
        .n_slots = p->scope.n_slots,
    };
    TRY(parse_pipeline(p, "command", LEX_RIGHT, &node.pipe, err));
    add_node(p, &node);
    return 0;
}

/* {{else}} or the first half of {{else if}}: the keyword stays to be read. */
static int parse_else(struct parser *p, struct err *err)
{
    enum lex_type type = peek_nonspace(p)->type;
    return type == LEX_IF || type == LEX_WITH ? 0 : expect(p, LEX_RIGHT, "else", err);
}

static int parse_action(struct parser *p, enum ended *ret, struct err *err)
{
    struct lex_token token = *next_nonspace(p);
    *ret = ENDED_NOT;
    switch ((int)token.type) {
    case LEX_BLOCK:
        return parse_block(p, err);
    case LEX_BREAK:
    case LEX_CONTINUE:
        return parse_jump(p, &token, err);
    case LEX_ELSE:
        *ret = ENDED_ELSE;
        return parse_else(p, err);
    case LEX_END:
        *ret = ENDED_END;
        return expect(p, LEX_RIGHT, "end", err);
    case LEX_IF:
        return parse_control(p, CONTROL_IF, err);
    case LEX_RANGE:
        return parse_control(p, CONTROL_RANGE, err);
    case LEX_TEMPLATE:
        return parse_template(p, err);
    case LEX_WITH:
        return parse_control(p, CONTROL_WITH, err);
    default:
        backup(p);
        return parse_pipe_action(p, err);
    }
}

static int parse_text_or_action(struct parser *p, enum ended *ret, struct err *err)
{
    const struct lex_token *token = next_nonspace(p);
    if (token->type == LEX_TEXT) {
        struct tnode node = {
            .type = TNODE_TEXT,
            .pos = token->pos,
            .text = token->text,
            .n_slots = p->scope.n_slots,
        };
        add_node(p, &node);
        *ret = ENDED_NOT;
        return 0;
    }
    if (token->type != LEX_LEFT) {
        return unexpected(p, token, "input", err);
    }
    p->action = token->pos;
    p->is_in_action = true;
    TRY(parse_action(p, ret, err));
    p->is_in_action = false;
    return 0;
}

static int commit_nodes(struct parser *p, size_t from, struct tnodes *ret, struct err *err)
{
    size_t n = p->nodes.n - from;
    if (budget_nodes(p->in->budget, n, err) < 0) {
        return located(p, err);
    }
    *ret = (struct tnodes){.items = COMMIT(p, &p->nodes, from), .n = n};
    return 0;
}

/* Up to and with {{end}} or {{else}}. */
static int parse_list(struct parser *p, struct tnodes *ret, enum ended *ret_ended, struct err *err)
{
    size_t first_node = p->nodes.n;
    while (peek_nonspace(p)->type != LEX_EOF) {
        TRY(parse_text_or_action(p, ret_ended, err));
        if (*ret_ended != ENDED_NOT) {
            return commit_nodes(p, first_node, ret, err);
        }
    }
    return fail(p, err, "unexpected EOF");
}

/* ---- control structures ---- */

static bool is_else_chain(struct parser *p, enum control control)
{
    enum lex_type type = peek(p)->type;
    return (control == CONTROL_IF && type == LEX_IF) ||
           (control == CONTROL_WITH && type == LEX_WITH);
}

/* {{else if}} is an if in the else whose {{end}} ends both. */
static int
parse_else_list(struct parser *p, enum control control, struct tnodes *ret, struct err *err)
{
    enum ended ended;
    if (is_else_chain(p, control)) {
        size_t first_node = p->nodes.n;
        (void)next(p);
        TRY(parse_control(p, control, err));
        return commit_nodes(p, first_node, ret, err);
    }
    TRY(parse_list(p, ret, &ended, err));
    if (ended != ENDED_END) {
        return fail(p, err, "expected end; found {{else}}");
    }
    if (ret->items == NULL) {
        ret->items = NO_NODES;
    }
    return 0;
}

static int
parse_branches(struct parser *p, enum control control, struct tnode *node, struct err *err)
{
    enum ended ended;
    TRY(parse_pipeline(p, CONTROL_NAMES[control], LEX_RIGHT, &node->pipe, err));
    size_t body_vars = p->vars.n;
    uint32_t body_slots = p->scope.n_slots;
    p->scope.range_depth += control == CONTROL_RANGE ? 1 : 0;
    TRY(parse_list(p, &node->body, &ended, err));
    p->scope.range_depth -= control == CONTROL_RANGE ? 1 : 0;
    if (ended == ENDED_ELSE) {
        bury_vars(p, body_vars, body_slots);
        TRY(parse_else_list(p, control, &node->other, err));
    }
    return 0;
}

static int parse_control(struct parser *p, enum control control, struct err *err)
{
    static const enum tnode_type TYPES[] = {TNODE_IF, TNODE_WITH, TNODE_RANGE};
    size_t first_var = p->vars.n;
    struct tnode node = {.type = TYPES[control], .n_slots = p->scope.n_slots};
    TRY(enter(p, err));
    int rc = parse_branches(p, control, &node, err);
    leave(p);
    TRY(rc);
    node.pos = node.pipe->pos;
    drop_vars(p, first_var, node.n_slots);
    add_node(p, &node);
    return 0;
}

/* ---- files ---- */

static int parse_top_item(struct parser *p, struct err *err)
{
    enum ended ended;
    if (peek(p)->type == LEX_LEFT) {
        struct lex_token delim = *next(p);
        if (next_nonspace(p)->type == LEX_DEFINE) {
            return parse_definition(p, err);
        }
        p->tokens[1] = delim;
        p->n_peeked = 2;
    }
    TRY(parse_text_or_action(p, &ended, err));
    if (ended != ENDED_NOT) {
        return fail(p, err, "unexpected {{%s}}", ended == ENDED_END ? "end" : "else");
    }
    return 0;
}

static int parse_top(struct parser *p, const struct tdef **ret, struct err *err)
{
    struct tnodes body;
    open_scope(p);
    if (budget_steps(p->in->budget, 1 + p->in->text.n / SCAN_STEP, err) < 0) {
        return located(p, err);
    }
    while (peek(p)->type != LEX_EOF) {
        TRY(parse_top_item(p, err));
    }
    TRY(commit_nodes(p, 0, &body, err));
    return define(p, p->in->name, body, ret, err);
}

int parse_file(const struct parse_input *in, const struct tdef **ret, struct err *err)
{
    struct parser p = {.in = in, .arena = in->arena};
    lex_init(&p.lex, in->arena, in->text);
    int rc = parse_top(&p, ret, err);
    vec_done(&p.vars);
    vec_done(&p.nodes);
    vec_done(&p.args);
    vec_done(&p.cmds);
    vec_done(&p.names);
    return rc;
}
