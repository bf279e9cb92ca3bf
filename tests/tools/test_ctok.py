"""tools/ctok.py: tokens, includes, functions, tables."""

import ctok


def words(text):
    return [(t.kind, t.text) for t in ctok.tokenize(text)]


def test_kinds():
    assert words('x = L"a\\"b" + \'\\\'\' - 0x1fUL; /* c */ // d') == [
        ("word", "x"), ("punct", "="), ("string", 'L"a\\"b"'), ("punct", "+"), ("char", "'\\''"),
        ("punct", "-"), ("number", "0x1fUL"), ("punct", ";"), ("comment", "/* c */"),
        ("comment", "// d"),
    ]


def test_lines_across_comments_splices_and_strings():
    tokens = ctok.tokenize('/* a\nb */ x\n#define M(a) \\\n  y(a)\nz "//" w')
    assert [(t.text, t.line, t.pp) for t in tokens if t.kind == "word"] == [
        ("x", 2, False), ("M", 3, True), ("a", 3, True), ("y", 4, True), ("a", 4, True),
        ("z", 5, False), ("w", 5, False),
    ]


def test_includes():
    text = '#include "a/b.h"\n  # include <uv.h> /* why */\n#define X "#include"\n'
    assert list(ctok.includes(ctok.tokenize(text))) == [(1, "a/b.h", False), (2, "uv.h", True)]


def functions(text):
    return [(f.name, f.line) for f in ctok.TopLevel(ctok.code(ctok.tokenize(text))).functions]


def test_functions():
    text = """\
struct s { int (*f)(int); };
static const struct row rows[] = {
    ROW(a),
};
PRINTF(1, 2) static int one(const char *fmt, ...)
{
    if (x) { y(); }
}
DEFINE_CLEANUP(a, b)
struct s *two(void) { return (struct s){0}; }
int three(void);
"""
    assert functions(text) == [("one", 5), ("two", 10)]


def test_tables_and_statements():
    top = ctok.TopLevel(ctok.code(ctok.tokenize("int a[] = {\n1,\n2,\n};\nint f(int);\n")))
    assert top.tables == [(1, 4)]
    assert [top.tokens[last].line for _, last in top.statements] == [4, 5]


def test_unfinished_text_does_not_loop():
    assert functions("int f(int {") == []
    assert words('"open')[-1] == ("word", "open")
