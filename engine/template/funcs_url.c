/* urlParse and urlJoin, with the parsing, escaping and messages of Go 1.26's net/url.
 *
 * common/net/url.h serves the network: it refuses more, and keeps what Go decodes. */
#include <arpa/inet.h>
#include <string.h>

#include "engine/template/func.h"
#include "engine/template/func_text.h"

/* Which part of a URL is escaped or not. */
enum part { PART_PATH, PART_HOST, PART_ZONE, PART_USER, PART_FRAGMENT };

struct go_url {
    struct str scheme;
    struct str opaque;
    struct str user;
    struct str password;
    bool has_user;
    bool has_password;
    struct str host;
    struct str path;
    struct str query;
    struct str fragment;
};

/* ---- escaping ---- */

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static unsigned unhex(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

static bool should_escape(char c, enum part part)
{
    static const char *const PLAIN[] = {
        [PART_PATH] = "$&+,/:;=@",          [PART_HOST] = "!\"$&'()*+,:;<=>[]",
        [PART_ZONE] = "!\"$&'()*+,:;<=>[]", [PART_USER] = "$&+,;=",
        [PART_FRAGMENT] = "!$&()*+,/:;=?@",
    };
    if (c == '\0') {
        return true;
    }
    bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return !alnum && strchr("-_.~", c) == NULL && strchr(PLAIN[part], c) == NULL;
}

static void put_escaped(struct buf *out, struct str s, enum part part)
{
    static const char DIGITS[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (should_escape(s.p[i], part)) {
            buf_put_char(out, '%');
            buf_put_char(out, DIGITS[c >> 4]);
            buf_put_char(out, DIGITS[c & 15]);
        } else {
            buf_put_char(out, s.p[i]);
        }
    }
}

static struct str quoted(struct tcall *call, struct str s)
{
    struct buf out;
    buf_init(&out, 4 * ERR_MESSAGE_BYTES);
    tval_quote(&out, str_sub(s, 0, ERR_MESSAGE_BYTES));
    struct str text = buf_to_arena(&out, call->arena);
    buf_done(&out);
    return text;
}

static int bad_escape(struct tcall *call, struct str s, struct err *err)
{
    struct str text = quoted(call, str_sub(s, 0, 3));
    return err_set(err, ERR_INVALID, "invalid URL escape " STR_FMT, STR_ARG(text));
}

/* Whether the escape at the start of s may stand in the part. */
static bool escape_allowed(struct str s, enum part part)
{
    if (s.n < 3 || !is_hex(s.p[1]) || !is_hex(s.p[2])) {
        return false;
    }
    bool percent = str_starts_with(s, STR("%25"));
    char value = (char)(unhex(s.p[1]) << 4 | unhex(s.p[2]));
    if (part == PART_HOST) {
        return percent || unhex(s.p[1]) >= 8;
    }
    if (part == PART_ZONE) {
        return percent || value == ' ' || !should_escape(value, PART_HOST);
    }
    return true;
}

static int
unescape(struct tcall *call, struct str s, enum part part, struct str *ret, struct err *err)
{
    char *dst = arena_bytes(call->arena, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool strict = part == PART_HOST || part == PART_ZONE;
        if (c == '%') {
            struct str rest = str_sub(s, i, s.n);
            if (!escape_allowed(rest, part)) {
                return bad_escape(call, rest, err);
            }
            c = (char)(unhex(rest.p[1]) << 4 | unhex(rest.p[2]));
            i += 2;
        } else if (strict && (unsigned char)c < 0x80 && should_escape(c, part)) {
            struct str text = quoted(call, str_sub(s, i, i + 1));
            return err_set(err, ERR_INVALID, "invalid character " STR_FMT " in host name",
                           STR_ARG(text));
        }
        dst[n++] = c;
    }
    *ret = str_of(dst, n);
    return 0;
}

/* ---- parsing ---- */

static bool is_optional_port(struct str s)
{
    for (size_t i = 1; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') {
            return false;
        }
    }
    return s.n == 0 || s.p[0] == ':';
}

static int bad_port(struct tcall *call, struct str port, struct err *err)
{
    struct str text = quoted(call, port);
    return err_set(err, ERR_INVALID, "invalid port " STR_FMT " after host", STR_ARG(text));
}

