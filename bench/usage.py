"""What processes use: memory and processor time, from /proc."""

import os
from dataclasses import dataclass
from pathlib import Path

KIB = 1024


@dataclass(frozen=True)
class Memory:
    """Bytes of one or more processes."""

    rss: int
    pss: int
    private: int

    def __add__(self, other):
        return Memory(self.rss + other.rss, self.pss + other.pss, self.private + other.private)


def tree(pid):
    """A process and all below it."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def memory(pids):
    return sum((_memory(pid) for pid in pids), Memory(0, 0, 0))


def _memory(pid):
    fields = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()[1:]:
        key, value, *_ = line.split()
        fields[key.rstrip(":")] = int(value) * KIB
    return Memory(fields["Rss"], fields["Pss"], fields["Private_Clean"] + fields["Private_Dirty"])


def cpu_seconds(pids):
    """Processor time of processes that run, with that of their children that ended."""
    return sum(_running_ns(pid) for pid in pids) / 1e9 + sum(_waited_for(pid) for pid in pids)


def _running_ns(pid):
    """Exact to the nanosecond, unlike utime and stime; threads that ended are not in it."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)


def _waited_for(pid):
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
