/* Any text as what gpgv says: nothing is good without both lines, and key ids are key ids. */
#include "repo-server/git/gpg_status.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 64 * 1024 };

static void check_id(const char *id)
{
    char again[PGP_KEY_ID_DIGITS + 1];
    FUZZ_CHECK(id[0] == '\0' || pgp_key_id(str_from(id), again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_of((const char *)data, size);
    if (size > MAX_BYTES) {
        return 0;
    }
    struct gpg_verdict v = gpg_status_parse(text);
    check_id(v.key);
    check_id(v.primary);
    FUZZ_CHECK(v.result < GPG_RESULT_UNSIGNED);
    if (v.result == GPG_RESULT_GOOD) {
        FUZZ_CHECK(v.key[0] != '\0' && v.primary[0] != '\0');
        FUZZ_CHECK(str_find(text, STR("[GNUPG:] GOODSIG ")) != STR_NONE);
        FUZZ_CHECK(str_find(text, STR("[GNUPG:] VALIDSIG ")) != STR_NONE);
    }
    return 0;
}
