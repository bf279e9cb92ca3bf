/* YAML: what is read can be written and read again. */
#include "common/value/value_json.h"
#include "common/value/value_yaml.h"
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

static void read_as(struct arena *arena, struct str text, enum value_yaml_schema schema)
{
    struct err err;
    struct value_yaml_opts opts = {
        .schema = schema,
        .max_nodes = 20000, /* larger documents only make it slower */
        .max_depth = 100,
    };
    struct value_yaml_docs docs = {0};
    const struct value *first = NULL;
    struct str json;
    if (value_from_yaml_stream(arena, text, &opts, &docs, &err) < 0) {
        return;
    }
    FUZZ_OK(value_from_yaml(arena, text, &opts, &first, &err));
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
