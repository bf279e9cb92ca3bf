/* Versions of semver.h: parsing, order and text. */
#include "common/base/semver.h"

#include <stdlib.h>

#include "common/base/buf.h"
#include "common/base/num.h"

enum {
    VERSION_BYTES = 256, /* longest version, as the library has it */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_identifier_char(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

/* Digits at the start of *rest. */
static struct str take_digits(struct str *rest)
{
    size_t n = 0;
    while (n < rest->n && is_digit(rest->p[n])) {
        n++;
    }
    struct str digits = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, n, rest->n);
    return digits;
}

/* "a.b.c" behind a mark; empty when there is none, which is no mistake yet. */
static struct str take_identifiers(struct str *rest, char mark)
{
    size_t end = 0;
    if (rest->n > 0 && rest->p[0] == mark) {
        size_t at = 1;
        while (at < rest->n && is_identifier_char(rest->p[at])) {
            while (at < rest->n && is_identifier_char(rest->p[at])) {
                at++;
            }
            end = at;
            at += at < rest->n && rest->p[at] == '.';
        }
    }
    struct str found = str_sub(*rest, end > 0, end);
    *rest = str_sub(*rest, end, rest->n);
    return found;
}

static int parse_segment(struct str digits, uint64_t *ret, struct err *err)
{
    *ret = 0;
    if (digits.n > 0 && !num_digits(digits, 10, ret)) {
        return err_set(err, ERR_INVALID,
                       "error parsing version segment: strconv.ParseUint: parsing \"" STR_FMT
                       "\": value out of range",
                       STR_ARG(digits));
    }
    return 0;
}

static bool is_numeric(struct str s)
{
    struct str rest = s;
    return take_digits(&rest).n == s.n;
}

static int check_prerelease(struct str pre, struct err *err)
{
    struct str rest = pre;
    struct str part;
    while (pre.n > 0 && str_next(&rest, '.', &part)) {
        if (part.n > 1 && part.p[0] == '0' && is_numeric(part)) {
            return err_set(err, ERR_INVALID, "version segment starts with 0");
        }
    }
    return 0;
}

int semver_parse(struct str text, struct semver *ret, struct err *err)
{
    if (text.n > VERSION_BYTES) {
        return err_set(err, ERR_INVALID, "version string is too long (max %d bytes)",
                       VERSION_BYTES);
    }
    struct str rest = text;
    (void)str_cut_prefix(&rest, STR("v")); /* optional */
    struct str numbers[3] = {take_digits(&rest)};
    for (size_t i = 1; i < 3 && rest.n > 1 && rest.p[0] == '.' && is_digit(rest.p[1]); i++) {
        rest = str_sub(rest, 1, rest.n);
        numbers[i] = take_digits(&rest);
    }
    struct semver v = {.original = text};
    v.pre = take_identifiers(&rest, '-');
    v.meta = take_identifiers(&rest, '+');
    if (numbers[0].n == 0 || rest.n > 0) {
        return err_set(err, ERR_INVALID, "invalid semantic version");
    }
    TRY(parse_segment(numbers[0], &v.major, err));
    TRY(parse_segment(numbers[1], &v.minor, err));
    TRY(parse_segment(numbers[2], &v.patch, err));
    TRY(check_prerelease(v.pre, err));
    *ret = v;
    return 0;
}

static int cmp_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* Numbers come before words; a number too large for 64 bits is a word. */
static int cmp_part(struct str a, struct str b)
{
    uint64_t number_a;
    uint64_t number_b;
    bool is_number_a = num_digits(a, 10, &number_a);
    bool is_number_b = num_digits(b, 10, &number_b);
    if (a.n == 0 || b.n == 0) {
        return (a.n > 0) - (b.n > 0);
    }
    if (is_number_a != is_number_b) {
        return is_number_a ? -1 : 1;
    }
    if (is_number_a) {
        return cmp_u64(number_a, number_b);
    }
    return str_cmp(a, b);
}

static int cmp_prerelease(struct str a, struct str b)
{
    if (a.n == 0 || b.n == 0) {
        return (b.n > 0) - (a.n > 0);
    }
    for (int order = 0;;) {
        struct str part_a = STR_EMPTY;
        struct str part_b = STR_EMPTY;
        bool more_a = str_next(&a, '.', &part_a);
        bool more_b = str_next(&b, '.', &part_b);
        if (!more_a && !more_b) {
            return 0;
        }
        order = cmp_part(more_a ? part_a : STR_EMPTY, more_b ? part_b : STR_EMPTY);
        if (order != 0) {
            return order;
        }
    }
}

int semver_cmp(const struct semver *a, const struct semver *b)
{
    int order = cmp_u64(a->major, b->major);
    order = order != 0 ? order : cmp_u64(a->minor, b->minor);
    order = order != 0 ? order : cmp_u64(a->patch, b->patch);
    return order != 0 ? order : cmp_prerelease(a->pre, b->pre);
}

void semver_format(const struct semver *v, struct buf *out)
{
    buf_put_uint(out, v->major);
    buf_put_char(out, '.');
    buf_put_uint(out, v->minor);
    buf_put_char(out, '.');
    buf_put_uint(out, v->patch);
    if (v->pre.n > 0) {
        buf_put_char(out, '-');
        buf_put(out, v->pre);
    }
    if (v->meta.n > 0) {
        buf_put_char(out, '+');
        buf_put(out, v->meta);
    }
}

static int on_cmp(const void *a, const void *b)
{
    return semver_cmp(a, b);
}

void semver_sort(struct semver *items, size_t n)
{
    if (n > 1) {
        qsort(items, n, sizeof(items[0]), on_cmp);
    }
}
