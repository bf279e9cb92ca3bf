"""Where the programs of a cluster come from: KUBEBUILDER_ASSETS, the cache, or a build."""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
CONTROL_PLANE = ("kube-apiserver", "kube-controller-manager")
NODE = ("kube-scheduler", "kubelet", "kube-proxy")
BUILD_DEBIAN = HERE / "build-debian.sh"
BUILD_CURRENT = HERE / "build-current.sh"
DEBIAN_RECIPE = 2  # raised when build-debian.sh changes what it builds: programs made before are not used
PROGRESS_EVERY_S = 30
EXIT_UNSUPPORTED = 3  # a build script's "this machine cannot build this lane"


class AssetsError(Exception):
    """Programs are missing and could not be built."""


class LaneUnsupported(AssetsError):
    """This machine cannot provide the lane: no fitting Go, or no module proxy."""


@dataclass(frozen=True)
class Assets:
    """One release's programs."""

    bin: Path
    etcd: Path
    version: str

    @property
    def apiserver(self):
        return self.bin / "kube-apiserver"

    @property
    def controller_manager(self):
        """None when KUBEBUILDER_ASSETS comes without one."""
        program = self.bin / "kube-controller-manager"
        return program if program.exists() else None

    @property
    def minor(self):
        return int(re.match(r"v?1\.(\d+)", self.version).group(1))


def cache_dir():
    base = os.environ.get("BELAY_CACHE_DIR")
    if base:
        return Path(base)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "belay"


def find(lane=None, node="fake", say=print):
    """Assets of a lane, built first when the cache lacks them.

    lane  "debian", "current", "assets" (those in KUBEBUILDER_ASSETS), or None: default_lane()
    node  "full" needs the node's programs as well
    """
    lane = lane or default_lane()
    if lane not in LANES:
        raise AssetsError(f"unknown lane '{lane}': one of {', '.join(LANES)}")
    return LANES[lane](CONTROL_PLANE + (NODE if node == "full" else ()), say)


def default_lane():
    """BELAY_LANE; else assets when KUBEBUILDER_ASSETS is set; else debian."""
    given = os.environ.get("KUBEBUILDER_ASSETS")
    return os.environ.get("BELAY_LANE") or ("assets" if given else "debian")


def _given(_programs, _say):
    directory = Path(os.environ.get("KUBEBUILDER_ASSETS") or "/nonexistent")
    for program in ("kube-apiserver", "etcd"):
        if not os.access(directory / program, os.X_OK):
            raise AssetsError(f"KUBEBUILDER_ASSETS={directory}: no {program} there")
    return Assets(directory, directory / "etcd", _version(directory / "kube-apiserver"))


def _version(apiserver):
    answer = subprocess.run([apiserver, "--version"], capture_output=True, text=True, check=True)
    return answer.stdout.split()[-1]


def _debian(programs, say):
    directory = cache_dir() / f"kubernetes-1.20.2-{DEBIAN_RECIPE}"
    _provide(directory, programs, BUILD_DEBIAN, say)
    return Assets(directory, _system_etcd(), "v1.20.2")


def _current(programs, say):
    """The newest release that is cached; when there is none, the newest that can be built."""
    programs += ("etcd",)
    cached = [d for d in cache_dir().glob("kubernetes-1.[3-9]?.*") if d.is_dir()]
    cached = [d for d in cached if not _lacking(d, programs)]
    if cached:
        directory = max(cached, key=_release)
    else:
        directory = cache_dir() / f"kubernetes-{_buildable_release()}"
        _provide(directory, programs, BUILD_CURRENT, say)
    return Assets(directory, directory / "etcd", f"v{directory.name.removeprefix('kubernetes-')}")


def _release(directory):
    return [int(part) for part in re.findall(r"\d+", directory.name)]


def _buildable_release():
    answer = subprocess.run(
        [BUILD_CURRENT, "--version"], capture_output=True, text=True, check=False
    )
    if answer.returncode == EXIT_UNSUPPORTED:
        raise LaneUnsupported(answer.stderr.strip())
    if answer.returncode != 0:
        raise AssetsError(f"{BUILD_CURRENT.name} --version: {answer.stderr.strip()}")
    return answer.stdout.strip().removeprefix("v")


LANES = {"debian": _debian, "current": _current, "assets": _given}


def _system_etcd():
    program = shutil.which("etcd", path=os.environ.get("PATH", "") + ":/usr/bin:/usr/local/bin")
    if not program:
        raise AssetsError("no etcd: run tools/deps.sh cluster")
    return Path(program)


def _provide(directory, programs, script, say):
    """Build what the directory lacks; of several runs at once only one builds."""
    if not _lacking(directory, programs):
        return
    directory.parent.mkdir(parents=True, exist_ok=True)
    with _locked(directory.with_name(directory.name + ".lock"), say):
        lacking = _lacking(directory, programs)
        if lacking:
            _build(directory, lacking, script, say)


def _lacking(directory, programs):
    return [name for name in programs if not os.access(directory / name, os.X_OK)]


@contextlib.contextmanager
def _locked(path, say):
    with open(path, "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another build of {path.stem}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(directory, programs, script, say):
    """Run a build script in a scratch directory beside the cache entry, then move the results."""
    log_path = directory.with_name(directory.name + ".build.log")
    with _scratch(directory.with_name(directory.name + ".building")) as scratch:
        out = scratch / "out"
        out.mkdir()
        say(f"building {', '.join(programs)} ({directory.name}); log: {log_path}")
        with open(log_path, "wb") as log:
            code = _run_with_progress([script, scratch, out, *programs], log, log_path, say)
        if code == EXIT_UNSUPPORTED:
            raise LaneUnsupported(_last_lines(log_path, 1))
        if code != 0:
            raise AssetsError(f"{script.name} failed ({code}):\n{_last_lines(log_path, 20)}")
        directory.mkdir(exist_ok=True)
        for name in programs:
            (out / name).rename(directory / name)


@contextlib.contextmanager
def _scratch(path):
    """A new directory under a name that only the holder of the lock uses."""
    shutil.rmtree(path, ignore_errors=True)  # of a build that was killed
    path.mkdir()
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _run_with_progress(command, log, log_path, say):
    begin = time.monotonic()
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as build:
        try:
            while True:
                try:
                    return build.wait(PROGRESS_EVERY_S)
                except subprocess.TimeoutExpired:
                    spent = int(time.monotonic() - begin)
                    say(f"  still building, {spent} s: {_last_lines(log_path, 1)[:70]}")
        finally:
            if build.poll() is None:
                os.killpg(build.pid, signal.SIGKILL)


def _last_lines(path, count):
    lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return "\n".join(line.strip() for line in lines[-count:])
