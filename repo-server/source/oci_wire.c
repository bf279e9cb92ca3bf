/* The distribution specification's texts, and Docker's token authentication. */
#include "repo-server/source/oci_wire.h"

#include <string.h>

#include "common/base/buf.h"
#include "common/base/digest.h"
#include "common/base/limits.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_json.h"

#define MEDIA_CONFIG "application/vnd.cncf.helm.config.v1+json"

/* The second is what Helm wrote before 3.7. */
static const char *const MEDIA_CHART[] = {
    "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
    "application/tar+gzip",
};

enum {
    TAG_BYTES_MAX = 128,
    NAME_BYTES_MAX = 255,
    TOKEN_LASTS_S = 60, /* without expires_in, as the token specification has it */
    TOKEN_LASTS_MAX_S = 3600,
};

/* ---- challenges ---- */

static bool is_token_char(char c)
{
    return http_header_is_token(str_of(&c, 1));
}

static void skip_blanks(struct str *rest)
{
    while (rest->n > 0 && (rest->p[0] == ' ' || rest->p[0] == '\t' || rest->p[0] == ',')) {
        *rest = str_sub(*rest, 1, rest->n);
    }
}

static struct str take_token(struct str *rest)
{
    size_t n = 0;
    while (n < rest->n && is_token_char(rest->p[n])) {
        n++;
    }
    struct str token = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, n, rest->n);
    return token;
}

/* A quoted string or a token; *rest is behind "=". */
static struct str take_param_value(struct arena *arena, struct str *rest)
{
    if (rest->n == 0 || rest->p[0] != '"') {
        return take_token(rest);
    }
    size_t end = 1;
    while (end < rest->n && rest->p[end] != '"') {
        end += rest->p[end] == '\\' ? 2 : 1;
    }
    struct str quoted = str_sub(*rest, 1, end);
    char *text = arena_bytes(arena, quoted.n + 1);
    size_t n = 0;
    for (size_t at = 0; at < quoted.n; at++) {
        at += quoted.p[at] == '\\' && at + 1 < quoted.n;
        text[n++] = quoted.p[at];
    }
    *rest = str_sub(*rest, end + 1, rest->n);
    return str_of(text, n);
}

static enum oci_scheme scheme_of(struct str name)
{
    return str_eq_nocase(name, STR("bearer"))  ? OCI_SCHEME_BEARER
           : str_eq_nocase(name, STR("basic")) ? OCI_SCHEME_BASIC
                                               : OCI_SCHEME_NONE;
}

static void put_param(struct oci_challenge *c, struct str name, struct str value)
{
    struct str *const slots[] = {&c->realm, &c->service, &c->scope};
    static const char *const NAMES[] = {"realm", "service", "scope"};
    for (size_t i = 0; i < ARRAY_LEN(slots); i++) {
        if (str_eq_nocase(name, str_from(NAMES[i]))) {
            *slots[i] = value;
        }
    }
}

static void take_best(struct oci_challenge *best, const struct oci_challenge *c)
{
    bool usable = c->scheme != OCI_SCHEME_BEARER || c->realm.n > 0;
    if (usable && c->scheme > best->scheme) {
        *best = *c;
    }
}

/* Schemes and their parameters are both separated by commas: a name is a parameter when "=" follows. */
static void read_challenges(struct arena *arena, struct str rest, struct oci_challenge *best)
{
    struct oci_challenge at = {0};
    skip_blanks(&rest);
    while (rest.n > 0) {
        struct str name = take_token(&rest);
        if (name.n == 0) {
            break; /* not the grammar: what came before stands */
        }
        if (rest.n > 0 && rest.p[0] == '=') {
            rest = str_sub(rest, 1, rest.n);
            put_param(&at, name, take_param_value(arena, &rest));
        } else {
            take_best(best, &at);
            at = (struct oci_challenge){.scheme = scheme_of(name)};
        }
        skip_blanks(&rest);
    }
    take_best(best, &at);
}

