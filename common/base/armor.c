/* Armour: lines between BEGIN and END; headers up to an empty line, base64, "=" and a checksum of 24 bits. */
#include "common/base/armor.h"

#include <stdbool.h>
#include <stdint.h>

#include "common/base/b64.h"
#include "common/base/buf.h"
#include "common/base/limits.h"

#define ARMOR_BEGIN "-----BEGIN PGP PUBLIC KEY BLOCK-----"
#define ARMOR_END   "-----END PGP PUBLIC KEY BLOCK-----"

enum {
    CRC_INIT = 0xB704CE,
    CRC_POLY = 0x1864CFB,
    CRC_TOP = 0x1000000,
    CRC_BYTES = 3,
    LINE_BYTES = 64,
};

/* ---- text ---- */

static bool next_line(struct str *rest, struct str *line)
{
    if (!str_next(rest, '\n', line)) {
        return false;
    }
    *line = str_trim(*line);
    return true;
}

static int no_block(struct err *err)
{
    return err_set(err, ERR_INVALID, "no armoured OpenPGP public key");
}

static int cut_block(struct err *err)
{
    return err_set(err, ERR_INVALID, "the armoured key is cut");
}

/* "Version: ..." and the like, and the empty line behind them. */
static int skip_headers(struct str *rest, struct err *err)
{
    struct str line;
    while (next_line(rest, &line)) {
        if (line.n == 0) {
            return 0;
        }
        if (str_find(line, STR(": ")) == STR_NONE) {
            return err_set(err, ERR_INVALID, "the armoured key has no empty line before its data");
        }
    }
    return cut_block(err);
}

struct block {
    struct buf text; /* base64 */
    struct str checksum;
};

static int read_lines(struct str *rest, struct block *block, struct err *err)
{
    struct str line;
    while (next_line(rest, &line)) {
        if (str_eq_c(line, ARMOR_END)) {
            return 0;
        }
        if (block->checksum.n > 0) {
            return err_set(err, ERR_INVALID, "the armoured key goes on behind its checksum");
        }
        if (str_starts_with(line, STR("="))) {
            block->checksum = str_sub(line, 1, line.n);
        } else {
            buf_put(&block->text, line);
        }
    }
    return cut_block(err);
}

static uint32_t crc24(struct str bytes)
{
    uint32_t crc = CRC_INIT;
    for (size_t i = 0; i < bytes.n; i++) {
        crc ^= (uint32_t)(unsigned char)bytes.p[i] << 16;
        for (int bit = 0; bit < 8; bit++) {
            crc <<= 1;
            crc ^= (crc & CRC_TOP) != 0 ? CRC_POLY : 0;
        }
    }
    return crc & (CRC_TOP - 1);
}

static int check_crc(struct arena *arena, struct str checksum, struct str packets, struct err *err)
{
    struct str want;
    if (checksum.n == 0) {
        return 0;
    }
    TRY(b64_decode(arena, checksum, B64_STANDARD, &want, err));
    uint32_t crc = crc24(packets);
    bool same = want.n == CRC_BYTES && (unsigned char)want.p[0] == crc >> 16 &&
                (unsigned char)want.p[1] == (crc >> 8 & 0xff) &&
                (unsigned char)want.p[2] == (crc & 0xff);
    return same ? 0 : err_set(err, ERR_INVALID, "the checksum of the armoured key is wrong");
}

/* ---- packets ---- */

struct header {
    unsigned tag;
    size_t n; /* of the body */
};

static size_t big_endian(struct str bytes, size_t n)
{
    size_t v = 0;
    for (size_t i = 0; i < n; i++) {
        v = v << 8 | (unsigned char)bytes.p[i];
    }
    return v;
}

/* Old format: the length of the length is in the first byte. */
static bool old_header(struct str *rest, struct header *ret)
{
    static const size_t LENGTHS[] = {1, 2, 4};
    unsigned first = (unsigned char)rest->p[0];
    unsigned kind = first & 3;
    if (kind >= ARRAY_LEN(LENGTHS) || rest->n < 1 + LENGTHS[kind]) {
        return false; /* one without end is no key */
    }
    ret->tag = first >> 2 & 0xf;
    ret->n = big_endian(str_sub(*rest, 1, rest->n), LENGTHS[kind]);
    *rest = str_sub(*rest, 1 + LENGTHS[kind], rest->n);
    return true;
}

