/* Formats of the network: addresses, host names, e-mail, URIs. Words are those of santhosh-tekuri/jsonschema and, where
 * it asks Go's packages, of those. */
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/utf8.h"
#include "engine/helm/schema_check_internal.h"
#include "engine/template/tval.h"

enum {
    HOSTNAME_BYTES = 253,
    LABEL_BYTES = 63,
    EMAIL_BYTES = 254,
    LOCAL_BYTES = 64,
    IP6_BYTES = 16,
};

static struct str quoted(struct arena *arena, struct str s)
{
    struct buf out;
    buf_init(&out, LIMIT_MIB);
    tval_quote(&out, s);
    struct str text = buf_to_arena(&out, arena);
    buf_done(&out);
    return text;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* ---- net/netip ---- */

struct ip {
    struct arena *arena;
    struct str text;
    struct err *err;
};

static int bad_ip(const struct ip *ip, const char *why, struct str at)
{
    struct str whole = quoted(ip->arena, ip->text);
    if (at.n == 0) {
        return err_set(ip->err, ERR_INVALID, "ParseAddr(" STR_FMT "): %s", STR_ARG(whole), why);
    }
    struct str place = quoted(ip->arena, at);
    return err_set(ip->err, ERR_INVALID, "ParseAddr(" STR_FMT "): %s (at " STR_FMT ")",
                   STR_ARG(whole), why, STR_ARG(place));
}

static int check_ip4(const struct ip *ip, struct str s)
{
    unsigned value = 0;
    unsigned n_digits = 0;
    unsigned n_dots = 0;
    for (size_t i = 0; i < s.n; i++) {
        struct str rest = str_sub(s, i, s.n);
        if (s.p[i] == '.') {
            if (i == 0 || i + 1 == s.n || s.p[i - 1] == '.') {
                return bad_ip(ip, "IPv4 field must have at least one digit", rest);
            }
            if (n_dots == 3) {
                return bad_ip(ip, "IPv4 address too long", STR_EMPTY);
            }
            n_dots++;
            value = n_digits = 0;
            continue;
        }
        if (!is_digit(s.p[i])) {
            return bad_ip(ip, "unexpected character", rest);
        }
        if (n_digits == 1 && value == 0) {
            return bad_ip(ip, "IPv4 field has octet with leading zero", STR_EMPTY);
        }
        value = value * 10 + (unsigned)(s.p[i] - '0');
        n_digits++;
        if (value > UINT8_MAX) {
            return bad_ip(ip, "IPv4 field has value >255", STR_EMPTY);
        }
    }
    return n_dots < 3 ? bad_ip(ip, "IPv4 address too short", STR_EMPTY) : 0;
}

static size_t hex_digits(struct str s)
{
    size_t n = 0;
    while (n < s.n && (is_digit(s.p[n]) || ((s.p[n] | 0x20) >= 'a' && (s.p[n] | 0x20) <= 'f'))) {
        n++;
    }
    return n;
}

/* One group of hexadecimal digits at the start of *s; bytes counts what it is worth. */
static int take_group(const struct ip *ip, struct str *s, size_t *bytes, bool has_gap)
{
    size_t n = hex_digits(*s);
    if (n > 4) {
        return bad_ip(ip, "each group must have 4 or less digits", *s);
    }
    if (n == 0) {
        return bad_ip(ip, "each colon-separated field must have at least one digit", *s);
    }
    if (n < s->n && s->p[n] == '.') {
        if (!has_gap && *bytes != IP6_BYTES - 4) {
            return bad_ip(
                ip, "embedded IPv4 address must replace the final 2 fields of the address", *s);
        }
        if (*bytes + 4 > IP6_BYTES) {
            return bad_ip(
                ip, "too many hex fields to fit an embedded IPv4 at the end of the address", *s);
        }
        TRY(check_ip4(ip, *s));
        *bytes += 4;
        *s = STR_EMPTY;
        return 0;
    }
    *bytes += 2;
    *s = str_sub(*s, n, s->n);
    return 0;
}

/* The colon behind a group, and a second one that makes it the gap. */
static int take_colons(const struct ip *ip, struct str *s, bool *has_gap)
{
    if (s->p[0] != ':') {
        return bad_ip(ip, "unexpected character, want colon", *s);
    }
    if (s->n == 1) {
        return bad_ip(ip, "colon must be followed by more characters", *s);
    }
    *s = str_sub(*s, 1, s->n);
    if (s->p[0] == ':') {
        if (*has_gap) {
            return bad_ip(ip, "multiple :: in address", *s);
        }
        *has_gap = true;
        *s = str_sub(*s, 1, s->n);
    }
    return 0;
}

static int check_ip6(const struct ip *ip)
{
    struct str s = ip->text;
    size_t zone = str_find_char(s, '%');
    if (zone != STR_NONE && zone + 1 == s.n) {
        return bad_ip(ip, "zone must be a non-empty string", STR_EMPTY);
    }
    s = zone == STR_NONE ? s : str_sub(s, 0, zone);
    bool has_gap = str_cut_prefix(&s, STR("::"));
    size_t bytes = 0;
    if (has_gap && s.n == 0) {
        return 0;
    }
    while (bytes < IP6_BYTES) {
        TRY(take_group(ip, &s, &bytes, has_gap));
        if (s.n == 0) {
            break;
        }
        TRY(take_colons(ip, &s, &has_gap));
        if (s.n == 0) {
            break;
        }
    }
    if (s.n > 0) {
        return bad_ip(ip, "trailing garbage after address", s);
    }
    if (bytes < IP6_BYTES) {
        return has_gap ? 0 : bad_ip(ip, "address string too short", STR_EMPTY);
    }
    return has_gap ? bad_ip(ip, "the :: must expand to at least one field of zeros", STR_EMPTY) : 0;
}

int schema_ip_check(struct arena *arena, struct str s, struct err *err)
{
    struct ip ip = {.arena = arena, .text = s, .err = err};
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '.':
            return check_ip4(&ip, s);
        case ':':
            return check_ip6(&ip);
        case '%':
            return bad_ip(&ip, "missing IPv6 address", STR_EMPTY);
        default:
            break;
        }
    }
    return bad_ip(&ip, "unable to parse IP", STR_EMPTY);
}

