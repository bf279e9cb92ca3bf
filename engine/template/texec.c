/* Running templates: the nodes of a template one after the other.
 *
 * texec_eval.c evaluates pipelines, texec_call.c fields and functions, texec_error.c makes the messages. The
 * order of steps and the node an error names are those of Go's text/template. */
#include "engine/template/texec.h"

#include "common/base/limits.h"

enum flow { FLOW_NEXT, FLOW_BREAK, FLOW_CONTINUE };

/* These return enum flow or a negative error. */
static int walk_list(struct texec_state *s,
                     struct texec_value dot,
                     const struct tnodes *nodes,
                     struct err *err);

/* What was written since `before` is charged. */
static int charge_output(struct texec_state *s, size_t before, struct err *err)
{
    TRY(buf_check(s->out, "the output of a template", err));
    return budget_bytes(s->exec->budget, s->out->n - before, err);
}

static int walk_text(struct texec_state *s, struct str text, struct err *err)
{
    size_t before = s->out->n;
    buf_put(s->out, text);
    return charge_output(s, before, err);
}

static int walk_action(struct texec_state *s,
                       struct texec_value dot,
                       const struct tnode *node,
                       struct err *err)
{
    struct texec_value value;
    TRY(texec_pipeline(s, dot, node->pipe, &value, err));
    if (node->pipe->n_vars > 0) {
        return 0;
    }
    size_t before = s->out->n;
    if (value.v.kind == TVAL_NIL) {
        buf_put_c(s->out, "<no value>"); /* Helm removes it from what it prints */
    } else {
        tval_print(s->out, value.v);
    }
    return charge_output(s, before, err);
}

static int
walk_if(struct texec_state *s, struct texec_value dot, const struct tnode *node, struct err *err)
{
    struct texec_value value;
    TRY(texec_pipeline(s, dot, node->pipe, &value, err));
    if (!tval_true(value.v)) {
        return walk_list(s, dot, &node->other, err);
    }
    return walk_list(s, node->type == TNODE_WITH ? value : dot, &node->body, err);
}

/* ---- range ---- */

/* Says whether to stop: FLOW_BREAK, or a negative error. */
static int walk_round(struct texec_state *s,
                      const struct tnode *node,
                      struct texec_value index,
                      struct texec_value elem,
                      struct err *err)
{
    const struct tpipe *pipe = node->pipe;
    TRY(budget_steps(s->exec->budget, 1, err));
    if (pipe->n_vars > 0) {
        s->slots[pipe->slots[pipe->n_vars - 1]] = elem;
    }
    if (pipe->n_vars > 1) {
        s->slots[pipe->slots[0]] = index;
    }
    int flow = walk_list(s, elem, &node->body, err);
    return flow == FLOW_CONTINUE ? FLOW_NEXT : flow;
}

static int
range_list(struct texec_state *s, const struct tnode *node, struct tval list, struct err *err)
{
    size_t n = (size_t)tval_len(list);
    bool boxed = list.kind == TVAL_LIST && list.list->elem == TVAL_OF_ANY;
    for (size_t i = 0; i < n; i++) {
        struct texec_value index = {tval_int((int64_t)i), false};
        struct texec_value elem = {tval_at(list, i), boxed};
        int flow = walk_round(s, node, index, elem, err);
        if (flow != FLOW_NEXT) {
            return flow;
        }
    }
    return FLOW_NEXT;
}

/* Over the entries as they were when the loop began. */
static int
range_map(struct texec_state *s, const struct tnode *node, const struct tmap *map, struct err *err)
{
    size_t n = 0;
    const struct str *keys = tmap_keys(map, s->exec->arena, &n);
    struct tval *values = arena_calloc(s->exec->arena, n, sizeof(*values));
    for (size_t i = 0; i < n; i++) {
        values[i] = tmap_get(map, keys[i]);
    }
    for (size_t i = 0; i < n; i++) {
        struct texec_value index = {tval_str(keys[i]), false};
        struct texec_value elem = {values[i], tmap_elem(map) == TVAL_OF_ANY};
        int flow = walk_round(s, node, index, elem, err);
        if (flow != FLOW_NEXT) {
            return flow;
        }
    }
    return FLOW_NEXT;
}

static int
range_int(struct texec_state *s, const struct tnode *node, struct tval count, struct err *err)
{
    uint64_t n = count.kind == TVAL_UINT64 ? count.u : count.i > 0 ? (uint64_t)count.i : 0;
    if (node->pipe->n_vars > 1) {
        AUTO(buf) struct buf text;
        buf_init(&text, LIMIT_KIB);
        tval_print(&text, count);
        return texec_fail(s, err, "can't use %s to iterate over more than one variable", text.p);
    }
    for (uint64_t i = 0; i < n; i++) {
        struct tval elem = count;
        elem.i = (int64_t)i;
        int flow = walk_round(s, node, (struct texec_value){tval_nil(), false},
                              (struct texec_value){elem, false}, err);
        if (flow != FLOW_NEXT) {
            return flow;
        }
    }
    return FLOW_NEXT;
}

static int cannot_range(struct texec_state *s, struct tval v, struct err *err)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_MIB);
    tval_print(&text, v);
    return texec_fail(s, err, "range can't iterate over %s", text.p);
}

