/* What plain YAML scalars mean, by go-yaml's rules.
 *
 * The first byte tells most strings apart from everything else, as in go-yaml's own resolver. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/num.h"
#include "common/value/value_yaml_internal.h"

static const struct {
    const char *suffix;
    enum value_yaml_tag tag;
} TAGS[] = {
    {"str", VALUE_YAML_TAG_STR},       {"bool", VALUE_YAML_TAG_BOOL},
    {"int", VALUE_YAML_TAG_INT},       {"float", VALUE_YAML_TAG_FLOAT},
    {"null", VALUE_YAML_TAG_NULL},     {"timestamp", VALUE_YAML_TAG_TIMESTAMP},
    {"binary", VALUE_YAML_TAG_BINARY}, {"merge", VALUE_YAML_TAG_MERGE},
};

enum value_yaml_tag value_yaml_tag_of(const char *tag)
{
    static const char PREFIX[] = "tag:yaml.org,2002:";
    if (tag == NULL || tag[0] == '\0') {
        return VALUE_YAML_TAG_NONE;
    }
    if (strncmp(tag, PREFIX, sizeof(PREFIX) - 1) != 0) {
        return VALUE_YAML_TAG_OTHER;
    }
    for (size_t i = 0; i < ARRAY_LEN(TAGS); i++) {
        if (strcmp(tag + sizeof(PREFIX) - 1, TAGS[i].suffix) == 0) {
            return TAGS[i].tag;
        }
    }
    return VALUE_YAML_TAG_OTHER;
}

/* ---- words ---- */

enum { WORD_MAX_BYTES = 5 };

enum word_schema { WORD_BOTH, WORD_JSON_ONLY };

/* A word is looked up only when its first byte is one that may_start_word() or starts_number() knows. */
static const struct {
    char text[WORD_MAX_BYTES + 1];
    unsigned char n;
    enum word_schema schema;
    struct value_yaml_plain meaning;
} WORDS[] = {
#define WORD_NULL(text)                    \
    {                                      \
        text, sizeof(text) - 1, WORD_BOTH, \
        {                                  \
            .kind = VALUE_YAML_IS_NULL     \
        }                                  \
    }
#define WORD_BOOL(text, v, s)                    \
    {                                            \
        text, sizeof(text) - 1, s,               \
        {                                        \
            .kind = VALUE_YAML_IS_BOOL, .b = (v) \
        }                                        \
    }
#define WORD_FLOAT(text, v)                               \
    {                                                     \
        text, sizeof(text) - 1, WORD_BOTH,                \
        {                                                 \
            .kind = VALUE_YAML_IS_FLOAT, .f = (double)(v) \
        }                                                 \
    }
    WORD_NULL("~"),
    WORD_NULL("null"),
    WORD_NULL("Null"),
    WORD_NULL("NULL"),
    WORD_BOOL("true", true, WORD_BOTH),
    WORD_BOOL("True", true, WORD_BOTH),
    WORD_BOOL("TRUE", true, WORD_BOTH),
    WORD_BOOL("false", false, WORD_BOTH),
    WORD_BOOL("False", false, WORD_BOTH),
    WORD_BOOL("FALSE", false, WORD_BOTH),
    WORD_BOOL("y", true, WORD_JSON_ONLY),
    WORD_BOOL("Y", true, WORD_JSON_ONLY),
    WORD_BOOL("yes", true, WORD_JSON_ONLY),
    WORD_BOOL("Yes", true, WORD_JSON_ONLY),
    WORD_BOOL("YES", true, WORD_JSON_ONLY),
    WORD_BOOL("on", true, WORD_JSON_ONLY),
    WORD_BOOL("On", true, WORD_JSON_ONLY),
    WORD_BOOL("ON", true, WORD_JSON_ONLY),
    WORD_BOOL("n", false, WORD_JSON_ONLY),
    WORD_BOOL("N", false, WORD_JSON_ONLY),
    WORD_BOOL("no", false, WORD_JSON_ONLY),
    WORD_BOOL("No", false, WORD_JSON_ONLY),
    WORD_BOOL("NO", false, WORD_JSON_ONLY),
    WORD_BOOL("off", false, WORD_JSON_ONLY),
    WORD_BOOL("Off", false, WORD_JSON_ONLY),
    WORD_BOOL("OFF", false, WORD_JSON_ONLY),
    WORD_FLOAT(".nan", NAN),
    WORD_FLOAT(".NaN", NAN),
    WORD_FLOAT(".NAN", NAN),
    WORD_FLOAT(".inf", INFINITY),
    WORD_FLOAT(".Inf", INFINITY),
    WORD_FLOAT(".INF", INFINITY),
    WORD_FLOAT("+.inf", INFINITY),
    WORD_FLOAT("+.Inf", INFINITY),
    WORD_FLOAT("+.INF", INFINITY),
    WORD_FLOAT("-.inf", -INFINITY),
    WORD_FLOAT("-.Inf", -INFINITY),
    WORD_FLOAT("-.INF", -INFINITY),
};

