"""Background processes that outlive the program which started them.

Each is recorded as a file holding its own /proc/PID/stat line, written by the process itself before
it becomes the wanted program: there is no moment in which it runs unrecorded.  Pid and start time
together identify a process, so nothing else is ever signalled.
"""

import os
import random
import signal
import socket
import subprocess
import time
from pathlib import Path

RECORD_AND_EXEC = 'read -r stat </proc/self/stat && echo "$stat" >"$0" && exec "$@"'
SEALED = "pid.sealed"  # what DIR/pid is called once nothing may start any more
PORT_RANGE = (20000, 32000)  # below Linux' default range of ephemeral ports


class ProcessError(Exception):
    """A process did not do what it was started for."""


def parse_stat(line):
    """(pid, state, start time) of a /proc/PID/stat line, whatever the program's name holds."""
    pid, _, rest = line.partition(" ")
    fields = rest.rpartition(")")[2].split()
    return int(pid), fields[0], fields[19]


def start_time(pid):
    """Start time of a running process in clock ticks after boot; None when there is none."""
    try:
        _, state, started = parse_stat(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8"))
    except (OSError, IndexError, ValueError):
        return None
    return None if state in "ZX" else started


class ProcessTable:
    """The processes of one cluster: DIR/pid/NAME and DIR/log/NAME.log."""

    def __init__(self, directory):
        sealed = Path(directory) / SEALED
        self.pid_dir = sealed if sealed.is_dir() else Path(directory) / "pid"
        self.log_dir = Path(directory) / "log"
        self._children = {}

    def start(self, name, argv, env=None):
        """Start argv detached from terminal, session and standard streams of the caller."""
        if (self.pid_dir.parent / SEALED).exists():
            raise ProcessError(f"{name}: the cluster is going down")
        self.pid_dir.mkdir(parents=True, exist_ok=True)
        self.log_dir.mkdir(parents=True, exist_ok=True)
        command = ["/bin/sh", "-c", RECORD_AND_EXEC, str(self.pid_dir / name)]
        with open(self.log(name), "ab") as log:
            self._children[name] = subprocess.Popen(
                command + [str(word) for word in argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=env,
                start_new_session=True,
            )

    def seal(self):
        """Let no process start any more, not even one that somebody else is about to start."""
        if self.pid_dir.name == "pid" and self.pid_dir.is_dir():
            self.pid_dir = self.pid_dir.rename(self.pid_dir.with_name(SEALED))
        deadline = time.monotonic() + 2
        while any((self.pid_dir / n).stat().st_size == 0 for n in self.names()):
            if time.monotonic() > deadline:
                return  # killed before it recorded itself, hence before it ran
            time.sleep(0.01)

    def log(self, name):
        return self.log_dir / f"{name}.log"

    def tail(self, name, lines=15):
        """The last lines of a log, or '' when there is none."""
        try:
            text = self.log(name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def names(self):
        return sorted(p.name for p in self.pid_dir.iterdir()) if self.pid_dir.is_dir() else []

    def pid(self, name):
        """Pid of the process started under this name; None when it is gone."""
        try:
            pid, _, started = parse_stat((self.pid_dir / name).read_text(encoding="utf-8"))
        except (OSError, ValueError, IndexError):
            child = self._children.get(name)  # too young to have recorded itself
            return child.pid if child and child.poll() is None else None
        return pid if start_time(pid) == started else None

    def alive(self, name):
        return self.pid(name) is not None

    def stop(self, name, sig=signal.SIGTERM, timeout_s=10.0):
        """End a process with its session; SIGKILL when it ignores sig for timeout_s."""
        deadline = time.monotonic() + timeout_s
        while (pid := self.pid(name)) is not None:
            _signal_group(pid, sig)
            while self.pid(name) == pid and time.monotonic() < deadline:
                time.sleep(0.02)
            sig, deadline = signal.SIGKILL, time.monotonic() + timeout_s
        child = self._children.pop(name, None)
        if child:
            child.wait()
        (self.pid_dir / name).unlink(missing_ok=True)


def _signal_group(pid, sig):
    try:
        os.killpg(pid, sig)
    except ProcessLookupError:
        pass  # ended in between, or not yet the leader of its session
    try:
        os.kill(pid, sig)
    except ProcessLookupError:
        pass


def wait_for(what, condition, timeout_s, alive=lambda: True):
    """Poll condition() until it is true; ProcessError after timeout_s or when alive() is not."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if not alive():
            raise ProcessError(f"{what}: the process ended")
        if time.monotonic() > deadline:
            raise ProcessError(f"{what}: not within {timeout_s:g} s")
        time.sleep(0.03)


def free_ports(count):
    """Distinct loopback TCP ports nobody listens on at the moment."""
    ports = []
    while len(ports) < count:
        port = random.randrange(*PORT_RANGE)
        if port not in ports and _is_free(port):
            ports.append(port)
    return ports


def _is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
