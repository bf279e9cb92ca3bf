/* Bump allocator with deferred calls.
 *
 * Blocks double from 4 KiB up to 128 KiB, and become huge pages in an arena that has filled sixteen mebibytes: faults are
 * a large part of the time that big inputs take. A request larger than a quarter of the next block gets one of its own. */
#include "common/base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/base/mem.h"

enum {
    BLOCK_TIGHT_MIN_BYTES = 512,
    BLOCK_TIGHT_MAX_BYTES = 4 * 1024,
    BLOCK_MIN_BYTES = 4 * 1024,
    BLOCK_MAX_BYTES = 128 * 1024,
    PRINTF_BYTES = 512,
    HUGE_BYTES = 2 * 1024 * 1024,
    HUGE_ABOVE_BYTES = 16 * 1024 * 1024,
};

#if defined(__SANITIZE_ADDRESS__) || defined(ARENA_PROFILE)
#    define ARENA_SINGLE_ALLOCATIONS 1
#else
#    define ARENA_SINGLE_ALLOCATIONS 0
#endif

struct block {
    struct block *next;
    size_t size_bytes; /* of data */
    alignas(max_align_t) char data[];
};

struct deferred {
    struct deferred *next;
    void (*fn)(void *p);
    void *p;
};

struct arena {
    char *cur; /* next free byte of the current block */
    char *end;
    struct block *blocks; /* newest first; the first one is the current block */
    struct block *large;  /* blocks of one allocation each */
    struct deferred *deferred;
    size_t next_block_bytes;
    size_t max_block_bytes;
    size_t used_bytes;
};

struct arena *arena_new(void)
{
    struct arena *arena = MEM_NEW(struct arena);
    arena->next_block_bytes = BLOCK_MIN_BYTES;
    arena->max_block_bytes = BLOCK_MAX_BYTES;
    return arena;
}

struct arena *arena_new_tight(void)
{
    struct arena *arena = MEM_NEW(struct arena);
    arena->next_block_bytes = BLOCK_TIGHT_MIN_BYTES;
    arena->max_block_bytes = BLOCK_TIGHT_MAX_BYTES;
    return arena;
}

static void run_deferred(struct arena *arena)
{
    while (arena->deferred != NULL) {
        struct deferred *d = arena->deferred;
        arena->deferred = d->next;
        d->fn(d->p);
    }
}

static void free_blocks(struct block *b)
{
    while (b != NULL) {
        struct block *next = b->next;
        mem_free(b);
        b = next;
    }
}

void arena_free(struct arena *arena)
{
    if (arena == NULL) {
        return;
    }
    run_deferred(arena);
    free_blocks(arena->blocks);
    free_blocks(arena->large);
    mem_free(arena);
}

void arena_reset(struct arena *arena)
{
    run_deferred(arena);
    free_blocks(arena->large);
    arena->large = NULL;
    arena->used_bytes = 0;
    struct block *kept = arena->blocks;
    if (kept == NULL) {
        return;
    }
    free_blocks(kept->next);
    kept->next = NULL;
    arena->cur = kept->data;
    arena->end = kept->data + kept->size_bytes;
}

static struct block *block_new(size_t size_bytes)
{
    assert(size_bytes < SIZE_MAX - sizeof(struct block));
    struct block *b = mem_alloc(sizeof(struct block) + size_bytes);
    b->size_bytes = size_bytes;
    return b;
}

/* The pages of a large block, which will all be used, in one call instead of a fault for each. */
static void populate(struct block *b)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t start = ((uintptr_t)b->data + page - 1) & ~(page - 1);
    uintptr_t end = ((uintptr_t)b->data + b->size_bytes) & ~(page - 1);
    (void)madvise((char *)b + (start - (uintptr_t)b), end - start,
                  MADV_POPULATE_WRITE); /* a hint */
}

static struct block *block_huge(void)
{
    struct block *b = mem_alloc_aligned(HUGE_BYTES, HUGE_BYTES);
    (void)madvise(b, HUGE_BYTES, MADV_HUGEPAGE); /* a hint */
    b->size_bytes = HUGE_BYTES - sizeof(struct block);
    return b;
}

