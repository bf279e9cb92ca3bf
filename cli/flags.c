/* One parser for all commands; types are rows of a table. */
#include "cli/flags.h"

#include <assert.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/nearest.h"
#include "common/base/num.h"
#include "common/base/vec.h"

/* ---- values ---- */

typedef int (*parse_fn)(struct arena *arena,
                        const struct flag_row *row,
                        const char *text,
                        void *field,
                        struct err *err);

static int parse_bool(struct arena *arena UNUSED,
                      const struct flag_row *row UNUSED,
                      const char *text,
                      void *field,
                      struct err *err)
{
    struct str s = str_from(text);
    bool on = str_eq(s, STR("true")) || str_eq(s, STR("1"));
    if (!on && !str_eq(s, STR("false")) && !str_eq(s, STR("0"))) {
        return err_set(err, ERR_INVALID, "'%s' is neither true nor false", text);
    }
    *(bool *)field = on;
    return 0;
}

static bool is_choice(const char *choices, const char *text)
{
    struct str rest = str_from(choices);
    struct str word;
    while (str_next(&rest, '|', &word)) {
        if (str_eq_c(word, text)) {
            return true;
        }
    }
    return false;
}

static int parse_str(struct arena *arena UNUSED,
                     const struct flag_row *row,
                     const char *text,
                     void *field,
                     struct err *err)
{
    if (str_find_char(str_from(row->arg), '|') != STR_NONE && !is_choice(row->arg, text)) {
        return err_set(err, ERR_INVALID, "'%s' is not one of %s", text, row->arg);
    }
    *(const char **)field = text;
    return 0;
}

static int parse_list(struct arena *arena,
                      const struct flag_row *row UNUSED,
                      const char *text,
                      void *field,
                      struct err *err UNUSED)
{
    struct flag_list *list = field;
    const char **items = arena_calloc(arena, list->n + 1, sizeof(*items));
    for (size_t i = 0; i < list->n; i++) {
        items[i] = list->items[i];
    }
    items[list->n] = text;
    *list = (struct flag_list){items, list->n + 1};
    return 0;
}

static int parse_int(struct arena *arena UNUSED,
                     const struct flag_row *row UNUSED,
                     const char *text,
                     void *field,
                     struct err *err)
{
    return num_parse_int(str_from(text), field, err);
}

static int parse_duration(struct arena *arena UNUSED,
                          const struct flag_row *row UNUSED,
                          const char *text,
                          void *field,
                          struct err *err)
{
    int64_t ms;
    TRY(clock_parse_duration(str_from(text), &ms, err));
    if (ms < 0) {
        return err_set(err, ERR_INVALID, "'%s' is negative", text);
    }
    *(int64_t *)field = ms;
    return 0;
}

static const parse_fn PARSE[FLAG_TYPE_COUNT] = {
    [FLAG_BOOL] = parse_bool, [FLAG_STR] = parse_str,           [FLAG_LIST] = parse_list,
    [FLAG_INT] = parse_int,   [FLAG_DURATION] = parse_duration,
};

static int set_value(struct arena *arena,
                     const struct flag_target *target,
                     const struct flag_row *row,
                     const char *text,
                     struct err *err)
{
    void *field = (char *)target->values + row->offset;
    TRY_IN(PARSE[row->type](arena, row, text, field, err), err, "flag --%s", row->name);
    return 0;
}

void *flags_new(struct arena *arena, const struct flag_set *set)
{
    struct flag_target target = {set, arena_zalloc(arena, set->size_bytes)};
    for (size_t i = 0; i < set->n; i++) {
        struct err err;
        if (set->rows[i].def != NULL) {
            int rc = set_value(arena, &target, &set->rows[i], set->rows[i].def, &err);
            assert(rc == 0); /* a row whose default breaks its own rules */
            (void)rc;
        }
    }
    return target.values;
}

/* ---- arguments ---- */

struct parser {
    struct arena *arena;
    const struct flag_target *targets;
    size_t n_targets;
    struct flag_list args;
    size_t at;
};

struct found {
    const struct flag_target *target;
    const struct flag_row *row; /* NULL = none */
};

static struct found find_name(const struct parser *p, struct str name)
{
    for (size_t i = 0; i < p->n_targets; i++) {
        for (size_t j = 0; j < p->targets[i].set->n; j++) {
            const struct flag_row *row = &p->targets[i].set->rows[j];
            if (str_eq_c(name, row->name)) {
                return (struct found){&p->targets[i], row};
            }
        }
    }
    return (struct found){0};
}

static struct found find_letter(const struct parser *p, char letter)
{
    for (size_t i = 0; i < p->n_targets; i++) {
        for (size_t j = 0; j < p->targets[i].set->n; j++) {
            const struct flag_row *row = &p->targets[i].set->rows[j];
            if (row->letter == letter) {
                return (struct found){&p->targets[i], row};
            }
        }
    }
    return (struct found){0};
}

static int unknown(const struct parser *p, struct str name, struct err *err)
{
    struct nearest near = nearest_to(name);
    for (size_t i = 0; i < p->n_targets; i++) {
        for (size_t j = 0; j < p->targets[i].set->n; j++) {
            nearest_offer(&near, p->targets[i].set->rows[j].name);
        }
    }
    if (near.best == NULL) {
        return err_set(err, ERR_INVALID, "unknown flag --" STR_FMT, STR_ARG(name));
    }
    return err_set(err, ERR_INVALID, "unknown flag --" STR_FMT "; did you mean --%s?",
                   STR_ARG(name), near.best);
}

