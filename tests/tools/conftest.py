"""Make the programs in tools/ importable and give each test a scratch repository."""

import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
sys.dont_write_bytecode = True


@pytest.fixture
def tree(tmp_path):
    """Return a function that writes {path: text} below a scratch folder and returns that folder."""

    def write(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def lint(tree):
    """Return a function that runs one check over a scratch tree and returns its problems as text."""
    import lintlib

    def run(check, files):
        report = lintlib.Report()
        check.run(lintlib.Repo(tree(files)), report)
        return [f"{name}:{line}: {text}" for name, line, text in sorted(report.problems)]

    return run


@pytest.fixture
def committed(tree):
    """Return a function that makes the scratch tree a repository with one commit of some files."""
    import subprocess

    def commit(files, message="first"):
        root = tree(files)
        git = ["git", "-C", str(root), "-c", "user.name=t", "-c", "user.email=t@example.com"]
        if not (root / ".git").is_dir():
            subprocess.run([*git, "init", "-q"], check=True)
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-q", "--no-verify", "-m", message], check=True)
        return git

    return commit
