/* The scanner of templates: what is outside of {{ }} is one token, inside blanks are tokens too, since
 * ".a .b" and ".a.b" differ. Trim markers and comments end here: the parser never sees them.
 *
 * A rewrite of the rules of text/template/parse/lex.go (Go 1.26); error texts are Go's. One pass. */
#include "engine/template/lex.h"

#include <string.h>

#include "common/base/limits.h"
#include "common/base/macro.h"
#include "common/base/utf8.h"

enum {
    DELIM_BYTES = 2,  /* {{ and }} */
    TRIM_BYTES = 2,   /* "- " and " -" */
    SHOWN_RUNES = 10, /* of a token in an error */
};

void lex_init(struct lex *l, struct arena *arena, struct str text)
{
    *l = (struct lex){.arena = arena, .text = text, .failed = {.type = LEX_EOF}};
}

enum {
    CLASS_SPACE = 1 << 0,
    CLASS_WORD = 1 << 1,
    CLASS_STOP = 1 << 2,   /* may follow an identifier, field or variable; so may blanks and }} */
    CLASS_NUMBER = 1 << 3, /* begins a number, a point perhaps */
    CLASS_SIGN = 1 << 4,   /* is a token, or begins one of a kind of its own */
    CLASS_ASCII_WORD = 1 << 5, /* begins an identifier */
};

static const uint8_t CLASSES[256] = {
    [' '] = CLASS_SPACE,
    ['\t'] = CLASS_SPACE,
    ['\r'] = CLASS_SPACE,
    ['\n'] = CLASS_SPACE,
    ['.'] = CLASS_STOP | CLASS_NUMBER | CLASS_SIGN,
    [','] = CLASS_STOP,
    ['|'] = CLASS_STOP | CLASS_SIGN,
    [':'] = CLASS_STOP | CLASS_SIGN,
    [')'] = CLASS_STOP | CLASS_SIGN,
    ['('] = CLASS_STOP | CLASS_SIGN,
    ['='] = CLASS_SIGN,
    ['"'] = CLASS_SIGN,
    ['`'] = CLASS_SIGN,
    ['$'] = CLASS_SIGN,
    ['\''] = CLASS_SIGN,
    ['+'] = CLASS_NUMBER,
    ['-'] = CLASS_NUMBER,
    ['0' ... '9'] = CLASS_WORD | CLASS_NUMBER,
    ['_'] = CLASS_WORD | CLASS_ASCII_WORD,
    ['A' ... 'Z'] = CLASS_WORD | CLASS_ASCII_WORD,
    ['a' ... 'z'] = CLASS_WORD | CLASS_ASCII_WORD,
};

static bool is_a(char c, unsigned classes)
{
    return (CLASSES[(unsigned char)c] & classes) != 0;
}

static bool is_space(char c)
{
    return is_a(c, CLASS_SPACE);
}

/* The byte i places ahead; NUL past the end, which no rule looks for. */
static char ahead(const struct lex *l, size_t i)
{
    return i < l->text.n - l->at ? l->text.p[l->at + i] : '\0';
}

static bool at_end(const struct lex *l)
{
    return l->at == l->text.n;
}

static bool starts_with(const struct lex *l, size_t skip, const char *two)
{
    return ahead(l, skip) == two[0] && ahead(l, skip + 1) == two[1];
}

static void skip_spaces(struct lex *l)
{
    while (!at_end(l) && is_space(l->text.p[l->at])) {
        l->at++;
    }
}

static struct lex_token emit(struct lex *l, enum lex_type type)
{
    struct lex_token token = {
        .type = type,
        .text = str_of(l->text.p + l->start, l->at - l->start),
        .pos = {(uint32_t)l->start},
    };
    l->start = l->at;
    return token;
}

static struct lex_token fail(struct lex *l, struct str message)
{
    l->failed = (struct lex_token){
        .type = LEX_ERROR,
        .text = message,
        .pos = {(uint32_t)l->start},
    };
    return l->failed;
}

static struct str quoted(struct arena *arena, struct str s)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_DOC_BYTES);
    tval_quote(&text, s);
    return buf_to_arena(&text, arena);
}

/* %#U */
static struct lex_token fail_at_rune(struct lex *l, const char *what, size_t at)
{
    size_t end = at;
    uint32_t rune = utf8_next(l->text, &end);
    char bytes[UTF8_MAX_BYTES];
    size_t n = utf8_encode(rune, bytes);
    if (!utf8_is_print(rune)) {
        return fail(l, arena_printf(l->arena, "%s U+%04X", what, (unsigned)rune));
    }
    return fail(l, arena_printf(l->arena, "%s U+%04X '%.*s'", what, (unsigned)rune, (int)n, bytes));
}

