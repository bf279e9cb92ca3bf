/* Syntax trees of templates: shape, positions, slots of variables, error texts. */
#include <string.h>

#include "engine/template/func.h"
#include "engine/template/parse.h"
#include "tests/lib/check.h"

enum { DEPTH = 50 };

/* Every name that begins with f is a function. */
static const struct tfunc *find_func(void *data UNUSED, struct str name)
{
    static const struct tfunc FUNC = {.name = "f"};
    return name.p[0] == 'f' ? &FUNC : NULL;
}

struct seen {
    const struct tdef *defs[8];
    size_t n;
};

static int define(void *data, const struct tdef *def, struct err *err)
{
    struct seen *seen = data;
    for (size_t i = 0; i < seen->n; i++) {
        if (str_eq(seen->defs[i]->name, def->name)) {
            return err_set(err, ERR_INVALID, "again");
        }
    }
    seen->defs[seen->n++] = def;
    return 0;
}

static int parse(struct arena *arena,
                 const char *text,
                 struct seen *seen,
                 const struct tdef **ret,
                 struct err *err)
{
    struct budget budget = budget_unlimited();
    budget.depth = DEPTH;
    struct parse_input in = {
        .arena = arena,
        .name = STR("file"),
        .text = str_from(text),
        .budget = &budget,
        .find_func = find_func,
        .define = define,
        .data = seen,
    };
    int rc = parse_file(&in, ret, err);
    assert_int_equal(budget.depth, DEPTH);
    return rc;
}

static const struct tdef *parse_good(struct arena *arena, const char *text, struct seen *seen)
{
    struct err err;
    const struct tdef *def = NULL;
    *seen = (struct seen){0};
    ASSERT_OK(parse(arena, text, seen, &def, &err));
    assert_ptr_equal(seen->defs[seen->n - 1], def);
    return def;
}

static void assert_body(struct arena *arena, const struct tdef *def, const char *want)
{
    AUTO(buf) struct buf out;
    buf_init(&out, 4096);
    for (size_t i = 0; i < def->body.n; i++) {
        tnode_format(&def->body.items[i], &out);
    }
    ASSERT_STR(buf_to_arena(&out, arena), want);
}

static void what_is_parsed_prints_as_it_was(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *want; /* NULL: the same */
    } CASES[] = {
        {"", NULL},
        {"a {{.}} b", NULL},
        {"{{  .x.y.z  }}", "{{.x.y.z}}"},
        {"{{$.x}}{{$}}", NULL},
        {"{{f 1 0x1F 'a' \"b\\n\" `c` true nil . .d $ (f 2 | f).e}}", NULL},
        {"{{(f).x.y (1) ((2))}}", NULL},
        {"{{.x|f .y|$.z}}", "{{.x | f .y | $.z}}"},
        {"{{f | }}", "{{f}}"}, /* Go takes it */
        {"{{$x := 1}}{{$x = 2}}{{$x.y}}", NULL},
        {"{{f ($y := 1) | f}}", NULL},
        {"{{if .a}}1{{end}}{{if .a}}1{{else}}{{end}}", NULL},
        {"{{if .a}}1{{else if .b}}2{{else}}3{{end}}",
         "{{if .a}}1{{else}}{{if .b}}2{{else}}3{{end}}{{end}}"},
        {"{{with .a}}1{{else with .b}}2{{end}}", "{{with .a}}1{{else}}{{with .b}}2{{end}}{{end}}"},
        {"{{range .a}}{{break}}{{continue}}{{else}}e{{end}}", NULL},
        {"{{range $i, $x := .a}}{{$i}}{{$x}}{{end}}", NULL},
        {"{{range $x := 3}}{{$x}}{{end}}", NULL},
        {"{{template \"a\\x41\"}}{{template `b` .x}}", "{{template \"aA\"}}{{template \"b\" .x}}"},
        {"1{{define \"a\"}}x{{end}}2", "12"},
        {"{{block \"a\" .x}}x{{end}}", "{{template \"a\" .x}}"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct seen seen;
        const struct tdef *def = parse_good(arena, CASES[i].text, &seen);
        assert_body(arena, def, CASES[i].want != NULL ? CASES[i].want : CASES[i].text);
    }
}

