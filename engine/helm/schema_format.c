/* The formats, and the short ones among them. */
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/utf8.h"
#include "common/regex/regex.h"
#include "engine/helm/schema_check_internal.h"
#include "engine/template/tval.h"

struct schema_format {
    const char *name;
    int (*check)(struct arena *arena, struct str s, struct err *err);
};

struct str schema_format_char(struct arena *arena, uint32_t rune)
{
    struct buf one;
    struct buf out;
    buf_init(&one, UTF8_MAX_BYTES + 1);
    buf_init(&out, LIMIT_KIB);
    utf8_put(&one, rune);
    tval_quote(&out, buf_str(&one));
    struct str text = str_sub(buf_str(&out), 1, out.n - 1);
    if (rune == '"') {
        text = STR("\"");
    } else if (rune == '\'') {
        text = STR("\\'");
    }
    text = arena_printf(arena, "'" STR_FMT "'", STR_ARG(text));
    buf_done(&one);
    buf_done(&out);
    return text;
}

static int check_json_pointer(struct arena *arena UNUSED, struct str s, struct err *err)
{
    if (s.n > 0 && s.p[0] != '/') {
        return err_set(err, ERR_INVALID, "not starting with /");
    }
    for (size_t i = 0; i < s.n; i++) {
        char next = i + 1 < s.n ? s.p[i + 1] : '\0';
        if (s.p[i] == '~' && next != '0' && next != '1') {
            return err_set(err, ERR_INVALID, "~ must be followed by 0 or 1");
        }
    }
    return 0;
}

static int check_relative_json_pointer(struct arena *arena, struct str s, struct err *err)
{
    size_t n = 0;
    while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9') {
        n++;
    }
    if (n == 0) {
        return err_set(err, ERR_INVALID, "must start with non-negative integer");
    }
    if (n > 1 && s.p[0] == '0') {
        return err_set(err, ERR_INVALID, "starts with zero");
    }
    s = str_sub(s, n, s.n);
    return str_eq_c(s, "#") ? 0 : check_json_pointer(arena, s, err);
}

static int check_uuid(struct arena *arena, struct str s, struct err *err)
{
    static const size_t GROUPS[] = {8, 4, 4, 4, 12};
    struct str group;
    struct str rest = s;
    size_t n = 0;
    while (str_next(&rest, '-', &group)) {
        n++;
    }
    if (n != ARRAY_LEN(GROUPS)) {
        return err_set(err, ERR_INVALID, "must have %zu elements", ARRAY_LEN(GROUPS));
    }
    for (size_t i = 0; str_next(&s, '-', &group); i++) {
        if (group.n != GROUPS[i]) {
            return err_set(err, ERR_INVALID, "element %zu must be %zu characters long", i + 1,
                           GROUPS[i]);
        }
        for (size_t at = 0; at < group.n;) {
            uint32_t c = utf8_next(group, &at);
            uint32_t letter = c | 0x20;
            if ((c < '0' || c > '9') && (letter < 'a' || letter > 'f')) {
                struct str shown = schema_format_char(arena, c);
                return err_set(err, ERR_INVALID, "non-hex character " STR_FMT, STR_ARG(shown));
            }
        }
    }
    return 0;
}

static int check_regex(struct arena *arena, struct str s, struct err *err)
{
    struct regex *regex;
    struct err why;
    if (regex_compile(arena, s, &regex, &why) == 0) {
        return 0;
    }
    return err_set(err, ERR_INVALID, "%s", why.message);
}

/* ---- semver ---- */

/* Identifiers between dots, of letters, digits and '-'. */
static int check_identifiers(
    struct arena *arena, struct str s, const char *what, bool is_build, struct err *err)
{
    struct str id;
    while (str_next(&s, '.', &id)) {
        bool is_number = true;
        if (id.n == 0) {
            return err_set(err, ERR_INVALID, "%s identifier is empty", what);
        }
        for (size_t i = 0; i < id.n;) {
            uint32_t c = utf8_next(id, &i);
            uint32_t letter = c | 0x20;
            bool is_digit = c >= '0' && c <= '9';
            is_number = is_number && is_digit;
            if (!is_digit && c != '-' && (letter < 'a' || letter > 'z')) {
                struct str shown = schema_format_char(arena, c);
                return err_set(err, ERR_INVALID, "invalid character " STR_FMT " in %s identifier",
                               STR_ARG(shown), what);
            }
        }
        if (!is_build && is_number && id.n > 1 && id.p[0] == '0') {
            return err_set(err, ERR_INVALID, "pre-release numeric identifier starts with zero");
        }
    }
    return 0;
}

static int check_core(struct str s, struct err *err)
{
    static const char *const NAMES[] = {"major", "minor", "patch"};
    struct str part;
    struct str rest = s;
    size_t n = 0;
    while (str_next(&rest, '.', &part)) {
        n++;
    }
    if (n != ARRAY_LEN(NAMES)) {
        return err_set(err, ERR_INVALID, "versionCore must have 3 numbers separated by dot");
    }
    for (size_t i = 0; str_next(&s, '.', &part); i++) {
        if (part.n == 0) {
            return err_set(err, ERR_INVALID, "%s is empty", NAMES[i]);
        }
        if (part.n > 1 && part.p[0] == '0') {
            return err_set(err, ERR_INVALID, "%s starts with zero", NAMES[i]);
        }
        for (size_t at = 0; at < part.n; at++) {
            if (part.p[at] < '0' || part.p[at] > '9') {
                return err_set(err, ERR_INVALID, "%s contains non-digit", NAMES[i]);
            }
        }
    }
    return 0;
}

static int check_semver(struct arena *arena, struct str s, struct err *err)
{
    struct str before;
    struct str behind;
    if (str_cut(s, '+', &before, &behind)) {
        if (behind.n == 0) {
            return err_set(err, ERR_INVALID, "build is empty");
        }
        TRY(check_identifiers(arena, behind, "build", true, err));
        s = before;
    }
    if (str_cut(s, '-', &before, &behind)) {
        TRY(check_identifiers(arena, behind, "pre-release", false, err));
        s = before;
    }
    return check_core(s, err);
}

/* ---- all ---- */

static const struct schema_format FORMATS[] = {
    {"date", schema_format_date},
    {"date-time", schema_format_date_time},
    {"duration", schema_format_duration},
    {"email", schema_format_email},
    {"hostname", schema_format_hostname},
    {"ipv4", schema_format_ipv4},
    {"ipv6", schema_format_ipv6},
    {"iri", schema_format_uri},
    {"iri-reference", schema_format_uri_reference},
    {"json-pointer", check_json_pointer},
    {"period", schema_format_period},
    {"regex", check_regex},
    {"relative-json-pointer", check_relative_json_pointer},
    {"semver", check_semver},
    {"time", schema_format_time},
    {"uri", schema_format_uri},
    {"uri-reference", schema_format_uri_reference},
    {"uri-template", schema_format_uri_template},
    {"uuid", check_uuid},
};

const struct schema_format *schema_format_find(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(FORMATS); i++) {
        if (str_eq_c(name, FORMATS[i].name)) {
            return &FORMATS[i];
        }
    }
    return NULL;
}

struct str schema_format_name(const struct schema_format *format)
{
    return str_from(format->name);
}

int schema_format_check(const struct schema_format *format,
                        struct arena *arena,
                        struct str s,
                        struct err *err)
{
    return format->check(arena, s, err);
}
