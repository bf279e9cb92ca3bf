/* Table-driven decoding: every field type, errors with paths, documentation. */
#include "common/base/buf.h"
#include "common/value/value_decode.h"
#include "common/value/value_json.h"
#include "tests/unit/common/value/value_fixture.h"

struct port {
    struct str name;
    int64_t number;
};

struct spec {
    struct str name;
    struct str port_text;
    bool enabled;
    int64_t replicas;
    double ratio;
    const struct value *any;
    const struct value *map;
    bool map_set;
    int64_t timeout_ms;
    int64_t created_ms;
    struct port main_port;
    struct value_strs args;
    struct {
        const struct port *items;
        size_t n;
    } ports;
    struct value_str_pairs labels;
};

static const struct value_field PORT_FIELDS[] = {
    {"name", FIELD_STR, offsetof(struct port, name), FIELD_OPTIONAL, NULL, "what for"},
    {"number", FIELD_INT, offsetof(struct port, number), FIELD_REQUIRED, NULL, "1..65535"},
};
static const struct value_table PORT_TABLE = VALUE_TABLE(struct port, PORT_FIELDS);

static const struct value_field SPEC_FIELDS[] = {
    {"name", FIELD_STR, offsetof(struct spec, name), FIELD_NOT_EMPTY, NULL, "its name"},
    {"port", FIELD_TEXT, offsetof(struct spec, port_text), FIELD_OPTIONAL, NULL, NULL},
    {"enabled", FIELD_BOOL, offsetof(struct spec, enabled), FIELD_OPTIONAL, NULL, NULL},
    {"replicas", FIELD_INT, offsetof(struct spec, replicas), FIELD_OPTIONAL, NULL, NULL},
    {"ratio", FIELD_FLOAT, offsetof(struct spec, ratio), FIELD_OPTIONAL, NULL, NULL},
    {"any", FIELD_VALUE, offsetof(struct spec, any), FIELD_OPTIONAL, NULL, NULL},
    {"map", FIELD_MAP, offsetof(struct spec, map), FIELD_OPTIONAL, NULL, NULL},
    {"map", FIELD_SET, offsetof(struct spec, map_set), FIELD_OPTIONAL, NULL, NULL},
    {"timeout", FIELD_DURATION, offsetof(struct spec, timeout_ms), FIELD_OPTIONAL, NULL, NULL},
    {"created", FIELD_TIME, offsetof(struct spec, created_ms), FIELD_OPTIONAL, NULL, NULL},
    {"main", FIELD_STRUCT, offsetof(struct spec, main_port), FIELD_OPTIONAL, &PORT_TABLE, "first"},
    {"args", FIELD_STR_LIST, offsetof(struct spec, args), FIELD_NOT_EMPTY, NULL, NULL},
    {"ports", FIELD_LIST, offsetof(struct spec, ports), FIELD_OPTIONAL, &PORT_TABLE, "others"},
    {"labels", FIELD_STR_MAP, offsetof(struct spec, labels), FIELD_OPTIONAL, NULL, NULL},
};
static const struct value_table SPEC_TABLE = VALUE_TABLE(struct spec, SPEC_FIELDS);

/* With positions, which messages show. */
static const struct value *positioned(const char *text)
{
    struct err err;
    const struct value *v = NULL;
    const struct value_json_opts opts = {.positions = true};
    ASSERT_OK(value_from_json(arena, str_from(text), &opts, &v, &err));
    return v;
}

static void decodes_every_type(void **state UNUSED)
{
    struct err err;
    struct spec spec = {0};
    const struct value *v = positioned(
        "{\"name\":\"n\",\"port\":80,\"enabled\":true,\"replicas\":3.0,\"ratio\":2,"
        "\"any\":[1],\"map\":{},\"timeout\":\"1m30s\",\"created\":\"1970-01-01T00:00:01Z\","
        "\"main\":{\"name\":\"http\",\"number\":1},\"args\":[\"a\",\"b\"],"
        "\"ports\":[{\"number\":2},{\"number\":3}],\"labels\":{\"k\":\"v\",\"l\":\"w\"},"
        "\"extra\":1}");
    ASSERT_OK(value_decode(arena, v, &SPEC_TABLE, VALUE_DECODE_LAX, &spec, &err));
    ASSERT_STR(spec.name, "n");
    ASSERT_STR(spec.port_text, "80");
    assert_true(spec.enabled && spec.map_set);
    assert_int_equal(spec.replicas, 3);
    assert_true(spec.ratio == 2.0);
    assert_ptr_equal(spec.any, value_dig(v, "any"));
    assert_ptr_equal(spec.map, value_dig(v, "map"));
    assert_int_equal(spec.timeout_ms, 90000);
    assert_int_equal(spec.created_ms, 1000);
    ASSERT_STR(spec.main_port.name, "http");
    assert_int_equal(spec.args.n, 2);
    ASSERT_STR(spec.args.items[1], "b");
    assert_int_equal(spec.ports.n, 2);
    assert_int_equal(spec.ports.items[1].number, 3);
    assert_int_equal(spec.labels.n, 2);
    ASSERT_STR(spec.labels.items[1].key, "l");
    ASSERT_STR(spec.labels.items[1].value, "w");
}

