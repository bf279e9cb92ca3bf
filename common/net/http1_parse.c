/* HTTP/1.1 request heads and chunked bodies.
 *
 * Heads are parsed in one go once the blank line is there; chunked bodies incrementally. Bare line
 * feeds, folded headers, blanks before colons, several lengths, a length beside chunked and unknown
 * transfer codings are refused. Pure; any thread. */
#include "common/net/http1_parse.h"

#include <stdio.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/vec.h"

enum {
    HEAD_HEADERS = 256,              /* fields; browsers send about 20 */
    CHUNK_LINE_BYTES = 1024,         /* a size line with its extensions */
    CHUNK_TRAILER_BYTES = 16 * 1024, /* which are dropped */
};

PRINTF(4, 5)
static int refuse(struct err *err, int status, enum err_code code, const char *fmt, ...)
{
    va_list ap;
    char text[ERR_MESSAGE_BYTES];
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap); /* cut to size on purpose */
    va_end(ap);
    (void)err_set(err, code, "%s", text);
    err->system_code = status;
    return -(int)code;
}

/* --- heads ----------------------------------------------------------------------------------- */

int http1_head_length(struct str bytes, size_t seen, size_t *ret, struct err *err)
{
    size_t from = seen > 3 ? seen - 3 : 0;
    size_t at = str_find(str_sub(bytes, from, bytes.n), STR("\r\n\r\n"));
    size_t length = at == STR_NONE ? 0 : from + at + 4;
    if (MAX(length, at == STR_NONE ? bytes.n : 0) > LIMIT_HTTP_HEADER_BYTES) {
        bool in_line = str_find_char(str_sub(bytes, 0, LIMIT_HTTP_URL_BYTES), '\n') == STR_NONE;
        return refuse(err, in_line ? 414 : 431, ERR_LIMIT, "request head exceeds %zu bytes",
                      LIMIT_HTTP_HEADER_BYTES);
    }
    *ret = length;
    return 0;
}

static int parse_target(struct str target, struct http1_head *ret, struct err *err)
{
    if (target.n > LIMIT_HTTP_URL_BYTES) {
        return refuse(err, 414, ERR_LIMIT, "URL exceeds %zu bytes", LIMIT_HTTP_URL_BYTES);
    }
    for (size_t i = 0; i < target.n; i++) {
        if ((unsigned char)target.p[i] <= ' ' || target.p[i] == 0x7f || target.p[i] == '#') {
            return refuse(err, 400, ERR_INVALID, "invalid character in the request target");
        }
    }
    if (str_eq_c(target, "*") && str_eq_c(ret->method, "OPTIONS")) {
        ret->path = target;
        ret->query = str_of(NULL, 0);
        return 0;
    }
    /* absolute form: as to a proxy, but servers must take it too */
    size_t scheme = str_find(target, STR("://"));
    if (target.n > 0 && target.p[0] != '/' && scheme != STR_NONE) {
        struct str rest = str_sub(target, scheme + 3, target.n);
        size_t slash = str_find_char(rest, '/');
        target = slash == STR_NONE ? STR("/") : str_sub(rest, slash, rest.n);
    }
    if (target.n == 0 || target.p[0] != '/') {
        return refuse(err, 400, ERR_INVALID, "the request target is not a path");
    }
    if (!str_cut(target, '?', &ret->path, &ret->query)) {
        ret->query = str_of(NULL, 0);
    }
    return 0;
}

static int parse_request_line(struct str line, struct http1_head *ret, struct err *err)
{
    struct str rest;
    struct str target;
    struct str version;
    if (!str_cut(line, ' ', &ret->method, &rest) || !http_header_is_token(ret->method) ||
        !str_cut(rest, ' ', &target, &version)) {
        return refuse(err, 400, ERR_INVALID, "malformed request line");
    }
    if (!str_starts_with(version, STR("HTTP/")) || version.n != 8) {
        return refuse(err, 400, ERR_INVALID, "malformed HTTP version");
    }
    if (!str_eq_c(version, "HTTP/1.1") && !str_eq_c(version, "HTTP/1.0")) {
        return refuse(err, 505, ERR_UNSUPPORTED, "HTTP version not supported");
    }
    ret->minor = (unsigned)(version.p[7] - '0');
    return parse_target(target, ret, err);
}

