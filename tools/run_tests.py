#!/usr/bin/python3
"""Run the built tests and close with one line: N passed, N failed, N skipped.

Suites: unit (cmocka binaries), corpus (fuzz inputs replayed), conformance and tools (pytest over data and
scripts), e2e (pytest, the built daemons against a real kube-apiserver), threads (units of the loop code).
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET

ROOT = pathlib.Path(__file__).resolve().parent.parent
UNIT_TIMEOUT_S = 300
PROGRESS_EVERY_S = 15
E2E_WORKERS = 4  # a control plane takes about a gigabyte
EXIT_UNSUPPORTED = 3  # of tests/cluster/cluster: this machine cannot provide the lane
# What runs under ThreadSanitizer: modules with threads in them.
THREAD_DIRS = ("common/rt", "common/ipc", "common/net", "common/base", "engine/helm")
PYTEST_SUITES = {
    "tools": ["tests/tools"],
    "conformance": ["tests/conformance"],
    "e2e": ["tests/servers", "tests/cluster", "tests/e2e"],
}


class Totals:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.failures = []

    def add(self, passed, failed, skipped, name, output=""):
        self.passed += passed
        self.failed += failed
        self.skipped += skipped
        if failed:
            self.failures.append((name, output))
            print(f"   failed: {name}", flush=True)


def unit_result(name, code, output):
    """(passed, failed, skipped) of one cmocka binary; a crash counts as a failure."""
    passed = len(re.findall(r"^\[       OK \]", output, re.M))
    failed = len(set(re.findall(r"^\[  FAILED  \] (\S+)$", output, re.M)))
    skipped = len(set(re.findall(r"^\[  SKIPPED \] (\S+)$", output, re.M)))
    if code != 0 and failed == 0:
        failed = 1
    if code == 0 and passed + skipped == 0:
        failed = 1
    return passed, failed, skipped


def run(cmd, env=None, timeout=UNIT_TIMEOUT_S):
    try:
        p = subprocess.run(cmd, cwd=ROOT, env=env, timeout=timeout, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return p.returncode, p.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as e:
        return 124, (e.stdout or b"").decode(errors="replace") + f"\ntimed out after {timeout} s"


def sanitizer_env():
    env = dict(os.environ)
    env.setdefault("ASAN_OPTIONS", "detect_leaks=1:abort_on_error=0:strict_string_checks=1")
    env.setdefault("UBSAN_OPTIONS", "print_stacktrace=1:halt_on_error=1")
    supp = ROOT / "tests/tsan.supp"
    env.setdefault("TSAN_OPTIONS", "halt_on_error=1:second_deadlock_stack=1" +
                   (f":suppressions={supp}" if supp.exists() else ""))
    lsan = ROOT / "tests/lsan.supp"
    if lsan.exists():
        env.setdefault("LSAN_OPTIONS", f"suppressions={lsan}:print_suppressions=0")
    return env


def in_parallel(one, items, jobs, label):
    """Results of one(item) in the order of items; now and then a line tells how many there are."""
    shown = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for count, result in enumerate(pool.map(one, items), 1):
            if time.monotonic() - shown > PROGRESS_EVERY_S:
                shown = time.monotonic()
                print(f"   {label}: {count} of {len(items)} programs", flush=True)
            yield result


def run_units(build, totals, jobs, dirs=None):
    sources = sorted(p.relative_to(ROOT / "tests/unit") for p in (ROOT / "tests/unit").rglob("test_*.c"))
    if dirs:
        sources = [s for s in sources if str(s).startswith(dirs)]
    env = sanitizer_env()

    def one(src):
        binary = build / "tests/unit" / src.with_suffix("")
        if not binary.exists():
            return src, 127, f"{binary} was not built"
        code, out = run([str(binary)], env)
        return src, code, out

    for src, code, out in in_parallel(one, sources, jobs, "unit"):
        p, f, s = unit_result(str(src), code, out)
        totals.add(p, f, s, f"unit {src}", out)


def run_corpus(build, totals, jobs):
    """Each fuzz target over its corpus; a target counts as one test."""
    targets = sorted((ROOT / "tests/fuzz").glob("fuzz_*.c"))
    env = sanitizer_env()

    def one(src):
        binary = build / "tests/fuzz" / src.stem
        corpus = ROOT / "tests/fuzz/corpus" / src.stem.removeprefix("fuzz_")
        if not binary.exists():
            return src, 127, f"{binary} was not built"
        if not corpus.is_dir():
            return src, 1, f"{corpus} is missing: every fuzz target has a corpus"
        return (src, *run([str(binary), str(corpus)], env))

    for src, code, out in in_parallel(one, targets, jobs, "corpus"):
        totals.add(int(code == 0), int(code != 0), 0, f"corpus {src.stem}", out)


def run_pytest(build, totals, suite, jobs, extra_env=None, label=None):
    dirs = [d for d in PYTEST_SUITES[suite] if (ROOT / d).is_dir()]
    if not dirs:
        return
    env = dict(os.environ, BELAY_BUILD=str(build.resolve()), PYTHONDONTWRITEBYTECODE="1", **(extra_env or {}))
    with tempfile.TemporaryDirectory(prefix="belay-tests-") as scratch:
        report = pathlib.Path(scratch, "report.xml")
        cmd = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short", "-rfEs",
               # each worker has a cluster of its own, and takes whole files
               "-n", str(jobs), "--dist", "loadfile",
               f"--basetemp={scratch}/t", f"--junitxml={report}", *dirs]
        code = subprocess.run(cmd, cwd=ROOT, env=env, stdin=subprocess.DEVNULL).returncode
        name = label or suite
        try:
            cases = list(ET.parse(report).getroot().iter("testcase"))
        except (OSError, ET.ParseError):
            cases = []
    failed = sum(1 for c in cases if c.find("failure") is not None or c.find("error") is not None)
    skipped = sum(1 for c in cases if c.find("skipped") is not None)
    if code not in (0, 1) or (code == 1 and failed == 0):
        failed += 1
    totals.add(len(cases) - min(failed, len(cases)) - skipped, failed, skipped, name, "see above")


def lanes(totals):
    """The Kubernetes lanes the end-to-end tests run on; one that cannot be had is skipped or failed."""
    default = "assets" if os.environ.get("KUBEBUILDER_ASSETS") else "debian"
    script = ROOT / "tests/cluster/cluster"
    for lane in os.environ.get("BELAY_LANES", default).split(","):
        # Building takes minutes: its progress, and why it is not possible, go to the terminal.
        build = subprocess.run([script, "build", "--lane", lane], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, timeout=3000)
        if build.returncode == 0:
            yield lane
        else:
            unsupported = build.returncode == EXIT_UNSUPPORTED
            totals.add(0, int(not unsupported), int(unsupported), f"e2e ({lane})",
                       "its Kubernetes could not be built, see above")


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--build", default="build", type=pathlib.Path)
    ap.add_argument("--only", default="unit,corpus,tools,conformance,e2e")
    ap.add_argument("--jobs", type=int, default=os.cpu_count())
    args = ap.parse_args()
    totals = Totals()
    for suite in args.only.split(","):
        start = time.monotonic()
        before = (totals.passed, totals.failed, totals.skipped)
        if suite == "unit":
            run_units(args.build, totals, args.jobs)
        elif suite == "threads":
            run_units(args.build, totals, args.jobs, THREAD_DIRS)
        elif suite == "corpus":
            run_corpus(args.build, totals, args.jobs)
        elif suite == "e2e":
            for lane in lanes(totals):
                print(f"== end-to-end tests on lane {lane}", flush=True)
                run_pytest(args.build, totals, suite, min(args.jobs, E2E_WORKERS),
                           {"BELAY_LANE": lane}, f"e2e ({lane})")
        else:
            run_pytest(args.build, totals, suite, args.jobs)
        delta = [b - a for a, b in zip(before, (totals.passed, totals.failed, totals.skipped))]
        print(f"== {suite}: {delta[0]} passed, {delta[1]} failed, {delta[2]} skipped"
              f" in {time.monotonic() - start:.1f} s", flush=True)
    for name, output in totals.failures:
        print(f"\n-- failed: {name}\n{output[-6000:]}")
    print(f"{totals.passed} passed, {totals.failed} failed, {totals.skipped} skipped")
    return 1 if totals.failed or totals.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
