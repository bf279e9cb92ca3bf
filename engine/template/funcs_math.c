/* Numbers, conversions, types, logic and defaults: sprig's numeric.go, defaults.go and reflect.go.
 *
 * Integers wrap as Go's do, which C leaves undefined; so they are added and multiplied without sign. */
#include <math.h>

#include "common/base/limits.h"
#include "common/base/num.h"
#include "common/base/rand.h"
#include "engine/engine_env.h"
#include "engine/template/decimal.h"
#include "engine/template/func.h"

/* ---- integers ---- */

static int add(TFUNC_PARAMS)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n_args; i++) {
        sum += (uint64_t)tval_to_int64(args[i]);
    }
    *ret = tval_int64((int64_t)sum);
    return 0;
}

static int add1(TFUNC_PARAMS)
{
    *ret = tval_int64((int64_t)((uint64_t)tval_to_int64(args[0]) + 1));
    return 0;
}

static int sub(TFUNC_PARAMS)
{
    *ret =
        tval_int64((int64_t)((uint64_t)tval_to_int64(args[0]) - (uint64_t)tval_to_int64(args[1])));
    return 0;
}

static int mul(TFUNC_PARAMS)
{
    uint64_t product = (uint64_t)tval_to_int64(args[0]);
    for (size_t i = 1; i < n_args; i++) {
        product *= (uint64_t)tval_to_int64(args[i]);
    }
    *ret = tval_int64((int64_t)product);
    return 0;
}

static int zero_division(struct err *err)
{
    return err_set(err, ERR_INVALID, "runtime error: integer divide by zero");
}

/* The smallest number by -1 has no quotient in 64 bits: Go gives it back, the processor traps. */
static int divide(TFUNC_PARAMS)
{
    int64_t a = tval_to_int64(args[0]);
    int64_t b = tval_to_int64(args[1]);
    if (b == 0) {
        return zero_division(err);
    }
    *ret = tval_int64(b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b);
    return 0;
}

static int mod(TFUNC_PARAMS)
{
    int64_t a = tval_to_int64(args[0]);
    int64_t b = tval_to_int64(args[1]);
    if (b == 0) {
        return zero_division(err);
    }
    *ret = tval_int64(b == -1 ? 0 : a % b);
    return 0;
}

static int max(TFUNC_PARAMS)
{
    int64_t best = tval_to_int64(args[0]);
    for (size_t i = 1; i < n_args; i++) {
        best = MAX(best, tval_to_int64(args[i]));
    }
    *ret = tval_int64(best);
    return 0;
}

static int min(TFUNC_PARAMS)
{
    int64_t best = tval_to_int64(args[0]);
    for (size_t i = 1; i < n_args; i++) {
        best = MIN(best, tval_to_int64(args[i]));
    }
    *ret = tval_int64(best);
    return 0;
}

static int rand_int(TFUNC_PARAMS)
{
    int64_t from = args[0].i;
    int64_t n = (int64_t)((uint64_t)args[1].i - (uint64_t)from);
    if (n <= 0) {
        return err_set(err, ERR_INVALID, "invalid argument to Intn");
    }
    if (call->env == NULL || call->env->rand == NULL) {
        return err_set(err, ERR_UNSUPPORTED, "random numbers are not available here");
    }
    uint64_t below = rand_below(call->env->rand, (uint64_t)n);
    *ret = tval_int((int64_t)(below + (uint64_t)from));
    return 0;
}

/* ---- sequences ---- */

/* How many numbers untilStep gives. */
static uint64_t range_len(int64_t start, int64_t stop, int64_t step)
{
    bool down = stop < start;
    if (down ? step >= 0 : step <= 0) {
        return 0;
    }
    uint64_t distance = down ? (uint64_t)start - (uint64_t)stop : (uint64_t)stop - (uint64_t)start;
    uint64_t stride = down ? 0 - (uint64_t)step : (uint64_t)step;
    return distance / stride + (distance % stride != 0 ? 1 : 0);
}

