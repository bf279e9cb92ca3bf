/* URLs: taking apart, putting together, escaping (RFC 3986), query strings as HTML forms write them.
 *
 * Parts keep their escapes, except user and password; url_path_segments() decodes a path only after
 * splitting it. Results live in the caller's arena. Pure; any thread. It does not look names up and
 * does not know which schemes a caller allows. */
#include "common/net/url.h"

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/vec.h"

/* --- characters ------------------------------------------------------------------------------ */

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_unreserved(char c)
{
    return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static int hex_value(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

static struct str to_lower(struct arena *arena, struct str s)
{
    char *p = arena_bytes(arena, s.n + 1);
    for (size_t i = 0; i < s.n; i++) {
        p[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + ('a' - 'A') : s.p[i]);
    }
    p[s.n] = '\0';
    return str_of(p, s.n);
}

/* --- escaping -------------------------------------------------------------------------------- */

static void escape(struct buf *dst, struct str s, char also)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (is_unreserved(c) || (also != '\0' && c == also)) {
            buf_put_char(dst, c);
            continue;
        }
        const char text[3] = {'%', hex[(unsigned char)c >> 4], hex[(unsigned char)c & 15]};
        buf_put_bytes(dst, text, sizeof(text));
    }
}

void url_escape(struct buf *dst, struct str s)
{
    escape(dst, s, '\0');
}

void url_escape_path(struct buf *dst, struct str s)
{
    escape(dst, s, '/');
}

enum plus { PLUS_STAYS, PLUS_IS_BLANK };

static int
unescape(struct arena *arena, struct str s, enum plus plus, struct str *ret, struct err *err)
{
    char *p = arena_bytes(arena, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '%') {
            p[n++] = (char)(plus == PLUS_IS_BLANK && s.p[i] == '+' ? ' ' : s.p[i]);
            continue;
        }
        int high = i + 2 < s.n ? hex_value(s.p[i + 1]) : -1;
        int low = i + 2 < s.n ? hex_value(s.p[i + 2]) : -1;
        if (high < 0 || low < 0) {
            return err_set(err, ERR_INVALID, "invalid URL escape '" STR_FMT "'",
                           STR_ARG(str_sub(s, i, i + 3)));
        }
        if (high == 0 && low == 0) {
            return err_set(err, ERR_INVALID, "invalid URL escape '%%00'");
        }
        p[n++] = (char)(high << 4 | low);
        i += 2;
    }
    p[n] = '\0';
    *ret = str_of(p, n);
    return 0;
}

int url_unescape(struct arena *arena, struct str s, struct str *ret, struct err *err)
{
    return unescape(arena, s, PLUS_STAYS, ret, err);
}

/* --- parsing --------------------------------------------------------------------------------- */

static int parse_port(struct str text, uint16_t *ret, struct err *err)
{
    uint32_t port = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (!is_digit(text.p[i]) || port > UINT16_MAX) {
            return err_set(err, ERR_INVALID, "invalid port '" STR_FMT "' in URL", STR_ARG(text));
        }
        port = port * 10 + (uint32_t)(text.p[i] - '0');
    }
    if (port > UINT16_MAX || (text.n > 0 && port == 0)) {
        return err_set(err, ERR_INVALID, "invalid port '" STR_FMT "' in URL", STR_ARG(text));
    }
    *ret = (uint16_t)port;
    return 0;
}

static int check_host(struct str host, bool bracketed, struct err *err)
{
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        bool fits = bracketed ? hex_value(c) >= 0 || c == ':' || c == '.'
                              : is_unreserved(c) || (unsigned char)c >= 0x80;
        if (!fits) {
            return err_set(err, ERR_INVALID, "invalid character in URL host '" STR_FMT "'",
                           STR_ARG(host));
        }
    }
    return 0;
}

