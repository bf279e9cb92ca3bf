/* Typed growing arrays.
 *
 *     VEC(struct str) names = {0};
 *     vec_push(&names, s);             on the heap: ends with vec_done(&names)
 *     vec_push_in(arena, &names, s);   in an arena: never mixed with vec_push
 *     VEC_FOREACH(&names, n) { use(*n); }
 */
#pragma once

#include <stddef.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/mem.h"

#define VEC(type)    \
    struct {         \
        type *items; \
        size_t n;    \
        size_t cap;  \
    }

#define VEC_GROWN(cap) ((cap) == 0 ? 8 : (cap)*2)

#define vec_push(v, item)                                                         \
    do {                                                                          \
        if ((v)->n == (v)->cap) {                                                 \
            (v)->cap = VEC_GROWN((v)->cap);                                       \
            (v)->items = mem_realloc((v)->items, (v)->cap * sizeof(*(v)->items)); \
        }                                                                         \
        (v)->items[(v)->n++] = (item);                                            \
    } while (0)

#define vec_push_in(arena, v, item)                                                  \
    do {                                                                             \
        if ((v)->n == (v)->cap) {                                                    \
            (v)->cap = VEC_GROWN((v)->cap);                                          \
            void *vec_grown_ = arena_alloc((arena), (v)->cap * sizeof(*(v)->items)); \
            if ((v)->n > 0) {                                                        \
                memcpy(vec_grown_, (v)->items, (v)->n * sizeof(*(v)->items));        \
            }                                                                        \
            (v)->items = vec_grown_;                                                 \
        }                                                                            \
        (v)->items[(v)->n++] = (item);                                               \
    } while (0)

/* Room for n items in an array that has none yet. */
#define vec_reserve_in(arena, v, n_most)                                         \
    do {                                                                         \
        (v)->cap = (n_most);                                                     \
        (v)->items = arena_alloc((arena), ((v)->cap + 1) * sizeof(*(v)->items)); \
    } while (0)

/* Remove item i, keeping the order. */
#define vec_remove(v, i)                                      \
    do {                                                      \
        size_t vec_i_ = (i);                                  \
        memmove((v)->items + vec_i_, (v)->items + vec_i_ + 1, \
                ((v)->n - vec_i_ - 1) * sizeof(*(v)->items)); \
        (v)->n--;                                             \
    } while (0)

#define vec_done(v)            \
    do {                       \
        mem_free((v)->items);  \
        (v)->items = NULL;     \
        (v)->n = (v)->cap = 0; \
    } while (0)

/* `it` points to each item in turn; the array must not grow meanwhile. */
#define VEC_FOREACH(v, it)                                                             \
    for (typeof((v)->items) it = (v)->items,                                           \
                            it##_end_ = (v)->n > 0 ? (v)->items + (v)->n : (v)->items; \
         it != it##_end_; it++)