static int charge_range(struct tcall *call, uint64_t n, struct err *err)
{
    if (n > LIMIT_TEMPLATE_RANGE) {
        return err_set(err, ERR_LIMIT, "a range has more than %zu numbers", LIMIT_TEMPLATE_RANGE);
    }
    return budget_nodes(call->budget, n, err);
}

static int range(struct tcall *call,
                 int64_t start,
                 int64_t stop,
                 int64_t step,
                 struct tval *ret,
                 struct err *err)
{
    uint64_t n = range_len(start, stop, step);
    TRY(charge_range(call, n, err));
    *ret = tval_list_new(call->arena, TVAL_OF_INT, (size_t)n);
    for (uint64_t i = 0; i < n; i++) {
        ret->list->items[i] = tval_int((int64_t)((uint64_t)start + i * (uint64_t)step));
    }
    return 0;
}

static int until(TFUNC_PARAMS)
{
    return range(call, 0, args[0].i, args[0].i < 0 ? -1 : 1, ret, err);
}

static int until_step(TFUNC_PARAMS)
{
    return range(call, args[0].i, args[1].i, args[2].i, ret, err);
}

/* Numbers as shells' seq prints them, the end included. */
static int print_range(
    struct tcall *call, int64_t start, int64_t end, int64_t step, struct tval *ret, struct err *err)
{
    int64_t stop = (int64_t)((uint64_t)end + (end < start ? UINT64_MAX : 1));
    uint64_t n = range_len(start, stop, step);
    TRY(charge_range(call, n, err));
    AUTO(buf) struct buf text;
    buf_init(&text, (size_t)n * 21);
    for (uint64_t i = 0; i < n; i++) {
        if (i > 0) {
            buf_put_char(&text, ' ');
        }
        buf_put_int(&text, (int64_t)((uint64_t)start + i * (uint64_t)step));
    }
    *ret = tval_str(buf_to_arena(&text, call->arena));
    return 0;
}

static int seq(TFUNC_PARAMS)
{
    *ret = tval_str(STR_EMPTY);
    if (n_args == 1) {
        return print_range(call, 1, args[0].i, args[0].i < 1 ? -1 : 1, ret, err);
    }
    if (n_args == 2) {
        return print_range(call, args[0].i, args[1].i, args[1].i < args[0].i ? -1 : 1, ret, err);
    }
    if (n_args == 3 && !(args[2].i < args[0].i && args[1].i > 0)) {
        return print_range(call, args[0].i, args[2].i, args[1].i, ret, err);
    }
    return 0;
}

/* ---- floats ---- */

static int decimals(struct tcall *call,
                    enum decimal_op op,
                    double first,
                    const struct tval *rest,
                    size_t n_rest,
                    struct tval *ret,
                    struct err *err)
{
    double *operands = arena_calloc(call->arena, n_rest, sizeof(*operands));
    for (size_t i = 0; i < n_rest; i++) {
        operands[i] = tval_to_float(rest[i]);
    }
    double result = 0;
    TRY(decimal_fold(op, first, operands, n_rest, call->budget, &result, err));
    *ret = tval_float(result);
    return 0;
}

static int addf(TFUNC_PARAMS)
{
    return decimals(call, DECIMAL_ADD, 0, args, n_args, ret, err);
}

static int add1f(TFUNC_PARAMS)
{
    struct tval one = tval_float(1);
    return decimals(call, DECIMAL_ADD, tval_to_float(args[0]), &one, 1, ret, err);
}

static int subf(TFUNC_PARAMS)
{
    return decimals(call, DECIMAL_SUB, tval_to_float(args[0]), args + 1, n_args - 1, ret, err);
}

static int mulf(TFUNC_PARAMS)
{
    return decimals(call, DECIMAL_MUL, tval_to_float(args[0]), args + 1, n_args - 1, ret, err);
}

static int divf(TFUNC_PARAMS)
{
    return decimals(call, DECIMAL_DIV, tval_to_float(args[0]), args + 1, n_args - 1, ret, err);
}

