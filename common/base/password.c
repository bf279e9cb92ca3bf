/* bcrypt through libcrypt. */
#include "common/base/password.h"

#include <crypt.h>
#include <string.h>

#include <openssl/crypto.h>

#include "common/base/arena.h"
#include "common/base/mem.h"
#include "common/base/rand.h"

enum {
    COST = 10,
    SALT_BYTES = 16,
};

static bool is_usable(struct str password)
{
    return password.n <= PASSWORD_BYTES_MAX && str_find_char(password, '\0') == STR_NONE;
}

/* NULL when the setting is of no use; the text lives in data. */
static const char *run_crypt(struct str password, struct str setting, struct crypt_data *data)
{
    char phrase[PASSWORD_BYTES_MAX + 1] = "";
    char prefix[CRYPT_OUTPUT_SIZE] = "";
    if (setting.n >= sizeof(prefix)) {
        return NULL;
    }
    memcpy(phrase, password.p, password.n);
    memcpy(prefix, setting.p, setting.n);
    const char *out = crypt_r(phrase, prefix, data);
    mem_erase(phrase, sizeof(phrase));
    return out != NULL && out[0] != '*' ? out : NULL;
}

bool password_matches(struct str password, struct str hash)
{
    if (!is_usable(password) || !str_starts_with(hash, STR("$2"))) {
        return false;
    }
    struct crypt_data *data = MEM_NEW(struct crypt_data);
    const char *out = run_crypt(password, hash, data);
    bool same = out != NULL && strlen(out) == hash.n && CRYPTO_memcmp(out, hash.p, hash.n) == 0;
    mem_erase(data, sizeof(*data));
    mem_free(data);
    return same;
}

int password_hash(
    struct arena *arena, struct rand *rand, struct str password, struct str *ret, struct err *err)
{
    char entropy[SALT_BYTES];
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    if (!is_usable(password)) {
        return err_set(err, ERR_INVALID, "a password has at most %d bytes", PASSWORD_BYTES_MAX);
    }
    rand_fill(rand, entropy, sizeof(entropy));
    if (crypt_gensalt_rn("$2a$", COST, entropy, sizeof(entropy), setting, sizeof(setting)) ==
        NULL) {
        return err_set(err, ERR_INTERNAL, "libcrypt does not know bcrypt");
    }
    struct crypt_data *data = MEM_NEW(struct crypt_data);
    const char *out = run_crypt(password, str_from(setting), data);
    if (out != NULL) {
        *ret = arena_str(arena, str_from(out));
    }
    mem_erase(data, sizeof(*data));
    mem_free(data);
    return out != NULL ? 0 : err_set(err, ERR_INTERNAL, "libcrypt cannot hash with bcrypt");
}
