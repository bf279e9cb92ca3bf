/* Fields, methods and functions: arguments are checked and converted as Go's reflection does. */
#include <string.h>

#include "common/base/limits.h"
#include "engine/template/texec.h"
#include "engine/template/time_class.h"

void tcall_escapes(const struct tcall *call, const struct tmap *into)
{
    if (call->exec != NULL && call->exec->ret_escaped != NULL && tmap_arena(into) != call->arena) {
        *call->exec->ret_escaped = true;
    }
}

/* ---- types of parameters ---- */

/* The parameters of a function or method, from its letters. */
struct params {
    const char *name;
    const char *letters;
    size_t n_fixed;
    bool variadic;
};

static struct params params_of(const char *name, const char *letters)
{
    size_t n = strlen(letters);
    bool variadic = n > 0 && letters[n - 1] == '*';
    return (struct params){name, letters, variadic ? n - 2 : n, variadic};
}

static char letter_at(const struct params *p, size_t i)
{
    return p->letters[MIN(i, p->variadic ? p->n_fixed : i)];
}

static const char *type_of_letter(char letter)
{
    static const struct {
        char letter;
        const char *type;
    } TYPES[] = {
        {'s', "string"},          {'i', "int"},
        {'l', "int64"},           {'b', "bool"},
        {'f', "float64"},         {'m', "map[string]interface {}"},
        {'L', "[]interface {}"},  {'d', "time.Duration"},
        {'t', "time.Time"},       {'z', "*time.Location"},
        {'v', "*semver.Version"},
    };
    for (size_t i = 0; i < ARRAY_LEN(TYPES); i++) {
        if (TYPES[i].letter == letter) {
            return TYPES[i].type;
        }
    }
    return "interface {}";
}

static bool fits(struct tval v, char letter)
{
    switch (letter) {
    case 's':
        return v.kind == TVAL_STRING;
    case 'i':
        return v.kind == TVAL_INT;
    case 'l':
        return v.kind == TVAL_INT64;
    case 'b':
        return v.kind == TVAL_BOOL;
    case 'f':
        return v.kind == TVAL_FLOAT64;
    case 'm':
        return v.kind == TVAL_MAP && tmap_elem(v.map) == TVAL_OF_ANY;
    case 'L':
        return v.kind == TVAL_LIST && (v.list == NULL || v.list->elem == TVAL_OF_ANY);
    case 'd':
        return v.kind == TVAL_DURATION;
    case 't':
        return v.kind == TVAL_TIME;
    case 'z':
    case 'v':
        return v.kind == TVAL_OBJECT && strcmp(v.obj->class->type, type_of_letter(letter)) == 0;
    default:
        return true;
    }
}

/* A bare nil: the zero of types that can be nil. */
static int convert_nil(struct texec_state *s, char letter, struct tval *ret, struct err *err)
{
    if (letter == 'm') {
        *ret = tval_map(tmap_new(s->exec->arena, TVAL_OF_ANY, NULL, NULL));
        return 0;
    }
    if (letter == 'L') {
        *ret = (struct tval){.kind = TVAL_LIST, .list = NULL};
        return 0;
    }
    return texec_fail(s, err, "invalid value; expected %s", type_of_letter(letter));
}

static int convert(
    struct texec_state *s, struct texec_value value, char letter, struct tval *ret, struct err *err)
{
    if (fits(value.v, letter)) {
        *ret = letter == 'm' ? tval_map(tmap_base(value.v.map)) : value.v;
        return 0;
    }
    if (value.v.kind == TVAL_NIL && !value.boxed) {
        return convert_nil(s, letter, ret, err);
    }
    struct str type =
        value.v.kind == TVAL_NIL ? STR("interface {}") : tval_type_name(s->exec->arena, value.v);
    return texec_fail(s, err, "wrong type for value; expected %s; got " STR_FMT,
                      type_of_letter(letter), STR_ARG(type));
}

/* ---- arguments ---- */

static int fail_literal(struct texec_state *s,
                        const struct tterm *term,
                        const char *fmt_expected,
                        struct err *err)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_MIB);
    tterm_format(term, &text);
    return texec_fail(s, err, "expected %s; found %s", fmt_expected, text.p);
}

static int fail_unfit(struct texec_state *s, const struct tterm *term, char letter, struct err *err)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_MIB);
    tterm_format(term, &text);
    return texec_fail(s, err, "can't handle %s for arg of type %s", text.p, type_of_letter(letter));
}

