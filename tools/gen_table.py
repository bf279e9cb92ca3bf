#!/usr/bin/env python3
"""Write the tables of docs/*.md that follow from *.def files and tools/layers.txt.

    gen_table.py            rewrite them
    gen_table.py --check    write nothing; fail when one is stale

A page holds blocks that are replaced; everything else is written by hand:

    <!-- table: KIND PATH -->
    ...
    <!-- end -->

KIND is a row macro (a key of ROWS) or "layers". A .def file is a list of MACRO(argument, ...) rows.
"""

import ast
import pathlib
import re
import sys

import ctok
import lintlib

_BLOCK = re.compile(r"(<!-- table: (\S+) (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


class TableError(Exception):
    """A .def file or page says something this program does not understand."""


def arguments(tokens):
    """Split the tokens between two brackets at outermost commas; return one text each."""
    parts, depth = [[]], 0
    for token in tokens:
        depth += (token.text in "([{") - (token.text in ")]}")
        if token.text == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return [value(part) for part in parts]


def value(tokens):
    """Return a string literal's text, pieces joined, or the source text."""
    if tokens and all(token.kind == "string" for token in tokens):
        return "".join(ast.literal_eval(token.text) for token in tokens)
    text = " ".join(token.text for token in tokens)
    return re.sub(r"(?<=[-(]) | (?=\))", "", text)


def rows(text, macro, path):
    """Yield the arguments of each MACRO(...) row of a .def file."""
    tokens = ctok.code(ctok.tokenize(text))
    index = 0
    while index + 1 < len(tokens):
        if tokens[index + 1].text != "(":
            raise TableError(f"{path}:{tokens[index].line}: expected MACRO(...)")
        close = ctok.closing(tokens, index + 1)
        if tokens[index].text == macro:
            yield arguments(tokens[index + 2 : close])
        index = close + 1


def ticks(text):
    return f"`{text}`" if text else ""


def error_row(name, http, grpc, retryable, text):
    return [ticks("ERR_" + name), text, http, grpc, "yes" if retryable == "1" else "no"]


def config_row(_field, kind, flag, env, key, default, low, high, unit, reload, doc):
    """One setting; see common/rt/config.h. Bounds show only where they are checked."""
    names = "<br>".join(ticks(name) for name in ("--" + flag, env, key) if name)
    return [names, kind.lower(), ticks(default), bounds(kind, low, high, unit),
            "yes" if reload == "RELOADABLE" else "", doc]


def bounds(kind, low, high, unit):
    """Return the range of a setting as people write it."""
    try:
        if float(low) >= float(high):
            return unit
    except ValueError:
        pass  # an expression or a named limit: it is checked
    if kind == "DURATION":
        return f"{duration(low)} to {duration(high)}"
    return f"{low} to {high} {'bytes' if kind == 'BYTES' else unit}".strip()


def duration(text):
    """Write milliseconds in the largest unit that divides them."""
    if not text.isdigit() or text == "0":
        return text
    value = int(text)
    for unit, size in (("h", 3600000), ("m", 60000), ("s", 1000)):
        if value % size == 0:
            return f"{value // size}{unit}"
    return f"{value}ms"


def metric_row(_id, kind, name, help_text, labels, _buckets):
    """One metric; see common/rt/metrics.h."""
    return [ticks(name), kind.lower(), " ".join(ticks(label) for label in labels.split(",")), help_text]


def route_row(method, path, _handler, resource, action, flags, doc):
    """One endpoint; see api-server/routes.def."""
    right = f"{resource}, {action}" if resource else ("everybody" if flags == "REST_OPEN" else "")
    return [f"`{method} {path}`", right, doc]


# Row macro: (headings, function from arguments to cells).
ROWS = {
    "ERR_CODE": (["code", "text", "HTTP", "gRPC", "tried again"], error_row),
    "CONFIG": (["flag, environment, key", "type", "default", "range", "reload", "meaning"], config_row),
    "ROUTE": (["endpoint", "right", "what it does"], route_row),
    "METRIC": (["metric", "type", "labels", "meaning"], metric_row),
}


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def markdown(headings, lines):
    out = ["| " + " | ".join(headings) + " |", "|" + " --- |" * len(headings)]
    out.extend("| " + " | ".join(cell(text) for text in line) + " |" for line in lines)
    return "\n".join(out) + "\n"


def layers(repo, path):
    lines = []
    for number, text in repo.lines(path):
        folder, _, rest = text.partition(":")
        folders, bar, libraries = rest.partition("|")
        if not bar:
            raise TableError(f"{path}:{number}: line without ':' and '|'")
        if not folder.startswith("planned "):
            cells = [" ".join(f"`{word}`" for word in part.split()) for part in (folder, folders, libraries)]
            lines.append(cells)
    return markdown(["folder", "may include, besides itself", "libraries"], lines)


def table(repo, kind, path):
    if not repo.exists(path):
        raise TableError(f"{path}:1: does not exist; correct the page that asks for it")
    if kind == "layers":
        return layers(repo, path)
    if kind not in ROWS:
        raise TableError(f"{path}:1: unknown kind of table '{kind}'; known: layers, {', '.join(ROWS)}")
    headings, convert = ROWS[kind]
    lines = []
    for row in rows(repo.text(path), kind, path):
        try:
            lines.append(convert(*row))
        except TypeError:
            raise TableError(f"{path}:1: {kind}({row[0]}, ...) has {len(row)} arguments") from None
    return markdown(headings, lines)


def render(repo, page):
    """Return the page with its blocks made anew."""
    return _BLOCK.sub(
        lambda match: match.group(1) + table(repo, match.group(2), match.group(3)) + match.group(4),
        repo.text(page),
    )


def main(argv):
    root = pathlib.Path(__file__).resolve().parent.parent
    check = "--check" in argv
    if "--root" in argv:
        root = pathlib.Path(argv[argv.index("--root") + 1])
    repo = lintlib.Repo(root)
    stale = 0
    for page in repo.files():
        if not (page.startswith("docs/") and page.endswith(".md")):
            continue
        try:
            text = render(repo, page)
        except (TableError, ValueError) as error:
            print(error)
            return 1
        if text == repo.text(page):
            continue
        if check:
            print(f"{page}:1: stale table; run tools/gen_table.py")
            stale = 1
        else:
            (repo.root / page).write_text(text, encoding="utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
