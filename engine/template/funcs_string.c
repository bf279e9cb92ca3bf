/* Functions on strings, as sprig 3.3 has them: trimming, cutting, wrapping, quoting, splitting and joining.
 *
 * Lengths and positions are bytes, where sprig's are. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/limits.h"
#include "common/base/rand.h"
#include "common/base/utf8.h"
#include "engine/engine_env.h"
#include "engine/template/func.h"
#include "engine/template/func_text.h"

static int hello(TFUNC_PARAMS)
{
    *ret = tval_str(STR("Hello!"));
    return 0;
}

/* ---- trimming and cutting: results share the bytes of arguments ---- */

static int trim(TFUNC_PARAMS)
{
    *ret = tval_str(func_text_trim_space(args[0].s));
    return 0;
}

static int trim_all(TFUNC_PARAMS)
{
    TRY(budget_steps(call->budget, args[0].s.n * args[1].s.n / 16 + 1, err));
    *ret = tval_str(func_text_trim(args[1].s, args[0].s));
    return 0;
}

static int trim_prefix(TFUNC_PARAMS)
{
    struct str s = args[1].s;
    (void)str_cut_prefix(&s, args[0].s);
    *ret = tval_str(s);
    return 0;
}

static int trim_suffix(TFUNC_PARAMS)
{
    struct str s = args[1].s;
    (void)str_cut_suffix(&s, args[0].s);
    *ret = tval_str(s);
    return 0;
}

/* The end of a cut that must lie inside the string. */
static int bounds_of_prefix(struct err *err, int64_t end, size_t n)
{
    if (end < 0) {
        return err_set(err, ERR_INVALID, "runtime error: slice bounds out of range [:%" PRId64 "]",
                       end);
    }
    return err_set(err, ERR_INVALID,
                   "runtime error: slice bounds out of range [:%" PRId64 "] with length %zu", end,
                   n);
}

static int substr(TFUNC_PARAMS)
{
    int64_t start = args[0].i;
    int64_t end = args[1].i;
    struct str s = args[2].s;
    int64_t n = (int64_t)s.n;
    if (start < 0) {
        if (end < 0 || end > n) {
            return bounds_of_prefix(err, end, s.n);
        }
        start = 0;
    } else if (end < 0 || end > n) {
        end = n;
    }
    if (start > end) {
        return func_text_bounds(err, start, end);
    }
    *ret = tval_str(str_sub(s, (size_t)start, (size_t)end));
    return 0;
}

static int trunc_string(TFUNC_PARAMS)
{
    int64_t c = args[0].i;
    struct str s = args[1].s;
    int64_t n = (int64_t)s.n;
    if (c >= 0 && n > c) {
        s.n = (size_t)c;
    } else if (c < 0 && c > -n) {
        s = str_sub(s, (size_t)(n + c), s.n);
    }
    *ret = tval_str(s);
    return 0;
}

static struct str abbreviate(struct tcall *call, struct str s, int64_t offset, int64_t width)
{
    int64_t n = (int64_t)s.n;
    if (n <= width) {
        return s;
    }
    offset = MAX(MIN(offset, n), (int64_t)-1);
    if (n - offset < width - 3) {
        offset = n - (width - 3);
    }
    if (offset <= 4) {
        return arena_printf(call->arena, STR_FMT "...",
                            STR_ARG(str_sub(s, 0, (size_t)(width - 3))));
    }
    if (offset + width - 3 < n) {
        struct str rest = str_sub(s, (size_t)offset, s.n);
        /* its own abbreviation, which fails and is empty below the smallest width */
        rest = width - 3 < 4 ? STR_EMPTY : abbreviate(call, rest, 0, width - 3);
        return arena_printf(call->arena, "..." STR_FMT, STR_ARG(rest));
    }
    return arena_printf(call->arena, "..." STR_FMT,
                        STR_ARG(str_sub(s, (size_t)(n - width + 3), s.n)));
}

static int abbrev(TFUNC_PARAMS)
{
    int64_t width = args[0].i;
    TRY(budget_bytes(call->budget, args[1].s.n, err));
    *ret = tval_str(width < 4 ? args[1].s : abbreviate(call, args[1].s, 0, width));
    return 0;
}

