/* YAML against recorded results of go-yaml, and what the recordings cannot show: positions, streams,
 * limits, flags. */
#include <stdio.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/fs.h"
#include "common/base/limits.h"
#include "common/value/value_build.h"
#include "common/value/value_json.h"
#include "common/value/value_yaml.h"
#include "tests/lib/cases.h"
#include "tests/unit/common/value/value_fixture.h"

/* ---- recorded cases ---- */

/* A file of a case, or NULL when it does not exist. */
static const char *file_of(struct arena *a, const char *dir, const char *name)
{
    struct err err;
    struct str text;
    int rc = fs_read_file(a, arena_printf(a, "%s/%s", dir, name).p, LIMIT_DOC_BYTES, &text, &err);
    if (rc == -ERR_NOT_FOUND) {
        return NULL;
    }
    ASSERT_OK(rc);
    return text.p;
}

static void read_with(struct arena *a, const char *dir, enum value_yaml_schema schema)
{
    struct err err;
    const char *base = schema == VALUE_YAML_JSON ? "json" : "core";
    struct value_yaml_opts opts = {
        .schema = schema,
        .duplicates = schema == VALUE_YAML_JSON ? VALUE_DUP_LAST : VALUE_DUP_ERROR,
    };
    const char *want = file_of(a, dir, arena_printf(a, "want_%s.json", base).p);
    const char *want_error = file_of(a, dir, arena_printf(a, "want_%s_error.txt", base).p);
    const struct value *is = NULL;
    int rc = value_from_yaml(a, str_from(file_of(a, dir, "in.yaml")), &opts, &is, &err);
    if (want_error != NULL) {
        char text[1024];
        assert_int_equal(rc, -ERR_INVALID);
        err_format(&err, text, sizeof(text));
        assert_string_equal(text, arena_str(a, str_trim(str_from(want_error))).p);
        return;
    }
    ASSERT_OK(rc);
    if (want == NULL) {
        fail_msg("%s: neither a result nor an error for %s", dir, base);
    }
    const struct value *wanted = NULL;
    ASSERT_OK(value_from_json(a, str_from(want), NULL, &wanted, &err));
    cases_assert_equal(dir, is, wanted);
}

static void read_case(struct arena *a, const char *dir, const char *name UNUSED)
{
    read_with(a, dir, VALUE_YAML_JSON);
    read_with(a, dir, VALUE_YAML_CORE);
}

static void reads_as_go_yaml(void **state UNUSED)
{
    cases_run("yaml/read", read_case);
}

static void write_with(struct arena *a, const char *dir, enum value_yaml_style style)
{
    struct err err;
    struct str is;
    const struct value *v = NULL;
    struct value_yaml_write opts = {.style = style};
    const char *name = style == VALUE_YAML_GO2 ? "want_go2.yaml" : "want_go3.yaml";
    const char *want = file_of(a, dir, name);
    if (want == NULL) {
        return;
    }
    ASSERT_OK(value_from_json(a, str_from(file_of(a, dir, "in.json")), NULL, &v, &err));
    ASSERT_OK(value_to_yaml_in(a, v, &opts, &is, &err));
    if (!str_eq_c(is, want)) {
        fail_msg("%s/%s differs; is:\n%s", dir, name, is.p);
    }
}

static void write_case(struct arena *a, const char *dir, const char *name UNUSED)
{
    write_with(a, dir, VALUE_YAML_GO2);
    write_with(a, dir, VALUE_YAML_GO3);
}

static void writes_as_go_yaml(void **state UNUSED)
{
    cases_run("yaml/write", write_case);
}

/* ---- the rest ---- */

static void nodes_have_positions_and_quoting(void **state UNUSED)
{
    const struct value *v =
        parse_yaml(arena, "a: 1\nb:\n  - x: 'q'\n    z: |\n      t\n  - [1, 2]\n");
    const struct value *list = value_dig(v, "b");
    assert_int_equal(v->line, 1);
    assert_int_equal(value_dig(v, "a")->column, 4);
    assert_int_equal(value_dig(v, "a")->lexeme_n, 1);
    assert_int_equal(list->line, 3);
    assert_int_equal(list->column, 3);
    const struct value *x = value_dig(value_at(list, 0), "x");
    assert_int_equal(x->line, 3);
    assert_int_equal(x->column, 8);
    assert_int_equal(x->flags, VALUE_QUOTED);
    assert_int_equal(value_dig(value_at(list, 0), "z")->flags, VALUE_QUOTED);
    assert_int_equal(value_dig(v, "a")->flags, 0);
    assert_int_equal(value_at(value_at(list, 1), 1)->column, 9);
    static const char NULLS[] = "a:\nb: null\nc: ~\nd: !!null\n";
    const struct value *nulls = parse_yaml(arena, NULLS);
    assert_int_equal(value_dig(nulls, "a")->flags, VALUE_BLANK);
    assert_int_equal(value_dig(nulls, "b")->flags, 0);
    assert_int_equal(value_dig(nulls, "c")->flags, 0);
    assert_int_equal(value_dig(nulls, "d")->flags, VALUE_BLANK);
}

