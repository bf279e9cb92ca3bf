/* Functions that run templates, fail or look outside. */
#include "common/value/value.h"
#include "tests/lib/template_fixture.h"

#define CHECK(rows) template_fixture_check((rows), ARRAY_LEN(rows))

#define DATA "{s: str, i: 3, l: [1, two, null], m: {k: v}, f: 1.5}"

static void templates_are_included(void **state UNUSED)
{
    static const struct template_row ROWS[] = {
        {"{{define \"a\"}}[{{.}}]{{end}}{{include \"a\" .s | print}}{{include \"a\" nil}}", DATA,
         "[str][<no value>]"},
        {"{{include \"none\" .}}", DATA,
         "t:1:2\n  executing \"t\" at <include \"none\" .>:\n    error calling include:\n"
         "template: no template \"none\" associated with template \"gotpl\""},
        {"{{define \"a\"}}\n{{.s.t}}{{end}}{{include \"a\" .}}", DATA,
         "t:2:17\n  executing \"t\" at <include \"a\" .>:\n    error calling include:\n"
         "t:2:4\n  executing \"a\" at <.s.t>:\n    can't evaluate field t in type interface {}"},
        {"{{define \"a\"}}{{include \"b\" .}}{{end}}{{define \"b\"}}{{fail \"a: b\\nc\"}}{{end}}"
         "{{include \"a\" .}}",
         DATA, "execution error at (t:1:79): a: b\nc"},
        {"{{required \"need\" .none}}", DATA, "execution error at (t:1:2): need"},
        {"{{required \"need\" \"\"}}", DATA, "execution error at (t:1:2): need"},
        {"{{required \"need\" 0}}{{required \"need\" false}}", DATA, "0false"},
        {"{{(lookup \"v1\" \"Pod\" \"a\" \"b\").x}}{{getHostByName \"x\"}}", DATA, "<no value>"},
    };
    CHECK(ROWS);
}

static void texts_are_run_as_templates(void **state UNUSED)
{
    static const struct template_row ROWS[] = {
        {"{{tpl \"{{.s}}{{.none}}<\" .}}{{tpl \"\" .}}{{tpl \" \" .}}|{{tpl .s nil}}", DATA,
         "str< |str"},
        {"{{define \"a\"}}A{{end}}{{tpl \"{{define `a`}}B{{end}}{{include `a` .}}\" .}}{{include "
         "\"a\" .}}",
         DATA, "BA"},
        {"{{tpl \"{{define `x`}}{{.}}{{end}}{{tpl `{{include \\\"x\\\" .}}` .}}\" .i}}", DATA, "3"},
        {"{{tpl \"{{tpl ` ` .}}x\" .}}", DATA, " x"},
        {"{{tpl \"{{none}}\" .}}", DATA,
         "template: t:1:2: executing \"t\" at <tpl \"{{none}}\" .>: error calling tpl: cannot "
         "parse "
         "template \"{{none}}\": template: gotpl:1: function \"none\" not defined"},
        {"{{tpl \"{{.s.t}}\" .}}", DATA,
         "template: t:1:2: executing \"t\" at <tpl \"{{.s.t}}\" .>: error calling tpl: error "
         "during tpl "
         "function execution for \"{{.s.t}}\": template: gotpl:1:4: executing \"gotpl\" at <.s.t>: "
         "can't "
         "evaluate field t in type interface {}"},
        {"{{tpl \"{{fail `x`}}\" .}}", DATA, "execution error at (t:1:2): x"},
    };
    CHECK(ROWS);
}

static void includes_of_one_name_nest_a_thousand_times(void **state UNUSED)
{
    struct template_fixture f;
    template_fixture_init(&f);
    template_fixture_run(&f, STR("{{define \"r\"}}{{include \"r\" .}}{{end}}{{include \"r\" .}}"),
                         tval_nil());
    assert_int_equal(f.rc, -ERR_INVALID);
    assert_true(str_ends_with(
        f.text,
        STR("rendering template has a nested reference name: r: unable to execute template")));
    template_fixture_done(&f);
}

static int lookup(struct engine_env *env,
                  struct str api_version,
                  struct str kind,
                  struct str namespace,
                  struct str name,
                  const struct value **ret,
                  struct err *err)
{
    assert_true(str_eq_c(api_version, "v1") && str_eq_c(kind, "Secret"));
    if (namespace.n == 0) {
        return err_set(err, ERR_UNAVAILABLE, "no cluster");
    }
    if (name.n > 0) {
        *ret = parse_yaml(env->arena, "{data: {a: b}}");
    }
    return 0;
}

static void objects_are_looked_up(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *want;
    } CASES[] = {
        {"{{(lookup \"v1\" \"Secret\" \"ns\" \"x\").data.a}}", "b"},
        {"{{lookup \"v1\" \"Secret\" \"ns\" \"\"}}", "map[]"},
        {"{{lookup \"v1\" \"Secret\" \"\" \"\"}}",
         "template: t:1:2: executing \"t\" at <lookup \"v1\" \"Secret\" \"\" \"\">: error calling "
         "lookup: "
         "no cluster"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct template_fixture f;
        template_fixture_init(&f);
        f.env.lookup = lookup;
        template_fixture_run(&f, str_from(CASES[i].text), tval_nil());
        ASSERT_STR(f.text, CASES[i].want);
        template_fixture_done(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(templates_are_included),
        cmocka_unit_test(texts_are_run_as_templates),
        cmocka_unit_test(includes_of_one_name_nest_a_thousand_times),
        cmocka_unit_test(objects_are_looked_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
