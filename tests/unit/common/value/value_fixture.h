/* An arena for each test, and JSON in and out of it. */
#pragma once

#include "tests/lib/parse.h"

static struct arena *arena;

static inline int setup(void **state UNUSED)
{
    arena = arena_new();
    return 0;
}

static inline int teardown(void **state UNUSED)
{
    arena_free(arena);
    return 0;
}

static inline const struct value *parse(const char *text)
{
    return parse_json(arena, text);
}

/* Maps in their own order. */
static inline struct str print(const struct value *v)
{
    return print_json(arena, v, &(struct value_json_write){.insertion_order = true});
}
