#!/usr/bin/python3
"""Run every fuzz target for a while under libFuzzer and fail when one finds something.

Each target tests/fuzz/fuzz_<name>.c starts from tests/fuzz/corpus/<name> and uses tests/fuzz/<name>.dict when there
is one. New inputs stay in BUILD/corpus/<name>, so that a later run goes on from there; what makes a target fail is
written to BUILD/findings and belongs into the corpus once it is mended.
"""
import argparse
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FUZZ = ROOT / "tests/fuzz"
MAX_LEN = 4096
RSS_LIMIT_MB = 2048
UNIT_TIMEOUT_S = 20


def command(build, name, seconds):
    """The command line of one target."""
    corpus = build / "corpus" / name
    findings = build / "findings"
    corpus.mkdir(parents=True, exist_ok=True)
    findings.mkdir(parents=True, exist_ok=True)
    cmd = [
        str(build / "tests/fuzz" / f"fuzz_{name}"), f"-max_total_time={seconds}", f"-max_len={MAX_LEN}",
        f"-rss_limit_mb={RSS_LIMIT_MB}", f"-timeout={UNIT_TIMEOUT_S}", "-print_final_stats=1",
        f"-artifact_prefix={findings}/{name}-"
    ]
    dictionary = FUZZ / f"{name}.dict"
    if dictionary.exists():
        cmd.append(f"-dict={dictionary}")
    return cmd + [str(corpus), str(FUZZ / "corpus" / name)]


def run(build, name, seconds):
    """Run one target; True when it found nothing."""
    if not (FUZZ / "corpus" / name).is_dir():
        print(f"fuzz {name}: tests/fuzz/corpus/{name} is missing: every target has a corpus")
        return False
    p = subprocess.run(command(build, name, seconds), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, check=False)
    out = p.stdout.decode(errors="replace")
    executed = re.search(r"number_of_executed_units:\s*(\d+)", out)
    if p.returncode == 0:
        print(f"fuzz {name}: {executed.group(1) if executed else '?'} inputs, nothing found", flush=True)
        return True
    print(f"fuzz {name}: failed\n" + "\n".join(out.splitlines()[-60:]), flush=True)
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="build folder of PROFILE=fuzz")
    parser.add_argument("--seconds", type=int, default=30, help="time for each target")
    parser.add_argument("targets", nargs="*", help="names without fuzz_; all when there are none")
    args = parser.parse_args()
    names = args.targets or sorted(p.stem.removeprefix("fuzz_") for p in FUZZ.glob("fuzz_*.c"))
    failed = [name for name in names if not run(args.build.resolve(), name, args.seconds)]
    print(f"{len(names) - len(failed)} passed, {len(failed)} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
