/* Compiler attributes and the few macros every file may use. Nothing else belongs here. */
#pragma once

#include <stddef.h>
#include <sys/param.h> /* has a MIN and MAX that evaluate twice: taken out here, before ours */

#undef MIN
#undef MAX

#define MUST_CHECK                 __attribute__((warn_unused_result))
#define PRINTF(fmt_arg, first_arg) __attribute__((format(printf, fmt_arg, first_arg)))
#define UNUSED                     __attribute__((unused))
#define NORETURN                   __attribute__((noreturn))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define MIN(a, b)                          \
    __extension__({                        \
        __auto_type min_a_ = (a);          \
        __auto_type min_b_ = (b);          \
        min_a_ < min_b_ ? min_a_ : min_b_; \
    })

#define MAX(a, b)                          \
    __extension__({                        \
        __auto_type max_a_ = (a);          \
        __auto_type max_b_ = (b);          \
        max_a_ > max_b_ ? max_a_ : max_b_; \
    })

/* The struct of `type` whose field `member` is at `ptr`. */
#define CONTAINER_OF(ptr, type, member)                                 \
    __extension__({                                                     \
        typeof(((type *)0)->member) *member_ptr_ = (ptr);               \
        (type *)(void *)((char *)member_ptr_ - offsetof(type, member)); \
    })
