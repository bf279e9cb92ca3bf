/* What the files of tprintf share: the flags of one verb, and printing scalars by them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/str.h"

struct tprintf_spec {
    bool sharp;
    bool zero;
    bool plus;
    bool minus;
    bool space;
    bool sharp_v; /* %#v */
    bool has_width;
    bool has_precision;
    int width;
    int precision;
};

/* With the width and the flags - and 0. */
void tprintf_pad(struct buf *out, const struct tprintf_spec *spec, struct str text);

struct tprintf_int {
    uint64_t u; /* as int64_t when it is signed */
    bool is_signed;
    unsigned base;
    char verb; /* for O and X */
};
void tprintf_put_int(struct buf *out, const struct tprintf_spec *spec, struct tprintf_int v);
/* Verbs b, e, E, f, g, G, x and X; precision -1: the fewest digits that read back. */
void tprintf_put_float(
    struct buf *out, const struct tprintf_spec *spec, double f, char verb, int precision);
/* %s */
void tprintf_put_str(struct buf *out, const struct tprintf_spec *spec, struct str s);
/* %x and %X of bytes */
void tprintf_put_hex(struct buf *out, const struct tprintf_spec *spec, struct str s, char verb);
/* %q */
void tprintf_put_quoted(struct buf *out, const struct tprintf_spec *spec, struct str s);
/* %c, %q and %U of a code point */
void tprintf_put_rune(struct buf *out, const struct tprintf_spec *spec, uint64_t rune);
void tprintf_put_quoted_rune(struct buf *out, const struct tprintf_spec *spec, uint64_t rune);
void tprintf_put_unicode(struct buf *out, const struct tprintf_spec *spec, uint64_t rune);
