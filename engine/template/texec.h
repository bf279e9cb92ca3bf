/* What the files of the executor share: a running template, its errors, evaluation.
 *
 * Functions return 0 or a negative error. A failure that Go would report is kept whole in exec->failure, as
 * struct err cuts long texts. */
#pragma once

#include "common/base/arena.h"
#include "common/base/budget.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "engine/template/ast.h"
#include "engine/template/func.h"
#include "engine/template/template.h"
#include "engine/template/tval.h"

/* A value as reflect sees it. */
struct texec_value {
    struct tval v;
    /* Still inside an interface: an element of a map or list of interfaces. A nil in one is an error to take
     * fields of, a bare nil is not. */
    bool boxed;
};

/* An error and what it wraps: its text is `text` with the texts of its causes behind it. */
struct texec_failure {
    struct str text;
    const struct texec_failure *cause; /* NULL = none */
    struct err_pos pos;                /* of the action */
    bool is_exec;                      /* made by the executor: Go's ExecError */
};

/* One template_execute(). */
struct template_exec {
    struct template_set *set;
    struct arena *arena;
    struct budget *budget;
    struct engine_env *env;
    enum template_missing missing;
    bool *ret_escaped; /* as in struct template_run */
    const struct texec_failure
        *failure;          /* of the call that failed last; NULL: its struct err says all */
    struct tmap *included; /* name -> int: includes of it that are running */
};

enum texec_node_type { TEXEC_AT_NODE, TEXEC_AT_PIPE, TEXEC_AT_CMD, TEXEC_AT_TERM };

/* The node that error messages name, as Go keeps it while it goes along. */
struct texec_at {
    enum texec_node_type type;
    union {
        const struct tnode *node;
        const struct tpipe *pipe;
        const struct tcmd *cmd;
        const struct tterm *term;
    };
};

/* One running template. */
struct texec_state {
    struct template_exec *exec;
    const struct tdef *def;
    struct texec_value *slots; /* variables */
    struct buf *out;
    struct texec_at at;
};

static inline void texec_at_term(struct texec_state *s, const struct tterm *term)
{
    s->at = (struct texec_at){TEXEC_AT_TERM, .term = term};
}

/* ---- texec.c ---- */

/* Run a template with its own variables. data becomes $ and dot. */
MUST_CHECK int texec_run(struct template_exec *exec,
                         const struct tdef *def,
                         struct texec_value data,
                         struct buf *out,
                         struct err *err);

/* ---- texec_eval.c ---- */

MUST_CHECK int texec_pipeline(struct texec_state *s,
                              struct texec_value dot,
                              const struct tpipe *pipe,
                              struct texec_value *ret,
                              struct err *err);
/* A term where no type is asked for: an operand of a chain or of a call with any parameter. */
MUST_CHECK int texec_operand(struct texec_state *s,
                             struct texec_value dot,
                             const struct tterm *term,
                             struct texec_value *ret,
                             struct err *err);

/* ---- texec_call.c ---- */

/* A call in the text. */
struct texec_call {
    struct texec_value dot;
    const struct tterm *args;
    size_t n_args;
    const struct texec_value *final; /* the value piped in; NULL = none */
    struct texec_at node;            /* that a failure of the function names */
};

MUST_CHECK int texec_call(struct texec_state *s,
                          const struct tfunc *func,
                          const struct texec_call *call,
                          struct texec_value *ret,
                          struct err *err);
/* One field or method call; the fields before it have been taken. */
MUST_CHECK int texec_field(struct texec_state *s,
                           struct str name,
                           struct texec_value receiver,
                           const struct texec_call *call,
                           struct texec_value *ret,
                           struct err *err);

/* ---- texec_error.c ---- */

/* Fail at the current node with Go's text around the message; -ERR_INVALID. */
PRINTF(3, 4) int texec_fail(struct texec_state *s, struct err *err, const char *fmt, ...);
/* A function or method failed with err, or exec->failure: wrap it at the node. Limits stay as they are. */
int texec_fail_call(struct texec_state *s, struct texec_at node, const char *name, struct err *err);
/* What a function returns that fails with more than struct err holds: its text, and what that wraps. */
int texec_failed(struct template_exec *exec,
                 struct str text,
                 const struct texec_failure *cause,
                 struct err *err);
/* Helm's form of the failure, appended to chain. */
void texec_format_failure(const struct texec_failure *failure, struct buf *chain);
/* An error that is not the template's fault: limits, timeouts. */
bool texec_is_outside(const struct err *err);

/* Around messages of fail and required, as in Helm: they are found wherever they are in the text. */
#define TEMPLATE_WARNING_START "HELM_ERR_START"
#define TEMPLATE_WARNING_END   "HELM_ERR_END"

/* ---- funcs_core.c ---- */

/* The executor evaluates the arguments of these only as far as needed. */
int tfunc_and(TFUNC_PARAMS);
int tfunc_or(TFUNC_PARAMS);