/* "host", "host:port", "[v6]:port" */
static int parse_host(struct arena *arena, struct str text, struct url *ret, struct err *err)
{
    struct str host = text;
    struct str port = STR_EMPTY;
    bool bracketed = text.n > 0 && text.p[0] == '[';
    if (bracketed) {
        size_t end = str_find_char(text, ']');
        if (end == STR_NONE || str_find_char(str_sub(text, 0, end), ':') == STR_NONE ||
            (end + 1 < text.n && text.p[end + 1] != ':')) {
            return err_set(err, ERR_INVALID, "invalid IPv6 address in URL host '" STR_FMT "'",
                           STR_ARG(text));
        }
        host = str_sub(text, 1, end);
        port = str_sub(text, end + 2, text.n);
    } else {
        (void)str_cut(text, ':', &host, &port); /* without ":" host is the text */
    }
    TRY(check_host(host, bracketed, err));
    ret->host = to_lower(arena, host);
    return parse_port(port, &ret->port, err);
}

static int parse_authority(struct arena *arena, struct str text, struct url *ret, struct err *err)
{
    size_t at = str_rfind_char(text, '@');
    if (at != STR_NONE) {
        struct str user;
        struct str password;
        bool has_password = str_cut(str_sub(text, 0, at), ':', &user, &password);
        if (url_unescape(arena, user, &ret->user, err) < 0 ||
            (has_password && url_unescape(arena, password, &ret->password, err) < 0)) {
            return err_set(err, ERR_INVALID, "invalid escape in the user part of the URL");
        }
        text = str_sub(text, at + 1, text.n);
    }
    return parse_host(arena, text, ret, err);
}

/* White space and control characters have no place in any part. */
static int check_bytes(struct str text, struct err *err)
{
    if (text.n > LIMIT_HTTP_URL_BYTES) {
        return err_set(err, ERR_LIMIT, "URL is longer than %zu bytes", LIMIT_HTTP_URL_BYTES);
    }
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] <= ' ' || text.p[i] == 0x7f) {
            return err_set(err, ERR_INVALID, "URL contains a blank or control character");
        }
    }
    return 0;
}

static void split_tail(struct arena *arena, struct str rest, struct url *ret)
{
    struct str tail;
    if (str_cut(rest, '#', &rest, &tail)) {
        ret->fragment = arena_str(arena, tail);
    }
    if (str_cut(rest, '?', &rest, &tail)) {
        ret->query = arena_str(arena, tail);
    }
    ret->path = arena_str(arena, rest);
}

/* Length of "scheme" in "scheme:...", 0 when there is none. */
static size_t scheme_length(struct str text)
{
    size_t n = 0;
    while (n < text.n &&
           (is_alpha(text.p[n]) || (n > 0 && (is_digit(text.p[n]) || text.p[n] == '+' ||
                                              text.p[n] == '-' || text.p[n] == '.')))) {
        n++;
    }
    return n < text.n && text.p[n] == ':' ? n : 0;
}

int url_parse(struct arena *arena, struct str text, struct url *ret, struct err *err)
{
    TRY(check_bytes(text, err));
    size_t n = scheme_length(text);
    if (n == 0 || !str_starts_with(str_sub(text, n, text.n), STR("://"))) {
        return err_set(err, ERR_INVALID, "URL has no scheme such as https://");
    }
    struct url url = {.scheme = to_lower(arena, str_sub(text, 0, n))};
    struct str rest = str_sub(text, n + 3, text.n);
    size_t end = 0;
    while (end < rest.n && strchr("/?#", rest.p[end]) == NULL) {
        end++;
    }
    TRY(parse_authority(arena, str_sub(rest, 0, end), &url, err));
    if (url.host.n == 0 && !str_eq_c(url.scheme, "file")) {
        return err_set(err, ERR_INVALID, "URL has no host");
    }
    split_tail(arena, str_sub(rest, end, rest.n), &url);
    *ret = url;
    return 0;
}

/* A path that is no URL's: characters with a meaning in URLs are escaped. */
static struct str path_from_text(struct arena *arena, struct str text, const char *special)
{
    AUTO(buf) struct buf escaped;
    buf_init(&escaped, 3 * text.n + 1);
    if (text.n == 0 || text.p[0] != '/') {
        buf_put_char(&escaped, '/');
    }
    for (size_t i = 0; i < text.n; i++) {
        if (strchr(special, text.p[i]) != NULL) {
            url_escape(&escaped, str_sub(text, i, i + 1));
        } else {
            buf_put_char(&escaped, text.p[i]);
        }
    }
    return buf_to_arena(&escaped, arena);
}

