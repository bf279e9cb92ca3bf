#!/usr/bin/env python3
"""Check the C files for calls, comments, names and directives the house rules forbid.

One line may be exempted by a comment on it or on the line above: /* allow(getenv): why it is right */.
An exemption that exempts nothing is an error as well; the number of exemptions is printed.
"""

import posixpath
import re

import lintlib
from ctok import declared_name

# Calls: (names, files that may, what to do instead).
CALLS = [
    ("strcpy strcat strncpy strncat sprintf vsprintf gets stpcpy", (),
     "use struct str and struct buf, or snprintf"),
    ("strtok", (), "use str_next"),
    ("atoi atol atoll atof strtol strtoul strtoll strtoull sscanf scanf fscanf", (),
     "use common/base/num.h"),
    ("strtod strtof strtold", ("common/base/num.c",), "use common/base/num.h"),
    ("alloca", (), "use an arena"),
    ("system popen", (), "use common/rt/subproc.h"),
    ("getenv secure_getenv setenv putenv", ("common/rt/config.c", "common/base/fault.c"), "make it a row in config.def"),
    ("malloc calloc realloc reallocarray free strdup strndup asprintf vasprintf",
     ("common/base/mem.c",), "use common/base/mem.h or an arena"),
    ("time gettimeofday clock_gettime localtime localtime_r gmtime gmtime_r mktime strftime",
     ("common/base/clock.c",), "use common/base/clock.h"),
    ("rand srand rand_r random srandom drand48 getrandom getentropy arc4random",
     ("common/base/rand.c",), "use common/base/rand.h"),
    ("sleep usleep nanosleep", (), "use a timer of the loop, or poll with a deadline"),
]
BANNED = {name: (files, remedy) for names, files, remedy in CALLS for name in names.split()}
# Also not to be passed as a function.
RELEASERS = {"free"}
# Tests set the environment and free what a library under test returned.
TESTS_MAY = set("getenv setenv putenv malloc calloc realloc free strdup".split())

RESERVED = ("uv_", "nng_", "nni_", "git_", "curl_", "yaml_", "protobuf_c_", "SSL_", "X509_", "json_")
# Prefixes every module may use: see common/base/cleanup.h; conversions are named after the type.
FREE_PREFIXES = ("auto_cleanup_", "err_from_", "err_to_")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
ALLOW = re.compile(r"allow\(([\w/#]+)\): \S")
CONDITIONS = {"if", "ifdef", "ifndef", "elif", "else"}
BEFORE_CALL = {"return", "else", "do", "case", "sizeof"}


class Exemptions:
    """The allow(...) comments of one file."""

    def __init__(self, tokens):
        self.lines = {}
        self.used = set()
        for token in tokens:
            if token.kind == "comment":
                for match in ALLOW.finditer(token.text):
                    last = token.line + token.text.count("\n")
                    self.lines[(last, match.group(1))] = token.line

    def covers(self, line, what):
        for at in (line, line - 1):
            if (at, what) in self.lines:
                self.used.add((at, what))
                return True
        return False

    def unused(self):
        return [(line, key[1]) for key, line in self.lines.items() if key not in self.used]


def is_call(tokens, index):
    """Tell whether the word at index is called, rather than declared or a field of something."""
    if index + 1 >= len(tokens) or tokens[index + 1].text != "(":
        return False
    before = tokens[index - 1] if index else None
    if before is None:
        return True
    if before.text in (".", "->"):
        return False
    # 'struct str time(' declares; 'return time(' calls.
    return before.kind != "word" or before.text in BEFORE_CALL


def is_passed(tokens, index):
    around = [tokens[i].text if 0 <= i < len(tokens) else "" for i in (index - 1, index + 1)]
    return around[0] in ("(", ",") and around[1] in (")", ",")


def check_calls(name, tokens, exempt, report):
    in_tests = name.startswith(("tests/", "bench/"))
    for index, token in enumerate(tokens):
        if token.kind != "word" or token.text not in BANNED:
            continue
        files, remedy = BANNED[token.text]
        if name in files or (in_tests and token.text in TESTS_MAY):
            continue
        used = is_call(tokens, index) or (token.text in RELEASERS and is_passed(tokens, index))
        if used and not exempt.covers(token.line, token.text):
            report.error(name, token.line, f"{token.text}() is banned", remedy)


