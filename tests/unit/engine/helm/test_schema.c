/* JSON Schema: each keyword and what drafts make of it, references, formats, messages and limits. */
#include <string.h>

#include "common/base/budget.h"
#include "common/base/buf.h"
#include "common/base/limits.h"
#include "engine/helm/schema.h"
#include "tests/lib/check.h"
#include "tests/lib/parse.h"

#define D4    "$schema: 'http://json-schema.org/draft-04/schema#', "
#define D6    "$schema: 'http://json-schema.org/draft-06/schema#', "
#define D7    "$schema: 'http://json-schema.org/draft-07/schema#', "
#define D2019 "$schema: 'https://json-schema.org/draft/2019-09/schema', "
#define D2020 "$schema: 'https://json-schema.org/draft/2020-12/schema', "

static struct arena *arena;
static struct budget budget;
static struct buf problems;
static struct buf warnings;

static int setup(void **state UNUSED)
{
    arena = arena_new();
    budget = budget_unlimited();
    buf_init(&problems, LIMIT_MIB);
    buf_init(&warnings, LIMIT_MIB);
    return 0;
}

static int teardown(void **state UNUSED)
{
    buf_done(&problems);
    buf_done(&warnings);
    arena_free(arena);
    return 0;
}

/* Both as YAML. */
struct row {
    const char *schema;
    const char *instance;
    const char *want; /* the problems; "" = none */
};

static int
validate(const char *schema, const char *instance, const struct schema_opts *opts, struct err *err)
{
    buf_reset(&problems);
    return schema_validate(arena, parse_yaml(arena, schema), parse_yaml(arena, instance), &budget,
                           opts, &problems, err);
}

static void check_rows_with(const struct row *rows, size_t n, const struct schema_opts *opts)
{
    for (size_t i = 0; i < n; i++) {
        struct err err = {.code = ERR_OK};
        int rc = validate(rows[i].schema, rows[i].instance, opts, &err);
        bool is_right = rc == (rows[i].want[0] == '\0' ? 0 : -(int)ERR_INVALID);
        if (!is_right || !str_eq_c(buf_str(&problems), rows[i].want)) {
            fail_msg("%s with %s\n  is:     %s%s\n  wanted: %s", rows[i].schema, rows[i].instance,
                     problems.p, rc < 0 && !is_right ? err.message : "", rows[i].want);
        }
    }
}

#define CHECK_ROWS(rows) check_rows_with((rows), ARRAY_LEN(rows), NULL)

static void types(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"{type: string}", "a", ""},
        {"{type: string}", "1", "- at '': got number, want string\n"},
        {"{type: integer}", "1.0", ""},
        {"{type: integer}", "1.5", "- at '': got number, want integer\n"},
        {"{type: number}", "3", ""},
        {"{type: [object, 'null', array]}", "true",
         "- at '': got boolean, want null or array or object\n"},
        {"{type: 'null'}", "null", ""},
        {"{type: boolean}", "'true'", "- at '': got string, want boolean\n"},
        {"true", "1", ""},
        {"false", "1", "- at '': false schema\n"},
        {"{}", "1", ""},
    };
    CHECK_ROWS(ROWS);
}

static void constants(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"{const: 1}", "1.0", ""},
        {"{const: 'it''s'}", "x", "- at '': value must be 'it\\'s'\n"},
        {"{const: {a: [1]}}", "{a: [1]}", ""},
        {"{const: {a: [1]}}", "{a: [2]}", "- at '': 'const' failed\n"},
        {"{const: null}", "0", "- at '': value must be <nil>\n"},
        {"{enum: [a, 1.50, null, true]}", "b",
         "- at '': value must be one of 'a', 1.50, <nil>, true\n"},
        {"{enum: [only]}", "b", "- at '': value must be 'only'\n"},
        {"{enum: [[1], 2]}", "[1]", ""},
        {"{enum: [[1], 2]}", "3", "- at '': 'enum' failed\n"},
        {"{" D4 "const: 1}", "2", ""},
    };
    CHECK_ROWS(ROWS);
}

