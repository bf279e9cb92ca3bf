#!/usr/bin/python3
"""Measure Belay and print the figures as lines "name value unit (budget)". Nothing is asserted.

Parts without a cluster: sizes, value, render, helm, kustomize, compare, live, rbac. helm and kustomize hold `belay render` against
the binaries that the variables HELM and KUSTOMIZE name. Parts on a local cluster: start, push, idle,
refresh, churn, restart, unmanaged, mass; refresh, churn and restart take the Applications idle made.
"""

import argparse
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT))

from bench import control_plane, mass, programs, renderers  # noqa: E402
from bench.figures import Report  # noqa: E402

LOCAL = {
    "sizes": programs.sizes,
    "value": programs.values,
    "render": programs.render,
    "helm": renderers.helm,
    "kustomize": renderers.kustomize,
    "compare": programs.compare,
    "live": programs.live,
    "rbac": programs.rbac,
}
ON_CLUSTER = {
    "start": control_plane.start,
    "push": control_plane.push,
    "idle": control_plane.idle,
    "refresh": control_plane.refresh,
    "churn": control_plane.churn,
    "restart": control_plane.restart,
    "unmanaged": control_plane.unmanaged,
    "mass": mass.mass,
}
NEEDS = {"refresh": "idle", "churn": "idle", "restart": "idle"}


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build", type=lambda text: Path(text).resolve())
    parser.add_argument("--only", default="", help="parts to measure, with commas between them")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter runs")
    parser.add_argument("--chart", action="append", default=[], metavar="DIR",
                        help="a chart to be rendered by helm, too (more than once)")
    parser.add_argument("--apps", type=int, default=100, help="Applications made by idle")
    parser.add_argument("--objects", type=int, default=5, help="objects of each of them")
    parser.add_argument("--unmanaged", type=int, default=4000, help="objects made by unmanaged")
    parser.add_argument("--mass", type=int, default=1000,
                        help="Applications of one ConfigMap that mass syncs")
    parser.add_argument("--mass-qps", type=int, default=100000,
                        help="requests a second the controller may make in mass")
    parser.add_argument("--idle-seconds", type=int, default=30)
    parser.add_argument("--json", metavar="FILE", help="write the figures there as well")
    args = parser.parse_args()
    every = [*LOCAL, *ON_CLUSTER]
    wanted = args.only.split(",") if args.only else every
    unknown = [part for part in wanted if part not in every]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(every)}")
    wanted += [NEEDS[part] for part in wanted if part in NEEDS and NEEDS[part] not in wanted]
    args.parts = [part for part in every if part in wanted]
    return args


def measure(report, args):
    report.load()
    for part in (p for p in args.parts if p in LOCAL):
        report.say(part)
        LOCAL[part](report, args)
    on_cluster = [p for p in args.parts if p in ON_CLUSTER]
    if on_cluster:
        with control_plane.running(report, args) as plane:
            for part in on_cluster:
                report.say(part)
                report.load()
                ON_CLUSTER[part](plane)
    report.load()


def main():
    args = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report = Report()
    try:
        measure(report, args)
    finally:
        report.table()
        if args.json:
            programs.dump(report.figures, args.json)


if __name__ == "__main__":
    main()
