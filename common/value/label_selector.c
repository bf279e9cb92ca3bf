/* Label selectors by the grammar of apimachinery's labels package: tokens, then requirements. */
#include "common/value/label_selector.h"

#include <stdint.h>

#include "common/base/num.h"
#include "common/base/vec.h"
#include "common/value/value.h"

enum {
    MAX_NAME_BYTES = 63,    /* of a label's name and of its value */
    MAX_PREFIX_BYTES = 253, /* of what stands before the slash */
};

enum operator{ OP_EXISTS, OP_MISSING, OP_IN, OP_NOT_IN, OP_GREATER, OP_LESS };

struct requirement {
    struct str key;
    enum operator op;
    VEC(struct str) values;
    int64_t number; /* of OP_GREATER and OP_LESS */
};

struct label_selector {
    VEC(struct requirement) all;
};

/* ---- tokens ---- */

enum token_type { TOKEN_END, TOKEN_WORD, TOKEN_SYMBOL };

struct token {
    enum token_type type;
    struct str text;
};

struct parser {
    struct arena *arena;
    struct str rest;
    struct token next;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_special(char c)
{
    return c == '=' || c == '!' || c == '(' || c == ')' || c == ',' || c == '>' || c == '<';
}

static size_t symbol_length(struct str s)
{
    static const struct str PAIRS[] = {{"==", 2}, {"!=", 2}};
    for (size_t i = 0; i < ARRAY_LEN(PAIRS); i++) {
        if (str_starts_with(s, PAIRS[i])) {
            return 2;
        }
    }
    return 1;
}

static void advance(struct parser *p)
{
    size_t n = 0;
    while (p->rest.n > 0 && is_blank(p->rest.p[0])) {
        p->rest = str_sub(p->rest, 1, p->rest.n);
    }
    p->next.type = TOKEN_END;
    if (p->rest.n > 0 && is_special(p->rest.p[0])) {
        p->next.type = TOKEN_SYMBOL;
        n = symbol_length(p->rest);
    }
    while (p->next.type != TOKEN_SYMBOL && n < p->rest.n && !is_blank(p->rest.p[n]) &&
           !is_special(p->rest.p[n])) {
        p->next.type = TOKEN_WORD;
        n++;
    }
    p->next.text = str_sub(p->rest, 0, n);
    p->rest = str_sub(p->rest, n, p->rest.n);
}

static bool next_is(const struct parser *p, const char *text)
{
    return p->next.type != TOKEN_END && str_eq_c(p->next.text, text);
}

static bool take(struct parser *p, const char *text)
{
    bool found = next_is(p, text);
    if (found) {
        advance(p);
    }
    return found;
}

static int unexpected(const struct parser *p, const char *expected, struct err *err)
{
    return err_set(err, ERR_INVALID, "found '" STR_FMT "', expected: %s", STR_ARG(p->next.text),
                   expected);
}

/* ---- names and values ---- */

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool inner = i > 0 && i + 1 < s.n && (c == '-' || c == '_' || c == '.');
        if (!inner && !is_letter_or_digit(c)) {
            return false;
        }
    }
    return s.n > 0 && s.n <= MAX_NAME_BYTES;
}

/* Lower-case labels between dots. */
static bool is_domain(struct str s)
{
    bool start = true;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool end = i + 1 == s.n || s.p[i + 1] == '.';
        bool ok = (is_letter_or_digit(c) && !(c >= 'A' && c <= 'Z')) ||
                  (c == '-' && !start && !end) || (c == '.' && !start);
        if (!ok) {
            return false;
        }
        start = c == '.';
    }
    return s.n > 0 && s.n <= MAX_PREFIX_BYTES && !start;
}

static int check_key(struct str key, struct err *err)
{
    struct str prefix;
    struct str name;
    bool ok = str_cut(key, '/', &prefix, &name) ? is_domain(prefix) && is_name(name) : is_name(key);
    return ok ? 0 : err_set(err, ERR_INVALID, "invalid label key \"" STR_FMT "\"", STR_ARG(key));
}

static int check_values(const struct requirement *r, struct err *err)
{
    for (size_t i = 0; i < r->values.n; i++) {
        struct str value = r->values.items[i];
        if (value.n > 0 && !is_name(value)) {
            return err_set(err, ERR_INVALID,
                           "invalid label value: \"" STR_FMT "\": at key: \"" STR_FMT "\"",
                           STR_ARG(value), STR_ARG(r->key));
        }
    }
    return 0;
}

/* ---- requirements ---- */

/* "(x,y)": any may be empty. */
static int parse_set(struct parser *p, struct requirement *r, struct err *err)
{
    struct str value = STR_EMPTY;
    if (!take(p, "(")) {
        return unexpected(p, "'('", err);
    }
    while (!next_is(p, ")")) {
        if (p->next.type == TOKEN_WORD && value.n == 0) {
            value = p->next.text;
            advance(p);
        } else if (take(p, ",")) {
            vec_push_in(p->arena, &r->values, value);
            value = STR_EMPTY;
        } else {
            return unexpected(p, "',' or ')'", err);
        }
    }
    vec_push_in(p->arena, &r->values, value);
    advance(p);
    return 0;
}

