#!/usr/bin/python3
"""Line coverage per folder from gcov data, against tools/coverage_floor.txt, which may only rise."""
import argparse
import collections
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FLOOR = ROOT / "tools/coverage_floor.txt"


def folder_of(path):
    parts = path.split("/")
    return "/".join(parts[:2]) if len(parts) > 2 else parts[0]


def count(lines):
    """(run, all) of one file's lines of code; gcovr lists comments and braces, too."""
    code = [line for line in lines if not line.get("gcovr/noncode") and not line.get("gcovr/excluded")]
    return sum(1 for line in code if line["count"] > 0), len(code)


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--build", default="build/cover")
    args = ap.parse_args()
    out = subprocess.run(["gcovr", "--json", "-r", str(ROOT), "--object-directory", args.build,
                          "-e", "tests/", "-e", "build/"], cwd=ROOT, check=True,
                         stdout=subprocess.PIPE).stdout
    lines = collections.defaultdict(lambda: [0, 0])
    for f in json.loads(out)["files"]:
        counts = lines[folder_of(f["file"])]
        hit, total = count(f["lines"])
        counts[0] += hit
        counts[1] += total
    floors = dict(line.split() for line in FLOOR.read_text().splitlines() if line and line[0] != "#")
    failed = False
    for folder, (hit, total) in sorted(lines.items()):
        percent = 100 * hit / max(total, 1)
        low = float(floors.get(folder, 0))
        below = percent < low
        failed |= below
        print(f"{folder:32} {percent:5.1f} %  floor {low:g}{'  BELOW: add tests' if below else ''}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
