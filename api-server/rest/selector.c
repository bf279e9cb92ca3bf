/* One requirement at a time; commas inside parentheses do not separate. */
#include "api-server/rest/selector.h"

#include "common/value/value.h"

enum operator{ OP_EXISTS, OP_MISSING, OP_IN, OP_NOT_IN, OP_INVALID };

struct requirement {
    struct str key;
    enum operator op;
    struct str values; /* comma list */
};

/* The next requirement up to a comma outside parentheses. */
static bool next_text(struct str *rest, struct str *ret)
{
    int depth = 0;
    if (rest->p == NULL) {
        return false;
    }
    for (size_t i = 0; i < rest->n; i++) {
        char c = rest->p[i];
        depth += (c == '(') - (c == ')');
        if (c == ',' && depth == 0) {
            *ret = str_trim(str_sub(*rest, 0, i));
            *rest = str_sub(*rest, i + 1, rest->n);
            return true;
        }
    }
    *ret = str_trim(*rest);
    *rest = str_of(NULL, 0);
    return true;
}

static bool is_key(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.' || c == '/';
        if (!ok) {
            return false;
        }
    }
    return s.n > 0;
}

static struct requirement parse_set(struct str text)
{
    struct requirement r = {.op = OP_INVALID};
    size_t open = str_find_char(text, '(');
    struct str head = str_trim(str_sub(text, 0, open));
    if (!str_ends_with(text, STR(")"))) {
        return r;
    }
    enum operator op = OP_IN;
    if (str_cut_suffix(&head, STR(" notin"))) {
        op = OP_NOT_IN;
    } else if (!str_cut_suffix(&head, STR(" in"))) {
        return r;
    }
    r.key = str_trim(head);
    r.values = str_sub(text, open + 1, text.n - 1);
    bool nested =
        str_find_char(r.values, '(') != STR_NONE || str_find_char(r.values, ')') != STR_NONE;
    r.op = is_key(r.key) && !nested ? op : OP_INVALID;
    return r;
}

static struct requirement parse(struct str text)
{
    struct requirement r = {.op = OP_EXISTS, .key = text};
    struct str before;
    struct str after;
    if (str_find_char(text, '(') != STR_NONE) {
        return parse_set(text);
    }
    if (str_cut_prefix(&r.key, STR("!"))) {
        r.op = OP_MISSING;
    } else if (str_cut(text, '=', &before, &after)) {
        bool negative = str_cut_suffix(&before, STR("!"));
        (void)str_cut_prefix(&after, STR("="));
        r.op = negative ? OP_NOT_IN : OP_IN;
        r.key = before;
        r.values = str_trim(after);
    }
    r.key = str_trim(r.key);
    if (!is_key(r.key)) {
        r.op = OP_INVALID;
    }
    return r;
}

static bool is_among(struct str values, struct str label)
{
    struct str rest = values.p != NULL ? values : STR_EMPTY;
    struct str v;
    while (str_next(&rest, ',', &v)) {
        if (str_eq(str_trim(v), label)) {
            return true;
        }
    }
    return false;
}

static bool holds(struct requirement r, const struct value *labels)
{
    const struct value *label = value_find(labels, r.key);
    switch (r.op) {
    case OP_EXISTS:
        return label != NULL;
    case OP_MISSING:
        return label == NULL;
    case OP_IN:
        return label != NULL && is_among(r.values, value_str(label));
    case OP_NOT_IN:
        return label == NULL || !is_among(r.values, value_str(label));
    case OP_INVALID:
        return false;
    }
    return false;
}

int selector_check(struct str selector, struct err *err)
{
    struct str rest = selector;
    struct str text;
    while (selector.n > 0 && next_text(&rest, &text)) {
        if (parse(text).op == OP_INVALID) {
            return err_set(err, ERR_INVALID,
                           "'" STR_FMT "' is no label selector requirement; write for example "
                           "team=web, team!=web, team in (a,b), team or !team",
                           STR_ARG(text));
        }
    }
    return 0;
}

bool selector_matches(struct str selector, const struct value *labels)
{
    struct str rest = selector;
    struct str text;
    while (selector.n > 0 && next_text(&rest, &text)) {
        if (!holds(parse(text), labels)) {
            return false;
        }
    }
    return true;
}
