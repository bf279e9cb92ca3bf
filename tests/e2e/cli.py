"""The `belay` command as a user runs it."""

import json
import os
import subprocess


class Cli:
    """The command with a home of its own."""

    def __init__(self, build, home, stack):
        self.bin = build / "bin" / "belay"
        self.home = home
        self.stack = stack
        self.env = {"HOME": str(home), "PATH": os.environ["PATH"], "no_proxy": "*"}

    def run(self, *args, stdin=None, env=None, timeout_s=90):
        return subprocess.run(
            [str(self.bin), *args], input=stdin, env={**self.env, **(env or {})}, timeout=timeout_s,
            text=True, capture_output=True, check=False, stdin=None if stdin else subprocess.DEVNULL)

    def ok(self, *args, **kwargs):
        """Standard output of a command that must succeed."""
        done = self.run(*args, **kwargs)
        assert done.returncode == 0, f"belay {' '.join(args)}: {done.returncode}\n{done.stderr}\n{done.stdout}"
        return done.stdout

    def fails(self, status, *args, **kwargs):
        """Standard error of a command that must fail with this status."""
        done = self.run(*args, **kwargs)
        assert done.returncode == status, f"belay {' '.join(args)}: {done.returncode}\n{done.stderr}\n{done.stdout}"
        return done.stderr

    def json(self, *args):
        return json.loads(self.ok(*args, "-o", "json"))

    @property
    def config(self):
        return self.home / ".config" / "belay" / "config"

    def login(self):
        self.ok("login", self.stack.url, "--username", "admin", "--password", self.stack.password)
        return self