static int abbrev_both(TFUNC_PARAMS)
{
    int64_t left = args[0].i;
    int64_t right = args[1].i;
    TRY(budget_bytes(call->budget, args[2].s.n, err));
    bool unchanged = right < 4 || (left > 0 && right < 7);
    *ret = tval_str(unchanged ? args[2].s : abbreviate(call, args[2].s, left, right));
    return 0;
}

/* ---- bytes taken for code points, as the library does ---- */

static uint32_t byte_at(struct str s, size_t i)
{
    return (unsigned char)s.p[i];
}

static int nospace(TFUNC_PARAMS)
{
    struct str s = args[0].s;
    struct buf out;
    bool spaces = false;
    func_text_init(&out);
    for (size_t i = 0; i < s.n; i++) {
        if (utf8_is_space(byte_at(s, i))) {
            spaces = true;
        } else {
            utf8_put(&out, byte_at(s, i));
        }
    }
    if (!spaces) {
        buf_reset(&out);
        buf_put(&out, s);
    }
    return func_text_return(call, &out, ret, err);
}

static int initials(TFUNC_PARAMS)
{
    struct str s = args[0].s;
    struct buf out;
    bool gap = true;
    func_text_init(&out);
    for (size_t i = 0; i < s.n; i++) {
        bool space = utf8_is_space(byte_at(s, i));
        if (gap && !space) {
            utf8_put(&out, byte_at(s, i));
        }
        gap = space;
    }
    return func_text_return(call, &out, ret, err);
}

/* ---- wrapping and filling ---- */

enum long_words { LONG_WORDS_STAY, LONG_WORDS_BREAK };

static size_t find_space(struct str s, size_t from)
{
    size_t at = str_find_char(str_sub(s, from, s.n), ' ');
    return at == STR_NONE ? STR_NONE : from + at;
}

/* Where the line that begins at `start` ends, and where the next one begins. */
static void wrap_line(struct str s, size_t start, size_t width, enum long_words mode, size_t ret[2])
{
    size_t space = str_rfind_char(str_sub(s, start, start + width + 1), ' ');
    if (space != STR_NONE) {
        ret[0] = start + space;
        ret[1] = ret[0] + 1;
    } else if (mode == LONG_WORDS_BREAK) {
        ret[0] = ret[1] = start + width;
    } else {
        space = find_space(s, start + width);
        ret[0] = space;
        ret[1] = space == STR_NONE ? s.n : space + 1;
    }
}

static int wrap_text(struct tcall *call,
                     struct str s,
                     int64_t columns,
                     struct str line_end,
                     enum long_words mode,
                     struct tval *ret,
                     struct err *err)
{
    size_t width = (size_t)MAX(columns, (int64_t)1);
    struct buf out;
    func_text_init(&out);
    size_t at = 0;
    while (s.n - at > width) {
        if (s.p[at] == ' ') {
            at++;
            continue;
        }
        size_t line[2];
        wrap_line(s, at, width, mode, line);
        buf_put(&out, str_sub(s, at, MIN(line[0], s.n)));
        if (line[0] != STR_NONE) {
            buf_put(&out, line_end.n > 0 ? line_end : STR("\n"));
        }
        at = line[1];
    }
    buf_put(&out, str_sub(s, at, s.n));
    return func_text_return(call, &out, ret, err);
}

static int wrap(TFUNC_PARAMS)
{
    return wrap_text(call, args[1].s, args[0].i, STR_EMPTY, LONG_WORDS_STAY, ret, err);
}

static int wrap_with(TFUNC_PARAMS)
{
    return wrap_text(call, args[2].s, args[0].i, args[1].s, LONG_WORDS_BREAK, ret, err);
}

static int check_count(int64_t n, struct err *err)
{
    return n < 0 ? err_set(err, ERR_INVALID, "strings: negative Repeat count") : 0;
}

static int repeat(TFUNC_PARAMS)
{
    struct str s = args[1].s;
    TRY(check_count(args[0].i, err));
    struct buf out;
    func_text_init(&out);
    for (int64_t i = 0; i < args[0].i && s.n > 0 && !out.overflow; i++) {
        buf_put(&out, s);
    }
    return func_text_return(call, &out, ret, err);
}

