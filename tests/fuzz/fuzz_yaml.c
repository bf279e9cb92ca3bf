/* YAML: the fast reader and libyaml agree in everything; what is read can be written and read again. */
#include <string.h>

#include "common/value/value_json.h"
#include "common/value/value_yaml.h"
#include "common/value/value_yaml_internal.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 64 * 1024 };

/* go-yaml writes the key "<<" plainly, so that it is a merge when read again; large floats see
 * fuzz_json.c. */
static bool is_not_stable(const struct value *v)
{
    if (v->type == VALUE_FLOAT && (v->f > 0x1p53 || v->f < -0x1p53)) {
        return true;
    }
    VALUE_FOREACH(v, item) {
        if (is_not_stable(item)) {
            return true;
        }
    }
    VALUE_MAP_FOREACH(v, e)
    {
        if (str_eq(e->key, STR("<<")) || is_not_stable(&e->value)) {
            return true;
        }
    }
    return false;
}

static void round_trip(struct arena *arena, const struct value *v)
{
    struct err err;
    struct str text;
    const struct value *back = NULL;
    struct value_yaml_write go3 = {.style = VALUE_YAML_GO3};
    FUZZ_OK(value_to_yaml_in(arena, v, NULL, &text, &err));
    FUZZ_OK(value_from_yaml(arena, text, NULL, &back, &err));
    FUZZ_CHECK(value_equal(v, back));
    /* go-yaml v3 writes blocks that begin with a tab, which nobody else reads */
    FUZZ_OK(value_to_yaml_in(arena, v, &go3, &text, &err));
}

/* Equal in content, order, positions, flags and the text of numbers. */
static void check_same(const struct value *a, const struct value *b)
{
    FUZZ_CHECK(a->type == b->type && a->flags == b->flags && a->n == b->n);
    FUZZ_CHECK(a->line == b->line && a->column == b->column);
    FUZZ_CHECK(a->lexeme_n == b->lexeme_n);
    FUZZ_CHECK(str_eq(str_of(a->lexeme, a->lexeme_n), str_of(b->lexeme, b->lexeme_n)));
    FUZZ_CHECK(a->type >= VALUE_LIST || value_cmp(a, b) == 0);
    FUZZ_CHECK(a->type != VALUE_STRING || a->s[a->n] == '\0');
    for (size_t i = 0; i < value_len(a) && a->type == VALUE_LIST; i++) {
        check_same(value_at(a, i), value_at(b, i));
    }
    for (size_t i = 0; i < value_len(a) && a->type == VALUE_MAP; i++) {
        const struct value_entry *ea = value_entry_at(a, i);
        const struct value_entry *eb = value_entry_at(b, i);
        FUZZ_CHECK(str_eq(ea->key, eb->key) && ea->key.p[ea->key.n] == '\0');
        check_same(&ea->value, &eb->value);
    }
}

static int compare_readers(struct arena *arena,
                           struct str text,
                           const struct value_yaml_opts *opts,
                           enum value_yaml_extent extent,
                           struct value_yaml_docs *ret)
{
    struct err err_a;
    struct err err_b;
    struct value_yaml_docs slow = {0};
    int a = value_yaml_read(arena, text, opts, VALUE_YAML_READER_BEST, extent, ret, &err_a);
    int b = value_yaml_read(arena, text, opts, VALUE_YAML_READER_LIBYAML, extent, &slow, &err_b);
    FUZZ_CHECK(a == b);
    if (a < 0) {
        FUZZ_CHECK(strcmp(err_a.message, err_b.message) == 0);
        FUZZ_CHECK(err_a.pos.line == err_b.pos.line && err_a.pos.column == err_b.pos.column);
        return a;
    }
    FUZZ_CHECK(ret->n == slow.n);
    for (size_t i = 0; i < slow.n; i++) {
        FUZZ_CHECK(ret->items[i].line == slow.items[i].line);
        check_same(ret->items[i].value, slow.items[i].value);
    }
    return 0;
}

static void read_as(struct arena *arena, struct str text, enum value_yaml_schema schema)
{
    struct err err;
    struct value_yaml_opts opts = {
        .schema = schema,
        .duplicates = schema == VALUE_YAML_JSON ? VALUE_DUP_LAST : VALUE_DUP_ERROR,
        .max_nodes = 20000, /* larger documents only make it slower */
        .max_depth = 100,
    };
    struct value_yaml_docs docs = {0};
    struct value_yaml_docs first = {0};
    struct str json;
    (void)compare_readers(arena, text, &opts, VALUE_YAML_FIRST, &first);
    if (compare_readers(arena, text, &opts, VALUE_YAML_ALL, &docs) < 0) {
        return;
    }
    for (size_t i = 0; i < docs.n; i++) {
        FUZZ_OK(value_to_json_in(arena, docs.items[i].value, NULL, &json, &err));
        if (!is_not_stable(docs.items[i].value)) {
            round_trip(arena, docs.items[i].value);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > MAX_BYTES) {
        return 0;
    }
    AUTO(arena) struct arena *arena = arena_new();
    struct str text = str_of((const char *)data, size);
    read_as(arena, text, VALUE_YAML_JSON);
    read_as(arena, text, VALUE_YAML_CORE);
    return 0;
}