static void numbers(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"{minimum: 1, maximum: 3}", "3", ""},
        {"{minimum: 1}", "0.5", "- at '': minimum: got 0.5, want 1\n"},
        {"{maximum: 65535}", "70000", "- at '': maximum: got 70,000, want 65,535\n"},
        {"{maximum: 1000000}", "25000000",
         "- at '': maximum: got 2.5\u202f×\u202f10⁰⁷, want 1\u202f×\u202f10⁰⁶\n"},
        {"{maximum: -0.00001}", "-1234.5", ""},
        {"{exclusiveMinimum: 1}", "1", "- at '': exclusiveMinimum: got 1, want 1\n"},
        {"{exclusiveMaximum: 1}", "1", "- at '': exclusiveMaximum: got 1, want 1\n"},
        {"{" D4 "minimum: 1, exclusiveMinimum: true}", "1",
         "- at '': exclusiveMinimum: got 1, want 1\n"},
        {"{" D4 "maximum: 1, exclusiveMaximum: false}", "1", ""},
        {"{multipleOf: 0.1}", "0.3", ""},
        {"{multipleOf: 0.01}", "19.99", ""},
        {"{multipleOf: 3}", "1e21", "- at '': multipleOf: got 1\u202f×\u202f10²¹, want 3\n"},
        {"{multipleOf: 1e-300}", "1e300", ""},
        {"{multipleOf: 7}", "0", ""},
        {"{multipleOf: 0.30000000000000000000001}", "0.3",
         "- at '': multipleOf: got 0.3, want 0.3\n"},
        {"{minimum: 3}", "'2'", ""},
        {"{minimum: -2, maximum: -1}", "-3", "- at '': minimum: got -3, want -2\n"},
    };
    CHECK_ROWS(ROWS);
}

static void strings(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"{minLength: 2, maxLength: 3}", "äö", ""},
        {"{minLength: 2}", "ä", "- at '': minLength: got 1, want 2\n"},
        {"{maxLength: 3.0}", "abcd", "- at '': maxLength: got 4, want 3\n"},
        {"{pattern: 'b+'}", "abc", ""},
        {"{pattern: '^[a-z]+$'}", "a\"1", "- at '': 'a\"1' does not match pattern '^[a-z]+$'\n"},
        {"{pattern: x}", "[a]", ""},
        {"{pattern: '\\d'}", "it's", "- at '': 'it\\'s' does not match pattern '\\\\d'\n"},
    };
    CHECK_ROWS(ROWS);
}

static void objects(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"{required: [a]}", "{a: null}", ""},
        {"{required: [a]}", "{}", "- at '': missing property 'a'\n"},
        {"{required: [a, b, c]}", "{b: 1}", "- at '': missing properties 'a', 'c'\n"},
        {"{minProperties: 1, maxProperties: 1}", "{}", "- at '': minProperties: got 0, want 1\n"},
        {"{maxProperties: 1}", "{a: 1, b: 2}", "- at '': maxProperties: got 2, want 1\n"},
        {"{properties: {a: {type: string}, 'b/c~d': {type: 'null'}}}", "{a: 1, 'b/c~d': 2, e: 3}",
         "- at '/a': got number, want string\n- at '/b~1c~0d': got number, want null\n"},
        {"{properties: {a: {}}, patternProperties: {'^x': {type: string}}, "
         "additionalProperties: false}",
         "{a: 1, xa: b, c: 1, d: 2}", "- at '': additional properties 'c', 'd' not allowed\n"},
        {"{patternProperties: {'^x': {type: string}}}", "{x: 1, y: 1}",
         "- at '/x': got number, want string\n"},
        {"{additionalProperties: {type: string}}", "{a: 1}",
         "- at '/a': got number, want string\n"},
        {"{propertyNames: {maxLength: 1}}", "{a: 1, bc: 1}",
         "- at '': invalid propertyName 'bc'\n  - at '': maxLength: got 2, want 1\n"},
        {"{" D4 "propertyNames: {maxLength: 1}}", "{bc: 1}", ""},
        {"{dependentRequired: {a: [b, c], d: [e]}}", "{a: 1, c: 1}",
         "- at '': properties 'b' required, if 'a' exists\n"},
        {"{dependentSchemas: {a: {required: [b]}}}", "{a: 1}", "- at '': missing property 'b'\n"},
        {"{" D7 "dependentRequired: {a: [b]}, dependentSchemas: {a: false}}", "{a: 1}", ""},
        {"{" D4 "dependencies: {a: [b], c: {required: [d]}}}", "{a: 1, c: 1}",
         "- at '': properties 'b' required, if 'a' exists\n- at '': missing property 'd'\n"},
    };
    CHECK_ROWS(ROWS);
}

