/* Reading, comparing, hashing and copying values; reference-counted documents. No I/O, no globals but
 * constants; everything here may run on any thread, since values never change. */
#include "common/value/value.h"

#include <assert.h>
#include <endian.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/value/value_internal.h"

const struct value VALUE_NULL_VALUE = {.type = VALUE_NULL};
const struct value VALUE_EMPTY_MAP = {.type = VALUE_MAP};
const struct value VALUE_EMPTY_LIST = {.type = VALUE_LIST};
const struct value VALUE_TRUE = {.type = VALUE_BOOL, .b = true};
const struct value VALUE_FALSE = {.type = VALUE_BOOL, .b = false};

static const char *const TYPE_NAMES[VALUE_TYPE_COUNT] = {
    [VALUE_NULL] = "null",    [VALUE_BOOL] = "boolean",  [VALUE_INT] = "integer",
    [VALUE_FLOAT] = "number", [VALUE_STRING] = "string", [VALUE_LIST] = "list",
    [VALUE_MAP] = "map",
};

const char *value_type_name(enum value_type type)
{
    return type < VALUE_TYPE_COUNT ? TYPE_NAMES[type] : "unknown";
}

const char *value_type_noun(enum value_type type)
{
    static const char *const NOUNS[VALUE_TYPE_COUNT] = {
        [VALUE_NULL] = "null",      [VALUE_BOOL] = "a boolean",  [VALUE_INT] = "an integer",
        [VALUE_FLOAT] = "a number", [VALUE_STRING] = "a string", [VALUE_LIST] = "a list",
        [VALUE_MAP] = "a map",
    };
    return type < VALUE_TYPE_COUNT ? NOUNS[type] : "unknown";
}

/* ---- reading ---- */

size_t value_len(const struct value *v)
{
    bool counts = v != NULL && v->type >= VALUE_STRING;
    return counts ? v->n : 0;
}

/* Where loops over nothing begin and end: arithmetic on NULL is undefined. */
static const struct value_entry NO_ENTRY;

const struct value *value_items_(const struct value *list)
{
    return value_is(list, VALUE_LIST) && list->n > 0 ? list->items : &NO_ENTRY.value;
}

size_t value_items_n_(const struct value *list)
{
    return value_is(list, VALUE_LIST) ? list->n : 0;
}

const struct value_entry *value_entries_(const struct value *map)
{
    return value_is(map, VALUE_MAP) && map->n > 0 ? map->entries : &NO_ENTRY;
}

size_t value_entries_n_(const struct value *map)
{
    return value_is(map, VALUE_MAP) ? map->n : 0;
}

const struct value *value_at(const struct value *list, size_t i)
{
    return i < value_items_n_(list) ? &list->items[i] : NULL;
}

const struct value_entry *value_entry_at(const struct value *map, size_t i)
{
    return i < value_entries_n_(map) ? &map->entries[i] : NULL;
}

static size_t entry_by_index(const struct value *map, struct str key)
{
    const struct value_index *index = map->index;
    for (uint64_t h = value_hash_bytes(key.p, key.n, 0);; h++) {
        uint32_t slot = index->slots[h & index->mask];
        if (slot == 0) {
            return STR_NONE;
        }
        if (str_eq(map->entries[slot - 1].key, key)) {
            return slot - 1;
        }
    }
}

size_t value_entry_number(const struct value *map, struct str key)
{
    if (map->index != NULL) {
        return entry_by_index(map, key);
    }
    for (size_t i = 0; i < map->n; i++) {
        if (str_eq(map->entries[i].key, key)) {
            return i;
        }
    }
    return STR_NONE;
}

const struct value *value_find(const struct value *map, struct str key)
{
    if (!value_is(map, VALUE_MAP)) {
        return NULL;
    }
    size_t i = value_entry_number(map, key);
    return i != STR_NONE ? &map->entries[i].value : NULL;
}

