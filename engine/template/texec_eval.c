/* Evaluation: pipelines, commands, terms. */
#include "common/base/limits.h"
#include "engine/template/texec.h"

static struct texec_value plain(struct tval v)
{
    return (struct texec_value){v, false};
}

/* A term as error messages show it, in the arena. */
static struct str term_text(struct texec_state *s, const struct tterm *term)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_MIB);
    tterm_format(term, &text);
    return buf_to_arena(&text, s->exec->arena);
}

static int check_no_arguments(struct texec_state *s, const struct texec_call *call, struct err *err)
{
    if (call->n_args > 1 || call->final != NULL) {
        struct str text = term_text(s, &call->args[0]);
        return texec_fail(s, err, "can't give argument to non-function " STR_FMT, STR_ARG(text));
    }
    return 0;
}

/* .A.B.C of the receiver; the last one may be a method and take the arguments. */
static int take_fields(struct texec_state *s,
                       struct texec_value receiver,
                       const struct str *names,
                       size_t n,
                       const struct texec_call *call,
                       struct texec_value *ret,
                       struct err *err)
{
    struct texec_call bare = *call;
    bare.n_args = 0;
    bare.final = NULL;
    for (size_t i = 0; i + 1 < n; i++) {
        TRY(texec_field(s, names[i], receiver, &bare, &receiver, err));
    }
    return texec_field(s, names[n - 1], receiver, call, ret, err);
}

static int eval_variable(struct texec_state *s,
                         const struct tterm *term,
                         const struct texec_call *call,
                         struct texec_value *ret,
                         struct err *err)
{
    texec_at_term(s, term);
    if (term->slot == TSLOT_UNDEFINED) {
        return texec_fail(s, err, "undefined variable: " STR_FMT, STR_ARG(term->names[0]));
    }
    struct texec_value value = s->slots[term->slot];
    if (term->n_names > 1) {
        return take_fields(s, value, term->names + 1, term->n_names - 1, call, ret, err);
    }
    TRY(check_no_arguments(s, call, err));
    *ret = value;
    return 0;
}

static int eval_chain(struct texec_state *s,
                      const struct tterm *term,
                      const struct texec_call *call,
                      struct texec_value *ret,
                      struct err *err)
{
    struct texec_value receiver;
    texec_at_term(s, term);
    if (term->of->type == TTERM_NIL) {
        struct str text = term_text(s, term);
        return texec_fail(s, err, "indirection through explicit nil in " STR_FMT, STR_ARG(text));
    }
    TRY(texec_operand(s, call->dot, term->of, &receiver, err));
    return take_fields(s, receiver, term->names, term->n_names, call, ret, err);
}

static int eval_literal(struct texec_state *s,
                        const struct tterm *term,
                        struct texec_value *ret,
                        struct err *err)
{
    texec_at_term(s, term);
    if (term->literal.kind == TVAL_UINT64) {
        return texec_fail(s, err, STR_FMT " overflows int", STR_ARG(term->text));
    }
    *ret = plain(term->literal);
    return 0;
}

/* The term with the arguments behind it. */
static int eval_call(struct texec_state *s,
                     const struct tterm *term,
                     const struct texec_call *call,
                     struct texec_value *ret,
                     struct err *err)
{
    switch (term->type) {
    case TTERM_FIELD:
        texec_at_term(s, term);
        return take_fields(s, call->dot, term->names, term->n_names, call, ret, err);
    case TTERM_CHAIN:
        return eval_chain(s, term, call, ret, err);
    case TTERM_VARIABLE:
        return eval_variable(s, term, call, ret, err);
    case TTERM_IDENTIFIER:
        texec_at_term(s, term);
        return texec_call(s, term->func, call, ret, err);
    case TTERM_PIPE:
        TRY(check_no_arguments(s, call, err));
        return texec_pipeline(s, call->dot, term->pipe, ret, err);
    case TTERM_DOT:
    case TTERM_NIL:
    case TTERM_LITERAL:
    case TTERM_TYPE_COUNT:
        break;
    }
    texec_at_term(s, term);
    TRY(check_no_arguments(s, call, err));
    if (term->type == TTERM_NIL) {
        return texec_fail(s, err, "nil is not a command");
    }
    if (term->type == TTERM_DOT) {
        *ret = call->dot;
        return 0;
    }
    return eval_literal(s, term, ret, err);
}

int texec_operand(struct texec_state *s,
                  struct texec_value dot,
                  const struct tterm *term,
                  struct texec_value *ret,
                  struct err *err)
{
    struct texec_call call = {.dot = dot, .node = {TEXEC_AT_TERM, .term = term}};
    if (term->type == TTERM_NIL) {
        texec_at_term(s, term);
        *ret = (struct texec_value){tval_nil(), true};
        return 0;
    }
    return eval_call(s, term, &call, ret, err);
}

static int eval_command(struct texec_state *s,
                        struct texec_value dot,
                        const struct tcmd *cmd,
                        const struct texec_value *final,
                        struct texec_value *ret,
                        struct err *err)
{
    struct texec_call call = {
        .dot = dot,
        .args = cmd->args,
        .n_args = cmd->n,
        .final = final,
        .node = {TEXEC_AT_TERM, .term = &cmd->args[0]},
    };
    if (cmd->args[0].type == TTERM_IDENTIFIER) {
        call.node = (struct texec_at){TEXEC_AT_CMD, .cmd = cmd};
    }
    TRY(eval_call(s, &cmd->args[0], &call, ret, err));
    ret->boxed = false;
    return 0;
}

static int eval_commands(struct texec_state *s,
                         struct texec_value dot,
                         const struct tpipe *pipe,
                         struct texec_value *ret,
                         struct err *err)
{
    struct texec_value value;
    TRY(eval_command(s, dot, &pipe->cmds[0], NULL, &value, err));
    for (size_t i = 1; i < pipe->n; i++) {
        struct texec_value final = value;
        TRY(eval_command(s, dot, &pipe->cmds[i], &final, &value, err));
    }
    *ret = value;
    return 0;
}

int texec_pipeline(struct texec_state *s,
                   struct texec_value dot,
                   const struct tpipe *pipe,
                   struct texec_value *ret,
                   struct err *err)
{
    TRY(budget_enter(s->exec->budget, err));
    s->at = (struct texec_at){TEXEC_AT_PIPE, .pipe = pipe};
    int rc = eval_commands(s, dot, pipe, ret, err);
    budget_leave(s->exec->budget);
    TRY(rc);
    for (size_t i = 0; i < pipe->n_vars; i++) {
        if (pipe->slots[i] == TSLOT_UNDEFINED) {
            return texec_fail(s, err, "undefined variable: " STR_FMT, STR_ARG(pipe->vars[i]));
        }
        s->slots[pipe->slots[i]] = *ret;
    }
    return 0;
}
