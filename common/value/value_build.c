/* The stack builder: children of all open containers lie on one heap stack; when a container ends,
 * its children are copied to their final, contiguous place in the arena. */
#include "common/value/value_build.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/value/value_internal.h"

enum {
    FIRST_STACK = 64,
    FIRST_FRAMES = 16,
};

/* ---- single values ---- */

struct value value_of_null(void)
{
    return VALUE_NULL_VALUE;
}

struct value value_of_bool(bool b)
{
    return (struct value){.type = VALUE_BOOL, .b = b};
}

struct value value_of_int(int64_t i)
{
    return (struct value){.type = VALUE_INT, .i = i};
}

struct value value_of_float(double f)
{
    return (struct value){.type = VALUE_FLOAT, .f = f};
}

struct value value_of_str(struct str terminated)
{
    assert(terminated.n <= UINT32_MAX);
    return (struct value){
        .type = VALUE_STRING,
        .n = (uint32_t)terminated.n,
        .s = terminated.p != NULL ? terminated.p : "",
    };
}

static const struct value *in_arena(struct arena *arena, struct value v)
{
    struct value *p = arena_alloc(arena, sizeof(*p));
    *p = v;
    return p;
}

const struct value *value_new_bool(struct arena *arena UNUSED, bool b)
{
    return b ? &VALUE_TRUE : &VALUE_FALSE;
}

const struct value *value_new_int(struct arena *arena, int64_t i)
{
    return in_arena(arena, value_of_int(i));
}

const struct value *value_new_float(struct arena *arena, double f)
{
    return in_arena(arena, value_of_float(f));
}

const struct value *value_new_str(struct arena *arena, struct str s)
{
    return in_arena(arena, value_of_str(arena_str(arena, s)));
}

const struct value *value_new_printf(struct arena *arena, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct str text = arena_vprintf(arena, fmt, ap);
    va_end(ap);
    return in_arena(arena, value_of_str(text));
}

/* ---- lists and maps from arrays ---- */

static struct value list_of(struct arena *arena, const struct value *items, size_t n)
{
    assert(n <= UINT32_MAX);
    struct value v = {.type = VALUE_LIST, .n = (uint32_t)n};
    if (n > 0) {
        struct value *copy = arena_alloc(arena, n * sizeof(*copy));
        memcpy(copy, items, n * sizeof(*copy));
        v.items = copy;
    }
    return v;
}

const struct value *value_new_list(struct arena *arena, const struct value *items, size_t n)
{
    return in_arena(arena, list_of(arena, items, n));
}

const struct value *value_new_str_list(struct arena *arena, const struct str *items, size_t n)
{
    struct value *copy = arena_alloc(arena, n * sizeof(*copy));
    for (size_t i = 0; i < n; i++) {
        copy[i] = value_of_str(arena_str(arena, items[i]));
    }
    struct value v = {.type = VALUE_LIST, .n = (uint32_t)n, .items = copy};
    return in_arena(arena, v);
}

const struct value *value_new_map(struct arena *arena, const struct value_entry *entries, size_t n)
{
    struct value v = {.type = VALUE_MAP};
    struct value_entry *copy = arena_alloc(arena, n * sizeof(*copy));
    if (n > 0) {
        memcpy(copy, entries, n * sizeof(*copy));
    }
    value_map_finish(arena, &v, copy, n, NULL);
    return in_arena(arena, v);
}

/* ---- finishing maps: duplicates and index ---- */

static bool keys_equal(const struct value_entry *a, const struct value_entry *b)
{
    return a->key.n == b->key.n && memcmp(a->key.p, b->key.p, a->key.n) == 0;
}

/* entries[at] repeats entries[first]: keep the newer value at the older place. */
static void
replace_duplicate(struct value_entry *entries, size_t first, size_t at, struct value_entry *ret)
{
    if (ret != NULL && ret->key.p == NULL) {
        *ret = entries[at];
    }
    entries[first].value = entries[at].value;
}

static size_t finish_small(struct value_entry *entries, size_t n, struct value_entry *ret)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        size_t first = 0;
        while (first < kept && !keys_equal(&entries[first], &entries[i])) {
            first++;
        }
        if (first < kept) {
            replace_duplicate(entries, first, i, ret);
            continue;
        }
        if (kept != i) {
            entries[kept] = entries[i];
        }
        kept++;
    }
    return kept;
}

static struct value_index *index_new(struct arena *arena, size_t n)
{
    size_t n_slots = 16;
    while (n_slots < n + n / 2) {
        n_slots *= 2;
    }
    struct value_index *index =
        arena_zalloc(arena, sizeof(struct value_index) + n_slots * sizeof(uint32_t));
    index->mask = (uint32_t)(n_slots - 1);
    return index;
}

static size_t finish_large(struct value_index *index,
                           struct value_entry *entries,
                           size_t n,
                           struct value_entry *ret)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t h = value_hash_bytes(entries[i].key.p, entries[i].key.n, 0);
        while (index->slots[h & index->mask] != 0 &&
               !keys_equal(&entries[index->slots[h & index->mask] - 1], &entries[i])) {
            h++;
        }
        uint32_t *slot = &index->slots[h & index->mask];
        if (*slot != 0) {
            replace_duplicate(entries, *slot - 1, i, ret);
            continue;
        }
        if (kept != i) {
            entries[kept] = entries[i];
        }
        *slot = (uint32_t)++kept;
    }
    return kept;
}

