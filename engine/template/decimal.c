/* Decimal numbers: an integer of any size times a power of ten.
 *
 * The integers are OpenSSL's.  Their size is bounded, since a chain of divisions by small numbers grows
 * with each step; what is that large is infinite as a float long before. */
#include "engine/template/decimal.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/crypto.h>

#include "common/base/buf.h"
#include "common/base/cleanup.h"
#include "common/base/limits.h"
#include "common/base/num.h"

enum { DIVISION_PLACES = 16 };

struct decimal {
    BIGNUM *v;
    int64_t exponent; /* of ten */
};

struct context {
    BN_CTX *bn;
    struct decimal result;
    struct decimal operand;
    BIGNUM *power;
    BIGNUM *rest;
};

/* The library fails only when there is no memory left. */
static void must(int ok)
{
    assert(ok != 0);
}

static void context_init(struct context *c)
{
    *c = (struct context){
        BN_CTX_new(), {BN_new(), 0}, {BN_new(), 0}, BN_new(), BN_new(),
    };
    assert(c->bn != NULL && c->result.v != NULL && c->operand.v != NULL && c->power != NULL &&
           c->rest != NULL);
}

static void context_done(struct context *c)
{
    BN_free(c->result.v);
    BN_free(c->operand.v);
    BN_free(c->power);
    BN_free(c->rest);
    BN_CTX_free(c->bn);
}

static int from_float(double f, struct decimal *ret, struct err *err)
{
    char text[NUM_FLOAT_BYTES];
    char digits[NUM_FLOAT_BYTES];
    size_t n = 0;
    size_t n_fraction = 0;
    if (!isfinite(f)) {
        (void)num_format_g(f, text);
        return err_set(err, ERR_INVALID, "Cannot create a Decimal from %s", text);
    }
    (void)num_format_e(f, text); /* d.ddde+xx */
    const char *e = strchr(text, 'e');
    const char *point = strchr(text, '.');
    for (const char *p = text; p < e; p++) {
        if (p != point) {
            digits[n++] = *p;
            n_fraction += point != NULL && p > point ? 1 : 0;
        }
    }
    digits[n] = '\0';
    int64_t exponent = 0;
    TRY(num_parse_int(str_from(e + 1), &exponent, err));
    must(BN_dec2bn(&ret->v, digits));
    ret->exponent = exponent - (int64_t)n_fraction;
    return 0;
}

/* v *= 10^places */
static void shift(struct context *c, BIGNUM *v, int64_t places)
{
    must(BN_set_word(c->rest, 10));
    must(BN_set_word(c->power, (BN_ULONG)places));
    must(BN_exp(c->power, c->rest, c->power, c->bn));
    must(BN_mul(v, v, c->power, c->bn));
}

/* Both to the smaller exponent. */
static void align(struct context *c)
{
    int64_t distance = c->result.exponent - c->operand.exponent;
    if (distance > 0) {
        shift(c, c->result.v, distance);
        c->result.exponent = c->operand.exponent;
    } else if (distance < 0) {
        shift(c, c->operand.v, -distance);
        c->operand.exponent = c->result.exponent;
    }
}

/* Rounded to DIVISION_PLACES, halves away from zero. */
static int divide(struct context *c, struct err *err)
{
    if (BN_is_zero(c->operand.v)) {
        return err_set(err, ERR_INVALID, "decimal division by 0");
    }
    int64_t places = c->result.exponent - c->operand.exponent + DIVISION_PLACES;
    if (places >= 0) {
        shift(c, c->result.v, places);
    } else {
        shift(c, c->operand.v, -places);
    }
    bool negative = BN_is_negative(c->result.v) != BN_is_negative(c->operand.v);
    must(BN_div(c->result.v, c->rest, c->result.v, c->operand.v, c->bn));
    c->result.exponent = -DIVISION_PLACES;
    must(BN_lshift1(c->rest, c->rest));
    if (BN_ucmp(c->rest, c->operand.v) >= 0) {
        must(negative ? BN_sub_word(c->result.v, 1) : BN_add_word(c->result.v, 1));
    }
    return 0;
}

static int apply(struct context *c, enum decimal_op op, struct err *err)
{
    switch (op) {
    case DECIMAL_ADD:
        align(c);
        must(BN_add(c->result.v, c->result.v, c->operand.v));
        return 0;
    case DECIMAL_SUB:
        align(c);
        must(BN_sub(c->result.v, c->result.v, c->operand.v));
        return 0;
    case DECIMAL_MUL:
        must(BN_mul(c->result.v, c->result.v, c->operand.v, c->bn));
        c->result.exponent += c->operand.exponent;
        return 0;
    case DECIMAL_DIV:
        return divide(c, err);
    case DECIMAL_OP_COUNT:
        break;
    }
    assert(!"an operation");
}

/* What the next step costs, and that it stays within the limit. */
static int charge(const struct context *c, struct budget *budget, struct err *err)
{
    int64_t distance = c->result.exponent - c->operand.exponent;
    uint64_t size =
        (uint64_t)BN_num_bytes(c->result.v) + (uint64_t)(distance < 0 ? -distance : distance);
    if (size > LIMIT_TEMPLATE_DECIMAL_BYTES) {
        return err_set(err, ERR_LIMIT, "a decimal number has more than %zu bytes",
                       LIMIT_TEMPLATE_DECIMAL_BYTES);
    }
    return budget_steps(budget, 1 + size / 64, err);
}

static double to_float(const struct decimal *d)
{
    double f = 0;
    char *digits = BN_bn2dec(d->v);
    AUTO(buf) struct buf text;
    buf_init(&text, SIZE_MAX / 2);
    assert(digits != NULL);
    buf_printf(&text, "%se%lld", digits, (long long)d->exponent);
    OPENSSL_free(digits);
    bool ok = num_parse_float(buf_str(&text), &f);
    assert(ok);
    return BN_is_zero(d->v) ? 0 : f;
}

static int fold(struct context *c,
                enum decimal_op op,
                const double *rest,
                size_t n_rest,
                struct budget *budget,
                struct err *err)
{
    for (size_t i = 0; i < n_rest; i++) {
        TRY(from_float(rest[i], &c->operand, err));
        TRY(charge(c, budget, err));
        TRY(apply(c, op, err));
    }
    return 0;
}

int decimal_fold(enum decimal_op op,
                 double first,
                 const double *rest,
                 size_t n_rest,
                 struct budget *budget,
                 double *ret,
                 struct err *err)
{
    struct context c;
    context_init(&c);
    int rc = from_float(first, &c.result, err);
    if (rc == 0) {
        rc = fold(&c, op, rest, n_rest, budget, err);
    }
    if (rc == 0) {
        *ret = to_float(&c.result);
    }
    context_done(&c);
    return rc;
}
