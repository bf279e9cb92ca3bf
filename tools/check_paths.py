#!/usr/bin/env python3
"""Check that no file speaks of the place it was written at: home folders, registries, private pages.

What a file needs from outside comes from settings, so that it works behind any mirror.
"""

import re

import lintlib

# Assembled, so that this file does not contain what it looks for.
PATHS = ["/work" + "/", "/root" + "/", "/home" + "/[a-z]", "/Users" + "/[A-Za-z]", "/tmp/wt" + "/"]
HOSTS = [
    r"registry\.npmjs" + r"\.org", r"proxy\.golang" + r"\.org", r"sum\.golang" + r"\.org",
    r"pypi" + r"\.org", r"index\.docker" + r"\.io",
    r"registry-1\.docker" + r"\.io", r"crates" + r"\.io",
    r"deb\.debian" + r"\.org", r"security\.debian" + r"\.org",
]
_PATH = re.compile(r"(?<![\w.$})/])(?:" + "|".join(PATHS) + ")")
_HOST = re.compile(r"(?<![\w.-])(?:" + "|".join(HOSTS) + r")(?![\w-])")
_RESOLVED = re.compile(r'"resolved":\s*"https?:')
# Pages only some people have; what is needed from one is said in words.
_PAGE = re.compile(r"(?<![\w-])(?:argocd|rest-api|helm|kustomize|flux)\.md\b")
_BINARY = (".png", ".ico", ".gz", ".tgz", ".woff2", ".pdf", ".jpg")
# Recorded inputs and outputs of other programs.
DATA = ("tests/data/", "tests/fuzz/corpus/")


def check_line(name, number, line, report):
    match = _PATH.search(line)
    if match:
        report.error(name, number, f"path of one machine: {match.group()}",
                     "use a relative path, a variable or a temporary folder")
    match = _HOST.search(line)
    if match:
        report.error(name, number, f"registry host {match.group()}",
                     "leave it to the package manager's settings")
    match = _PAGE.search(line)
    if match:
        report.error(name, number, f"reference to {match.group()}, which is not in this tree",
                     "say what it says")
    if name.endswith("package-lock.json") and _RESOLVED.search(line):
        report.error(name, number, "lock file names a registry",
                     "run npm install with omit-lockfile-registry-resolved=true")


def run(repo, report):
    for name in repo.files():
        if name.endswith(_BINARY) or name.startswith(DATA):
            continue
        for number, line in enumerate(repo.text(name).splitlines(), 1):
            check_line(name, number, line, report)


if __name__ == "__main__":
    lintlib.main(run, __doc__)
