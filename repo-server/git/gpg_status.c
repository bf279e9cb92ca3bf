/* Status lines: "[GNUPG:] KEYWORD arguments". Of the keywords in RESULTS there is one for each signature. */
#include "repo-server/git/gpg_status.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum {
    ERRSIG_REASON = 5,  /* argument of ERRSIG */
    VALIDSIG_CLASS = 8, /* arguments of VALIDSIG */
    VALIDSIG_PRIMARY = 9,
};

static const struct {
    const char *keyword;
    enum gpg_result result;
} RESULTS[] = {
    {"GOODSIG", GPG_RESULT_GOOD},
    {"BADSIG", GPG_RESULT_BAD},
    {"EXPSIG", GPG_RESULT_EXPIRED_SIGNATURE},
    {"EXPKEYSIG", GPG_RESULT_EXPIRED_KEY},
    {"REVKEYSIG", GPG_RESULT_REVOKED_KEY},
    {"ERRSIG", GPG_RESULT_UNCHECKABLE},
};

const char *gpg_result_text(enum gpg_result result)
{
    static const char *const TEXTS[GPG_RESULT_COUNT] = {
        [GPG_RESULT_GOOD] = "signed",
        [GPG_RESULT_BAD] = "bad signature",
        [GPG_RESULT_EXPIRED_SIGNATURE] = "expired signature",
        [GPG_RESULT_EXPIRED_KEY] = "signed with expired key",
        [GPG_RESULT_REVOKED_KEY] = "signed with revoked key",
        [GPG_RESULT_MISSING_KEY] = "signed with key not in keyring",
        [GPG_RESULT_UNCHECKABLE] = "signature cannot be checked",
        [GPG_RESULT_UNSIGNED] = "unsigned",
    };
    return TEXTS[result];
}

/* The i-th word behind the keyword; "" when there are fewer. */
static struct str argument(struct str arguments, size_t i)
{
    struct str word = STR_EMPTY;
    for (size_t at = 0; at <= i; at++) {
        if (!str_next(&arguments, ' ', &word)) {
            return STR_EMPTY;
        }
    }
    return word;
}

struct seen {
    size_t n_signatures; /* NEWSIG */
    size_t n_results;
    size_t n_valid;
    struct gpg_verdict verdict;
    char valid_key[PGP_KEY_ID_DIGITS + 1];
    bool of_data; /* the valid one: not a signature on a key */
};

static void take_result(struct seen *s, enum gpg_result result, struct str arguments)
{
    s->n_results++;
    s->verdict.result = result;
    if (!pgp_key_id(argument(arguments, 0), s->verdict.key)) {
        s->verdict.key[0] = '\0';
    }
    if (result == GPG_RESULT_UNCHECKABLE && str_eq_c(argument(arguments, ERRSIG_REASON), "9")) {
        s->verdict.result = GPG_RESULT_MISSING_KEY;
    }
}

static void take_valid(struct seen *s, struct str arguments)
{
    struct str class = argument(arguments, VALIDSIG_CLASS);
    s->n_valid++;
    s->of_data = str_eq_c(class, "00") || str_eq_c(class, "01");
    if (!pgp_key_id(argument(arguments, 0), s->valid_key) ||
        !pgp_key_id(argument(arguments, VALIDSIG_PRIMARY), s->verdict.primary)) {
        s->valid_key[0] = '\0';
        s->verdict.primary[0] = '\0';
    }
}

static void take_line(struct seen *s, struct str line)
{
    struct str keyword;
    struct str arguments;
    if (!str_cut_prefix(&line, STR("[GNUPG:] "))) {
        return;
    }
    if (!str_cut(line, ' ', &keyword, &arguments)) {
        keyword = line;
        arguments = STR_EMPTY;
    }
    if (str_eq_c(keyword, "NEWSIG")) {
        s->n_signatures++;
    } else if (str_eq_c(keyword, "VALIDSIG")) {
        take_valid(s, arguments);
    }
    for (size_t i = 0; i < ARRAY_LEN(RESULTS); i++) {
        if (str_eq_c(keyword, RESULTS[i].keyword)) {
            take_result(s, RESULTS[i].result, arguments);
        }
    }
}

/* GOODSIG alone is not enough. */
static bool is_backed(const struct seen *s)
{
    return s->n_valid == 1 && s->of_data && s->verdict.key[0] != '\0' &&
           strcmp(s->verdict.key, s->valid_key) == 0 && s->verdict.primary[0] != '\0';
}

struct gpg_verdict gpg_status_parse(struct str lines)
{
    struct seen s = {0};
    struct str line;
    while (str_next(&lines, '\n', &line)) {
        take_line(&s, line);
    }
    if (s.n_results != 1 || s.n_signatures > 1) {
        return (struct gpg_verdict){.result = GPG_RESULT_UNCHECKABLE};
    }
    if (s.verdict.result == GPG_RESULT_GOOD && !is_backed(&s)) {
        s.verdict.result = GPG_RESULT_UNCHECKABLE;
    }
    return s.verdict;
}
