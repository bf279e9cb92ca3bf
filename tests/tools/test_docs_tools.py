"""tools/gen_table.py and tools/check_docs.py: generated tables, links, paths, completeness."""

import check_docs
import gen_table
import pytest

DEF = """\
/* ERR_CODE(NAME, HTTP, gRPC, retryable, text) */
ERR_CODE(BUSY, 503, 14, 1, "busy, "
         "or a|b")
OTHER(1)
ERR_CODE(GONE, 404, 5, 0, "gone")
"""
PAGE = "before\n<!-- table: ERR_CODE common/e.def -->\nold\n<!-- end -->\nafter\n"
WANT = """\
before
<!-- table: ERR_CODE common/e.def -->
| code | text | HTTP | gRPC | tried again |
| --- | --- | --- | --- | --- |
| `ERR_BUSY` | busy, or a\\|b | 503 | 14 | yes |
| `ERR_GONE` | gone | 404 | 5 | no |
<!-- end -->
after
"""


def test_table_from_rows(tree, capsys):
    root = tree({"common/e.def": DEF, "docs/e.md": PAGE})
    assert gen_table.main(["--root", str(root), "--check"]) == 1
    assert "docs/e.md:1: stale table" in capsys.readouterr().out
    assert gen_table.main(["--root", str(root)]) == 0
    assert (root / "docs/e.md").read_text() == WANT
    assert gen_table.main(["--root", str(root), "--check"]) == 0


def test_config_rows(tree):
    text = '''\
CONFIG(a, DURATION, "wait", "BELAY_WAIT", "c.wait", "10s", 0, 300000, "", FIXED, "How long.")
CONFIG(b, STR, "name", "", "", "", 0, 0, "", RELOADABLE, "Who.")
CONFIG(c, INT, "n", "", "", "1", -1, LIMIT_N, "apps", FIXED, "How "
       "many.")
'''
    page = "<!-- table: CONFIG c.def -->\n<!-- end -->\n"
    root = tree({"c.def": text, "docs/c.md": page})
    assert gen_table.main(["--root", str(root)]) == 0
    assert (root / "docs/c.md").read_text().splitlines()[3:-1] == [
        "| `--wait`<br>`BELAY_WAIT`<br>`c.wait` | duration | `10s` | 0 to 5m |  | How long. |",
        "| `--name` | str |  |  | yes | Who. |",
        "| `--n` | int | `1` | -1 to LIMIT_N apps |  | How many. |",
    ]


def test_metric_rows(tree):
    page = "<!-- table: METRIC m.def -->\n<!-- end -->\n"
    root = tree({"m.def": 'METRIC(X, COUNTER, "x_total", "All.", "app,phase", "")\n', "docs/m.md": page})
    assert gen_table.main(["--root", str(root)]) == 0
    assert "| `x_total` | counter | `app` `phase` | All. |\n" in (root / "docs/m.md").read_text()


def test_table_of_layers(tree):
    page = "<!-- table: layers tools/layers.txt -->\n<!-- end -->\n"
    root = tree({"tools/layers.txt": "# x\na/b: c d/e.h | uv\nplanned f: |\n", "docs/e.md": page})
    assert gen_table.main(["--root", str(root)]) == 0
    text = (root / "docs/e.md").read_text()
    assert "| `a/b` | `c` `d/e.h` | `uv` |\n" in text and "`f`" not in text


@pytest.mark.parametrize(
    "block, message",
    [
        ("ERR_CODE common/none.def", "common/none.def:1: does not exist"),
        ("NONE common/e.def", "unknown kind of table 'NONE'"),
        ("CONFIG common/few.def", "common/few.def:1: CONFIG(a, ...) has 1 arguments"),
        ("ERR_CODE common/bad.def", "common/bad.def:2: expected MACRO(...)"),
    ],
)
def test_bad_tables(tree, capsys, block, message):
    page = f"<!-- table: {block} -->\n<!-- end -->\n"
    root = tree({"common/e.def": DEF, "common/bad.def": "\nint x;\n",
                 "common/few.def": "CONFIG(a)\n", "docs/e.md": page})
    assert gen_table.main(["--root", str(root)]) == 1
    assert message in capsys.readouterr().out


DOCS = {
    "docs/a.md": "[b](b.md#part) [site](https://example.com) [up](../README.md) `common/base/`\n"
                 "`common/x/*.c` `tests/<path>` `make/it` `common/base/err.h`\n",
    "docs/b.md": "<!-- table: layers x -->\n`engine/merge`\n<!-- end -->\n", "README.md": "[docs](docs/a.md)\n", "common/base/err.h": "",
}


def test_good_docs(lint):
    assert lint(check_docs, DOCS) == []


@pytest.mark.parametrize(
    "text, message",
    [
        ("[c](c.md)", "docs/a.md:1: link to c.md, which does not exist"),
        ("see `common/base/none.c`", "docs/a.md:1: `common/base/none.c` does not exist"),
    ],
)
def test_dead_references(lint, text, message):
    assert message in lint(check_docs, {**DOCS, "docs/a.md": text + "\n"})[0]


def test_completeness(lint):
    files = {check_docs.CODE_MAP: "`a/`\n", check_docs.DEPENDENCIES: "`libuv1-dev`\n",
             "tools/layers.txt": "a: |\nb: |\nplanned c: |\n",
             check_docs.PACKAGES: "# build\nlibuv1-dev\nlibnew-dev\npython3\n# test\nlibother-dev\n"}
    assert lint(check_docs, files) == [
        "docs/code-map.md:1: `b/` is missing; add a line for it",
        "tools/packages.txt:3: libnew-dev is not in docs/dependencies.md; "
        "say what for, why this one, what else was considered",
    ]


def test_every_table_is_shown(lint):
    files = {"cli/config.def": "", "docs/config.md": "<!-- table: CONFIG cli/config.def -->\n<!-- end -->\n"}
    assert lint(check_docs, files) == []
    assert lint(check_docs, {**files, "api-server/config.def": ""}) == [
        "api-server/config.def:1: not shown in docs/config.md; "
        "add there: <!-- table: CONFIG api-server/config.def --> and <!-- end -->",
    ]