/* ---- addresses ---- */

/* strconv.Atoi; INT64_MIN and an error when it fails. */
static int64_t parse_decimal(struct arena *arena, struct str s, struct err *err)
{
    uint64_t n = 0;
    struct str digits = s;
    bool negative = str_cut_prefix(&digits, STR("-"));
    if (!negative) {
        (void)str_cut_prefix(&digits, STR("+"));
    }
    bool ok = digits.n > 0;
    bool fits = true;
    for (size_t i = 0; i < digits.n && ok; i++) {
        ok = is_digit(digits.p[i]);
        fits = fits && n <= INT64_MAX / 10; /* then the digit fits too, as an uint64_t */
        n = fits ? n * 10 + (uint64_t)(ok ? digits.p[i] - '0' : 0) : n;
    }
    fits = fits && n <= INT64_MAX;
    if (ok && fits) {
        return negative ? -(int64_t)n : (int64_t)n;
    }
    struct str text = quoted(arena, s);
    (void)err_set(err, ERR_INVALID, "strconv.Atoi: parsing " STR_FMT ": %s", STR_ARG(text),
                  ok ? "value out of range" : "invalid syntax");
    return INT64_MIN;
}

int schema_format_ipv4(struct arena *arena, struct str s, struct err *err)
{
    struct str rest = s;
    struct str group;
    size_t n = 0;
    while (str_next(&rest, '.', &group)) {
        n++;
    }
    if (n != 4) {
        return err_set(err, ERR_INVALID, "expected four decimals");
    }
    rest = s;
    while (str_next(&rest, '.', &group)) {
        if (group.n > 1 && group.p[0] == '0') {
            return err_set(err, ERR_INVALID, "leading zeros");
        }
        int64_t value = parse_decimal(arena, group, err);
        if (value == INT64_MIN) {
            return -(int)ERR_INVALID;
        }
        if (value < 0 || value > UINT8_MAX) {
            return err_set(err, ERR_INVALID, "decimal must be between 0 and 255");
        }
    }
    return 0;
}

int schema_format_ipv6(struct arena *arena, struct str s, struct err *err)
{
    if (str_find_char(s, ':') == STR_NONE) {
        return err_set(err, ERR_INVALID, "missing colon");
    }
    TRY(schema_ip_check(arena, s, err));
    if (str_find_char(s, '%') != STR_NONE) {
        return err_set(err, ERR_INVALID, "zone id is not a part of ipv6 address");
    }
    return 0;
}

/* ---- names ---- */

static int bad_char(struct arena *arena, uint32_t c, struct err *err)
{
    struct str shown = schema_format_char(arena, c);
    return err_set(err, ERR_INVALID, "invalid character " STR_FMT, STR_ARG(shown));
}

int schema_format_hostname(struct arena *arena, struct str s, struct err *err)
{
    struct str label;
    (void)str_cut_suffix(&s, STR("."));
    if (s.n > HOSTNAME_BYTES) {
        return err_set(err, ERR_INVALID, "more than 253 characters long");
    }
    while (str_next(&s, '.', &label)) {
        if (label.n < 1 || label.n > LABEL_BYTES) {
            return err_set(err, ERR_INVALID, "label must be 1 to 63 characters long");
        }
        if (label.p[0] == '-' || label.p[label.n - 1] == '-') {
            return err_set(err, ERR_INVALID, "label %s with hyphen",
                           label.p[0] == '-' ? "starts" : "ends");
        }
        for (size_t i = 0; i < label.n;) {
            uint32_t c = utf8_next(label, &i);
            if (!is_alnum(c) && c != '-') {
                return bad_char(arena, c, err);
            }
        }
    }
    return 0;
}