static bool
resolve_word(struct str text, enum value_yaml_schema schema, struct value_yaml_plain *ret)
{
    if (text.n > WORD_MAX_BYTES) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(WORDS); i++) {
        if (WORDS[i].n != text.n || memcmp(WORDS[i].text, text.p, text.n) != 0) {
            continue;
        }
        if (WORDS[i].schema == WORD_BOTH || schema == VALUE_YAML_JSON) {
            *ret = WORDS[i].meaning;
            return true;
        }
    }
    return false;
}

/* ---- time stamps ---- */

struct moment {
    unsigned year, month, day, hour, minute, second;
    char fraction[10]; /* up to nine digits */
    int offset_minutes;
};

struct scan {
    struct str s;
    size_t at;
};

/* min to max digits. */
static bool take_number(struct scan *sc, size_t min, size_t max, unsigned *ret)
{
    size_t start = sc->at;
    unsigned v = 0;
    while (sc->at < sc->s.n && sc->at - start < max && sc->s.p[sc->at] >= '0' &&
           sc->s.p[sc->at] <= '9') {
        v = v * 10 + (unsigned)(sc->s.p[sc->at++] - '0');
    }
    *ret = v;
    return sc->at - start >= min;
}

static bool take_char(struct scan *sc, char c)
{
    if (sc->at < sc->s.n && sc->s.p[sc->at] == c) {
        sc->at++;
        return true;
    }
    return false;
}

static unsigned days_in_month(unsigned year, unsigned month)
{
    static const unsigned char DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return DAYS[month - 1] + (month == 2 && leap ? 1U : 0U);
}

static bool take_date(struct scan *sc, struct moment *m)
{
    return take_number(sc, 4, 4, &m->year) && take_char(sc, '-') &&
           take_number(sc, 1, 2, &m->month) && take_char(sc, '-') &&
           take_number(sc, 1, 2, &m->day) && m->month >= 1 && m->month <= 12 && m->day >= 1 &&
           m->day <= days_in_month(m->year, m->month);
}

/* Go takes a point or a comma, and any number of digits. */
static void take_fraction(struct scan *sc, struct moment *m)
{
    size_t at = sc->at;
    size_t n = 0;
    if (at + 1 >= sc->s.n || (sc->s.p[at] != '.' && sc->s.p[at] != ',') || sc->s.p[at + 1] < '0' ||
        sc->s.p[at + 1] > '9') {
        return;
    }
    for (at++; at < sc->s.n && sc->s.p[at] >= '0' && sc->s.p[at] <= '9'; at++) {
        if (n < sizeof(m->fraction) - 1) {
            m->fraction[n++] = sc->s.p[at];
        }
    }
    while (n > 0 && m->fraction[n - 1] == '0') {
        n--;
    }
    m->fraction[n] = '\0';
    sc->at = at;
}

static bool take_time(struct scan *sc, struct moment *m)
{
    if (!take_number(sc, 1, 2, &m->hour) || !take_char(sc, ':') ||
        !take_number(sc, 1, 2, &m->minute) || !take_char(sc, ':') ||
        !take_number(sc, 1, 2, &m->second)) {
        return false;
    }
    take_fraction(sc, m);
    return m->hour < 24 && m->minute < 60 && m->second < 60;
}

