/* The executor: control structures, fields, arguments, errors. */
#include <string.h>

#include "engine/template/func.h"
#include "tests/lib/template_fixture.h"

#define DATA \
    "{s: str, i: 3, 'n': null, l: [1, two, null], m: {k: v, 'n': null, l: []}, z: 0, e: ''}"

#define CHECK(rows) template_fixture_check((rows), ARRAY_LEN(rows))

static void blocks_choose_and_repeat(void **state UNUSED)
{
    static const struct template_row ROWS[] = {
        {"{{if .s}}a{{else if .i}}b{{else}}c{{end}}{{if .e}}a{{else if .z}}b{{else}}c{{end}}", DATA,
         "ac"},
        {"{{with .m}}{{.k}}{{end}}{{with .n}}x{{else}}{{.s}}{{end}}", DATA, "vstr"},
        {"{{with $x := .m}}{{$x.k}}{{end}}{{with .n}}{{else with .s}}{{.}}{{end}}", DATA, "vstr"},
        {"{{range .l}}<{{.}}>{{end}}{{range $i, $v := .l}}{{$i}}{{$v}},{{end}}", DATA,
         "<1><two><<no value>>01,1two,2<no value>,"},
        {"{{range $k, $v := .m}}{{$k}}={{$v}} {{end}}{{range .m.l}}x{{else}}none{{end}}", DATA,
         "k=v l=[] n=<no value> none"},
        {"{{range 3}}{{.}}{{end}}{{range $i := 2}}{{$i}}{{end}}{{range 0}}{{else}}e{{end}}", DATA,
         "01201e"},
        {"{{range .n}}x{{else}}y{{end}}{{range .nope}}x{{else}}z{{end}}", DATA, "yz"},
        {"{{range 9}}{{if eq . 2}}{{continue}}{{end}}{{if eq . 4}}{{break}}{{end}}{{.}}{{end}}",
         DATA, "013"},
        {"{{range 2}}{{range 9}}{{.}}{{break}}{{end}}{{end}}", DATA, "00"},
    };
    CHECK(ROWS);
}

static void variables_live_in_their_block(void **state UNUSED)
{
    static const struct template_row ROWS[] = {
        {"{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", DATA, "2"},
        {"{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", DATA, "21"},
        {"{{$x := 0}}{{range .l}}{{$x = .}}{{end}}{{$x}}", DATA, "<no value>"},
        {"{{range $i, $v := .l}}{{$.s}}{{end}}", DATA, "strstrstr"},
        {"{{define \"t2\"}}{{$}}{{end}}{{template \"t2\" .s}}{{template \"t2\"}}", DATA,
         "str<no value>"},
        {"{{block \"b\" .m}}{{.k}}{{end}}", DATA, "v"},
        {"{{$a := .m}}{{$_ := set $a \"k\" 5}}{{.m.k}}", DATA, "5"},
    };
    CHECK(ROWS);
}

static void nils_are_of_two_kinds(void **state UNUSED)
{
    static const struct template_row ROWS[] = {
        {"{{.n}} {{.nope}} {{print .n}}", DATA, "<no value> <no value> <nil>"},
        {"{{(.nope).x}}{{((.nope).x).y}}", DATA, "<no value><no value>"},
        {"{{.nope.x}}", DATA,
         "t:1:7\n  executing \"t\" at <.nope.x>:\n    nil pointer evaluating interface {}.x"},
        {"{{.n.x}}", DATA,
         "t:1:4\n  executing \"t\" at <.n.x>:\n    nil pointer evaluating interface {}.x"},
        {"{{.s.x}}", DATA,
         "t:1:4\n  executing \"t\" at <.s.x>:\n    can't evaluate field x in type interface {}"},
        {"{{(.s).x}}", DATA,
         "t:1:3\n  executing \"t\" at <.s>:\n    can't evaluate field x in type string"},
        {"{{range .l}}{{.x}}{{end}}", DATA,
         "t:1:14\n  executing \"t\" at <.x>:\n    can't evaluate field x in type interface {}"},
        {"{{and .nope .nope.x}}{{or .s .s.x}}", DATA, "<no value>str"},
        {"{{nil}}", DATA, "t:1:2\n  executing \"t\" at <nil>:\n    nil is not a command"},
    };
    CHECK(ROWS);
}

static void arguments_are_checked(void **state UNUSED)
{
#define AT(where) "t:1:" where ">:\n    "
    static const struct template_row ROWS[] = {
        {"{{required 5 1}}", DATA, AT("11\n  executing \"t\" at <5") "expected string; found 5"},
        {"{{fail .i}}", DATA,
         AT("7\n  executing \"t\" at <.i") "wrong type for value; expected string; got float64"},
        {"{{fail .nope}}", DATA,
         AT("7\n  executing \"t\" at <.nope") "wrong type for value; expected string; got "
                                              "interface {}"},
        {"{{fail (.nope)}}", DATA,
         AT("8\n  executing \"t\" at <.nope") "invalid value; expected string"},
        {"{{fail nil}}", DATA, AT("7\n  executing \"t\" at <nil") "cannot assign nil to string"},
        {"{{fail}}", DATA,
         AT("2\n  executing \"t\" at <fail") "wrong number of args for fail: want 1 got 0"},
        {"{{index}}", DATA,
         AT("2\n  executing \"t\" at <index") "wrong number of args for index: want at least 1 got "
                                              "0"},
        {"{{1 2}}", DATA, AT("2\n  executing \"t\" at <1") "can't give argument to non-function 1"},
        {"{{.s 1}}", DATA, AT("2\n  executing \"t\" at <.s") "s is not a method but has arguments"},
        {"{{\"m\" | required .s}}{{.i | print 1 | print}}", DATA, "m1 3"},
        {"{{range .i}}{{end}}", DATA,
         AT("8\n  executing \"t\" at <.i") "range can't iterate over 3"},
        {"{{range $i, $j := 3}}{{end}}", DATA,
         AT("18\n  executing \"t\" at <3") "can't use 3 to iterate over more than one variable"},
        {"{{template \"x\"}}", DATA,
         AT("11\n  executing \"t\" at <{{template \"x\"}}") "template \"x\" not defined"},
    };
#undef AT
    CHECK(ROWS);
}