static int parse_header(struct str line, struct http_header *ret, struct err *err)
{
    struct str value;
    if (!str_cut(line, ':', &ret->name, &value) || !http_header_is_token(ret->name)) {
        return refuse(err, 400, ERR_INVALID, "malformed header field");
    }
    ret->value = str_trim(value);
    if (!http_header_is_value(ret->value)) {
        return refuse(err, 400, ERR_INVALID, "invalid character in header '" STR_FMT "'",
                      STR_ARG(ret->name));
    }
    return 0;
}

static int parse_length(struct str text, uint64_t *ret, struct err *err)
{
    uint64_t length = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9' || length > UINT64_MAX / 100) {
            return refuse(err, 400, ERR_INVALID, "invalid Content-Length");
        }
        length = length * 10 + (uint64_t)(text.p[i] - '0');
    }
    if (text.n == 0) {
        return refuse(err, 400, ERR_INVALID, "invalid Content-Length");
    }
    *ret = length;
    return 0;
}

static size_t count(struct http_headers headers, struct str name)
{
    size_t n = 0;
    for (size_t i = 0; i < headers.n; i++) {
        n += str_eq_nocase(headers.items[i].name, name) ? 1 : 0;
    }
    return n;
}

static int parse_framing(struct http1_head *ret, struct err *err)
{
    size_t n_lengths = count(ret->headers, STR("Content-Length"));
    size_t n_codings = count(ret->headers, STR("Transfer-Encoding"));
    ret->framing = HTTP1_NO_BODY;
    if (n_lengths > 1 || n_lengths + n_codings > 1) {
        return refuse(err, 400, ERR_INVALID, "the length of the body is ambiguous");
    }
    if (n_codings == 1) {
        struct str coding = http_header_find(ret->headers, STR("Transfer-Encoding"));
        if (!str_eq_nocase(coding, STR("chunked"))) {
            return refuse(err, 501, ERR_UNSUPPORTED, "transfer coding not supported");
        }
        if (ret->minor == 0) {
            return refuse(err, 400, ERR_INVALID, "HTTP/1.0 has no transfer codings");
        }
        ret->framing = HTTP1_CHUNKED;
    }
    if (n_lengths == 1) {
        struct str length = http_header_find(ret->headers, STR("Content-Length"));
        TRY(parse_length(length, &ret->length, err));
        ret->framing = ret->length > 0 ? HTTP1_LENGTH : HTTP1_NO_BODY;
    }
    return 0;
}

static int parse_meaning(struct http1_head *ret, struct err *err)
{
    TRY(parse_framing(ret, err));
    size_t n_hosts = count(ret->headers, STR("Host"));
    if (n_hosts > 1 || (n_hosts == 0 && ret->minor == 1)) {
        return refuse(err, 400, ERR_INVALID, "exactly one Host header is needed");
    }
    ret->host = http_header_find(ret->headers, STR("Host"));
    struct str connection = http_header_find(ret->headers, STR("Connection"));
    ret->keep_alive = ret->minor == 1 ? !http_header_has_token(connection, STR("close"))
                                      : http_header_has_token(connection, STR("keep-alive"));
    struct str expect = http_header_find(ret->headers, STR("Expect"));
    ret->expect_continue = ret->minor == 1 && http_header_has_token(expect, STR("100-continue"));
    return 0;
}

/* One line without its CRLF; a CR or LF elsewhere is refused by the callers' character checks. */
static struct str next_line(struct str *rest)
{
    size_t at = str_find(*rest, STR("\r\n"));
    struct str line = str_sub(*rest, 0, at);
    *rest = str_sub(*rest, at + 2, rest->n);
    return line;
}

int http1_head_parse(struct arena *arena, struct str bytes, struct http1_head *ret, struct err *err)
{
    struct http1_head head = {0};
    VEC(struct http_header) headers = {0};
    struct str rest = arena_str(arena, str_sub(bytes, 0, bytes.n - 2)); /* the blank line's */
    TRY(parse_request_line(next_line(&rest), &head, err));
    while (rest.n > 0) {
        struct http_header header;
        TRY(parse_header(next_line(&rest), &header, err));
        if (headers.n == HEAD_HEADERS) {
            return refuse(err, 431, ERR_LIMIT, "more than %d header fields", HEAD_HEADERS);
        }
        vec_push_in(arena, &headers, header);
    }
    head.headers = (struct http_headers){headers.items, headers.n};
    TRY(parse_meaning(&head, err));
    *ret = head;
    return 0;
}

/* --- chunked bodies -------------------------------------------------------------------------- */

