/* struct buf: growing bytes with a stated maximum, always NUL-terminated.
 *
 * Appending past the maximum keeps what is there, drops the rest and sets `overflow`: writers
 * append without checks and the owner asks once with buf_check(). Not thread-safe. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/cleanup.h"
#include "common/base/err.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;

struct buf {
    char *p;  /* owned; never NULL after buf_init() */
    size_t n; /* bytes, without the terminator */
    size_t cap;
    size_t max_bytes;
    bool overflow;
};

void buf_init(struct buf *b, size_t max_bytes);
/* Frees the contents; the struct may be initialised again. A zeroed struct is fine. */
void buf_done(struct buf *b);
/* Empties, keeps the memory. */
void buf_reset(struct buf *b);

static inline void auto_cleanup_buf(struct buf *b)
{
    buf_done(b);
}

void buf_put(struct buf *b, struct str s);
void buf_put_c(struct buf *b, const char *s);
void buf_put_char(struct buf *b, char c);
void buf_put_fill(struct buf *b, char c, size_t n);
void buf_put_bytes(struct buf *b, const void *p, size_t n);
void buf_put_uint(struct buf *b, uint64_t v);
void buf_put_int(struct buf *b, int64_t v);
PRINTF(2, 3) void buf_printf(struct buf *b, const char *fmt, ...);
PRINTF(2, 0) void buf_vprintf(struct buf *b, const char *fmt, va_list ap);

/* Room for n more bytes at b->p + b->n, for readers; NULL past the maximum. Then buf_commit(). */
char *buf_reserve(struct buf *b, size_t n);
void buf_commit(struct buf *b, size_t n);
/* Drop bytes from the front or cut the end to n bytes. */
void buf_consume(struct buf *b, size_t n);
void buf_truncate(struct buf *b, size_t n);

static inline struct str buf_str(const struct buf *b)
{
    return str_of(b->p, b->n);
}

/* ERR_LIMIT "<what> is larger than <max> bytes" when something was dropped. */
MUST_CHECK int buf_check(const struct buf *b, const char *what, struct err *err);

/* The bytes as an owned, NUL-terminated string; the buffer is empty afterwards. */
char *buf_take(struct buf *b, size_t *ret_n);
/* A copy in an arena. */
struct str buf_to_arena(const struct buf *b, struct arena *arena);
