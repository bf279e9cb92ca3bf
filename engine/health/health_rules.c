/* Evaluates the rules of health_rules.h over the object itself: nothing is compiled, since a rule is a
 * few words and objects of a kind come one at a time. Tables are ours, so a malformed rule is a
 * programming error; objects are anybody's, so nothing about them is assumed. */
#include "engine/health/health_rules.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/glob.h"
#include "common/base/macro.h"
#include "common/base/num.h"
#include "common/value/value.h"
#include "common/value/value_build.h"
#include "engine/health/health_internal.h"

struct scope {
    const struct value *live;
    const struct value *item;
    const char *name;
};

/* ---- paths ---- */

/* Up to one of the stop characters that is not quoted; the quotes stay. */
static struct str take_until(struct str *rest, const char *stops)
{
    size_t i = 0;
    for (bool quoted = false; i < rest->n; i++) {
        quoted = rest->p[i] == '\'' ? !quoted : quoted;
        if (!quoted && strchr(stops, rest->p[i]) != NULL) {
            break;
        }
    }
    struct str part = str_sub(*rest, 0, i);
    *rest = str_sub(*rest, i, rest->n);
    return part;
}

static struct str unquoted(struct str s)
{
    return s.n >= 2 && s.p[0] == '\'' ? str_sub(s, 1, s.n - 1) : s;
}

/* By type, or by position from either end: types are no numbers. */
static const struct value *item_of_type(const struct value *list, struct str type)
{
    size_t n = value_is(list, VALUE_LIST) ? value_len(list) : 0;
    if (str_eq_c(type, "0") || str_eq_c(type, "-1")) {
        return n > 0 ? value_at(list, type.p[0] == '0' ? 0 : n - 1) : NULL;
    }
    VALUE_FOREACH(list, item) {
        if (str_eq(value_dig_str(item, "type"), type)) {
            return item;
        }
    }
    return NULL;
}

static const struct value *walk(const struct value *v, struct str rest)
{
    while (rest.n > 0) {
        if (rest.p[0] == '[') {
            rest = str_sub(rest, 1, rest.n);
            v = item_of_type(v, unquoted(take_until(&rest, "]")));
            rest = str_sub(rest, 1, rest.n);
            continue;
        }
        rest = rest.p[0] == '.' ? str_sub(rest, 1, rest.n) : rest;
        struct str key = take_until(&rest, ".[");
        v = key.n > 0 ? value_find(v, unquoted(key)) : v;
    }
    return v;
}

/* A copy, so that numbers of children are values too; null when there is nothing. */
static struct value resolve(const struct scope *scope, struct str path)
{
    bool count = str_cut_prefix(&path, STR("#"));
    const struct value *v;
    if (str_starts_with(path, STR("."))) {
        v = walk(scope->item, path);
    } else if (str_cut_prefix(&path, STR("%"))) {
        struct str type = take_until(&path, ".[");
        v = walk(item_of_type(value_dig(scope->live, "status", "conditions"), unquoted(type)),
                 path);
    } else {
        v = walk(scope->live, path);
    }
    if (count) {
        return value_of_int(value_is(v, VALUE_STRING) ? 0 : (int64_t)value_len(v));
    }
    return v != NULL ? *v : VALUE_NULL_VALUE;
}

const struct value *
health_path(const struct value *live, const struct value *item, const char *path)
{
    struct str p = str_from(path);
    return walk(str_starts_with(p, STR(".")) ? item : live, p);
}

/* ---- conditions ---- */

static double number_of(const struct value *v)
{
    double f = 0;
    if (value_is(v, VALUE_STRING)) {
        return num_parse_float(value_str(v), &f) ? f : 0;
    }
    return value_float(v, 0);
}

static bool is_number(const struct value *v)
{
    return value_is(v, VALUE_INT) || value_is(v, VALUE_FLOAT);
}

static bool text_is(const struct value *v, struct str text)
{
    double f;
    if (value_is(v, VALUE_BOOL)) {
        return str_eq_c(text, v->b ? "true" : "false");
    }
    if (is_number(v)) {
        return num_parse_float(text, &f) && f == number_of(v);
    }
    return value_is(v, VALUE_STRING) && str_eq(value_str(v), text);
}

