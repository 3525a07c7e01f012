"""RabbitMQ for the tests, which AMQP_URL names, and a way to it that can be cut."""
from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
from urllib.parse import urlsplit, urlunsplit

URL = os.environ.get("AMQP_URL", "")
if not URL:
    raise RuntimeError("AMQP_URL names no RabbitMQ: README.md, Test")


class Way:
    """A proxy on a port of its own: ``cut`` ends its connections and refuses others, ``hold`` passes nothing on."""

    def __init__(self, url: str = URL, is_open: bool = True) -> None:
        parts = urlsplit(url)
        self._target = parts.hostname, parts.port or 5672
        self._pairs: list[socket.socket] = []
        self._passes = threading.Event()
        self._passes.set()
        self._listener: socket.socket | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        account = parts.netloc.rpartition("@")[0]
        host = f"127.0.0.1:{self.port}"
        self.url = urlunsplit(parts._replace(netloc=f"{account}@{host}" if account else host))
        if is_open:
            self.open()

    def open(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        if self._listener is not None:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for one in self._pairs:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._pairs.clear()

    def hold(self) -> None:
        self._passes.clear()

    def release(self) -> None:
        self._passes.set()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                here, _ = listener.accept()
                there = socket.create_connection(self._target)
            except OSError:
                return
            self._pairs += [here, there]
            threading.Thread(target=self._pass, args=(here, there), daemon=True).start()

    def _pass(self, here: socket.socket, there: socket.socket) -> None:
        other = {here: there, there: here}
        with contextlib.suppress(OSError, ValueError):
            while True:
                for one in select.select([here, there], [], [], 1)[0]:
                    self._passes.wait()
                    data = one.recv(65536)
                    if not data:
                        raise OSError("end")
                    other[one].sendall(data)
        for one in other:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
