"""Git repositories and servers for them, over HTTP(S) and SSH, for tests and the demo."""

from tests.servers.git.http_server import GitHttpServer
from tests.servers.git.repository import Repository
from tests.servers.git.ssh_server import GitSshServer

__all__ = ["GitHttpServer", "GitSshServer", "Repository"]