static bool member_field(struct tcall *call UNUSED, void *data, struct str name, struct tval *ret)
{
    if (!str_eq_c(name, "Name")) {
        return false;
    }
    *ret = tval_str(str_from(data));
    return true;
}

static int member_get(TMETHOD_PARAMS)
{
    *ret = args[0];
    return 0;
}

static const struct tmethod MEMBER_METHODS[] = {{"Get", "a", member_get}, {NULL, NULL, NULL}};

static void print_member(const void *data, struct buf *out)
{
    buf_put_c(out, data);
}

static void classes_have_members_before_keys(void **state UNUSED)
{
    static const struct tclass CLASS = {
        .type = "*test.Thing",
        .kind = "ptr",
        .field = member_field,
        .methods = MEMBER_METHODS,
        .print = print_member,
    };
    static char name[] = "thing";
    static const struct {
        const char *text;
        const char *want;
    } CASES[] = {
        {"{{.o}} {{.o.Name}} {{.o.Get 1}} {{2 | .o.Get}}", "thing thing 1 2"},
        {"{{.m.Name}} {{.m.Get \"a\"}} {{.m.key}} {{.m.none}}", "thing a 1 "},
        {"{{range $k, $v := .m}}{{$k}}{{end}} {{typeOf .m}} {{typeOf .o}}",
         "key *test.Thing *test.Thing"},
        {"{{.o.None}}", "t:1:4\n  executing \"t\" at <.o.None>:\n    can't evaluate field None in "
                        "type interface {}"},
        {"{{.o.Name 1}}", "t:1:4\n  executing \"t\" at <.o.Name>:\n    Name has arguments but "
                          "cannot be invoked as function"},
        {"{{.m.key 1}}",
         "t:1:4\n  executing \"t\" at <.m.key>:\n    key is not a method but has arguments"},
        {"{{.o.Get}}",
         "t:1:4\n  executing \"t\" at <.o.Get>:\n    wrong number of args for Get: want 1 got 0"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct template_fixture f;
        template_fixture_init(&f);
        struct tmap *map = tmap_new(f.arena, TVAL_OF_STRING, &CLASS, name);
        struct tmap *data = tmap_new(f.arena, TVAL_OF_ANY, NULL, NULL);
        tmap_set(map, STR("key"), tval_str(STR("1")));
        tmap_set(data, STR("m"), tval_map(map));
        tmap_set(data, STR("o"), tval_obj(f.arena, &CLASS, name));
        template_fixture_run(&f, str_from(CASES[i].text), tval_map(data));
        ASSERT_STR(f.text, CASES[i].want);
        template_fixture_done(&f);
    }
}

static void errors_name_the_outermost_place(void **state UNUSED)
{
    struct template_fixture f;
    template_fixture_init(&f);
    template_fixture_run(
        &f, STR("{{define \"x\"}}{{fail \"no\"}}{{end}}\n\n ab{{include \"x\" .}}"), tval_nil());
    assert_int_equal(f.rc, -ERR_INVALID);
    assert_string_equal(f.err.pos.file, "t");
    assert_int_equal(f.err.pos.line, 3);
    assert_int_equal(f.err.pos.column, 6);
    ASSERT_STR(f.text, "execution error at (t:3:5): no");
    template_fixture_done(&f);
}

static void limits_stop_templates(void **state UNUSED)
{
    static const struct {
        const char *text;
        uint64_t steps;
        uint64_t bytes;
        const char *want;
    } CASES[] = {
        {"{{range 1000000}}{{end}}", 1000, 1000, "limit of steps"},
        {"{{range 1000}}xx{{end}}", 100000, 1000, "limit of output bytes"},
        {"{{define \"r\"}}{{template \"r\"}}{{end}}{{template \"r\"}}", 100000, 1000,
         "nesting depth"},
        {"{{define \"r\"}}{{tpl . .}}{{end}}{{tpl \"{{tpl . .}}\" \"{{tpl . .}}\"}}", 100000,
         100000, "nesting depth"},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct template_fixture f;
        template_fixture_init(&f);
        f.budget.steps = CASES[i].steps;
        f.budget.bytes = CASES[i].bytes;
        template_fixture_run(&f, str_from(CASES[i].text), tval_nil());
        assert_int_equal(f.rc, -ERR_LIMIT);
        check_contains(&f.err, CASES[i].want);
        check_contains(&f.err, "template 't'");
        template_fixture_done(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_choose_and_repeat),
        cmocka_unit_test(variables_live_in_their_block),
        cmocka_unit_test(nils_are_of_two_kinds),
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(classes_have_members_before_keys),
        cmocka_unit_test(errors_name_the_outermost_place),
        cmocka_unit_test(limits_stop_templates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
