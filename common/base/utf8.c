/* UTF-8 as Go's unicode/utf8 sees it. */
#include "common/base/utf8.h"

#include <string.h>

/* Ranges of the first byte, with the range of the second; later ones are 80..bf. The gaps in the ranges of
 * the second byte are overlong forms, surrogates and what is above U+10FFFF. */
static const struct {
    unsigned char first_low;
    unsigned char first_high;
    unsigned char second_low;
    unsigned char second_high;
    unsigned char len;
} FORMS[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
    {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
    {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static bool in_range(char c, unsigned char low, unsigned char high)
{
    return (unsigned char)c >= low && (unsigned char)c <= high;
}

size_t utf8_len(const char *p, size_t n)
{
    if (n == 0 || (unsigned char)p[0] < 0x80) {
        return n == 0 ? 0 : 1;
    }
    for (size_t i = 0; i < ARRAY_LEN(FORMS); i++) {
        if (!in_range(p[0], FORMS[i].first_low, FORMS[i].first_high)) {
            continue;
        }
        size_t len = FORMS[i].len;
        bool ok = n >= len && in_range(p[1], FORMS[i].second_low, FORMS[i].second_high);
        for (size_t k = 2; k < len; k++) {
            ok = ok && in_range(p[k], 0x80, 0xbf);
        }
        return ok ? len : 0;
    }
    return 0;
}

uint32_t utf8_next(struct str s, size_t *at)
{
    const unsigned char *p = (const unsigned char *)s.p + *at;
    size_t n = utf8_len(s.p + *at, s.n - *at);
    *at += n > 0 ? n : 1;
    switch (n) {
    case 1:
        return p[0];
    case 2:
        return (p[0] & 0x1fU) << 6 | (p[1] & 0x3fU);
    case 3:
        return (p[0] & 0x0fU) << 12 | (p[1] & 0x3fU) << 6 | (p[2] & 0x3fU);
    case 4:
        return (p[0] & 0x07U) << 18 | (p[1] & 0x3fU) << 12 | (p[2] & 0x3fU) << 6 | (p[3] & 0x3fU);
    default:
        return UTF8_REPLACEMENT;
    }
}

size_t utf8_encode(uint32_t rune, char dst[UTF8_MAX_BYTES])
{
    if (rune > UTF8_MAX_RUNE || (rune >= 0xd800 && rune <= 0xdfff)) {
        rune = UTF8_REPLACEMENT;
    }
    if (rune < 0x80) {
        dst[0] = (char)rune;
        return 1;
    }
    if (rune < 0x800) {
        dst[0] = (char)(0xc0U | rune >> 6);
        dst[1] = (char)(0x80U | (rune & 0x3fU));
        return 2;
    }
    if (rune < 0x10000) {
        dst[0] = (char)(0xe0U | rune >> 12);
        dst[1] = (char)(0x80U | (rune >> 6 & 0x3fU));
        dst[2] = (char)(0x80U | (rune & 0x3fU));
        return 3;
    }
    dst[0] = (char)(0xf0U | rune >> 18);
    dst[1] = (char)(0x80U | (rune >> 12 & 0x3fU));
    dst[2] = (char)(0x80U | (rune >> 6 & 0x3fU));
    dst[3] = (char)(0x80U | (rune & 0x3fU));
    return 4;
}

void utf8_put(struct buf *b, uint32_t rune)
{
    char bytes[UTF8_MAX_BYTES];
    buf_put_bytes(b, bytes, utf8_encode(rune, bytes));
}

/* Bytes of ASCII at the start, found eight at a time. */
static size_t ascii_prefix(struct str s)
{
    size_t n = 0;
    uint64_t w = 0;
    for (; n + sizeof(w) <= s.n; n += sizeof(w)) {
        memcpy(&w, s.p + n, sizeof(w));
        if ((w & 0x8080808080808080U) != 0) {
            break;
        }
    }
    return n;
}

bool utf8_valid(struct str s)
{
    for (size_t at = ascii_prefix(s); at < s.n;) {
        size_t n = utf8_len(s.p + at, s.n - at);
        if (n == 0) {
            return false;
        }
        at += n;
    }
    return true;
}

size_t utf8_count(struct str s)
{
    size_t count = 0;
    for (size_t at = 0; at < s.n; count++) {
        size_t n = utf8_len(s.p + at, s.n - at);
        at += n > 0 ? n : 1;
    }
    return count;
}

void utf8_put_valid(struct buf *b, struct str s)
{
    size_t clean = 0; /* start of what is not yet written */
    for (size_t at = 0; at < s.n;) {
        size_t n = utf8_len(s.p + at, s.n - at);
        if (n > 0) {
            at += n;
            continue;
        }
        buf_put(b, str_sub(s, clean, at));
        utf8_put(b, UTF8_REPLACEMENT);
        clean = ++at;
    }
    buf_put(b, str_sub(s, clean, s.n));
}
