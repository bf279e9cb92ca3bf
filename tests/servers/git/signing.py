"""OpenPGP keys of a test's own, and commits and tags signed with them."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

NO_AGENT = ["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]


class Keyring:
    """A GnuPG directory; its path is short, as sockets lie in it."""

    def __init__(self):
        self.home = Path(tempfile.mkdtemp(prefix="belay-gpg."))
        self.program = self.home / "gpg"
        self.program.write_text(f"#!/bin/sh\nexec gpg --homedir {self.home} \"$@\"\n", encoding="utf-8")
        self.program.chmod(0o755)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "all"], check=False,
                       capture_output=True)
        shutil.rmtree(self.home, ignore_errors=True)

    def gpg(self, *args, data=None):
        env = {**os.environ, "LC_ALL": "C"}
        done = subprocess.run([self.program, *NO_AGENT, *args], env=env, input=data,
                              capture_output=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"gpg {args}: {done.stderr.decode('utf-8', 'replace')}")
        return done.stdout.decode("utf-8", "replace")

    def make(self, name, expired=False, subkey=False):
        """A key that signs, made long ago and not good any more when it has expired; its id."""
        past = ["--faked-system-time", "20200101T000000!"] if expired else []
        mail = f"{name}@example.com"
        usage = "cert" if subkey else "sign"
        self.gpg(*past, "--quick-gen-key", f"{name} <{mail}>", "ed25519", usage, "1y" if expired else "0")
        if subkey:
            self.gpg("--quick-add-key", self._fields(mail, "fpr")[0][9], "ed25519", "sign", "0")
        return self._fields(mail, "pub")[0][4]

    def _fields(self, mail, record):
        lines = self.gpg("--with-colons", "--list-keys", mail).splitlines()
        return [line.split(":") for line in lines if line.startswith(record + ":")]

    def fingerprint(self, mail):
        return self._fields(mail, "fpr")[0][9]

    def armored(self, key):
        return self.gpg("--armor", "--export", key)

    def commit(self, repo, files, key, message="signed", expired=False):
        """Add a signed commit to a repository's branch; its id."""
        unsigned = repo.commit(files, message)
        return self.sign_head(repo, unsigned, key, message, expired)

    def sign_head(self, repo, unsigned, key, message, expired=False):
        program = self.program
        if expired:
            program = self.home / "gpg-then"
            program.write_text(f"#!/bin/sh\nexec {self.program} --faked-system-time 20200601T000000! \"$@\"\n",
                               encoding="utf-8")
            program.chmod(0o755)
        parents = repo.git("show", "--no-patch", "--format=%P", unsigned).split()
        signed = repo.git(*self._config(program), "commit-tree", f"-S{key}",
                          *[arg for p in parents for arg in ("-p", p)], "-m", message, f"{unsigned}^{{tree}}")
        repo.git("update-ref", f"refs/heads/{repo.branch}", signed)
        return signed

    def tag(self, repo, name, key, target=None):
        repo.git(*self._config(self.program), "tag", "--force", "--local-user", key, "-m", name, name,
                 target or repo.head())

    @staticmethod
    def _config(program):
        return ["-c", f"gpg.program={program}", "-c", "user.name=Sig Ner",
                "-c", "user.email=signer@example.com"]
