"""A bare Git repository that tests write commits into, without a working tree."""

import os
import subprocess
import time
from pathlib import Path

AUTHOR = "Belay Test <test@example.com>"


class Repository:
    """A bare repository at a path, made when it is not there."""

    def __init__(self, path, branch="main"):
        self.path = Path(path)
        self.branch = branch
        if not (self.path / "HEAD").exists():
            self.path.mkdir(parents=True, exist_ok=True)
            self.git("init", "--quiet", "--bare", f"--initial-branch={branch}", ".")

    @property
    def url(self):
        return self.path.resolve().as_uri()

    def git(self, *args, data=None):
        """Output of a git command; CalledProcessError with its stderr when it fails."""
        env = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}
        done = subprocess.run(
            ["git", *args], cwd=self.path, env=env, input=data, capture_output=True, check=False
        )
        if done.returncode != 0:
            message = done.stderr.decode("utf-8", "replace").strip()
            raise RuntimeError(f"git {args[0]}: {message}")
        return done.stdout.decode("utf-8", "replace").strip()

    def commit(self, files, message="change", branch=None, remove=(), when=None, replace=False):
        """Add a commit to a branch and return its id.

        files    {path: str or bytes}; a path with mode: {(path, "100755"): ...}, "120000" is a
                 symbolic link with its target as contents, "160000" a submodule with its commit
        remove   paths to take away
        replace  True: the tree holds nothing but files afterwards
        when     seconds since 1970, for commit ids that stay the same
        """
        branch = branch or self.branch
        parent = self._resolve(f"refs/heads/{branch}")
        stamp = int(time.time()) if when is None else when
        stream = f"commit refs/heads/{branch}\ncommitter {AUTHOR} {stamp} +0000\n".encode()
        stream += _data(message.encode())
        stream += f"from {parent}\n".encode() if parent else b""
        stream += b"deleteall\n" if replace else b""
        stream += b"".join(f"D {_quote(path)}\n".encode() for path in remove)
        for name, content in files.items():
            path, mode = name if isinstance(name, tuple) else (name, "100644")
            if mode == "160000":
                stream += f"M {mode} {content} {_quote(path)}\n".encode()
                continue
            content = content.encode() if isinstance(content, str) else content
            stream += f"M {mode} inline {_quote(path)}\n".encode() + _data(content)
        self.git("fast-import", "--quiet", "--force", "--date-format=raw", data=stream)
        return self.head(branch)

    def head(self, branch=None):
        """Commit id of a branch."""
        return self.git("rev-parse", "--verify", f"refs/heads/{branch or self.branch}")

    def tag(self, name, target=None, message=None):
        """Make a tag, annotated when there is a message; replaces one of that name."""
        identity = ["-c", "user.name=Belay Test", "-c", "user.email=test@example.com"]
        annotation = ["-a", "-m", message] if message else []
        self.git(*identity, "tag", "--force", *annotation, name, target or self.head())

    def _resolve(self, ref):
        try:
            return self.git("rev-parse", "--quiet", "--verify", ref)
        except RuntimeError:
            return None


def _data(content):
    return b"data %d\n%s\n" % (len(content), content)


def _quote(path):
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