static bool new_header(struct str *rest, struct header *ret)
{
    if (rest->n < 2) {
        return false;
    }
    unsigned length = (unsigned char)rest->p[1];
    size_t n = length < 192 ? 1 : length < 224 ? 2 : length == 255 ? 5 : 0;
    if (n == 0 || rest->n < 1 + n) {
        return false; /* keys are not sent in parts */
    }
    ret->tag = (unsigned char)rest->p[0] & 0x3f;
    if (n == 1) {
        ret->n = length;
    } else if (n == 2) {
        ret->n = (length - 192) * 256 + (unsigned char)rest->p[2] + 192;
    } else {
        ret->n = big_endian(str_sub(*rest, 2, rest->n), 4);
    }
    *rest = str_sub(*rest, 1 + n, rest->n);
    return true;
}

static bool read_header(struct str *rest, struct header *ret)
{
    unsigned first = (unsigned char)rest->p[0];
    if ((first & 0x80) == 0) {
        return false;
    }
    return (first & 0x40) != 0 ? new_header(rest, ret) : old_header(rest, ret);
}

static bool is_of_public_key(unsigned tag)
{
    return tag == PGP_TAG_PUBLIC_KEY || tag == PGP_TAG_PUBLIC_SUBKEY || tag == PGP_TAG_USER_ID ||
           tag == PGP_TAG_USER_ATTRIBUTE || tag == PGP_TAG_SIGNATURE || tag == PGP_TAG_TRUST;
}

bool pgp_packet_next(struct str *rest, struct pgp_packet *ret)
{
    struct str at = *rest;
    struct header h;
    if (at.n == 0 || !read_header(&at, &h) || h.n > at.n) {
        return false;
    }
    *ret = (struct pgp_packet){h.tag, str_sub(at, 0, h.n)};
    *rest = str_sub(at, h.n, at.n);
    return true;
}

static int check_packets(struct str packets, struct err *err)
{
    struct str rest = packets;
    bool first = true;
    while (rest.n > 0) {
        struct pgp_packet p;
        if (!pgp_packet_next(&rest, &p)) {
            return err_set(err, ERR_INVALID, "the OpenPGP packets of the key are broken");
        }
        if (!is_of_public_key(p.tag) || (first && p.tag != PGP_TAG_PUBLIC_KEY)) {
            return err_set(err, ERR_INVALID, "OpenPGP packet %u is not part of a public key",
                           p.tag);
        }
        first = false;
    }
    return first ? no_block(err) : 0;
}

/* ---- all ---- */

static int decode_block(struct arena *arena, struct block *block, struct buf *out, struct err *err)
{
    struct str packets;
    TRY(buf_check(&block->text, "armoured key", err));
    TRY(b64_decode(arena, buf_str(&block->text), B64_STANDARD, &packets, err));
    TRY(check_crc(arena, block->checksum, packets, err));
    TRY(check_packets(packets, err));
    buf_put(out, packets);
    return 0;
}

static int read_block(struct arena *arena, struct str *rest, struct buf *out, struct err *err)
{
    struct block block = {0};
    buf_init(&block.text, LIMIT_PUBLIC_KEY_BYTES);
    int rc = skip_headers(rest, err);
    if (rc == 0) {
        rc = read_lines(rest, &block, err);
    }
    if (rc == 0) {
        rc = decode_block(arena, &block, out, err);
    }
    buf_done(&block.text);
    return rc;
}

int armor_decode(struct arena *arena, struct str text, struct str *ret, struct err *err)
{
    AUTO(buf) struct buf out;
    struct str rest = text;
    struct str line;
    buf_init(&out, LIMIT_PUBLIC_KEY_BYTES);
    while (next_line(&rest, &line)) {
        if (str_eq_c(line, ARMOR_BEGIN)) {
            TRY(read_block(arena, &rest, &out, err));
        }
    }
    TRY(buf_check(&out, "armoured keys", err));
    if (out.n == 0) {
        return no_block(err);
    }
    *ret = buf_to_arena(&out, arena);
    return 0;
}

struct str armor_encode(struct arena *arena, struct str packets)
{
    AUTO(buf) struct buf out;
    uint32_t crc = crc24(packets);
    char sum[CRC_BYTES] = {(char)(crc >> 16), (char)(crc >> 8), (char)crc};
    struct str text = b64_encode_in(arena, packets, B64_STANDARD);
    buf_init(&out, 2 * text.n + LIMIT_KIB);
    buf_put_c(&out, ARMOR_BEGIN "\n\n");
    for (size_t i = 0; i < text.n; i += LINE_BYTES) {
        buf_put(&out, str_sub(text, i, MIN(i + LINE_BYTES, text.n)));
        buf_put_char(&out, '\n');
    }
    buf_put_char(&out, '=');
    b64_encode(&out, str_of(sum, sizeof(sum)), B64_STANDARD);
    buf_put_c(&out, "\n" ARMOR_END "\n");
    return buf_to_arena(&out, arena);
}
