"""An HTTP(S) server of tests: free port, stoppable at any moment, with fault injection.

Handlers derive from FaultyHandler and implement serve(); they answer with send_status() or
send_stream(), which apply the faults.
"""

import http
import http.server
import socket
import ssl
import struct
import sys
import threading

from tests.servers.faults import FaultTable, Kind

CHUNK = 64 << 10
MAX_BODY = 256 << 20


class Listener:
    """Serves until stop(); a context manager.  `port` stays the same over refuse() and accept()."""

    def __init__(self, handler, port=0, tls=None):
        """tls: ssl.SSLContext for a server, or None."""
        self.faults = FaultTable()
        self._handler = handler
        self.tls = tls
        self._server = None
        self._lock = threading.Lock()
        self._connections = set()
        self._refusal = None
        self.port = port
        self.accept()

    @property
    def base_url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def accept(self):
        """Listen (again)."""
        with self._lock:
            if self._server:
                return
            server = _Server(("127.0.0.1", self.port), self._handler, self)
            self.port = server.server_address[1]
            thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            self._server = server

    def refuse(self, seconds=None):
        """Stop listening, so that connections are refused, and drop those there are.

        With seconds, listen again by itself afterwards.
        """
        with self._lock:
            server, self._server = self._server, None
        if server:
            server.shutdown()
            server.server_close()
        self.drop_connections()
        if seconds is not None:
            self._refusal = threading.Timer(seconds, self.accept)
            self._refusal.daemon = True
            self._refusal.start()

    def drop_connections(self):
        """Cut every open connection."""
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            cut(connection)

    def stop(self):
        """End everything; a second time does nothing."""
        if self._refusal:
            self._refusal.cancel()
            self._refusal.join()
        self.faults.close()
        self.refuse()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def opened(self, connection):
        """Called for every connection that drop_connections() has to cut, and closed() after."""
        with self._lock:
            self._connections.add(connection)

    def closed(self, connection):
        with self._lock:
            self._connections.discard(connection)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address, handler, listener):
        self.listener = listener
        super().__init__(address, handler)

    def finish_request(self, request, client_address):
        """On the connection's own thread: a slow TLS handshake keeps nobody else waiting."""
        if self.listener.tls:
            request.settimeout(30)
            try:
                request = self.listener.tls.wrap_socket(request, server_side=True)
            except OSError:
                return  # the client does not like us, or is none
        request.settimeout(None)
        self.listener.opened(request)
        try:
            self.RequestHandlerClass(request, client_address, self)
        except OSError:
            pass  # the client went away, or we dropped it
        finally:
            self.listener.closed(request)
            request.close()

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def cut(connection):
    """End a connection another thread works on: that one finds it broken."""
    try:
        socket.socket.shutdown(connection, socket.SHUT_RDWR)  # of TCP, whatever TLS thinks
    except OSError:
        pass  # ended already


class FaultyHandler(http.server.BaseHTTPRequestHandler):
    """Reads a request, applies a fault or calls serve(body)."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    fault = None

    @property
    def listener(self):
        return self.server.listener

    def serve(self, body):
        """Answer the request; to be implemented by the server's own handler."""
        raise NotImplementedError

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self._request
        raise AttributeError(name)

    def _request(self):
        body = self._read_body()
        faults = self.listener.faults
        self.fault = fault = faults.take(self.command, self.path)
        if fault and fault.kind == Kind.HANG:
            faults.hold(fault)
        if fault and fault.kind in (Kind.HANG, Kind.DROP):
            self._reset()
            return
        if fault and fault.kind == Kind.STATUS:
            self.send_status(fault.status, fault.body, fault.headers)
            return
        if fault and fault.kind == Kind.DELAY:
            faults.pause(fault.seconds or 0)
        self.serve(body)

    def _read_body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = bytearray()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            if len(body) + size > MAX_BODY:
                raise OSError("request body too large")
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return bytes(body)

    def send_status(self, status, body=b"", headers=None):
        """A complete answer."""
        self.send_response(status, _reason(status))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_stream(self, status, headers, pieces):
        """An answer of unknown length; each piece is sent at once."""
        self.send_response(status, _reason(status))
        for name, value in headers:
            self.send_header(name, value)
        bodiless = self.command == "HEAD" or status in (204, 304)
        if not bodiless:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if bodiless:
            return
        for piece in self._with_fault(pieces):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def _with_fault(self, pieces):
        fault = self.fault
        if fault and fault.kind == Kind.SLOW:
            yield from self._slowly(pieces, max(fault.bytes, 1))
        elif fault and fault.kind == Kind.TRUNCATE:
            left = fault.bytes
            for piece in pieces:
                yield from [piece[:left]] if left and piece else []
                left -= len(piece)
                if left <= 0:
                    break
            self._reset()
            raise ConnectionResetError("truncated as told")
        else:
            yield from (piece for piece in pieces if piece)

    def _slowly(self, pieces, bytes_per_s):
        step = max(bytes_per_s // 10, 1)
        for piece in pieces:
            for begin in range(0, len(piece), step):
                yield piece[begin : begin + step]
                self.listener.faults.pause(step / bytes_per_s)

    def _reset(self):
        """Let the connection be closed with RST once this request is done with."""
        self.close_connection = True
        at_once = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)

    def log_message(self, format, *args):
        pass


def _reason(status):
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return ""


def server_tls(certificate, key, client_ca=None):
    """TLS context of a server; with client_ca, client certificates are asked for (not required)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(certificate), str(key))
    if client_ca:
        context.load_verify_locations(str(client_ca))
        context.verify_mode = ssl.CERT_OPTIONAL
    return context