void oci_challenge_parse(struct arena *arena,
                         struct http_headers headers,
                         struct oci_challenge *ret)
{
    *ret = (struct oci_challenge){0};
    for (size_t i = 0; i < headers.n; i++) {
        if (str_eq_nocase(headers.items[i].name, STR("www-authenticate"))) {
            read_challenges(arena, headers.items[i].value, ret);
        }
    }
}

/* ---- paging ---- */

static bool is_next(struct str params)
{
    struct str param;
    while (str_next(&params, ';', &param)) {
        struct str name;
        struct str value;
        if (str_cut(param, '=', &name, &value) && str_eq_nocase(str_trim(name), STR("rel"))) {
            value = str_trim(value);
            (void)str_cut_prefix(&value, STR("\""));
            (void)str_cut_suffix(&value, STR("\""));
            return str_eq_nocase(value, STR("next"));
        }
    }
    return false;
}

struct str oci_link_next(struct http_headers headers)
{
    struct str rest = http_header_find(headers, STR("Link"));
    size_t open;
    while (rest.p != NULL && (open = str_find_char(rest, '<')) != STR_NONE) {
        size_t close = str_find_char(rest, '>');
        if (close == STR_NONE || close < open) {
            break;
        }
        struct str url = str_sub(rest, open + 1, close);
        rest = str_sub(rest, close + 1, rest.n);
        size_t end = str_find_char(rest, '<'); /* of the next link */
        if (is_next(str_trim(str_sub(rest, 0, end == STR_NONE ? rest.n : end)))) {
            return url;
        }
    }
    return str_of(NULL, 0);
}

/* ---- JSON ---- */

static int parse_json(struct arena *arena,
                      struct str json,
                      const char *what,
                      const struct value **ret,
                      struct err *err)
{
    struct value_json_opts opts = {.max_bytes = LIMIT_OCI_ANSWER_BYTES};
    TRY_IN(value_from_json(arena, json, &opts, ret, err), err, "%s", what);
    return 0;
}

int oci_token_parse(struct arena *arena, struct str json, struct oci_token *ret, struct err *err)
{
    const struct value *root;
    TRY(parse_json(arena, json, "answer with a token", &root, err));
    struct str token = value_dig_str(root, "token");
    if (token.n == 0) {
        token = value_dig_str(root, "access_token"); /* OAuth 2's name for it */
    }
    if (token.n == 0 || !http_header_is_value(token)) {
        return err_set(err, ERR_INVALID, "the answer has no usable token");
    }
    int64_t lasts = value_int(value_dig(root, "expires_in"), TOKEN_LASTS_S);
    lasts = MAX(lasts, (int64_t)0);
    *ret = (struct oci_token){token, MIN(lasts, (int64_t)TOKEN_LASTS_MAX_S)};
    return 0;
}

int oci_tags_parse(struct arena *arena, struct str json, struct oci_tags *ret, struct err *err)
{
    const struct value *root;
    TRY(parse_json(arena, json, "list of tags", &root, err));
    if (!value_is(root, VALUE_MAP)) {
        return err_set(err, ERR_INVALID, "the answer is no list of tags");
    }
    VEC(struct str) tags = {0};
    VALUE_FOREACH(value_dig(root, "tags"), tag) {
        if (oci_is_tag(value_str(tag))) {
            vec_push_in(arena, &tags, value_str(tag));
        }
    }
    *ret = (struct oci_tags){tags.items, tags.n};
    return 0;
}

static bool is_chart_layer(struct str media)
{
    for (size_t i = 0; i < ARRAY_LEN(MEDIA_CHART); i++) {
        if (str_eq_c(media, MEDIA_CHART[i])) {
            return true;
        }
    }
    return false;
}

