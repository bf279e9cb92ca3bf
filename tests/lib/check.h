/* Assertions for unit tests, on top of cmocka: failures print the whole error chain.
 *
 * Includes cmocka with what it needs; test files include this instead. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/err.h"

/* The call returns 0 or more. A local `struct err err` must exist. */
#define ASSERT_OK(call)                                                                    \
    do {                                                                                   \
        if ((call) < 0) {                                                                  \
            char check_text_[2048];                                                        \
            err_format(&err, check_text_, sizeof(check_text_));                            \
            fail_msg("%s\n  failed: %s: %s", #call, err_code_name(err.code), check_text_); \
        }                                                                                  \
    } while (0)

/* The call fails with this code, and the formatted error contains `part`. */
#define ASSERT_ERR(call, want_code, part)                                                          \
    do {                                                                                           \
        int check_rc_ = (call);                                                                    \
        if (check_rc_ != -(int)(want_code)) {                                                      \
            fail_msg("%s\n  returned %d, wanted -%s", #call, check_rc_, err_code_name(want_code)); \
        }                                                                                          \
        check_contains(&err, (part));                                                              \
    } while (0)

#define ASSERT_STR(s, want)                                                                \
    do {                                                                                   \
        struct str check_s_ = (s);                                                         \
        if (!str_eq_c(check_s_, (want))) {                                                 \
            fail_msg("%s\n  is:     '" STR_FMT "'\n  wanted: '%s'", #s, STR_ARG(check_s_), \
                     (want));                                                              \
        }                                                                                  \
    } while (0)

static inline void check_contains(const struct err *err, const char *part)
{
    char text[2048];
    err_format(err, text, sizeof(text));
    if (strstr(text, part) == NULL) {
        fail_msg("error '%s' does not contain '%s'", text, part);
    }
}