/* The length of the letter, digit or underscore at an offset; 0: it is none. */
static size_t word_rune(const struct lex *l, size_t at)
{
    if (at >= l->text.n) {
        return 0;
    }
    unsigned char c = (unsigned char)l->text.p[at];
    if (c < 0x80) {
        return is_a((char)c, CLASS_WORD) ? 1 : 0;
    }
    size_t end = at;
    uint32_t rune = utf8_next(l->text, &end);
    return utf8_is_letter(rune) || utf8_is_digit(rune) ? end - at : 0;
}

static void skip_word(struct lex *l)
{
    size_t n;
    do {
        while (!at_end(l) && is_a(l->text.p[l->at], CLASS_WORD)) {
            l->at++;
        }
        n = word_rune(l, l->at);
        l->at += n;
    } while (n > 0);
}

/* What may follow an identifier, field or variable. */
static bool at_terminator(const struct lex *l)
{
    if (at_end(l)) {
        return true;
    }
    return is_a(l->text.p[l->at], CLASS_SPACE | CLASS_STOP) || starts_with(l, 0, "}}");
}

/* ---- inside actions ---- */

static enum lex_type keyword(struct str word)
{
    static const struct {
        struct str word;
        enum lex_type type;
    } WORDS[] = {
        {{"block", 5}, LEX_BLOCK},       {{"break", 5}, LEX_BREAK},
        {{"continue", 8}, LEX_CONTINUE}, {{"define", 6}, LEX_DEFINE},
        {{"else", 4}, LEX_ELSE},         {{"end", 3}, LEX_END},
        {{"false", 5}, LEX_BOOL},        {{"if", 2}, LEX_IF},
        {{"nil", 3}, LEX_NIL},           {{"range", 5}, LEX_RANGE},
        {{"template", 8}, LEX_TEMPLATE}, {{"true", 4}, LEX_BOOL},
        {{"with", 4}, LEX_WITH},
    };
    for (size_t i = 0; i < ARRAY_LEN(WORDS); i++) {
        if (word.n == WORDS[i].word.n && memcmp(word.p, WORDS[i].word.p, word.n) == 0) {
            return WORDS[i].type;
        }
    }
    return LEX_IDENTIFIER;
}

static struct lex_token scan_word(struct lex *l)
{
    skip_word(l);
    if (!at_terminator(l)) {
        return fail_at_rune(l, "bad character", l->at);
    }
    return emit(l, keyword(str_sub(l->text, l->start, l->at)));
}

/* The . or $ has been scanned. */
static struct lex_token scan_name(struct lex *l, enum lex_type type, enum lex_type alone)
{
    if (at_terminator(l)) {
        return emit(l, alone);
    }
    skip_word(l);
    if (!at_terminator(l)) {
        return fail_at_rune(l, "bad character", l->at);
    }
    return emit(l, type);
}

/* The opening quote has been scanned. */
static struct lex_token scan_quoted(struct lex *l, enum lex_type type, const char *unterminated)
{
    char quote = type == LEX_RUNE ? '\'' : '"';
    for (; !at_end(l) && l->text.p[l->at] != '\n'; l->at++) {
        char c = l->text.p[l->at];
        if (c == quote) {
            l->at++;
            return emit(l, type);
        }
        if (c == '\\') {
            l->at++;
            if (at_end(l) || l->text.p[l->at] == '\n') {
                break;
            }
        }
    }
    return fail(l, str_from(unterminated));
}

static struct lex_token scan_raw_string(struct lex *l)
{
    const char *end = memchr(l->text.p + l->at, '`', l->text.n - l->at);
    if (end == NULL) {
        return fail(l, STR("unterminated raw quoted string"));
    }
    l->at = (size_t)(end + 1 - l->text.p);
    return emit(l, LEX_RAW_STRING);
}

static bool accept(struct lex *l, const char *set)
{
    if (at_end(l) || l->text.p[l->at] == '\0' || strchr(set, l->text.p[l->at]) == NULL) {
        return false;
    }
    l->at++;
    return true;
}

static void accept_run(struct lex *l, const char *set)
{
    while (accept(l, set)) {
    }
}

