/* Scope-bound ownership: AUTO(x) frees on every way out of a scope, TAKE() hands over.
 *
 *     AUTO(doc) struct doc *d = NULL;
 *     TRY(doc_load(path, &d, err));
 *     return TAKE(d);
 */
#pragma once

#include <stddef.h>
#include <unistd.h>

#include "common/base/macro.h"

/* Define the cleanup that AUTO(name) uses for variables of type `type *`; fn accepts NULL. */
#define DEFINE_CLEANUP(name, type, fn)               \
    static inline void auto_cleanup_##name(type **p) \
    {                                                \
        fn(*p);                                      \
    }                                                \
    struct cleanup_needs_semicolon_##name

#define AUTO(name) __attribute__((cleanup(auto_cleanup_##name), unused))

/* The value of a pointer variable, which is NULL afterwards: ownership moves on. */
#define TAKE(p)                    \
    __extension__({                \
        __auto_type take_p_ = (p); \
        (p) = NULL;                \
        take_p_;                   \
    })

static inline void auto_cleanup_fd(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd); /* nothing to do about a failed close of a file only read */
    }
}

/* int, -1 = none; closed at the end of the scope. */
#define AUTO_FD __attribute__((cleanup(auto_cleanup_fd), unused)) int

/* The descriptor, and the variable becomes -1. */
#define TAKE_FD(fd)          \
    __extension__({          \
        int take_fd_ = (fd); \
        (fd) = -1;           \
        take_fd_;            \
    })
