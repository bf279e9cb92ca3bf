#!/usr/bin/env python3
"""Check that the documentation speaks of what exists.

Relative links and paths in backticks lead to files; docs/code-map.md has every folder of tools/layers.txt;
docs/dependencies.md has every library package of tools/packages.txt; docs/config.md and docs/metrics.md show every
config.def and metrics.def.
"""

import posixpath
import re

import lintlib

CODE_MAP = "docs/code-map.md"
DEPENDENCIES = "docs/dependencies.md"
PACKAGES = "tools/packages.txt"
TABLES = (
    ("/config.def", "CONFIG", "docs/config.md"),
    ("/metrics.def", "METRIC", "docs/metrics.md"),
)
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_TICKS = re.compile(r"`([^`\s]+)`")
# Something in backticks is a path of ours when it starts with one of our folders.
_FOLDERS = lintlib.C_FOLDERS + ("charts", "docs", "mk", "proto", "tools", "ui")
_PATTERN = re.compile(r"[*<>{}$…]|\.\.\.")


def pages(repo):
    for name in repo.files():
        if name.endswith(".md") and (name.startswith("docs/") or "/" not in name):
            yield name


def written_lines(text):
    """Yield (number, line) outside the tables of tools/gen_table.py, which may speak of planned folders."""
    generated = False
    for number, line in enumerate(text.splitlines(), 1):
        generated = line.startswith("<!-- table:") or (generated and line != "<!-- end -->")
        if not generated:
            yield number, line


def check_links(repo, page, number, line, report):
    for target in _LINK.findall(line):
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page), target))
        if "://" not in target and not repo.exists(path):
            report.error(page, number, f"link to {target}, which does not exist", "correct it")


def check_paths(repo, page, number, line, report):
    for word in _TICKS.findall(line):
        first, slash, _ = word.partition("/")
        if not slash or first not in _FOLDERS or _PATTERN.search(word):
            continue
        if not repo.exists(word.rstrip("/:,")):
            report.error(page, number, f"`{word}` does not exist", "correct it")


def check_code_map(repo, report):
    text = repo.text(CODE_MAP)
    for number, line in repo.lines("tools/layers.txt"):
        folder = line.partition(":")[0]
        if not folder.startswith("planned ") and f"`{folder}/`" not in text:
            report.error(CODE_MAP, 1, f"`{folder}/` is missing", "add a line for it")


def check_dependencies(repo, report):
    text, section = repo.text(DEPENDENCIES), ""
    for number, line in enumerate(repo.text(PACKAGES).splitlines(), 1):
        if line.startswith("# "):
            section = line[2:]
        package = line.split(" ")[0]
        library = package.startswith("lib") or package.endswith("-dev")
        if section == "build" and library and f"`{package}`" not in text:
            report.error(PACKAGES, number, f"{package} is not in {DEPENDENCIES}",
                         "say what for, why this one, what else was considered")


def check_tables(repo, report):
    """Every table of settings and metrics is shown on its page."""
    for name in repo.files():
        for suffix, macro, page in TABLES:
            asked = f"<!-- table: {macro} {name} -->"
            if name.endswith(suffix) and repo.exists(page) and asked not in repo.text(page):
                report.error(name, 1, f"not shown in {page}", f"add there: {asked} and <!-- end -->")


def run(repo, report):
    for page in pages(repo):
        for number, line in written_lines(repo.text(page)):
            check_links(repo, page, number, line, report)
            check_paths(repo, page, number, line, report)
    check_tables(repo, report)
    if repo.exists(CODE_MAP):
        check_code_map(repo, report)
    if repo.exists(DEPENDENCIES):
        check_dependencies(repo, report)


if __name__ == "__main__":
    lintlib.main(run, __doc__)
