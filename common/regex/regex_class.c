/* Character classes: "[...]", "\d", "[:alpha:]", "\p{Greek}".
 *
 * Everything is written as ranges of code points, so that neither PCRE2's own idea of \s nor its options count;
 * only Unicode properties are left to it. */
#include <stdio.h>
#include <string.h>

#include "common/base/utf8.h"
#include "common/regex/regex_internal.h"

enum {
    SURROGATE_FIRST = 0xd800,
    SURROGATE_LAST = 0xdfff,
    LONG_S = 0x17f,       /* folds to s */
    KELVIN_SIGN = 0x212a, /* folds to k */
    /* pairs in the longest ASCII group, with what folding adds and room for the complement */
    GROUP_RANGES = 12,
    PROPERTY_BYTES = 64,
};

static const char INVALID_RANGE[] = "invalid character class range";

struct ranges {
    struct {
        uint32_t first;
        uint32_t last;
    } items[GROUP_RANGES];
    size_t n;
};

/* ASCII groups as pairs of first and last, ascending. */
static const struct group {
    const char *name;
    const char *ranges;
} PERL[] =
    {
        {"d", "09"},
        {"s", "\t\n\f\r  "},
        {"w", "09AZ__az"},
},
  POSIX[] = {
      {"alnum", "09AZaz"},  {"alpha", "AZaz"},     {"ascii", NULL},     {"blank", "\t\t  "},
      {"cntrl", NULL},      {"digit", "09"},       {"graph", "!~"},     {"lower", "az"},
      {"print", " ~"},      {"punct", "!/:@[`{~"}, {"space", "\t\r  "}, {"upper", "AZ"},
      {"word", "09AZ__az"}, {"xdigit", "09AFaf"},
};

static void put_range(struct buf *out, uint32_t first, uint32_t last)
{
    if (first >= SURROGATE_FIRST && first <= SURROGATE_LAST) {
        first = SURROGATE_LAST + 1; /* no text has any, and PCRE2 refuses them */
    }
    if (last >= SURROGATE_FIRST && last <= SURROGATE_LAST) {
        last = SURROGATE_FIRST - 1;
    }
    if (first > last) {
        return;
    }
    buf_printf(out, "\\x{%x}", first);
    if (last > first) {
        buf_printf(out, "-\\x{%x}", last);
    }
}

void regex_put_never(struct regex_parser *p)
{
    buf_put_c(&p->out, "[^\\x{0}-\\x{10ffff}]");
}

/* ---- ASCII groups ---- */

static void add_range(struct ranges *set, uint32_t first, uint32_t last)
{
    if (set->n > 0 && first <= set->items[set->n - 1].last + 1) {
        set->items[set->n - 1].last = MAX(last, set->items[set->n - 1].last);
        return;
    }
    set->items[set->n].first = first;
    set->items[set->n].last = last;
    set->n++;
}