static void errors_are_those_of_go(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *want;
    } CASES[] = {
        {"{{}}", "1: missing value for command"},
        {"\n{{if}}{{end}}", "2: missing value for if"},
        {"{{end}}", "1: unexpected {{end}}"},
        {"{{if .a}}{{else}}{{else}}{{end}}", "1: expected end; found {{else}}"},
        {"{{define \"a\"}}{{else}}", "1: unexpected {{else}} in define clause"},
        {"{{define \"a\"}}\n{{else}}", "2: unexpected {{else}} in define clause"},
        {"{{block \"a\" .}}\n{{else}}", "1: unexpected {{else}} in block clause"},
        {"{{if .a}}\n\n", "3: unexpected EOF"},
        {"{{if .a}}{{else with .b}}{{end}}{{end}}", "1: unexpected <with> in input"},
        {"{{nope 1}}", "1: function \"nope\" not defined"},
        {"{{$x}}", "1: undefined variable \"$x\""},
        {"{{if $x := 1}}{{end}}{{$x}}", "1: undefined variable \"$x\""},
        {"{{$x := 1}}{{define \"a\"}}{{$x}}{{end}}", "1: undefined variable \"$x\""},
        {"{{1 | 2}}", "1: non executable command in pipeline stage 2"},
        {"{{f | f | .}}", "1: non executable command in pipeline stage 3"},
        {"{{1.x}}", "1: bad number syntax: \"1.x\""},
        {"{{nil.x}}", "1: unexpected . after term \"nil\""},
        {"{{(1).x \"a\".y}}", "1: unexpected . after term \"\\\"a\\\"\""},
        {"{{f,}}", "1: unexpected \",\" in operand"},
        {"{{| f}}", "1: unexpected \"|\" in command"},
        {"{{.a end}}", "1: unexpected <end> in operand"},
        {"{{$x, $y := 1}}", "1: too many declarations in command"},
        {"{{range $x, $y, $z := .}}{{end}}", "1: too many declarations in range"},
        {"{{range $x, 1}}{{end}}", "1: range can only initialize variables"},
        {"{{break}}", "1: {{break}} outside {{range}}"},
        {"{{range .}}{{else}}{{continue}}{{end}}", "1: {{continue}} outside {{range}}"},
        {"{{range .}}{{block \"a\" .}}{{break}}{{end}}{{end}}", "1: {{break}} outside {{range}}"},
        {"{{range .}}{{break 1}}{{end}}", "1: unexpected \"1\" in {{break}}"},
        {"{{if .}}{{define \"a\"}}{{end}}{{end}}", "1: unexpected <define> in command"},
        {"{{template a}}", "1: unexpected \"a\" in template clause"},
        {"{{define .a}}", "1: unexpected \".a\" in define clause"},
        {"{{block \"a\"}}{{end}}", "1: missing value for block clause"},
        {"{{f \"\\q\"}}", "1: invalid syntax"},
        {"{{f 08}}", "1: integer overflow: \"08\""},
        {"{{f\n\"a}}", "2: unterminated quoted string in action started at file:1"},
        {"{{f\n", "2: unclosed action started at file:1"},
        {"{{define\n\"a}}", "2: unterminated quoted string"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct err err;
        struct seen seen = {0};
        const struct tdef *def;
        char text[512];
        assert_int_equal(parse(arena, CASES[i].text, &seen, &def, &err), -ERR_INVALID);
        err_format(&err, text, sizeof(text));
        ASSERT_STR(str_from(text), arena_printf(arena, "file:%s", CASES[i].want).p);
    }
}

#define IF_TEXT "\n{{- if .a.b }}x{{ f (f).y $.z -}}\n{{ template \"t\" }}{{end}}"

