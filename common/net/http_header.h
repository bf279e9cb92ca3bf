/* struct http_headers: header fields of a message in the order they came, for client and server.
 *
 * Names compare without regard to case. Everything is borrowed from an arena or from the caller. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/str.h"

struct arena;
struct buf;

struct http_header {
    struct str name;
    struct str value;
};

struct http_headers {
    const struct http_header *items;
    size_t n;
};

/* Headers of an array literal: HTTP_HEADERS({STR("a"), value}, {STR("b"), other}). */
#define HTTP_HEADERS(...)                                                      \
    ((struct http_headers){(const struct http_header[]){__VA_ARGS__},          \
                           sizeof((const struct http_header[]){__VA_ARGS__}) / \
                               sizeof(struct http_header)})

/* The first value under the name; its p is NULL when there is none. */
struct str http_header_find(struct http_headers headers, struct str name);

/* Whether a comma-separated list of tokens ("gzip;q=0.5, br") has the token with a weight above 0;
 * "*" counts only for the token "*". */
bool http_header_has_token(struct str list, struct str token);

/* RFC 9110 token: what a method or a field name may be. */
bool http_header_is_token(struct str s);
/* No control characters but tab: what a field value may be. */
bool http_header_is_value(struct str s);

/* The standard reason phrase ("Not Found"), "" for an unknown status. */
const char *http_header_reason(int status);
