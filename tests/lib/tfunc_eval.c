/* A tiny reader of calls: no pipes, no data, no check of arguments against signatures. */
#include "tests/lib/tfunc_eval.h"

#include "common/base/buf.h"
#include "common/base/num.h"

enum { MAX_ARGS = 32 };

struct evaluator {
    struct tcall call;
    struct str rest;
};

static int eval_call(struct evaluator *e, struct tval *ret, struct err *err);

static struct str word(struct evaluator *e)
{
    size_t n = 0;
    while (n < e->rest.n && e->rest.p[n] != ' ' && e->rest.p[n] != ')') {
        n++;
    }
    struct str w = str_sub(e->rest, 0, n);
    e->rest = str_sub(e->rest, n, e->rest.n);
    return w;
}

static struct tval string(struct evaluator *e)
{
    size_t n = str_find_char(str_sub(e->rest, 1, e->rest.n), '"');
    struct str s = str_sub(e->rest, 1, 1 + n);
    e->rest = str_sub(e->rest, n + 2, e->rest.n);
    return tval_str(s);
}

static struct tval literal(struct str w)
{
    struct err err;
    int64_t i = 0;
    double f = 0;
    if (str_eq_c(w, "nil")) {
        return tval_nil();
    }
    if (str_eq_c(w, "true") || str_eq_c(w, "false")) {
        return tval_bool(str_eq_c(w, "true"));
    }
    if (num_parse_int(w, &i, &err) == 0) {
        return tval_int(i);
    }
    if (!num_parse_float(w, &f)) {
        fail_msg("bad literal '" STR_FMT "'", STR_ARG(w));
    }
    return tval_float(f);
}

static int eval_arg(struct evaluator *e, struct tval *ret, struct err *err)
{
    if (e->rest.p[0] == '(') {
        e->rest = str_sub(e->rest, 1, e->rest.n);
        TRY(eval_call(e, ret, err));
        assert_true(e->rest.n > 0 && e->rest.p[0] == ')');
        e->rest = str_sub(e->rest, 1, e->rest.n);
        return 0;
    }
    *ret = e->rest.p[0] == '"' ? string(e) : literal(word(e));
    return 0;
}

static int eval_call(struct evaluator *e, struct tval *ret, struct err *err)
{
    struct tval args[MAX_ARGS];
    size_t n = 0;
    struct str name = word(e);
    const struct tfunc *f = tfunc_find(name);
    if (f == NULL) {
        fail_msg("no function '" STR_FMT "'", STR_ARG(name));
    }
    while (e->rest.n > 0 && e->rest.p[0] == ' ') {
        e->rest = str_sub(e->rest, 1, e->rest.n);
        assert_true(n < MAX_ARGS);
        TRY(eval_arg(e, &args[n++], err));
    }
    e->call.name = f->name;
    return f->fn(&e->call, args, n, ret, err);
}

int tfunc_eval(struct engine_env *env,
               struct arena *arena,
               const char *expr,
               struct tval *ret,
               struct err *err)
{
    struct budget budget = budget_unlimited();
    struct evaluator e = {
        .call = {.arena = arena, .budget = &budget, .env = env},
        .rest = str_from(expr),
    };
    TRY(eval_call(&e, ret, err));
    assert_int_equal(e.rest.n, 0);
    return 0;
}

static struct str printed(struct arena *arena, struct tval v)
{
    AUTO(buf) struct buf text;
    buf_init(&text, 65536);
    tval_print(&text, v);
    return buf_to_arena(&text, arena);
}

void tfunc_check(struct engine_env *env, const struct tfunc_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct err err;
        struct tval v = tval_nil();
        if (tfunc_eval(env, arena, cases[i].expr, &v, &err) < 0) {
            fail_msg("%s\n  failed: %s", cases[i].expr, err.message);
        }
        struct str is = printed(arena, v);
        if (!str_eq_c(is, cases[i].want)) {
            fail_msg("%s\n  is:     '" STR_FMT "'\n  wanted: '%s'", cases[i].expr, STR_ARG(is),
                     cases[i].want);
        }
    }
}

void tfunc_check_errors(struct engine_env *env, const struct tfunc_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        AUTO(arena) struct arena *arena = arena_new();
        struct err err;
        struct tval v = tval_nil();
        if (tfunc_eval(env, arena, cases[i].expr, &v, &err) == 0) {
            struct str is = printed(arena, v);
            fail_msg("%s\n  gives '" STR_FMT "', should fail", cases[i].expr, STR_ARG(is));
        }
        if (strcmp(err.message, cases[i].want) != 0) {
            fail_msg("%s\n  fails with: '%s'\n  wanted:     '%s'", cases[i].expr, err.message,
                     cases[i].want);
        }
    }
}
