/* Abort-on-OOM allocation. The only file that calls malloc and free. */
#include "common/base/mem.h"

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEAPS = 2, /* the loop's and the pool's */
};

NORETURN static void out_of_memory(size_t size_bytes)
{
    (void)fprintf(stderr, "{\"level\":\"error\",\"msg\":\"out of memory\",\"size_bytes\":%zu}\n",
                  size_bytes);
    abort();
}

void *mem_alloc(size_t size_bytes)
{
    void *p = malloc(size_bytes > 0 ? size_bytes : 1);
    if (p == NULL) {
        out_of_memory(size_bytes);
    }
    return p;
}

void *mem_alloc_aligned(size_t align, size_t size_bytes)
{
    void *p = aligned_alloc(align, size_bytes);
    if (p == NULL) {
        out_of_memory(size_bytes);
    }
    return p;
}

void *mem_zalloc(size_t size_bytes)
{
    return mem_calloc(1, size_bytes);
}

void *mem_calloc(size_t n, size_t size_bytes)
{
    void *p = calloc(n > 0 ? n : 1, size_bytes > 0 ? size_bytes : 1);
    if (p == NULL) {
        out_of_memory(n * size_bytes);
    }
    return p;
}

void *mem_realloc(void *p, size_t size_bytes)
{
    void *q = realloc(p, size_bytes > 0 ? size_bytes : 1);
    if (q == NULL) {
        out_of_memory(size_bytes);
    }
    return q;
}

void mem_free(void *p)
{
    free(p);
}

char *mem_strdup(const char *s)
{
    return mem_strndup(s, strlen(s));
}

char *mem_strndup(const char *s, size_t n)
{
    char *copy = mem_alloc(n + 1);
    if (n > 0) {
        memcpy(copy, s, n);
    }
    copy[n] = '\0';
    return copy;
}

void mem_erase(void *p, size_t n)
{
    if (p != NULL && n > 0) {
        explicit_bzero(p, n);
    }
}

void mem_give_back(void)
{
    (void)malloc_trim(0);
}

void mem_few_heaps(void)
{
    (void)mallopt(M_ARENA_MAX, HEAPS);
}