/* math.Max: a NaN wins, but for infinity; zeros have a sign. */
static double larger(double a, double b)
{
    if (isinf(a) || isinf(b)) {
        return a == HUGE_VAL || b == HUGE_VAL ? HUGE_VAL : isinf(a) ? b : a;
    }
    if (isnan(a) || isnan(b)) {
        return NAN;
    }
    if (a == 0 && b == 0) {
        return signbit(a) ? b : a;
    }
    return a > b ? a : b;
}

static int maxf(TFUNC_PARAMS)
{
    double best = tval_to_float(args[0]);
    for (size_t i = 1; i < n_args; i++) {
        best = larger(best, tval_to_float(args[i]));
    }
    *ret = tval_float(best);
    return 0;
}

static int minf(TFUNC_PARAMS)
{
    double best = -tval_to_float(args[0]);
    for (size_t i = 1; i < n_args; i++) {
        best = larger(best, -tval_to_float(args[i]));
    }
    *ret = tval_float(-best);
    return 0;
}

static int floor_of(TFUNC_PARAMS)
{
    *ret = tval_float(floor(tval_to_float(args[0])));
    return 0;
}

static int ceil_of(TFUNC_PARAMS)
{
    *ret = tval_float(ceil(tval_to_float(args[0])));
    return 0;
}

/* math.Pow(10, n) as Go computes it, which may be off in the last digit. */
static double power_of_ten(int64_t n)
{
    int exponent = 4;
    double factor = 0.625; /* 10 = 0.625 * 2^4 */
    int ret_exponent = 0;
    double ret = 1;
    for (uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n; left != 0; left >>= 1) {
        if (exponent > 4096) { /* overflows whatever follows */
            ret_exponent += exponent;
            break;
        }
        if ((left & 1) != 0) {
            ret *= factor;
            ret_exponent += exponent;
        }
        factor *= factor;
        exponent *= 2;
        if (factor < 0.5) {
            factor += factor;
            exponent--;
        }
    }
    return n < 0 ? ldexp(1 / ret, -ret_exponent) : ldexp(ret, ret_exponent);
}

static int round_to(TFUNC_PARAMS)
{
    double on = n_args > 2 ? args[2].f : 0.5;
    double power = power_of_ten(args[1].i);
    double shifted = power * tval_to_float(args[0]);
    double whole = 0;
    double fraction = isinf(shifted) ? NAN : modf(shifted, &whole); /* Go: Inf - Inf */
    *ret = tval_float((fraction >= on ? ceil(shifted) : floor(shifted)) / power);
    return 0;
}

/* ---- conversions ---- */

static int atoi_of(TFUNC_PARAMS)
{
    *ret = tval_int(num_nearest_int(args[0].s));
    return 0;
}

static int to_int(TFUNC_PARAMS)
{
    *ret = tval_int(tval_to_int64(args[0]));
    return 0;
}

static int to_int64(TFUNC_PARAMS)
{
    *ret = tval_int64(tval_to_int64(args[0]));
    return 0;
}

static int to_float64(TFUNC_PARAMS)
{
    *ret = tval_float(tval_to_float(args[0]));
    return 0;
}

/* The octal number of file modes. */
static int to_decimal(TFUNC_PARAMS)
{
    AUTO(buf) struct buf printed;
    buf_init(&printed, 32); /* no number in range is longer, but for zeros in front */
    tval_print(&printed, args[0]);
    struct str text = buf_str(&printed);
    bool negative = text.n > 0 && text.p[0] == '-';
    size_t sign = negative || (text.n > 0 && text.p[0] == '+') ? 1 : 0;
    uint64_t v = 0;
    uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1 : 0);
    bool ok = !printed.overflow && num_digits(str_sub(text, sign, text.n), 8, &v) && v <= limit;
    *ret = tval_int64(ok ? (int64_t)(negative ? 0 - v : v) : 0);
    return 0;
}

/* ---- defaults and logic ---- */

static int default_to(TFUNC_PARAMS)
{
    *ret = n_args > 1 && tval_true(args[1]) ? args[1] : args[0];
    return 0;
}

static int coalesce(TFUNC_PARAMS)
{
    *ret = tval_nil();
    for (size_t i = 0; i < n_args; i++) {
        if (tval_true(args[i])) {
            *ret = args[i];
            break;
        }
    }
    return 0;
}

