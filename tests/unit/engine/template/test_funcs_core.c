/* text/template's own functions. */
#include "tests/lib/template_fixture.h"

#define CHECK(rows) template_fixture_check((rows), ARRAY_LEN(rows))

#define DATA "{s: str, i: 3, l: [1, two, null], m: {k: v}, f: 1.5}"

static void comparisons_mind_types(void **state UNUSED)
{
    static const struct template_row ROWS[] = {
        {"{{eq 1 1}} {{eq .i 3.0}} {{eq 1 2 3 1}} {{eq \"a\" \"b\"}} {{ne 1 2}}", DATA,
         "true true true false true"},
        {"{{eq nil nil}} {{eq .none nil}} {{eq .none \"x\"}} {{eq .l nil}} {{eq true true}}", DATA,
         "true true false false true"},
        {"{{lt 1 2}} {{le 2 2}} {{gt .f 1.0}} {{ge \"b\" \"a\"}} {{lt \"a\" \"ab\"}}", DATA,
         "true true true true true"},
        {"{{eq (index \"a\" 0) 97}} {{lt -1 (index \"a\" 0)}} {{gt (index \"a\" 0) -1}}", DATA,
         "true true true"},
        {"{{eq .i 3}}", DATA,
         "template: t:1:2: executing \"t\" at <eq .i 3>: error calling eq: incompatible types for "
         "comparison: float64 and int"},
        {"{{eq .l .l}}", DATA,
         "template: t:1:2: executing \"t\" at <eq .l .l>: error calling eq: non-comparable type "
         "[%!s(float64=1) two <nil>]: []interface {}"},
        {"{{eq .m .l}}", DATA,
         "template: t:1:2: executing \"t\" at <eq .m .l>: error calling eq: non-comparable types "
         "map[k:v]: map[string]interface {}, []interface {}: [1 two <nil>]"},
        {"{{lt true false}}", DATA,
         "template: t:1:2: executing \"t\" at <lt true false>: error calling lt: invalid type for "
         "comparison"},
        {"{{eq 1}}", DATA,
         "template: t:1:2: executing \"t\" at <eq 1>: error calling eq: missing argument for "
         "comparison"},
    };
    CHECK(ROWS);
}

static void logic_returns_operands(void **state UNUSED)
{
    static const struct template_row ROWS[] = {
        {"{{and 1 0 2}} {{or 0 \"\" \"x\" \"y\"}} {{and 1 2}} {{not nil}} {{not .s}}", DATA,
         "0 x 2 true false"},
        {"{{or 0 \"\"}}|{{0 | or nil}}|{{.s | and 1}}|{{.s | and 0}}", DATA, "|0|str|0"},
        {"{{and 0 (fail \"x\")}}{{or 1 (fail \"x\")}}", DATA, "01"},
    };
    CHECK(ROWS);
}

static void parts_are_taken_by_index(void **state UNUSED)
{
    static const struct template_row ROWS[] = {
        {"{{index .l 1}} {{index .m \"k\"}} {{index .m \"x\"}} {{index .s 0}} {{index .l}}", DATA,
         "two v <no value> 115 [1 two <nil>]"},
        {"{{len .s}} {{len .l}} {{len .m}}", DATA, "3 3 1"},
        {"{{index .l 4}}", DATA,
         "template: t:1:2: executing \"t\" at <index .l 4>: error calling index: index out of "
         "range: 4"},
        {"{{index .l 3}}", DATA,
         "template: t:1:2: executing \"t\" at <index .l 3>: error calling index: reflect: slice "
         "index "
         "out of range"},
        {"{{index .l .f}}", DATA,
         "template: t:1:2: executing \"t\" at <index .l .f>: error calling index: cannot index "
         "slice/array with type float64"},
        {"{{index .m 1}}", DATA,
         "template: t:1:2: executing \"t\" at <index .m 1>: error calling index: value has type "
         "int; "
         "should be string"},
        {"{{index .none 1}}", DATA,
         "template: t:1:2: executing \"t\" at <index .none 1>: error calling index: index of "
         "untyped "
         "nil"},
        {"{{index .m \"x\" \"y\"}}", DATA,
         "template: t:1:2: executing \"t\" at <index .m \"x\" \"y\">: error calling index: index "
         "of nil "
         "pointer"},
        {"{{len 5}}", DATA,
         "template: t:1:2: executing \"t\" at <len 5>: error calling len: len of type int"},
        {"{{call .s}}", DATA,
         "template: t:1:2: executing \"t\" at <call .s>: error calling call: non-function of type "
         "string"},
    };
    CHECK(ROWS);
}

static void text_is_printed_and_escaped(void **state UNUSED)
{
    static const struct template_row ROWS[] = {
        {"{{print 1 2 \"a\" nil}}|{{printf \"%s-%d\" .s 2}}|{{println .i}}", DATA,
         "1 2a<nil>|str-2|3\n"},
        {"{{html \"<a href='x'>&\\\"\"}} {{html nil}} {{html 1 2}}", DATA,
         "&lt;a href=&#39;x&#39;&gt;&amp;&#34; &lt;no value&gt; 1 2"},
        {"{{js \"<'\\\"=\\\\&>\\n\\u2028\\u00e9\"}}", DATA,
         "\\u003C\\'\\\"\\u003D\\\\\\u0026\\u003E\\u000A\\u2028\xc3\xa9"},
        {"{{urlquery \"a b&c/~\\u00e9\"}}", DATA, "a+b%26c%2F~%C3%A9"},
    };
    CHECK(ROWS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparisons_mind_types),
        cmocka_unit_test(logic_returns_operands),
        cmocka_unit_test(parts_are_taken_by_index),
        cmocka_unit_test(text_is_printed_and_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