/* A literal where a type is asked for: a number takes the type when it can. */
static int literal_arg(
    struct texec_state *s, const struct tterm *term, char letter, struct tval *ret, struct err *err)
{
    texec_at_term(s, term);
    switch (letter) {
    case 'b':
        *ret = term->literal;
        return term->literal.kind == TVAL_BOOL ? 0 : fail_literal(s, term, "bool", err);
    case 's':
        *ret = term->literal;
        return term->literal.kind == TVAL_STRING ? 0 : fail_literal(s, term, "string", err);
    case 'i':
    case 'l':
    case 'd':
        *ret = tval_int(term->int_value);
        ret->kind = letter == 'i' ? TVAL_INT : letter == 'l' ? TVAL_INT64 : TVAL_DURATION;
        return term->is_number && term->is_int ? 0 : fail_literal(s, term, "integer", err);
    case 'f':
        *ret = tval_float(term->float_value);
        return term->is_number && term->is_float ? 0 : fail_literal(s, term, "float", err);
    default:
        return fail_unfit(s, term, letter, err);
    }
}

static int eval_arg(struct texec_state *s,
                    struct texec_value dot,
                    const struct tterm *term,
                    char letter,
                    struct tval *ret,
                    struct err *err)
{
    struct texec_value value;
    if (term->type == TTERM_LITERAL && letter != 'a') {
        return literal_arg(s, term, letter, ret, err);
    }
    if (term->type == TTERM_NIL && strchr("aLm", letter) == NULL) {
        texec_at_term(s, term);
        return texec_fail(s, err, "cannot assign nil to %s", type_of_letter(letter));
    }
    TRY(texec_operand(s, dot, term, &value, err));
    if (term->type == TTERM_NIL) {
        value.boxed = false;
    }
    return convert(s, value, letter, ret, err);
}

/* ---- functions ---- */

static size_t given_args(const struct texec_call *call)
{
    return call->n_args > 0 ? call->n_args - 1 : 0; /* the first is the function itself */
}

static int check_count(struct texec_state *s,
                       const struct params *p,
                       const struct texec_call *call,
                       struct err *err)
{
    size_t n = given_args(call) + (call->final != NULL ? 1 : 0);
    if (p->variadic && n < p->n_fixed) {
        return texec_fail(s, err, "wrong number of args for %s: want at least %zu got %zu", p->name,
                          p->n_fixed, given_args(call));
    }
    if (!p->variadic && n != p->n_fixed) {
        return texec_fail(s, err, "wrong number of args for %s: want %zu got %zu", p->name,
                          p->n_fixed, n);
    }
    return 0;
}

/* `and` and `or`: the first operand that decides, or the last. */
static int call_logic(struct texec_state *s,
                      const struct tfunc *func,
                      const struct texec_call *call,
                      struct texec_value *ret,
                      struct err *err)
{
    bool decides = func->fn == tfunc_or;
    struct texec_value value = {tval_nil(), false};
    for (size_t i = 1; i < call->n_args; i++) {
        TRY(texec_operand(s, call->dot, &call->args[i], &value, err));
        if (tval_true(value.v) == decides) {
            *ret = value;
            return 0;
        }
    }
    *ret = call->final != NULL ? *call->final : value;
    return 0;
}

enum { ARGS_AT_HAND = 4 }; /* more are in the arena */

/* The arguments by their types; *ret is left alone when at_hand has room for them. */
static int eval_args(struct texec_state *s,
                     const struct params *p,
                     const struct texec_call *call,
                     struct tval **ret,
                     size_t *ret_n,
                     struct err *err)
{
    size_t n_args = given_args(call);
    size_t n = n_args + (call->final != NULL ? 1 : 0);
    struct tval *args = *ret;
    if (n > ARGS_AT_HAND) {
        args = arena_calloc(s->exec->arena, n, sizeof(*args));
    }
    for (size_t i = 0; i < n_args; i++) {
        TRY(eval_arg(s, call->dot, &call->args[i + 1], letter_at(p, i), &args[i], err));
    }
    if (call->final != NULL) {
        TRY(convert(s, *call->final, letter_at(p, n_args), &args[n_args], err));
    }
    *ret = args;
    *ret_n = n;
    return 0;
}

static struct tcall context_of(struct template_exec *exec, const char *name)
{
    exec->failure = NULL;
    return (struct tcall){
        .arena = exec->arena,
        .budget = exec->budget,
        .env = exec->env,
        .exec = exec,
        .name = name,
    };
}

int texec_call(struct texec_state *s,
               const struct tfunc *func,
               const struct texec_call *call,
               struct texec_value *ret,
               struct err *err)
{
    struct params p = params_of(func->name, func->params);
    struct tval at_hand[ARGS_AT_HAND];
    struct tval *args = at_hand;
    size_t n = 0;
    TRY(budget_steps(s->exec->budget, 1, err));
    TRY(check_count(s, &p, call, err));
    if (func->fn == tfunc_and || func->fn == tfunc_or) {
        return call_logic(s, func, call, ret, err);
    }
    TRY(eval_args(s, &p, call, &args, &n, err));
    struct tcall context = context_of(s->exec, func->name);
    *ret = (struct texec_value){tval_nil(), false};
    if (func->fn(&context, args, n, &ret->v, err) < 0) {
        return texec_fail_call(s, call->node, func->name, err);
    }
    return 0;
}

