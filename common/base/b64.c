/* Base64 codecs. */
#include "common/base/b64.h"

#include <stdbool.h>
#include <stdint.h>

static const char STD[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char URL[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static bool is_url(enum b64_form form)
{
    return form == B64_URL || form == B64_URL_RAW;
}

static bool is_padded(enum b64_form form)
{
    return form != B64_STD_RAW && form != B64_URL_RAW;
}

void b64_encode(struct buf *b, struct str bytes, enum b64_form form)
{
    const char *alphabet = is_url(form) ? URL : STD;
    for (size_t i = 0; i < bytes.n; i += 3) {
        size_t n = MIN(bytes.n - i, (size_t)3);
        uint32_t group = 0;
        for (size_t k = 0; k < 3; k++) {
            group = group << 8 | (k < n ? (unsigned char)bytes.p[i + k] : 0U);
        }
        char out[4];
        for (size_t k = 0; k < 4; k++) {
            out[k] = k <= n ? alphabet[group >> (18 - 6 * k) & 63] : '=';
        }
        buf_put_bytes(b, out, is_padded(form) ? 4 : n + 1);
    }
}

/* The value of a character, or -1. */
static int sextet(char c, enum b64_form form)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    if (c == (is_url(form) ? '-' : '+')) {
        return 62;
    }
    return c == (is_url(form) ? '_' : '/') ? 63 : -1;
}

static int invalid(size_t at, struct err *err)
{
    return err_set(err, ERR_INVALID, "illegal base64 data at input byte %zu", at);
}

/* Write the n_sextets collected in `group` as bytes. */
static void put_group(struct buf *b, uint32_t group, size_t n_sextets)
{
    group <<= 6 * (4 - n_sextets);
    char out[3] = {(char)(group >> 16), (char)(group >> 8), (char)group};
    buf_put_bytes(b, out, n_sextets - 1);
}

/* What follows the last sextet: the right number of '=' and nothing else. */
static int
check_end(struct str text, size_t at, size_t n_sextets, enum b64_form form, struct err *err)
{
    size_t n_pad = 0;
    for (; at < text.n; at++) {
        bool line = form == B64_STD_LINES && (text.p[at] == '\r' || text.p[at] == '\n');
        if (text.p[at] == '=' && is_padded(form)) {
            n_pad++;
        } else if (!line) {
            return invalid(at, err);
        }
    }
    size_t want = n_sextets == 0 || !is_padded(form) ? 0 : 4 - n_sextets;
    return n_sextets == 1 || n_pad != want ? invalid(text.n, err) : 0;
}

int b64_decode(struct buf *b, struct str text, enum b64_form form, struct err *err)
{
    uint32_t group = 0;
    size_t n_sextets = 0;
    size_t at = 0;
    for (; at < text.n; at++) {
        char c = text.p[at];
        if (form == B64_STD_LINES && (c == '\r' || c == '\n')) {
            continue;
        }
        int v = sextet(c, form);
        if (v < 0) {
            break;
        }
        group = group << 6 | (uint32_t)v;
        if (++n_sextets == 4) {
            put_group(b, group, 4);
            group = 0;
            n_sextets = 0;
        }
    }
    TRY(check_end(text, at, n_sextets, form, err));
    if (n_sextets > 0) {
        put_group(b, group, n_sextets);
    }
    return buf_check(b, "decoded base64", err);
}
