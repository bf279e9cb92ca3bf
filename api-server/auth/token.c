/* JWT with HS256: three base64url parts. */
#include "api-server/auth/token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/base/arena.h"
#include "common/base/b64.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "common/value/value_json.h"

enum {
    MAC_BYTES = 32,
    TOKEN_MAX_BYTES = 16 * 1024,
    LEEWAY_S = 5, /* clocks of replicas */
};

static int mac_of(struct str key, struct str text, unsigned char mac[MAC_BYTES], struct err *err)
{
    unsigned n = 0;
    if (key.n == 0 || HMAC(EVP_sha256(), key.p, (int)key.n, (const unsigned char *)text.p, text.n,
                           mac, &n) == NULL) {
        return err_set(err, ERR_INTERNAL, "no key to sign sessions with");
    }
    return 0;
}

static const struct value *claims_to_value(struct arena *arena, const struct token_claims *claims)
{
    struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    value_build_map(&b);
    value_build_field_str(&b, "iss", claims->issuer);
    value_build_field_str(&b, "sub", claims->subject);
    value_build_field_str_opt(&b, "jti", claims->id);
    value_build_field_int(&b, "iat", claims->issued_s);
    value_build_field_int(&b, "nbf", claims->not_before_s);
    if (claims->expires_s != 0) {
        value_build_field_int(&b, "exp", claims->expires_s);
    }
    value_build_end(&b);
    const struct value *v = value_build_finish(&b);
    value_builder_done(&b);
    return v;
}

int token_sign(struct arena *arena,
               struct str key,
               const struct token_claims *claims,
               struct str *ret,
               struct err *err)
{
    struct str json;
    unsigned char mac[MAC_BYTES];
    TRY(value_to_json_in(arena, claims_to_value(arena, claims), NULL, &json, err));
    struct str head = b64_encode_in(arena, STR("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"), B64_URL);
    struct str body = b64_encode_in(arena, json, B64_URL);
    struct str text = arena_printf(arena, STR_FMT "." STR_FMT, STR_ARG(head), STR_ARG(body));
    TRY(mac_of(key, text, mac, err));
    struct str sign = b64_encode_in(arena, str_of((const char *)mac, sizeof(mac)), B64_URL);
    *ret = arena_printf(arena, STR_FMT "." STR_FMT, STR_ARG(text), STR_ARG(sign));
    return 0;
}

static int malformed(struct err *err)
{
    return err_set(err, ERR_UNAUTHENTICATED, "invalid session: token is malformed");
}

static int
decode_part(struct arena *arena, struct str part, const struct value **ret, struct err *err)
{
    struct str json;
    struct err why;
    if (b64_decode(arena, part, B64_URL, &json, &why) < 0 ||
        value_from_json(arena, json, NULL, ret, &why) < 0 || !value_is(*ret, VALUE_MAP)) {
        return malformed(err);
    }
    return 0;
}

static int check_signature(
    struct arena *arena, struct str key, struct str text, struct str sign, struct err *err)
{
    unsigned char mac[MAC_BYTES];
    struct str given;
    struct err why;
    TRY(mac_of(key, text, mac, err));
    if (b64_decode(arena, sign, B64_URL, &given, &why) < 0) {
        return malformed(err);
    }
    if (given.n != sizeof(mac) || CRYPTO_memcmp(given.p, mac, sizeof(mac)) != 0) {
        return err_set(err, ERR_UNAUTHENTICATED, "invalid session: signature is invalid");
    }
    return 0;
}

/* A point in time that is no number must not read as "never". */
static int time_claim(const struct value *claims, const char *name, int64_t *ret, struct err *err)
{
    const struct value *v = value_dig(claims, name);
    if (v != NULL && !value_is(v, VALUE_INT)) {
        return malformed(err);
    }
    *ret = value_int(v, 0);
    return 0;
}

static int check_times(const struct token_claims *claims, int64_t now_s, struct err *err)
{
    if (claims->expires_s != 0 && now_s >= claims->expires_s) {
        return err_set(err, ERR_UNAUTHENTICATED, "invalid session: token has expired");
    }
    if (claims->not_before_s > now_s + LEEWAY_S) {
        return err_set(err, ERR_UNAUTHENTICATED, "invalid session: token is not valid yet");
    }
    return 0;
}

int token_verify(struct arena *arena,
                 struct str key,
                 struct str token,
                 int64_t now_s,
                 struct token_claims *ret,
                 struct err *err)
{
    size_t dot = str_rfind_char(token, '.');
    struct str head;
    struct str body;
    if (token.n > TOKEN_MAX_BYTES || dot == STR_NONE) {
        return malformed(err);
    }
    struct str text = str_sub(token, 0, dot);
    struct str sign = str_sub(token, dot + 1, token.n);
    const struct value *header = NULL;
    const struct value *claims = NULL;
    if (!str_cut(text, '.', &head, &body)) {
        return malformed(err);
    }
    TRY(decode_part(arena, head, &header, err));
    if (!str_eq(value_dig_str(header, "alg"), STR("HS256"))) {
        return err_set(err, ERR_UNAUTHENTICATED, "invalid session: signing method is not HS256");
    }
    TRY(check_signature(arena, key, text, sign, err));
    TRY(decode_part(arena, body, &claims, err));
    struct token_claims found = {
        .issuer = value_dig_str(claims, "iss"),
        .subject = value_dig_str(claims, "sub"),
        .id = value_dig_str(claims, "jti"),
    };
    TRY(time_claim(claims, "iat", &found.issued_s, err));
    TRY(time_claim(claims, "nbf", &found.not_before_s, err));
    TRY(time_claim(claims, "exp", &found.expires_s, err));
    TRY(check_times(&found, now_s, err));
    *ret = found;
    return 0;
}
