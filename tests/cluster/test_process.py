"""Processes are recorded before they run, identified by start time, and stopped for good."""

import os
import signal
import socket
import subprocess

import pytest

from tests.cluster.process import ProcessError, ProcessTable, free_ports, start_time, wait_for


@pytest.fixture(name="table")
def _table(tmp_path):
    table = ProcessTable(tmp_path)
    yield table
    for name in table.names():
        table.stop(name, signal.SIGKILL)


def test_started_process_is_found_again_by_another_table(table, tmp_path):
    table.start("sleeper", ["sleep", "60"])
    wait_for("record", lambda: ProcessTable(tmp_path).alive("sleeper"), 5)
    assert ProcessTable(tmp_path).pid("sleeper") == table.pid("sleeper")


def test_stop_ends_children_as_well(table, tmp_path):
    pid_file = tmp_path / "child"
    table.start("parent", ["sh", "-c", f"sleep 60 & echo $! >{pid_file}; wait"])
    wait_for("child", lambda: pid_file.exists() and pid_file.read_text(), 5)
    child = int(pid_file.read_text())
    table.stop("parent")
    wait_for("end of child", lambda: start_time(child) is None, 5)
    assert table.names() == []


def test_stop_kills_what_ignores_the_signal(table):
    table.start("deaf", ["sh", "-c", "trap '' TERM; echo trapped; while :; do sleep 1; done"])
    wait_for("trap", lambda: "trapped" in table.tail("deaf"), 5)
    pid = table.pid("deaf")
    table.stop("deaf", timeout_s=0.2)
    assert start_time(pid) is None


def test_a_reused_pid_is_not_taken_for_the_process(table):
    table.pid_dir.mkdir()
    (table.pid_dir / "other").write_text(f"{os.getpid()} (x) S " + "0 " * 18 + "12345\n")
    assert table.pid("other") is None
    table.stop("other", signal.SIGKILL)  # and we are still here


def test_nothing_starts_after_seal(table, tmp_path):
    table.start("first", ["sleep", "60"])
    rival = ProcessTable(tmp_path)
    wait_for("record", lambda: rival.alive("first"), 5)
    rival.seal()
    with pytest.raises(ProcessError, match="going down"):
        table.start("second", ["sleep", "60"])
    assert rival.names() == ["first"]
    rival.stop("first", signal.SIGKILL)


def test_wait_for_reports_a_process_that_ended():
    with pytest.raises(ProcessError, match="ended"):
        wait_for("server", lambda: False, 5, alive=lambda: False)


def test_free_ports_skips_ports_in_use(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        choices = iter([taken, taken, 20001, 20002])
        monkeypatch.setattr("tests.cluster.process.random.randrange", lambda *_: next(choices))
        assert taken not in free_ports(1)


def test_start_time_of_a_zombie_is_none():
    with subprocess.Popen(["true"]) as child:
        wait_for("zombie", lambda: start_time(child.pid) is None, 5)