int url_parse_git(struct arena *arena, struct str text, struct url *ret, struct err *err)
{
    TRY(check_bytes(text, err));
    size_t n = scheme_length(text);
    if (n > 0 && str_starts_with(str_sub(text, n, text.n), STR("://"))) {
        return url_parse(arena, text, ret, err);
    }
    if (text.n > 0 && text.p[0] == '/') {
        *ret = (struct url){
            .scheme = STR("file"), .host = STR_EMPTY, .path = path_from_text(arena, text, "%?#")};
        return 0;
    }
    /* user@host:path, where no "/" may stand before the colon */
    struct str authority;
    struct str path;
    if (!str_cut(text, ':', &authority, &path) || str_find_char(authority, '/') != STR_NONE) {
        return err_set(err, ERR_INVALID, "not a repository URL: neither scheme:// nor host:path");
    }
    struct url url = {.scheme = STR("ssh")};
    TRY(parse_authority(arena, authority, &url, err));
    if (url.host.n == 0 || path.n == 0) {
        return err_set(err, ERR_INVALID, "repository URL has no host or no path");
    }
    /* "%20" goes to the server as it is: some hosts want it so */
    url.path = path_from_text(arena, path, "?#");
    *ret = url;
    return 0;
}

/* --- resolving a reference ------------------------------------------------------------------- */

/* RFC 3986 section 5.2.4 on a path that begins with "/". */
static struct str remove_dots(struct arena *arena, struct str path)
{
    char *out = arena_bytes(arena, path.n + 2);
    size_t n = 0;
    struct str rest = str_sub(path, 1, path.n);
    struct str part;
    while (str_next(&rest, '/', &part)) {
        bool last = rest.p == NULL;
        bool up = str_eq_c(part, "..");
        if (up) {
            while (n > 0 && out[--n] != '/') {
            }
        }
        if (!up && !str_eq_c(part, ".")) {
            out[n++] = '/';
            memcpy(out + n, part.p, part.n);
            n += part.n;
        } else if (last) {
            out[n++] = '/';
        }
    }
    out[n] = '\0';
    return str_of(out, n);
}

/* The reference's path put in place of the base's last segment. */
static struct str merge_path(struct arena *arena, const struct url *base, struct str path)
{
    if (path.n > 0 && path.p[0] == '/') {
        return remove_dots(arena, path);
    }
    size_t slash = str_rfind_char(base->path, '/');
    struct str folder = slash == STR_NONE ? STR("/") : str_sub(base->path, 0, slash + 1);
    return remove_dots(arena, arena_printf(arena, STR_FMT STR_FMT, STR_ARG(folder), STR_ARG(path)));
}

int url_resolve(struct arena *arena,
                const struct url *base,
                struct str reference,
                struct url *ret,
                struct err *err)
{
    TRY(check_bytes(reference, err));
    if (scheme_length(reference) > 0) {
        return url_parse(arena, reference, ret, err);
    }
    if (str_starts_with(reference, STR("//"))) {
        struct str whole =
            arena_printf(arena, STR_FMT ":" STR_FMT, STR_ARG(base->scheme), STR_ARG(reference));
        return url_parse(arena, whole, ret, err);
    }
    struct url part = {0};
    split_tail(arena, reference, &part);
    struct url url = *base;
    if (part.path.n > 0) {
        url.path = merge_path(arena, base, part.path);
    }
    if (part.path.n > 0 || part.query.p != NULL) {
        url.query = part.query;
    }
    url.fragment = part.fragment;
    *ret = url;
    return 0;
}

/* --- formatting ------------------------------------------------------------------------------ */

static void format_tail(const struct url *url, struct buf *dst)
{
    bool v6 = str_find_char(url->host, ':') != STR_NONE;
    buf_put_c(dst, v6 ? "[" : "");
    buf_put(dst, url->host);
    buf_put_c(dst, v6 ? "]" : "");
    if (url->port != 0) {
        buf_printf(dst, ":%u", url->port);
    }
    buf_put(dst, url->path);
    if (url->query.p != NULL) {
        buf_put_char(dst, '?');
        buf_put(dst, url->query);
    }
    if (url->fragment.p != NULL) {
        buf_put_char(dst, '#');
        buf_put(dst, url->fragment);
    }
}