static bool group_has(const struct group *g, char c)
{
    if (g->ranges == NULL) {
        return strcmp(g->name, "ascii") == 0 || (unsigned char)c < 0x20 || c == 0x7f;
    }
    for (const char *r = g->ranges; *r != '\0'; r += 2) {
        if (c >= r[0] && c <= r[1]) {
            return true;
        }
    }
    return false;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static struct ranges group_ranges(const struct group *g, bool fold)
{
    struct ranges set = {0};
    for (int c = 0; c < 0x80; c++) {
        bool in =
            group_has(g, (char)c) || (fold && is_letter((char)c) && group_has(g, (char)(c ^ 0x20)));
        if (in) {
            add_range(&set, (uint32_t)c, (uint32_t)c);
        }
    }
    if (fold && (group_has(g, 's') || group_has(g, 'S'))) {
        add_range(&set, LONG_S, LONG_S);
    }
    if (fold && (group_has(g, 'k') || group_has(g, 'K'))) {
        add_range(&set, KELVIN_SIGN, KELVIN_SIGN);
    }
    return set;
}

/* Folding comes before the complement, as in Go. */
static void put_group(struct regex_parser *p, const struct group *g, bool negated)
{
    struct ranges set = group_ranges(g, (p->flags & REGEX_FOLD) != 0);
    uint32_t next = 0;
    for (size_t i = 0; i < set.n; i++) {
        if (!negated) {
            put_range(&p->out, set.items[i].first, set.items[i].last);
        } else if (set.items[i].first > next) {
            put_range(&p->out, next, set.items[i].first - 1);
        }
        next = set.items[i].last + 1;
    }
    if (negated) {
        put_range(&p->out, next, UTF8_MAX_RUNE);
    }
}

/* \d \s \w and their complements; false: it is none. */
static bool take_perl_group(struct regex_parser *p)
{
    if (p->at + 1 >= p->s.n || p->s.p[p->at] != '\\') {
        return false;
    }
    char c = p->s.p[p->at + 1];
    for (size_t i = 0; i < ARRAY_LEN(PERL); i++) {
        if ((c | 0x20) == PERL[i].name[0] && is_letter(c)) {
            put_group(p, &PERL[i], c < 'a');
            p->at += 2;
            return true;
        }
    }
    return false;
}

/* [:alpha:] inside a class: 1 = done, 0 = it is none. */
static int take_posix_group(struct regex_parser *p)
{
    struct str rest = str_sub(p->s, p->at, p->s.n);
    size_t end = rest.n > 2 && str_starts_with(rest, STR("[:"))
                     ? str_find(str_sub(rest, 2, rest.n), STR(":]"))
                     : STR_NONE;
    if (end == STR_NONE) {
        return 0;
    }
    struct str name = str_sub(rest, 2, 2 + end);
    bool negated = str_cut_prefix(&name, STR("^"));
    for (size_t i = 0; i < ARRAY_LEN(POSIX); i++) {
        if (str_eq_c(name, POSIX[i].name)) {
            put_group(p, &POSIX[i], negated);
            p->at += end + 4;
            return 1;
        }
    }
    return regex_parse_error(p, INVALID_RANGE, p->at, p->at + end + 4);
}

/* ---- Unicode properties ---- */

/* Names as Go compares them: without "_", "-" and blanks, only the first letter upper case. */
static const struct {
    const char *name;
    const char *property; /* PCRE2's */
} CATEGORIES[] = {
    {"Any", "Any"},
    {"Casedletter", "L&"},
    {"Lc", "L&"},
    {"Closepunctuation", "Pe"},
    {"Combiningmark", "M"},
    {"Connectorpunctuation", "Pc"},
    {"Control", "Cc"},
    {"Cntrl", "Cc"},
    {"Currencysymbol", "Sc"},
    {"Dashpunctuation", "Pd"},
    {"Decimalnumber", "Nd"},
    {"Digit", "Nd"},
    {"Enclosingmark", "Me"},
    {"Finalpunctuation", "Pf"},
    {"Format", "Cf"},
    {"Initialpunctuation", "Pi"},
    {"Letter", "L"},
    {"Letternumber", "Nl"},
    {"Lineseparator", "Zl"},
    {"Lowercaseletter", "Ll"},
    {"Mark", "M"},
    {"Mathsymbol", "Sm"},
    {"Modifierletter", "Lm"},
    {"Modifiersymbol", "Sk"},
    {"Nonspacingmark", "Mn"},
    {"Number", "N"},
    {"Openpunctuation", "Ps"},
    {"Other", "C"},
    {"Otherletter", "Lo"},
    {"Othernumber", "No"},
    {"Otherpunctuation", "Po"},
    {"Othersymbol", "So"},
    {"Paragraphseparator", "Zp"},
    {"Privateuse", "Co"},
    {"Punctuation", "P"},
    {"Punct", "P"},
    {"Separator", "Z"},
    {"Spaceseparator", "Zs"},
    {"Spacingmark", "Mc"},
    {"Surrogate", "Cs"},
    {"Symbol", "S"},
    {"Titlecaseletter", "Lt"},
    {"Unassigned", "Cn"},
    {"Uppercaseletter", "Lu"},
};

static bool canonical_name(struct str name, char dst[PROPERTY_BYTES])
{
    size_t n = 0;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (c == '_' || c == '-' || c == ' ') {
            continue;
        }
        bool alnum = is_letter(c) || (c >= '0' && c <= '9');
        if (!alnum || n + 1 == PROPERTY_BYTES) {
            return false;
        }
        if (is_letter(c)) {
            c = (char)(n == 0 ? c & ~0x20 : c | 0x20);
        }
        dst[n++] = c;
    }
    dst[n] = '\0';
    return n > 0;
}

/* PCRE2's name for what follows \p. */
static bool find_property(const char *name, char dst[PROPERTY_BYTES])
{
    for (size_t i = 0; i < ARRAY_LEN(CATEGORIES); i++) {
        if (strcmp(name, CATEGORIES[i].name) == 0) {
            (void)snprintf(dst, PROPERTY_BYTES, "%s", CATEGORIES[i].property);
            return true;
        }
    }
    /* one or two letters are a category, more a script; "sc:" because PCRE2 means script extensions else */
    (void)snprintf(dst, PROPERTY_BYTES, "%s%.*s", strlen(name) > 2 ? "sc:" : "", PROPERTY_BYTES - 8,
                   name);
    return regex_knows_property(dst);
}

/* Letters of one case match those of the others when case does not count. */
static const char *fold_property(const char *property)
{
    bool cased =
        strcmp(property, "Lu") == 0 || strcmp(property, "Ll") == 0 || strcmp(property, "Lt") == 0;
    return cased ? "L&" : property;
}