enum op { OP_NONE, OP_EQ, OP_GLOB, OP_LT, OP_LE, OP_GT, OP_GE };

struct test {
    struct str path;
    enum op op;
    bool negated;
    struct str operand;
};

static struct test test_parse(struct str word)
{
    static const struct {
        const char *text;
        enum op op;
    } OPS[] = {{"=", OP_EQ},  {"~", OP_GLOB}, {"<=", OP_LE},
               {">=", OP_GE}, {"<", OP_LT},   {">", OP_GT}};
    struct test t = {.negated = str_cut_prefix(&word, STR("!"))};
    t.path = take_until(&word, "!=~<>");
    t.negated = str_cut_prefix(&word, STR("!")) || t.negated;
    for (size_t i = 0; i < ARRAY_LEN(OPS) && t.op == OP_NONE; i++) {
        if (str_cut_prefix(&word, str_from(OPS[i].text))) {
            t.op = OPS[i].op;
        }
    }
    t.operand = word;
    return t;
}

static bool any_alternative(const struct value *v, struct str operand, enum op op)
{
    while (operand.p != NULL) {
        struct str text = unquoted(take_until(&operand, "|"));
        if (op == OP_EQ
                ? text_is(v, text)
                : value_is(v, VALUE_STRING) && glob_match(text, value_str(v), GLOB_NO_SEPARATOR)) {
            return true;
        }
        operand = operand.n > 0 ? str_sub(operand, 1, operand.n) : (struct str){NULL, 0};
    }
    return false;
}

static bool compare(const struct value *v, enum op op, double with)
{
    double is = number_of(v);
    switch (op) {
    case OP_LT:
        return is < with;
    case OP_LE:
        return is <= with;
    case OP_GT:
        return is > with;
    case OP_GE:
        return is >= with;
    case OP_NONE:
    case OP_EQ:
    case OP_GLOB:
        break;
    }
    return false;
}

static bool test_holds(const struct scope *scope, const struct test *t)
{
    struct value v = resolve(scope, t->path);
    struct str other = t->operand;
    double number = 0;
    if (t->op == OP_NONE) {
        return v.type != VALUE_NULL;
    }
    bool is_path = str_cut_prefix(&other, STR("@"));
    struct value with = is_path ? resolve(scope, other) : VALUE_NULL_VALUE;
    if (t->op == OP_EQ || t->op == OP_GLOB) {
        return is_path ? value_equal(&v, &with) : any_alternative(&v, other, t->op);
    }
    if (v.type == VALUE_STRING && with.type == VALUE_STRING) {
        struct value order = value_of_int(str_cmp(value_str(&v), value_str(&with)));
        return compare(&order, t->op, 0);
    }
    if (is_path) {
        number = number_of(&with);
    } else {
        (void)num_parse_float(other, &number); /* 0 otherwise */
    }
    return compare(&v, t->op, number);
}

static bool holds(const struct scope *scope, const char *when)
{
    struct str rest = str_from(when);
    while (rest.n > 0) {
        struct str word = take_until(&rest, " ");
        rest = str_sub(rest, 1, rest.n);
        struct test t = test_parse(word);
        if (word.n > 0 && test_holds(scope, &t) == t.negated) {
            return false;
        }
    }
    return true;
}

bool health_holds(const struct value *live, const struct value *item, const char *when)
{
    struct scope scope = {live, item, NULL};
    return holds(&scope, when);
}

/* ---- messages ---- */

static void number_put(struct buf *out, double f)
{
    char text[NUM_FLOAT_BYTES];
    buf_put(out, str_of(text, num_format_g(f, text)));
}

void health_text_put(struct buf *out, const struct value *v)
{
    switch (value_type(v)) {
    case VALUE_STRING:
        buf_put(out, value_str(v));
        break;
    case VALUE_BOOL:
        buf_put_c(out, v->b ? "true" : "false");
        break;
    case VALUE_INT:
        buf_put_int(out, v->i);
        break;
    case VALUE_FLOAT:
        number_put(out, v->f);
        break;
    case VALUE_LIST:
        VALUE_FOREACH(v, item) {
            buf_put_c(out, item != v->items ? ", " : "");
            if (!value_is(item, VALUE_LIST)) {
                health_text_put(out, item);
            }
        }
        break;
    case VALUE_NULL:
    case VALUE_MAP:
    case VALUE_TYPE_COUNT:
        break;
    }
}

