/* Operations on borrowed byte slices. Pure; any thread. */
#include "common/base/str.h"

#include <stdint.h>

int str_cmp(struct str a, struct str b)
{
    size_t n = MIN(a.n, b.n);
    int c = n > 0 ? memcmp(a.p, b.p, n) : 0;
    if (c != 0) {
        return c;
    }
    return (a.n > b.n) - (a.n < b.n);
}

static unsigned char ascii_lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool str_eq_nocase(struct str a, struct str b)
{
    if (a.n != b.n) {
        return false;
    }
    for (size_t i = 0; i < a.n; i++) {
        if (ascii_lower(a.p[i]) != ascii_lower(b.p[i])) {
            return false;
        }
    }
    return true;
}

bool str_starts_with(struct str s, struct str prefix)
{
    return s.n >= prefix.n && str_eq(str_of(s.p, prefix.n), prefix);
}

bool str_ends_with(struct str s, struct str suffix)
{
    return s.n >= suffix.n && str_eq(str_sub(s, s.n - suffix.n, s.n), suffix);
}

bool str_cut_prefix(struct str *s, struct str prefix)
{
    if (!str_starts_with(*s, prefix)) {
        return false;
    }
    *s = str_sub(*s, prefix.n, s->n);
    return true;
}

bool str_cut_suffix(struct str *s, struct str suffix)
{
    if (!str_ends_with(*s, suffix)) {
        return false;
    }
    s->n -= suffix.n;
    return true;
}

size_t str_find(struct str s, struct str needle)
{
    if (needle.n == 0) {
        return 0;
    }
    const char *hit = s.n > 0 ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
    return hit != NULL ? (size_t)(hit - s.p) : STR_NONE;
}

size_t str_find_char(struct str s, char c)
{
    const char *hit = s.n > 0 ? memchr(s.p, c, s.n) : NULL;
    return hit != NULL ? (size_t)(hit - s.p) : STR_NONE;
}

size_t str_rfind_char(struct str s, char c)
{
    const char *hit = s.n > 0 ? memrchr(s.p, c, s.n) : NULL;
    return hit != NULL ? (size_t)(hit - s.p) : STR_NONE;
}

struct str str_sub(struct str s, size_t from, size_t to)
{
    to = MIN(to, s.n);
    from = MIN(from, to);
    return str_of(s.p != NULL ? s.p + from : NULL, to - from);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
    while (s.n > 0 && is_space(s.p[s.n - 1])) {
        s.n--;
    }
    while (s.n > 0 && is_space(s.p[0])) {
        s.p++;
        s.n--;
    }
    return s;
}

bool str_next(struct str *rest, char sep, struct str *ret_part)
{
    if (rest->p == NULL) {
        return false;
    }
    size_t at = str_find_char(*rest, sep);
    if (at == STR_NONE) {
        *ret_part = *rest;
        *rest = str_of(NULL, 0);
        return true;
    }
    *ret_part = str_of(rest->p, at);
    *rest = str_of(rest->p + at + 1, rest->n - at - 1);
    return true;
}

bool str_cut(struct str s, char sep, struct str *ret_before, struct str *ret_after)
{
    size_t at = str_find_char(s, sep);
    if (at == STR_NONE) {
        *ret_before = s;
        *ret_after = STR_EMPTY;
        return false;
    }
    *ret_before = str_sub(s, 0, at);
    *ret_after = str_sub(s, at + 1, s.n);
    return true;
}

static uint64_t load_8(const char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof(v));
    return v;
}

static uint64_t load_4(const char *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof(v));
    return v;
}

/* The last bytes, fewer than eight. */
static uint64_t load_tail(const char *p, size_t n)
{
    if (n >= 4) {
        return load_4(p) << 32 | load_4(p + n - 4);
    }
    if (n == 0) {
        return 0;
    }
    return (uint64_t)(unsigned char)p[0] << 16 | (uint64_t)(unsigned char)p[n / 2] << 8 |
           (unsigned char)p[n - 1];
}

/* Multiplications as in FNV-1a, by eight bytes instead of one. */
size_t str_hash(struct str s)
{
    enum { FOLD_BITS = 32 };
    static const uint64_t PRIME = 0x9e3779b97f4a7c15U;
    uint64_t h = s.n * PRIME;
    const char *p = s.p;
    for (size_t left = s.n; left >= 8; left -= 8, p += 8) {
        h = (h ^ load_8(p)) * PRIME;
        h ^= h >> FOLD_BITS;
    }
    h = (h ^ load_tail(p, s.n % 8)) * PRIME;
    return (size_t)(h ^ h >> FOLD_BITS);
}