const struct value *value_dig_path(const struct value *v, const char *const *keys)
{
    for (; *keys != NULL && v != NULL; keys++) {
        v = value_find(v, str_from(*keys));
    }
    return v;
}

struct str value_str(const struct value *v)
{
    return value_is(v, VALUE_STRING) ? str_of(v->s, v->n) : STR_EMPTY;
}

/* True when f is a whole number that int64_t holds. */
static bool float_is_int(double f)
{
    return f >= -0x1p63 && f < 0x1p63 && f == trunc(f);
}

int64_t value_int(const struct value *v, int64_t def)
{
    if (value_is(v, VALUE_INT)) {
        return v->i;
    }
    return value_is(v, VALUE_FLOAT) && float_is_int(v->f) ? (int64_t)v->f : def;
}

double value_float(const struct value *v, double def)
{
    if (value_is(v, VALUE_INT)) {
        return (double)v->i;
    }
    return value_is(v, VALUE_FLOAT) ? v->f : def;
}

bool value_bool(const struct value *v, bool def)
{
    return value_is(v, VALUE_BOOL) ? v->b : def;
}

/* ---- order ---- */

static bool is_number(const struct value *v)
{
    return v->type == VALUE_INT || v->type == VALUE_FLOAT;
}

/* NaN sorts before all numbers and equals itself: a total order is needed. */
static int cmp_floats(double a, double b)
{
    if (isnan(a) || isnan(b)) {
        return (isnan(b) ? 1 : 0) - (isnan(a) ? 1 : 0);
    }
    return (a > b) - (a < b);
}

/* Exact, though not every int64_t is a double. */
static int cmp_int_float(int64_t i, double f)
{
    if (isnan(f)) {
        return 1;
    }
    if (f >= 0x1p63) {
        return -1;
    }
    if (f < -0x1p63) {
        return 1;
    }
    int64_t whole = (int64_t)f;
    if (i != whole) {
        return i < whole ? -1 : 1;
    }
    return cmp_floats(0, f - (double)whole);
}

static int cmp_numbers(const struct value *a, const struct value *b)
{
    if (a->type == VALUE_INT && b->type == VALUE_INT) {
        return (a->i > b->i) - (a->i < b->i);
    }
    if (a->type == VALUE_INT) {
        return cmp_int_float(a->i, b->f);
    }
    if (b->type == VALUE_INT) {
        return -cmp_int_float(b->i, a->f);
    }
    return cmp_floats(a->f, b->f);
}

static int cmp_lists(const struct value *a, const struct value *b)
{
    for (size_t i = 0; i < a->n && i < b->n; i++) {
        int c = value_cmp(&a->items[i], &b->items[i]);
        if (c != 0) {
            return c;
        }
    }
    return (a->n > b->n) - (a->n < b->n);
}

static int cmp_entry_keys(const void *a, const void *b)
{
    const struct value_entry *const *ea = a;
    const struct value_entry *const *eb = b;
    return str_cmp((*ea)->key, (*eb)->key);
}

const struct value_entry **value_sorted_entries(const struct value *map)
{
    const struct value_entry **sorted = mem_calloc((size_t)map->n + 1, sizeof(*sorted));
    for (size_t i = 0; i < map->n; i++) {
        sorted[i] = &map->entries[i];
    }
    qsort(sorted, map->n, sizeof(struct value_entry *), cmp_entry_keys);
    return sorted;
}

static int cmp_maps(const struct value *a, const struct value *b)
{
    const struct value_entry **sa = value_sorted_entries(a);
    const struct value_entry **sb = value_sorted_entries(b);
    int c = 0;
    for (size_t i = 0; i < a->n && i < b->n && c == 0; i++) {
        c = str_cmp(sa[i]->key, sb[i]->key);
        c = c != 0 ? c : value_cmp(&sa[i]->value, &sb[i]->value);
    }
    mem_free((void *)sa);
    mem_free((void *)sb);
    return c != 0 ? c : (a->n > b->n) - (a->n < b->n);
}