static bool is_blank(const struct value *v)
{
    return v->type == VALUE_NULL || (v->type == VALUE_STRING && v->n == 0);
}

static void alternatives_put(const struct scope *scope, struct buf *out, struct str rest)
{
    while (rest.n > 0) {
        struct str one = take_until(&rest, "|?");
        bool needs_text = str_starts_with(rest, STR("?"));
        rest = str_sub(rest, 1, rest.n);
        if (str_eq_c(one, "$")) {
            buf_put_c(out, scope->name != NULL ? scope->name : "");
            return;
        }
        if (str_starts_with(one, STR("'"))) {
            buf_put(out, unquoted(one));
            return;
        }
        struct value v = resolve(scope, one);
        if (v.type != VALUE_NULL && !(needs_text && is_blank(&v))) {
            health_text_put(out, &v);
            return;
        }
    }
}

static void message_put(const struct scope *scope, struct buf *out, const char *message)
{
    struct str rest = str_from(message);
    while (rest.n > 0) {
        size_t open = str_find_char(rest, '{');
        buf_put(out, str_sub(rest, 0, open));
        if (open == STR_NONE) {
            break;
        }
        rest = str_sub(rest, open + 1, rest.n);
        alternatives_put(scope, out, take_until(&rest, "}"));
        rest = str_sub(rest, 1, rest.n);
    }
}

void health_message_put(struct buf *out,
                        const struct value *live,
                        const struct value *item,
                        const char *name,
                        const char *message)
{
    struct scope scope = {live, item, name};
    message_put(&scope, out, message);
}

/* ---- rules ---- */

static struct health
outcome(struct arena *arena, const struct scope *scope, const struct health_rule *rule)
{
    if (strchr(rule->message, '{') == NULL) {
        return health_make(rule->status, str_from(rule->message));
    }
    AUTO(buf) struct buf text;
    buf_init(&text, HEALTH_MESSAGE_MAX_BYTES);
    message_put(scope, &text, rule->message);
    return health_make(rule->status, buf_to_arena(&text, arena));
}

/* The rules [at, end) are over one list: item by item, the first that holds. */
static const struct health_rule *
first_for_item(struct scope *scope, const struct health_rule *at, const struct health_rule *end)
{
    for (; at < end; at++) {
        if (at->when == NULL || holds(scope, at->when)) {
            return at;
        }
    }
    return NULL;
}

static const struct health_rule *
first_of_items(struct scope *scope, const struct health_rule *at, const struct health_rule *end)
{
    const struct value *list = walk(scope->live, str_from(at->each));
    const struct health_rule *found = NULL;
    VALUE_FOREACH(list, item) {
        scope->item = item;
        found = first_for_item(scope, at, end);
        if (found != NULL) {
            return found;
        }
    }
    VALUE_MAP_FOREACH(list, entry)
    {
        scope->item = &entry->value;
        found = first_for_item(scope, at, end);
        if (found != NULL) {
            return found;
        }
    }
    scope->item = NULL;
    return NULL;
}

static bool same_list(const struct health_rule *a, const struct health_rule *b)
{
    return a->each != NULL && b->each != NULL && strcmp(a->each, b->each) == 0;
}

struct health health_rules_run(struct arena *arena,
                               struct health_rules rules,
                               const char *name,
                               const struct value *live)
{
    struct scope scope = {.live = live, .name = name};
    const struct health_rule *end = rules.rules + rules.n;
    for (const struct health_rule *at = rules.rules; at < end;) {
        const struct health_rule *next = at + 1;
        while (next < end && same_list(at, next)) {
            next++;
        }
        const struct health_rule *found =
            at->each != NULL ? first_of_items(&scope, at, next) : first_for_item(&scope, at, next);
        if (found != NULL) {
            return outcome(arena, &scope, found);
        }
        at = next;
    }
    return health_make(HEALTH_STATUS_NONE, STR_EMPTY);
}