/* NULL says that a part is not there. */
static struct str copy_part(struct arena *arena, struct str part)
{
    return part.p != NULL ? arena_str(arena, part) : part;
}

void url_copy(struct arena *arena, const struct url *url, struct url *ret)
{
    *ret = (struct url){
        .scheme = copy_part(arena, url->scheme),
        .user = copy_part(arena, url->user),
        .password = copy_part(arena, url->password),
        .host = copy_part(arena, url->host),
        .port = url->port,
        .path = copy_part(arena, url->path),
        .query = copy_part(arena, url->query),
        .fragment = copy_part(arena, url->fragment),
    };
}

void url_format(const struct url *url, struct buf *dst)
{
    buf_put(dst, url->scheme);
    buf_put_c(dst, "://");
    if (url->user.p != NULL) {
        url_escape(dst, url->user);
        if (url->password.p != NULL) {
            buf_put_char(dst, ':');
            url_escape(dst, url->password);
        }
        buf_put_char(dst, '@');
    }
    format_tail(url, dst);
}

void url_format_public(const struct url *url, struct buf *dst)
{
    buf_put(dst, url->scheme);
    buf_put_c(dst, "://");
    format_tail(url, dst);
}

uint16_t url_port(const struct url *url)
{
    static const struct {
        const char *scheme;
        uint16_t port;
    } rows[] = {
        {"http", 80}, {"https", 443}, {"ws", 80},   {"wss", 443},
        {"ssh", 22},  {"git", 9418},  {"oci", 443},
    };
    if (url->port != 0) {
        return url->port;
    }
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (str_eq_c(url->scheme, rows[i].scheme)) {
            return rows[i].port;
        }
    }
    return 0;
}

/* --- paths and queries ----------------------------------------------------------------------- */

int url_path_segments(struct arena *arena,
                      struct str path,
                      struct url_segments *ret,
                      struct err *err)
{
    VEC(struct str) segments = {0};
    struct str rest = path;
    (void)str_cut_prefix(&rest, STR("/")); /* a path without it is taken the same way */
    struct str part;
    while (rest.n > 0 || segments.n > 0) {
        if (!str_next(&rest, '/', &part)) {
            break;
        }
        struct str decoded;
        TRY(url_unescape(arena, part, &decoded, err));
        if (str_eq_c(decoded, ".") || str_eq_c(decoded, "..")) {
            return err_set(err, ERR_INVALID, "'.' and '..' are not allowed in a URL path");
        }
        vec_push_in(arena, &segments, decoded);
    }
    *ret = (struct url_segments){segments.items, segments.n};
    return 0;
}

int url_query_parse(struct arena *arena, struct str query, struct url_params *ret, struct err *err)
{
    VEC(struct url_param) params = {0};
    struct str rest = query;
    struct str part;
    while (rest.p != NULL && str_next(&rest, '&', &part)) {
        if (part.n == 0) {
            continue;
        }
        struct url_param param = {STR_EMPTY, STR_EMPTY};
        struct str value = STR_EMPTY;
        (void)str_cut(part, '=', &part, &value); /* without "=" the value is empty */
        TRY(unescape(arena, part, PLUS_IS_BLANK, &param.name, err));
        TRY(unescape(arena, value, PLUS_IS_BLANK, &param.value, err));
        vec_push_in(arena, &params, param);
    }
    *ret = (struct url_params){params.items, params.n};
    return 0;
}

struct str url_query_find(struct url_params params, struct str name)
{
    for (size_t i = 0; i < params.n; i++) {
        if (str_eq(params.items[i].name, name)) {
            return params.items[i].value;
        }
    }
    return str_of(NULL, 0);
}

void url_query_put(struct buf *dst, struct str name, struct str value)
{
    if (dst->n > 0 && dst->p[dst->n - 1] != '?') {
        buf_put_char(dst, '&');
    }
    url_escape(dst, name);
    buf_put_char(dst, '=');
    url_escape(dst, value);
}
