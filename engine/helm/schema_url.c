/* URLs of schemas as Go's net/url reads and joins them, and JSON pointers. Pure; any thread. */
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "engine/helm/schema_load_internal.h"
#include "engine/template/tval.h"

struct parts {
    struct str scheme;
    struct str opaque; /* of mailto:x: what has no path */
    struct str host;   /* user and port included */
    struct str path;
    struct str query; /* with its '?' */
    bool has_host;
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex_value(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
        return (c | 0x20) - 'a' + 10;
    }
    return -1;
}

void schema_url_split(struct str text, struct str *ret_url, struct str *ret_fragment)
{
    size_t at = str_find_char(text, '#');
    *ret_url = at == STR_NONE ? text : str_sub(text, 0, at);
    *ret_fragment = at == STR_NONE ? STR_EMPTY : str_sub(text, at + 1, text.n);
}

/* The length of what stands before ':'; 0 = no scheme, STR_NONE = a ':' without one. */
static size_t scheme_length(struct str url)
{
    for (size_t i = 0; i < url.n; i++) {
        char c = url.p[i];
        if (c == ':') {
            return i > 0 ? i : STR_NONE;
        }
        bool inner = is_digit(c) || c == '+' || c == '-' || c == '.';
        if (!is_letter(c) && (i == 0 || !inner)) {
            return 0;
        }
    }
    return 0;
}

static struct parts parse(struct str url)
{
    struct parts p = {.scheme = STR_EMPTY, .opaque = STR_EMPTY, .host = STR_EMPTY};
    size_t n = scheme_length(url);
    if (n != 0 && n != STR_NONE) {
        p.scheme = str_sub(url, 0, n);
        url = str_sub(url, n + 1, url.n);
    }
    size_t query = str_find_char(url, '?');
    p.query = query == STR_NONE ? STR_EMPTY : str_sub(url, query, url.n);
    url = query == STR_NONE ? url : str_sub(url, 0, query);
    if (p.scheme.n > 0 && url.n > 0 && url.p[0] != '/') {
        p.opaque = url;
        p.path = STR_EMPTY;
        return p;
    }
    if (str_cut_prefix(&url, STR("//"))) {
        size_t slash = str_find_char(url, '/');
        p.has_host = true;
        p.host = slash == STR_NONE ? url : str_sub(url, 0, slash);
        url = slash == STR_NONE ? STR_EMPTY : str_sub(url, slash, url.n);
    }
    p.path = url;
    return p;
}

bool schema_url_is_absolute(struct str url)
{
    return parse(url).scheme.n > 0;
}

struct str schema_url_hostname(struct str url)
{
    struct str fragment;
    schema_url_split(url, &url, &fragment);
    struct str host = parse(url).host;
    size_t at = str_rfind_char(host, '@');
    host = at == STR_NONE ? host : str_sub(host, at + 1, host.n);
    size_t colon = str_rfind_char(host, ':');
    bool is_port =
        colon != STR_NONE && str_find_char(str_sub(host, colon, host.n), ']') == STR_NONE;
    return is_port ? str_sub(host, 0, colon) : host;
}

struct str schema_url_path(struct str url)
{
    struct str fragment;
    schema_url_split(url, &url, &fragment);
    return parse(url).path;
}

/* ---- checking ---- */

static struct str quoted(struct arena *arena, struct str s)
{
    struct buf text;
    buf_init(&text, LIMIT_MIB);
    tval_quote(&text, s);
    struct str result = buf_to_arena(&text, arena);
    buf_done(&text);
    return result;
}

/* `what` comes behind in quotes; its p is NULL when there is none. */
static int
refuse(struct arena *arena, struct str url, const char *why, struct str what, struct err *err)
{
    struct str text = what.p != NULL ? quoted(arena, what) : STR_EMPTY;
    return err_set(err, ERR_INVALID, "parse " STR_FMT ": %s" STR_FMT, STR_ARG(quoted(arena, url)),
                   why, STR_ARG(text));
}

/* "invalid URL escape" for a % that two hexadecimal digits do not follow; in hosts, only what is not ASCII and % itself
 * may be escaped. */
static int
check_escapes(struct arena *arena, struct str url, struct str part, bool is_host, struct err *err)
{
    for (size_t i = 0; i < part.n; i++) {
        if (part.p[i] != '%') {
            continue;
        }
        struct str escape = str_sub(part, i, i + 3);
        int high = escape.n == 3 && hex_value(escape.p[2]) >= 0 ? hex_value(escape.p[1]) : -1;
        if (high < 0 || (is_host && high < 8 && !str_eq_c(escape, "%25"))) {
            return refuse(arena, url, "invalid URL escape ", escape, err);
        }
    }
    return 0;
}

