/* Go's fmt for values of templates: Sprintf, Sprint and Sprintln. */
#pragma once

#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/str.h"
#include "engine/template/tval.h"

/* All verbs and flags of fmt; mistakes in the format show in the output, as in Go ("%!d(string=x)"). */
void tprintf_format(struct buf *out, struct str format, const struct tval *args, size_t n);
/* A blank between two operands when neither is a string. */
void tprintf_print(struct buf *out, const struct tval *args, size_t n);
/* A blank between any two, and a line feed. */
void tprintf_println(struct buf *out, const struct tval *args, size_t n);
