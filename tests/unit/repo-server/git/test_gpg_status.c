/* What gpgv says, line by line. */
#include "repo-server/git/gpg_status.h"
#include "tests/lib/check.h"

#define S      "[GNUPG:] "
#define KEY    "FB3ECB13A0886942"
#define SUB    "79765F4767C3405B"
#define OWNER  "3AC089144EA25731E37C13ED56D4470E23483CC9"
#define FPR    "86D0565BB893F8BAEE58BCE4" KEY
#define SUBFPR "F6AFD7768A78138121167A10" SUB

#define VALID(fpr, class, primary) \
    S "VALIDSIG " fpr " 2020-01-02 1577923200 0 4 0 22 8 " class " " primary "\n"
#define GOOD S "GOODSIG " KEY " Alice <alice@example.com>\n" VALID(FPR, "00", FPR)

static const struct {
    const char *lines;
    enum gpg_result result;
    const char *key;
    const char *primary;
} CASES[] = {
    {S "NEWSIG alice@example.com\n" S "KEY_CONSIDERED " FPR " 0\n" GOOD, GPG_RESULT_GOOD, KEY, KEY},
    {S "GOODSIG " SUB " Bob\n" VALID(SUBFPR, "00", OWNER), GPG_RESULT_GOOD, SUB,
     "56D4470E23483CC9"},
    {S "GOODSIG " SUB " Bob\n" VALID(SUBFPR, "01", OWNER), GPG_RESULT_GOOD, SUB,
     "56D4470E23483CC9"},
    /* without VALIDSIG, with one of another key, and with one that signs a key */
    {S "GOODSIG " KEY " Alice\n", GPG_RESULT_UNCHECKABLE, KEY, ""},
    {S "GOODSIG " KEY " Alice\n" VALID(SUBFPR, "00", OWNER), GPG_RESULT_UNCHECKABLE, KEY,
     "56D4470E23483CC9"},
    {S "GOODSIG " KEY " Alice\n" VALID(FPR, "10", FPR), GPG_RESULT_UNCHECKABLE, KEY, KEY},
    {S "GOODSIG " KEY " Alice\n" S "VALIDSIG " FPR "\n", GPG_RESULT_UNCHECKABLE, KEY, ""},
    {S "GOODSIG\n" VALID(FPR, "00", FPR), GPG_RESULT_UNCHECKABLE, "", KEY},
    /* VALIDSIG alone is nothing */
    {VALID(FPR, "00", FPR), GPG_RESULT_UNCHECKABLE, "", ""},
    {S "EXPKEYSIG " KEY " Alice\n" VALID(FPR, "00", FPR), GPG_RESULT_EXPIRED_KEY, KEY, KEY},
    {S "EXPSIG " KEY " Alice\n" VALID(FPR, "00", FPR), GPG_RESULT_EXPIRED_SIGNATURE, KEY, KEY},
    {S "REVKEYSIG " KEY " Alice\n" VALID(FPR, "00", FPR), GPG_RESULT_REVOKED_KEY, KEY, KEY},
    {S "BADSIG " KEY " Alice\n", GPG_RESULT_BAD, KEY, ""},
    {S "ERRSIG " KEY " 22 8 00 1577923200 9 " FPR "\n" S "NO_PUBKEY " KEY "\n",
     GPG_RESULT_MISSING_KEY, KEY, ""},
    {S "ERRSIG " KEY " 99 8 00 1577923200 4\n", GPG_RESULT_UNCHECKABLE, KEY, ""},
    {S "NODATA 4\n", GPG_RESULT_UNCHECKABLE, "", ""},
    {"", GPG_RESULT_UNCHECKABLE, "", ""},
    /* two signatures, whatever they are worth */
    {S "NEWSIG\n" GOOD S "NEWSIG\n" S "BADSIG " SUB " Bob\n", GPG_RESULT_UNCHECKABLE, "", ""},
    {S "NEWSIG\n" S "NEWSIG\n" GOOD, GPG_RESULT_UNCHECKABLE, "", ""},
    {GOOD GOOD, GPG_RESULT_UNCHECKABLE, "", ""},
    /* what is no status line does not count */
    {"gpgv: Good signature\nGOODSIG " KEY " Alice\n", GPG_RESULT_UNCHECKABLE, "", ""},
    {S "BADSIG " KEY " [GNUPG:] GOODSIG\n" VALID(FPR, "00", FPR), GPG_RESULT_BAD, KEY, KEY},
};

static void judges_lines(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct gpg_verdict v = gpg_status_parse(str_from(CASES[i].lines));
        if (v.result != CASES[i].result || strcmp(v.key, CASES[i].key) != 0 ||
            strcmp(v.primary, CASES[i].primary) != 0) {
            fail_msg("row %zu: %s, key '%s', primary '%s'", i, gpg_result_text(v.result), v.key,
                     v.primary);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
