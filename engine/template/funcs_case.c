/* Functions on upper and lower case, as sprig 3.3 has them: Go's strings, goutils and xstrings. */
#include "common/base/utf8.h"
#include "engine/template/func.h"
#include "engine/template/func_text.h"

/* ---- one code point after the other ---- */

static int map_runes(struct tcall *call,
                     struct str s,
                     uint32_t (*map)(uint32_t rune),
                     struct tval *ret,
                     struct err *err)
{
    struct buf out;
    func_text_init(&out);
    for (size_t at = 0; at < s.n;) {
        utf8_put(&out, map(utf8_next(s, &at)));
    }
    return func_text_return(call, &out, ret, err);
}

static int upper(TFUNC_PARAMS)
{
    return map_runes(call, args[0].s, utf8_to_upper, ret, err);
}

static int lower(TFUNC_PARAMS)
{
    return map_runes(call, args[0].s, utf8_to_lower, ret, err);
}

static bool separates_words(uint32_t rune)
{
    if (rune < 0x80) {
        return rune != '_' && !utf8_is_letter(rune) && !utf8_is_digit(rune);
    }
    return !utf8_is_letter(rune) && !utf8_is_digit(rune) && utf8_is_space(rune);
}

static int title(TFUNC_PARAMS)
{
    struct str s = args[0].s;
    uint32_t last = ' ';
    struct buf out;
    func_text_init(&out);
    for (size_t at = 0; at < s.n;) {
        uint32_t rune = utf8_next(s, &at);
        utf8_put(&out, separates_words(last) ? utf8_to_title(rune) : rune);
        last = rune;
    }
    return func_text_return(call, &out, ret, err);
}

static int untitle(TFUNC_PARAMS)
{
    struct str s = args[0].s;
    bool starts = true;
    struct buf out;
    func_text_init(&out);
    for (size_t at = 0; at < s.n;) {
        uint32_t rune = utf8_next(s, &at);
        bool space = utf8_is_space(rune);
        utf8_put(&out, starts && !space ? utf8_to_lower(rune) : rune);
        starts = space;
    }
    return func_text_return(call, &out, ret, err);
}

static int swap_case(TFUNC_PARAMS)
{
    struct str s = args[0].s;
    bool space = true;
    struct buf out;
    func_text_init(&out);
    for (size_t at = 0; at < s.n;) {
        uint32_t rune = utf8_next(s, &at);
        if (utf8_is_upper(rune) || utf8_is_title(rune)) {
            utf8_put(&out, utf8_to_lower(rune));
            space = false;
        } else if (utf8_is_lower(rune)) {
            utf8_put(&out, space ? utf8_to_title(rune) : utf8_to_upper(rune));
            space = false;
        } else {
            utf8_put(&out, rune);
            space = utf8_is_space(rune);
        }
    }
    return func_text_return(call, &out, ret, err);
}

/* ---- camelcase ---- */

static bool connects(uint32_t rune)
{
    return rune == '-' || rune == '_' || utf8_is_space(rune);
}

/* Behind the first letter: `last` is not yet written. */
static void put_camel_rest(struct str s, size_t at, uint32_t last, bool was_upper, struct buf *out)
{
    while (at < s.n) {
        uint32_t before = last;
        last = utf8_next(s, &at);
        if (connects(before) && connects(last)) {
            utf8_put(out, before);
            continue;
        }
        if (connects(before)) {
            was_upper = utf8_is_upper(last);
            last = utf8_to_upper(last);
            continue;
        }
        /* a word in capitals keeps the first only */
        was_upper = was_upper && utf8_is_upper(last);
        last = was_upper ? utf8_to_lower(last) : last;
        utf8_put(out, before);
    }
    utf8_put(out, last);
}