/* The value is `rest` when that is not NULL, else the next argument. */
static int take_value(struct parser *p, struct found f, const char *rest, struct err *err)
{
    if (rest == NULL && p->at == p->args.n) {
        return err_set(err, ERR_INVALID, "flag --%s needs a value", f.row->name);
    }
    const char *text = rest != NULL ? rest : p->args.items[p->at++];
    return set_value(p->arena, f.target, f.row, text, err);
}

static int read_long(struct parser *p, const char *arg, struct err *err)
{
    struct str name;
    struct str value;
    bool has_value = str_cut(str_from(arg + 2), '=', &name, &value);
    struct found f = find_name(p, name);
    if (f.row == NULL) {
        return unknown(p, name, err);
    }
    if (f.row->type == FLAG_BOOL) {
        return set_value(p->arena, f.target, f.row, has_value ? value.p : "true", err);
    }
    return take_value(p, f, has_value ? value.p : NULL, err);
}

/* "-o json", "-ojson", "-o=json", and switches together: "-yq". */
static int read_letters(struct parser *p, const char *arg, struct err *err)
{
    for (const char *c = arg + 1; *c != '\0'; c++) {
        struct found f = find_letter(p, *c);
        if (f.row == NULL) {
            return err_set(err, ERR_INVALID, "unknown flag -%c in '%s'", *c, arg);
        }
        if (f.row->type != FLAG_BOOL) {
            const char *rest = c[1] == '=' ? c + 2 : c + 1;
            return take_value(p, f, c[1] != '\0' ? rest : NULL, err);
        }
        TRY(set_value(p->arena, f.target, f.row, "true", err));
    }
    return 0;
}

int flags_parse(struct arena *arena,
                const struct flag_target *targets,
                size_t n_targets,
                enum flags_until until,
                struct flag_list args,
                size_t *ret_n,
                struct flag_list *ret_args,
                struct err *err)
{
    struct parser p = {arena, targets, n_targets, args, 0};
    VEC(const char *) rest = {0};
    bool only_arguments = false;
    while (p.at < args.n) {
        const char *arg = args.items[p.at];
        bool is_flag = !only_arguments && arg[0] == '-' && arg[1] != '\0';
        if (!is_flag && until == FLAGS_TO_ARGUMENT) {
            break;
        }
        p.at++;
        if (!is_flag) {
            vec_push_in(arena, &rest, arg);
        } else if (arg[1] != '-') {
            TRY(read_letters(&p, arg, err));
        } else if (arg[2] == '\0') {
            only_arguments = true;
        } else {
            TRY(read_long(&p, arg, err));
        }
    }
    *ret_n = p.at;
    if (ret_args != NULL) {
        *ret_args = (struct flag_list){rest.items, rest.n};
    }
    return 0;
}

/* ---- help ---- */

enum { HELP_NAME_COLUMNS = 34 };

void flags_help(const struct flag_set *set, struct buf *out)
{
    for (size_t i = 0; i < set->n; i++) {
        const struct flag_row *row = &set->rows[i];
        size_t start = out->n;
        if (row->letter != 0) {
            buf_printf(out, "  -%c, --%s", row->letter, row->name);
        } else {
            buf_printf(out, "      --%s", row->name);
        }
        if (row->arg != NULL) {
            buf_printf(out, " %s", row->arg);
        }
        size_t used = out->n - start;
        if (used + 2 > HELP_NAME_COLUMNS) {
            buf_put_char(out, '\n');
            used = 0;
        }
        buf_put_fill(out, ' ', HELP_NAME_COLUMNS - used);
        buf_put_c(out, row->doc);
        if (row->def != NULL) {
            buf_printf(out, " (default %s)", row->def);
        }
        buf_put_char(out, '\n');
    }
}

/* ---- words of a variable ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* One word from *at on; false when nothing is left. An open quote leaves *quote set. */
static bool next_word(struct str text, size_t *at, struct buf *word, char *quote)
{
    size_t i = *at;
    while (i < text.n && is_blank(text.p[i])) {
        i++;
    }
    bool any = i < text.n;
    buf_reset(word);
    for (; i < text.n && (*quote != 0 || !is_blank(text.p[i])); i++) {
        char c = text.p[i];
        if (c == '\\' && *quote != '\'' && i + 1 < text.n) {
            buf_put_char(word, text.p[++i]);
        } else if (*quote != 0 ? c == *quote : (c == '\'' || c == '"')) {
            *quote = *quote != 0 ? 0 : c;
        } else {
            buf_put_char(word, c);
        }
    }
    *at = i;
    return any;
}

int flags_split(struct arena *arena, struct str text, struct flag_list *ret, struct err *err)
{
    VEC(const char *) words = {0};
    AUTO(buf) struct buf word;
    buf_init(&word, text.n + 1);
    size_t at = 0;
    char quote = 0;
    while (next_word(text, &at, &word, &quote)) {
        const char *copy = arena_str(arena, buf_str(&word)).p;
        vec_push_in(arena, &words, copy);
    }
    if (quote != 0) {
        return err_set(err, ERR_INVALID, "a quote is open: %c", quote);
    }
    *ret = (struct flag_list){words.items, words.n};
    return 0;
}