int oci_manifest_parse(struct arena *arena,
                       struct str json,
                       struct oci_chart_layer *ret,
                       struct err *err)
{
    const struct value *root;
    TRY(parse_json(arena, json, "manifest", &root, err));
    struct str config = value_dig_str(root, "config", "mediaType");
    if (!str_eq_c(config, MEDIA_CONFIG)) {
        return err_set(err, ERR_INVALID,
                       "the manifest is not that of a Helm chart (config media type '" STR_FMT "')",
                       STR_ARG(str_sub(config, 0, NAME_BYTES_MAX)));
    }
    VALUE_FOREACH(value_dig(root, "layers"), layer) {
        if (!is_chart_layer(value_dig_str(layer, "mediaType"))) {
            continue; /* provenance and others */
        }
        struct str digest = value_dig_str(layer, "digest");
        int64_t size = value_int(value_dig(layer, "size"), -1);
        if (!oci_cut_digest(&digest) || size < 0) {
            return err_set(err, ERR_INVALID, "the manifest's chart has no SHA-256 or no size");
        }
        *ret = (struct oci_chart_layer){digest, size};
        return 0;
    }
    return err_set(err, ERR_INVALID, "the manifest has no chart");
}

struct str oci_error_text(struct arena *arena, struct str json)
{
    const struct value *root;
    struct err ignored;
    if (parse_json(arena, json, "error", &root, &ignored) < 0) {
        return STR_EMPTY;
    }
    return value_dig_str(value_at(value_dig(root, "errors"), 0), "message");
}

/* ---- names ---- */

static struct str replace(struct arena *arena, struct str s, char from, char to)
{
    char *text = arena_bytes(arena, s.n + 1);
    for (size_t i = 0; i < s.n; i++) {
        text[i] = s.p[i];
        if (text[i] == from) {
            text[i] = to;
        }
    }
    text[s.n] = '\0';
    return str_of(text, s.n);
}

struct str oci_tag_of(struct arena *arena, struct str version)
{
    return replace(arena, version, '+', '_');
}

struct str oci_version_of(struct arena *arena, struct str tag)
{
    return replace(arena, tag, '_', '+');
}

static bool is_digit_or_lower(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

bool oci_is_tag(struct str tag)
{
    for (size_t i = 0; i < tag.n; i++) {
        char c = tag.p[i];
        bool word = is_digit_or_lower(c) || (c >= 'A' && c <= 'Z') || c == '_';
        if (!word && (i == 0 || (c != '.' && c != '-'))) {
            return false;
        }
    }
    return tag.n > 0 && tag.n <= TAG_BYTES_MAX;
}

/* Words of letters and digits with ".", "_", "__" or any number of "-" between them. */
static bool is_name_part(struct str part)
{
    size_t at = 0;
    while (at < part.n && is_digit_or_lower(part.p[at])) {
        while (at < part.n && is_digit_or_lower(part.p[at])) {
            at++;
        }
        if (at == part.n) {
            return true;
        }
        char mark = part.p[at];
        size_t from = at;
        while (at < part.n && part.p[at] == mark) {
            at++;
        }
        size_t n = at - from;
        if (!((mark == '.' && n == 1) || (mark == '_' && n <= 2) || mark == '-')) {
            return false;
        }
    }
    return false;
}

bool oci_is_name(struct str name)
{
    struct str rest = name;
    struct str part;
    while (str_next(&rest, '/', &part)) {
        if (!is_name_part(part)) {
            return false;
        }
    }
    return name.n > 0 && name.n <= NAME_BYTES_MAX;
}

bool oci_cut_digest(struct str *digest)
{
    struct str hex = *digest;
    if (!str_cut_prefix(&hex, STR("sha256:")) || hex.n != DIGEST_SHA256_HEX_BYTES - 1) {
        return false;
    }
    for (size_t i = 0; i < hex.n; i++) {
        bool letter = hex.p[i] >= 'a' && hex.p[i] <= 'f';
        if (!letter && !(hex.p[i] >= '0' && hex.p[i] <= '9')) {
            return false;
        }
    }
    *digest = hex;
    return true;
}