static void arrays(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"{minItems: 1}", "[]", "- at '': minItems: got 0, want 1\n"},
        {"{maxItems: 1}", "[1, 2]", "- at '': maxItems: got 2, want 1\n"},
        {"{items: {type: string}}", "[a, 1]", "- at '/1': got number, want string\n"},
        {"{prefixItems: [{type: string}], items: {type: 'null'}}", "[1, null, 2]",
         "- at '/0': got number, want string\n- at '/2': got number, want null\n"},
        {"{" D7 "prefixItems: [false]}", "[1]", ""},
        {"{" D7 "items: [{type: string}], additionalItems: false}", "[a, 1, 2]",
         "- at '': last 2 additionalItem(s) not allowed\n"},
        {"{" D2019 "items: [{type: string}], additionalItems: {type: 'null'}}", "[a, 1]",
         "- at '/1': got number, want null\n"},
        {"{" D7 "items: {}, additionalItems: false}", "[a, 1]", ""},
        {"{uniqueItems: true}", "[{a: 1, b: 2}, x, {b: 2, a: 1.0}]",
         "- at '': items at 0 and 2 are equal\n"},
        {"{uniqueItems: true}", "[1, true, '1', [1], null]", ""},
        {"{uniqueItems: true}",
         "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 7, 3]",
         "- at '': items at 7 and 21 are equal\n"},
        {"{uniqueItems: false}", "[1, 1]", ""},
    };
    CHECK_ROWS(ROWS);
}

static void contains(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"{contains: {type: string}}", "[1, a]", ""},
        {"{contains: {type: string}}", "[1]",
         "- at '': no items match contains schema\n  - at '/0': got number, want string\n"},
        {"{contains: {type: string}, minContains: 0}", "[1]", ""},
        {"{contains: true, minContains: 2}", "[1]",
         "- at '': min 2 items required to match contains schema, but matched 1 items at 0\n"},
        {"{contains: {type: string}, minContains: 2}", "[]",
         "- at '': min 2 items required to match contains schema, but none matched\n"},
        {"{contains: true, maxContains: 1}", "[1, 2]",
         "- at '': max 1 items required to match contains schema, but matched 2 items at 0 1\n"},
        {"{minContains: 2}", "[1]", ""},
        {"{" D7 "contains: true, minContains: 2}", "[1]", ""},
        {"{" D4 "contains: {type: string}}", "[1]", ""},
    };
    CHECK_ROWS(ROWS);
}

static void combinations(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"{allOf: [{minimum: 3}, {maximum: 1}]}", "2",
         "- at '': 'allOf' failed\n  - at '': minimum: got 2, want 3\n"
         "  - at '': maximum: got 2, want 1\n"},
        {"{anyOf: [{type: string}, {minimum: 3}]}", "3", ""},
        {"{anyOf: [{type: string}, {minimum: 3}]}", "2",
         "- at '': 'anyOf' failed\n  - at '': got number, want string\n"
         "  - at '': minimum: got 2, want 3\n"},
        {"{oneOf: [{type: string}, {minimum: 3}, {minimum: 2}]}", "3",
         "- at '': 'oneOf' failed, subschemas 1, 2 matched\n"},
        {"{oneOf: [{type: string}, {minimum: 3}]}", "1",
         "- at '': 'oneOf' failed, none matched\n  - at '': got number, want string\n"
         "  - at '': minimum: got 1, want 3\n"},
        {"{not: {type: string}}", "a", "- at '': 'not' failed\n"},
        {"{not: {not: {type: string}}}", "a", ""},
        {"{if: {minimum: 3}, then: {maximum: 5}, else: {type: string}}", "4", ""},
        {"{if: {minimum: 3}, then: {maximum: 5}, else: {minimum: 1}}", "6",
         "- at '': maximum: got 6, want 5\n"},
        {"{if: {minimum: 3}, then: {maximum: 5}, else: {minimum: 1}}", "0",
         "- at '': minimum: got 0, want 1\n"},
        {"{" D6 "if: true, then: false}", "0", ""},
        {"{then: false, else: false}", "0", ""},
        {"{properties: {a: {allOf: [{type: string}, {minimum: 1, multipleOf: 2}]}}, minProperties: "
         "2}",
         "{a: 0.5}",
         "- at '': minProperties: got 1, want 2\n- at '/a': 'allOf' failed\n"
         "  - at '/a': got number, want string\n  - at '/a': validation failed\n"
         "    - at '/a': minimum: got 0.5, want 1\n    - at '/a': multipleOf: got 0.5, want 2\n"},
    };
    CHECK_ROWS(ROWS);
}

