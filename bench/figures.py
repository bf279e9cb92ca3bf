"""Figures as they are printed: name, value, unit and, where there is one, the budget."""

import os
import statistics
from dataclasses import dataclass

# What docs/benchmarks.md promises; the direction is that of the good side.
BUDGETS = {
    "json_read": "≥ 300",
    "yaml_read": "≥ 100",
    "compare_1000x20_synced": "≤ 1",
    "compare_1000x20_modified": "≤ 1",
    "helm_umbrella_100_wall_ratio": "≥ 20",
    "helm_umbrella_100_memory_ratio": "≥ 10",
    "kustomize_5_wall_ratio": "≥ 20",
    "kustomize_5_memory_ratio": "≥ 10",
    "kustomize_200_wall_ratio": "≥ 20",
    "kustomize_200_memory_ratio": "≥ 10",
    "kustomize_2000_wall_ratio": "≥ 20",
    "kustomize_2000_memory_ratio": "≥ 10",
    "push_to_first_object_p50": "≤ 500",
    "unchanged_refresh_renders": "0",
    "unchanged_refresh_writes": "0",
    "idle_renders": "0",
    "idle_writes": "0",
    "idle_cpu_all": "≤ 0.5",
    "binaries_stripped": "≤ 60",
    "unmanaged_object": "≤ 300",
    "controller_memory_per_1000x20": "≤ 64",
    "repo-server_start_to_ready": "≤ 200",
    "app-controller_start_to_ready": "≤ 200",
    "api-server_start_to_ready": "≤ 200",
}


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    name: str
    value: float
    unit: str

    @property
    def line(self):
        budget = BUDGETS.get(self.name)
        wanted = f"  ({budget})" if budget else ""
        return f"{self.name:<44} {number(self.value):>12} {self.unit:<16}{wanted}".rstrip()


class Report:
    """Takes figures, prints each at once, and all together at the end."""

    def __init__(self):
        self.figures = []

    def add(self, name, value, unit):
        figure = Figure(name, value, unit)
        self.figures.append(figure)
        print(figure.line, flush=True)

    @staticmethod
    def say(text):
        print(f"# {text}", flush=True)

    def load(self):
        """What else the machine does: figures that take a wall clock depend on it."""
        one, five, _ = os.getloadavg()
        self.say(f"load {one:.1f} {five:.1f} on {os.cpu_count()} processors")

    def table(self):
        print("\n" + "\n".join(figure.line for figure in self.figures), flush=True)


def number(value):
    """Three significant digits, whole numbers as they are."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:.0f}"
    return f"{value:.3g}"


def percentile(values, percent):
    """The value that percent of the values do not exceed, by rank."""
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, rank - 1)]


def median(values):
    return statistics.median(values)