/* Takes wrong numbers too, as the conversion finds them; false when a letter follows. */
static bool scan_digits(struct lex *l)
{
    const char *digits = "0123456789_";
    const char *exponent = "eE";
    accept(l, "+-");
    if (accept(l, "0")) {
        if (accept(l, "xX")) {
            digits = "0123456789abcdefABCDEF_";
            exponent = "pP";
        } else if (accept(l, "oO")) {
            digits = "01234567_";
            exponent = "";
        } else if (accept(l, "bB")) {
            digits = "01_";
            exponent = "";
        }
    }
    accept_run(l, digits);
    if (accept(l, ".")) {
        accept_run(l, digits);
    }
    if (accept(l, exponent)) {
        accept(l, "+-");
        accept_run(l, "0123456789_");
    }
    accept(l, "i");
    size_t n = word_rune(l, l->at);
    l->at += n; /* shown in the error */
    return n == 0;
}

static struct lex_token scan_number(struct lex *l)
{
    enum lex_type type = LEX_NUMBER;
    bool good = scan_digits(l);
    if (good && (ahead(l, 0) == '+' || ahead(l, 0) == '-')) {
        type = LEX_COMPLEX;
        good = scan_digits(l) && l->text.p[l->at - 1] == 'i';
    }
    if (!good) {
        struct str text = quoted(l->arena, str_sub(l->text, l->start, l->at));
        return fail(l, arena_printf(l->arena, "bad number syntax: " STR_FMT, STR_ARG(text)));
    }
    return emit(l, type);
}

static bool at_right_trim(const struct lex *l, size_t skip)
{
    return is_space(ahead(l, skip)) && ahead(l, skip + 1) == '-' &&
           starts_with(l, skip + TRIM_BYTES, "}}");
}

static struct lex_token scan_space(struct lex *l)
{
    /* the last blank may belong to a trim marker */
    while (!at_end(l) && is_space(l->text.p[l->at]) && !at_right_trim(l, 0)) {
        l->at++;
    }
    return emit(l, LEX_SPACE);
}

static struct lex_token scan_right_delim(struct lex *l)
{
    if (l->paren_depth > 0) {
        return fail(l, STR("unclosed left paren"));
    }
    bool trim = at_right_trim(l, 0);
    if (trim) {
        l->at += TRIM_BYTES;
        l->start = l->at;
    }
    l->at += DELIM_BYTES;
    struct lex_token token = emit(l, LEX_RIGHT);
    if (trim) {
        skip_spaces(l);
        l->start = l->at;
    }
    l->in_action = false;
    return token;
}

/* The character has been scanned. */
static struct lex_token scan_sign(struct lex *l, char c)
{
    switch (c) {
    case '=':
        return emit(l, LEX_ASSIGN);
    case ':':
        return accept(l, "=") ? emit(l, LEX_DECLARE) : fail(l, STR("expected :="));
    case '|':
        return emit(l, LEX_PIPE);
    case '(':
        l->paren_depth++;
        return emit(l, LEX_LEFT_PAREN);
    default:
        if (l->paren_depth == 0) {
            return fail(l, STR("unexpected right paren"));
        }
        l->paren_depth--;
        return emit(l, LEX_RIGHT_PAREN);
    }
}

static bool starts_number(const struct lex *l, char c)
{
    if (c == '.') { /* also at the very end, where Go takes it for a number */
        return l->at + 1 == l->text.n || (ahead(l, 1) >= '0' && ahead(l, 1) <= '9');
    }
    return is_a(c, CLASS_NUMBER);
}

static struct lex_token scan_other(struct lex *l, char c)
{
    if (word_rune(l, l->at) > 0) {
        return scan_word(l);
    }
    if (c < ' ' || c > '~') {
        return fail_at_rune(l, "unrecognized character in action:", l->at);
    }
    l->at++;
    return emit(l, LEX_CHAR);
}

static struct lex_token scan_action(struct lex *l)
{
    if (at_end(l)) {
        return fail(l, STR("unclosed action"));
    }
    char c = l->text.p[l->at];
    if (is_a(c, CLASS_ASCII_WORD)) {
        return scan_word(l);
    }
    if (is_space(c)) {
        return at_right_trim(l, 0) ? scan_right_delim(l) : scan_space(l);
    }
    if (starts_with(l, 0, "}}")) {
        return scan_right_delim(l);
    }
    if (is_a(c, CLASS_NUMBER) && starts_number(l, c)) {
        return scan_number(l);
    }
    if (!is_a(c, CLASS_SIGN)) {
        return scan_other(l, c);
    }
    l->at++;
    switch (c) {
    case '"':
        return scan_quoted(l, LEX_STRING, "unterminated quoted string");
    case '`':
        return scan_raw_string(l);
    case '$':
        return scan_name(l, LEX_VARIABLE, LEX_VARIABLE);
    case '\'':
        return scan_quoted(l, LEX_RUNE, "unterminated character constant");
    case '.':
        return scan_name(l, LEX_FIELD, LEX_DOT);
    default:
        return scan_sign(l, c);
    }
}

