/* known_hosts: finding the lines of a host and comparing keys. */
#include "repo-server/git/known_hosts.h"

#include <stdbool.h>
#include <stdio.h>

#include "common/base/arena.h"
#include "common/base/b64.h"
#include "common/base/digest.h"

enum {
    SSH_PORT = 22,
    HOST_BYTES = 300, /* "[" DNS name "]:65535" */
};

/* One line taken apart; slices of the text. */
struct line {
    struct str marker; /* "@revoked", ...; "" = none */
    struct str hosts;
    struct str key; /* base64 */
};

/* The names a server goes by in the file. */
struct names {
    struct str plain;      /* "host", when the port is 22 */
    struct str with_port;  /* "[host]:port" */
    char text[HOST_BYTES]; /* of with_port */
};

static void make_names(struct names *n, struct str host, uint16_t port)
{
    int len = snprintf(n->text, sizeof(n->text), "[" STR_FMT "]:%u", STR_ARG(host), port);
    bool fits = len > 0 && (size_t)len < sizeof(n->text);
    n->with_port = fits ? str_of(n->text, (size_t)len) : STR_EMPTY;
    n->plain = port == SSH_PORT ? host : STR_EMPTY;
}

/* The next word of a line; empty at its end. */
static struct str next_word(struct str *rest)
{
    size_t i = 0;
    while (i < rest->n && (rest->p[i] == ' ' || rest->p[i] == '\t')) {
        i++;
    }
    size_t start = i;
    while (i < rest->n && rest->p[i] != ' ' && rest->p[i] != '\t' && rest->p[i] != '\r') {
        i++;
    }
    struct str word = str_sub(*rest, start, i);
    *rest = str_sub(*rest, i, rest->n);
    return word;
}

static bool parse_line(struct str text, struct line *ret)
{
    struct line l = {.marker = STR_EMPTY};
    struct str rest = text;
    struct str word = next_word(&rest);
    if (word.n == 0 || word.p[0] == '#') {
        return false;
    }
    if (word.p[0] == '@') {
        l.marker = word;
        word = next_word(&rest);
    }
    l.hosts = word;
    struct str type = next_word(&rest);
    l.key = next_word(&rest);
    *ret = l;
    return type.n > 0 && l.key.n > 0;
}

/* "|1|salt|hash": HMAC-SHA1 of the name with the salt as its key. */
static bool hashed_match(struct arena *arena, struct str field, struct str name)
{
    struct err ignored; /* a malformed line matches nothing */
    struct str salt_text;
    struct str hash_text;
    struct str salt;
    struct str hash;
    uint8_t mac[DIGEST_SHA1_BYTES];
    if (name.n == 0 || !str_cut_prefix(&field, STR("|1|")) ||
        !str_cut(field, '|', &salt_text, &hash_text) ||
        b64_decode(arena, salt_text, B64_STANDARD, &salt, &ignored) < 0 ||
        b64_decode(arena, hash_text, B64_STANDARD, &hash, &ignored) < 0) {
        return false;
    }
    digest_hmac_sha1(salt, name, mac);
    return str_eq(hash, str_of((const char *)mac, sizeof(mac)));
}

/* OpenSSH's patterns: "*" and "?" only, without regard to case; brackets stand for themselves. */
static bool pattern_match(struct str pattern, struct str name)
{
    size_t pi = 0;
    size_t ni = 0;
    size_t star = STR_NONE;
    size_t star_at = 0;
    while (ni < name.n) {
        bool more = pi < pattern.n;
        if (more && pattern.p[pi] == '*') {
            star = ++pi;
            star_at = ni;
        } else if (more && (pattern.p[pi] == '?' ||
                            str_eq_nocase(str_of(pattern.p + pi, 1), str_of(name.p + ni, 1)))) {
            pi++;
            ni++;
        } else if (star != STR_NONE) {
            pi = star;
            ni = ++star_at;
        } else {
            return false;
        }
    }
    while (pi < pattern.n && pattern.p[pi] == '*') {
        pi++;
    }
    return pi == pattern.n;
}

/* A list with commas; a pattern with "!" that matches takes the line out. */
static bool list_match(struct str list, struct str name)
{
    bool found = false;
    struct str rest = list;
    struct str pattern;
    while (name.n > 0 && str_next(&rest, ',', &pattern)) {
        bool negated = str_cut_prefix(&pattern, STR("!"));
        if (pattern.n > 0 && pattern_match(pattern, name)) {
            if (negated) {
                return false;
            }
            found = true;
        }
    }
    return found;
}

static bool line_is_for(struct arena *arena, const struct line *l, const struct names *names)
{
    if (l->hosts.p[0] == '|') {
        return hashed_match(arena, l->hosts, names->plain) ||
               hashed_match(arena, l->hosts, names->with_port);
    }
    return list_match(l->hosts, names->plain) || list_match(l->hosts, names->with_port);
}

static bool key_equal(struct arena *arena, struct str text, struct str key)
{
    struct err ignored; /* a malformed key equals none */
    struct str bytes;
    return b64_decode(arena, text, B64_STANDARD, &bytes, &ignored) == 0 && str_eq(bytes, key);
}

enum known_hosts_verdict
known_hosts_check(struct str text, struct str host, uint16_t port, struct str key)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct names names;
    make_names(&names, host, port);
    enum known_hosts_verdict verdict = KNOWN_HOSTS_UNKNOWN;
    struct str rest = text;
    struct str line_text;
    while (str_next(&rest, '\n', &line_text)) {
        struct line l;
        if (!parse_line(line_text, &l) || !line_is_for(arena, &l, &names)) {
            continue;
        }
        bool same = key_equal(arena, l.key, key);
        if (str_eq_c(l.marker, "@revoked") && same) {
            return KNOWN_HOSTS_REVOKED; /* wherever the line stands */
        }
        if (l.marker.n > 0) {
            continue;
        }
        if (same) {
            verdict = KNOWN_HOSTS_MATCH;
        } else if (verdict == KNOWN_HOSTS_UNKNOWN) {
            verdict = KNOWN_HOSTS_MISMATCH;
        }
    }
    return verdict;
}

void known_hosts_put_line(struct buf *dst, struct str host, uint16_t port, struct str key)
{
    /* the blob begins with the length (32 bits, big-endian) and name of its type */
    const unsigned char *p = (const unsigned char *)key.p;
    if (key.n < 4) {
        return;
    }
    size_t n = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | (size_t)p[3];
    if (n > key.n - 4 || n > 64) {
        return;
    }
    if (port == SSH_PORT) {
        buf_put(dst, host);
    } else {
        buf_printf(dst, "[" STR_FMT "]:%u", STR_ARG(host), port);
    }
    buf_put_char(dst, ' ');
    buf_put(dst, str_sub(key, 4, 4 + n));
    buf_put_char(dst, ' ');
    b64_encode(dst, key, B64_STANDARD);
}