static int check_local(struct arena *arena, struct str local, struct err *err)
{
    if (local.n > 1 && local.p[0] == '"' && local.p[local.n - 1] == '"') {
        local = str_sub(local, 1, local.n - 1);
        bool is_bad =
            str_find_char(local, '\\') != STR_NONE || str_find_char(local, '"') != STR_NONE;
        return is_bad ? err_set(err, ERR_INVALID,
                                "backslash and quote are not allowed within quoted local part")
                      : 0;
    }
    if (str_starts_with(local, STR("."))) {
        return err_set(err, ERR_INVALID, "starts with dot");
    }
    if (str_ends_with(local, STR("."))) {
        return err_set(err, ERR_INVALID, "ends with dot");
    }
    if (str_find(local, STR("..")) != STR_NONE) {
        return err_set(err, ERR_INVALID, "consecutive dots");
    }
    for (size_t i = 0; i < local.n;) {
        uint32_t c = utf8_next(local, &i);
        bool is_mark = c != 0 && c < 0x80 && strchr(".!#$%&'*+-/=?^_`{|}~", (int)c) != NULL;
        if (!is_alnum(c) && !is_mark) {
            return bad_char(arena, c, err);
        }
    }
    return 0;
}

static int check_domain(struct arena *arena, struct str domain, struct err *err)
{
    struct err why;
    if (str_starts_with(domain, STR("[")) && str_ends_with(domain, STR("]"))) {
        struct str ip = str_sub(domain, 1, domain.n - 1);
        bool is_ip6 = str_cut_prefix(&ip, STR("IPv6:"));
        int rc = is_ip6 ? schema_format_ipv6(arena, ip, &why) : schema_format_ipv4(arena, ip, &why);
        return rc == 0 ? 0
                       : err_set(err, ERR_INVALID, "invalid ipv%c address: %s", is_ip6 ? '6' : '4',
                                 why.message);
    }
    if (schema_format_hostname(arena, domain, &why) < 0) {
        return err_set(err, ERR_INVALID, "invalid domain: %s", why.message);
    }
    return 0;
}

int schema_format_email(struct arena *arena, struct str s, struct err *err)
{
    size_t at = str_rfind_char(s, '@');
    if (s.n > EMAIL_BYTES) {
        return err_set(err, ERR_INVALID, "more than 255 characters long");
    }
    if (at == STR_NONE) {
        return err_set(err, ERR_INVALID, "missing @");
    }
    if (at > LOCAL_BYTES) {
        return err_set(err, ERR_INVALID, "local part more than 64 characters long");
    }
    TRY(check_local(arena, str_sub(s, 0, at), err));
    return check_domain(arena, str_sub(s, at + 1, s.n), err);
}

/* ---- URIs ---- */

/* What the library demands beyond net/url: addresses with colons are in brackets, and have no zone. */
static int check_uri(struct arena *arena, struct str s, struct err *err)
{
    struct err why;
    TRY(schema_url_check(arena, s, err));
    struct str host = schema_url_hostname(s);
    bool has_brackets = str_cut_prefix(&host, STR("["));
    (void)str_cut_suffix(&host, STR("]"));
    if (str_find_char(host, ':') == STR_NONE) {
        return 0;
    }
    if (!has_brackets) {
        return err_set(err, ERR_INVALID, "ipv6 address not enclosed in brackets");
    }
    if (schema_format_ipv6(arena, host, &why) < 0) {
        return err_set(err, ERR_INVALID, "invalid ipv6 address: %s", why.message);
    }
    return 0;
}

int schema_format_uri(struct arena *arena, struct str s, struct err *err)
{
    TRY(check_uri(arena, s, err));
    return schema_url_is_absolute(s) ? 0 : err_set(err, ERR_INVALID, "relative url");
}

int schema_format_uri_reference(struct arena *arena, struct str s, struct err *err)
{
    if (str_find_char(s, '\\') != STR_NONE) {
        return err_set(err, ERR_INVALID, "contains \\");
    }
    return check_uri(arena, s, err);
}

/* Braces that match, in every step of the path. */
int schema_format_uri_template(struct arena *arena, struct str s, struct err *err)
{
    struct str step;
    TRY(check_uri(arena, s, err));
    struct str path = schema_url_path(s);
    while (str_next(&path, '/', &step)) {
        bool is_open = false;
        for (size_t i = 0; i < step.n; i++) {
            if (step.p[i] != '{' && step.p[i] != '}') {
                continue;
            }
            if (is_open == (step.p[i] == '{')) {
                return err_set(err, ERR_INVALID, "nested curly braces");
            }
            is_open = !is_open;
        }
        if (is_open) {
            return err_set(err, ERR_INVALID, "no matching closing brace");
        }
    }
    return 0;
}
