/* Values from YAML and JSON text inside tests, and their comparison with text. */
#pragma once

#include "common/base/arena.h"
#include "common/value/value_json.h"
#include "common/value/value_yaml.h"
#include "tests/lib/check.h"

static inline const struct value *parse_yaml(struct arena *arena, const char *text)
{
    struct err err;
    const struct value *v = NULL;
    ASSERT_OK(value_from_yaml(arena, str_from(text), NULL, &v, &err));
    return v;
}

static inline const struct value *parse_json(struct arena *arena, const char *text)
{
    struct err err;
    const struct value *v = NULL;
    ASSERT_OK(value_from_json(arena, str_from(text), NULL, &v, &err));
    return v;
}

/* opts: NULL = canonical. */
static inline struct str
print_json(struct arena *arena, const struct value *v, const struct value_json_write *opts)
{
    struct err err;
    struct str text = STR_EMPTY;
    ASSERT_OK(value_to_json_in(arena, v, opts, &text, &err));
    return text;
}

/* is and the YAML text say the same. */
static inline void assert_yaml(struct arena *arena, const struct value *is, const char *want)
{
    if (!value_equal(is, parse_yaml(arena, want))) {
        struct err err;
        struct str text = STR_EMPTY;
        ASSERT_OK(value_to_yaml_in(arena, is, NULL, &text, &err));
        fail_msg("is:\n" STR_FMT "wanted:\n%s", STR_ARG(text), want);
    }
}

/* is has this canonical text. */
static inline void assert_json(struct arena *arena, const struct value *is, const char *want)
{
    ASSERT_STR(print_json(arena, is, NULL), want);
}
