/* struct url: a URL taken apart, its parts still escaped; escaping and query strings.
 *
 * Takes absolute URLs of any scheme with an authority (http, https, ssh, git, oci, file) and, through
 * url_parse_git(), git's scp-like form. Escaped slashes stay escaped until a single segment is
 * decoded, so "https%3A%2F%2Fhost" remains one segment. Pure; any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;
struct buf;

struct url {
    struct str scheme;   /* lower case */
    struct str user;     /* unescaped; p is NULL without userinfo */
    struct str password; /* unescaped; p is NULL without ":" in the userinfo */
    struct str host;     /* lower case, IPv6 without brackets; may be empty for file */
    uint16_t port;       /* 0 = not given */
    struct str path;     /* escaped; empty or begins with "/" */
    struct str query;    /* escaped, without "?"; p is NULL when there is none */
    struct str fragment; /* escaped, without "#"; p is NULL when there is none */
};

/* Strings of the result are in the arena. ERR_INVALID (never shows the password), ERR_LIMIT. */
MUST_CHECK int url_parse(struct arena *arena, struct str text, struct url *ret, struct err *err);
/* As url_parse(), and "user@host:path" is read as "ssh://user@host/path", a path as "file:///path" ("?"
 * and "#" in them are escaped, in the latter "%" too). */
MUST_CHECK int
url_parse_git(struct arena *arena, struct str text, struct url *ret, struct err *err);
/* RFC 3986 section 5: `reference` ("charts/a.tgz", "/x", "//host/y", "https://...") against base. */
MUST_CHECK int url_resolve(struct arena *arena,
                           const struct url *base,
                           struct str reference,
                           struct url *ret,
                           struct err *err);

/* A copy with strings of its own. */
void url_copy(struct arena *arena, const struct url *url, struct url *ret);

void url_format(const struct url *url, struct buf *dst);
/* Without user and password: for logs and messages. */
void url_format_public(const struct url *url, struct buf *dst);
/* The given port or the scheme's own; 0 when unknown. */
uint16_t url_port(const struct url *url);

/* Everything but unreserved characters as %XX: safe as one path segment and in a query. */
void url_escape(struct buf *dst, struct str s);
/* As url_escape(), but "/" stays. */
void url_escape_path(struct buf *dst, struct str s);

/* %XX to bytes. ERR_INVALID for a broken escape or an encoded NUL. */
MUST_CHECK int url_unescape(struct arena *arena, struct str s, struct str *ret, struct err *err);

struct url_segments {
    const struct str *items;
    size_t n;
};
/* "/a/b%2Fc" -> {"a", "b/c"}; a trailing slash gives a last empty segment, "/" none.
 * ERR_INVALID for a broken escape, an encoded NUL and for "." and ".." (also escaped). */
MUST_CHECK int
url_path_segments(struct arena *arena, struct str path, struct url_segments *ret, struct err *err);

struct url_param {
    struct str name;
    struct str value;
};
struct url_params {
    const struct url_param *items;
    size_t n;
};
/* "a=1&b=x%20y&c" in order, "+" as blank, as HTML forms and Go's url.ParseQuery do. ERR_INVALID. */
MUST_CHECK int
url_query_parse(struct arena *arena, struct str query, struct url_params *ret, struct err *err);
/* The first value under the name; p is NULL when there is none. */
struct str url_query_find(struct url_params params, struct str name);
/* Append "name=value" escaped, with "&" before it unless the buffer is empty or ends in "?". */
void url_query_put(struct buf *dst, struct str name, struct str value);
