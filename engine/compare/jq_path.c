/* A small reader of jq's path syntax, and deletion. */
#include "engine/compare/jq_path.h"

#include <stdlib.h>

#include "common/base/arena.h"
#include "common/base/num.h"
#include "common/value/value.h"
#include "common/value/value_edit.h"
#include "common/value/value_json.h"

/* ---- reading ---- */

struct reader {
    struct arena *arena;
    struct str rest;
    struct jq_path *path;
};

static bool add(struct reader *r, struct jq_step step)
{
    if (r->path->n == JQ_STEPS_MAX) {
        return false;
    }
    r->path->steps[r->path->n++] = step;
    return true;
}

static char peek(const struct reader *r)
{
    return r->rest.n > 0 ? r->rest.p[0] : '\0';
}

static void skip(struct reader *r, size_t n)
{
    r->rest = str_sub(r->rest, n, r->rest.n);
}

static bool is_name_char(char c, bool first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (!first && c >= '0' && c <= '9');
}

/* A JSON string; jq's interpolation is not for us. */
static bool read_string(struct reader *r, struct str *ret)
{
    size_t n = 1;
    while (n < r->rest.n && r->rest.p[n] != '"') {
        bool escaped = r->rest.p[n] == '\\';
        if (escaped && n + 1 < r->rest.n && r->rest.p[n + 1] == '(') {
            return false;
        }
        n += escaped ? 2 : 1;
    }
    const struct value *v = NULL;
    struct err unused; /* then it is no plain path */
    if (n >= r->rest.n ||
        value_from_json(r->arena, str_sub(r->rest, 0, n + 1), NULL, &v, &unused) < 0 ||
        !value_is(v, VALUE_STRING)) {
        return false;
    }
    *ret = value_str(v);
    skip(r, n + 1);
    return true;
}

/* What follows a dot. */
static bool read_name(struct reader *r)
{
    struct str key;
    if (peek(r) == '"') {
        return read_string(r, &key) && add(r, (struct jq_step){.type = JQ_STEP_KEY, .key = key});
    }
    size_t n = 0;
    while (n < r->rest.n && is_name_char(r->rest.p[n], n == 0)) {
        n++;
    }
    key = arena_str(r->arena, str_sub(r->rest, 0, n));
    skip(r, n);
    return n > 0 && add(r, (struct jq_step){.type = JQ_STEP_KEY, .key = key});
}

static bool read_index(struct reader *r)
{
    enum { DIGITS_MAX = 9 };
    bool negative = peek(r) == '-';
    uint64_t index = 0;
    skip(r, negative ? 1 : 0);
    size_t n = 0;
    while (n < r->rest.n && n < DIGITS_MAX && r->rest.p[n] >= '0' && r->rest.p[n] <= '9') {
        n++;
    }
    if (n == 0 || !num_digits(str_sub(r->rest, 0, n), 10, &index)) {
        return false;
    }
    skip(r, n);
    return add(r, (struct jq_step){.type = JQ_STEP_INDEX,
                                   .index = negative ? -(int64_t)index : (int64_t)index});
}

/* What is between brackets; the opening one has been read. */
static bool read_bracket(struct reader *r)
{
    struct str key;
    bool ok = false;
    if (peek(r) == ']') {
        ok = add(r, (struct jq_step){.type = JQ_STEP_EACH});
    } else if (peek(r) == '"') {
        ok = read_string(r, &key) && add(r, (struct jq_step){.type = JQ_STEP_KEY, .key = key});
    } else {
        ok = read_index(r);
    }
    ok = ok && peek(r) == ']';
    skip(r, 1);
    return ok;
}

static bool read_step(struct reader *r)
{
    bool ok = false;
    if (peek(r) == '[') {
        skip(r, 1);
        ok = read_bracket(r);
    } else if (peek(r) == '.') {
        skip(r, 1);
        if (peek(r) == '[') {
            skip(r, 1);
            ok = read_bracket(r);
        } else {
            ok = read_name(r);
        }
    }
    if (ok && peek(r) == '?') {
        r->path->steps[r->path->n - 1].optional = true;
        skip(r, 1);
    }
    return ok;
}

bool jq_path_parse(struct arena *arena, struct str expression, struct jq_path *ret)
{
    struct reader r = {arena, str_trim(expression), ret};
    ret->n = 0;
    if (peek(&r) != '.') {
        return false;
    }
    while (r.rest.n > 0) {
        if (!read_step(&r)) {
            return false;
        }
    }
    return ret->n > 0;
}

/* ---- deleting ---- */

static size_t place(const struct jq_step *step, size_t n)
{
    int64_t at = step->index < 0 ? step->index + (int64_t)n : step->index;
    return at >= 0 && (uint64_t)at < n ? (size_t)at : STR_NONE;
}

static const struct value *
delete_at(struct arena *arena, const struct jq_step *steps, size_t n, const struct value *v);

static const struct value *
delete_key(struct arena *arena, const struct jq_step *steps, size_t n, const struct value *v)
{
    const struct value *old = value_find(v, steps->key);
    if (old == NULL) {
        return v;
    }
    if (n == 1) {
        return value_map_remove(arena, v, steps->key);
    }
    const struct value *rest = delete_at(arena, steps + 1, n - 1, old);
    return rest != old ? value_map_set(arena, v, steps->key, rest) : v;
}

