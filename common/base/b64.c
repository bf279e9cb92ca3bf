/* Base64, strict but for line ends: what Go's encoding/base64 takes, this takes. */
#include "common/base/b64.h"

#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/buf.h"

static const char LETTERS[2][65] = {
    [B64_STANDARD] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    [B64_URL] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

enum { BITS_INVALID = -1 };

/* Length of the text for n bytes. */
static size_t encoded_size(size_t n, enum b64_alphabet alphabet)
{
    size_t rest = n % 3;
    size_t tail = rest == 0 ? 0 : (alphabet == B64_STANDARD ? 4 : rest + 1);
    return n / 3 * 4 + tail;
}

/* Writes encoded_size() characters. */
static void encode_to(char *out, struct str bytes, enum b64_alphabet alphabet)
{
    const char *letters = LETTERS[alphabet];
    const uint8_t *in = (const uint8_t *)bytes.p;
    size_t at = 0;
    for (size_t i = 0; i < bytes.n; i += 3) {
        size_t n = MIN(bytes.n - i, (size_t)3);
        uint32_t group = (uint32_t)in[i] << 16;
        group |= n > 1 ? (uint32_t)in[i + 1] << 8 : 0;
        group |= n > 2 ? (uint32_t)in[i + 2] : 0;
        for (size_t k = 0; k <= n; k++) {
            out[at++] = letters[(group >> (18 - 6 * k)) & 63];
        }
        for (size_t k = n; k < 3 && alphabet == B64_STANDARD; k++) {
            out[at++] = '=';
        }
    }
}

void b64_encode(struct buf *dst, struct str bytes, enum b64_alphabet alphabet)
{
    size_t n = encoded_size(bytes.n, alphabet);
    char *out = buf_reserve(dst, n);
    if (out != NULL) {
        encode_to(out, bytes, alphabet);
        buf_commit(dst, n);
    }
}

struct str b64_encode_in(struct arena *arena, struct str bytes, enum b64_alphabet alphabet)
{
    size_t n = encoded_size(bytes.n, alphabet);
    char *out = arena_bytes(arena, n + 1);
    encode_to(out, bytes, alphabet);
    out[n] = '\0';
    return str_of(out, n);
}

static int letter_bits(char c, enum b64_alphabet alphabet)
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
    if (c == LETTERS[alphabet][62]) {
        return 62;
    }
    return c == LETTERS[alphabet][63] ? 63 : BITS_INVALID;
}

/* What decoding has seen so far. */
struct decoder {
    uint32_t group; /* bits not written yet */
    size_t n_letters;
    size_t n_padding;
    size_t n_out;
};

static bool decode_char(struct decoder *d, char c, enum b64_alphabet alphabet, uint8_t *out)
{
    if (c == '\n' || c == '\r') {
        return true;
    }
    if (c == '=') {
        d->n_padding++;
        return true;
    }
    int bits = letter_bits(c, alphabet);
    if (bits == BITS_INVALID || d->n_padding > 0) {
        return false;
    }
    d->group = (d->group << 6 | (uint32_t)bits) & 0xffffff;
    d->n_letters++;
    if (d->n_letters % 4 != 1) {
        size_t shift = 6 - 2 * ((d->n_letters + 3) % 4);
        out[d->n_out++] = (uint8_t)(d->group >> shift);
    }
    return true;
}

/* The padding fits the letters. Go does not look at the bits beyond the last byte, and tools exist that do not
 * clear them. */
static bool decode_end(const struct decoder *d, enum b64_alphabet alphabet)
{
    size_t rest = d->n_letters % 4;
    size_t wanted = rest == 0 ? 0 : 4 - rest;
    return rest != 1 && d->n_padding == (alphabet == B64_STANDARD ? wanted : 0);
}

int b64_decode(struct arena *arena,
               struct str text,
               enum b64_alphabet alphabet,
               struct str *ret,
               struct err *err)
{
    uint8_t *out = arena_alloc(arena, text.n / 4 * 3 + 4);
    struct decoder d = {0};
    bool valid = true;
    for (size_t i = 0; i < text.n && valid; i++) {
        valid = decode_char(&d, text.p[i], alphabet, out);
    }
    if (!valid || !decode_end(&d, alphabet)) {
        return err_set(err, ERR_INVALID, "not base64");
    }
    out[d.n_out] = '\0';
    *ret = str_of((const char *)out, d.n_out);
    return 0;
}