static int parse_exact(struct parser *p, struct requirement *r, struct err *err)
{
    struct str value = STR_EMPTY;
    if (p->next.type == TOKEN_WORD) {
        value = p->next.text;
        advance(p);
    } else if (p->next.type != TOKEN_END && !next_is(p, ",")) {
        return unexpected(p, "identifier", err);
    }
    vec_push_in(p->arena, &r->values, value);
    return 0;
}

static int parse_number(struct parser *p, struct requirement *r, struct err *err)
{
    TRY(parse_exact(p, r, err));
    if (num_parse_int(r->values.items[0], &r->number, err) < 0) {
        return err_set(err, ERR_INVALID, "for 'Gt', 'Lt' operators, the value must be an integer");
    }
    return 0;
}

static const struct {
    const char *text;
    enum operator op;
    int (*parse)(struct parser *p, struct requirement *r, struct err *err);
} OPERATORS[] = {
    {"=", OP_IN, parse_exact},    {"==", OP_IN, parse_exact},      {"!=", OP_NOT_IN, parse_exact},
    {"in", OP_IN, parse_set},     {"notin", OP_NOT_IN, parse_set}, {">", OP_GREATER, parse_number},
    {"<", OP_LESS, parse_number},
};

static int parse_operator(struct parser *p, struct requirement *r, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(OPERATORS); i++) {
        if (take(p, OPERATORS[i].text)) {
            r->op = OPERATORS[i].op;
            TRY(OPERATORS[i].parse(p, r, err));
            return check_values(r, err);
        }
    }
    return unexpected(p, "'=', '!=', '==', 'in', notin'", err);
}

static int parse_requirement(struct parser *p, struct requirement *r, struct err *err)
{
    bool negated = take(p, "!");
    if (p->next.type != TOKEN_WORD) {
        return unexpected(p, "!, identifier, or 'end of string'", err);
    }
    r->key = p->next.text;
    r->op = negated ? OP_MISSING : OP_EXISTS;
    TRY(check_key(r->key, err));
    advance(p);
    if (p->next.type == TOKEN_END || next_is(p, ",")) {
        return 0;
    }
    return negated ? unexpected(p, "',' or 'end of string'", err) : parse_operator(p, r, err);
}

int label_selector_parse(struct arena *arena,
                         struct str text,
                         const struct label_selector **ret,
                         struct err *err)
{
    struct parser p = {.arena = arena, .rest = text};
    struct label_selector *selector = ARENA_NEW(arena, struct label_selector);
    advance(&p);
    bool more = p.next.type != TOKEN_END;
    while (more) {
        struct requirement r = {0};
        TRY_IN(parse_requirement(&p, &r, err), err, "unable to parse requirement");
        vec_push_in(arena, &selector->all, r);
        more = take(&p, ",");
    }
    if (p.next.type != TOKEN_END) {
        return unexpected(&p, "',' or 'end of string'", err);
    }
    *ret = selector;
    return 0;
}

/* ---- matching ---- */

static struct str text_of(const struct value *v)
{
    if (value_is(v, VALUE_INT) || value_is(v, VALUE_FLOAT)) {
        return str_of(v->lexeme, v->lexeme_n);
    }
    if (value_is(v, VALUE_BOOL)) {
        return v->b ? STR("true") : STR("false");
    }
    return value_str(v);
}

static bool has_value(const struct requirement *r, struct str text)
{
    for (size_t i = 0; i < r->values.n; i++) {
        if (str_eq(r->values.items[i], text)) {
            return true;
        }
    }
    return false;
}

static bool compares(const struct requirement *r, struct str text)
{
    struct err err;
    int64_t number = 0;
    if (num_parse_int(text, &number, &err) < 0) {
        return false;
    }
    return r->op == OP_GREATER ? number > r->number : number < r->number;
}

static bool fulfils(const struct requirement *r, const struct value *label)
{
    switch (r->op) {
    case OP_EXISTS:
        return label != NULL;
    case OP_MISSING:
        return label == NULL;
    case OP_IN:
        return label != NULL && has_value(r, text_of(label));
    case OP_NOT_IN:
        return label == NULL || !has_value(r, text_of(label));
    case OP_GREATER:
    case OP_LESS:
        return label != NULL && compares(r, text_of(label));
    }
    return false;
}

bool label_selector_matches(const struct label_selector *selector, const struct value *labels)
{
    for (size_t i = 0; i < selector->all.n; i++) {
        const struct requirement *r = &selector->all.items[i];
        if (!fulfils(r, value_find(labels, r->key))) {
            return false;
        }
    }
    return true;
}
