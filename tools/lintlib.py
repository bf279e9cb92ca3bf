"""What all lint programs share: the list of files, tokens read once, and how problems are told."""

import argparse
import pathlib
import subprocess
import sys

import ctok

# Where C of ours lives. Generated code is in build/, which git ignores.
SOURCE_FOLDERS = ("common", "engine", "repo-server", "app-controller", "api-server", "cli")
C_FOLDERS = SOURCE_FOLDERS + ("tests", "bench")


class Repo:
    """The files of a working copy: tracked ones and new ones that are not ignored."""

    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()
        self._files = None
        self._texts = {}
        self._tokens = {}
        self._top = {}

    def git(self, *args):
        """Return what a git command prints, or None when it fails."""
        done = subprocess.run(
            ["git", "-C", str(self.root), *args], capture_output=True, check=False
        )
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None

    def files(self):
        """Return all paths, relative and sorted."""
        if self._files is None:
            listed = self.git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
            if listed is None:
                paths = self._walk()
            else:
                paths = {name for name in listed.split("\0") if (self.root / name).is_file()}
            self._files = sorted(paths - {""})
        return self._files

    def _walk(self):
        """Outside a repository (an unpacked archive): everything but build/ and hidden folders."""
        found = set()
        for path in self.root.rglob("*"):
            parts = path.relative_to(self.root).parts
            if path.is_file() and parts[0] != "build" and not any(p[0] == "." for p in parts[:-1]):
                found.add("/".join(parts))
        return found

    def c_files(self, folders=C_FOLDERS, suffixes=(".c", ".h")):
        """Return the C files below some top-level folders."""
        return [
            name
            for name in self.files()
            if name.endswith(suffixes) and name.split("/", 1)[0] in folders
            and not name.startswith("tests/data/")
        ]

    def exists(self, name):
        return (self.root / name).exists()

    def text(self, name):
        if name not in self._texts:
            self._texts[name] = (self.root / name).read_text(encoding="utf-8", errors="replace")
        return self._texts[name]

    def tokens(self, name):
        if name not in self._tokens:
            self._tokens[name] = ctok.tokenize(self.text(name))
        return self._tokens[name]

    def top(self, name):
        """Return the ctok.TopLevel of a C file."""
        if name not in self._top:
            self._top[name] = ctok.TopLevel(ctok.code(self.tokens(name)))
        return self._top[name]

    def lines(self, name):
        """Yield (number, text) of a table file's lines that are neither empty nor comments."""
        for number, line in enumerate(self.text(name).splitlines(), 1):
            if line.strip() and not line.lstrip().startswith("#"):
                yield number, line.strip()


class Report:
    """Collects problems; one line each, so that editors can jump to them."""

    def __init__(self):
        self.problems = []
        self.notes = []

    def error(self, name, line, what, remedy):
        self.problems.append((name, line, f"{what}; {remedy}"))

    def note(self, text):
        """Add a figure that is printed whatever the outcome."""
        self.notes.append(text)

    def print(self):
        for name, line, text in sorted(set(self.problems)):
            print(f"{name}:{line}: {text}")
        for text in self.notes:
            print(text)


def main(run, description):
    """Run one check as a program: run(repo, report)."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", default=pathlib.Path(__file__).resolve().parent.parent)
    args = parser.parse_args()
    report = Report()
    run(Repo(args.root), report)
    report.print()
    sys.exit(1 if report.problems else 0)