def check_comments(name, tokens, exempt, report):
    for token in tokens:
        if token.kind != "comment":
            continue
        if token.text.startswith("//") and not exempt.covers(token.line, "//"):
            report.error(name, token.line, "// comment", "write /* */, or remove forgotten debugging")
        match = UNFINISHED.search(token.text)
        if match:
            report.error(name, token.line, f"{match.group()} in a comment",
                         "do it now, or describe the limit in words")


def check_conditionals(repo, name, exempt, report):
    """No #if inside a function body: compile-time variants get a function or file of their own."""
    spans = []
    for function in repo.top(name).functions:
        tokens = repo.top(name).tokens
        spans.append((tokens[function.first].line, tokens[function.last].line, function.name))
    for token in repo.tokens(name):
        if token.kind != "directive" or token.text not in CONDITIONS:
            continue
        for first, last, function in spans:
            if first < token.line < last and not exempt.covers(token.line, "#if"):
                report.error(name, token.line, f"#{token.text} inside {function}()",
                             "move the variants into functions of their own")


def declared_functions(top):
    """Yield (name, line) of the functions a file declares or defines at top level."""
    for function in top.functions:
        yield function.name, function.line
    for first, last in top.statements:
        head = top.tokens[first:last]
        words = {token.text for token in head}
        if words & {"typedef", "=", "_Static_assert"}:
            continue
        found = declared_name(head)
        # A lone macro call such as DEFINE_CLEANUP(x, y); starts with its name.
        if found is not None and head[0] is not found:
            yield found.text, found.line


def declared_types(top):
    """Return the names of structs, unions and enums a file defines or announces at top level."""
    found = set()
    for first, last in top.statements:
        head = top.tokens[first : last + 1]
        if len(head) > 2 and head[0].text in ("struct", "union", "enum") and head[2].text in (";", "{"):
            found.add(head[1].text)
    return found


class Names:
    """What external names may start with: module, family, folder, or a type of the folder's headers.

    sync/plan.h may have sync_plan_, sync_ and plan_; kube_client.h kube_client_ and kube_; value_json.h also
    doc_, because value.h beside it declares struct doc and there is no doc.h.
    """

    def __init__(self, repo):
        headers = repo.c_files(suffixes=(".h",))
        stems = {posixpath.basename(path)[:-2] for path in headers}
        self.types = {}
        for path in headers:
            own = declared_types(repo.top(path)) - (stems - {posixpath.basename(path)[:-2]})
            self.types.setdefault(posixpath.dirname(path), set()).update(own)

    def prefixes(self, name):
        folder, base = posixpath.split(name)
        stem = base.rsplit(".", 1)[0].removesuffix("_internal")
        found = families(stem)
        found.add(posixpath.basename(folder).replace("-", "_") + "_")
        found.update((stem.replace("_", "") + "_", stem.removesuffix("s") + "_"))
        for kind in self.types.get(folder, ()):
            found.update(families(kind))
        return tuple(found)


def families(name):
    """kube_client gives kube_client_ and kube_."""
    parts = name.split("_")
    return {"_".join(parts[:n]) + "_" for n in range(1, len(parts) + 1)}


def check_names(repo, name, names, exempt, report):
    in_tests = name.startswith(("tests/", "bench/"))
    allowed = names.prefixes(name) if name.endswith(".h") and not in_tests else ("",)
    module = posixpath.basename(name).rsplit(".", 1)[0].removesuffix("_internal")
    for function, line in declared_functions(repo.top(name)):
        if function.startswith(RESERVED) and not in_tests and not exempt.covers(line, "name"):
            report.error(name, line, f"{function} has a prefix that belongs to a library",
                         "put the name of our module or type first")
        elif not function.startswith(allowed + FREE_PREFIXES) and not exempt.covers(line, "name"):
            report.error(name, line, f"external name {function} does not start with its module",
                         f"start it with {module}_")


def check_file(repo, name, names, report):
    tokens = repo.tokens(name)
    exempt = Exemptions(tokens)
    check_calls(name, [t for t in tokens if t.kind != "comment"], exempt, report)
    check_comments(name, tokens, exempt, report)
    check_conditionals(repo, name, exempt, report)
    check_names(repo, name, names, exempt, report)
    for line, what in exempt.unused():
        report.error(name, line, f"allow({what}) exempts nothing", "remove the comment")
    return len(exempt.lines)


def run(repo, report):
    names = Names(repo)
    count = sum(check_file(repo, name, names, report) for name in repo.c_files())
    report.note(f"banned calls: {count} exemptions")


if __name__ == "__main__":
    lintlib.main(run, __doc__)
