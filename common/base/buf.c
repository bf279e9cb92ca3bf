/* Bounded growing byte buffer. */
#include "common/base/buf.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/mem.h"

enum {
    BUF_FIRST_BYTES = 256,
};

static char empty[1];

void buf_init(struct buf *b, size_t max_bytes)
{
    *b = (struct buf){.p = empty, .max_bytes = max_bytes};
}

void buf_done(struct buf *b)
{
    if (b->p != empty) {
        mem_free(b->p);
    }
    buf_init(b, b->max_bytes);
}

void buf_reset(struct buf *b)
{
    b->n = 0;
    b->overflow = false;
    if (b->p != empty) {
        b->p[0] = '\0';
    }
}

/* Make room for n more bytes and the terminator. */
static bool grow(struct buf *b, size_t n)
{
    assert(b->p != NULL); /* buf_init() was not called */
    if (n > b->max_bytes - b->n) {
        b->overflow = true;
        return false;
    }
    size_t need = b->n + n + 1;
    if (need <= b->cap) {
        return true;
    }
    size_t cap = MAX(b->cap * 2, (size_t)BUF_FIRST_BYTES);
    cap = MAX(MIN(cap, b->max_bytes + 1), need);
    b->p = mem_realloc(b->p == empty ? NULL : b->p, cap);
    b->cap = cap;
    return true;
}

void buf_put_bytes(struct buf *b, const void *p, size_t n)
{
    if (n == 0 || !grow(b, n)) {
        return;
    }
    memcpy(b->p + b->n, p, n);
    buf_commit(b, n);
}

void buf_put(struct buf *b, struct str s)
{
    buf_put_bytes(b, s.p, s.n);
}

void buf_put_c(struct buf *b, const char *s)
{
    buf_put_bytes(b, s, strlen(s));
}

void buf_put_char(struct buf *b, char c)
{
    if (grow(b, 1)) {
        b->p[b->n++] = c;
        b->p[b->n] = '\0';
    }
}

void buf_put_fill(struct buf *b, char c, size_t n)
{
    if (n == 0 || !grow(b, n)) {
        return;
    }
    memset(b->p + b->n, c, n);
    buf_commit(b, n);
}

void buf_put_uint(struct buf *b, uint64_t v)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    buf_put_bytes(b, digits + at, sizeof(digits) - at);
}

void buf_put_int(struct buf *b, int64_t v)
{
    if (v < 0) {
        buf_put_char(b, '-');
    }
    buf_put_uint(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    if (n > 0 && grow(b, (size_t)n)) {
        (void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(b, fmt, ap);
    va_end(ap);
}

char *buf_reserve(struct buf *b, size_t n)
{
    return grow(b, n) ? b->p + b->n : NULL;
}

void buf_commit(struct buf *b, size_t n)
{
    assert(b->n + n < b->cap);
    b->n += n;
    b->p[b->n] = '\0';
}

void buf_consume(struct buf *b, size_t n)
{
    assert(n <= b->n);
    if (n == 0) {
        return;
    }
    memmove(b->p, b->p + n, b->n - n);
    buf_truncate(b, b->n - n);
}

void buf_truncate(struct buf *b, size_t n)
{
    assert(n <= b->n);
    b->n = n;
    if (b->p != empty) {
        b->p[n] = '\0';
    }
}

int buf_check(const struct buf *b, const char *what, struct err *err)
{
    if (!b->overflow) {
        return 0;
    }
    return err_set(err, ERR_LIMIT, "%s is larger than %zu bytes", what, b->max_bytes);
}

char *buf_take(struct buf *b, size_t *ret_n)
{
    char *p = b->p == empty ? mem_strdup("") : b->p;
    if (ret_n != NULL) {
        *ret_n = b->n;
    }
    buf_init(b, b->max_bytes);
    return p;
}

struct str buf_to_arena(const struct buf *b, struct arena *arena)
{
    return arena_str(arena, buf_str(b));
}