static void streams_skip_documents_without_content(void **state UNUSED)
{
    struct err err;
    struct value_yaml_docs docs;
    const char *text = "# head\n---\na: &x 1\n---\n# nothing\n---\n\n---\n- b\n...\n---\n'': \n";
    ASSERT_OK(value_from_yaml_stream(arena, str_from(text), NULL, &docs, &err));
    assert_int_equal(docs.n, 3);
    assert_int_equal(docs.items[0].line, 3);
    assert_int_equal(docs.items[1].line, 9);
    assert_int_equal(value_int(value_dig(docs.items[0].value, "a"), 0), 1);
    ASSERT_OK(value_from_yaml_stream(arena, STR("# only\n"), NULL, &docs, &err));
    assert_int_equal(docs.n, 0);
    ASSERT_ERR(value_from_yaml_stream(arena, STR("a: &x 1\n---\nb: *x\n"), NULL, &docs, &err),
               ERR_INVALID, "line 3:4: unknown anchor 'x'");
    ASSERT_ERR(value_from_yaml_stream(arena, STR("a: 1\n---\nb: [\n"), NULL, &docs, &err),
               ERR_INVALID, "line 4:1: did not find expected node content");
}

static void duplicates_can_be_errors(void **state UNUSED)
{
    struct err err;
    const struct value *v = NULL;
    struct value_yaml_opts opts = {.duplicates = VALUE_DUP_ERROR};
    ASSERT_ERR(value_from_yaml(arena, STR("a: 1\nb: {c: 1, c: 2}\n"), &opts, &v, &err), ERR_INVALID,
               "line 2:14: key \"c\" already set in map");
    /* go-yaml v2 in strict mode refuses a merged key as well */
    ASSERT_ERR(value_from_yaml(arena, STR("<<: {a: 2}\na: 1\n"), &opts, &v, &err), ERR_INVALID,
               "key \"a\" already set in map");
    opts.schema = VALUE_YAML_CORE;
    ASSERT_ERR(value_from_yaml(arena, STR("a: 1\na: 2\n"), &opts, &v, &err), ERR_INVALID,
               "line 2:4: mapping key \"a\" already defined");
    ASSERT_OK(value_from_yaml(arena, STR("<<: {a: 2, b: 3}\na: 1\n"), &opts, &v, &err));
    assert_int_equal(value_int(value_dig(v, "a"), 0), 1);
    assert_int_equal(value_int(value_dig(v, "b"), 0), 3);
}

static void invalid_encoding_has_a_position(void **state UNUSED)
{
    struct err err;
    const struct value *v = NULL;
    ASSERT_ERR(value_from_yaml(arena, STR("a: 1\nb: x\xff\n"), NULL, &v, &err), ERR_INVALID,
               "line 2:5: invalid leading UTF-8 octet");
    ASSERT_ERR(value_from_yaml(arena, STR("a: \x01\n"), NULL, &v, &err), ERR_INVALID,
               "control characters are not allowed");
}

static void limits_hold_at_n_and_not_above(void **state UNUSED)
{
    struct err err;
    const struct value *v = NULL;
    struct value_yaml_opts depth = {.max_depth = 2};
    ASSERT_OK(value_from_yaml(arena, STR("a: [1]"), &depth, &v, &err));
    ASSERT_ERR(value_from_yaml(arena, STR("a: [[1]]"), &depth, &v, &err), ERR_LIMIT, "deeper");
    struct value_yaml_opts nodes = {.max_nodes = 3};
    ASSERT_OK(value_from_yaml(arena, STR("[1, 2]"), &nodes, &v, &err));
    ASSERT_ERR(value_from_yaml(arena, STR("[1, 2, 3]"), &nodes, &v, &err), ERR_LIMIT,
               "more than 3");
    struct value_yaml_opts bytes = {.max_bytes = 4};
    ASSERT_OK(value_from_yaml(arena, STR("a: 1"), &bytes, &v, &err));
    ASSERT_ERR(value_from_yaml(arena, STR("a: 12"), &bytes, &v, &err), ERR_LIMIT, "larger than 4");
    struct value_yaml_opts aliases = {.max_alias_nodes = 4};
    ASSERT_OK(value_from_yaml(arena, STR("a: &a [1]\nb: [*a, *a]\n"), &aliases, &v, &err));
    ASSERT_ERR(value_from_yaml(arena, STR("a: &a [1]\nb: [*a, *a, *a]\n"), &aliases, &v, &err),
               ERR_LIMIT, "excessive aliasing");
}