static int indent_text(struct tcall *call,
                       const struct tval *args,
                       const char *start,
                       struct tval *ret,
                       struct err *err)
{
    struct str rest = args[1].s;
    struct str line;
    TRY(check_count(args[0].i, err));
    size_t n = (size_t)MIN(args[0].i, (int64_t)LIMIT_TEMPLATE_STRING_BYTES);
    struct buf out;
    func_text_init(&out);
    buf_put_c(&out, start);
    buf_put_fill(&out, ' ', n);
    rest = rest.n > 0 ? rest : STR_EMPTY;
    for (bool first = true; !out.overflow && str_next(&rest, '\n', &line); first = false) {
        if (!first) {
            buf_put_char(&out, '\n');
            buf_put_fill(&out, ' ', n);
        }
        buf_put(&out, line);
    }
    return func_text_return(call, &out, ret, err);
}

static int indent(TFUNC_PARAMS)
{
    return indent_text(call, args, "", ret, err);
}

static int nindent(TFUNC_PARAMS)
{
    return indent_text(call, args, "\n", ret, err);
}

static int plural(TFUNC_PARAMS)
{
    *ret = args[2].i == 1 ? args[0] : args[1];
    return 0;
}

/* ---- searching ---- */

static int contains(TFUNC_PARAMS)
{
    TRY(budget_steps(call->budget, args[1].s.n / 16 + 1, err));
    *ret = tval_bool(args[0].s.n == 0 || str_find(args[1].s, args[0].s) != STR_NONE);
    return 0;
}

static int has_prefix(TFUNC_PARAMS)
{
    *ret = tval_bool(str_starts_with(args[1].s, args[0].s));
    return 0;
}

static int has_suffix(TFUNC_PARAMS)
{
    *ret = tval_bool(str_ends_with(args[1].s, args[0].s));
    return 0;
}

/* Go puts the new text around every code point when the old one is empty. */
static void replace_empty(struct str s, struct str with, struct buf *out)
{
    size_t at = 0;
    buf_put(out, with);
    while (at < s.n && !out->overflow) {
        size_t from = at;
        (void)utf8_next(s, &at);
        buf_put(out, str_sub(s, from, at));
        buf_put(out, with);
    }
}

static int replace(TFUNC_PARAMS)
{
    struct str old = args[0].s;
    struct str with = args[1].s;
    struct str rest = args[2].s;
    struct buf out;
    func_text_init(&out);
    if (old.n == 0) {
        replace_empty(rest, with, &out);
        return func_text_return(call, &out, ret, err);
    }
    size_t at;
    while (!out.overflow && (at = str_find(rest, old)) != STR_NONE) {
        buf_put(&out, str_sub(rest, 0, at));
        buf_put(&out, with);
        rest = str_sub(rest, at + old.n, rest.n);
    }
    buf_put(&out, rest);
    return func_text_return(call, &out, ret, err);
}

/* ---- quoting and printing: nil arguments are left out ---- */

static void put_quoted(struct tcall *call, struct buf *out, struct tval v)
{
    tval_quote(out, tval_text(call->arena, v));
}

static void put_single_quoted(struct tcall *call UNUSED, struct buf *out, struct tval v)
{
    buf_put_char(out, '\'');
    tval_print(out, v);
    buf_put_char(out, '\'');
}

static void put_plain(struct tcall *call UNUSED, struct buf *out, struct tval v)
{
    tval_print(out, v);
}

static int print_each(struct tcall *call,
                      const struct tval *args,
                      size_t n_args,
                      void (*put)(struct tcall *call, struct buf *out, struct tval v),
                      struct tval *ret,
                      struct err *err)
{
    struct buf out;
    bool first = true;
    func_text_init(&out);
    for (size_t i = 0; i < n_args; i++) {
        if (args[i].kind == TVAL_NIL) {
            continue;
        }
        buf_put_c(&out, first ? "" : " ");
        put(call, &out, args[i]);
        first = false;
    }
    return func_text_return(call, &out, ret, err);
}

static int quote(TFUNC_PARAMS)
{
    return print_each(call, args, n_args, put_quoted, ret, err);
}

