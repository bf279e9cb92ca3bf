"""tools/check_banned.py: calls, exemptions, comments, names, conditionals."""

import check_banned
import pytest

GOOD = """\
#include <string.h>
/* Says what it does. */
int buf_put(struct buf *b)
{
    b->free(b);
    return b->time + strcmp(b->p, "strcpy(x)");
}
"""


def test_good(lint):
    assert lint(check_banned, {"common/base/buf.c": GOOD, "common/base/buf.h": "int buf_put(void);\n"}) == []


@pytest.mark.parametrize(
    "body, message",
    [
        ("strcpy(a, b);", "strcpy() is banned; use struct str"),
        ("return atoi(a);", "atoi() is banned; use common/base/num.h"),
        ("free(a);", "free() is banned; use common/base/mem.h"),
        ("arena_defer(a, free, p);", "free() is banned"),
        ("x = time(NULL);", "time() is banned; use common/base/clock.h"),
        ("x = getenv(a);", "getenv() is banned; make it a row"),
        ("x(); // note", "// comment"),
        ("/* TODO: later */", "TODO in a comment"),
        ("#ifdef X\nx();\n#endif", "#ifdef inside f()"),
        ("/* allow(free): the library's */ x();", "allow(free) exempts nothing"),
    ],
)
def test_bad_bodies(lint, body, message):
    problems = lint(check_banned, {"common/base/f.c": f"static int f(void)\n{{\n    {body}\n}}\n"})
    assert problems and all(p.startswith("common/base/f.c:") for p in problems)
    assert message in problems[0]


def test_banned_call_in_a_macro(lint):
    problems = lint(check_banned, {"cli/a.h": "#pragma once\n#define A_COPY(a) \\\n    strcpy(a, b)\n"})
    assert problems == ["cli/a.h:3: strcpy() is banned; use struct str and struct buf, or snprintf"]


@pytest.mark.parametrize(
    "body",
    ["free(a); /* allow(free): the library allocated it */",
     "/* allow(free): the library\n allocated it */\nfree(a);"],
)
def test_exemptions(lint, body):
    assert lint(check_banned, {"cli/f.c": f"static void f(void)\n{{\n{body}\n}}\n"}) == []


def test_exemption_needs_a_reason(lint):
    text = "static void f(void)\n{\n    free(a); /* allow(free) */\n}\n"
    assert "free() is banned" in lint(check_banned, {"cli/f.c": text})[0]


def test_files_that_may(lint):
    files = {"common/base/mem.c": "static void f(void)\n{\n    free(a);\n}\n",
             "tests/unit/cli/test_a.c": "static void f(void)\n{\n    setenv(a, b, 1);\n}\n"}
    assert lint(check_banned, files) == []


@pytest.mark.parametrize(
    "path, text",
    [
        ("app-controller/sync/plan.h", "int sync_plan_build(void);\nint plan_free(void);\n"),
        ("common/kube/kube_client.h", "int kube_get(void);\nint kube_client_new(void);\n"),
        ("common/value/value.h", "struct doc;\nstruct doc *doc_new(void);\n"),
        ("common/value/value_json.h", "enum value_style { A };\nint value_style_name(void);\n"),
        ("common/base/clock.h", "struct clock {\n    int (*now)(void);\n};\nint clock_now(void);\n"),
        ("common/base/mem.h", "static inline void auto_cleanup_char(char **p)\n{\n}\n"),
        ("repo-server/git/err_git.h", "int err_from_git(void);\n"),
        ("api-server/rest/applications.h", "int application_list(void);\n"),
        ("cli/a.h", "typedef void (*done_fn)(int a);\nstruct b;\n"),
        ("cli/a.h", "int git_open(void); /* allow(name): named by the library's callback */\n"),
    ],
)
def test_good_names(lint, path, text):
    assert lint(check_banned, {path: text}) == []


@pytest.mark.parametrize(
    "path, text, message",
    [
        ("common/base/buf.h", "int put_buf(void);\n", "external name put_buf does not start"),
        ("cli/git_x.h", "int git_open(void);\n", "git_open has a prefix that belongs to a library"),
        ("cli/x.c", "static int uv_helper(void)\n{\n}\n", "uv_helper has a prefix"),
        ("common/value/value.h", "struct doc;\nint doc_new(void);\n", "external name doc_new"),
    ],
)
def test_bad_names(lint, path, text, message):
    problems = lint(check_banned, {path: text, "common/base/doc.h": "#pragma once\n"})
    assert len(problems) == 1 and message in problems[0]