static const struct value *
delete_index(struct arena *arena, const struct jq_step *steps, size_t n, const struct value *v)
{
    size_t at = value_is(v, VALUE_LIST) ? place(steps, value_len(v)) : STR_NONE;
    if (at == STR_NONE) {
        return v;
    }
    if (n == 1) {
        return value_list_remove(arena, v, at);
    }
    const struct value *old = value_at(v, at);
    const struct value *rest = delete_at(arena, steps + 1, n - 1, old);
    return rest != old ? value_list_set(arena, v, at, rest) : v;
}

static const struct value *
delete_each(struct arena *arena, const struct jq_step *steps, size_t n, const struct value *v)
{
    if (n == 1) {
        return value_is(v, VALUE_LIST)  ? &VALUE_EMPTY_LIST
               : value_is(v, VALUE_MAP) ? &VALUE_EMPTY_MAP
                                        : v;
    }
    for (size_t i = 0; value_is(v, VALUE_LIST) && i < value_len(v); i++) {
        const struct value *old = value_at(v, i);
        const struct value *rest = delete_at(arena, steps + 1, n - 1, old);
        v = rest != old ? value_list_set(arena, v, i, rest) : v;
    }
    for (size_t i = 0; value_is(v, VALUE_MAP) && i < value_len(v); i++) {
        const struct value_entry *entry = value_entry_at(v, i);
        const struct value *rest = delete_at(arena, steps + 1, n - 1, &entry->value);
        v = rest != &entry->value ? value_map_set(arena, v, entry->key, rest) : v;
    }
    return v;
}

/* Depth is bounded by JQ_STEPS_MAX. */
static const struct value *
delete_at(struct arena *arena, const struct jq_step *steps, size_t n, const struct value *v)
{
    switch (steps->type) {
    case JQ_STEP_KEY:
        return delete_key(arena, steps, n, v);
    case JQ_STEP_INDEX:
        return delete_index(arena, steps, n, v);
    case JQ_STEP_EACH:
        break;
    }
    return delete_each(arena, steps, n, v);
}

/* ---- refusing ---- */

static bool is_nothing(const struct value *v)
{
    return v == NULL || value_is(v, VALUE_NULL);
}

/* jq does not look into the value this way; of nothing there are members and items, which are nothing. */
static bool is_refused(const struct jq_step *step, const struct value *v)
{
    switch (step->type) {
    case JQ_STEP_KEY:
        return !is_nothing(v) && !value_is(v, VALUE_MAP);
    case JQ_STEP_INDEX:
        return !is_nothing(v) && !value_is(v, VALUE_LIST);
    case JQ_STEP_EACH:
        break;
    }
    return !value_is(v, VALUE_LIST) && !value_is(v, VALUE_MAP);
}

/* Then the whole expression has no result. Depth is bounded by JQ_STEPS_MAX. */
static bool refuses(const struct jq_step *steps, size_t n, const struct value *v)
{
    bool inner = false;
    if (n == 0) {
        return false;
    }
    if (is_refused(steps, v)) {
        return !steps->optional;
    }
    if (steps->type == JQ_STEP_KEY) {
        return refuses(steps + 1, n - 1, value_find(v, steps->key));
    }
    if (steps->type == JQ_STEP_INDEX) {
        size_t at = place(steps, value_len(v));
        return refuses(steps + 1, n - 1, at != STR_NONE ? value_at(v, at) : NULL);
    }
    for (size_t i = 0; value_is(v, VALUE_LIST) && i < value_len(v); i++) {
        inner = inner || refuses(steps + 1, n - 1, value_at(v, i));
    }
    for (size_t i = 0; value_is(v, VALUE_MAP) && i < value_len(v); i++) {
        inner = inner || refuses(steps + 1, n - 1, &value_entry_at(v, i)->value);
    }
    return inner;
}

const struct value *
jq_path_delete(struct arena *arena, const struct jq_path *path, const struct value *v)
{
    if (path->n == 0 || refuses(path->steps, path->n, v)) {
        return v;
    }
    return delete_at(arena, path->steps, path->n, v);
}

/* ---- lists of paths ---- */

static int cmp_paths(const void *a, const void *b)
{
    const struct value *const *x = a;
    const struct value *const *y = b;
    return value_cmp(*y, *x); /* the last first, so that places in lists stay what they were */
}

static bool steps_of(const struct value *list, struct jq_path *ret)
{
    ret->n = 0;
    if (value_len(list) == 0 || value_len(list) > JQ_STEPS_MAX) {
        return false;
    }
    VALUE_FOREACH(list, step) {
        struct jq_step *s = &ret->steps[ret->n++];
        *s = (struct jq_step){
            .type = value_is(step, VALUE_STRING) ? JQ_STEP_KEY : JQ_STEP_INDEX,
            .key = value_str(step),
            .index = value_int(step, 0),
        };
    }
    return true;
}

const struct value *
jq_paths_delete(struct arena *arena, const struct value *paths, const struct value *v)
{
    size_t n = 0;
    const struct value **sorted =
        arena_calloc(arena, value_len(paths) + 1, sizeof(const struct value *));
    VALUE_FOREACH(paths, path) {
        sorted[n++] = path;
    }
    qsort(sorted, n, sizeof(const struct value *), cmp_paths);
    for (size_t i = 0; i < n; i++) {
        struct jq_path path;
        if (steps_of(sorted[i], &path)) {
            v = delete_at(arena, path.steps, path.n, v);
        }
    }
    return v;
}
