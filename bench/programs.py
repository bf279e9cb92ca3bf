"""What needs no cluster: the bench_* programs, other programs on the same text, sizes of binaries."""

import json
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BINARIES = ("belay", "belay-repo-server", "belay-app-controller", "belay-api-server")

# Each reads the file it is given as often as told and prints processor seconds of one reading.
PYTHON_READERS = {
    "json_read": ("python_json", "import json; read = json.loads"),
    "yaml_read": ("pyyaml_c", "import yaml; "
                              "read = lambda t: list(yaml.load_all(t, Loader=yaml.CSafeLoader))"),
}
PYTHON_LOOP = """
import sys, time
text = open(sys.argv[1], encoding="utf-8").read()
best = 1e9
for _ in range(int(sys.argv[2])):
    start = time.process_time()
    tree = read(text)
    best = min(best, time.process_time() - start)
    del tree
print(best)
"""


def output(command):
    """What a program prints; CalledProcessError when it fails."""
    return subprocess.run([str(part) for part in command], cwd=ROOT, check=True,
                          stdout=subprocess.PIPE, stdin=subprocess.DEVNULL).stdout.decode()


def best_lines(program, runs):
    """{name: (value, unit)} of a program printing 'name value unit', the best of some runs."""
    best = {}
    for _ in range(runs):
        for line in output([program]).splitlines():
            name, value, unit = line.split()
            pick = max if unit == "MB/s" else min
            value = float(value)
            best[name] = (pick(value, best[name][0]) if name in best else value, unit)
    return best


def run_program(report, build, name, runs):
    found = best_lines(Path(build) / "bench" / name, runs)
    for figure, (value, unit) in found.items():
        report.add(figure, value, unit)
    return found


def values(report, args):
    """Reading and writing trees, and what other readers take for the same text."""
    ours = run_program(report, args.build, "bench_value", 1 if args.quick else 3)
    with tempfile.TemporaryDirectory(prefix="belay-bench-") as directory:
        output([Path(args.build) / "bench/bench_value", "--write", directory])
        texts = {"json_read": Path(directory) / "manifests.json",
                 "yaml_read": Path(directory) / "manifests.yaml"}
        for ours_name, (name, setup) in PYTHON_READERS.items():
            runs = 1 if args.quick else 3
            try:
                seconds = float(output([sys.executable, "-c", setup + "\n" + PYTHON_LOOP,
                                        texts[ours_name], runs]))
            except subprocess.CalledProcessError:
                report.say(f"{name} cannot be measured: its module is not installed")
                continue
            rate = texts[ours_name].stat().st_size / seconds / 1e6
            report.add(f"{name}_read", rate, "MB/s")
            report.add(f"{ours_name}_against_{name}", ours[ours_name][0] / rate, "times_as_fast")
        against_jq(report, args, ours, texts["json_read"])


def against_jq(report, args, ours, text):
    """jq reads and writes in one go, so it is held against reading plus writing."""
    if shutil.which("jq") is None:
        report.say("jq is not installed")
        return
    start_only = min(children_seconds(["jq", "-nc", "1"]) for _ in range(3))
    runs = 1 if args.quick else 3
    seconds = min(children_seconds(["jq", "-c", ".", str(text)]) for _ in range(runs)) - start_only
    rate = text.stat().st_size / seconds / 1e6
    both = 1 / (1 / ours["json_read"][0] + 1 / ours["json_write"][0])
    report.add("jq_read_and_write", rate, "MB/s")
    report.add("json_read_and_write_against_jq", both / rate, "times_as_fast")


def children_seconds(command):
    """Processor seconds a program takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def render(report, args):
    run_program(report, args.build, "bench_render", 1 if args.quick else 3)


def compare(report, args):
    run_program(report, args.build, "bench_compare", 1 if args.quick else 3)


def rbac(report, args):
    run_program(report, args.build, "bench_rbac", 1 if args.quick else 3)


def live(report, args):
    """Memory of objects the controller knows; twice the same, so one run will do."""
    run_program(report, args.build, "bench_live", 1)


def sizes(report, args):
    """Binaries as they are shipped: stripped."""
    total = 0
    with tempfile.TemporaryDirectory(prefix="belay-bench-") as directory:
        for name in BINARIES:
            stripped = Path(directory) / name
            output(["strip", "-o", stripped, Path(args.build) / "bin" / name])
            size = stripped.stat().st_size / 1e6
            total += size
            report.add(f"{name}_stripped", size, "MB")
    report.add("binaries_stripped", total, "MB")


def dump(figures, path):
    """The figures for other programs to read."""
    rows = [{"name": f.name, "value": f.value, "unit": f.unit} for f in figures]
    Path(path).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