/* ---- fields and methods ---- */

/* data of numbers is in the value itself. */
static const struct tclass *class_of(struct tval *v, void **ret_data)
{
    *ret_data = &v->i;
    switch (v->kind) {
    case TVAL_OBJECT:
        *ret_data = v->obj->data;
        return v->obj->class;
    case TVAL_MAP:
        *ret_data = tmap_data(v->map);
        return tmap_class(v->map);
    case TVAL_LIST:
        *ret_data = v->list != NULL ? v->list->class_data : NULL;
        return v->list != NULL ? v->list->class : NULL;
    case TVAL_TIME:
        *ret_data = v->time;
        return &TVAL_TIME_CLASS;
    case TVAL_DURATION:
        return &TVAL_DURATION_CLASS;
    case TVAL_MONTH:
        return &TVAL_MONTH_CLASS;
    case TVAL_WEEKDAY:
        return &TVAL_WEEKDAY_CLASS;
    case TVAL_NIL:
    case TVAL_BOOL:
    case TVAL_INT:
    case TVAL_INT64:
    case TVAL_UINT64:
    case TVAL_UINT8:
    case TVAL_FLOAT64:
    case TVAL_STRING:
    case TVAL_BYTES:
    case TVAL_KIND_COUNT:
        break;
    }
    return NULL;
}

static int call_method(struct texec_state *s,
                       const struct tmethod *method,
                       void *data,
                       const struct texec_call *call,
                       struct texec_value *ret,
                       struct err *err)
{
    struct params p = params_of(method->name, method->params);
    struct tval at_hand[ARGS_AT_HAND];
    struct tval *args = at_hand;
    size_t n = 0;
    TRY(budget_steps(s->exec->budget, 1, err));
    TRY(check_count(s, &p, call, err));
    TRY(eval_args(s, &p, call, &args, &n, err));
    struct tcall context = context_of(s->exec, method->name);
    *ret = (struct texec_value){tval_nil(), false};
    int rc = method->fn(&context, data, args, n, &ret->v, err);
    return rc < 0 ? texec_fail_call(s, call->node, method->name, err) : rc;
}

/* 1: the class has it; 0: it does not. */
static int take_member(struct texec_state *s,
                       struct str name,
                       struct tval receiver,
                       const struct texec_call *call,
                       struct texec_value *ret,
                       struct err *err)
{
    struct template_exec *exec = s->exec;
    void *data = NULL;
    const struct tclass *class = class_of(&receiver, &data);
    if (class == NULL) {
        return 0;
    }
    const struct tmethod *method = tmethod_find(class, name);
    if (method != NULL) {
        TRY(call_method(s, method, data, call, ret, err));
        return 1;
    }
    struct tcall context = {exec->arena, exec->budget, exec->env, exec, NULL};
    *ret = (struct texec_value){tval_nil(), false};
    if (class->field == NULL || !class->field(&context, data, name, &ret->v)) {
        return 0;
    }
    if (given_args(call) > 0 || call->final != NULL) {
        return texec_fail(s, err, STR_FMT " has arguments but cannot be invoked as function",
                          STR_ARG(name));
    }
    return 1;
}

static int take_key(struct texec_state *s,
                    struct str name,
                    const struct tmap *map,
                    const struct texec_call *call,
                    struct texec_value *ret,
                    struct err *err)
{
    if (given_args(call) > 0 || call->final != NULL) {
        return texec_fail(s, err, STR_FMT " is not a method but has arguments", STR_ARG(name));
    }
    if (s->exec->missing == TEMPLATE_MISSING_VALUE && tmap_find(map, name) == NULL) {
        *ret = (struct texec_value){tval_nil(), false};
        return 0;
    }
    *ret = (struct texec_value){tmap_get(map, name), tmap_elem(map) == TVAL_OF_ANY};
    return 0;
}

int texec_field(struct texec_state *s,
                struct str name,
                struct texec_value receiver,
                const struct texec_call *call,
                struct texec_value *ret,
                struct err *err)
{
    if (receiver.v.kind == TVAL_NIL && !receiver.boxed) {
        *ret = receiver;
        return 0;
    }
    if (receiver.v.kind == TVAL_NIL) {
        return texec_fail(s, err, "nil pointer evaluating interface {}." STR_FMT, STR_ARG(name));
    }
    int rc = take_member(s, name, receiver.v, call, ret, err);
    if (rc != 0) {
        return MIN(rc, 0);
    }
    if (receiver.v.kind == TVAL_MAP) {
        return take_key(s, name, receiver.v.map, call, ret, err);
    }
    struct str type =
        receiver.boxed ? STR("interface {}") : tval_type_name(s->exec->arena, receiver.v);
    return texec_fail(s, err, "can't evaluate field " STR_FMT " in type " STR_FMT, STR_ARG(name),
                      STR_ARG(type));
}
