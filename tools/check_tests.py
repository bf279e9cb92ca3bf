#!/usr/bin/env python3
"""Check that every module has a unit test at the mirrored path, and every unit test a module.

common/base/buf.c needs tests/unit/common/base/test_buf.c; main.c of a program needs none. A .c file without a
header of its own is part of a module and may be tested with it; a test may be for a header without a .c file.
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


def module_of(part, files):
    """Return the module a .c file without a header of its own belongs to: metrics.c for metrics_format.c."""
    folder, base = posixpath.split(part)
    words = base.removesuffix(".c").split("_")
    for n in range(len(words), 0, -1):
        stem = posixpath.join(folder, "_".join(words[:n]))
        if stem + ".h" in files:
            return stem + ".c"
    return part


def run(repo, report):
    files = set(repo.files())
    for part in repo.c_files(lintlib.SOURCE_FOLDERS, (".c",)):
        test = test_of(module_of(part, files))
        if posixpath.basename(part) != "main.c" and not files & {test, test_of(part)}:
            report.error(part, 1, "module without a unit test", f"add {test}")
    for test in repo.c_files(("tests",), (".c",)):
        if not test.startswith(UNIT):
            continue
        if not posixpath.basename(test).startswith("test_"):
            report.error(test, 1, "not called test_<module>.c", "rename it, or move it to tests/lib")
        elif not files.intersection(modules_of(test)):
            report.error(test, 1, "test of no module", f"move it beside {modules_of(test)[0]}")


if __name__ == "__main__":
    lintlib.main(run, __doc__)
