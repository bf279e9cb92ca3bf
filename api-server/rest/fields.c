/* Selection and exclusion as one walk with the set of paths that still apply below a node. */
#include "api-server/rest/fields.h"

#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/base/vec.h"
#include "common/value/value.h"
#include "common/value/value_build.h"

struct paths {
    struct str *items; /* what is left of each path */
    size_t n;
};

/* The paths that go on below `key`; *ret_whole: one ends here. */
static struct paths below(struct arena *arena, struct paths paths, struct str key, bool *ret_whole)
{
    struct paths next = {0};
    *ret_whole = false;
    for (size_t i = 0; i < paths.n; i++) {
        struct str head;
        struct str rest;
        bool more = str_cut(paths.items[i], '.', &head, &rest);
        if (!str_eq(head, key)) {
            continue;
        }
        if (!more) {
            *ret_whole = true;
        } else {
            if (next.items == NULL) { /* few keys go on below */
                next.items = arena_calloc(arena, paths.n - i, sizeof(struct str));
            }
            next.items[next.n++] = rest;
        }
    }
    return next;
}

static void walk(struct value_builder *b, const struct value *v, struct paths paths, bool exclude);

static void
walk_map(struct value_builder *b, const struct value *map, struct paths paths, bool exclude)
{
    value_build_map(b);
    VALUE_MAP_FOREACH(map, e)
    {
        bool whole = false;
        struct paths next = below(b->arena, paths, e->key, &whole);
        if (whole ? exclude : (!exclude && next.n == 0)) {
            continue;
        }
        value_build_key(b, e->key);
        if (whole || next.n == 0) {
            value_build_value(b, &e->value);
        } else {
            walk(b, &e->value, next, exclude);
        }
    }
    value_build_end(b);
}

static void walk(struct value_builder *b, const struct value *v, struct paths paths, bool exclude)
{
    if (value_is(v, VALUE_MAP)) {
        walk_map(b, v, paths, exclude);
    } else if (value_is(v, VALUE_LIST)) {
        value_build_list(b);
        VALUE_FOREACH(v, item) {
            walk(b, item, paths, exclude);
        }
        value_build_end(b);
    } else {
        value_build_value(b, v);
    }
}

int fields_check(struct str fields, struct err *err)
{
    size_t n = 0;
    struct str rest = fields;
    struct str part;
    while (fields.n > 0 && str_next(&rest, ',', &part)) {
        n += part.n > 0;
    }
    if (n <= FIELDS_PATHS_MAX) {
        return 0;
    }
    return err_set(err, ERR_LIMIT, "the query's fields has %zu paths, at most %d are allowed", n,
                   FIELDS_PATHS_MAX);
}

const struct value *fields_apply(struct arena *arena, const struct value *v, struct str fields)
{
    bool exclude = str_cut_prefix(&fields, STR("-"));
    VEC(struct str) paths = {0};
    struct str rest = fields;
    struct str part;
    while (fields.n > 0 && str_next(&rest, ',', &part)) {
        if (part.n > 0) {
            vec_push_in(arena, &paths, part);
        }
    }
    if (paths.n == 0) {
        return v;
    }
    struct value_builder b;
    value_builder_init(&b, arena, VALUE_DUP_LAST);
    walk(&b, v, (struct paths){paths.items, paths.n}, exclude);
    const struct value *kept = value_build_finish(&b);
    value_builder_done(&b);
    return kept;
}
