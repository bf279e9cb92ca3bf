/* Git URLs by kustomize's rules, which have grown over time: the scheme or a user marks a URL, markers ("_git/", "//", ".git")
 * or else two segments of the path end the repository. Pure. */
#include "engine/kustomize/krepo.h"

#include <ctype.h>

#include "common/base/clock.h"
#include "common/base/err.h"
#include "common/base/num.h"
#include "common/base/path.h"

enum { TIMEOUT_DEFAULT_MS = 27 * 1000, MS_PER_S = 1000 };

#define FILE_SCHEME "file://"
#define SSH_SCHEME  "ssh://"

static bool cut_prefix_nocase(struct str *s, struct str prefix)
{
    if (s->n < prefix.n || !str_eq_nocase(str_sub(*s, 0, prefix.n), prefix)) {
        return false;
    }
    *s = str_sub(*s, prefix.n, s->n);
    return true;
}

/* ---- query ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* False for a broken escape. */
static bool unescape(struct arena *arena, struct str in, struct str *ret)
{
    char *out = arena_bytes(arena, in.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < in.n; i++) {
        if (in.p[i] == '%') {
            int high = i + 2 < in.n ? hex_digit(in.p[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(in.p[i + 2]) : -1;
            if (low < 0) {
                return false;
            }
            out[n++] = (char)(high * 16 + low);
            i += 2;
        } else {
            out[n++] = in.p[i] == '+' ? ' ' : in.p[i];
        }
    }
    out[n] = '\0';
    *ret = str_of(out, n);
    return true;
}

struct query {
    struct str ref;
    struct str version;
    struct str timeout;
    struct str submodules;
};

/* The first of each name counts. False when Go could not read it: then nothing of it does. */
static bool query_parse(struct arena *arena, struct str text, struct query *ret)
{
    const struct {
        const char *name;
        struct str *to;
    } known[] = {
        {"ref", &ret->ref},
        {"version", &ret->version},
        {"timeout", &ret->timeout},
        {"submodules", &ret->submodules},
    };
    struct str rest = text;
    struct str pair;
    while (str_next(&rest, '&', &pair)) {
        struct str key;
        struct str value = STR_EMPTY;
        (void)str_cut(pair, '=', &key, &value); /* without "=" all of it is the key */
        if (str_find_char(pair, ';') != STR_NONE || !unescape(arena, key, &key) ||
            !unescape(arena, value, &value)) {
            return false;
        }
        for (size_t i = 0; i < ARRAY_LEN(known); i++) {
            if (str_eq_c(key, known[i].name) && known[i].to->p == NULL) {
                *known[i].to = value;
            }
        }
    }
    return true;
}

static int64_t timeout_ms(struct str text)
{
    int64_t n;
    struct err err;
    if (num_parse_int_range(text, 1, INT64_MAX / MS_PER_S, &n, &err) == 0) {
        return n * MS_PER_S;
    }
    if (clock_parse_duration(text, &n, &err) == 0 && n > 0) {
        return n;
    }
    return TIMEOUT_DEFAULT_MS;
}

static bool is_false(struct str text)
{
    static const char *const WORDS[] = {"0", "f", "F", "false", "False", "FALSE"};
    for (size_t i = 0; i < ARRAY_LEN(WORDS); i++) {
        if (str_eq_c(text, WORDS[i])) {
            return true;
        }
    }
    return false;
}

static void take_query(struct arena *arena, struct str text, struct krepo *repo)
{
    struct query query = {0};
    repo->timeout_ms = TIMEOUT_DEFAULT_MS;
    repo->submodules = true;
    if (!query_parse(arena, text, &query)) {
        return;
    }
    repo->ref = query.ref.n > 0 ? query.ref : query.version;
    repo->timeout_ms = timeout_ms(query.timeout);
    repo->submodules = !is_false(query.submodules);
}

/* ---- host ---- */

struct host {
    struct str scheme;
    struct str user; /* with its "@" */
    struct str name; /* up to and with the separator behind it */
};

static struct str cut_scheme(struct str *rest)
{
    static const struct str SCHEMES[] = {
        {SSH_SCHEME, 6}, {"https://", 8}, {"http://", 7}, {FILE_SCHEME, 7}};
    for (size_t i = 0; i < ARRAY_LEN(SCHEMES); i++) {
        if (cut_prefix_nocase(rest, SCHEMES[i])) {
            return SCHEMES[i];
        }
    }
    return STR_EMPTY;
}

/* "name@", where the name is letters, digits and dashes. */
static struct str cut_user(struct str *rest)
{
    size_t n = 0;
    while (n < rest->n && (isalnum((unsigned char)rest->p[n]) || (n > 0 && rest->p[n] == '-'))) {
        n++;
    }
    if (n == 0 || n >= rest->n || rest->p[n] != '@' || !isalpha((unsigned char)rest->p[0])) {
        return STR_EMPTY;
    }
    struct str user = str_sub(*rest, 0, n + 1);
    *rest = str_sub(*rest, n + 1, rest->n);
    return user;
}

static bool is_github(struct str rest)
{
    return cut_prefix_nocase(&rest, STR("github.com/")) ||
           cut_prefix_nocase(&rest, STR("github.com:"));
}

/* Without a scheme "host:path" is a URL too, as ssh writes it. */
static size_t find_path(struct str rest, bool may_be_scp)
{
    size_t slash = str_find_char(rest, '/');
    size_t colon = may_be_scp ? str_find_char(rest, ':') : STR_NONE;
    if (may_be_scp && (slash == STR_NONE || (colon != STR_NONE && colon > 0 && colon < slash))) {
        return colon;
    }
    return slash;
}

static bool cut_host(struct str *rest, struct host *ret)
{
    (void)cut_prefix_nocase(rest, STR("git::")); /* go-getter's, without meaning here */
    ret->scheme = cut_scheme(rest);
    struct str before_user = *rest;
    ret->user = cut_user(rest);
    bool github = is_github(*rest);
    bool may_be_scp = ret->scheme.n == 0 && (ret->user.n > 0 || github);
    if (ret->scheme.n == 0 && !may_be_scp) {
        return false;
    }
    if (str_eq_c(ret->scheme, FILE_SCHEME)) { /* all of it is a path */
        *rest = before_user;
        ret->user = ret->name = STR_EMPTY;
        return true;
    }
    size_t path = find_path(*rest, may_be_scp);
    ret->name = path == STR_NONE ? *rest : str_sub(*rest, 0, path + 1);
    *rest = path == STR_NONE ? STR_EMPTY : str_sub(*rest, path + 1, rest->n);
    if (github && (str_eq_c(ret->scheme, SSH_SCHEME) || ret->user.n > 0)) {
        *ret = (struct host){STR_EMPTY, ret->user, STR("github.com:")};
    } else if (github) {
        *ret = (struct host){STR("https://"), STR_EMPTY, STR("github.com/")};
    }
    return ret->name.n > 0;
}

/* ---- path ---- */

/* By a marker; false when there is none. */
static bool split_at_marker(struct str path, struct str *ret_repo, struct str *ret_dir)
{
    static const struct str GIT_DIR = {"_git/", 5};
    static const struct str GIT_SUFFIX = {".git", 4};
    size_t at = str_find(path, GIT_DIR);
    if (at != STR_NONE) { /* the segment behind it is the repository's name */
        size_t from = at + GIT_DIR.n;
        size_t slash = str_find_char(str_sub(path, from, path.n), '/');
        size_t end = slash == STR_NONE ? path.n : from + slash;
        *ret_repo = str_sub(path, 0, end);
        *ret_dir = str_sub(path, MIN(end + 1, path.n), path.n);
        return true;
    }
    at = str_find(path, STR("//"));
    if (at != STR_NONE) {
        *ret_repo = str_sub(path, 0, at);
        *ret_dir = str_sub(path, at + 2, path.n);
        return true;
    }
    at = str_find(path, GIT_SUFFIX);
    if (at != STR_NONE) {
        *ret_repo = str_sub(path, 0, at + GIT_SUFFIX.n);
        *ret_dir = str_sub(path, at + GIT_SUFFIX.n, path.n);
        return true;
    }
    return false;
}

/* "organisation/repository"; false when there are not so many segments. */
static bool split_at_second(struct str path, struct str *ret_repo, struct str *ret_dir)
{
    size_t first = str_find_char(path, '/');
    if (first == STR_NONE) {
        return false;
    }
    size_t second = str_find_char(str_sub(path, first + 1, path.n), '/');
    size_t end = second == STR_NONE ? path.n : first + 1 + second;
    *ret_repo = str_sub(path, 0, end);
    *ret_dir = str_sub(path, MIN(end + 1, path.n), path.n);
    return true;
}

/* False when it leaves the repository. */
static bool clean_dir(struct arena *arena, struct str dir, struct str *ret)
{
    struct err err;
    while (dir.n > 0 && dir.p[0] == '/') {
        dir = str_sub(dir, 1, dir.n);
    }
    return path_join_safe(arena, STR_EMPTY, dir, ret, &err) == 0;
}

bool krepo_parse(struct arena *arena, struct str entry, struct krepo *ret)
{
    struct krepo repo = {0};
    struct host host;
    struct str rest;
    struct str query = STR_EMPTY;
    struct str path;
    struct str dir = STR_EMPTY;
    if (entry.n > 0 && entry.p[0] == '/') {
        return false;
    }
    (void)str_cut(entry, '?', &rest, &query); /* all of it when there is none */
    take_query(arena, query, &repo);
    if (!cut_host(&rest, &host)) {
        return false;
    }
    bool is_file = str_eq_c(host.scheme, FILE_SCHEME);
    if (!split_at_marker(rest, &path, &dir)) {
        path = rest;
        if (!is_file && !split_at_second(rest, &path, &dir)) {
            return false;
        }
    }
    if (path.n == 0 || !clean_dir(arena, dir, &repo.dir)) {
        return false;
    }
    repo.url = arena_printf(arena, STR_FMT STR_FMT STR_FMT STR_FMT, STR_ARG(host.scheme),
                            STR_ARG(host.user), STR_ARG(host.name), STR_ARG(path));
    *ret = repo;
    return true;
}
