"""The list of Debian packages and what tools/deps.sh makes of it."""

import os
import subprocess
from pathlib import Path

DEPS = Path(__file__).resolve().parents[2] / "tools/deps.sh"


def deps(*args, **kwargs):
    return subprocess.run([DEPS, *args], capture_output=True, text=True, check=False, **kwargs)


def machine(tmp_path, apt_get):
    """Environment of a machine with no package installed, whose apt-get is a few lines of shell."""
    programs = {
        "id": "echo 1000",
        "dpkg-query": "",
        "sudo": f'echo "$*" >>{tmp_path}/calls; [ "$1" = env ] || exit 0; shift 3; {apt_get}',
    }
    for name, body in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    return {"PATH": f"{tmp_path}:{os.environ['PATH']}", "TMPDIR": str(tmp_path)}


def test_failed_installation_shows_what_apt_said(tmp_path):
    done = deps("run", env=machine(tmp_path, 'echo "E: no network"; exit 100'))
    assert done.returncode == 1
    assert "E: no network" in done.stderr and "apt-get" in done.stderr


def test_lists_are_fetched_when_a_package_is_not_found(tmp_path):
    update = f'case "$*" in *" update") touch {tmp_path}/lists;; *) [ -e {tmp_path}/lists ];; esac'
    done = deps("run", env=machine(tmp_path, update))
    assert " update" in (tmp_path / "calls").read_text(encoding="utf-8")
    assert done.returncode == 0 and "E:" not in done.stderr


def test_section_takes_in_others():
    packages = deps("--list", "test").stdout.split()
    assert {"libuv1-dev", "etcd-server", "libcmocka-dev"} <= set(packages)
    assert packages == sorted(set(packages))


def test_remarks_are_no_packages():
    assert "sshd" not in deps("--list", "test").stdout.split()


def test_unknown_section_fails():
    done = deps("--list", "nothing")
    assert done.returncode != 0 and '"nothing"' in done.stderr
    assert deps().returncode == 2


def test_what_is_installed_is_not_missing():
    # python3 runs this test; the section may lack others here.
    assert "python3" not in deps("--missing", "build").stdout.split()
