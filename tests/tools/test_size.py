"""tools/size.py: lengths, complexity, and the list that only shrinks."""

import ctok
import pytest
import size


def function(lines, name="f"):
    return f"int {name}(void)\n{{\n" + "    x();\n" * (lines - 3) + "}\n"


def test_limits(lint):
    files = {"cli/a.c": function(80), "cli/a.h": "\n" * 300,
             "cli/t.c": "int t[] = {\n" + "    1,\n" * 2000 + "};\n"}
    assert lint(size, files) == []


@pytest.mark.parametrize(
    "path, text, message",
    [
        ("cli/a.c", function(81), "cli/a.c:1: cli/a.c:f has 81 lines, limit 80"),
        ("cli/a.c", "\n" * 901, "cli/a.c has 901 lines, limit 900"),
        ("cli/a.h", "\n" * 301, "cli/a.h has 301 lines, limit 300"),
        ("cli/a.c", "int f(void)\n{\n" + "    if (a) { b(); }\n" * 15 + "}\n", "f has 16 branches, limit 15"),
    ],
)
def test_over(lint, path, text, message):
    problems = lint(size, {path: text})
    assert len(problems) == 1 and message in problems[0]


@pytest.mark.parametrize(
    "body, want",
    [
        ("x();", 1),
        ("if (a && b || c) {}", 4),
        ("for (;;) {} while (a) {} do {} while (b);", 4),
        ("return a ? b : c;", 2),
        ("LIST_FOREACH(a, b) {}", 2),
        ("switch (a) { case A: case B: case C: x(); break; case D: y(); break; default: z(); }", 3),
        ("switch (a) { case A: x(); case B: y(); }", 3),
    ],
)
def test_complexity(body, want):
    assert size.complexity(ctok.code(ctok.tokenize(body))) == want


def test_allowed(lint, committed):
    files = {"cli/a.c": function(90), size.ALLOW: "function cli/a.c:f 90\n"}
    committed(files)
    assert lint(size, files) == []


@pytest.mark.parametrize(
    "lines, entry, message",
    [
        (91, "function cli/a.c:f 90", "has 91 lines, limit 90"),
        (85, "function cli/a.c:f 90", "cli/a.c:f is down to 85; lower the number"),
        (70, "function cli/a.c:f 90", "is within the limit; remove the line"),
        (91, "function cli/a.c:f 91", "cli/a.c:f may not grow"),
        (90, "function cli/a.c:g 90", "new entry for cli/a.c:g"),
        (90, "function cli/a.c:f", "not 'what path[:function] number'"),
    ],
)
def test_list_only_shrinks(lint, committed, lines, entry, message):
    committed({"cli/a.c": function(90), size.ALLOW: "function cli/a.c:f 90\n"})
    problems = lint(size, {"cli/a.c": function(lines), size.ALLOW: entry + "\n"})
    assert any(message in problem for problem in problems), problems


def test_committed_growth_is_seen(lint, committed):
    committed({"cli/a.c": function(90), size.ALLOW: "function cli/a.c:f 90\n"})
    files = {"cli/a.c": function(95), size.ALLOW: "function cli/a.c:f 95\n"}
    committed(files, "second")
    assert any("may not grow" in problem for problem in lint(size, files))
