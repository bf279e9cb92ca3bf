/* Objects against the types of an OpenAPI v2 document; the wording is that of kubectl 1.32 against Kubernetes 1.20. */
#include "common/base/limits.h"
#include "engine/compare/shape.h"
#include "engine/compare/validate.h"
#include "tests/lib/parse.h"

static const char DOCUMENT[] =
    "definitions:\n"
    "  v1.Oven:\n"
    "    type: object\n"
    "    required: [spec]\n"
    "    x-kubernetes-group-version-kind: [{group: x, version: v1, kind: Oven}]\n"
    "    properties:\n"
    "      apiVersion: {type: string}\n"
    "      kind: {type: string}\n"
    "      metadata: {$ref: '#/definitions/v1.Meta'}\n"
    "      spec: {description: what it does, $ref: '#/definitions/v1.Spec'}\n"
    "  v1.Meta: {type: object, properties: {name: {type: string},\n"
    "            labels: {type: object, additionalProperties: {type: string}}}}\n"
    "  v1.Spec:\n"
    "    required: [size]\n"
    "    properties:\n"
    "      size: {type: integer, format: int32}\n"
    "      heat: {type: number}\n"
    "      lit: {type: boolean}\n"
    "      port: {type: string, format: int-or-string}\n"
    "      either: {x-kubernetes-int-or-string: true, type: integer}\n"
    "      any: {description: whatever}\n"
    "      open: {type: object, x-kubernetes-preserve-unknown-fields: true,\n"
    "             properties: {a: {type: string}}}\n"
    "      empty: {type: object}\n"
    "      inner: {type: object, properties: {deep: {type: object, required: [x],\n"
    "              properties: {x: {type: string}}}}}\n"
    "      trays: {type: array, items: {$ref: '#/definitions/v1.Tray'}}\n"
    "      words: {type: array, items: {type: string}}\n"
    "      byName: {type: object, additionalProperties: {$ref: '#/definitions/v1.Tray'}}\n"
    "      again: {$ref: '#/definitions/v1.Spec'}\n"
    "      lost: {$ref: '#/definitions/v1.Nowhere'}\n"
    "      loop: {$ref: '#/definitions/v1.Loop'}\n"
    "  v1.Tray: {type: object, required: [height], properties: {height: {type: integer}}}\n"
    "  v1.Loop: {$ref: '#/definitions/v1.Loop'}\n"
    "  v1.Bare: {type: object, x-kubernetes-group-version-kind: [{group: x, version: v1, kind: "
    "Bare}]}\n";

static const struct value *types(struct arena *arena)
{
    struct err err;
    const struct value *api = NULL;
    ASSERT_OK(
        shape_reduce_openapi(arena, parse_yaml(arena, DOCUMENT), SHAPE_KEEP_TYPES, &api, &err));
    return api;
}

#define OVEN(rest)   "{apiVersion: x/v1, kind: Oven, metadata: {name: a}, " rest "}"
#define SPEC(fields) OVEN("spec: {size: 1, " fields "}")
#define IS(text)     "error validating data: ValidationError(Oven" text
#define AND(text)    ", ValidationError(Oven" text

