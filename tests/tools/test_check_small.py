"""The small checks: unit tests, protocol numbers, log calls, paths of the machine."""

import check_log_fields
import check_proto
import check_tests
import check_paths
import lintlib
import pytest


def test_every_module_has_a_test(lint):
    files = {"cli/main.c": "", "cli/app.c": "", "cli/app.h": "", "cli/app_list.c": "", "tests/unit/cli/test_app.c": "",
             "common/base/vec.h": "", "tests/unit/common/base/test_vec.c": "", "tests/lib/cases.c": ""}
    assert lint(check_tests, files) == []


def test_missing_and_lost_tests(lint):
    files = {"cli/app.c": "", "cli/b.h": "", "cli/b_x.c": "", "tests/unit/cli/test_old.c": "", "tests/unit/cli/app.c": ""}
    assert lint(check_tests, files) == [
        "cli/app.c:1: module without a unit test; add tests/unit/cli/test_app.c",
        "cli/b_x.c:1: module without a unit test; add tests/unit/cli/test_b.c",
        "tests/unit/cli/app.c:1: not called test_<module>.c; rename it, or move it to tests/lib",
        "tests/unit/cli/test_old.c:1: test of no module; move it beside cli/old.c",
    ]


PROTO = """\
syntax = "proto3";
message A {
  // a comment = 9;
  string name = 1;
  repeated bytes data = 2 [packed = false];
  map<string, string> labels = 3;
  oneof result { int64 id = 5; Inner inner = 6; }
  message Inner { bool yes = 1; }
  reserved 4, 10 to 12;
  reserved "old";
}
enum E { NONE = 0; LESS = -1; }
"""


def test_proto_parser():
    messages = check_proto.Parser(PROTO).parse()
    assert {number: field[:2] for number, field in messages["A"].fields.items()} == {
        1: ("name", "string"), 2: ("data", "repeated bytes"), 3: ("labels", "map < string , string >"),
        5: ("id", "int64"), 6: ("inner", "Inner"),
    }
    assert messages["A"].reserved == {4, 10, 11, 12, "old"}
    assert list(messages["A.Inner"].fields) == [1]
    assert list(messages["E"].fields) == [0, -1]


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("name = 1", "name = 7", "A.name was 1, is 7"),
        ("string name = 1", "bytes name = 1", "A: 1 was 'string name'"),
        ("string name = 1", "string title = 1", "A: 1 was 'string name'"),
        ("  string name = 1;\n", "", 'A.name = 1 was removed; add: reserved 1; reserved "name";'),
        ("name = 1", "name = 2", "A: number 2 is used twice"),
        ("int64 id = 5", "int64 id = 4", "A.id uses something reserved"),
        ("int64 id = 5", "int64 id = 5; bool x = 19000", "19000 is no field number"),
        ("LESS = -1", "LESS = 1", "E.LESS was -1, is 1"),
    ],
)
def test_bad_proto_changes(lint, committed, old, new, message):
    committed({"proto/a.proto": PROTO})
    problems = lint(check_proto, {"proto/a.proto": PROTO.replace(old, new)})
    assert any(message in problem for problem in problems), problems


def test_good_proto_changes(lint, committed):
    committed({"proto/a.proto": PROTO})
    text = PROTO.replace("string name = 1;", 'reserved 1; reserved "name"; string title = 8;')
    assert lint(check_proto, {"proto/a.proto": text}) == []


def test_proto_is_compared_with_the_last_tag(lint, committed):
    import subprocess

    git = committed({"proto/a.proto": PROTO})
    subprocess.run([*git, "tag", "v1"], check=True)
    moved = {"proto/a.proto": PROTO.replace("name = 1", "name = 7")}
    committed(moved, "second")
    assert any("A.name was 1" in problem for problem in lint(check_proto, moved))


PAGE = "| `app` | name |\n| `took_ms` | time |\n| `error` | text |\n| `code` | c |\n| `origin` | o |\n"


def log_problems(lint, call, page=PAGE):
    text = f"static void f(void)\n{{\n    {call}\n}}\n"
    return lint(check_log_fields, {"cli/a.c": text, check_log_fields.PAGE: page})


def test_good_log_calls(lint):
    call = 'log_info("sync " "done", LF_STR("app", a), LF_MS("took", b), LF_ERR(e));'
    assert log_problems(lint, call) == []


@pytest.mark.parametrize(
    "call, message",
    [
        ("log_warn(text);", "log message is not a literal"),
        ('log_warn("%s failed");', "log message with data in it"),
        ('log_warn("Sync failed");', "log message starts with a capital"),
        ('log_warn("x", LF_STR(key, a));', "key of LF_STR is not a literal"),
        ('log_warn("x", LF_STR("Key", a));', "log key 'Key'; write it in snake_case"),
        ('log_warn("x", LF_INT("other", a));', "log key 'other' is not in docs/log-fields.md"),
        ("f();", "log key 'app' is used nowhere"),
    ],
)
def test_bad_log_calls(lint, call, message):
    assert any(message in problem for problem in log_problems(lint, call))


def test_paths_and_hosts(lint):
    bad = {"a.md": "see /wo" + "rk/x\n",
           "b.sh": "curl https://proxy.golang" + ".org/x\necho http://deb.debian" + ".org/\n",
           "package-lock.json": '{\n"resolved": "https://' + 'mirror.example/x"}\n'}
    problems = lint(check_paths, bad)
    assert [problem.split(": ")[0] for problem in problems] == ["a.md:1", "b.sh:1", "b.sh:2", "package-lock.json:2"]
    assert "reference to helm" in lint(check_paths, {"c.c": "/* see helm" + ".md */\n"})[3]
    good = {"c.c": "", "a.md": "$dir/wo" + "rk/x and ./wo" + "rk/\n", "b.sh": "",
            "package-lock.json": '{"resolved": "file:x"}\n'}
    assert lint(check_paths, good) == []


def test_files_outside_a_repository(tree):
    root = tree({"cli/a.c": "", "build/b.c": "", ".git-not/c.c": "", ".clang-format": ""})
    assert lintlib.Repo(root).files() == [".clang-format", "cli/a.c"]
