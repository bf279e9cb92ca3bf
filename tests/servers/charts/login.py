"""What both chart servers share: basic authentication and HTTPS."""

import base64
import hmac

from tests.cluster.pki import Pki
from tests.servers.listener import server_tls


def allows(user, password, header):
    """Whether an Authorization header has the user and password wanted; user None: anybody."""
    if user is None:
        return True
    wanted = base64.b64encode(f"{user}:{password}".encode()).decode()
    return hmac.compare_digest((header or "").encode(), f"Basic {wanted}".encode())


def tls_context(directory, name):
    """(context, CA file) of a server with a certificate authority of its own in the directory."""
    pki = Pki(directory)
    if not pki.crt("ca").exists():
        pki.create()
    pki.issue(name, [("CN", "localhost")], ["DNS:localhost", "IP:127.0.0.1"])
    return server_tls(pki.crt(name), pki.key(name)), pki.crt("ca")
