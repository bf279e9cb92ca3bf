#!/usr/bin/env python3
"""Check who includes whom against tools/layers.txt, and that includes are root-relative and acyclic."""

import posixpath

import ctok
import lintlib

TABLE = "tools/layers.txt"

# Library name in layers.txt: how its headers are called.
LIBRARIES = {
    "archive": ("archive.h", "archive_entry.h"),
    "cmocka": ("cmocka.h",),
    "crypt": ("crypt.h",),
    "curl": ("curl/",),
    "git2": ("git2.h", "git2/"),
    "jq": ("jq.h", "jv.h"),
    "jsonnet": ("libjsonnet.h",),
    "jwt": ("jwt.h",),
    "lasso": ("lasso/",),
    "jq": ("jq.h", "jv.h"),
    "lua": ("lua.h", "lauxlib.h", "lualib.h", "lua5"),
    "nghttp2": ("nghttp2/",),
    "nng": ("nng/",),
    "openssl": ("openssl/",),
    "pcre2": ("pcre2.h",),
    "protobuf-c": ("protobuf-c/",),
    "seccomp": ("seccomp.h",),
    "uv": ("uv.h", "uv/"),
    "yajl": ("yajl/",),
    "yaml": ("yaml.h",),
    "zlib": ("zlib.h",),
}
# The C library and the kernel; every folder may use them.
SYSTEM_FOLDERS = ("arpa/", "asm/", "bits/", "linux/", "net/", "netinet/", "sys/")
SYSTEM = frozenset(
    "assert ctype dirent dlfcn endian errno execinfo fcntl float fnmatch ftw getopt glob grp inttypes "
    "limits locale malloc math netdb poll pthread pwd regex sched semaphore setjmp signal spawn "
    "stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string strings syslog "
    "termios time ucontext unistd wchar".split()
)
# Headers the build writes; no file of the tree.
BUILT = {"version.h"}


class Rule:
    """One line of the table: which folders and libraries a folder may include."""

    def __init__(self, line, planned, folders, libraries):
        self.line = line
        self.planned = planned
        self.folders = folders
        self.libraries = libraries

    def allows_path(self, path):
        return any(path == f or path.startswith(f + "/") for f in self.folders)


def parse_table(repo, report):
    """Read the table: {folder: Rule}."""
    rules = {}
    for number, text in repo.lines(TABLE):
        planned = text.startswith("planned ")
        folder, colon, rest = text.removeprefix("planned ").partition(":")
        folders, bar, libraries = rest.partition("|")
        if not colon or not bar:
            report.error(TABLE, number, "line without ':' and '|'",
                         "write 'folder: folders | libraries'")
            continue
        if folder in rules:
            report.error(TABLE, number, f"{folder} is listed twice", "join the two lines")
        rule = Rule(number, planned, folders.split(), libraries.split())
        rules[folder] = rule
        for library in rule.libraries:
            if library != "*" and library not in LIBRARIES:
                report.error(TABLE, number, f"unknown library '{library}'",
                             "add its headers to LIBRARIES in tools/check_layers.py")
    return rules


def check_folders(repo, rules, report):
    """Listed folders exist, planned ones do not, and every folder with C files has a rule."""
    for folder, rule in rules.items():
        exists = repo.exists(folder)
        if exists and rule.planned:
            report.error(TABLE, rule.line, f"{folder} exists by now", "remove the word 'planned'")
        if not exists and not rule.planned:
            report.error(TABLE, rule.line, f"{folder} does not exist",
                         "remove the line, or mark it 'planned'")
    for name in repo.c_files():
        if find_rule(rules, name) is None:
            report.error(name, 1, f"no rule covers {posixpath.dirname(name)}", f"add one to {TABLE}")


def find_rule(rules, name):
    """Return (folder, rule) of the longest listed folder that holds this file, or None."""
    folder = posixpath.dirname(name)
    while folder:
        if folder in rules:
            return folder, rules[folder]
        folder = posixpath.dirname(folder)
    return None


def library_of(path):
    """Return the library a <> header belongs to, '' for the system, None when unknown."""
    if path.startswith(SYSTEM_FOLDERS) or path.removesuffix(".h") in SYSTEM:
        return ""
    for library, headers in LIBRARIES.items():
        if any(path == h or (not h.endswith(".h") and path.startswith(h)) for h in headers):
            return library
    return None


def check_library(name, line, path, rule, report):
    library = library_of(path)
    if library is None:
        report.error(name, line, f"<{path}> belongs to no known library",
                     'use "" for our own headers, or add it to tools/check_layers.py')
    elif library and "*" not in rule.libraries and library not in rule.libraries:
        report.error(name, line, f"{posixpath.dirname(name)} may not include <{path}>",
                     f"use the module that wraps {library}, or change {TABLE}")


def resolve(repo, path):
    """Return the file of the tree behind an include path, or None; generated ones stand for their source."""
    if path.endswith(".pb-c.h"):
        path = path.removesuffix(".pb-c.h") + ".proto"
    return path if repo.exists(path) else None


def check_own(repo, name, line, path, rules, report):
    """Check one include with quotes; return the path for the cycle search, or None."""
    if ".." in path.split("/"):
        report.error(name, line, f'"{path}" climbs with ".."', "write it from the repository root")
        return None
    if path in BUILT:
        return None
    found = resolve(repo, path)
    if found is None:
        report.error(name, line, f'"{path}" is not a file below the repository root',
                     "write the whole path from the root")
        return None
    folder, rule = find_rule(rules, name)
    own = found.startswith(folder + "/")
    if not own and not rule.allows_path(found):
        report.error(name, line, f'{folder} may not include "{path}"',
                     f"move the code or pass what is needed in; the rules are in {TABLE}")
    return found


def find_cycle(graph):
    """Return one include cycle as a list of files, or None."""
    state = {}

    def visit(name, trail):
        state[name] = "open"
        trail.append(name)
        for target in graph.get(name, ()):
            if state.get(target) == "open":
                return trail[trail.index(target) :] + [target]
            if target not in state:
                cycle = visit(target, trail)
                if cycle:
                    return cycle
        trail.pop()
        state[name] = "done"
        return None

    for name in graph:
        if name not in state:
            cycle = visit(name, [])
            if cycle:
                return cycle
    return None


def run(repo, report):
    rules = parse_table(repo, report)
    check_folders(repo, rules, report)
    graph = {}
    for name in repo.c_files():
        found = find_rule(rules, name)
        if found is None:
            continue
        targets = graph.setdefault(name, [])
        for line, path, is_system in ctok.includes(repo.tokens(name)):
            if is_system:
                check_library(name, line, path, found[1], report)
                continue
            target = check_own(repo, name, line, path, rules, report)
            if target is not None:
                targets.append(target)
    cycle = find_cycle(graph)
    if cycle:
        report.error(cycle[0], 1, "include cycle: " + " > ".join(cycle),
                     "replace one include by a forward declaration")


if __name__ == "__main__":
    lintlib.main(run, __doc__)
