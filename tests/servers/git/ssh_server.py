"""Git over SSH: a real sshd on a free port, as the current user, for git-upload-pack only."""

import getpass
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from tests.cluster.process import ProcessError, ProcessTable, free_ports, wait_for

ATTEMPTS = 3

CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {dir}/host_key
AuthorizedKeysFile {dir}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication yes
PermitRootLogin prohibit-password
AllowTcpForwarding no
X11Forwarding no
PrintMotd no
LogLevel VERBOSE
"""

# sshd hands over what the client asked for; git-shell takes it apart without a shell.
COMMAND = """\
#!/bin/sh
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=uploadpack.allowAnySHA1InWant GIT_CONFIG_VALUE_0=true
case $SSH_ORIGINAL_COMMAND in
*..*) ;;
"git-upload-pack '{root}/"*) exec git-shell -c "$SSH_ORIGINAL_COMMAND" ;;
esac
echo "not a repository to fetch from" >&2
exit 1
"""


class GitSshServer:
    """Serves the repositories below root, by absolute path: url(NAME).  A context manager.

    It ends with the thread that made it, at the latest.

    key          private key file of the one client that may come in
    known_hosts  file with the server's key
    """

    def __init__(self, root, key_type="ed25519"):
        self.root = Path(root).resolve()
        self.dir = Path(tempfile.mkdtemp(prefix="belay-sshd."))
        self.user = getpass.getuser()
        self.key, self.known_hosts = self.dir / "client_key", self.dir / "known_hosts"
        self._processes = ProcessTable(self.dir)
        try:
            self._make_keys(key_type)
            self._listen()
        except BaseException:
            self.stop()
            raise

    def url(self, name):
        return f"ssh://{self.user}@127.0.0.1:{self.port}{self.root}/{name}"

    def stop(self):
        """Stop sshd with all connections, remove the keys."""
        for name in self._processes.names():
            self._processes.stop(name, signal.SIGKILL)
        shutil.rmtree(self.dir, ignore_errors=True)

    def log(self):
        return self._processes.tail("sshd", 40)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _make_keys(self, key_type):
        for name in ("host_key", "client_key"):
            command = ["ssh-keygen", "-q", "-t", key_type, "-N", "", "-f", self.dir / name]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        command = self.dir / "command"
        command.write_text(COMMAND.format(root=self.root), encoding="utf-8")
        command.chmod(0o755)
        public = (self.dir / "client_key.pub").read_text(encoding="ascii")
        allowed = f'restrict,command="{command}" {public}'
        (self.dir / "authorized_keys").write_text(allowed, encoding="ascii")

    def _listen(self):
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)  # sshd's chroot for its sandbox
        for attempt in range(1, ATTEMPTS + 1):
            try:
                [self.port] = free_ports(1)
                self._start_sshd()
                break
            except ProcessError as error:  # the port may have been taken meanwhile
                if attempt == ATTEMPTS:
                    raise RuntimeError(f"sshd does not start: {self.log()}") from error
        host_key = " ".join((self.dir / "host_key.pub").read_text(encoding="ascii").split()[:2])
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {host_key}\n", encoding="ascii")

    def _start_sshd(self):
        config = self.dir / "sshd_config"
        config.write_text(CONFIG.format(port=self.port, dir=self.dir), encoding="utf-8")
        # Killed with us, should we not get to stop it.
        command = ["setpriv", "--pdeathsig", "KILL", "/usr/sbin/sshd", "-D", "-e", "-f", config]
        self._processes.start("sshd", command)
        listening = f"Server listening on 127.0.0.1 port {self.port}"
        wait_for(
            "sshd",
            lambda: listening in self._processes.tail("sshd", 100),
            10,
            lambda: self._processes.alive("sshd"),
        )
