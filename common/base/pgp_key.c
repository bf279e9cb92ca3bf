/* Packets of keys of version 4 (RFC 9580, 5.5.2). A key is a public key packet with all that follows it up to the next. */
#include "common/base/pgp_key.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/base/armor.h"
#include "common/base/digest.h"
#include "common/base/vec.h"

enum {
    KEY_VERSION = 4,
    KEY_HEADER_BYTES = 6, /* version, time of creation, algorithm */
    FINGERPRINT_MARK = 0x99,
    KEY_ID_BYTES = PGP_KEY_ID_DIGITS / 2,
    /* of signatures (5.2) */
    SIGNATURE_FIXED_BYTES = 6, /* version, type, two algorithms, bytes of hashed subpackets */
    CERTIFICATION_FIRST = 0x10,
    CERTIFICATION_LAST = 0x13,
    SUBPACKET_CREATED = 2,
    SUBPACKET_ISSUER = 16,
    SUBPACKET_PRIMARY = 25,
    SUBPACKET_ISSUER_FINGERPRINT = 33,
    SUBPACKET_CRITICAL = 0x80,
};

static unsigned byte_at(struct str s, size_t i)
{
    return i < s.n ? (unsigned char)s.p[i] : 0;
}

static uint32_t word_at(struct str s, size_t i)
{
    return byte_at(s, i) << 24 | byte_at(s, i + 1) << 16 | byte_at(s, i + 2) << 8 |
           byte_at(s, i + 3);
}

/* ---- ids ---- */

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_hex(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = upper(s.p[i]);
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'))) {
            return false;
        }
    }
    return true;
}

bool pgp_key_id(struct str text, char ret[PGP_KEY_ID_DIGITS + 1])
{
    if ((text.n != PGP_KEY_ID_DIGITS && text.n != PGP_FINGERPRINT_DIGITS) || !is_hex(text)) {
        return false;
    }
    struct str id = str_sub(text, text.n - PGP_KEY_ID_DIGITS, text.n);
    for (size_t i = 0; i < id.n; i++) {
        ret[i] = upper(id.p[i]);
    }
    ret[id.n] = '\0';
    return true;
}

static void set_ids(struct arena *arena, struct str body, struct pgp_key *key)
{
    uint8_t sum[DIGEST_SHA1_BYTES];
    char *hashed = arena_bytes(arena, body.n + 3);
    hashed[0] = (char)FINGERPRINT_MARK;
    hashed[1] = (char)(body.n >> 8);
    hashed[2] = (char)body.n;
    memcpy(hashed + 3, body.p, body.n);
    digest_sha1(str_of(hashed, body.n + 3), sum);
    digest_hex(sum, sizeof(sum), key->fingerprint);
    for (char *c = key->fingerprint; *c != '\0'; c++) {
        *c = upper(*c);
    }
    memcpy(key->id, key->fingerprint + PGP_FINGERPRINT_DIGITS - PGP_KEY_ID_DIGITS, sizeof(key->id));
}

/* ---- algorithms ---- */

static const struct {
    unsigned algorithm;
    const char *name;
    bool sized; /* the bits of its first number are part of the name */
} SIZED[] = {
    {1, "rsa", true},    {2, "rsa", true},       {3, "rsa", true},
    {16, "elg", true},   {17, "dsa", true},      {25, "x25519", false},
    {26, "x448", false}, {27, "ed25519", false}, {28, "ed448", false},
};

