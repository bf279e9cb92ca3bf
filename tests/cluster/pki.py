"""Certificates and kubeconfigs of a cluster, made with openssl (one process each, P-256)."""

import base64
import subprocess
from pathlib import Path

REQUEST_CONFIG = "[req]\ndistinguished_name = subject\n[subject]\n"
DAYS = "3650"


class Pki:
    """A certificate authority in a directory; every certificate is NAME.crt with NAME.key."""

    def __init__(self, directory):
        self.dir = Path(directory)

    def crt(self, name):
        return self.dir / f"{name}.crt"

    def key(self, name):
        return self.dir / f"{name}.key"

    def create(self):
        """Make the authority itself."""
        self.dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.dir / "openssl.cnf").write_text(REQUEST_CONFIG, encoding="utf-8")
        self._request(
            "ca",
            [("CN", "belay-test-ca")],
            ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,digitalSignature"],
        )

    def issue(self, name, subject, alt_names=()):
        """Make a certificate, good for server and client, unless it is there already.

        subject    [("O", group)..., ("CN", user)]
        alt_names  "DNS:name" and "IP:address"
        """
        if self.crt(name).exists():
            return
        extensions = [
            "basicConstraints=critical,CA:FALSE",
            "keyUsage=critical,digitalSignature,keyEncipherment",
            "extendedKeyUsage=serverAuth,clientAuth",
        ]
        if alt_names:
            extensions.append("subjectAltName=" + ",".join(alt_names))
        signer = ["-CA", str(self.crt("ca")), "-CAkey", str(self.key("ca"))]
        self._request(name, subject, extensions, signer)

    def issue_rsa_pair(self, name):
        """Key pair NAME.key and NAME.pub (service account tokens are signed with RSA)."""
        key, pub = self.key(name), self.dir / f"{name}.pub"
        _openssl("genrsa", "-out", str(key), "2048")
        _openssl("rsa", "-in", str(key), "-pubout", "-out", str(pub))

    def _request(self, name, subject, extensions, signer=()):
        parts = "".join(f"/{field}={_escape(value)}" for field, value in subject)
        added = [word for line in extensions for word in ("-addext", line)]
        out, key = self.crt(name), self.key(name)
        fresh = out.with_suffix(".new")
        _openssl(
            *("req", "-x509", "-config", str(self.dir / "openssl.cnf"), "-utf8"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", DAYS, "-subj", parts, "-keyout", str(key), "-out", str(fresh)),
            *added,
            *signer,
        )
        fresh.rename(out)

    def write_kubeconfig(self, path, server, user, cluster_name):
        """Self-contained kubeconfig for certificate `user`."""
        path = Path(path)
        path.touch(mode=0o600)
        path.write_text(
            KUBECONFIG.format(
                name=cluster_name,
                server=server,
                user=user,
                ca=_base64(self.crt("ca")),
                crt=_base64(self.crt(user)),
                key=_base64(self.key(user)),
            ),
            encoding="utf-8",
        )
        return path


KUBECONFIG = """apiVersion: v1
kind: Config
current-context: {name}
clusters:
- name: {name}
  cluster:
    server: {server}
    certificate-authority-data: {ca}
contexts:
- name: {name}
  context:
    cluster: {name}
    user: {user}
users:
- name: {user}
  user:
    client-certificate-data: {crt}
    client-key-data: {key}
"""


def _escape(value):
    return "".join("\\" + c if c in "/\\+" else c for c in value)


def _base64(path):
    return base64.b64encode(path.read_bytes()).decode("ascii")


def _openssl(*args):
    done = subprocess.run(
        ["openssl", *args], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"openssl {args[0]} failed: {done.stderr.strip()}")
