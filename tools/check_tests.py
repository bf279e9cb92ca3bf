#!/usr/bin/env python3
"""Check that every module has a unit test at the mirrored path, and every unit test a module.

common/base/buf.c needs tests/unit/common/base/test_buf.c; main.c of a program needs none. A test may also
be for a header without a .c file.
"""

import posixpath

import lintlib

UNIT = "tests/unit/"


def test_of(module):
    folder, base = posixpath.split(module)
    return f"{UNIT}{folder}/test_{base}"


def modules_of(test):
    """Return the files a test may be for."""
    folder, base = posixpath.split(test.removeprefix(UNIT))
    stem = base.removeprefix("test_").removesuffix(".c")
    return [f"{folder}/{stem}.c", f"{folder}/{stem}.h"]


def run(repo, report):
    files = set(repo.files())
    for module in repo.c_files(lintlib.SOURCE_FOLDERS, (".c",)):
        test = test_of(module)
        if posixpath.basename(module) != "main.c" and test not in files:
            report.error(module, 1, "module without a unit test", f"add {test}")
    for test in repo.c_files(("tests",), (".c",)):
        if not test.startswith(UNIT):
            continue
        if not posixpath.basename(test).startswith("test_"):
            report.error(test, 1, "not called test_<module>.c", "rename it, or move it to tests/lib")
        elif not files.intersection(modules_of(test)):
            report.error(test, 1, "test of no module", f"move it beside {modules_of(test)[0]}")


if __name__ == "__main__":
    lintlib.main(run, __doc__)