static void unevaluated(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"{properties: {a: {}}, unevaluatedProperties: false}", "{a: 1, b: 2}",
         "- at '/b': false schema\n"},
        {"{allOf: [{properties: {a: {}}}], anyOf: [{properties: {b: {}}}, "
         "{properties: {c: {type: string}}}], unevaluatedProperties: false}",
         "{a: 1, b: 2, c: x}", ""},
        {"{anyOf: [{properties: {c: {type: string}}}, true], unevaluatedProperties: {type: "
         "string}}",
         "{c: 1}", "- at '/c': got number, want string\n"},
        {"{if: {required: [a], properties: {a: {}}}, then: {properties: {b: {}}}, "
         "unevaluatedProperties: false}",
         "{a: 1, b: 2}", ""},
        {"{not: {properties: {a: {type: string}}}, unevaluatedProperties: false}", "{a: 1}",
         "- at '/a': false schema\n"},
        {"{$ref: '#/$defs/x', $defs: {x: {properties: {a: {}}}}, unevaluatedProperties: false}",
         "{a: 1}", ""},
        {"{dependentSchemas: {a: {properties: {a: {}}}}, unevaluatedProperties: false}", "{a: 1}",
         ""},
        {"{additionalProperties: {}, unevaluatedProperties: false}", "{a: 1}", ""},
        {"{prefixItems: [{}], unevaluatedItems: false}", "[1, 2]", "- at '/1': false schema\n"},
        {"{contains: {type: string}, unevaluatedItems: {type: number}}", "[a, 1]", ""},
        {"{" D2019 "contains: {type: string}, unevaluatedItems: {type: number}}", "[a, 1]",
         "- at '/0': got string, want number\n"},
        {"{" D2019 "items: [{}], unevaluatedItems: false}", "[1, 2]", "- at '/1': false schema\n"},
        {"{allOf: [{prefixItems: [{}, {}]}], unevaluatedItems: false}", "[1, 2, 3]",
         "- at '/2': false schema\n"},
        {"{" D7 "unevaluatedProperties: false, unevaluatedItems: false}", "{a: 1}", ""},
    };
    CHECK_ROWS(ROWS);
}

static void more_properties_than_bits_in_a_word(void **state UNUSED)
{
    struct buf text;
    buf_init(&text, LIMIT_MIB);
    for (int i = 0; i < 130; i++) {
        buf_printf(&text, "k%d: %d\n", i, i);
    }
    const struct row rows[] = {
        {"{patternProperties: {'^k[0-9]$': {}, '^k1': {}}, allOf: [{patternProperties: {'^k[2-9]': "
         "{maximum: 99}}}], unevaluatedProperties: false}",
         text.p, ""},
        {"{patternProperties: {'^k([0-9]|1[0-9]|1..)$': {}}, unevaluatedProperties: {maximum: 98}}",
         text.p, "- at '/k99': maximum: got 99, want 98\n"},
    };
    CHECK_ROWS(rows);
    buf_done(&text);
}

static void references(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"{$ref: '#/$defs/a', $defs: {a: {type: string}}}", "1",
         "- at '': got number, want string\n"},
        {"{$ref: '#/$defs/a', $defs: {a: {minimum: 2, multipleOf: 2}}}", "1",
         "- at '': validation failed\n  - at '': minimum: got 1, want 2\n"
         "  - at '': multipleOf: got 1, want 2\n"},
        {"{$ref: '#/$defs/a', maximum: 0, $defs: {a: {type: number}}}", "1",
         "- at '': maximum: got 1, want 0\n"},
        {"{" D7 "$ref: '#/definitions/a', maximum: 0, definitions: {a: {type: number}}}", "1", ""},
        {"{$ref: '#/$defs/a~1b%25', $defs: {'a/b%': {type: string}}}", "1",
         "- at '': got number, want string\n"},
        {"{$ref: '#/other/0', other: [{type: string}]}", "1", "- at '': got number, want string\n"},
        {"{$ref: '#here', $defs: {a: {$anchor: here, type: string}}}", "1",
         "- at '': got number, want string\n"},
        {"{" D4 "$ref: '#here', definitions: {a: {id: '#here', type: string}}}", "1",
         "- at '': got number, want string\n"},
        {"{" D6 "$ref: '#here', definitions: {a: {$id: '#here', type: string}}}", "1",
         "- at '': got number, want string\n"},
        {"{$id: 'http://x.example/d/root', $ref: '../e#/$defs/s', "
         "$defs: {e: {$id: '/e', $defs: {s: {type: string}}}}}",
         "1", "- at '': got number, want string\n"},
        {"{$id: 'urn:x:1', $ref: 'urn:x:1#here', $defs: {a: {$anchor: here, type: string}}}", "1",
         "- at '': got number, want string\n"},
        {"{properties: {next: {$ref: '#'}, v: {type: string}}}", "{next: {next: {v: 1}}}",
         "- at '/next/next/v': got number, want string\n"},
        {"{allOf: [{$ref: '#/allOf/0'}]}", "1",
         "- at '': 'allOf' failed\n  - at '': both /allOf/0/$ref and /allOf/0 resolve to "
         "\"file:///values.schema.json#/allOf/0\" causing reference cycle\n"},
    };
    CHECK_ROWS(ROWS);
}

