/* UTF-8 decoding and encoding with Go's rules: bytes that do not form a shortest-form code point
 * outside the surrogates count as one U+FFFD each. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/str.h"

enum {
    UTF8_REPLACEMENT = 0xfffd,
    UTF8_MAX_BYTES = 4, /* of one code point */
    UTF8_MAX_RUNE = 0x10ffff,
};

/* Length of the valid sequence at p[0..n), or 0 when it is invalid or n is 0. */
size_t utf8_len(const char *p, size_t n);
/* Decode the code point at *at and step over it; invalid: UTF8_REPLACEMENT, and one byte. *at < s.n. */
uint32_t utf8_next(struct str s, size_t *at);
/* Bytes written (1..4); surrogates and values out of range are written as U+FFFD. */
size_t utf8_encode(uint32_t rune, char dst[UTF8_MAX_BYTES]);
void utf8_put(struct buf *b, uint32_t rune);
/* True when all of s is valid. */
bool utf8_valid(struct str s);
/* Code points, counting each invalid byte as one. */
size_t utf8_count(struct str s);
/* Append s with every invalid byte replaced by U+FFFD. */
void utf8_put_valid(struct buf *b, struct str s);

/* Unicode categories L and Nd, as Go's unicode.IsLetter() and IsDigit(). */
bool utf8_is_letter(uint32_t rune);
bool utf8_is_digit(uint32_t rune);
/* As Go's strconv.IsPrint(): letters, marks, numbers, punctuation, symbols and the ASCII blank. */
bool utf8_is_print(uint32_t rune);

/* Go's unicode.ToUpper(), ToLower() and ToTitle(): the simple mapping of one code point, in utf8_case.c. */
uint32_t utf8_to_upper(uint32_t rune);
uint32_t utf8_to_lower(uint32_t rune);
uint32_t utf8_to_title(uint32_t rune);
/* Categories Lu, Ll, Lt, P and N, and the property White_Space, as Go's unicode.IsUpper() and so on. */
bool utf8_is_upper(uint32_t rune);
bool utf8_is_lower(uint32_t rune);
bool utf8_is_title(uint32_t rune);
bool utf8_is_punct(uint32_t rune);
bool utf8_is_number(uint32_t rune);
bool utf8_is_space(uint32_t rune);
