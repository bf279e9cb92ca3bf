/* Tokens of templates: kinds, texts, positions, error texts. */
#include <string.h>

#include "engine/template/lex.h"
#include "tests/lib/check.h"

static const char *const KINDS[LEX_TYPE_COUNT] = {
    "error", "eof",   "text", "{{",      "}}",    "_",        "(",       ")",        "|",
    "=",     ":=",    "char", "bool",    "rune",  "num",      "complex", "str",      "raw",
    "id",    "field", "var",  "keyword", ".",     "block",    "break",   "continue", "define",
    "else",  "end",   "if",   "nil",     "range", "template", "with",
};

/* Kinds separated by blanks; texts in brackets where the kind does not say them. */
static struct str tokens_of(struct arena *arena, const char *text)
{
    struct lex l;
    AUTO(buf) struct buf out;
    buf_init(&out, 4096);
    lex_init(&l, arena, str_from(text));
    for (;;) {
        struct lex_token token = lex_next(&l);
        if (token.type == LEX_EOF) {
            return buf_to_arena(&out, arena);
        }
        buf_put_c(&out, out.n > 0 ? " " : "");
        buf_put_c(&out, KINDS[token.type]);
        bool has_text = token.type == LEX_ERROR || token.type == LEX_TEXT ||
                        (token.type >= LEX_CHAR && token.type < LEX_KEYWORD);
        if (has_text) {
            buf_printf(&out, "[" STR_FMT "]", STR_ARG(token.text));
        }
        if (token.type == LEX_ERROR) {
            return buf_to_arena(&out, arena);
        }
    }
}

static void texts_become_tokens(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *want;
    } CASES[] = {
        {"", ""},
        {"plain }} text", "text[plain }} text]"},
        {"a{{.}}b", "text[a] {{ . }} text[b]"},
        {"{{ .a.b_1 .c }}", "{{ _ field[.a] field[.b_1] _ field[.c] _ }}"},
        {"{{$}}{{$x.y}}", "{{ var[$] }} {{ var[$x] field[.y] }}"},
        {"{{\xc3\xa9t\xc3\xa9 \"a\\\"}}\" `}}`}}",
         "{{ id[\xc3\xa9t\xc3\xa9] _ str[\"a\\\"}}\"] _ raw[`}}`] }}"},
        {"{{'}' '\\''}}", "{{ rune['}'] _ rune['\\''] }}"},
        {"{{-1}}{{+.5e-3 0x_fp1 0b1 0o7 1_0i 1+2i}}",
         "{{ num[-1] }} {{ num[+.5e-3] _ num[0x_fp1] _ num[0b1] _ num[0o7] _ num[1_0i] _ "
         "complex[1+2i] }}"},
        {"{{$a,$b:=(true|false)}}",
         "{{ var[$a] char[,] var[$b] := ( bool[true] | bool[false] ) }}"},
        {"{{block break continue define else end if nil range template with}}",
         "{{ block _ break _ continue _ define _ else _ end _ if _ nil _ range _ template _ with "
         "}}"},
        {"{{blocks iff}}", "{{ id[blocks] _ id[iff] }}"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ASSERT_STR(tokens_of(arena, CASES[i].text), CASES[i].want);
    }
}

static void trim_markers_and_comments_leave_nothing(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *want;
    } CASES[] = {
        {"a \n\t{{- 1 -}} \r\nb", "text[a] {{ num[1] }} text[b]"},
        {"a {{-1 -}} b", "text[a ] {{ num[-1] }} text[b]"},
        {"a {{-\n1  -}} b", "text[a] {{ num[1] _ }} text[b]"},
        {" {{- . -}} {{- . -}} ", "{{ . }} {{ . }}"},
        {"a{{/* }} */}}b", "text[a] text[b]"},
        {"a {{- /* x\ny */ -}} b", "text[a] text[b]"},
        {"{{/**/}}", ""},
        {"{{ /* x */ }}", "{{ _ char[/] char[*] _ id[x] _ char[*] char[/] _ }}"},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ASSERT_STR(tokens_of(arena, CASES[i].text), CASES[i].want);
    }
}

static void what_is_no_token_is_named(void **state UNUSED)
{
    static const struct {
        const char *text;
        const char *want;
    } CASES[] = {
        {"{{", "unclosed action"},
        {"{{(1}}", "unclosed left paren"},
        {"{{1)}}", "unexpected right paren"},
        {"{{\"a\nb\"}}", "unterminated quoted string"},
        {"{{\"a\\", "unterminated quoted string"},
        {"{{`a", "unterminated raw quoted string"},
        {"{{'a\n'}}", "unterminated character constant"},
        {"{{/* a", "unclosed comment"},
        {"{{/* a */ }}", "comment ends before closing delimiter"},
        {"{{a:b}}", "expected :="},
        {"{{a#}}", "bad character U+0023 '#'"},
        {"{{.a\x01}}", "bad character U+0001"},
        {"{{$a\xe2\x82\xac}}", "bad character U+20AC '\xe2\x82\xac'"},
        {"{{\x7f}}", "unrecognized character in action: U+007F"},
        {"{{\xff}}", "unrecognized character in action: U+FFFD '\xef\xbf\xbd'"},
        {"{{12a}}", "bad number syntax: \"12a\""},
        {"{{1+2}}", "bad number syntax: \"1+2\""},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct str is = tokens_of(arena, CASES[i].text);
        struct str want = arena_printf(arena, "error[%s]", CASES[i].want);
        assert_true(str_ends_with(is, want));
    }
}

static void positions_are_lines_and_bytes(void **state UNUSED)
{
    static const struct tplace WANT[] = {
        {1, 0}, {2, 2}, {2, 4}, {2, 5}, {3, 1}, {3, 6}, {5, 1}, {5, 3}, {5, 4}, {5, 6},
    };
    AUTO(arena) struct arena *arena = arena_new();
    struct lex l;
    const struct str text = STR("a\n\xc3\xa9{{.\n .ab -}}\n\n {{1}}");
    lex_init(&l, arena, text);
    for (size_t i = 0; i < ARRAY_LEN(WANT); i++) {
        struct tplace pos = tpos_place(text, lex_next(&l).pos);
        assert_int_equal(pos.line, WANT[i].line);
        assert_int_equal(pos.column, WANT[i].column);
    }
}

static void tokens_are_shown_as_go_does(void **state UNUSED)
{
    static const struct {
        struct lex_token token;
        const char *want;
    } CASES[] = {
        {{.type = LEX_EOF}, "EOF"},
        {{.type = LEX_ERROR, .text = {"x y", 3}}, "x y"},
        {{.type = LEX_END, .text = {"end", 3}}, "<end>"},
        {{.type = LEX_DOT, .text = {".", 1}}, "<.>"},
        {{.type = LEX_FIELD, .text = {".abcdefghi", 10}}, "\".abcdefghi\""},
        {{.type = LEX_FIELD, .text = {".abcdefghij", 11}}, "\".abcdefghi\"..."},
        {{.type = LEX_TEXT, .text = {"\xc3\xa9\"\n4567890ab", 13}},
         "\"\xc3\xa9\\\"\\n4567890\"..."},
    };
    AUTO(arena) struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        ASSERT_STR(lex_token_format(arena, &CASES[i].token), CASES[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_become_tokens),
        cmocka_unit_test(trim_markers_and_comments_leave_nothing),
        cmocka_unit_test(what_is_no_token_is_named),
        cmocka_unit_test(positions_are_lines_and_bytes),
        cmocka_unit_test(tokens_are_shown_as_go_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