static void dynamic_references(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"{$id: 'http://x.example/strict', $dynamicAnchor: node, $ref: tree, "
         "unevaluatedProperties: false, $defs: {t: {$id: tree, $dynamicAnchor: node, "
         "properties: {kids: {items: {$dynamicRef: '#node'}}}}}}",
         "{kids: [{kids: [], typo: 1}]}",
         "- at '/kids/0/typo': false schema\n- at '/kids': false schema\n"},
        {"{$ref: t, unevaluatedProperties: false, $defs: {t: {$id: t, "
         "properties: {kids: {items: {$dynamicRef: '#'}}}}}}",
         "{kids: [{kids: [], typo: 1}]}", ""},
        {"{" D2019 "$id: 'http://x.example/strict', $recursiveAnchor: true, $ref: tree, "
         "unevaluatedProperties: false, $defs: {t: {$id: tree, $recursiveAnchor: true, "
         "properties: {kids: {items: {$recursiveRef: '#'}}}}}}",
         "{kids: [{kids: [], typo: 1}]}",
         "- at '/kids/0/typo': false schema\n- at '/kids': false schema\n"},
    };
    CHECK_ROWS(ROWS);
}

/* Resources inside may be of another draft; formats count up to draft 7. */
static void drafts_inside_drafts(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"{" D2020 "properties: {a: {$id: x, " D7 "format: ipv4}, b: {format: ipv4}}}",
         "{a: x, b: x}", "- at '/a': 'x' is not valid ipv4: expected four decimals\n"},
        {"{" D7 "$ref: 'http://json-schema.org/draft-04/schema#'}", "{required: []}",
         "- at '/required': minItems: got 0, want 1\n"},
        {"{$ref: 'https://json-schema.org/draft/2020-12/schema'}", "{type: [string], items: [1]}",
         "- at '': 'allOf' failed\n  - at '/items': got array, want boolean or object\n"},
        {"{$schema: 'http://json-schema.org/schema', prefixItems: [false]}", "[1]",
         "- at '/0': false schema\n"},
    };
    CHECK_ROWS(ROWS);
}

