/* JSON Pointer and dotted paths. */
#include "common/value/value_path.h"

#include <stdbool.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/limits.h"
#include "common/base/num.h"
#include "common/value/value_edit.h"

/* ---- steps ---- */

/* Split off the next step, still escaped. False at the end; the pointer must begin with '/'. */
static bool next_step(struct str *pointer, struct str *ret)
{
    if (pointer->n == 0) {
        return false;
    }
    struct str rest = str_sub(*pointer, 1, pointer->n);
    size_t end = str_find_char(rest, '/');
    *ret = str_sub(rest, 0, end);
    *pointer = end == STR_NONE ? STR_EMPTY : str_sub(rest, end, rest.n);
    return true;
}

/* A step without escapes; the step itself when it has none. */
static struct str unescape(struct arena *arena, struct str step)
{
    if (str_find_char(step, '~') == STR_NONE) {
        return step;
    }
    char *text = arena_bytes(arena, step.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < step.n; i++) {
        if (step.p[i] == '~') {
            i++;
            text[n++] = step.p[i] == '1' ? '/' : '~';
        } else {
            text[n++] = step.p[i];
        }
    }
    text[n] = '\0';
    return str_of(text, n);
}

/* Compare a key with an escaped step, without allocating. */
static bool step_is(struct str step, struct str key)
{
    size_t at = 0;
    for (size_t i = 0; i < step.n; i++, at++) {
        char c = step.p[i];
        if (c == '~') {
            c = step.p[++i] == '1' ? '/' : '~';
        }
        if (at == key.n || key.p[at] != c) {
            return false;
        }
    }
    return at == key.n;
}

static int check(struct str pointer, struct err *err)
{
    size_t n_steps = 0;
    if (pointer.n > 0 && pointer.p[0] != '/') {
        return err_set(err, ERR_INVALID, "JSON pointer '" STR_FMT "' does not begin with '/'",
                       STR_ARG(pointer));
    }
    for (size_t i = 0; i < pointer.n; i++) {
        bool last = i + 1 == pointer.n;
        if (pointer.p[i] == '~' && (last || (pointer.p[i + 1] != '0' && pointer.p[i + 1] != '1'))) {
            return err_set(err, ERR_INVALID, "JSON pointer '" STR_FMT "' has '~' without 0 or 1",
                           STR_ARG(pointer));
        }
        n_steps += pointer.p[i] == '/' ? 1 : 0;
    }
    if (n_steps > LIMIT_DOC_DEPTH) {
        return err_set(err, ERR_LIMIT, "JSON pointer has more than %d steps", LIMIT_DOC_DEPTH);
    }
    return 0;
}

/* A position without sign or leading zeros; STR_NONE = not one. */
static size_t list_position(struct str step)
{
    uint64_t v = 0;
    bool ok = num_digits(step, 10, &v) && (step.n == 1 || step.p[0] != '0') && v < UINT32_MAX;
    return ok ? (size_t)v : STR_NONE;
}

static const struct value *child(const struct value *v, struct str step)
{
    if (value_is(v, VALUE_LIST)) {
        size_t at = list_position(step);
        return at != STR_NONE ? value_at(v, at) : NULL;
    }
    if (str_find_char(step, '~') == STR_NONE) {
        return value_find(v, step);
    }
    VALUE_MAP_FOREACH(v, e)
    {
        if (step_is(step, e->key)) {
            return &e->value;
        }
    }
    return NULL;
}

/* ---- reading ---- */

int value_pointer_find(const struct value *v,
                       struct str pointer,
                       const struct value **ret,
                       struct err *err)
{
    struct str rest = pointer;
    struct str step;
    TRY(check(pointer, err));
    while (next_step(&rest, &step)) {
        v = child(v, step);
        if (v == NULL) {
            return err_set(err, ERR_NOT_FOUND, "'" STR_FMT "' does not exist",
                           STR_ARG(str_sub(pointer, 0, pointer.n - rest.n)));
        }
    }
    *ret = v;
    return 0;
}

const struct value *value_pointer_get(const struct value *v, struct str pointer)
{
    struct err err;
    const struct value *found = NULL;
    return value_pointer_find(v, pointer, &found, &err) == 0 ? found : NULL;
}

/* ---- changing ---- */

struct edit {
    struct arena *arena;
    struct str pointer; /* the whole one, for messages */
    bool remove;
    enum value_pointer_mode mode;
    const struct value *item;
};

static int missing(const struct edit *edit, struct str rest, struct err *err)
{
    return err_set(err, ERR_NOT_FOUND, "'" STR_FMT "' does not exist",
                   STR_ARG(str_sub(edit->pointer, 0, edit->pointer.n - rest.n)));
}

static int edit_at(const struct edit *edit,
                   const struct value *v,
                   struct str rest,
                   const struct value **ret,
                   struct err *err);