static void absent_and_null_fields_keep_their_presets(void **state UNUSED)
{
    struct err err;
    struct spec spec = {.replicas = 5, .name = STR("preset")};
    ASSERT_OK(value_decode(arena, positioned("{\"replicas\":null}"), &SPEC_TABLE,
                           VALUE_DECODE_STRICT, &spec, &err));
    ASSERT_OK(value_decode(arena, NULL, &SPEC_TABLE, VALUE_DECODE_STRICT, &spec, &err));
    assert_int_equal(spec.replicas, 5);
    ASSERT_STR(spec.name, "preset");
    assert_false(spec.map_set);
}

static void texts_from_numbers_and_booleans(void **state UNUSED)
{
    static const char *const CASES[][2] = {
        {"{\"port\":\"http\"}", "http"}, {"{\"port\":true}", "true"}, {"{\"port\":1.5}", "1.5"}};
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct spec spec = {0};
        ASSERT_OK(value_decode(arena, positioned(CASES[i][0]), &SPEC_TABLE, VALUE_DECODE_LAX, &spec,
                               &err));
        ASSERT_STR(spec.port_text, CASES[i][1]);
    }
}

static void errors_name_the_path_and_position(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *want;
    } CASES[] = {
        {"[]", "line 1:1: spec must be a map, not a list"},
        {"{\"name\":\n 1}", "line 2:2: spec.name must be a string, not an integer"},
        {"{\"name\":\"\"}", "spec.name must not be empty"},
        {"{\"args\":[]}", "spec.args must not be empty"},
        {"{\"port\":[]}", "spec.port must be a string or number, not a list"},
        {"{\"enabled\":\"true\"}", "spec.enabled must be a boolean, not a string"},
        {"{\"replicas\":1.5}", "spec.replicas must be an integer, not a number"},
        {"{\"ratio\":\"1\"}", "spec.ratio must be a number"},
        {"{\"map\":[]}", "spec.map must be a map, not a list"},
        {"{\"timeout\":\"soon\"}", "spec.timeout is not valid: "},
        {"{\"timeout\":true}", "spec.timeout must be a duration"},
        {"{\"created\":\"now\"}", "spec.created is not valid: "},
        {"{\"created\":1}", "spec.created must be a time"},
        {"{\"main\":{}}", "spec.main.number is required"},
        {"{\"main\":1}", "spec.main must be a map, not an integer"},
        {"{\"args\":{\"a\":1}}", "spec.args must be a list"},
        {"{\"args\":[\"a\",1]}", "spec.args[1] must be a string, not an integer"},
        {"{\"ports\":[{\"number\":1},{\"number\":\"x\"}]}",
         "spec.ports[1].number must be an integer, not a string"},
        {"{\"ports\":1}", "spec.ports must be a list"},
        {"{\"labels\":{\"a.b\":1}}", "spec.labels.a.b must be a string"},
        {"{\"labels\":1}", "spec.labels must be a map"},
        {"{\"main\":{\"number\":1,\"numbr\":2}}", "spec.main.numbr is not a known field"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct spec spec = {0};
        ASSERT_ERR(value_decode_at(arena, positioned(CASES[i].text), "spec", &SPEC_TABLE,
                                   VALUE_DECODE_STRICT, &spec, &err),
                   ERR_INVALID, CASES[i].want);
    }
    struct err err;
    struct spec spec = {0};
    ASSERT_ERR(value_decode(arena, positioned("3"), &SPEC_TABLE, VALUE_DECODE_LAX, &spec, &err),
               ERR_INVALID, "the document must be a map");
}

static void prints_the_table(void **state UNUSED)
{
    AUTO(buf) struct buf b;
    buf_init(&b, 8192);
    value_table_print(&b, &SPEC_TABLE, "spec.");
    assert_non_null(strstr(b.p, "| `spec.name` | string | its name |\n"));
    assert_non_null(strstr(b.p, "| `spec.main.number` | integer, required | 1..65535 |\n"));
    assert_non_null(strstr(b.p, "| `spec.ports[].name` | string | what for |\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(decodes_every_type, setup, teardown),
        cmocka_unit_test_setup_teardown(absent_and_null_fields_keep_their_presets, setup, teardown),
        cmocka_unit_test_setup_teardown(texts_from_numbers_and_booleans, setup, teardown),
        cmocka_unit_test_setup_teardown(errors_name_the_path_and_position, setup, teardown),
        cmocka_unit_test_setup_teardown(prints_the_table, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