static int check_address(struct tcall *call, struct str host, struct err *err)
{
    struct in6_addr v6;
    struct in_addr v4;
    struct str address;
    struct str zone = STR_EMPTY;
    bool zoned = str_cut(host, '%', &address, &zone);
    const char *text = arena_printf(call->arena, STR_FMT, STR_ARG(address)).p;
    bool nul = address.n > 0 && memchr(address.p, '\0', address.n) != NULL;
    if (!zoned && !nul && inet_pton(AF_INET, text, &v4) == 1) {
        return err_set(err, ERR_INVALID, "invalid IP-literal");
    }
    if (nul || (zoned && zone.n == 0) || inet_pton(AF_INET6, text, &v6) != 1) {
        struct str shown = quoted(call, host);
        return err_set(err, ERR_INVALID, "invalid host: ParseAddr(" STR_FMT "): unable to parse IP",
                       STR_ARG(shown));
    }
    return 0;
}

/* "[::1%25eth0]:80" */
static int parse_literal(struct tcall *call, struct str s, struct str *ret, struct err *err)
{
    size_t close = str_rfind_char(s, ']');
    if (close == STR_NONE) {
        return err_set(err, ERR_INVALID, "missing ']' in host");
    }
    struct str port = str_sub(s, close + 1, s.n);
    if (!is_optional_port(port)) {
        return bad_port(call, port, err);
    }
    struct str name = str_sub(s, 1, close);
    struct str zone = STR_EMPTY;
    size_t mark = str_find(name, STR("%25"));
    if (mark != STR_NONE) {
        TRY(unescape(call, str_sub(name, mark, name.n), PART_ZONE, &zone, err));
        name = str_sub(name, 0, mark);
    }
    TRY(unescape(call, name, PART_HOST, &name, err));
    name = arena_printf(call->arena, STR_FMT STR_FMT, STR_ARG(name), STR_ARG(zone));
    TRY(check_address(call, name, err));
    *ret = arena_printf(call->arena, "[" STR_FMT "]" STR_FMT, STR_ARG(name), STR_ARG(port));
    return 0;
}

static int
parse_host(struct tcall *call, struct str scheme, struct str s, struct str *ret, struct err *err)
{
    size_t bracket = str_rfind_char(s, '[');
    if (bracket == 0) {
        return parse_literal(call, s, ret, err);
    }
    if (bracket != STR_NONE) {
        return err_set(err, ERR_INVALID, "invalid IP-literal");
    }
    bool web = str_eq(scheme, STR("http")) || str_eq(scheme, STR("https"));
    size_t colon = web ? str_find_char(s, ':') : str_rfind_char(s, ':');
    if (colon != STR_NONE && !is_optional_port(str_sub(s, colon, s.n))) {
        return bad_port(call, str_sub(s, colon, s.n), err);
    }
    return unescape(call, s, PART_HOST, ret, err);
}

static int parse_user(struct tcall *call, struct str s, struct go_url *u, struct err *err)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (should_escape(c, PART_USER) && (c == '\0' || strchr(":!'()*%@", c) == NULL)) {
            return err_set(err, ERR_INVALID, "net/url: invalid userinfo");
        }
    }
    struct str user;
    struct str password = STR_EMPTY;
    u->has_user = true;
    u->has_password = str_cut(s, ':', &user, &password);
    TRY(unescape(call, user, PART_USER, &u->user, err));
    return unescape(call, password, PART_USER, &u->password, err);
}

static int parse_authority(struct tcall *call, struct str s, struct go_url *u, struct err *err)
{
    size_t at = str_rfind_char(s, '@');
    struct str host = at == STR_NONE ? s : str_sub(s, at + 1, s.n);
    TRY(parse_host(call, u->scheme, host, &u->host, err));
    return at == STR_NONE ? 0 : parse_user(call, str_sub(s, 0, at), u, err);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Cuts "scheme:" off. */
static int take_scheme(struct tcall *call, struct str *s, struct str *ret, struct err *err)
{
    size_t n = 0;
    while (n < s->n && (is_letter(s->p[n]) ||
                        (n > 0 && s->p[n] != '\0' && strchr("0123456789+-.", s->p[n]) != NULL))) {
        n++;
    }
    *ret = STR_EMPTY;
    if (n == s->n || s->p[n] != ':') {
        return 0;
    }
    if (n == 0) {
        return err_set(err, ERR_INVALID, "missing protocol scheme");
    }
    char *scheme = arena_bytes(call->arena, n);
    for (size_t i = 0; i < n; i++) {
        scheme[i] = (char)(is_letter(s->p[i]) ? s->p[i] | 0x20 : s->p[i]);
    }
    *ret = str_of(scheme, n);
    *s = str_sub(*s, n + 1, s->n);
    return 0;
}

static bool has_control(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f) {
            return true;
        }
    }
    return false;
}

