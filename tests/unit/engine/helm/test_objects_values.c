/* .Values: a map of its own type, with methods. */
#include "engine/helm/objects_values.h"
#include "tests/lib/template_fixture.h"
#include "tests/lib/tval_yaml.h"

static const struct {
    const char *text;
    const char *want;
} CASES[] = {
    {"{{typeOf .v}} {{kindOf .v}} {{typeOf .v.AsMap}} {{typeOf .v.a}}",
     "common.Values map map[string]interface {} map[string]interface {}"},
    {"{{typeIs \"map[string]interface {}\" .v}} {{kindIs \"map\" .v}} {{deepEqual .v .v.AsMap}}",
     "false true false"},
    {"{{typeOf (set .v \"n\" 1)}} {{.v.n}} {{.v.AsMap.n}} {{len .v}}",
     "map[string]interface {} 1 1 3"},
    {"{{typeOf (deepCopy .v)}} {{typeOf (merge .v (dict))}} {{typeOf (pick .v \"a\")}} "
     "{{typeOf (default dict .v)}}",
     "common.Values map[string]interface {} map[string]interface {} common.Values"},
    {"{{$c := deepCopy .v}}{{$_ := set $c \"x\" 1}}{{hasKey .v \"x\"}} {{hasKey $c.AsMap \"x\"}}",
     "false true"},
    {"{{dig \"a\" \"b\" \"no\" .v.AsMap}} {{toJson .v}} {{range $k, $_ := .v}}{{$k}}{{end}}",
     "1 {\"a\":{\"b\":1},\"s\":\"x\"} as"},
    {"{{.v.YAML}}", "a:\n  b: 1\ns: x\n"},
    {"{{typeOf (.v.Table \"a\")}} {{(.v.Table \"a\").b}} {{.v.PathValue \"a.b\"}} "
     "{{.v.PathValue \"s\"}}",
     "common.Values 1 1 x"},
};

static void values_are_a_type_of_their_own(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct template_fixture f;
        template_fixture_init(&f);
        struct tmap *values = tmap_from_yaml(f.arena, "{a: {b: 1}, s: x}");
        struct tmap *data = tmap_new(f.arena, TVAL_OF_ANY, NULL, NULL);
        tmap_set(data, STR("v"), objects_values(f.arena, values));
        template_fixture_run(&f, str_from(CASES[i].text), tval_map(data));
        ASSERT_STR(f.text, CASES[i].want);
        template_fixture_done(&f);
    }
}

static void paths_must_lead_somewhere(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *want;
    } FAILURES[] = {
        {"{{.v.Table \"a.b\"}}", "error calling Table: \"b\" is not a table"},
        {"{{.v.Table \"none\"}}", "error calling Table: \"none\" is not a table"},
        {"{{.v.PathValue \"a\"}}", "error calling PathValue: \"a\" is not a value"},
        {"{{.v.PathValue \"a.none\"}}", "error calling PathValue: \"none\" is not a value"},
        {"{{.v.PathValue \"x.y\"}}", "error calling PathValue: \"y\" is not a value"},
        {"{{.v.PathValue \"\"}}", "YAML path cannot be empty"},
        {"{{.v.Table 5}}", "expected string; found 5"},
        {"{{.v.AsMap 5}}", "wrong number of args for AsMap: want 0 got 1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(FAILURES); i++) {
        struct template_fixture f;
        template_fixture_init(&f);
        struct tmap *data = tmap_new(f.arena, TVAL_OF_ANY, NULL, NULL);
        tmap_set(data, STR("v"), objects_values(f.arena, tmap_from_yaml(f.arena, "{a: {b: 1}}")));
        template_fixture_run(&f, str_from(FAILURES[i].text), tval_map(data));
        if (str_find(f.text, str_from(FAILURES[i].want)) == STR_NONE) {
            fail_msg("'" STR_FMT "' does not contain '%s'", STR_ARG(f.text), FAILURES[i].want);
        }
        template_fixture_done(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_a_type_of_their_own),
        cmocka_unit_test(paths_must_lead_somewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
