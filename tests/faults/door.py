"""A port that leads to a PostgreSQL server once it is opened, as one that restarts does."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import make_url

_STARTING = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"


class Door:
    """A port that is shut, or where a server is starting up, until it is opened."""

    def __init__(self, url: str, *, starting: bool) -> None:
        self._target = url
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._open, self._closed = threading.Event(), threading.Event()
        self._starting = starting
        if starting:
            self._listen()

    def _listen(self) -> None:
        self._socket.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def open_after(self, seconds: float) -> None:
        """Let all through after so many seconds."""

        def later() -> None:
            if self._closed.wait(seconds):
                return
            self._open.set()
            if not self._starting:
                self._listen()

        threading.Thread(target=later, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        if not self._open.is_set():
            client.recv(4096)
            client.sendall(b"E" + (len(_STARTING) + 4).to_bytes(4, "big") + _STARTING)
            client.close()
            return
        with client, _connected(self._target) as server:
            back = threading.Thread(target=_pump, args=(client, server), daemon=True)
            back.start()
            _pump(server, client)
            client.close()
            back.join(5)

    def close(self) -> None:
        """Shut the port."""
        self._closed.set()
        self._socket.close()


def _connected(url: str) -> socket.socket:
    """Return a connection to the server that `url` names, by its socket or its port."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(False)
    with psycopg.connect(plain) as own:
        host, port = own.info.host, own.info.port
    if host.startswith("/"):
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{host}/.s.PGSQL.{port}")
        return server
    return socket.create_connection((host, port))


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while block := source.recv(1 << 16):
            target.sendall(block)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


@contextmanager
def opened_after(url: str, seconds: float, *, starting: bool) -> Iterator[str]:
    """Yield the URL of a server that is there after so many seconds."""
    door = Door(url, starting=starting)
    door.open_after(seconds)
    query = {"sslmode": "disable", "gssencmode": "disable"}
    outside = make_url(url).set(host="127.0.0.1", port=door.port, query=query)
    try:
        yield outside.render_as_string(hide_password=False)
    finally:
        door.close()