static void billion_laughs_are_cheap_to_refuse(void **state UNUSED)
{
    struct err err;
    const struct value *v = NULL;
    AUTO(buf) struct buf b;
    buf_init(&b, 8192);
    buf_put_c(&b, "a0: &a0 [lol]\n");
    for (int i = 1; i < 40; i++) {
        buf_printf(&b, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1, i - 1, i - 1);
    }
    ASSERT_ERR(value_from_yaml(arena, buf_str(&b), NULL, &v, &err), ERR_LIMIT, "aliasing");
    buf_reset(&b); /* the same by merges of maps that grow */
    buf_put_c(&b, "a0: &a0 {x: 1}\n");
    for (int i = 1; i < 40; i++) {
        buf_printf(&b, "a%d: &a%d {<<: *a%d, k%d: *a%d}\n", i, i, i - 1, i, i - 1);
    }
    ASSERT_ERR(value_from_yaml(arena, buf_str(&b), NULL, &v, &err), ERR_LIMIT, "aliasing");
}

static void writing_keeps_insertion_order_when_asked(void **state UNUSED)
{
    struct err err;
    struct str text;
    struct value_yaml_write opts = {.insertion_order = true};
    ASSERT_OK(value_to_yaml_in(arena, parse_yaml(arena, "b: 1\na:\n- 2\n"), &opts, &text, &err));
    ASSERT_STR(text, "b: 1\na:\n- 2\n");
    ASSERT_OK(value_to_yaml_in(arena, NULL, NULL, &text, &err));
    ASSERT_STR(text, "null\n");
    const struct value *invalid = value_new_str(arena, STR("x\xff"));
    ASSERT_OK(value_to_yaml_in(arena, invalid, NULL, &text, &err));
    ASSERT_STR(text, "x\xef\xbf\xbd\n");
}

static void writing_reports_what_cannot_be_written(void **state UNUSED)
{
    struct err err;
    struct str text;
    const struct value *inf = value_new_float(arena, 1e308 * 10);
    ASSERT_ERR(value_to_yaml_in(arena, inf, NULL, &text, &err), ERR_INVALID,
               "json: unsupported value: +Inf");
    AUTO(buf) struct buf b;
    buf_init(&b, 3);
    ASSERT_ERR(value_to_yaml(&b, parse_yaml(arena, "a: 1"), NULL, &err), ERR_LIMIT,
               "larger than 3 bytes");
}

static void floats_from_programs_print_like_json_numbers(void **state UNUSED)
{
    static const struct {
        double f;
        const char *go2;
        const char *go3;
    } CASES[] = {
        {1, "1\n", "1\n"},
        {1e6, "1000000\n", "1e+06\n"},
        {1e20, "1e+20\n", "1e+20\n"},
        {0.00001, "1e-05\n", "1e-05\n"},
        {-0.0, "0\n", "-0\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct str text;
        struct value_yaml_write go3 = {.style = VALUE_YAML_GO3};
        const struct value *v = value_new_float(arena, CASES[i].f);
        ASSERT_OK(value_to_yaml_in(arena, v, NULL, &text, &err));
        ASSERT_STR(text, CASES[i].go2);
        ASSERT_OK(value_to_yaml_in(arena, v, &go3, &text, &err));
        ASSERT_STR(text, CASES[i].go3);
    }
}

static void plain_scalars_are_read_alone(void **state UNUSED)
{
    static const struct {
        const char *text;
        enum value_yaml_schema schema;
        const char *want;
    } CASES[] = {
        {"a: b", VALUE_YAML_CORE, "\"a: b\""},
        {"", VALUE_YAML_CORE, "null"},
        {"0x1f", VALUE_YAML_CORE, "31"},
        {"yes", VALUE_YAML_CORE, "\"yes\""},
        {"yes", VALUE_YAML_JSON, "true"},
        {"2020-01-01", VALUE_YAML_CORE, "\"2020-01-01T00:00:00Z\""},
        {"1.50", VALUE_YAML_CORE, "1.5"},
    };
    struct value v;
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ASSERT_OK(value_yaml_plain(arena, str_from(CASES[i].text), CASES[i].schema, &v, &err));
        assert_json(arena, &v, CASES[i].want);
    }
    ASSERT_ERR(value_yaml_plain(arena, STR(".inf"), VALUE_YAML_CORE, &v, &err), ERR_INVALID,
               "+Inf");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_as_go_yaml),
        cmocka_unit_test(writes_as_go_yaml),
        cmocka_unit_test_setup_teardown(nodes_have_positions_and_quoting, setup, teardown),
        cmocka_unit_test_setup_teardown(streams_skip_documents_without_content, setup, teardown),
        cmocka_unit_test_setup_teardown(duplicates_can_be_errors, setup, teardown),
        cmocka_unit_test_setup_teardown(invalid_encoding_has_a_position, setup, teardown),
        cmocka_unit_test_setup_teardown(limits_hold_at_n_and_not_above, setup, teardown),
        cmocka_unit_test_setup_teardown(billion_laughs_are_cheap_to_refuse, setup, teardown),
        cmocka_unit_test_setup_teardown(writing_keeps_insertion_order_when_asked, setup, teardown),
        cmocka_unit_test_setup_teardown(writing_reports_what_cannot_be_written, setup, teardown),
        cmocka_unit_test_setup_teardown(floats_from_programs_print_like_json_numbers, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(plain_scalars_are_read_alone, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
