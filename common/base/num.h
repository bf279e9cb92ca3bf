/* Numbers and text, as Go prints and reads them. Any thread; independent of the locale. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

enum {
    NUM_FLOAT_BYTES = 352, /* longest decimal without exponent, sign and terminator */
};

/* Decimal with optional sign, nothing else. ERR_INVALID ("'x' is not a number", out of range). */
MUST_CHECK int num_parse_int(struct str text, int64_t *ret, struct err *err);
/* As above, and within [min, max]. */
MUST_CHECK int
num_parse_int_range(struct str text, int64_t min, int64_t max, int64_t *ret, struct err *err);
/* As num_parse_int, but a number out of range is the nearest there is and all else 0: Go's Atoi with its
 * error ignored. */
int64_t num_nearest_int(struct str text);
MUST_CHECK int num_parse_uint(struct str text, uint64_t *ret, struct err *err);

/* Decimal or, with base 16, 8 or 2, digits of that base without prefix; false = no digits, other
 * characters, or out of range. Sign is not taken. */
bool num_digits(struct str text, unsigned base, uint64_t *ret);

/* Correctly rounded. The text is [+-]digits[.digits][(e|E)[+-]digits] with digits before or after the
 * point; false = anything else. Out of range gives infinity, as strtod() does. */
bool num_parse_float(struct str text, double *ret);

/* strconv.FormatFloat(f, 'g', -1, 64): the shortest text that reads back as f; exponent form, with two
 * digits at least, when the exponent is below -4 or above 5. Also "NaN", "+Inf", "-Inf".
 * Returns the length; dst is terminated. */
size_t num_format_g(double f, char dst[NUM_FLOAT_BYTES]);
/* strconv.FormatFloat(f, 'g', -1, 32). */
size_t num_format_g32(float f, char dst[NUM_FLOAT_BYTES]);
/* As encoding/json writes float64: exponent form below 1e-6 and from 1e21, without padding ("1e-7"). f
 * must be finite. */
size_t num_format_json(double f, char dst[NUM_FLOAT_BYTES]);
/* strconv.FormatFloat(f, 'f', -1, 64) and (f, 'e', -1, 64). */
size_t num_format_f(double f, char dst[NUM_FLOAT_BYTES]);
size_t num_format_e(double f, char dst[NUM_FLOAT_BYTES]);