static int camel_case(TFUNC_PARAMS)
{
    struct str s = args[0].s;
    struct buf out;
    size_t at = 0;
    func_text_init(&out);
    while (at < s.n) {
        uint32_t rune = utf8_next(s, &at);
        if (!connects(rune)) {
            put_camel_rest(s, at, utf8_to_upper(rune), utf8_is_upper(rune), &out);
            break;
        }
        utf8_put(&out, rune);
        if (at == s.n) {
            utf8_put(&out, rune); /* so it does: "_" becomes "__" */
        }
    }
    return func_text_return(call, &out, ret, err);
}

/* ---- snakecase and kebabcase ---- */

enum word_type {
    WORD_INVALID,
    WORD_NUMBER,
    WORD_UPPER,
    WORD_ALPHABET,
    WORD_CONNECTOR,
    WORD_PUNCT,
    WORD_OTHER,
};

struct word {
    enum word_type type;
    struct str text;
};

/* A text being cut into words; `rest` is what follows the word. */
struct words {
    struct str rest;
    struct word word;
    char connector;
    struct buf *out;
};

/* Letters that have words: CJK ones have not. */
static bool is_alphabet(uint32_t rune)
{
    bool cjk = (rune >= 0x4e00 && rune <= 0x9fcc) || (rune >= 0x3400 && rune <= 0x4d85) ||
               (rune >= 0x20000 && rune <= 0x2b81d);
    return utf8_is_letter(rune) && !cjk;
}

static bool is_small(uint32_t rune)
{
    return is_alphabet(rune) && !utf8_is_upper(rune);
}

static bool is_other(uint32_t rune)
{
    return !connects(rune) && !is_alphabet(rune) && !utf8_is_number(rune) && !utf8_is_punct(rune);
}

/* The next code point that is not U+FFFD, with the bytes up to its end; when there is none, the one
 * before and all bytes. */
static uint32_t next_valid(struct str s, size_t at, uint32_t before, size_t *ret_bytes)
{
    size_t from = at;
    uint32_t rune = UTF8_REPLACEMENT;
    while (at < s.n && rune == UTF8_REPLACEMENT) {
        rune = utf8_next(s, &at);
    }
    *ret_bytes = at - from;
    return rune == UTF8_REPLACEMENT ? before : rune;
}

/* Where the run of code points of a class ends. */
static size_t run_end(struct str s, size_t at, uint32_t before, bool (*in_class)(uint32_t rune))
{
    while (at < s.n) {
        size_t n;
        before = next_valid(s, at, before, &n);
        if (!in_class(before)) {
            break;
        }
        at += n;
    }
    return at;
}

/* A word that begins with a capital: "Status", "HTTP" of "HTTPStatus". */
static size_t upper_word_end(struct str s, size_t at, uint32_t rune)
{
    size_t n;
    if (at == s.n) {
        return at;
    }
    rune = next_valid(s, at, rune, &n);
    if (!utf8_is_upper(rune)) {
        return is_alphabet(rune) ? run_end(s, at + n, rune, is_small) : at;
    }
    size_t last = at; /* where the last capital begins */
    at += n;
    while (at < s.n) {
        rune = next_valid(s, at, rune, &n);
        if (!utf8_is_upper(rune)) {
            break;
        }
        last = at;
        at += n;
    }
    return at < s.n && is_alphabet(rune) ? last : at;
}

static size_t word_end(struct str s, uint32_t rune, size_t at, enum word_type *ret)
{
    if (connects(rune)) {
        *ret = WORD_CONNECTOR;
        return run_end(s, at, rune, connects);
    }
    if (utf8_is_punct(rune)) {
        *ret = WORD_PUNCT;
        return run_end(s, at, rune, utf8_is_punct);
    }
    if (utf8_is_upper(rune)) {
        *ret = WORD_UPPER;
        return upper_word_end(s, at, rune);
    }
    if (is_alphabet(rune)) {
        *ret = WORD_ALPHABET;
        return run_end(s, at, rune, is_small);
    }
    if (utf8_is_number(rune)) {
        *ret = WORD_NUMBER;
        return run_end(s, at, rune, utf8_is_number);
    }
    *ret = WORD_OTHER;
    return run_end(s, at, rune, is_other);
}