static const struct {
    const char *id; /* object identifier in DER, without tag and length */
    size_t n;
    const char *name;
} CURVES[] = {
    {"\x2b\x06\x01\x04\x01\xda\x47\x0f\x01", 9, "ed25519"},
    {"\x2b\x65\x70", 3, "ed25519"},
    {"\x2b\x65\x71", 3, "ed448"},
    {"\x2b\x06\x01\x04\x01\x97\x55\x01\x05\x01", 10, "cv25519"},
    {"\x2b\x65\x6e", 3, "cv25519"},
    {"\x2b\x65\x6f", 3, "cv448"},
    {"\x2a\x86\x48\xce\x3d\x03\x01\x07", 8, "nistp256"},
    {"\x2b\x81\x04\x00\x22", 5, "nistp384"},
    {"\x2b\x81\x04\x00\x23", 5, "nistp521"},
    {"\x2b\x24\x03\x03\x02\x08\x01\x01\x07", 9, "brainpoolP256r1"},
    {"\x2b\x24\x03\x03\x02\x08\x01\x01\x0b", 9, "brainpoolP384r1"},
    {"\x2b\x24\x03\x03\x02\x08\x01\x01\x0d", 9, "brainpoolP512r1"},
    {"\x2b\x81\x04\x00\x0a", 5, "secp256k1"},
};

/* Of ECDH, ECDSA and EdDSA: a byte with its length, and the identifier. */
static const char *curve_name(struct str material)
{
    struct str id = str_sub(material, 1, 1 + byte_at(material, 0));
    for (size_t i = 0; i < ARRAY_LEN(CURVES); i++) {
        if (str_eq(id, str_of(CURVES[i].id, CURVES[i].n))) {
            return CURVES[i].name;
        }
    }
    return NULL;
}

static void set_type(struct str body, struct pgp_key *key)
{
    unsigned algorithm = byte_at(body, KEY_HEADER_BYTES - 1);
    struct str material = str_sub(body, KEY_HEADER_BYTES, body.n);
    bool is_curve = algorithm == 18 || algorithm == 19 || algorithm == 22;
    const char *curve = is_curve ? curve_name(material) : NULL;
    (void)snprintf(key->type, sizeof(key->type), "unknown_%u", algorithm);
    for (size_t i = 0; i < ARRAY_LEN(SIZED); i++) {
        if (SIZED[i].algorithm == algorithm) {
            unsigned bits = byte_at(material, 0) << 8 | byte_at(material, 1);
            (void)snprintf(key->type, sizeof(key->type), SIZED[i].sized ? "%s%u" : "%s",
                           SIZED[i].name, bits);
        }
    }
    if (curve != NULL) {
        (void)snprintf(key->type, sizeof(key->type), "%s", curve);
    }
}

/* ---- owners ---- */

/* What the key's own certification of a user id says. */
struct claim {
    bool own;
    bool primary;
    uint32_t created;
};

static bool next_subpacket(struct str *rest, unsigned *ret_type, struct str *ret)
{
    unsigned first = byte_at(*rest, 0);
    size_t header = first < 192 ? 1 : first < 255 ? 2 : 5;
    size_t n = first;
    if (header == 2) {
        n = (first - 192) * 256 + byte_at(*rest, 1) + 192;
    } else if (header == 5) {
        n = word_at(*rest, 1);
    }
    if (rest->n < header || n == 0 || n > rest->n - header) {
        return false;
    }
    *ret_type = byte_at(*rest, header) & ~(unsigned)SUBPACKET_CRITICAL;
    *ret = str_sub(*rest, header + 1, header + n);
    *rest = str_sub(*rest, header + n, rest->n);
    return true;
}

static bool names(struct str issuer, const struct pgp_key *key)
{
    char digits[PGP_KEY_ID_DIGITS + 1];
    char id[PGP_KEY_ID_DIGITS + 1];
    if (issuer.n < KEY_ID_BYTES) {
        return false;
    }
    digest_hex((const uint8_t *)issuer.p + issuer.n - KEY_ID_BYTES, KEY_ID_BYTES, digits);
    return pgp_key_id(str_from(digits), id) && strcmp(id, key->id) == 0;
}

static void take_subpackets(struct str subpackets, const struct pgp_key *key, struct claim *claim)
{
    unsigned type;
    struct str body;
    while (next_subpacket(&subpackets, &type, &body)) {
        if (type == SUBPACKET_CREATED) {
            claim->created = word_at(body, 0);
        } else if (type == SUBPACKET_PRIMARY) {
            claim->primary = byte_at(body, 0) != 0;
        } else if (type == SUBPACKET_ISSUER || type == SUBPACKET_ISSUER_FINGERPRINT) {
            claim->own = claim->own || names(body, key);
        }
    }
}