/* Behind the scheme and before the query. */
static int parse_hierarchy(struct tcall *call, struct str rest, struct go_url *u, struct err *err)
{
    struct str before;
    struct str after;
    if (!str_starts_with(rest, STR("/"))) {
        if (u->scheme.n > 0) {
            u->opaque = rest;
            return 0;
        }
        (void)str_cut(rest, '/', &before, &after); /* all of it without one */
        if (str_find_char(before, ':') != STR_NONE) {
            return err_set(err, ERR_INVALID, "first path segment in URL cannot contain colon");
        }
    }
    bool authority =
        str_starts_with(rest, STR("//")) && (u->scheme.n > 0 || !str_starts_with(rest, STR("///")));
    if (authority) {
        rest = str_sub(rest, 2, rest.n);
        size_t slash = str_find_char(rest, '/');
        TRY(parse_authority(call, str_sub(rest, 0, slash), u, err));
        rest = str_sub(rest, slash, rest.n);
    }
    return unescape(call, rest, PART_PATH, &u->path, err);
}

static int
parse_before_fragment(struct tcall *call, struct str s, struct go_url *u, struct err *err)
{
    if (has_control(s)) {
        return err_set(err, ERR_INVALID, "net/url: invalid control character in URL");
    }
    struct str rest = s;
    TRY(take_scheme(call, &rest, &u->scheme, err));
    struct str path;
    if (str_cut(rest, '?', &path, &u->query)) {
        rest = path;
    }
    return parse_hierarchy(call, rest, u, err);
}

static int parse(struct tcall *call, struct str s, struct go_url *ret, struct err *err)
{
    struct str before;
    struct str fragment = STR_EMPTY;
    struct str shown = s;
    (void)str_cut(s, '#', &before, &fragment); /* all of it without one */
    *ret = (struct go_url){.query = STR_EMPTY};
    int rc = parse_before_fragment(call, before, ret, err);
    if (rc < 0) {
        shown = before;
    } else {
        rc = unescape(call, fragment, PART_FRAGMENT, &ret->fragment, err);
    }
    if (rc < 0 && err->code == ERR_INVALID) {
        char message[ERR_MESSAGE_BYTES];
        memcpy(message, err->message, sizeof(message));
        shown = quoted(call, shown);
        return err_set(err, ERR_INVALID, "parse " STR_FMT ": %s", STR_ARG(shown), message);
    }
    return rc;
}

/* ---- the functions ---- */

static void put_userinfo(struct buf *out, const struct go_url *u)
{
    put_escaped(out, u->user, PART_USER);
    if (u->has_password) {
        buf_put_char(out, ':');
        put_escaped(out, u->password, PART_USER);
    }
}

/* Without port and brackets. */
static struct str hostname(struct str host)
{
    size_t colon = str_rfind_char(host, ':');
    if (colon != STR_NONE && is_optional_port(str_sub(host, colon, host.n))) {
        host.n = colon;
    }
    if (str_starts_with(host, STR("[")) && str_ends_with(host, STR("]"))) {
        host = str_sub(host, 1, host.n - 1);
    }
    return host;
}

static int url_parse_text(TFUNC_PARAMS)
{
    struct go_url u;
    struct buf userinfo;
    TRY(budget_bytes(call->budget, 4 * args[0].s.n + 64, err));
    int rc = parse(call, args[0].s, &u, err);
    if (rc < 0) {
        char message[ERR_MESSAGE_BYTES];
        memcpy(message, err->message, sizeof(message));
        return err_set(err, err->code, "unable to parse url: %s", message);
    }
    buf_init(&userinfo, 4 * args[0].s.n + 1);
    put_userinfo(&userinfo, &u);
    const struct {
        const char *key;
        struct str value;
    } rows[] = {
        {"scheme", u.scheme},
        {"host", u.host},
        {"hostname", hostname(u.host)},
        {"path", u.path},
        {"query", u.query},
        {"opaque", u.opaque},
        {"fragment", u.fragment},
        {"userinfo", buf_to_arena(&userinfo, call->arena)},
    };
    buf_done(&userinfo);
    struct tmap *map = tmap_new(call->arena, TVAL_OF_ANY, NULL, NULL);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tmap_set(map, str_from(rows[i].key), tval_str(rows[i].value));
    }
    *ret = tval_map(map);
    return 0;
}