void value_map_finish(struct arena *arena,
                      struct value *map,
                      struct value_entry *entries,
                      size_t n,
                      struct value_entry *ret_duplicate)
{
    assert(n < UINT32_MAX);
    map->entries = n > 0 ? entries : NULL;
    map->index = NULL;
    if (n <= VALUE_INDEX_ABOVE) {
        map->n = (uint32_t)finish_small(entries, n, ret_duplicate);
        return;
    }
    struct value_index *index = index_new(arena, n);
    map->n = (uint32_t)finish_large(index, entries, n, ret_duplicate);
    map->index = index;
}

/* ---- the stack ---- */

void value_builder_init(struct value_builder *b, struct arena *arena, enum value_dup dup)
{
    *b = (struct value_builder){.arena = arena, .dup = dup};
}

void value_builder_done(struct value_builder *b)
{
    mem_free(b->stack);
    mem_free(b->frames);
    *b = (struct value_builder){0};
}

void value_build_push(struct value_builder *b, struct value v)
{
    if (b->n == b->cap) {
        b->cap = b->cap == 0 ? FIRST_STACK : b->cap * 2;
        b->stack = mem_realloc(b->stack, b->cap * sizeof(*b->stack));
    }
    b->stack[b->n].key = b->key;
    b->stack[b->n].value = v;
    b->n++;
    b->key.p = NULL;
}

void value_build_open(struct value_builder *b, struct value container)
{
    if (b->n_frames == b->cap_frames) {
        b->cap_frames = b->cap_frames == 0 ? FIRST_FRAMES : b->cap_frames * 2;
        b->frames = mem_realloc(b->frames, b->cap_frames * sizeof(*b->frames));
    }
    b->frames[b->n_frames++] =
        (struct value_frame){.start = b->n, .container = container, .key = b->key};
    b->key.p = NULL;
}

void value_build_map(struct value_builder *b)
{
    value_build_open(b, VALUE_EMPTY_MAP);
}

void value_build_list(struct value_builder *b)
{
    value_build_open(b, VALUE_EMPTY_LIST);
}

static void end_list(struct value_builder *b, struct value *list, size_t start, size_t n)
{
    struct value *items = arena_alloc(b->arena, n * sizeof(*items));
    for (size_t i = 0; i < n; i++) {
        items[i] = b->stack[start + i].value;
    }
    list->items = items;
    list->n = (uint32_t)n;
}

static void end_map(struct value_builder *b, struct value *map, size_t start, size_t n)
{
    struct value_entry *entries = arena_alloc(b->arena, n * sizeof(*entries));
    memcpy(entries, b->stack + start, n * sizeof(*entries));
    assert(entries[n - 1].key.p != NULL);
    value_map_finish(b->arena, map, entries, n, b->dup == VALUE_DUP_ERROR ? &b->duplicate : NULL);
}

void value_build_end(struct value_builder *b)
{
    assert(b->n_frames > 0 && b->key.p == NULL);
    struct value_frame *frame = &b->frames[--b->n_frames];
    struct value container = frame->container;
    size_t n = b->n - frame->start;
    assert(n < UINT32_MAX);
    if (n > 0 && container.type == VALUE_LIST) {
        end_list(b, &container, frame->start, n);
    } else if (n > 0) {
        end_map(b, &container, frame->start, n);
    }
    b->n = frame->start;
    b->key = frame->key;
    value_build_push(b, container);
}

void value_build_key(struct value_builder *b, struct str key)
{
    value_build_key_borrowed(b, arena_str(b->arena, key));
}

void value_build_null(struct value_builder *b)
{
    value_build_push(b, VALUE_NULL_VALUE);
}

void value_build_bool(struct value_builder *b, bool v)
{
    value_build_push(b, value_of_bool(v));
}

void value_build_int(struct value_builder *b, int64_t v)
{
    value_build_push(b, value_of_int(v));
}

void value_build_float(struct value_builder *b, double v)
{
    value_build_push(b, value_of_float(v));
}

void value_build_str(struct value_builder *b, struct str s)
{
    value_build_push(b, value_of_str(arena_str(b->arena, s)));
}

void value_build_value(struct value_builder *b, const struct value *v)
{
    value_build_push(b, v != NULL ? *v : VALUE_NULL_VALUE);
}

/* ---- key and value in one call ---- */

void value_build_field_str(struct value_builder *b, const char *key, struct str s)
{
    value_build_key_borrowed(b, str_from(key));
    value_build_str(b, s);
}

void value_build_field_int(struct value_builder *b, const char *key, int64_t v)
{
    value_build_key_borrowed(b, str_from(key));
    value_build_int(b, v);
}

void value_build_field_bool(struct value_builder *b, const char *key, bool v)
{
    value_build_key_borrowed(b, str_from(key));
    value_build_bool(b, v);
}

void value_build_field(struct value_builder *b, const char *key, const struct value *v)
{
    value_build_key_borrowed(b, str_from(key));
    value_build_value(b, v);
}

void value_build_field_str_opt(struct value_builder *b, const char *key, struct str s)
{
    if (s.n > 0) {
        value_build_field_str(b, key, s);
    }
}

void value_build_field_map(struct value_builder *b, const char *key)
{
    value_build_key_borrowed(b, str_from(key));
    value_build_map(b);
}

void value_build_field_list(struct value_builder *b, const char *key)
{
    value_build_key_borrowed(b, str_from(key));
    value_build_list(b);
}

const struct value *value_build_finish(struct value_builder *b)
{
    assert(b->n_frames == 0 && b->n == 1);
    b->n = 0;
    return in_arena(b->arena, b->stack[0].value);
}

const struct value_entry *value_builder_duplicate(const struct value_builder *b)
{
    return b->duplicate.key.p != NULL ? &b->duplicate : NULL;
}