/* ---- outside ---- */

static bool at_left_trim(const struct lex *l)
{
    return ahead(l, DELIM_BYTES) == '-' && is_space(ahead(l, DELIM_BYTES + 1));
}

/* False: it failed. The text continues behind it. */
static bool skip_comment(struct lex *l)
{
    l->start = l->at;
    struct str rest = str_sub(l->text, l->at + 2, l->text.n);
    size_t n = str_find(rest, STR("*/"));
    if (n == STR_NONE) {
        (void)fail(l, STR("unclosed comment"));
        return false;
    }
    l->at += 2 + n + 2;
    bool trim = at_right_trim(l, 0);
    if (!trim && !starts_with(l, 0, "}}")) {
        (void)fail(l, STR("comment ends before closing delimiter"));
        return false;
    }
    l->at += trim ? TRIM_BYTES + DELIM_BYTES : DELIM_BYTES;
    if (trim) {
        skip_spaces(l);
    }
    l->start = l->at;
    return true;
}

static struct lex_token scan_left_delim(struct lex *l)
{
    bool trim = at_left_trim(l);
    l->at += DELIM_BYTES;
    struct lex_token token = emit(l, LEX_LEFT);
    l->at += trim ? TRIM_BYTES : 0;
    l->start = l->at;
    l->in_action = true;
    l->paren_depth = 0;
    return token;
}

static bool at_comment(const struct lex *l)
{
    return starts_with(l, at_left_trim(l) ? DELIM_BYTES + TRIM_BYTES : DELIM_BYTES, "/*");
}

/* The next {{, or NULL. memmem() is slow to begin, and texts between actions are short. */
static const char *find_left_delim(const struct lex *l)
{
    const char *p = l->text.p + l->at;
    const char *end = l->text.p + l->text.n;
    while (p < end && (p = memchr(p, '{', (size_t)(end - p))) != NULL) {
        if (end - p >= DELIM_BYTES && p[1] == '{') {
            return p;
        }
        p++;
    }
    return NULL;
}

/* Up to the next {{, which is not scanned; the token may be empty. */
static struct lex_token scan_text(struct lex *l)
{
    const char *delim = find_left_delim(l);
    if (delim == NULL) {
        l->at = l->text.n;
        return emit(l, LEX_TEXT);
    }
    size_t end = (size_t)(delim - l->text.p);
    l->at = end;
    if (at_left_trim(l)) {
        while (l->at > l->start && is_space(l->text.p[l->at - 1])) {
            l->at--;
        }
    }
    struct lex_token token = emit(l, LEX_TEXT);
    l->at = end;
    l->start = end;
    return token;
}

struct lex_token lex_next(struct lex *l)
{
    if (l->failed.type == LEX_ERROR) {
        return l->failed;
    }
    if (l->in_action) {
        return scan_action(l);
    }
    while (!at_end(l)) {
        struct lex_token text = scan_text(l);
        if (text.text.n > 0) {
            return text;
        }
        if (at_end(l)) {
            break;
        }
        if (!at_comment(l)) {
            return scan_left_delim(l);
        }
        l->at += at_left_trim(l) ? DELIM_BYTES + TRIM_BYTES : DELIM_BYTES;
        if (!skip_comment(l)) {
            return l->failed;
        }
    }
    return emit(l, LEX_EOF);
}

struct str lex_token_format(struct arena *arena, const struct lex_token *token)
{
    if (token->type == LEX_EOF) {
        return STR("EOF");
    }
    if (token->type == LEX_ERROR) {
        return token->text;
    }
    if (token->type > LEX_KEYWORD) {
        return arena_printf(arena, "<" STR_FMT ">", STR_ARG(token->text));
    }
    if (token->text.n <= SHOWN_RUNES) {
        return quoted(arena, token->text);
    }
    size_t end = 0;
    for (size_t i = 0; i < SHOWN_RUNES && end < token->text.n; i++) {
        (void)utf8_next(token->text, &end);
    }
    struct str shown = quoted(arena, str_sub(token->text, 0, end));
    return arena_printf(arena, STR_FMT "...", STR_ARG(shown));
}
