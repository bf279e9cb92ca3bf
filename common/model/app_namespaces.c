/* Namespaces of Applications. */
#include "common/model/app_namespaces.h"

#include "common/base/arena.h"
#include "common/base/glob.h"
#include "common/regex/regex.h"

/* What cannot be compiled, or takes too long, matches nothing. */
static bool is_regex_match(struct str pattern, struct str text)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct regex *regex = NULL;
    struct err err;
    return regex_compile_perl(arena, pattern, &regex, &err) == 0 &&
           regex_matches(regex, text, &err) == 1;
}

static bool is_regex(struct str pattern)
{
    return pattern.n > 2 && pattern.p[0] == '/' && pattern.p[pattern.n - 1] == '/';
}

bool app_namespaces_match(struct str pattern, struct str namespace)
{
    return is_regex(pattern) ? is_regex_match(str_sub(pattern, 1, pattern.n - 1), namespace)
                             : glob_match(pattern, namespace, GLOB_NO_SEPARATOR);
}

struct app_namespaces
app_namespaces_of(struct arena *arena, const char *own, const char *const *items, size_t n)
{
    struct str *patterns = arena_calloc(arena, n, sizeof(*patterns));
    for (size_t i = 0; i < n; i++) {
        patterns[i] = str_trim(str_from(items[i]));
    }
    return (struct app_namespaces){str_from(own), {patterns, n}};
}

bool app_namespaces_permit(const struct app_namespaces *in, struct str namespace)
{
    bool permitted = str_eq(namespace, in->own);
    for (size_t i = 0; i < in->patterns.n && !permitted; i++) {
        permitted = app_namespaces_match(in->patterns.items[i], namespace);
    }
    return permitted;
}

/* Letters, digits and dashes: as namespaces are named. */
static bool is_plain(struct str pattern)
{
    for (size_t i = 0; i < pattern.n; i++) {
        char c = pattern.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') {
            return false;
        }
    }
    return true;
}

static bool has(struct app_strs list, struct str name)
{
    for (size_t i = 0; i < list.n; i++) {
        if (str_eq(list.items[i], name)) {
            return true;
        }
    }
    return false;
}

struct app_strs app_namespaces_watched(struct arena *arena, const struct app_namespaces *in)
{
    struct str *names = arena_calloc(arena, in->patterns.n + 1, sizeof(*names));
    struct app_strs list = {names, 1};
    names[0] = in->own;
    for (size_t i = 0; i < in->patterns.n; i++) {
        struct str pattern = in->patterns.items[i];
        if (!is_plain(pattern)) {
            names[0] = STR_EMPTY;
            return (struct app_strs){names, 1};
        }
        if (pattern.n > 0 && !has(list, pattern)) {
            names[list.n++] = pattern;
        }
    }
    return list;
}
