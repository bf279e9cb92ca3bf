/* struct arena: everything one request, render or comparison allocates, freed as a whole.
 *
 * Not thread-safe; it moves between threads together with the job that owns it.  Under ASan
 * every allocation is a malloc of its own, so that overruns and use after free are found. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "common/base/cleanup.h"
#include "common/base/macro.h"
#include "common/base/str.h"

struct arena;

struct arena *arena_new(void);
/* The same with small blocks: for what is kept in large numbers. */
struct arena *arena_new_tight(void);
/* Runs the deferred functions (newest first), then frees. NULL is fine. */
void arena_free(struct arena *arena);
/* As arena_free() + arena_new(), but keeps one block for reuse. */
void arena_reset(struct arena *arena);

DEFINE_CLEANUP(arena, struct arena, arena_free);

/* Uninitialised, aligned for any type; never NULL. */
void *arena_alloc(struct arena *arena, size_t size_bytes);
void *arena_zalloc(struct arena *arena, size_t size_bytes);
/* n * size_bytes zeroed bytes; aborts on overflow. */
void *arena_calloc(struct arena *arena, size_t n, size_t size_bytes);
/* Uninitialised bytes without alignment: for text. */
char *arena_bytes(struct arena *arena, size_t size_bytes);

#define ARENA_NEW(arena, type) ((type *)arena_zalloc((arena), sizeof(type)))

/* NUL-terminated copies. */
char *arena_strdup(struct arena *arena, const char *s);
struct str arena_str(struct arena *arena, struct str s);
struct str arena_concat(struct arena *arena, const struct str *parts, size_t n);
PRINTF(2, 3) struct str arena_printf(struct arena *arena, const char *fmt, ...);
PRINTF(2, 0) struct str arena_vprintf(struct arena *arena, const char *fmt, va_list ap);

/* Call fn(p) when the arena is freed or reset: ties file descriptors and foreign objects to it. */
void arena_defer(struct arena *arena, void (*fn)(void *p), void *p);

/* Bytes handed out so far: for limits and metrics. */
size_t arena_used(const struct arena *arena);
