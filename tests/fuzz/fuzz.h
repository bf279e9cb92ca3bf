/* What fuzz targets share: properties that must hold stop the program. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/err.h"
#include "common/base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A failed property prints what it was and aborts, which the fuzzer takes for a crash. */
#define FUZZ_CHECK(condition)                                                                   \
    do {                                                                                        \
        if (!(condition)) {                                                                     \
            (void)fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            abort();                                                                            \
        }                                                                                       \
    } while (0)

#define FUZZ_OK(call)                                                                        \
    do {                                                                                     \
        if ((call) < 0) {                                                                    \
            char fuzz_text_[2048];                                                           \
            err_format(&err, fuzz_text_, sizeof(fuzz_text_));                                \
            (void)fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, fuzz_text_); \
            abort();                                                                         \
        }                                                                                    \
    } while (0)