static void assert_pos(struct tpos pos, uint32_t line, uint32_t column)
{
    struct tplace place = tpos_place(STR(IF_TEXT), pos);
    assert_int_equal(place.line, line);
    assert_int_equal(place.column, column);
}

static void positions_are_where_go_has_them(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct seen seen;
    const struct tdef *def = parse_good(arena, IF_TEXT, &seen);
    const struct tnode *node = &def->body.items[0];
    assert_pos(node->pos, 2, 7);
    assert_pos(node->pipe->cmds[0].args[0].pos, 2, 9); /* of the second name */
    const struct tnode *call = &node->body.items[1];
    assert_pos(call->pos, 2, 18);
    const struct tterm *args = call->pipe->cmds[0].args;
    assert_pos(args[0].pos, 2, 18);
    assert_pos(args[1].pos, 2, 23); /* of the field behind the parenthesis */
    assert_pos(args[1].of->pos, 2, 21);
    assert_pos(args[2].pos, 2, 27);
    assert_pos(node->body.items[2].pos, 3, 12);
}

/* "NAME=SLOT ..." of all variables used as the first term of an action, in order. */
static void put_slots(const struct tnodes *nodes, struct buf *out)
{
    for (size_t i = 0; i < nodes->n; i++) {
        const struct tnode *node = &nodes->items[i];
        if (node->type == TNODE_ACTION && node->pipe->n_vars == 0) {
            const struct tterm *term = &node->pipe->cmds[0].args[0];
            buf_put_c(out, out->n > 0 ? " " : "");
            buf_put(out, term->names[0]);
            buf_printf(out, "=%d", (int)term->slot);
        }
        put_slots(&node->body, out);
        put_slots(&node->other, out);
    }
}

static void variables_have_slots(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *want; /* -1: undefined when it runs */
        uint32_t max_slots;
    } CASES[] = {
        {"{{$}}", "$=0", 1},
        {"{{$a := 1}}{{$b := 2}}{{$a}}{{$b}}", "$a=1 $b=2", 3},
        {"{{$a := 1}}{{$a := 2}}{{$a}}", "$a=2", 3},
        {"{{$ := 1}}{{$}}", "$=1", 2},
        {"{{$a := 1}}{{if $b := 2}}{{$c := 3}}{{$b}}{{$c}}{{end}}{{$d := 4}}{{$d}}",
         "$b=2 $c=3 $d=2", 4},
        {"{{if $b := 2}}{{$c := 3}}{{else}}{{$d := 4}}{{$b}}{{$d}}{{end}}", "$b=1 $d=2", 3},
        {"{{$a := 1}}{{if 1}}{{$a := 3}}{{else}}{{$a}}{{end}}", "$a=1", 3},
        {"{{if 1}}{{$a := 3}}{{else}}{{$a}}{{end}}", "$a=-1", 2},
        {"{{$a = 1}}{{$a}}", "$a=-1", 1},
        {"{{range $i, $x := .}}{{$i}}{{$x}}{{else}}{{$x}}{{end}}", "$i=1 $x=2 $x=2", 3},
        {"{{$b := (f ($a := 1) | f ($a := 2))}}{{$a}}{{$b}}", "$a=2 $b=3", 4},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct seen seen;
        const struct tdef *def = parse_good(arena, CASES[i].text, &seen);
        AUTO(buf) struct buf out;
        buf_init(&out, 4096);
        put_slots(&def->body, &out);
        ASSERT_STR(buf_to_arena(&out, arena), CASES[i].want);
        assert_int_equal(def->max_slots, CASES[i].max_slots);
    }
}

