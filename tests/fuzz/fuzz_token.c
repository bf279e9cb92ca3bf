/* Any text as a session token, and as header and claims of a token with a right signature. */
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "api-server/auth/token.h"
#include "common/base/arena.h"
#include "common/base/b64.h"
#include "tests/fuzz/fuzz.h"

#define KEY   STR("a key of the fuzzer")
#define NOW_S 1700000000

static void check(struct arena *arena, struct str token)
{
    struct token_claims claims;
    struct err err;
    if (token_verify(arena, KEY, token, NOW_S, &claims, &err) < 0) {
        FUZZ_CHECK(err.code == ERR_UNAUTHENTICATED);
        return;
    }
    FUZZ_CHECK(claims.expires_s == 0 || claims.expires_s > NOW_S);
    /* what was accepted can be said again */
    struct str again;
    struct token_claims twice;
    FUZZ_OK(token_sign(arena, KEY, &claims, &again, &err));
    FUZZ_OK(token_verify(arena, KEY, again, NOW_S, &twice, &err));
    FUZZ_CHECK(str_eq(claims.subject, twice.subject) && claims.expires_s == twice.expires_s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct str text = str_of((const char *)data, size);
    struct str head;
    struct str body;
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    check(arena, text);
    if (!str_cut(text, '\n', &head, &body)) {
        return 0;
    }
    struct str h = b64_encode_in(arena, head, B64_URL);
    struct str b = b64_encode_in(arena, body, B64_URL);
    struct str said = arena_printf(arena, STR_FMT "." STR_FMT, STR_ARG(h), STR_ARG(b));
    FUZZ_CHECK(HMAC(EVP_sha256(), KEY.p, (int)KEY.n, (const unsigned char *)said.p, said.n, mac,
                    &n) != NULL);
    struct str sign = b64_encode_in(arena, str_of((const char *)mac, n), B64_URL);
    check(arena, arena_printf(arena, STR_FMT "." STR_FMT, STR_ARG(said), STR_ARG(sign)));
    return 0;
}
