/* Header lists and the lexical rules of RFC 9110 that client and server share.
 *
 * Pure functions over borrowed text; no state, any thread. What headers mean is the business of
 * whoever reads them. */
#include "common/net/http_header.h"

#include "common/base/macro.h"

struct str http_header_find(struct http_headers headers, struct str name)
{
    for (size_t i = 0; i < headers.n; i++) {
        if (str_eq_nocase(headers.items[i].name, name)) {
            return headers.items[i].value;
        }
    }
    return str_of(NULL, 0);
}

/* The parameters of a list element refuse it: ";q=0", ";q=0.000". */
static bool has_zero_weight(struct str params)
{
    struct str part;
    while (str_next(&params, ';', &part)) {
        part = str_trim(part);
        if (!str_cut_prefix(&part, STR("q=")) && !str_cut_prefix(&part, STR("Q="))) {
            continue;
        }
        for (size_t i = 0; i < part.n; i++) {
            if (part.p[i] != '0' && part.p[i] != '.') {
                return false;
            }
        }
        return true;
    }
    return false;
}

bool http_header_has_token(struct str list, struct str token)
{
    struct str element;
    while (list.p != NULL && str_next(&list, ',', &element)) {
        struct str name;
        struct str params = STR_EMPTY;
        (void)str_cut(element, ';', &name, &params); /* without parameters name is the element */
        if (str_eq_nocase(str_trim(name), token)) {
            return !has_zero_weight(params);
        }
    }
    return false;
}

static bool is_token_char(unsigned char c)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c != '\0' && strchr(marks, c) != NULL);
}

bool http_header_is_token(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!is_token_char((unsigned char)s.p[i])) {
            return false;
        }
    }
    return s.n > 0;
}

bool http_header_is_value(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return true;
}

const char *http_header_reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } rows[] = {
        {100, "Continue"},
        {101, "Switching Protocols"},
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {206, "Partial Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {426, "Upgrade Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].status == status) {
            return rows[i].reason;
        }
    }
    return "";
}