static void declarations_count_when_their_pipeline_ends(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct seen seen;
    const struct tdef *def =
        parse_good(arena, "{{$a := $a}}{{$a := $a}}{{$b := (f ($c := $a) $c)}}{{$b = $c}}", &seen);
    const struct tnode *nodes = def->body.items;
    assert_int_equal(nodes[0].pipe->cmds[0].args[0].slot, TSLOT_UNDEFINED);
    assert_int_equal(nodes[0].pipe->slots[0], 1);
    assert_int_equal(nodes[1].pipe->cmds[0].args[0].slot, 1);
    assert_int_equal(nodes[1].pipe->slots[0], 2);
    const struct tpipe *inner = nodes[2].pipe->cmds[0].args[0].pipe;
    assert_int_equal(inner->cmds[0].args[1].pipe->slots[0], 3);
    assert_int_equal(inner->cmds[0].args[1].pipe->cmds[0].args[0].slot, 2);
    assert_int_equal(inner->cmds[0].args[2].slot, 3);
    assert_int_equal(nodes[2].pipe->slots[0], 4);
    assert_true(nodes[3].pipe->is_assign);
    assert_int_equal(nodes[3].pipe->slots[0], 4);
    assert_int_equal(nodes[3].n_slots, 5);
    assert_int_equal(def->max_slots, 5);
}

static void defines_and_blocks_are_handed_over(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct seen seen;
    (void)parse_good(arena,
                     "{{define \"a\"}} \xe2\x80\x83{{/* c */}}\n{{end}}"
                     "{{block \"b\" .}}{{block `c` .}}x{{end}}{{end}}",
                     &seen);
    static const struct {
        const char *name;
        bool blank;
    } WANT[] = {{"a", true}, {"c", false}, {"b", false}, {"file", false}};
    assert_int_equal(seen.n, ARRAY_LEN(WANT));
    for (size_t i = 0; i < seen.n; i++) {
        ASSERT_STR(seen.defs[i]->name, WANT[i].name);
        ASSERT_STR(seen.defs[i]->file, "file");
        assert_int_equal(seen.defs[i]->blank, WANT[i].blank);
    }
    struct err err;
    const struct tdef *def;
    seen.n = 0;
    ASSERT_ERR(
        parse(arena, "{{define \"a\"}}{{end}}\n{{define \"a\"}}\n{{end}}", &seen, &def, &err),
        ERR_INVALID, "file:3: again");
}

static void put_repeated(struct buf *text, const char *part, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_put_c(text, part);
    }
}

static int parse_nested(struct arena *arena,
                        const char *before,
                        const char *middle,
                        const char *after,
                        size_t n,
                        struct err *err)
{
    AUTO(buf) struct buf text;
    buf_init(&text, 4096);
    put_repeated(&text, before, n);
    buf_put_c(&text, middle);
    put_repeated(&text, after, n);
    struct seen seen = {0};
    const struct tdef *def;
    return parse(arena, text.p, &seen, &def, err);
}

static void nesting_is_limited(void **state UNUSED)
{
    AUTO(arena) struct arena *arena = arena_new();
    struct err err;
    ASSERT_OK(parse_nested(arena, "{{if 1}}", "x", "{{end}}", DEPTH, &err));
    ASSERT_ERR(parse_nested(arena, "{{if 1}}", "x", "{{end}}", DEPTH + 1, &err), ERR_LIMIT,
               "file:1:");
    ASSERT_OK(parse_nested(arena, "{{(((((", "1", ")))))}}", 1, &err));
    ASSERT_ERR(parse_nested(arena, "{{if 1}}{{(1)}}", "{{(1)}}", "{{end}}", DEPTH, &err), ERR_LIMIT,
               "file:1:");
    ASSERT_ERR(parse_nested(arena, "{{if 1}}{{else if 1}}", "", "", DEPTH, &err), ERR_LIMIT, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_parsed_prints_as_it_was),
        cmocka_unit_test(errors_are_those_of_go),
        cmocka_unit_test(positions_are_where_go_has_them),
        cmocka_unit_test(variables_have_slots),
        cmocka_unit_test(declarations_count_when_their_pipeline_ends),
        cmocka_unit_test(defines_and_blocks_are_handed_over),
        cmocka_unit_test(nesting_is_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