/* ret_ran: there was something to go over. */
static int range_over(
    struct texec_state *s, const struct tnode *node, struct tval v, bool *ret_ran, struct err *err)
{
    switch (v.kind) {
    case TVAL_LIST:
    case TVAL_BYTES:
        *ret_ran = tval_len(v) > 0;
        return range_list(s, node, v, err);
    case TVAL_MAP:
        *ret_ran = tval_len(v) > 0;
        return range_map(s, node, v.map, err);
    case TVAL_INT:
    case TVAL_INT64:
    case TVAL_UINT64:
    case TVAL_UINT8:
    case TVAL_DURATION:
    case TVAL_MONTH:
    case TVAL_WEEKDAY:
        *ret_ran = v.kind == TVAL_UINT64 ? v.u > 0 : v.i > 0;
        return range_int(s, node, v, err);
    case TVAL_NIL:
        *ret_ran = false;
        return FLOW_NEXT;
    case TVAL_BOOL:
    case TVAL_FLOAT64:
    case TVAL_STRING:
    case TVAL_TIME:
    case TVAL_OBJECT:
    case TVAL_KIND_COUNT:
        break;
    }
    return cannot_range(s, v, err);
}

static int
walk_range(struct texec_state *s, struct texec_value dot, const struct tnode *node, struct err *err)
{
    struct texec_value value;
    bool ran = false;
    TRY(texec_pipeline(s, dot, node->pipe, &value, err));
    int flow = range_over(s, node, value.v, &ran, err);
    if (flow == FLOW_NEXT && !ran) {
        return walk_list(s, dot, &node->other, err);
    }
    return flow == FLOW_BREAK ? FLOW_NEXT : flow;
}

/* ---- nodes ---- */

static int walk_template(struct texec_state *s,
                         struct texec_value dot,
                         const struct tnode *node,
                         struct err *err)
{
    const struct tdef *def;
    struct texec_value data = {tval_nil(), false};
    TRY(template_get(s->exec->set, node->text, s->exec->budget, &def, err));
    if (def == NULL) {
        AUTO(buf) struct buf name;
        buf_init(&name, LIMIT_MIB);
        tval_quote(&name, node->text);
        return texec_fail(s, err, "template %s not defined", name.p);
    }
    if (node->pipe != NULL) {
        TRY(texec_pipeline(s, dot, node->pipe, &data, err));
    }
    return texec_run(s->exec, def, data, s->out, err);
}

static int
walk(struct texec_state *s, struct texec_value dot, const struct tnode *node, struct err *err)
{
    s->at = (struct texec_at){TEXEC_AT_NODE, .node = node};
    switch (node->type) {
    case TNODE_TEXT:
        return walk_text(s, node->text, err);
    case TNODE_ACTION:
        return walk_action(s, dot, node, err);
    case TNODE_IF:
    case TNODE_WITH:
        return walk_if(s, dot, node, err);
    case TNODE_RANGE:
        return walk_range(s, dot, node, err);
    case TNODE_BREAK:
        return FLOW_BREAK;
    case TNODE_CONTINUE:
        return FLOW_CONTINUE;
    case TNODE_TEMPLATE:
        return walk_template(s, dot, node, err);
    case TNODE_TYPE_COUNT:
        break;
    }
    return 0;
}

static int walk_list(struct texec_state *s,
                     struct texec_value dot,
                     const struct tnodes *nodes,
                     struct err *err)
{
    int flow = FLOW_NEXT;
    if (nodes->n == 0) {
        return flow;
    }
    TRY(budget_enter(s->exec->budget, err));
    for (size_t i = 0; i < nodes->n && flow == FLOW_NEXT; i++) {
        flow = budget_steps(s->exec->budget, 1, err);
        if (flow == 0) {
            flow = walk(s, dot, &nodes->items[i], err);
        }
    }
    budget_leave(s->exec->budget);
    return flow;
}

int texec_run(struct template_exec *exec,
              const struct tdef *def,
              struct texec_value data,
              struct buf *out,
              struct err *err)
{
    struct texec_state s = {
        .exec = exec,
        .def = def,
        .slots = arena_calloc(exec->arena, (size_t)def->max_slots + 1, sizeof(*s.slots)),
        .out = out,
    };
    s.slots[0] = data;
    int flow = walk_list(&s, data, &def->body, err);
    return MIN(flow, 0);
}

/* ---- the module's entry ---- */

static int
finish_failure(struct template_exec *exec, struct str name, struct buf *chain, struct err *err)
{
    if (exec->failure == NULL || texec_is_outside(err)) {
        (void)err_wrap(err, "template '" STR_FMT "'", STR_ARG(name));
        if (chain != NULL) {
            char plain[ERR_MESSAGE_BYTES];
            err_format(err, plain, sizeof(plain));
            buf_put_c(chain, plain);
        }
        return -(int)err->code;
    }
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_MIB);
    texec_format_failure(exec->failure, &text);
    if (chain != NULL) {
        buf_put(chain, buf_str(&text));
    }
    const struct err_pos *pos = &exec->failure->pos;
    (void)err_set_text(err, ERR_INVALID, buf_str(&text));
    return err_at(err, str_from(pos->file), pos->line, pos->column);
}

int template_execute(const struct template_run *run,
                     struct str name,
                     struct tval data,
                     struct buf *out,
                     struct buf *chain,
                     struct err *err)
{
    struct template_exec exec = {
        .set = run->set,
        .arena = run->arena,
        .budget = run->budget,
        .env = run->env,
        .missing = run->missing,
        .ret_escaped = run->ret_escaped,
        .included = tmap_new(run->arena, TVAL_OF_INT, NULL, NULL),
    };
    const struct tdef *def;
    TRY(template_get(run->set, name, run->budget, &def, err));
    if (def == NULL) {
        return err_set(err, ERR_NOT_FOUND, "there is no template '" STR_FMT "'", STR_ARG(name));
    }
    if (texec_run(&exec, def, (struct texec_value){data, false}, out, err) < 0) {
        return finish_failure(&exec, name, chain, err);
    }
    return 0;
}