/* The characters of a host. */
static int check_name(struct arena *arena, struct str url, struct str host, struct err *err)
{
    for (size_t i = 0; i < host.n; i++) {
        if (host.p[i] == '%') {
            TRY(check_escapes(arena, url, str_sub(host, i, i + 3), true, err));
        } else if (host.p[i] != '\0' && strchr(" \\^`{|}", host.p[i]) != NULL) {
            struct str c = quoted(arena, str_sub(host, i, i + 1));
            return err_set(err, ERR_INVALID,
                           "parse " STR_FMT ": invalid character " STR_FMT " in host name",
                           STR_ARG(quoted(arena, url)), STR_ARG(c));
        }
    }
    return 0;
}

static bool is_port(struct str s)
{
    bool ok = s.n == 0 || s.p[0] == ':';
    for (size_t i = 1; i < s.n; i++) {
        ok = ok && is_digit(s.p[i]);
    }
    return ok;
}

static int check_port(struct arena *arena, struct str url, struct str port, struct err *err)
{
    if (is_port(port)) {
        return 0;
    }
    return err_set(err, ERR_INVALID, "parse " STR_FMT ": invalid port " STR_FMT " after host",
                   STR_ARG(quoted(arena, url)), STR_ARG(quoted(arena, port)));
}

/* [::1]:80 */
static int check_ip_host(struct arena *arena, struct str url, struct str host, struct err *err)
{
    struct err why;
    size_t end = str_rfind_char(host, ']');
    if (end == STR_NONE) {
        return refuse(arena, url, "missing ']' in host", (struct str){NULL, 0}, err);
    }
    TRY(check_port(arena, url, str_sub(host, end + 1, host.n), err));
    TRY(check_name(arena, url, str_sub(host, 1, end), err));
    if (schema_ip_check(arena, str_sub(host, 1, end), &why) < 0) {
        return err_set(err, ERR_INVALID, "parse " STR_FMT ": invalid host: %s",
                       STR_ARG(quoted(arena, url)), why.message);
    }
    if (str_find_char(host, ':') == STR_NONE) {
        return refuse(arena, url, "invalid IP-literal", (struct str){NULL, 0}, err);
    }
    return 0;
}

static int check_user(struct arena *arena, struct str url, struct str host, struct err *err)
{
    size_t at = str_rfind_char(host, '@');
    struct str user = str_sub(host, 0, at == STR_NONE ? 0 : at);
    for (size_t i = 0; i < user.n; i++) {
        char c = user.p[i];
        if (!is_letter(c) && !is_digit(c) &&
            (c == '\0' || strchr("-._:~!$&'()*+,;=%@", c) == NULL)) {
            return refuse(arena, url, "net/url: invalid userinfo", (struct str){NULL, 0}, err);
        }
    }
    return check_escapes(arena, url, user, false, err);
}

static int check_host(struct arena *arena, struct str url, const struct parts *p, struct err *err)
{
    size_t at = str_rfind_char(p->host, '@');
    struct str host = at == STR_NONE ? p->host : str_sub(p->host, at + 1, p->host.n);
    size_t bracket = str_rfind_char(host, '[');
    if (bracket == 0) {
        return check_ip_host(arena, url, host, err);
    }
    if (bracket != STR_NONE) {
        return refuse(arena, url, "invalid IP-literal", (struct str){NULL, 0}, err);
    }
    bool is_http = str_eq_nocase(p->scheme, STR("http")) || str_eq_nocase(p->scheme, STR("https"));
    size_t colon = is_http ? str_find_char(host, ':') : str_rfind_char(host, ':');
    if (colon != STR_NONE) {
        TRY(check_port(arena, url, str_sub(host, colon, host.n), err));
    }
    return check_name(arena, url, host, err);
}

int schema_url_check(struct arena *arena, struct str text, struct err *err)
{
    struct str nothing = {NULL, 0};
    struct str url;
    struct str fragment;
    schema_url_split(text, &url, &fragment);
    for (size_t i = 0; i < url.n; i++) {
        if ((unsigned char)url.p[i] < ' ' || url.p[i] == 0x7f) {
            return refuse(arena, url, "net/url: invalid control character in URL", nothing, err);
        }
    }
    if (scheme_length(url) == STR_NONE) {
        return refuse(arena, url, "missing protocol scheme", nothing, err);
    }
    struct parts p = parse(url);
    struct str first = str_sub(p.path, 0, str_find_char(p.path, '/'));
    if (p.scheme.n == 0 && !p.has_host && str_find_char(first, ':') != STR_NONE) {
        return refuse(arena, url, "first path segment in URL cannot contain colon", nothing, err);
    }
    TRY(check_host(arena, url, &p, err));
    TRY(check_user(arena, url, p.host, err));
    TRY(check_escapes(arena, url, p.path, false, err));
    return check_escapes(arena, text, fragment, false, err);
}

/* ---- joining ---- */