static void what_is_wrong_is_told_in_kubectls_words(void **state UNUSED)
{
    static const struct {
        const char *object;
        const char *want;
    } CASES[] = {
        {OVEN("spec: {size: 1}"), ""},
        {OVEN("zap: 1"), "error validating data: [ValidationError(Oven): unknown field \"zap\" in "
                         "v1.Oven" AND("): missing required field \"spec\" in v1.Oven]")},
        {OVEN("spec: null"), IS("): missing required field \"spec\" in v1.Oven")},
        {OVEN("spec: 5"),
         IS(".spec): invalid type for v1.Spec: got \"integer\", expected \"map\"")},
        {OVEN("spec: [1]"),
         IS(".spec): invalid type for v1.Spec: got \"array\", expected \"map\"")},
        {SPEC("more: 1"), IS(".spec): unknown field \"more\" in v1.Spec")},
        {SPEC("more: null"), ""},
        {OVEN("spec: {size: x}"),
         IS(".spec.size): invalid type for v1.Spec.size: got \"string\", expected \"integer\"")},
        {OVEN("spec: {size: 1.5}"), ""},
        {SPEC("heat: 3"), ""},
        {SPEC("heat: '3'"),
         IS(".spec.heat): invalid type for v1.Spec.heat: got \"string\", expected \"number\"")},
        {SPEC("lit: 'true'"),
         IS(".spec.lit): invalid type for v1.Spec.lit: got \"string\", expected \"boolean\"")},
        {SPEC("port: 80"), ""},
        {SPEC("port: true"), ""},
        {SPEC("port: {a: b}"),
         IS(".spec.port): invalid type for v1.Spec.port: got \"map\", expected \"string\"")},
        {SPEC("either: http"), ""},
        {SPEC("any: {a: [1]}, empty: {a: [1, null]}, lost: {a: 1}, loop: [1]"), ""},
        {SPEC("empty: 1"),
         IS(".spec.empty): invalid type for v1.Spec.empty: got \"integer\", expected \"map\"")},
        {SPEC("open: {a: x, b: 1}"), ""},
        {SPEC("open: {a: [x], b: 1}"),
         IS(".spec.open.a): invalid type for v1.Spec.open.a: got \"array\", expected \"string\"")},
        {SPEC("inner: {deep: {z: 1}}"),
         "error validating data: [ValidationError(Oven.spec.inner.deep): unknown field \"z\" in "
         "v1.Spec.inner.deep" AND(
             ".spec.inner.deep): missing required field \"x\" in v1.Spec.inner.deep]")},
        {SPEC("trays: [{height: 1}, {heigth: 1}, null, 5]"),
         "error validating data: [ValidationError(Oven.spec.trays[1]): unknown field \"heigth\" in "
         "v1.Tray" AND(".spec.trays[1]): missing required field \"height\" in v1.Tray")
             AND(".spec.trays): unknown object type \"nil\" in Oven.spec.trays[2]") AND(
                 ".spec.trays[3]): invalid type for v1.Tray: got \"integer\", expected \"map\"]")},
        {SPEC("trays: {}"),
         IS(".spec.trays): invalid type for v1.Spec.trays: got \"map\", expected \"array\"")},
        {SPEC("words: [1, true, [a]]"),
         IS(".spec.words[2]): invalid type for v1.Spec.words: got \"array\", expected \"string\"")},
        {SPEC("byName: {b: {height: a}, a: {height: 1}}"),
         IS(".spec.byName.b.height): invalid type for v1.Tray.height: got \"string\", expected "
            "\"integer\"")},
        {SPEC("byName: {b: null}"),
         "error validating data: unknown object type \"nil\" in Oven.spec.byName.b"},
        {SPEC("again: {size: 1, again: {}}"),
         IS(".spec.again.again): missing required field \"size\" in v1.Spec")},
        {"{apiVersion: x/v1, kind: Oven, metadata: {name: a, labels: {b: {}}}, spec: {size: 1}}",
         IS(".metadata.labels.b): invalid type for v1.Meta.labels: got \"map\", expected "
            "\"string\"")},
        {"{apiVersion: x/v1, kind: Bare, zap: 1}", ""},
        {"{apiVersion: x/v2, kind: Oven, zap: 1}", ""},
        {"{apiVersion: v1, kind: Other, zap: 1}", ""},
    };
    AUTO(arena) struct arena *arena = arena_new();
    const struct value *api = types(arena);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct str text = validate_object(arena, api, parse_yaml(arena, CASES[i].object));
        assert_string_equal(arena_str(arena, text).p, CASES[i].want);
    }
}

static void without_a_document_nothing_is_wrong(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    ASSERT_STR(validate_object(arena, NULL, parse_yaml(arena, OVEN("zap: 1"))), "");
}

static struct str with_unknown(struct arena *arena, size_t n)
{
    AUTO(buf) struct buf text;
    buf_init(&text, LIMIT_MIB);
    buf_put_c(&text, "{apiVersion: x/v1, kind: Oven, spec: {size: 1");
    for (size_t i = 0; i < n; i++) {
        buf_put_c(&text, ", f");
        buf_put_uint(&text, i);
        buf_put_c(&text, ": 1");
    }
    buf_put_c(&text, "}}");
    return validate_object(arena, types(arena), parse_yaml(arena, buf_to_arena(&text, arena).p));
}

static size_t n_told(const char *text)
{
    size_t n = 0;
    while ((text = strstr(text, "ValidationError(")) != NULL) {
        n++;
        text++;
    }
    return n;
}

static void only_the_first_problems_are_told(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    size_t limit = LIMIT_VALIDATION_PROBLEMS;
    assert_null(strstr(with_unknown(arena, limit).p, "and more"));
    const char *cut = with_unknown(arena, limit + 1).p;
    assert_non_null(strstr(cut, ", and more]"));
    assert_int_equal(n_told(cut), limit);
    assert_int_equal(n_told(with_unknown(arena, 10 * limit).p), limit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_told_in_kubectls_words),
        cmocka_unit_test(without_a_document_nothing_is_wrong),
        cmocka_unit_test(only_the_first_problems_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
