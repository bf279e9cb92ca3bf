"""A proxy for bytes: connection faults only, TLS and HTTP/2 pass through untouched."""

import socket
import socketserver
import threading

from tests.servers.listener import CHUNK, Listener, cut


class TcpProxy(Listener):
    """In front of a cluster's API server, whose certificate is good for any port.

    refuse(), accept() and drop_connections() as in Listener; stall() and flow() for a peer that
    neither answers nor closes.
    """

    def __init__(self, cluster):
        self.target = (cluster.addresses.server, cluster.ports["api"])
        self.flowing = threading.Event()
        self.flowing.set()
        self._cluster = cluster
        super().__init__(_Pump)

    @property
    def base_url(self):
        return f"https://127.0.0.1:{self.port}"

    def kubeconfig(self, user="admin"):
        """Path of a kubeconfig for this proxy."""
        path = self._cluster.dir / f"tcp-proxy-{self.port}-{user}.conf"
        return self._cluster.pki.write_kubeconfig(path, self.base_url, user, self._cluster.name)

    def stall(self):
        """Forward nothing any more; connections stay open and are accepted."""
        self.flowing.clear()

    def flow(self):
        """Forward again, with what has piled up."""
        self.flowing.set()

    def stop(self):
        self.flowing.set()
        super().stop()


class _Pump(socketserver.BaseRequestHandler):
    """One connection, in both directions."""

    def handle(self):
        listener = self.server.listener
        with socket.create_connection(listener.target) as upstream:
            listener.opened(upstream)
            try:
                back = threading.Thread(target=self._copy, args=(upstream, self.request))
                back.start()
                self._copy(self.request, upstream)
                back.join()
            finally:
                listener.closed(upstream)

    def _copy(self, source, sink):
        flowing = self.server.listener.flowing
        try:
            while data := source.recv(CHUNK):
                flowing.wait()
                sink.sendall(data)
        except OSError:
            pass  # cut, or closed by either side: tell both
        cut(source)
        cut(sink)