static void formats(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"date", "2024-02-29", ""},
        {"date", "2023-02-29", "parsing time \"2023-02-29\": day out of range"},
        {"date", "2023-13-01", "parsing time \"2023-13-01\": month out of range"},
        {"date", "2023-1-01",
         "parsing time \"2023-1-01\" as \"2006-01-02\": cannot parse \"1-01\" as \"01\""},
        {"date", "2023-01-01x", "parsing time \"2023-01-01x\": extra text: \"x\""},
        {"time", "12:30:00.25+01:00", ""},
        {"time", "00:29:60+00:30", ""},
        {"time", "12:30:60Z", "invalid leap second"},
        {"time", "24:00:00Z", "hour/min/sec out of range"},
        {"time", "12:00:00", "less than 9 characters long"},
        {"time", "12:00:00+0100", "offset must be 6 characters long"},
        {"date-time", "2024-01-01T00:00:00Z", ""},
        {"date-time", "2024-01-01 00:00:00Z", "11th character must be t or T"},
        {"duration", "P1Y2M3DT4H5M6S", ""},
        {"duration", "P2W", ""},
        {"duration", "P1D2Y", "unit 'Y' out of order"},
        {"duration", "PT1X", "invalid unit 'X'"},
        {"duration", "PT", "no time elements"},
        {"period", "2024-01-01T00:00:00Z/P1D", ""},
        {"period", "P1D", "missing slash"},
        {"ipv4", "127.0.0.1", ""},
        {"ipv4", "127.0.0.01", "leading zeros"},
        {"ipv4", "127.0.0.256", "decimal must be between 0 and 255"},
        {"ipv4", "127.0.0.x", "strconv.Atoi: parsing \"x\": invalid syntax"},
        {"ipv6", "fe80::1:2", ""},
        {"ipv6", "::ffff:1.2.3.4", ""},
        {"ipv6", "1::2::3", "ParseAddr(\"1::2::3\"): multiple :: in address (at \":3\")"},
        {"ipv6", "1:2", "ParseAddr(\"1:2\"): address string too short"},
        {"ipv6", "::1%eth0", "zone id is not a part of ipv6 address"},
        {"hostname", "a-b.example.", ""},
        {"hostname", "-a", "label starts with hyphen"},
        {"hostname", "a_b", "invalid character '_'"},
        {"email", "jo.e+x@mail.example", ""},
        {"email", "'\"a b\"@[IPv6:::1]'", ""},
        {"email", "a..b@c", "consecutive dots"},
        {"email", "nobody", "missing @"},
        {"email", "a@b_c", "invalid domain: invalid character '_'"},
        {"uri", "https://a:b@c.example:80/d?e#f", ""},
        {"uri", "'urn:x'", ""},
        {"uri", "/a", "relative url"},
        {"uri", "http://a:b/", "parse \"http://a:b/\": invalid port \":b\" after host"},
        {"uri", "'http://a b/'", "parse \"http://a b/\": invalid character \" \" in host name"},
        {"uri", "http://a/%zz", "parse \"http://a/%zz\": invalid URL escape \"%zz\""},
        {"uri-reference", "../a", ""},
        {"uri-reference", "a\\b", "contains \\"},
        {"iri", "http://ä/", ""},
        {"uri-template", "http://a/{b}/{c}", ""},
        {"uri-template", "http://a/{b", "no matching closing brace"},
        {"uuid", "01234567-89ab-CDEF-0123-456789abcdef", ""},
        {"uuid", "1-2-3-4-5", "element 1 must be 8 characters long"},
        {"regex", "^a(b|c)*$", ""},
        {"regex", "a(", "error parsing regexp: missing closing ): `a(`"},
        {"json-pointer", "/a~0b/c~1", ""},
        {"json-pointer", "/a~2", "~ must be followed by 0 or 1"},
        {"relative-json-pointer", "1/a", ""},
        {"relative-json-pointer", "'01'", "starts with zero"},
        {"semver", "1.2.3-rc.1+build", ""},
        {"semver", "1.2.03", "patch starts with zero"},
        {"unheard-of", "x", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        struct err err = {.code = ERR_OK};
        const char *schema = arena_printf(arena, "{" D7 "format: %s}", ROWS[i].schema).p;
        int rc = validate(schema, ROWS[i].instance, NULL, &err);
        const char *reason = strstr(problems.p, "is not valid");
        reason = reason != NULL ? strchr(reason, ':') + 2 : "";
        size_t n = strcspn(reason, "\n");
        if ((rc == 0) != (ROWS[i].want[0] == '\0') || !str_eq_c(str_of(reason, n), ROWS[i].want)) {
            fail_msg("%s: %s\n  is:     %s\n  wanted: %s", ROWS[i].schema, ROWS[i].instance,
                     problems.p, ROWS[i].want);
        }
        assert_int_equal(validate(arena_printf(arena, "{format: %s}", ROWS[i].schema).p,
                                  ROWS[i].instance, NULL, &err),
                         0);
    }
}

#define BAD                                                                                   \
    "\"file:///values.schema.json#\" is not valid against metaschema: jsonschema validation " \
    "failed with "