static int squote(TFUNC_PARAMS)
{
    return print_each(call, args, n_args, put_single_quoted, ret, err);
}

static int cat(TFUNC_PARAMS)
{
    return print_each(call, args, n_args, put_plain, ret, err);
}

static int to_string(TFUNC_PARAMS)
{
    struct str text = tval_text(call->arena, args[0]);
    TRY(budget_bytes(call->budget, args[0].kind == TVAL_STRING ? 0 : text.n, err));
    *ret = tval_str(text);
    return 0;
}

/* ---- lists of strings ---- */

/* The elements as text without nils; what is no list is one element, nil none. */
static int strings_of(struct tcall *call, struct tval v, struct tval *ret, struct err *err)
{
    bool list = tval_is_list(v);
    size_t n = list ? (size_t)tval_len(v) : v.kind != TVAL_NIL;
    size_t kept = 0;
    TRY(budget_nodes(call->budget, n, err));
    struct tval strings = tval_list_new(call->arena, TVAL_OF_STRING, n);
    for (size_t i = 0; i < n; i++) {
        struct tval item = list ? tval_at(v, i) : v;
        if (item.kind == TVAL_NIL) {
            continue;
        }
        struct str text = tval_text(call->arena, item);
        TRY(budget_bytes(call->budget, item.kind == TVAL_STRING ? 0 : text.n, err));
        strings.list->items[kept++] = tval_str(text);
    }
    strings.list->n = kept;
    *ret = strings;
    return 0;
}

static int to_strings(TFUNC_PARAMS)
{
    if (args[0].kind == TVAL_LIST && args[0].list != NULL && args[0].list->elem == TVAL_OF_STRING) {
        *ret = args[0];
        return 0;
    }
    return strings_of(call, args[0], ret, err);
}

static int join(TFUNC_PARAMS)
{
    struct tval strings;
    TRY(strings_of(call, args[1], &strings, err));
    struct buf out;
    func_text_init(&out);
    for (size_t i = 0; i < strings.list->n && !out.overflow; i++) {
        buf_put(&out, i > 0 ? args[0].s : STR_EMPTY);
        buf_put(&out, strings.list->items[i].s);
    }
    return func_text_return(call, &out, ret, err);
}

static int on_cmp_strings(const void *a, const void *b)
{
    return str_cmp(((const struct tval *)a)->s, ((const struct tval *)b)->s);
}

/* A list of strings is sorted in place, as in Go, where the argument shows it afterwards. */
static int sort_alpha(TFUNC_PARAMS)
{
    struct tval strings;
    if (args[0].kind == TVAL_NIL) {
        struct str nothing = STR("<nil>");
        *ret = tval_strings(call->arena, &nothing, 1);
        return 0;
    }
    TRY(to_strings(call, args, n_args, &strings, err));
    size_t n = strings.list->n;
    TRY(budget_steps(call->budget, n * 8, err));
    if (n > 1) {
        qsort(strings.list->items, n, sizeof(strings.list->items[0]), on_cmp_strings);
    }
    *ret = strings;
    return 0;
}

/* ---- splitting ---- */

struct splitter {
    struct str rest;
    struct str separator;
    int64_t left; /* pieces still allowed; < 0 = any number */
    bool at_end;
};

static struct splitter split_begin(struct str s, struct str separator, int64_t max)
{
    bool none = max == 0 || (s.n == 0 && separator.n == 0);
    return (struct splitter){s, separator, max, none};
}

/* Bytes before the next separator; STR_NONE: there is none. */
static size_t split_point(const struct splitter *s)
{
    if (s->left == 1) {
        return STR_NONE;
    }
    if (s->separator.n > 0) {
        return str_find(s->rest, s->separator);
    }
    size_t n = utf8_len(s->rest.p, s->rest.n);
    n = MAX(n, (size_t)1);
    return n < s->rest.n ? n : STR_NONE;
}

/* strings.SplitN: an empty separator stands between code points. */
static bool split_next(struct splitter *s, struct str *ret)
{
    if (s->at_end) {
        return false;
    }
    size_t at = split_point(s);
    s->at_end = at == STR_NONE;
    *ret = str_sub(s->rest, 0, at);
    if (!s->at_end) {
        s->rest = str_sub(s->rest, at + s->separator.n, s->rest.n);
    }
    s->left -= s->left > 0;
    return true;
}