static int ternary(TFUNC_PARAMS)
{
    *ret = args[2].b ? args[0] : args[1];
    return 0;
}

static int empty(TFUNC_PARAMS)
{
    *ret = tval_bool(!tval_true(args[0]));
    return 0;
}

static size_t count_true(const struct tval *args, size_t n_args)
{
    size_t n = 0;
    for (size_t i = 0; i < n_args; i++) {
        n += tval_true(args[i]) ? 1 : 0;
    }
    return n;
}

static int all(TFUNC_PARAMS)
{
    *ret = tval_bool(count_true(args, n_args) == n_args);
    return 0;
}

static int any(TFUNC_PARAMS)
{
    *ret = tval_bool(count_true(args, n_args) > 0);
    return 0;
}

/* ---- types ---- */

static int type_of(TFUNC_PARAMS)
{
    *ret = tval_str(tval_type_name(call->arena, args[0]));
    return 0;
}

static int type_is(TFUNC_PARAMS)
{
    *ret = tval_bool(str_eq(args[0].s, tval_type_name(call->arena, args[1])));
    return 0;
}

static int type_is_like(TFUNC_PARAMS)
{
    struct str type = tval_type_name(call->arena, args[1]);
    struct str pointee = type;
    *ret = tval_bool(str_eq(args[0].s, type) ||
                     (str_cut_prefix(&pointee, STR("*")) && str_eq(args[0].s, pointee)));
    return 0;
}

static int kind_of(TFUNC_PARAMS)
{
    *ret = tval_str(str_from(tval_kind_name(args[0])));
    return 0;
}

static int kind_is(TFUNC_PARAMS)
{
    *ret = tval_bool(str_eq_c(args[0].s, tval_kind_name(args[1])));
    return 0;
}

static int deep_equal(TFUNC_PARAMS)
{
    *ret = tval_bool(tval_equal(args[0], args[1]));
    return 0;
}

static int deep_copy(TFUNC_PARAMS)
{
    if (args[0].kind == TVAL_NIL) {
        return err_set(err, ERR_INVALID, "reflect: call of reflect.Value.Type on zero Value");
    }
    *ret = tval_copy(call->arena, args[0]);
    return 0;
}

static const struct tfunc ROWS[] = {
    {"add", "a*", add},
    {"add1", "a", add1},
    {"sub", "aa", sub},
    {"mul", "aa*", mul},
    {"div", "aa", divide},
    {"mod", "aa", mod},
    {"max", "aa*", max},
    {"biggest", "aa*", max},
    {"min", "aa*", min},
    {"addf", "a*", addf},
    {"add1f", "a", add1f},
    {"subf", "aa*", subf},
    {"mulf", "aa*", mulf},
    {"divf", "aa*", divf},
    {"maxf", "aa*", maxf},
    {"minf", "aa*", minf},
    {"floor", "a", floor_of},
    {"ceil", "a", ceil_of},
    {"round", "aif*", round_to},
    {"until", "i", until},
    {"untilStep", "iii", until_step},
    {"seq", "i*", seq},
    {"randInt", "ii", rand_int},
    {"atoi", "s", atoi_of},
    {"int", "a", to_int},
    {"int64", "a", to_int64},
    {"float64", "a", to_float64},
    {"toDecimal", "a", to_decimal},
    {"default", "aa*", default_to},
    {"coalesce", "a*", coalesce},
    {"ternary", "aab", ternary},
    {"empty", "a", empty},
    {"all", "a*", all},
    {"any", "a*", any},
    {"typeOf", "a", type_of},
    {"typeIs", "sa", type_is},
    {"typeIsLike", "sa", type_is_like},
    {"kindOf", "a", kind_of},
    {"kindIs", "sa", kind_is},
    {"deepEqual", "aa", deep_equal},
    {"deepCopy", "a", deep_copy},
    {"mustDeepCopy", "a", deep_copy},
};

const struct tfunc_table TFUNCS_MATH = TFUNC_TABLE(ROWS);