enum chunk_state {
    CHUNK_SIZE,      /* first digit of the size */
    CHUNK_DIGITS,    /* further digits */
    CHUNK_EXTENSION, /* to the end of the line, dropped */
    CHUNK_SIZE_LF,
    CHUNK_DATA,
    CHUNK_DATA_CR,
    CHUNK_DATA_LF,
    CHUNK_TRAILER,      /* at the beginning of a line */
    CHUNK_TRAILER_LINE, /* dropped */
    CHUNK_TRAILER_LF,
    CHUNK_END_LF,
};

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    char lower = (char)(c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c);
    const char *at = c != '\0' ? strchr(digits, lower) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

static int add_digit(struct http1_chunks *chunks, char c, struct err *err)
{
    int digit = hex_digit(c);
    if (digit < 0 || chunks->left > UINT64_MAX / 256) {
        return refuse(err, 400, ERR_INVALID, "malformed chunk size");
    }
    chunks->left = chunks->left * 16 + (uint64_t)digit;
    chunks->state = CHUNK_DIGITS;
    return 0;
}

static int expect(struct http1_chunks *chunks, char c, char want, int next, struct err *err)
{
    if (c != want) {
        return refuse(err, 400, ERR_INVALID, "malformed chunked body");
    }
    chunks->state = next;
    return 0;
}

static int in_size_line(struct http1_chunks *chunks, char c, struct err *err)
{
    if (c == '\r') {
        chunks->state = CHUNK_SIZE_LF;
        return 0;
    }
    if (c == '\n') {
        return refuse(err, 400, ERR_INVALID, "malformed chunk size");
    }
    if (chunks->state == CHUNK_EXTENSION) {
        return 0;
    }
    if (c == ';' || c == ' ' || c == '\t') {
        chunks->state = CHUNK_EXTENSION;
        return 0;
    }
    return add_digit(chunks, c, err);
}

/* Trailers and the end: 1 = the body is complete. */
static int in_trailer(struct http1_chunks *chunks, char c, struct err *err)
{
    if (chunks->state == CHUNK_END_LF) {
        TRY(expect(chunks, c, '\n', CHUNK_SIZE, err));
        return 1;
    }
    if (chunks->state == CHUNK_TRAILER_LF) {
        return expect(chunks, c, '\n', CHUNK_TRAILER, err);
    }
    int at_cr = chunks->state == CHUNK_TRAILER ? CHUNK_END_LF : CHUNK_TRAILER_LF;
    chunks->state = c == '\r' ? at_cr : CHUNK_TRAILER_LINE;
    return 0;
}

/* One byte that is not data: 1 = the body is complete. */
static int feed_byte(struct http1_chunks *chunks, char c, struct err *err)
{
    bool trailing = chunks->state >= CHUNK_TRAILER;
    if (++chunks->overhead > (trailing ? CHUNK_TRAILER_BYTES : CHUNK_LINE_BYTES)) {
        return refuse(err, 431, ERR_LIMIT, "chunk sizes or trailers are too long");
    }
    if (trailing) {
        return in_trailer(chunks, c, err);
    }
    switch (chunks->state) {
    case CHUNK_SIZE:
        chunks->left = 0;
        return add_digit(chunks, c, err);
    case CHUNK_SIZE_LF:
        chunks->overhead = 0;
        return expect(chunks, c, '\n', chunks->left > 0 ? CHUNK_DATA : CHUNK_TRAILER, err);
    case CHUNK_DATA_CR:
        return expect(chunks, c, '\r', CHUNK_DATA_LF, err);
    case CHUNK_DATA_LF:
        return expect(chunks, c, '\n', CHUNK_SIZE, err);
    default:
        return in_size_line(chunks, c, err);
    }
}

int http1_chunks_feed(struct http1_chunks *chunks, struct str *in, struct buf *dst, struct err *err)
{
    while (in->n > 0) {
        if (chunks->state == CHUNK_DATA) {
            size_t n = (size_t)MIN((uint64_t)in->n, chunks->left);
            buf_put(dst, str_sub(*in, 0, n));
            *in = str_sub(*in, n, in->n);
            chunks->left -= n;
            chunks->state = chunks->left == 0 ? CHUNK_DATA_CR : CHUNK_DATA;
            continue;
        }
        char c = in->p[0];
        *in = str_sub(*in, 1, in->n);
        int rc = feed_byte(chunks, c, err);
        if (rc != 0) {
            return rc;
        }
    }
    return 0;
}
