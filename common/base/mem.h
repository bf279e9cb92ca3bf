/* Allocation that never fails: out of memory logs one line and aborts.
 *
 * Sizes that come from input are bounded by the caller before they get here (limits.h).
 * Any thread. */
#pragma once

#include <stddef.h>

#include "common/base/cleanup.h"

void *mem_alloc(size_t size_bytes);
/* align: a power of two of which the size is a multiple. */
void *mem_alloc_aligned(size_t align, size_t size_bytes);
void *mem_zalloc(size_t size_bytes);
/* n * size_bytes zeroed bytes; aborts on overflow. */
void *mem_calloc(size_t n, size_t size_bytes);
void *mem_realloc(void *p, size_t size_bytes);
void mem_free(void *p); /* NULL is fine */

char *mem_strdup(const char *s);
/* A NUL-terminated copy of n bytes. */
char *mem_strndup(const char *s, size_t n);

/* Overwrite before freeing: for secrets; the compiler may not drop it. */
void mem_erase(void *p, size_t n);

/* Free pages of the heap go back to the system. Takes milliseconds for each 100 MiB. */
void mem_give_back(void);
/* For a process that keeps much and allocates from many threads: fewer heaps for what is free to be scattered over.
 * Before threads are started. */
void mem_few_heaps(void);

/* A zeroed object: struct app *a = MEM_NEW(struct app); */
#define MEM_NEW(type) ((type *)mem_zalloc(sizeof(type)))

DEFINE_CLEANUP(mem, void, mem_free);
static inline void auto_cleanup_char(char **p)
{
    mem_free(*p);
}
