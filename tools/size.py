#!/usr/bin/env python3
"""Check the length of functions and files and the complexity of functions.

Limits: function 80 lines, file 900 lines (rows of top-level tables do not count), header 300 lines,
complexity 15: one, plus one for each if, loop, ?, && and ||, and group of case labels.

tools/size_allow.txt lists what is over a limit for now: 'what path[:function] number'. An entry must be
true to the number, may not be added and may not grow.
"""

import lintlib

ALLOW = "tools/size_allow.txt"
LIMITS = {"function": 80, "file": 900, "header": 300, "complexity": 15}
REMEDY = {
    "function": "split it into steps",
    "file": "split it by concern",
    "header": "split it by concern",
    "complexity": "use a table or split it",
}
BRANCHES = {"if", "for", "while", "?", "&&", "||"}


def complexity(tokens):
    """Count the branches of one function body. Labels that share a body count once."""
    count = 1
    for index, token in enumerate(tokens):
        if token.text in BRANCHES or token.text.endswith("_FOREACH"):
            count += 1
        elif token.text in ("case", "default") and not follows_label(tokens, index):
            count += token.text == "case"
    return count


def follows_label(tokens, index):
    """Tell whether 'case' at index directly follows another label."""
    if index == 0 or tokens[index - 1].text != ":":
        return False
    at = index - 2
    while at >= 0 and tokens[at].text not in (";", "{", "}", ":", "?"):
        if tokens[at].text in ("case", "default"):
            return True
        at -= 1
    return False


def measure(repo, name):
    """Yield (what, subject, line, value) for one file; subject is as in size_allow.txt."""
    top = repo.top(name)
    total = repo.text(name).count("\n")
    rows = sum(max(0, last - first - 1) for first, last in top.tables)
    if name.endswith(".h"):
        yield "header", name, 1, total
    else:
        yield "file", name, 1, total - rows
    for function in top.functions:
        subject = f"{name}:{function.name}"
        body = top.tokens[function.first : function.last + 1]
        yield "function", subject, function.line, body[-1].line - function.line + 1
        yield "complexity", subject, function.line, complexity(body)


def parse_allow(text):
    """Return {(what, subject): (number, line)} of a size_allow.txt."""
    entries = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if len(words) == 3 and words[0] in LIMITS and words[2].isdigit():
            entries[(words[0], words[1])] = (int(words[2]), number)
        elif words and not line.startswith("#"):
            entries[("syntax", line)] = (0, number)
    return entries


def before(repo):
    """Return the allow file to compare with: the committed one, or if unchanged its predecessor."""
    head = repo.git("show", f"HEAD:{ALLOW}")
    if head is not None and head == repo.text(ALLOW):
        return repo.git("show", f"HEAD~1:{ALLOW}") or head
    return head


def check_allow(repo, entries, report):
    """The list only shrinks."""
    base = before(repo)
    old = parse_allow(base) if base is not None else entries
    for (what, subject), (value, line) in entries.items():
        if what == "syntax":
            report.error(ALLOW, line, "not 'what path[:function] number'", "correct the line")
        elif (what, subject) not in old:
            report.error(ALLOW, line, f"new entry for {subject}", REMEDY[what] + " instead")
        elif value > old[(what, subject)][0]:
            report.error(ALLOW, line, f"{subject} may not grow", REMEDY[what])


def run(repo, report):
    entries = parse_allow(repo.text(ALLOW)) if repo.exists(ALLOW) else {}
    check_allow(repo, entries, report)
    used = set()
    for name in repo.c_files():
        for what, subject, line, value in measure(repo, name):
            allowed = entries.get((what, subject))
            if allowed is not None:
                used.add((what, subject))
                if value < allowed[0] and value > LIMITS[what]:
                    report.error(ALLOW, allowed[1], f"{subject} is down to {value}", "lower the number")
            limit = allowed[0] if allowed is not None else LIMITS[what]
            if value > limit:
                unit = "branches" if what == "complexity" else "lines"
                report.error(name, line, f"{subject} has {value} {unit}, limit {limit}", REMEDY[what])
            elif allowed is not None and value <= LIMITS[what]:
                report.error(ALLOW, allowed[1], f"{subject} is within the limit", "remove the line")
    for (what, subject), (_, line) in entries.items():
        if what != "syntax" and (what, subject) not in used:
            report.error(ALLOW, line, f"{subject} does not exist", "remove the line")


if __name__ == "__main__":
    lintlib.main(run, __doc__)
