/* Syntax trees as text: what errors show. How whole texts come back is tested with the parser. */
#include "engine/template/ast.h"
#include "tests/lib/check.h"

static const struct str NAMES[] = {{"$x", 2}, {"y", 1}};
static const struct tterm DOT = {.type = TTERM_DOT};
static const struct tcmd CMD = {.args = &DOT, .n = 1};
static struct tpipe PIPE = {.cmds = &CMD, .n = 1};

static void terms(void **state UNUSED)
{
    static const struct tterm OF = {.type = TTERM_PIPE, .pipe = &PIPE};
    static const struct {
        struct tterm term;
        const char *want;
    } CASES[] = {
        {{.type = TTERM_DOT}, "."},
        {{.type = TTERM_NIL}, "nil"},
        {{.type = TTERM_LITERAL, .text = {"0x1F", 4}}, "0x1F"},
        {{.type = TTERM_IDENTIFIER, .text = {"len", 3}}, "len"},
        {{.type = TTERM_VARIABLE, .names = NAMES, .n_names = 2}, "$x.y"},
        {{.type = TTERM_FIELD, .names = NAMES + 1, .n_names = 1}, ".y"},
        {{.type = TTERM_CHAIN, .of = &OF, .names = NAMES + 1, .n_names = 1}, "(.).y"},
        {{.type = TTERM_CHAIN, .of = &DOT, .names = NAMES + 1, .n_names = 1}, "..y"},
        {{.type = TTERM_PIPE, .pipe = &PIPE}, "."},
    };
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        AUTO(buf) struct buf out;
        buf_init(&out, 64);
        tterm_format(&CASES[i].term, &out);
        ASSERT_STR(buf_str(&out), CASES[i].want);
    }
}

static void pipelines_in_commands_have_parentheses(void **state UNUSED)
{
    const struct tterm args[] = {
        {.type = TTERM_IDENTIFIER, .text = STR("len")},
        {.type = TTERM_PIPE, .pipe = &PIPE},
    };
    const struct tcmd cmds[] = {CMD, {.args = args, .n = 2}};
    const struct tpipe pipe = {
        .cmds = cmds,
        .n = 2,
        .vars = {STR("$a"), STR("$b")},
        .n_vars = 2,
    };
    AUTO(buf) struct buf out;
    buf_init(&out, 64);
    tcmd_format(&cmds[1], &out);
    buf_put_c(&out, "; ");
    tpipe_format(&pipe, &out);
    ASSERT_STR(buf_str(&out), "len (.); $a, $b := . | len (.)");
}

static void nodes(void **state UNUSED)
{
    static const struct tnode TEXT[] = {{.type = TNODE_TEXT, .text = {"t", 1}}};
    const struct tnode node = {
        .type = TNODE_RANGE,
        .pipe = &PIPE,
        .body = {.items = TEXT, .n = 1},
        .other = {.items = TEXT, .n = 0}, /* there is an else, with nothing in it */
    };
    const struct tnode template = {.type = TNODE_TEMPLATE, .text = STR("a\"\n")};
    AUTO(buf) struct buf out;
    buf_init(&out, 64);
    tnode_format(&node, &out);
    tnode_format(&template, &out);
    ASSERT_STR(buf_str(&out), "{{range .}}t{{else}}{{end}}{{template \"a\\\"\\n\"}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terms),
        cmocka_unit_test(pipelines_in_commands_have_parentheses),
        cmocka_unit_test(nodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