static bool take_zone(struct scan *sc, struct moment *m)
{
    unsigned hours = 0;
    unsigned minutes = 0;
    if (take_char(sc, 'Z')) {
        return true;
    }
    bool minus = sc->at < sc->s.n && sc->s.p[sc->at] == '-';
    if (!take_char(sc, '-') && !take_char(sc, '+')) {
        return false;
    }
    if (!take_number(sc, 2, 2, &hours) || !take_char(sc, ':') || !take_number(sc, 2, 2, &minutes) ||
        hours > 24 || minutes >= 60) {
        return false;
    }
    m->offset_minutes = (int)(hours * 60 + minutes) * (minus ? -1 : 1);
    return true;
}

static void format_moment(const struct moment *m, char dst[VALUE_YAML_TIME_BYTES])
{
    char zone[16] = "Z";
    int offset = m->offset_minutes < 0 ? -m->offset_minutes : m->offset_minutes;
    if (offset != 0) {
        (void)snprintf(zone, sizeof(zone), "%c%02d:%02d", m->offset_minutes < 0 ? '-' : '+',
                       offset / 60, offset % 60);
    }
    (void)snprintf(dst, VALUE_YAML_TIME_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u%s%s%s", m->year,
                   m->month, m->day, m->hour, m->minute, m->second,
                   m->fraction[0] != '\0' ? "." : "", m->fraction, zone);
}

bool value_yaml_timestamp(struct str text, char ret_rfc3339[VALUE_YAML_TIME_BYTES])
{
    struct scan sc = {.s = text};
    struct moment m = {0};
    if (text.n < 8 || text.p[4] != '-' || !take_date(&sc, &m)) {
        return false;
    }
    if (sc.at < text.n) {
        bool ok = false;
        if (take_char(&sc, 'T') || take_char(&sc, 't')) {
            ok = take_time(&sc, &m) && take_zone(&sc, &m);
        } else if (take_char(&sc, ' ')) {
            while (take_char(&sc, ' ')) { /* Go's time.Parse takes any number */
            }
            ok = take_time(&sc, &m);
        }
        if (!ok || sc.at < text.n) {
            return false;
        }
    }
    format_moment(&m, ret_rfc3339);
    return true;
}

/* ---- numbers ---- */

/* [+-]digits of a base into ret; what int64_t cannot hold but uint64_t can is a UINT. */
static bool resolve_digits(struct str text, unsigned base, struct value_yaml_plain *ret)
{
    bool negative = text.n > 0 && text.p[0] == '-';
    bool sign = negative || (text.n > 0 && text.p[0] == '+');
    uint64_t v = 0;
    if (!num_digits(str_sub(text, sign, text.n), base, &v)) {
        return false;
    }
    if (v <= (uint64_t)INT64_MAX + negative) {
        *ret = (struct value_yaml_plain){.kind = VALUE_YAML_IS_INT,
                                         .i = negative ? (int64_t)(0 - v) : (int64_t)v};
        return true;
    }
    if (sign) { /* ParseUint takes no sign */
        return false;
    }
    *ret = (struct value_yaml_plain){.kind = VALUE_YAML_IS_UINT, .u = v};
    return true;
}

/* strconv.ParseInt(text, 0, 64): the prefix behind the sign tells the base. */
static bool resolve_int(struct str text, struct value_yaml_plain *ret)
{
    size_t sign = text.n > 0 && (text.p[0] == '-' || text.p[0] == '+') ? 1 : 0;
    unsigned base = 10;
    size_t prefix = 0;
    if (text.n > sign + 1 && text.p[sign] == '0') {
        char c = (char)(text.p[sign + 1] | 0x20);
        base = c == 'x' ? 16 : c == 'b' ? 2 : 8;
        prefix = c == 'x' || c == 'b' || c == 'o' ? 2 : 1;
    }
    if (base == 10) {
        return resolve_digits(text, 10, ret);
    }
    char local[80]; /* more digits than 64 bits need, even with leading zeros within reason */
    if (text.n - prefix >= sizeof(local)) {
        return false;
    }
    memcpy(local, text.p, sign);
    memcpy(local + sign, text.p + sign + prefix, text.n - sign - prefix);
    return resolve_digits(str_of(local, text.n - prefix), base, ret);
}