static void schemas_are_checked_too(void **state UNUSED)
{
    static const struct row ROWS[] = {
        {"{" D7 "properties: {a: {type: strin}}}", "{}",
         BAD
         "'http://json-schema.org/draft-07/schema#'\n- at '/properties/a/type': 'anyOf' failed\n"
         "  - at '/properties/a/type': value must be one of 'array', 'boolean', 'integer', "
         "'null', 'number', 'object', 'string'\n"
         "  - at '/properties/a/type': got string, want array\n"},
        {"{minLength: -1}", "{}",
         BAD "'https://json-schema.org/draft/2020-12/schema#'\n- at '': 'allOf' failed\n"
             "  - at '/minLength': minimum: got -1, want 0\n"},
        {"{" D7 "minLength: -1}", "{}",
         BAD "'http://json-schema.org/draft-07/schema#'\n- at '/minLength': 'allOf' failed\n"
             "  - at '/minLength': minimum: got -1, want 0\n"},
        {"{" D4 "exclusiveMinimum: true}", "{}",
         BAD "'http://json-schema.org/draft-04/schema#'\n"
             "- at '': properties 'minimum' required, if 'exclusiveMinimum' exists\n"},
        {"{" D4 "additionalProperties: false}", "{}", ""},
        {"{" D7 "exclusiveMinimum: true}", "{}",
         BAD "'http://json-schema.org/draft-07/schema#'\n"
             "- at '/exclusiveMinimum': got boolean, want number\n"},
        {"{" D2019 "oneOf: [1, 2]}", "{}",
         BAD "'https://json-schema.org/draft/2019-09/schema#'\n- at '': 'allOf' failed\n"
             "  - at '/oneOf': validation failed\n"
             "    - at '/oneOf/0': got number, want boolean or object\n"
             "    - at '/oneOf/1': got number, want boolean or object\n"},
        {"{" D7 "definitions: {a: {pattern: '('}}}", "{}",
         BAD "'http://json-schema.org/draft-07/schema#'\n- at '/definitions/a/pattern': '(' is not "
             "valid regex: error parsing regexp: missing closing ): `(`\n"},
        {"{$ref: '#/nowhere'}", "1",
         "json-pointer in \"file:///values.schema.json#/nowhere\" not found"},
        {"{$ref: '#nowhere'}", "1",
         "anchor in \"file:///values.schema.json#nowhere\" not found in schema "
         "\"file:///values.schema.json\""},
        {"{$defs: {a: {$id: x}, b: {$id: x}}}", "1",
         "duplicate id \"file:///x\" in \"file:///values.schema.json\" at \"/$defs/b\" and "
         "\"/$defs/a\""},
        {"{$defs: {a: {$anchor: x}, b: {$anchor: x}}}", "1",
         "duplicate anchor \"x\" in \"file:///values.schema.json\" at \"/$defs/a\" and "
         "\"/$defs/b\""},
        {"{$schema: 'file:///values.schema.json'}", "1",
         "draft \"file:///values.schema.json\" is not supported"},
        {"{properties: {a: {$ref: '#/extra'}}, extra: {type: 3}}", "1",
         "\"file:///values.schema.json#/extra\" is not valid against metaschema: jsonschema "
         "validation failed with 'https://json-schema.org/draft/2020-12/schema#'\n"
         "- at '': 'allOf' failed\n  - at '/type': 'anyOf' failed\n"
         "    - at '/type': value must be one of 'array', 'boolean', 'integer', 'null', 'number', "
         "'object', 'string'\n    - at '/type': got number, want array\n"},
    };
    CHECK_ROWS(ROWS);
}

/* ---- elsewhere ---- */

static int
resolve(void *data, struct arena *a, struct str url, const struct value **ret, struct err *err)
{
    (*(int *)data)++;
    if (str_eq_c(url, "https://x.example/port.json")) {
        *ret = parse_yaml(a, "{type: integer, $defs: {name: {type: string}}}");
    } else if (str_eq_c(url, "file:///common/base.json")) {
        *ret = parse_yaml(a, "{$ref: 'more.json#/$defs/m'}");
    } else if (str_eq_c(url, "file:///common/more.json")) {
        *ret = parse_yaml(a, "{$defs: {m: {minimum: 3}}}");
    } else if (str_eq_c(url, "https://x.example/meta")) {
        *ret =
            parse_yaml(a, "{" D2020 "$vocabulary: "
                          "{'https://json-schema.org/draft/2020-12/vocab/validation': true, "
                          "'https://json-schema.org/draft/2020-12/vocab/format-assertion': true}}");
    } else if (str_eq_c(url, "https://x.example/broken")) {
        return err_set(err, ERR_UNAVAILABLE, "no answer");
    }
    return 0;
}

static void schemas_elsewhere_are_asked_for(void **state UNUSED)
{
    int n_asked = 0;
    struct schema_opts opts = {.resolve = resolve, .data = &n_asked, .warnings = &warnings};
    static const struct row ROWS[] = {
        {"{properties: {a: {$ref: 'https://x.example/port.json'}, "
         "b: {$ref: 'https://x.example/port.json#/$defs/name'}}}",
         "{a: x, b: 1}",
         "- at '/a': got string, want integer\n- at '/b': got number, want string\n"},
        {"{$ref: common/base.json}", "2", "- at '': minimum: got 2, want 3\n"},
        {"{$ref: 'urn:x:y#'}", "2", ""},
        {"{$schema: 'https://x.example/meta', properties: {a: false}, format: ipv4, minLength: 9}",
         "{a: 1}", ""},
        {"{$schema: 'https://x.example/meta', format: ipv4}", "x",
         "- at '': 'x' is not valid ipv4: expected four decimals\n"},
    };
    check_rows_with(ROWS, ARRAY_LEN(ROWS), &opts);
    assert_int_equal(n_asked, 6);
    ASSERT_STR(buf_str(&warnings),
               "unresolved URN reference ignored; using permissive schema: urn:x:y\n");
    struct err err;
    ASSERT_ERR(validate("{$ref: 'https://x.example/broken'}", "1", &opts, &err), ERR_UNAVAILABLE,
               "no answer");
}

