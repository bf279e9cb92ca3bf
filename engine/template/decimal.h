/* Decimal arithmetic on floats, as sprig's addf, subf, mulf and divf have it (shopspring/decimal 1.4). */
#pragma once

#include <stddef.h>

#include "common/base/budget.h"
#include "common/base/err.h"
#include "common/base/macro.h"

enum decimal_op { DECIMAL_ADD, DECIMAL_SUB, DECIMAL_MUL, DECIMAL_DIV, DECIMAL_OP_COUNT };

/* ((first op rest[0]) op rest[1]) ..., each operand taken as its shortest decimal, every step exact but for
 * division, which rounds to 16 places. The result is the nearest float.
 *
 * Errors: ERR_INVALID with Go's texts (division by zero, NaN and infinities), ERR_LIMIT. */
MUST_CHECK int decimal_fold(enum decimal_op op,
                            double first,
                            const double *rest,
                            size_t n_rest,
                            struct budget *budget,
                            double *ret,
                            struct err *err);