int value_cmp(const struct value *a, const struct value *b)
{
    if (a == NULL || b == NULL) {
        return (a != NULL) - (b != NULL);
    }
    if (is_number(a) && is_number(b)) {
        return cmp_numbers(a, b);
    }
    if (a->type != b->type) {
        return a->type < b->type ? -1 : 1;
    }
    switch ((enum value_type)a->type) {
    case VALUE_BOOL:
        return a->b - b->b;
    case VALUE_STRING:
        return str_cmp(str_of(a->s, a->n), str_of(b->s, b->n));
    case VALUE_LIST:
        return cmp_lists(a, b);
    case VALUE_MAP:
        return cmp_maps(a, b);
    case VALUE_NULL:
    case VALUE_INT:
    case VALUE_FLOAT:
    case VALUE_TYPE_COUNT:
        break;
    }
    return 0;
}

/* ---- equality ---- */

static bool lists_equal(const struct value *a, const struct value *b)
{
    if (a->n != b->n) {
        return false;
    }
    for (size_t i = 0; a->items != b->items && i < a->n; i++) {
        if (!value_equal(&a->items[i], &b->items[i])) {
            return false;
        }
    }
    return true;
}

static bool maps_equal(const struct value *a, const struct value *b)
{
    if (a->n != b->n) {
        return false;
    }
    for (size_t i = 0; a->entries != b->entries && i < a->n; i++) {
        const struct value_entry *e = &a->entries[i];
        /* most maps compared were written by the same program: the same place first */
        const struct value *other =
            str_eq(e->key, b->entries[i].key) ? &b->entries[i].value : value_find(b, e->key);
        if (other == NULL || !value_equal(&e->value, other)) {
            return false;
        }
    }
    return true;
}

bool value_equal(const struct value *a, const struct value *b)
{
    if (a == b) {
        return true;
    }
    if (a == NULL || b == NULL) {
        return false;
    }
    if (is_number(a) && is_number(b)) {
        return cmp_numbers(a, b) == 0;
    }
    if (a->type != b->type) {
        return false;
    }
    if (a->type == VALUE_LIST) {
        return lists_equal(a, b);
    }
    if (a->type == VALUE_MAP) {
        return maps_equal(a, b);
    }
    return value_cmp(a, b) == 0;
}

/* ---- hash ---- */

static uint64_t mix(uint64_t h)
{
    h = (h ^ (h >> 32)) * 0xd6e8feb86659fd93U;
    h = (h ^ (h >> 32)) * 0xd6e8feb86659fd93U;
    return h ^ (h >> 32);
}

/* n <= 8 bytes, little end first whatever the machine. */
static uint64_t load_bytes(const unsigned char *p, size_t n)
{
    uint64_t v = 0;
    memcpy(&v, p, n);
    return le64toh(v);
}

uint64_t value_hash_bytes(const void *p, size_t n, uint64_t seed)
{
    const unsigned char *bytes = p;
    uint64_t h = seed ^ (n * 0x9e3779b97f4a7c15U);
    while (n >= 8) {
        h = (h ^ load_bytes(bytes, 8)) * 0x9fb21c651e98df25U;
        h ^= h >> 29;
        bytes += 8;
        n -= 8;
    }
    if (n > 0) {
        h = (h ^ load_bytes(bytes, n)) * 0x9fb21c651e98df25U;
    }
    return mix(h);
}

static uint64_t hash_number(const struct value *v)
{
    if (v->type == VALUE_INT || float_is_int(v->f)) {
        return mix((uint64_t)value_int(v, 0) ^ 0x1111);
    }
    double f = isnan(v->f) ? (double)NAN : v->f;
    uint64_t bits = 0;
    memcpy(&bits, &f, sizeof(bits));
    return mix(isnan(f) ? 0x2222 : bits ^ 0x3333);
}

static uint64_t hash_list(const struct value *v)
{
    uint64_t h = 0x5151 + v->n;
    VALUE_FOREACH(v, item) {
        h = mix(h ^ value_hash(item)) + 0x9e3779b97f4a7c15U;
    }
    return h;
}

