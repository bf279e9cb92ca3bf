"""The list of Debian packages and what tools/deps.sh makes of it."""

import subprocess
from pathlib import Path

DEPS = Path(__file__).resolve().parents[2] / "tools/deps.sh"


def deps(*args):
    return subprocess.run([DEPS, *args], capture_output=True, text=True, check=False)


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