static struct block *block_next(struct arena *arena)
{
    if (arena->used_bytes > HUGE_ABOVE_BYTES && arena->max_block_bytes == BLOCK_MAX_BYTES) {
        return block_huge();
    }
    struct block *b = block_new(arena->next_block_bytes);
    if (b->size_bytes == BLOCK_MAX_BYTES) {
        populate(b);
    }
    arena->next_block_bytes = MIN(arena->next_block_bytes * 2, arena->max_block_bytes);
    return b;
}

static void *alloc_large(struct arena *arena, size_t size_bytes)
{
    struct block *b = block_new(size_bytes);
    b->next = arena->large;
    arena->large = b;
    return b->data;
}

static void *alloc_slow(struct arena *arena, size_t size_bytes)
{
    if (size_bytes > arena->next_block_bytes / 4) {
        return alloc_large(arena, size_bytes);
    }
    struct block *b = block_next(arena);
    b->next = arena->blocks;
    arena->blocks = b;
    arena->cur = b->data + size_bytes;
    arena->end = b->data + b->size_bytes;
    return b->data;
}

static void *alloc_aligned(struct arena *arena, size_t size_bytes, size_t align)
{
    arena->used_bytes += size_bytes;
    if (ARENA_SINGLE_ALLOCATIONS) {
        return alloc_large(arena, size_bytes);
    }
    uintptr_t at = ((uintptr_t)arena->cur + (align - 1)) & ~(uintptr_t)(align - 1);
    if (arena->cur == NULL || at > (uintptr_t)arena->end ||
        size_bytes > (uintptr_t)arena->end - at) {
        return alloc_slow(arena, size_bytes);
    }
    char *p = arena->cur + (at - (uintptr_t)arena->cur);
    arena->cur = p + size_bytes;
    return p;
}

void *arena_alloc(struct arena *arena, size_t size_bytes)
{
    return alloc_aligned(arena, size_bytes, alignof(max_align_t));
}

void *arena_zalloc(struct arena *arena, size_t size_bytes)
{
    void *p = arena_alloc(arena, size_bytes);
    memset(p, 0, size_bytes);
    return p;
}

void *arena_calloc(struct arena *arena, size_t n, size_t size_bytes)
{
    size_t total = 0;
    bool overflow = __builtin_mul_overflow(n, size_bytes, &total);
    assert(!overflow);
    return arena_zalloc(arena, total);
}

char *arena_bytes(struct arena *arena, size_t size_bytes)
{
    return alloc_aligned(arena, size_bytes, 1);
}

struct str arena_str(struct arena *arena, struct str s)
{
    char *copy = arena_bytes(arena, s.n + 1);
    if (s.n > 0) {
        memcpy(copy, s.p, s.n);
    }
    copy[s.n] = '\0';
    return str_of(copy, s.n);
}

char *arena_strdup(struct arena *arena, const char *s)
{
    size_t n = strlen(s);
    return memcpy(arena_bytes(arena, n + 1), s, n + 1);
}

/* Most texts are short: they are made on the stack, not measured first. */
struct str arena_vprintf(struct arena *arena, const char *fmt, va_list ap)
{
    char at_hand[PRINTF_BYTES];
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(at_hand, sizeof(at_hand), fmt, ap);
    assert(n >= 0);
    char *text = arena_bytes(arena, (size_t)n + 1);
    if ((size_t)n < sizeof(at_hand)) {
        memcpy(text, at_hand, (size_t)n + 1);
    } else {
        (void)vsnprintf(text, (size_t)n + 1, fmt, again);
    }
    va_end(again);
    return str_of(text, (size_t)n);
}

struct str arena_concat(struct arena *arena, const struct str *parts, size_t n)
{
    size_t n_bytes = 0;
    for (size_t i = 0; i < n; i++) {
        n_bytes += parts[i].n;
    }
    char *text = arena_bytes(arena, n_bytes + 1);
    char *to = text;
    for (size_t i = 0; i < n; i++) {
        to = parts[i].n > 0 ? mempcpy(to, parts[i].p, parts[i].n) : to;
    }
    *to = '\0';
    return str_of(text, n_bytes);
}

struct str arena_printf(struct arena *arena, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct str text = arena_vprintf(arena, fmt, ap);
    va_end(ap);
    return text;
}

void arena_defer(struct arena *arena, void (*fn)(void *p), void *p)
{
    struct deferred *d = arena_alloc(arena, sizeof(*d));
    d->next = arena->deferred;
    d->fn = fn;
    d->p = p;
    arena->deferred = d;
}

size_t arena_used(const struct arena *arena)
{
    return arena->used_bytes;
}
