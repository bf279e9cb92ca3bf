#!/usr/bin/env python3
"""Check log calls: constant lower-case messages, and field keys listed in docs/log-fields.md.

The page has one table row per key: | `key` | meaning |. Every listed key must be in use.
"""

import ast
import re

import lintlib

PAGE = "docs/log-fields.md"
CALLS = {"log_debug", "log_info", "log_warn", "log_error"}
_ROW = re.compile(r"^\| `(\w+)` \|")
_KEY = re.compile(r"[a-z][a-z0-9_]*$")
# What the macros add to a key or use without naming it; see common/base/log.h.
SUFFIXES = {"LF_MS": "_ms"}
IMPLIED = {"LF_ERR": ("error", "code", "origin")}
ALWAYS = ("time", "level", "component", "msg")


def listed_keys(repo):
    keys = {}
    for number, line in enumerate(repo.text(PAGE).splitlines(), 1):
        match = _ROW.match(line)
        if match:
            keys[match.group(1)] = number
    return keys


def check_message(name, token, report):
    if token.kind != "string":
        report.error(name, token.line, "log message is not a literal", "put data into fields")
        return
    text = ast.literal_eval(token.text)
    if "%" in text:
        report.error(name, token.line, "log message with data in it", "put data into fields")
    if text[:1].isupper() and not text[1:2].isupper():
        report.error(name, token.line, "log message starts with a capital", "write it in lower case")


def field_keys(name, macro, token, report):
    """Return the keys one LF_ macro writes."""
    if macro in IMPLIED:
        return IMPLIED[macro]
    if token.kind != "string":
        report.error(name, token.line, f"key of {macro} is not a literal", "write the key itself")
        return ()
    return (ast.literal_eval(token.text) + SUFFIXES.get(macro, ""),)


def check_file(repo, name, listed, used, report):
    tokens = repo.top(name).tokens
    for index in range(len(tokens) - 2):
        word = tokens[index].text
        if tokens[index + 1].text != "(" or tokens[index].kind != "word":
            continue
        if word in CALLS:
            check_message(name, tokens[index + 2], report)
        elif word.startswith("LF_"):
            for key in field_keys(name, word, tokens[index + 2], report):
                used.add(key)
                if not _KEY.match(key):
                    report.error(name, tokens[index].line, f"log key '{key}'", "write it in snake_case")
                elif key not in listed:
                    report.error(name, tokens[index].line, f"log key '{key}' is not in {PAGE}",
                                 "use a listed key, or add a row")


def run(repo, report):
    if not repo.exists(PAGE):
        report.error(PAGE, 1, "page is missing", "add it")
        return
    listed = listed_keys(repo)
    used = set(ALWAYS)
    for name in repo.c_files(lintlib.SOURCE_FOLDERS):
        check_file(repo, name, listed, used, report)
    for key, line in listed.items():
        if key not in used:
            report.error(PAGE, line, f"log key '{key}' is used nowhere", "remove the row")


if __name__ == "__main__":
    lintlib.main(run, __doc__)