/* A sum, so that the order of keys does not matter. */
static uint64_t hash_map(const struct value *v)
{
    uint64_t h = 0x6161 + v->n;
    VALUE_MAP_FOREACH(v, e)
    {
        h += mix(value_hash_bytes(e->key.p, e->key.n, 0x7171) + 3 * value_hash(&e->value));
    }
    return mix(h);
}

uint64_t value_hash(const struct value *v)
{
    switch (value_type(v)) {
    case VALUE_BOOL:
        return mix(v->b ? 0x4242 : 0x4141);
    case VALUE_INT:
    case VALUE_FLOAT:
        return hash_number(v);
    case VALUE_STRING:
        return value_hash_bytes(v->s, v->n, 0x8181);
    case VALUE_LIST:
        return hash_list(v);
    case VALUE_MAP:
        return hash_map(v);
    case VALUE_NULL:
    case VALUE_TYPE_COUNT:
        break;
    }
    return v != NULL ? mix(0x9191) : 0;
}

/* ---- copy ---- */

static void copy_into(struct arena *arena, struct value *dst, const struct value *v);

static void copy_map(struct arena *arena, struct value *dst, const struct value *v)
{
    struct value_entry *entries = arena_alloc(arena, v->n * sizeof(*entries));
    for (size_t i = 0; i < v->n; i++) {
        entries[i].key = arena_str(arena, v->entries[i].key);
        copy_into(arena, &entries[i].value, &v->entries[i].value);
    }
    value_map_finish(arena, dst, entries, v->n, NULL);
}

static void copy_list(struct arena *arena, struct value *dst, const struct value *v)
{
    struct value *items = arena_alloc(arena, v->n * sizeof(*items));
    for (size_t i = 0; i < v->n; i++) {
        copy_into(arena, &items[i], &v->items[i]);
    }
    dst->items = items;
}

static void copy_into(struct arena *arena, struct value *dst, const struct value *v)
{
    *dst = *v;
    if (v->type == VALUE_STRING) {
        dst->s = arena_str(arena, str_of(v->s, v->n)).p;
    } else if (v->type == VALUE_LIST) {
        dst->lexeme_n = 0;
        copy_list(arena, dst, v);
    } else if (v->type == VALUE_MAP) {
        dst->lexeme_n = 0;
        copy_map(arena, dst, v);
    } else if (v->lexeme_n > 0) {
        dst->lexeme = arena_str(arena, str_of(v->lexeme, v->lexeme_n)).p;
    }
}

const struct value *value_copy(struct arena *arena, const struct value *v)
{
    if (v == NULL) {
        return NULL;
    }
    struct value *copy = arena_alloc(arena, sizeof(*copy));
    copy_into(arena, copy, v);
    return copy;
}

/* ---- documents ---- */

struct doc {
    atomic_size_t n_refs;
    struct arena *arena; /* owned */
    const struct value *root;
};

struct doc *doc_new(struct arena *arena, const struct value *root)
{
    struct doc *doc = MEM_NEW(struct doc);
    atomic_init(&doc->n_refs, 1);
    doc->arena = arena;
    doc->root = root;
    return doc;
}

/* A tree in one block of just its size, nodes before texts; a text that is repeated stands there once. It is
 * walked twice, first to measure. */
struct packer {
    struct arena *arena;
    char *nodes; /* NULL = only measure */
    size_t node_bytes;
    char *texts;
    size_t text_bytes;
    struct str seen[256]; /* by hash; a newer text takes the place of an older one */
};

static void *pack_nodes(struct packer *p, size_t n_bytes)
{
    void *at = p->nodes != NULL ? p->nodes + p->node_bytes : NULL;
    p->node_bytes += n_bytes;
    return at;
}