/* A string of the dict; "" when it is not there. */
static int get_part(struct tmap *map, const char *key, struct str *ret, struct err *err)
{
    const struct tval *v = tmap_find(map, str_from(key));
    *ret = STR_EMPTY;
    if (v == NULL) {
        return 0;
    }
    if (v->kind == TVAL_NIL) {
        return err_set(err, ERR_INVALID,
                       "runtime error: invalid memory address or nil pointer dereference");
    }
    if (v->kind != TVAL_STRING) {
        return err_set(err, ERR_INVALID,
                       "unable to parse %s key, must be of type string, but %s found", key,
                       tval_kind_name(*v));
    }
    *ret = v->s;
    return 0;
}

static int get_userinfo(struct tcall *call, struct tmap *map, struct go_url *u, struct err *err)
{
    struct str text;
    TRY(get_part(map, "userinfo", &text, err));
    if (text.n == 0) {
        return 0;
    }
    struct go_url parsed;
    struct str url = arena_printf(call->arena, "proto://" STR_FMT "@host", STR_ARG(text));
    if (parse(call, url, &parsed, err) < 0) {
        char message[ERR_MESSAGE_BYTES];
        memcpy(message, err->message, sizeof(message));
        return err_set(err, err->code, "unable to parse userinfo in dict: %s", message);
    }
    u->user = parsed.user;
    u->password = parsed.password;
    u->has_user = parsed.has_user;
    u->has_password = parsed.has_password;
    return 0;
}

static void put_path(struct buf *out, const struct go_url *u)
{
    struct buf path;
    buf_init(&path, 3 * u->path.n + 1);
    put_escaped(&path, u->path, PART_PATH);
    if (str_eq(u->path, STR("*"))) {
        buf_reset(&path);
        buf_put_char(&path, '*');
    }
    if (path.n > 0 && path.p[0] != '/' && u->host.n > 0) {
        buf_put_char(out, '/');
    }
    struct str first;
    struct str rest;
    (void)str_cut(buf_str(&path), '/', &first, &rest); /* all of it without one */
    if (out->n == 0 && str_find_char(first, ':') != STR_NONE) {
        buf_put_c(out, "./"); /* or the colon would end a scheme */
    }
    buf_put(out, buf_str(&path));
    buf_done(&path);
}

static void put_url(struct buf *out, const struct go_url *u)
{
    if (u->scheme.n > 0) {
        buf_put(out, u->scheme);
        buf_put_char(out, ':');
    }
    if (u->opaque.n > 0) {
        buf_put(out, u->opaque);
    } else {
        bool authority = u->scheme.n > 0 || u->host.n > 0 || u->has_user;
        if (authority && (u->host.n > 0 || u->path.n > 0 || u->has_user)) {
            buf_put_c(out, "//");
        }
        if (u->has_user) {
            put_userinfo(out, u);
            buf_put_char(out, '@');
        }
        put_escaped(out, u->host, PART_HOST);
        put_path(out, u);
    }
    if (u->query.n > 0) {
        buf_put_char(out, '?');
        buf_put(out, u->query);
    }
    if (u->fragment.n > 0) {
        buf_put_char(out, '#');
        put_escaped(out, u->fragment, PART_FRAGMENT);
    }
}

static int url_join(TFUNC_PARAMS)
{
    struct tmap *map = args[0].map;
    struct go_url u = {0};
    TRY(get_part(map, "scheme", &u.scheme, err));
    TRY(get_part(map, "host", &u.host, err));
    TRY(get_part(map, "path", &u.path, err));
    TRY(get_part(map, "query", &u.query, err));
    TRY(get_part(map, "opaque", &u.opaque, err));
    TRY(get_part(map, "fragment", &u.fragment, err));
    TRY(get_userinfo(call, map, &u, err));
    struct buf out;
    func_text_init(&out);
    put_url(&out, &u);
    return func_text_return(call, &out, ret, err);
}

static const struct tfunc ROWS[] = {
    {"urlParse", "s", url_parse_text},
    {"urlJoin", "m", url_join},
};
const struct tfunc_table TFUNCS_URL = TFUNC_TABLE(ROWS);
