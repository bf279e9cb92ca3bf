"""The built CLI renders the project's own cases (tests/data/plain) as the engine does."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests/data/plain"
FLAGS = {"recurse": "--recurse", "include": "--include", "exclude": "--exclude"}


def belay():
    return Path(os.environ.get("BELAY_BUILD", ROOT / "build")) / "bin/belay"


def options(case):
    file = case / "opts.yaml"
    return (yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else None) or {}


def flags(opts):
    """Command line for a case, or None where it uses what only a source block can say."""
    directory = (opts.get("source") or {}).get("directory") or {}
    if set(directory) - set(FLAGS) or set(opts) - {"path", "source"}:
        return None
    args = ["--path", opts["path"]] if "path" in opts else []
    for name, flag in FLAGS.items():
        if directory.get(name) is True:
            args.append(flag)
        elif directory.get(name):
            args += [flag, directory[name]]
    return args


def cases():
    return [c for c in sorted(CASES.iterdir()) if (c / "in").is_dir() and flags(options(c)) is not None]


@pytest.mark.parametrize("case", cases(), ids=lambda c: c.name)
def test_case(case):
    done = subprocess.run([belay(), "render", str(case / "in"), *flags(options(case))], text=True,
                          capture_output=True, timeout=60, check=False)
    error = case / "want_error.txt"
    if error.exists():
        assert done.returncode == 1
        for line in error.read_text(encoding="utf-8").splitlines():
            assert line in done.stderr
        return
    assert done.returncode == 0, done.stderr
    want = list(yaml.safe_load_all((case / "want.yaml").read_text(encoding="utf-8")))
    got = list(yaml.safe_load_all(done.stdout))
    assert [d for d in got if d] == [strip(d) for d in want if d]


def strip(document):
    """Cases may note where an object came from; the CLI prints the object alone."""
    return document.get("object", document)
