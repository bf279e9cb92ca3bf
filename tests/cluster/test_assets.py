"""Lanes, cache and builds, with build scripts that take no time."""

import os
import threading

import pytest

from tests.cluster import assets
from tests.cluster.process import start_time, wait_for


def silent(_text):
    pass


@pytest.fixture(name="script")
def _script(tmp_path):
    """Makes a build script; it is called with WORK OUT PROGRAM..."""

    def make(text):
        path = tmp_path / "build.sh"
        path.write_text(f'#!/bin/sh\nwork=$1 out=$2; shift 2\n{text}\n', encoding="utf-8")
        path.chmod(0o755)
        return path

    return make


INSTALL = 'for p in "$@"; do echo "$p" >"$out/$p"; chmod 755 "$out/$p"; done'


def provide(directory, script, programs=("a", "b")):
    assets._provide(directory, programs, script, silent)


def test_builds_what_is_lacking_and_leaves_no_scratch(tmp_path, script):
    directory = tmp_path / "cache/kubernetes-1.2.3"
    provide(directory, script(INSTALL + '; touch "$work/scratch"'))
    assert sorted(p.name for p in directory.iterdir()) == ["a", "b"]
    provide(directory, script('[ "$*" = c ] || exit 1; ' + INSTALL), ("a", "c"))
    assert sorted(os.listdir(directory.parent)) == [
        "kubernetes-1.2.3",
        "kubernetes-1.2.3.build.log",
        "kubernetes-1.2.3.lock",
    ]


def test_several_at_once_build_once(tmp_path, script):
    directory, count = tmp_path / "kubernetes-1.2.3", tmp_path / "count"
    build = script(f"echo >>{count}; sleep 0.3; {INSTALL}")
    runs = [threading.Thread(target=provide, args=(directory, build)) for _ in range(3)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert count.read_text() == "\n" and (directory / "b").exists()


def test_interrupted_build_ends_with_its_children(tmp_path, script, monkeypatch):
    pid_file = tmp_path / "pid"

    def interrupt(*_):
        wait_for("build", lambda: pid_file.exists() and pid_file.read_text(), 5)
        raise KeyboardInterrupt

    monkeypatch.setattr(assets, "PROGRESS_EVERY_S", 0.05)
    monkeypatch.setattr(assets, "_last_lines", interrupt)
    with pytest.raises(KeyboardInterrupt):
        provide(tmp_path / "kubernetes-1.2.3", script(f"sleep 60 & echo $! >{pid_file}; wait"))
    wait_for("end", lambda: start_time(int(pid_file.read_text())) is None, 5)
    assert not (tmp_path / "kubernetes-1.2.3.building").exists()


def test_failed_build_shows_the_end_of_its_log(tmp_path, script):
    with pytest.raises(assets.AssetsError, match="disk full"):
        provide(tmp_path / "kubernetes-1.2.3", script("echo disk full; exit 1"))
    assert not (tmp_path / "kubernetes-1.2.3").exists()


def test_machine_that_cannot_build_is_told_apart(tmp_path, script):
    with pytest.raises(assets.LaneUnsupported, match="no go"):
        provide(tmp_path / "kubernetes-1.2.3", script("echo no go; exit 3"))


def test_current_takes_the_newest_complete_release_in_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BELAY_CACHE_DIR", str(tmp_path))
    for release, programs in (
        ("1.34.9", assets.CONTROL_PLANE + ("etcd",)),
        ("1.34.10", assets.CONTROL_PLANE + ("etcd",)),
        ("1.35.0", assets.CONTROL_PLANE),
    ):
        (tmp_path / f"kubernetes-{release}").mkdir()
        for program in programs:
            (tmp_path / f"kubernetes-{release}" / program).touch(mode=0o755)
    found = assets.find("current", say=silent)
    assert (found.version, found.minor) == ("v1.34.10", 34)


def test_default_lane(monkeypatch):
    monkeypatch.delenv("BELAY_LANE", raising=False)
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    assert assets.default_lane() == "debian"
    monkeypatch.setenv("KUBEBUILDER_ASSETS", "/somewhere")
    assert assets.default_lane() == "assets"
    with pytest.raises(assets.AssetsError, match="no kube-apiserver"):
        assets.find(say=silent)
    monkeypatch.setenv("BELAY_LANE", "current")
    assert assets.default_lane() == "current"
    with pytest.raises(assets.AssetsError, match="unknown lane"):
        assets.find("latest")