/* RFC 3986, 5.2.4; a leading '/' is always there afterwards. */
static struct str without_dots(struct arena *arena, struct str path)
{
    if (path.n == 0) {
        return path;
    }
    char *out = arena_bytes(arena, path.n + 2);
    size_t n = 0;
    struct str rest = path;
    struct str step;
    bool ends_in_slash = false;
    (void)str_cut_prefix(&rest, STR("/"));
    while (str_next(&rest, '/', &step)) {
        bool is_last = rest.p == NULL;
        ends_in_slash = is_last && (str_eq_c(step, ".") || str_eq_c(step, ".."));
        if (str_eq_c(step, "..")) {
            while (n > 0 && out[--n] != '/') {
            }
        } else if (!str_eq_c(step, ".")) {
            out[n++] = '/';
            memcpy(out + n, step.p, step.n);
            n += step.n;
        }
    }
    if (ends_in_slash || n == 0) {
        out[n++] = '/';
    }
    return str_of(out, n);
}

static struct str join_paths(struct arena *arena, struct str base, struct str ref)
{
    size_t slash = str_rfind_char(base, '/');
    if (ref.n == 0) {
        return without_dots(arena, base);
    }
    if (ref.p[0] == '/' || slash == STR_NONE) {
        return without_dots(arena, ref);
    }
    struct str folder = str_sub(base, 0, slash + 1);
    return without_dots(arena, arena_printf(arena, STR_FMT STR_FMT, STR_ARG(folder), STR_ARG(ref)));
}

static struct str format(struct arena *arena, const struct parts *p)
{
    const char *colon = p->scheme.n > 0 ? ":" : "";
    if (p->opaque.n > 0) {
        return arena_printf(arena, STR_FMT "%s" STR_FMT STR_FMT, STR_ARG(p->scheme), colon,
                            STR_ARG(p->opaque), STR_ARG(p->query));
    }
    bool slashes = p->host.n > 0 || (p->scheme.n > 0 && p->path.n > 0);
    return arena_printf(arena, STR_FMT "%s%s" STR_FMT STR_FMT STR_FMT, STR_ARG(p->scheme), colon,
                        slashes ? "//" : "", STR_ARG(p->host), STR_ARG(p->path), STR_ARG(p->query));
}

struct str schema_url_join(struct arena *arena, struct str base, struct str ref)
{
    if (ref.n == 0) {
        return base;
    }
    struct parts b = parse(base);
    struct parts r = parse(ref);
    if (r.scheme.n > 0 || r.has_host) {
        r.scheme = r.scheme.n > 0 ? r.scheme : b.scheme;
        r.path = without_dots(arena, r.path);
        return format(arena, &r);
    }
    r.scheme = b.scheme;
    r.opaque = b.opaque;
    r.host = b.host;
    r.query = r.path.n == 0 && r.query.n == 0 ? b.query : r.query;
    r.path = join_paths(arena, b.path, r.path);
    return format(arena, &r);
}

/* ---- pointers ---- */

bool schema_url_decode(struct arena *arena, struct str text, struct str *ret)
{
    char *out = arena_bytes(arena, text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        out[n] = text.p[i];
        if (text.p[i] == '%') {
            int high = i + 2 < text.n ? hex_value(text.p[i + 1]) : -1;
            int low = i + 2 < text.n ? hex_value(text.p[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            out[n] = (char)(high * 16 + low);
            i += 2;
        }
        n++;
    }
    out[n] = '\0';
    *ret = str_of(out, n);
    return true;
}

/* What net/url's PathEscape leaves as it is, and '/'. */
static bool is_plain(char c)
{
    return is_letter(c) || is_digit(c) || (c != '\0' && strchr("-_.~$&+=:@/", c) != NULL);
}

struct str schema_url_with(struct arena *arena, struct str url, struct str pointer)
{
    struct buf out;
    buf_init(&out, 4 * (url.n + pointer.n) + 1);
    buf_put(&out, url);
    buf_put_char(&out, '#');
    for (size_t i = 0; i < pointer.n; i++) {
        if (is_plain(pointer.p[i])) {
            buf_put_char(&out, pointer.p[i]);
        } else {
            buf_printf(&out, "%%%02X", (unsigned)(unsigned char)pointer.p[i]);
        }
    }
    struct str text = buf_to_arena(&out, arena);
    buf_done(&out);
    return text;
}

struct str schema_pointer_add(struct arena *arena, struct str pointer, struct str step)
{
    char *out = arena_bytes(arena, pointer.n + 2 * step.n + 2);
    size_t n = pointer.n;
    if (n > 0) {
        memcpy(out, pointer.p, n);
    }
    out[n++] = '/';
    for (size_t i = 0; i < step.n; i++) {
        char c = step.p[i];
        if (c == '~' || c == '/') {
            out[n++] = '~';
            c = c == '~' ? '0' : '1';
        }
        out[n++] = c;
    }
    out[n] = '\0';
    return str_of(out, n);
}

struct str schema_pointer_add_index(struct arena *arena, struct str pointer, size_t i)
{
    return arena_printf(arena, STR_FMT "/%zu", STR_ARG(pointer), i);
}
