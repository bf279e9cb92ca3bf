"""A bare Git repository on disk and a working copy to commit from."""

import os
import shutil
import subprocess
import textwrap
from pathlib import Path

IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada Example",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada Example",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
}


class GitRepo:
    """root/NAME.git is served; work/NAME is where files are written and committed."""

    def __init__(self, root, work, name="sample", branch="main"):
        self.name = name
        self.branch = branch
        self.bare = Path(root) / f"{name}.git"
        self.work = Path(work) / name
        self._git(None, "init", "-q", "--bare", "-b", branch, str(self.bare))
        self._git(self.bare, "config", "uploadpack.allowAnySHA1InWant", "true")
        self._git(None, "clone", "-q", str(self.bare), str(self.work))
        self._git(self.work, "checkout", "-q", "-B", branch)

    def write(self, path, text):
        """Write a file of the working copy; common indentation is taken away."""
        file = self.work / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")

    def copy_tree(self, source):
        shutil.copytree(source, self.work, dirs_exist_ok=True)

    def remove(self, path):
        target = self.work / path
        shutil.rmtree(target) if target.is_dir() else target.unlink()

    def commit(self, message="change", push=True):
        """Commit everything and push it; the SHA."""
        self._git(self.work, "add", "-A")
        self._git(self.work, "commit", "-q", "--allow-empty", "-m", message)
        if push:
            self._git(self.work, "push", "-q", "origin", f"HEAD:refs/heads/{self.branch}")
        return self._git(self.work, "rev-parse", "HEAD")

    def tag(self, name, message=None):
        args = ["-a", "-m", message] if message else []
        self._git(self.work, "tag", *args, name)
        self._git(self.work, "push", "-q", "origin", name)

    def new_branch(self, name):
        self._git(self.work, "push", "-q", "origin", f"HEAD:refs/heads/{name}")

    @staticmethod
    def _git(cwd, *args):
        env = {**os.environ, **IDENTITY}
        done = subprocess.run(["git", *args], cwd=cwd, env=env, text=True, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise RuntimeError(f"git {' '.join(args)}: {done.stdout.strip()}")
        return done.stdout.strip()