static int split_list(TFUNC_PARAMS)
{
    struct splitter s = split_begin(args[1].s, args[0].s, -1);
    struct str part;
    size_t n = 0;
    for (struct splitter count = s; split_next(&count, &part);) {
        n++;
    }
    TRY(budget_nodes(call->budget, n, err));
    TRY(budget_steps(call->budget, args[1].s.n / 16, err));
    *ret = tval_list_new(call->arena, TVAL_OF_STRING, n);
    for (size_t i = 0; split_next(&s, &part); i++) {
        ret->list->items[i] = tval_str(part);
    }
    return 0;
}

/* A map of "_0", "_1", ... */
static int split_map(struct tcall *call, struct splitter s, struct tval *ret, struct err *err)
{
    struct tmap *map = tmap_new(call->arena, TVAL_OF_STRING, NULL, NULL);
    struct str part;
    for (size_t i = 0; split_next(&s, &part); i++) {
        char key[32];
        TRY(budget_nodes(call->budget, 1, err));
        (void)snprintf(key, sizeof(key), "_%zu", i);
        tmap_set(map, str_from(key), tval_str(part));
    }
    *ret = tval_map(map);
    return 0;
}

static int split(TFUNC_PARAMS)
{
    return split_map(call, split_begin(args[1].s, args[0].s, -1), ret, err);
}

static int splitn(TFUNC_PARAMS)
{
    return split_map(call, split_begin(args[2].s, args[0].s, args[1].i), ret, err);
}

/* ---- chance ---- */

static int shuffle(TFUNC_PARAMS)
{
    struct str s = args[0].s;
    struct rand *rand = call->env != NULL ? call->env->rand : NULL;
    if (rand == NULL) {
        return err_set(err, ERR_UNSUPPORTED, "random values are not available here");
    }
    size_t n = utf8_count(s);
    TRY(budget_bytes(call->budget, n * sizeof(uint32_t), err));
    uint32_t *runes = arena_calloc(call->arena, n + 1, sizeof(*runes));
    for (size_t at = 0, i = 0; at < s.n; i++) {
        runes[i] = utf8_next(s, &at);
    }
    for (size_t i = n; i > 1; i--) {
        size_t other = (size_t)rand_below(rand, i);
        uint32_t rune = runes[i - 1];
        runes[i - 1] = runes[other];
        runes[other] = rune;
    }
    struct buf out;
    func_text_init(&out);
    for (size_t i = 0; i < n; i++) {
        utf8_put(&out, runes[i]);
    }
    return func_text_return(call, &out, ret, err);
}

static const struct tfunc ROWS[] = {
    {"hello", "", hello},
    {"trim", "s", trim},
    {"trimAll", "ss", trim_all},
    {"trimall", "ss", trim_all},
    {"trimPrefix", "ss", trim_prefix},
    {"trimSuffix", "ss", trim_suffix},
    {"substr", "iis", substr},
    {"trunc", "is", trunc_string},
    {"abbrev", "is", abbrev},
    {"abbrevboth", "iis", abbrev_both},
    {"nospace", "s", nospace},
    {"initials", "s", initials},
    {"wrap", "is", wrap},
    {"wrapWith", "iss", wrap_with},
    {"repeat", "is", repeat},
    {"indent", "is", indent},
    {"nindent", "is", nindent},
    {"plural", "ssi", plural},
    {"contains", "ss", contains},
    {"hasPrefix", "ss", has_prefix},
    {"hasSuffix", "ss", has_suffix},
    {"replace", "sss", replace},
    {"quote", "a*", quote},
    {"squote", "a*", squote},
    {"cat", "a*", cat},
    {"toString", "a", to_string},
    {"toStrings", "a", to_strings},
    {"join", "sa", join},
    {"sortAlpha", "a", sort_alpha},
    {"splitList", "ss", split_list},
    {"split", "ss", split},
    {"splitn", "sis", splitn},
    {"shuffle", "s", shuffle},
};
const struct tfunc_table TFUNCS_STRING = TFUNC_TABLE(ROWS);
