"""Rendering held against the programs users have: helm and kustomize. Both run in turn, cold, on the same input."""

import os
import shutil
import subprocess
import tempfile
from copy import copy
from dataclasses import dataclass
from pathlib import Path

from bench.charts import umbrella
from bench.kustomizations import overlay
from bench.programs import output

UMBRELLA_SIZES = (25, 50, 100, 200)
# Objects of overlays: the smallest, those that are held against kustomize, and how it goes on.
OVERLAY_SIZES = (5, 200, 2000)
OVERLAY_GROWTH = (5000, 10000, 20000)
# Kustomize takes the square of so many objects.
SLOW_OVERLAY = 1000


@dataclass(frozen=True)
class Taken:
    """The best of some runs: milliseconds and MiB."""

    wall: float
    cpu: float
    memory: float


class Runner:
    """Runs commands through bench_command, which tells what they took."""

    def __init__(self, args):
        self.program = Path(args.build) / "bench/bench_command"
        self.belay = Path(args.build) / "bin/belay"
        self.runs = 3 if args.quick else 10

    def fewer(self):
        few = copy(self)
        few.runs = 1
        return few

    def once(self, command):
        done = subprocess.run([str(part) for part in [self.program, *command]], check=True,
                              stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        wall, cpu, peak = done.stdout.split()
        return Taken(float(wall), float(cpu), int(peak) / 1024)

    def best(self, *commands):
        """What each takes at best; they alternate, so that what else the machine does hits all."""
        taken = [[self.once(command) for command in commands] for _ in range(self.runs)]
        return [Taken(min(t.wall for t in column), min(t.cpu for t in column),
                      min(t.memory for t in column)) for column in zip(*taken)]


def has_other(report, variable, name):
    if shutil.which(os.environ.get(variable, "")) is not None:
        return True
    report.say(f"set {variable} to a {name} binary to have the others measured")
    return False


def helm_commands(runner, chart):
    flags = ["--namespace", "demo", "--include-crds", "--kube-version", "v1.32.0"]
    return ([runner.belay, "render", "helm", chart, "--name", "rel", *flags],
            [os.environ["HELM"], "template", "rel", chart, *flags])


def check_same(report, name, ours, theirs):
    """A figure for something else than what helm prints would be worth nothing."""
    texts = [subprocess.run([str(part) for part in command], check=True,
                            stdout=subprocess.PIPE).stdout for command in (ours, theirs)]
    if texts[0] != texts[1]:
        report.say(f"{name}: the outputs differ (random values?)")
    report.add(f"{name}_output", len(texts[0]) / 1e6, "MB")


def git(folder, *words):
    command = ["git", "-c", "user.name=bench", "-c", "user.email=bench@example.com", "-C", folder, *words]
    return subprocess.run([str(part) for part in command], check=True,
                          stdout=subprocess.PIPE).stdout.decode().strip()


def warm(args, chart):
    """Milliseconds of processor for rendering a chart again in a running process, from a Git commit."""
    with tempfile.TemporaryDirectory(prefix="belay-bench-") as directory:
        shutil.copytree(chart, Path(directory) / "chart")
        git(directory, "init", "-q")
        git(directory, "add", "-A", "-f")
        git(directory, "commit", "-q", "-m", "chart")
        git(directory, "gc", "-q")
        line = output([Path(args.build) / "bench/bench_render", Path(directory) / ".git",
                       git(directory, "rev-parse", "HEAD"), "chart"])
        return float(line.split()[1])


def against(report, runner, name, ours, theirs):
    check_same(report, name, ours, theirs)
    mine, other = runner.best(ours, theirs)
    report.add(f"{name}_belay", mine.wall, "ms")
    report.add(f"{name}_belay_memory", mine.memory, "MiB")
    report.add(f"{name}_other", other.wall, "ms")
    report.add(f"{name}_other_memory", other.memory, "MiB")
    report.add(f"{name}_wall_ratio", other.wall / mine.wall, "times_less")
    report.add(f"{name}_cpu_ratio", other.cpu / mine.cpu, "times_less")
    report.add(f"{name}_memory_ratio", other.memory / mine.memory, "times_less")
    return other


def chart_against(report, args, runner, name, chart):
    other = against(report, runner, name, *helm_commands(runner, chart))
    taken = warm(args, chart)
    report.add(f"{name}_warm", taken, "ms")
    report.add(f"{name}_warm_cpu_ratio", other.cpu / taken, "times_less")


def helm(report, args):
    """`belay render helm` and `helm template`: an umbrella of subcharts, and a chart of the user's."""
    runner = Runner(args)
    has_helm = has_other(report, "HELM", "helm")
    with tempfile.TemporaryDirectory(prefix="belay-bench-") as directory:
        for n in UMBRELLA_SIZES:
            chart = umbrella(Path(directory) / f"umbrella-{n}", n)
            taken, = runner.best(helm_commands(runner, chart)[0] if has_helm else
                                 [runner.belay, "render", "helm", chart])
            report.add(f"helm_umbrella_{n}_per_subchart", taken.cpu * 1e3 / n, "us")
        if not has_helm:
            return
        chart_against(report, args, runner, "helm_umbrella_100", Path(directory) / "umbrella-100")
    for chart in args.chart:
        chart_against(report, args, runner, f"helm_{Path(chart).name}", chart)


def kustomize(report, args):
    """`belay render kustomize` and `kustomize build`: an overlay with patches, labels, images and generators."""
    runner = Runner(args)
    has_kustomize = has_other(report, "KUSTOMIZE", "kustomize")
    with tempfile.TemporaryDirectory(prefix="belay-bench-") as directory:
        for n in (*OVERLAY_SIZES, *OVERLAY_GROWTH):
            folder = overlay(Path(directory) / str(n), n)
            ours = [runner.belay, "render", "kustomize", folder]
            taken, = runner.best(ours)
            report.add(f"kustomize_{n}_per_object", taken.cpu * 1e3 / n, "us")
            report.add(f"kustomize_{n}_memory_per_object", taken.memory * 1024 / n, "KiB")
            if has_kustomize and n in OVERLAY_SIZES:
                theirs = [os.environ["KUSTOMIZE"], "build", folder]
                against(report, runner.fewer() if n > SLOW_OVERLAY else runner, f"kustomize_{n}",
                        ours, theirs)
