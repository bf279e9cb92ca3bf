/* Template values from YAML, and comparing them with YAML. */
#pragma once

#include "engine/template/tval.h"
#include "tests/lib/parse.h"

static inline struct tmap *tmap_from_yaml(struct arena *arena, const char *text)
{
    return tval_from_value(arena, parse_yaml(arena, text), false).map;
}

static inline void assert_tval(struct arena *arena, struct tval is, const char *want)
{
    struct err err;
    const struct value *v = NULL;
    ASSERT_OK(tval_to_value(arena, is, &v, &err));
    assert_yaml(arena, v, want);
}
