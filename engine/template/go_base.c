/* Decoding follows Go's loops step by step, as the byte they blame follows from them. */
#include "engine/template/go_base.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/base/arena.h"

enum {
    B64_DIGITS = 4, /* of a group of three bytes */
    B32_DIGITS = 8, /* of a group of five */
};

static const char B64_ALPHABET[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char B32_ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* Its value, or -1. */
static int digit_of(const char *alphabet, char c)
{
    const char *at = c != '\0' ? strchr(alphabet, c) : NULL;
    return at != NULL ? (int)(at - alphabet) : -1;
}

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

/* ---- base64 ---- */

struct b64_reader {
    struct str text;
    size_t at;
    char *out;
    size_t n;
};

static int b64_corrupt(size_t at, struct err *err)
{
    return err_set(err, ERR_INVALID, "illegal base64 data at input byte %zu", at);
}

static void skip_line_ends(struct b64_reader *r)
{
    while (r->at < r->text.n && is_line_end(r->text.p[r->at])) {
        r->at++;
    }
}

/* Behind the first '=' of a group that has n_digits. */
static int b64_padding(struct b64_reader *r, size_t n_digits, struct err *err)
{
    if (n_digits < 2) {
        return b64_corrupt(r->at - 1, err);
    }
    if (n_digits == 2) {
        skip_line_ends(r);
        if (r->at == r->text.n) {
            return b64_corrupt(r->text.n, err);
        }
        if (r->text.p[r->at] != '=') {
            return b64_corrupt(r->at - 1, err);
        }
        r->at++;
    }
    skip_line_ends(r);
    return r->at < r->text.n ? b64_corrupt(r->at, err) : 0;
}

static void b64_put(struct b64_reader *r, const uint8_t digits[B64_DIGITS], size_t n_digits)
{
    uint32_t bits = (uint32_t)digits[0] << 18 | (uint32_t)digits[1] << 12 |
                    (uint32_t)digits[2] << 6 | (uint32_t)digits[3];
    for (size_t i = 0; i + 1 < n_digits; i++) {
        r->out[r->n++] = (char)(bits >> (16 - 8 * i) & 0xff);
    }
}

/* One group; 1 = there may be more, 0 = the end. */
static int b64_group(struct b64_reader *r, struct err *err)
{
    uint8_t digits[B64_DIGITS] = {0};
    size_t n = 0;
    while (n < B64_DIGITS) {
        if (r->at == r->text.n) {
            return n == 0 ? 0 : b64_corrupt(r->at - n, err);
        }
        char c = r->text.p[r->at++];
        int digit = digit_of(B64_ALPHABET, c);
        if (digit >= 0) {
            digits[n++] = (uint8_t)digit;
        } else if (c == '=') {
            TRY(b64_padding(r, n, err));
            b64_put(r, digits, n);
            return 0;
        } else if (!is_line_end(c)) {
            return b64_corrupt(r->at - 1, err);
        }
    }
    b64_put(r, digits, n);
    return 1;
}

int go_b64_decode(struct arena *arena, struct str text, struct str *ret, struct err *err)
{
    struct b64_reader r = {.text = text, .out = arena_bytes(arena, text.n + 1)};
    int rc = 1;
    while (rc > 0) {
        rc = b64_group(&r, err);
    }
    TRY(rc);
    r.out[r.n] = '\0';
    *ret = str_of(r.out, r.n);
    return 0;
}

/* ---- base32 ---- */

struct str go_b32_encode(struct arena *arena, struct str bytes)
{
    size_t n = (bytes.n + 4) / 5 * B32_DIGITS;
    char *out = arena_bytes(arena, n + 1);
    for (size_t i = 0; i < n; i += B32_DIGITS) {
        uint64_t bits = 0;
        size_t from = i / B32_DIGITS * 5;
        for (size_t j = 0; j < 5; j++) {
            bits = bits << 8 | (from + j < bytes.n ? (unsigned char)bytes.p[from + j] : 0);
        }
        size_t n_bits = 8 * (bytes.n - from < 5 ? bytes.n - from : 5);
        for (size_t j = 0; j < B32_DIGITS; j++) {
            out[i + j] = 5 * j < n_bits ? B32_ALPHABET[bits >> (35 - 5 * j) & 31] : '=';
        }
    }
    out[n] = '\0';
    return str_of(out, n);
}

static int b32_corrupt(size_t at, struct err *err)
{
    return err_set(err, ERR_INVALID, "illegal base32 data at input byte %zu", at);
}

/* Behind the first '=' of the last group, which has n_digits. */
static int b32_padding(struct str text, size_t at, size_t n_digits, struct err *err)
{
    size_t left = text.n - at;
    if (left + n_digits < B32_DIGITS - 1) {
        return b32_corrupt(text.n, err);
    }
    for (size_t k = 0; k < B32_DIGITS - 1 - n_digits && k < left; k++) {
        if (text.p[at + k] != '=') {
            return b32_corrupt(at + k - 1, err);
        }
    }
    bool impossible = n_digits == 1 || n_digits == 3 || n_digits == 6;
    return impossible ? b32_corrupt(at - 1, err) : 0;
}

static size_t b32_put(char *out, const uint8_t digits[B32_DIGITS], size_t n_digits)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < B32_DIGITS; i++) {
        bits = bits << 5 | digits[i];
    }
    size_t n = n_digits * 5 / 8;
    for (size_t i = 0; i < n; i++) {
        out[i] = (char)(bits >> (32 - 8 * i) & 0xff);
    }
    return n;
}

/* Text without line ends. */
static int b32_decode_line(struct str text, char *out, size_t *ret_n, struct err *err)
{
    size_t at = 0;
    size_t n_out = 0;
    bool end = false;
    while (at < text.n && !end) {
        uint8_t digits[B32_DIGITS] = {0};
        size_t n = 0;
        while (n < B32_DIGITS && !end) {
            if (at == text.n) {
                return b32_corrupt(at - n, err);
            }
            char c = text.p[at++];
            int digit = digit_of(B32_ALPHABET, c);
            if (c == '=' && n >= 2 && text.n - at < B32_DIGITS) {
                TRY(b32_padding(text, at, n, err));
                end = true;
            } else if (digit < 0) {
                return b32_corrupt(at - 1, err);
            } else {
                digits[n++] = (uint8_t)digit;
            }
        }
        n_out += b32_put(out + n_out, digits, n);
    }
    *ret_n = n_out;
    return 0;
}

int go_b32_decode(struct arena *arena, struct str text, struct str *ret, struct err *err)
{
    char *line = arena_bytes(arena, text.n + 1);
    char *out = arena_bytes(arena, text.n + 1);
    size_t n = 0;
    size_t n_out = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (!is_line_end(text.p[i])) {
            line[n++] = text.p[i];
        }
    }
    TRY(b32_decode_line(str_of(line, n), out, &n_out, err));
    out[n_out] = '\0';
    *ret = str_of(out, n_out);
    return 0;
}