static int put_property(struct regex_parser *p, struct str name, bool negated, size_t from)
{
    char canonical[PROPERTY_BYTES];
    char property[PROPERTY_BYTES];
    bool fold = (p->flags & REGEX_FOLD) != 0;
    if (!canonical_name(name, canonical)) {
        return regex_parse_error(p, INVALID_RANGE, from, p->at);
    }
    if (strcmp(canonical, "Ascii") == 0) {
        put_group(p, &(struct group){"ascii", NULL}, negated);
        return 1;
    }
    if (strcmp(canonical, "Assigned") == 0) {
        (void)snprintf(canonical, sizeof(canonical), "Cn");
        negated = !negated;
    }
    if (!find_property(canonical, property)) {
        return regex_parse_error(p, INVALID_RANGE, from, p->at);
    }
    buf_printf(&p->out, "\\%c{%s}", negated ? 'P' : 'p', fold ? fold_property(property) : property);
    return 1;
}

/* \pL \p{Greek} \P{^Lu}: 1 = done, 0 = it is none. */
static int take_property(struct regex_parser *p)
{
    size_t from = p->at;
    if (from + 1 >= p->s.n || p->s.p[from] != '\\' || (p->s.p[from + 1] | 0x20) != 'p') {
        return 0;
    }
    bool negated = p->s.p[from + 1] == 'P';
    if (from + 2 == p->s.n) {
        return regex_parse_error(p, INVALID_RANGE, from, p->s.n);
    }
    uint32_t rune;
    p->at += 2;
    TRY(regex_next_rune(p, &rune));
    struct str name = str_sub(p->s, from + 2, p->at);
    if (rune == '{') {
        size_t n = str_find_char(str_sub(p->s, p->at, p->s.n), '}');
        if (n == STR_NONE) {
            return regex_parse_error(p, INVALID_RANGE, from, p->s.n);
        }
        name = str_sub(p->s, p->at, p->at + n);
        p->at += n + 1;
    }
    if (str_cut_prefix(&name, STR("^"))) {
        negated = !negated;
    }
    return put_property(p, name, negated, from);
}

/* ---- classes ---- */

static int class_char(struct regex_parser *p, size_t class_at, uint32_t *ret)
{
    if (p->at == p->s.n) {
        return regex_parse_error(p, "missing closing ]", class_at, p->s.n);
    }
    if (p->s.p[p->at] == '\\') {
        return regex_parse_escape(p, ret);
    }
    return regex_next_rune(p, ret);
}

/* One character or a range of them. */
static int class_range(struct regex_parser *p, size_t class_at)
{
    size_t from = p->at;
    uint32_t first;
    uint32_t last;
    TRY(class_char(p, class_at, &first));
    last = first;
    if (p->at + 1 < p->s.n && p->s.p[p->at] == '-' && p->s.p[p->at + 1] != ']') {
        p->at++;
        TRY(class_char(p, class_at, &last));
    }
    if (last < first) {
        return regex_parse_error(p, INVALID_RANGE, from, p->at);
    }
    put_range(&p->out, first, last);
    return 0;
}

static int class_item(struct regex_parser *p, size_t class_at)
{
    int done = take_posix_group(p);
    if (done == 0) {
        done = take_property(p);
    }
    if (done == 0) {
        done = take_perl_group(p);
    }
    return done != 0 ? MIN(done, 0) : class_range(p, class_at);
}

static void open_class(struct regex_parser *p, bool negated)
{
    buf_put_c(&p->out, (p->flags & REGEX_FOLD) != 0 ? "(?i:[" : "[");
    buf_put_c(&p->out, negated ? "^" : "");
}

static void close_class(struct regex_parser *p, size_t start)
{
    bool fold = (p->flags & REGEX_FOLD) != 0;
    struct str text = str_sub(buf_str(&p->out), start, p->out.n);
    if (str_ends_with(text, STR("[")) || str_ends_with(text, STR("[^"))) {
        /* only surrogates were in it */
        bool negated = p->out.p[p->out.n - 1] == '^';
        buf_truncate(&p->out, start);
        if (negated) {
            buf_put_c(&p->out, "(?s:.)");
        } else {
            regex_put_never(p);
        }
        return;
    }
    buf_put_c(&p->out, fold ? "])" : "]");
}

int regex_parse_class(struct regex_parser *p)
{
    size_t class_at = p->at;
    size_t start = p->out.n;
    p->at++;
    bool negated = p->at < p->s.n && p->s.p[p->at] == '^';
    p->at += negated;
    open_class(p, negated);
    for (bool first = true; first || p->at == p->s.n || p->s.p[p->at] != ']'; first = false) {
        TRY(class_item(p, class_at));
    }
    p->at++;
    close_class(p, start);
    return 0;
}

int regex_parse_class_escape(struct regex_parser *p)
{
    size_t start = p->out.n;
    open_class(p, false);
    int done = take_property(p);
    if (done == 0) {
        done = take_perl_group(p);
    }
    if (done <= 0) {
        buf_truncate(&p->out, start);
        return done;
    }
    close_class(p, start);
    return 1;
}