static int edit_map(const struct edit *edit,
                    const struct value *map,
                    struct str step,
                    struct str rest,
                    const struct value **ret,
                    struct err *err)
{
    struct str key = unescape(edit->arena, step);
    const struct value *old = value_find(map, key);
    const struct value *item = edit->item;
    bool create = edit->mode == VALUE_POINTER_CREATE && !edit->remove;
    bool last = rest.n == 0;
    if (old == NULL &&
        (edit->remove || edit->mode == VALUE_POINTER_REPLACE || (!last && !create))) {
        return missing(edit, rest, err);
    }
    if (!last) {
        TRY(edit_at(edit, old, rest, &item, err));
    } else if (edit->remove) {
        *ret = value_map_remove(edit->arena, map, key);
        return 0;
    }
    *ret = value_map_set(edit->arena, map, key, item);
    return 0;
}

static int edit_list(const struct edit *edit,
                     const struct value *list,
                     struct str step,
                     struct str rest,
                     const struct value **ret,
                     struct err *err)
{
    bool add = !edit->remove && edit->mode != VALUE_POINTER_REPLACE && rest.n == 0;
    bool append = add && str_eq(step, STR("-"));
    size_t at = append ? list->n : list_position(step);
    if (at == STR_NONE || at > list->n || (at == list->n && !add)) {
        return missing(edit, rest, err);
    }
    if (add) {
        *ret = value_list_insert(edit->arena, list, at, edit->item);
        return 0;
    }
    if (rest.n == 0 && edit->remove) {
        *ret = value_list_remove(edit->arena, list, at);
        return 0;
    }
    const struct value *item = edit->item;
    if (rest.n > 0) {
        TRY(edit_at(edit, &list->items[at], rest, &item, err));
    }
    *ret = value_list_set(edit->arena, list, at, item);
    return 0;
}

/* rest is not empty: its first step names a child of v. */
static int edit_at(const struct edit *edit,
                   const struct value *v,
                   struct str rest,
                   const struct value **ret,
                   struct err *err)
{
    struct str step = STR_EMPTY;
    (void)next_step(&rest, &step);
    if (value_is(v, VALUE_LIST)) {
        return edit_list(edit, v, step, rest, ret, err);
    }
    bool make = value_type(v) == VALUE_NULL && edit->mode == VALUE_POINTER_CREATE && !edit->remove;
    if (!value_is(v, VALUE_MAP) && !make) {
        return missing(edit, rest, err);
    }
    return edit_map(edit, v, step, rest, ret, err);
}

int value_pointer_set(struct arena *arena,
                      const struct value *v,
                      struct str pointer,
                      enum value_pointer_mode mode,
                      const struct value *item,
                      const struct value **ret,
                      struct err *err)
{
    struct edit edit = {.arena = arena, .pointer = pointer, .mode = mode, .item = item};
    TRY(check(pointer, err));
    if (pointer.n == 0) {
        *ret = item;
        return 0;
    }
    return edit_at(&edit, v, pointer, ret, err);
}

int value_pointer_remove(struct arena *arena,
                         const struct value *v,
                         struct str pointer,
                         const struct value **ret,
                         struct err *err)
{
    struct edit edit = {.arena = arena, .pointer = pointer, .remove = true};
    TRY(check(pointer, err));
    if (pointer.n == 0) {
        return err_set(err, ERR_INVALID, "the whole document cannot be removed");
    }
    return edit_at(&edit, v, pointer, ret, err);
}

void value_pointer_put(struct buf *b, struct str step)
{
    buf_put_char(b, '/');
    for (size_t i = 0; i < step.n; i++) {
        if (step.p[i] == '~') {
            buf_put_c(b, "~0");
        } else if (step.p[i] == '/') {
            buf_put_c(b, "~1");
        } else {
            buf_put_char(b, step.p[i]);
        }
    }
}

/* ---- dotted paths ---- */

static bool dotted_is(struct str step, struct str key)
{
    size_t at = 0;
    for (size_t i = 0; i < step.n; i++, at++) {
        if (step.p[i] == '\\' && i + 1 < step.n && step.p[i + 1] == '.') {
            i++;
        }
        if (at == key.n || key.p[at] != step.p[i]) {
            return false;
        }
    }
    return at == key.n;
}

static const struct value *dotted_child(const struct value *v, struct str step)
{
    if (str_find_char(step, '\\') == STR_NONE) {
        return child(v, step);
    }
    VALUE_MAP_FOREACH(v, e)
    {
        if (dotted_is(step, e->key)) {
            return &e->value;
        }
    }
    return NULL;
}

const struct value *value_dotted_get(const struct value *v, struct str path)
{
    size_t start = 0;
    for (size_t i = 0; i <= path.n && v != NULL; i++) {
        if (i < path.n && path.p[i] == '\\') {
            i++;
            continue;
        }
        if (i >= path.n || path.p[i] == '.') {
            v = dotted_child(v, str_sub(path, start, i));
            start = i + 1;
        }
    }
    return v;
}