static bool resolve_float(struct str text, struct value_yaml_plain *ret)
{
    double f = 0;
    if (!num_parse_float(text, &f) || !isfinite(f)) {
        return false;
    }
    *ret = (struct value_yaml_plain){.kind = VALUE_YAML_IS_FLOAT, .f = f};
    return true;
}

/* go-yaml reads "0b-1" as -1: its second attempt strips the prefix and reads a signed number. */
static bool resolve_prefixed(struct str text, struct value_yaml_plain *ret)
{
    return str_cut_prefix(&text, STR("0b")) && text.n > 0 && text.p[0] == '-' &&
           resolve_digits(text, 2, ret);
}

enum { NUMBER_MAX_BYTES = 512 };

/* Copies text without underscores; 0 when it is too long for a number. */
static size_t strip_underscores(struct str text, char dst[NUMBER_MAX_BYTES])
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '_') {
            continue;
        }
        if (n == NUMBER_MAX_BYTES) {
            return 0;
        }
        dst[n++] = text.p[i];
    }
    return n;
}

/* Go allows underscores between digits only where nothing strips them first. */
static bool underscores_between_digits(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '_') {
            continue;
        }
        if (i == 0 || i + 1 == text.n || text.p[i - 1] < '0' || text.p[i - 1] > '9' ||
            text.p[i + 1] < '0' || text.p[i + 1] > '9') {
            return false;
        }
    }
    return true;
}

static void resolve_number(struct str text, struct value_yaml_plain *ret)
{
    char stripped[NUMBER_MAX_BYTES];
    char time[VALUE_YAML_TIME_BYTES];
    if (text.p[0] != '.' && value_yaml_timestamp(text, time)) {
        ret->kind = VALUE_YAML_IS_TIMESTAMP;
        return;
    }
    if (text.p[0] == '.' && !underscores_between_digits(text)) {
        return;
    }
    if (memchr(text.p, '_', text.n) != NULL) {
        text = str_of(stripped, strip_underscores(text, stripped));
    }
    if (text.n == 0 || (text.p[0] != '.' && resolve_int(text, ret)) || resolve_float(text, ret)) {
        return;
    }
    (void)resolve_prefixed(text, ret); /* else it stays a string */
}

/* ---- entry points ---- */

static bool starts_number(unsigned char c)
{
    return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

static bool may_start_word(unsigned char c)
{
    switch (c) {
    case 'y':
    case 'Y':
    case 'n':
    case 'N':
    case 't':
    case 'T':
    case 'f':
    case 'F':
    case 'o':
    case 'O':
    case '~':
        return true;
    default:
        return false;
    }
}

bool value_yaml_may_resolve(struct str text)
{
    if (text.n == 0) {
        return true;
    }
    unsigned char c = (unsigned char)text.p[0];
    return starts_number(c) || (text.n <= WORD_MAX_BYTES && may_start_word(c));
}

void value_yaml_resolve_plain(struct str text,
                              enum value_yaml_schema schema,
                              struct value_yaml_plain *ret)
{
    *ret = (struct value_yaml_plain){.kind = VALUE_YAML_IS_STR};
    if (text.n == 0) {
        ret->kind = VALUE_YAML_IS_NULL;
        return;
    }
    if (!value_yaml_may_resolve(text) || resolve_word(text, schema, ret)) {
        return;
    }
    if (starts_number((unsigned char)text.p[0])) {
        resolve_number(text, ret);
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Behind the digits and underscores at `at`. */
static size_t digits_end(struct str text, size_t at)
{
    while (at < text.n && (is_digit(text.p[at]) || text.p[at] == '_')) {
        at++;
    }
    return at;
}

/* [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)? */
bool value_yaml_is_base60(struct str text)
{
    size_t at = text.n > 0 && (text.p[0] == '-' || text.p[0] == '+') ? 1 : 0;
    if (at == text.n || !is_digit(text.p[at])) {
        return false;
    }
    struct scan sc = {.s = text, .at = digits_end(text, at)};
    size_t n_parts = 0;
    while (take_char(&sc, ':')) {
        unsigned v = 0;
        if (!take_number(&sc, 1, 2, &v) || v > 59) {
            return false;
        }
        n_parts++;
    }
    if (take_char(&sc, '.')) {
        sc.at = digits_end(text, sc.at);
    }
    return n_parts > 0 && sc.at == text.n;
}
