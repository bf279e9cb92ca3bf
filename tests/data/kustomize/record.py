#!/usr/bin/env python3
"""Record what the real kustomize makes of the cases here: want.yaml, or want_error.txt.

usage: record.py KUSTOMIZE [CASE...]

Each case is a folder with the files in in/ and, in `target`, the directory to build (the root when there is none). In errors
the case's own path becomes "" and only the first line counts. The version goes to ORIGIN. helmCharts need helm 3 on the path
and are recorded with --enable-helm unless the case is called error_helm_not_enabled.
"""

import pathlib
import subprocess
import sys
import tempfile
import shutil

HERE = pathlib.Path(__file__).resolve().parent


def record(kustomize, case):
    target = case / "target"
    below = target.read_text().strip() if target.exists() else ""
    with tempfile.TemporaryDirectory() as tmp:
        root = pathlib.Path(tmp).resolve() / "r"
        shutil.copytree(case / "in", root)
        command = [kustomize, "build", str(root / below)]
        if case.name != "error_helm_not_enabled":
            command.append("--enable-helm")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        for name in ("want.yaml", "want_error.txt"):
            (case / name).unlink(missing_ok=True)
        if done.returncode == 0:
            (case / "want.yaml").write_text(done.stdout)
        else:
            lines = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
            (case / "want_error.txt").write_text(lines[0][7:].replace(str(root), "") + "\n")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    kustomize = sys.argv[1]
    cases = sys.argv[2:] or sorted(path.parent.name for path in HERE.glob("*/in"))
    for name in cases:
        record(kustomize, HERE / name)
    version = subprocess.run([kustomize, "version"], capture_output=True, text=True, check=True)
    (HERE / "ORIGIN").write_text(f"want.yaml and want_error.txt: kustomize {version.stdout.strip()}\n")


if __name__ == "__main__":
    main()