static struct claim read_claim(struct str signature, const struct pgp_key *key)
{
    struct claim claim = {0};
    unsigned type = byte_at(signature, 1);
    if (byte_at(signature, 0) != KEY_VERSION || type < CERTIFICATION_FIRST ||
        type > CERTIFICATION_LAST) {
        return claim;
    }
    size_t n_hashed = byte_at(signature, 4) << 8 | byte_at(signature, 5);
    size_t end = SIGNATURE_FIXED_BYTES + n_hashed;
    size_t n_unhashed = byte_at(signature, end) << 8 | byte_at(signature, end + 1);
    struct claim unsure = {0}; /* only the issuer may stand where nobody has signed it */
    take_subpackets(str_sub(signature, SIGNATURE_FIXED_BYTES, end), key, &claim);
    take_subpackets(str_sub(signature, end + 2, end + 2 + n_unhashed), key, &unsure);
    claim.own = claim.own || unsure.own;
    return claim;
}

static bool is_better(const struct claim *claim, const struct claim *than)
{
    if (claim->own != than->own) {
        return claim->own;
    }
    if (claim->primary != than->primary) {
        return claim->primary;
    }
    return claim->created > than->created;
}

/* GnuPG's order: the user id that is the primary one, else that which was certified last, else the first. */
static void set_owner(struct pgp_key *key)
{
    struct str rest = key->packets;
    struct pgp_packet p;
    struct str user = STR_EMPTY;
    struct claim best = {0};
    while (pgp_packet_next(&rest, &p)) {
        if (p.tag == PGP_TAG_USER_ID) {
            user = p.body;
            key->owner = key->owner.n > 0 ? key->owner : user;
        } else if (p.tag == PGP_TAG_SIGNATURE && user.n > 0) {
            struct claim claim = read_claim(p.body, key);
            if (claim.own && is_better(&claim, &best)) {
                best = claim;
                key->owner = user;
            }
        } else {
            user = STR_EMPTY; /* signatures are of something else now */
        }
    }
}

/* ---- all ---- */

/* From the public key packet to the next one. */
static struct str first_key(struct str packets)
{
    struct str rest = packets;
    struct pgp_packet p;
    bool first = true;
    size_t n = 0;
    while (pgp_packet_next(&rest, &p) && (first || p.tag != PGP_TAG_PUBLIC_KEY)) {
        n = packets.n - rest.n;
        first = false;
    }
    return str_sub(packets, 0, n);
}

static int read_key(struct arena *arena, struct str packets, struct pgp_key *ret, struct err *err)
{
    struct str rest = packets;
    struct pgp_packet p = {0};
    if (!pgp_packet_next(&rest, &p) || p.tag != PGP_TAG_PUBLIC_KEY ||
        p.body.n <= KEY_HEADER_BYTES || p.body.n > UINT16_MAX) {
        return err_set(err, ERR_INVALID, "the OpenPGP packets of the key are broken");
    }
    if (byte_at(p.body, 0) != KEY_VERSION) {
        return err_set(err, ERR_INVALID, "an OpenPGP key of version %u, not 4", byte_at(p.body, 0));
    }
    *ret = (struct pgp_key){.packets = packets};
    set_ids(arena, p.body, ret);
    set_type(p.body, ret);
    set_owner(ret);
    if (ret->owner.n == 0) {
        return err_set(err, ERR_INVALID, "key %s has no user id", ret->id);
    }
    return 0;
}

int pgp_keys_read(struct arena *arena, struct str packets, struct pgp_keys *ret, struct err *err)
{
    VEC(struct pgp_key) keys = {0};
    while (packets.n > 0) {
        struct pgp_key key;
        struct str one = first_key(packets);
        TRY(read_key(arena, one, &key, err));
        vec_push_in(arena, &keys, key);
        packets = str_sub(packets, one.n, packets.n);
    }
    *ret = (struct pgp_keys){keys.items, keys.n};
    return 0;
}
