/* Which pods of an Application's resource tree a question about logs means. Pure. */
#pragma once

#include <stddef.h>

#include "common/base/str.h"

struct arena;
struct value;

/* An object of the tree; "" = any. */
struct log_selection {
    struct str group;
    struct str kind;
    struct str namespace;
    struct str name;
};

struct log_pod {
    struct str namespace;
    struct str name;
};

struct log_pods {
    const struct log_pod *items; /* in the order of the tree; they borrow from it */
    size_t n;
};

/* The pods that are selected themselves or come, over any number of owners, from an object that is. */
struct log_pods
log_pods_of(struct arena *arena, const struct value *tree, const struct log_selection *selection);