static const char *pack_text(struct packer *p, const char *text, size_t n)
{
    if (n == 0) {
        return "";
    }
    struct str *seen = &p->seen[value_hash_bytes(text, n, 0) % ARRAY_LEN(p->seen)];
    if (seen->n > 0 && str_eq(*seen, str_of(text, n))) {
        return seen->p;
    }
    if (p->texts != NULL) {
        char *copy = p->texts + p->text_bytes;
        memcpy(copy, text, n);
        copy[n] = '\0';
        text = copy;
    }
    p->text_bytes += n + 1;
    *seen = str_of(text, n);
    return text;
}

static void pack_into(struct packer *p, struct value *dst, const struct value *v);

static void pack_map(struct packer *p, struct value *dst, const struct value *v)
{
    struct value_entry *entries = pack_nodes(p, v->n * sizeof(*entries));
    for (size_t i = 0; i < v->n; i++) {
        struct str key = v->entries[i].key;
        key.p = pack_text(p, key.p, key.n);
        if (dst != NULL) {
            entries[i].key = key;
        }
        pack_into(p, dst != NULL ? &entries[i].value : NULL, &v->entries[i].value);
    }
    if (dst != NULL) {
        dst->lexeme_n = 0;
        value_map_finish(p->arena, dst, entries, v->n, NULL);
    }
}

static void pack_list(struct packer *p, struct value *dst, const struct value *v)
{
    struct value *items = pack_nodes(p, v->n * sizeof(*items));
    for (size_t i = 0; i < v->n; i++) {
        pack_into(p, dst != NULL ? &items[i] : NULL, &v->items[i]);
    }
    if (dst != NULL) {
        dst->lexeme_n = 0;
        dst->items = items;
    }
}

/* dst: NULL when only measuring. */
static void pack_into(struct packer *p, struct value *dst, const struct value *v)
{
    struct value copy = *v;
    if (dst != NULL) {
        *dst = copy;
    }
    if (v->type == VALUE_MAP) {
        pack_map(p, dst, v);
        return;
    }
    if (v->type == VALUE_LIST) {
        pack_list(p, dst, v);
        return;
    }
    if (v->type == VALUE_STRING) {
        copy.s = pack_text(p, v->s, v->n);
    } else if (v->lexeme_n > 0) {
        copy.lexeme = pack_text(p, v->lexeme, v->lexeme_n);
    }
    if (dst != NULL) {
        *dst = copy;
    }
}

struct doc *doc_copy_of(const struct value *v)
{
    struct arena *arena = arena_new_tight();
    if (v == NULL) {
        return doc_new(arena, NULL);
    }
    struct packer size = {0};
    pack_into(&size, NULL, v);
    size.node_bytes += sizeof(*v);
    char *block = arena_alloc(arena, size.node_bytes + size.text_bytes);
    struct packer p = {.arena = arena, .nodes = block, .texts = block + size.node_bytes};
    struct value *root = pack_nodes(&p, sizeof(*root));
    pack_into(&p, root, v);
    assert(p.node_bytes == size.node_bytes && p.text_bytes == size.text_bytes);
    return doc_new(arena, root);
}

struct doc *doc_ref(struct doc *doc)
{
    size_t before = atomic_fetch_add_explicit(&doc->n_refs, 1, memory_order_relaxed);
    assert(before > 0);
    return doc;
}

void doc_unref(struct doc *doc)
{
    if (doc == NULL) {
        return;
    }
    size_t before = atomic_fetch_sub_explicit(&doc->n_refs, 1, memory_order_acq_rel);
    assert(before > 0);
    if (before == 1) {
        arena_free(doc->arena);
        mem_free(doc);
    }
}

const struct value *doc_root(const struct doc *doc)
{
    return doc != NULL ? doc->root : NULL;
}

size_t doc_size(const struct doc *doc)
{
    return doc != NULL ? sizeof(*doc) + arena_used(doc->arena) : 0;
}

static void on_arena_free(void *p)
{
    doc_unref(p);
}

void arena_hold(struct arena *arena, struct doc *doc)
{
    if (doc != NULL) {
        arena_defer(arena, on_arena_free, doc_ref(doc));
    }
}