static void schemas_elsewhere_may_be_refused(void **state UNUSED)
{
    struct err err;
    ASSERT_ERR(validate("{$ref: 'https://x.example/a.json'}", "1", NULL, &err), ERR_INVALID,
               "failing loading \"https://x.example/a.json\"");
    ASSERT_ERR(validate("{$ref: ../a.json}", "1", NULL, &err), ERR_INVALID,
               "failing loading \"file:///a.json\"");
    ASSERT_ERR(validate("{$schema: 'https://x.example/meta'}", "1", NULL, &err), ERR_INVALID,
               "failing loading \"https://x.example/meta\"");
    ASSERT_OK(validate("{$ref: 'urn:x:y'}", "1", NULL, &err));
}

/* ---- limits ---- */

static void work_is_bounded(void **state UNUSED)
{
    struct err err;
    /* each level doubles the work */
    struct buf schema;
    buf_init(&schema, LIMIT_MIB);
    buf_put_c(&schema, "{$ref: '#/$defs/a0', $defs: {");
    for (int i = 0; i < 40; i++) {
        buf_printf(&schema, "a%d: {allOf: [{$ref: '#/$defs/a%d'}, {$ref: '#/$defs/a%d'}]}, ", i,
                   i + 1, i + 1);
    }
    buf_put_c(&schema, "a40: {type: string}}}");
    budget.steps = 100 * 1000;
    ASSERT_ERR(validate(schema.p, "1", NULL, &err), ERR_LIMIT, "steps");
    budget = budget_unlimited();
    budget.steps = UINT64_MAX / 2;
    ASSERT_ERR(validate(schema.p, "1", NULL, &err), ERR_LIMIT, "problems with a JSON schema");
    buf_done(&schema);
}

static void put_chain(struct buf *schema, int n)
{
    buf_put_c(schema, "{$ref: '#/$defs/a0', $defs: {");
    for (int i = 0; i < n; i++) {
        buf_printf(schema, "a%d: {$ref: '#/$defs/a%d'}, ", i, i + 1);
    }
    buf_printf(schema, "a%d: {type: string}}}", n);
}

static void nesting_is_bounded(void **state UNUSED)
{
    struct err err;
    for (int over = 0; over <= 1; over++) {
        struct buf schema;
        buf_init(&schema, LIMIT_MIB);
        put_chain(&schema, LIMIT_SCHEMA_DEPTH - 2 + over); /* the root and the end are two more */
        ASSERT_ERR(validate(schema.p, "1", NULL, &err), over == 0 ? ERR_INVALID : ERR_LIMIT,
                   over == 0 ? "got number, want string" : "nest deeper");
        buf_done(&schema);
    }
    budget.depth = 3;
    ASSERT_ERR(validate("{properties: {a: {properties: {a: {properties: {a: {type: string}}}}}}}",
                        "{a: {a: {a: 1}}}", NULL, &err),
               ERR_LIMIT, "depth");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(types, setup, teardown),
        cmocka_unit_test_setup_teardown(constants, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(strings, setup, teardown),
        cmocka_unit_test_setup_teardown(objects, setup, teardown),
        cmocka_unit_test_setup_teardown(arrays, setup, teardown),
        cmocka_unit_test_setup_teardown(contains, setup, teardown),
        cmocka_unit_test_setup_teardown(combinations, setup, teardown),
        cmocka_unit_test_setup_teardown(unevaluated, setup, teardown),
        cmocka_unit_test_setup_teardown(more_properties_than_bits_in_a_word, setup, teardown),
        cmocka_unit_test_setup_teardown(references, setup, teardown),
        cmocka_unit_test_setup_teardown(dynamic_references, setup, teardown),
        cmocka_unit_test_setup_teardown(drafts_inside_drafts, setup, teardown),
        cmocka_unit_test_setup_teardown(formats, setup, teardown),
        cmocka_unit_test_setup_teardown(schemas_are_checked_too, setup, teardown),
        cmocka_unit_test_setup_teardown(schemas_elsewhere_are_asked_for, setup, teardown),
        cmocka_unit_test_setup_teardown(schemas_elsewhere_may_be_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(work_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(nesting_is_bounded, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