static void next_word(struct words *w)
{
    struct str s = w->rest;
    size_t n;
    w->word = (struct word){WORD_INVALID, STR_EMPTY};
    if (s.n == 0) {
        return;
    }
    uint32_t rune = next_valid(s, 0, UTF8_REPLACEMENT, &n);
    if (rune != UTF8_REPLACEMENT) {
        n = word_end(s, rune, n, &w->word.type);
    }
    w->word.text = str_sub(s, 0, n);
    w->rest = str_sub(s, n, s.n);
}

static void put_word(struct words *w, struct word word)
{
    if (word.type != WORD_UPPER && word.type != WORD_CONNECTOR) {
        buf_put(w->out, word.text);
        return;
    }
    for (size_t at = 0; at < word.text.n;) {
        uint32_t rune = utf8_next(word.text, &at);
        if (connects(rune)) {
            buf_put_char(w->out, w->connector);
        } else {
            utf8_put(w->out, utf8_is_upper(rune) ? utf8_to_lower(rune) : rune);
        }
    }
}

static bool is_small_or_number(const struct words *w)
{
    return w->word.type == WORD_ALPHABET || w->word.type == WORD_NUMBER;
}

/* Lower case and numbers after a number go with it; then a connector, unless the text has its own. */
static void put_after_number(struct words *w)
{
    while (is_small_or_number(w)) {
        put_word(w, w->word);
        next_word(w);
    }
    if (w->word.type != WORD_INVALID && w->word.type != WORD_PUNCT &&
        w->word.type != WORD_CONNECTOR) {
        buf_put_char(w->out, w->connector);
    }
}

static void put_connector(struct words *w)
{
    if (w->word.type != WORD_CONNECTOR && w->word.type != WORD_PUNCT) {
        buf_put_char(w->out, w->connector);
    }
}

/* Behind letters. A number belongs to them, as in "Bld4Floor", unless lower case follows it: "HTTP2xx". */
static void put_after_letters(struct words *w)
{
    if (w->word.type != WORD_NUMBER) {
        put_connector(w);
        return;
    }
    if (w->rest.n == 0) {
        return;
    }
    struct word number = w->word;
    next_word(w);
    if (w->word.type != WORD_ALPHABET) {
        put_word(w, number);
        put_connector(w);
        return;
    }
    buf_put_char(w->out, w->connector);
    put_word(w, number);
    put_after_number(w);
}

static int
delimited(struct tcall *call, struct str s, char connector, struct tval *ret, struct err *err)
{
    struct buf out;
    func_text_init(&out);
    struct words w = {.rest = s, .connector = connector, .out = &out};
    next_word(&w);
    while (w.rest.n > 0) {
        struct word last = w.word;
        if (last.type != WORD_CONNECTOR) {
            put_word(&w, last);
        }
        next_word(&w);
        if (last.type == WORD_NUMBER) {
            put_after_number(&w);
        } else if (last.type == WORD_CONNECTOR) {
            put_word(&w, last);
        } else if (last.type != WORD_PUNCT) {
            put_after_letters(&w);
        }
    }
    put_word(&w, w.word);
    return func_text_return(call, &out, ret, err);
}

static int snake_case(TFUNC_PARAMS)
{
    return delimited(call, args[0].s, '_', ret, err);
}

static int kebab_case(TFUNC_PARAMS)
{
    return delimited(call, args[0].s, '-', ret, err);
}

static const struct tfunc ROWS[] = {
    {"upper", "s", upper},          {"lower", "s", lower},          {"title", "s", title},
    {"untitle", "s", untitle},      {"swapcase", "s", swap_case},   {"camelcase", "s", camel_case},
    {"snakecase", "s", snake_case}, {"kebabcase", "s", kebab_case},
};
const struct tfunc_table TFUNCS_CASE = TFUNC_TABLE(ROWS);
